"""Why a link to an account broke: what pages and letters say of it."""

from __future__ import annotations

from enum import StrEnum

from allegro_module.domain.accounts import FRESH_ACCESS_REFUSED, KEYS_REFUSED
from allegro_module.domain.texts import marked


class Loss(StrEnum):
    #: Allegro refused to renew the access: only the seller's consent brings it back.
    CONSENT = "consent"
    #: Allegro does not know the application's keys: right ones bring it back by themselves.
    KEYS = "keys"
    #: Allegro renews the access and then refuses it.
    FRESH = "fresh"


#: What ends access before its time (facts.md 2.6), the likeliest first.
LIKELY_CAUSES = (
    marked("The password of the Allegro account was changed."),
    marked("Somebody logged out from all devices."),
    marked("The application was unpinned under Powiązane aplikacje at Allegro."),
    marked("The e-mail address of the Allegro account was changed."),
    marked("Allegro has blocked sales on the account."),
    marked("More than 20 sessions were open at once; the oldest ones ended."),
    marked("The access was not used for more than 90 days."),
)
#: When access just renewed is refused, nobody has changed a password a moment ago.
CAUSES_OF_FRESH_REFUSAL = (
    marked("Allegro has blocked sales on the account."),
    marked("The application was unpinned under Powiązane aplikacje at Allegro."),
    marked("The application was restricted or deleted by Allegro."),
)
CAUSES_OF_REFUSED_KEYS = (
    marked("The Client Secret was made anew at Allegro."),
    marked("The application was deleted at Allegro, or Allegro deleted it because it was not used."),
    marked("The keys belong to another environment."),
)
CAUSES = {
    Loss.CONSENT: LIKELY_CAUSES,
    Loss.FRESH: CAUSES_OF_FRESH_REFUSAL,
    Loss.KEYS: CAUSES_OF_REFUSED_KEYS,
}


def loss_of(reason: str) -> Loss:
    """Of `Account.state_reason` or `Alarm.reason`."""
    if reason == KEYS_REFUSED:
        return Loss.KEYS
    return Loss.FRESH if reason == FRESH_ACCESS_REFUSED else Loss.CONSENT
