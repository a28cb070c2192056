"""What the row remembers after each answer about an offer, and what of it the host is told.

Each function changes the row within a transaction of `ClaimedOffer.change` and gives the claim back; the fact
it answers is announced after the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from allegro_module.client.errors import AllegroError, Busy, NotConnected, Reason, Unavailable
from allegro_module.client.offers import OfferStatus, ProductOffer
from allegro_module.db.offers import Offer
from allegro_module.domain.facts import Fact, OfferEnded, OfferListed, OfferRefused
from allegro_module.domain.offers import OfferState, Step, Trouble
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.pauses import BEFORE_ASKING, BEFORE_SEARCHING, BEFORE_SENDING, pause_after
from allegro_module.domain.problems import Problem
from allegro_module.domain.scopes import READ_OFFERS, missing
from allegro_module.sync.offer_claims import leave
from allegro_module.sync.offer_mapping import to_outcome
from allegro_module.sync.promotion import promotion_due_at

#: Verification may take two hours (facts.md 6.2); afterwards we say so and go on looking.
SLOW_AFTER = timedelta(hours=2)
RESUMED_AFTER = timedelta(minutes=2)


def enter(offer: Offer, state: OfferState, now: datetime) -> None:
    """Change the state and count looks anew; the same state again changes nothing."""
    if offer.state != state:
        offer.become(state, now)
        offer.looks = 0


def remember_details(
    offer: Offer, details: ProductOffer, parameters: Sequence[Parameter], now: datetime
) -> Fact | None:
    """Allegro has the offer: it is active, ended, refused – or still being verified."""
    was_active = offer.allegro_status == OfferStatus.ACTIVE
    outcome = to_outcome(details, parameters)
    offer.allegro_offer_id = details.id
    offer.allegro_status = outcome.status
    offer.synced_at = now
    offer.create_sent_at = None
    if outcome.state is None or (outcome.state is OfferState.ENDED and not _had_time(offer, now)):
        look_later(offer, now)
        return None
    if outcome.state is OfferState.REFUSED:
        return remember_refusal(offer, outcome.problems, now)
    _finish(offer, outcome.state, outcome.problems, now)
    offer.step = Step.DONE
    if outcome.state is OfferState.ENDED:
        reason = (details.publication and details.publication.ended_by) or ""
        return OfferEnded(_name(offer), offer.sku, details.id, reason)
    offer.listed_at = offer.listed_at or now
    offer.next_look_at = promotion_due_at(offer, now)
    return None if was_active else OfferListed(_name(offer), offer.sku, details.id)


def _had_time(offer: Offer, now: datetime) -> bool:
    """Long enough for a change of status to have come through, which is never at once (facts.md 6.3)."""
    return offer.state == OfferState.VERIFYING and now - offer.state_since >= RESUMED_AFTER


def remember_refusal(offer: Offer, problems: Sequence[Problem], now: datetime) -> Fact:
    """The seller has to correct something."""
    offer.create_sent_at = None
    _finish(offer, OfferState.REFUSED, problems, now)
    return OfferRefused(_name(offer), offer.sku, tuple(problems))


def remember_loss(offer: Offer, now: datetime) -> Fact:
    """Allegro has the offer no more; listed again, it will be a new one."""
    offer.allegro_offer_id = None
    offer.allegro_status = ""
    return remember_refusal(offer, [Problem("listing_lost")], now)


def _finish(offer: Offer, state: OfferState, problems: Sequence[Problem], now: datetime) -> None:
    enter(offer, state, now)
    offer.remember_problems(problems)
    offer.trouble = ""
    leave(offer)


def look_later(
    offer: Offer, now: datetime, wished: timedelta | None = None, trouble: AllegroError | None = None
) -> None:
    """Allegro verifies the offer: ask again after a while, however long it takes."""
    enter(offer, OfferState.VERIFYING, now)
    offer.step = Step.VERIFYING
    offer.trouble = _word(trouble) or _hindrance(offer)
    if not offer.trouble and now - offer.state_since > SLOW_AFTER:
        offer.trouble = Trouble.SLOW
    pause = pause_after(BEFORE_ASKING, offer.looks, wished or _wish(trouble))
    offer.looks += 1
    leave(offer, now + pause)


def search_later(offer: Offer, now: datetime, trouble: AllegroError | None = None) -> None:
    """The answer of the creation was lost, or the offer cannot be read: look for it, again and again."""
    # A look that failed is none; it is repeated after the longest pause.
    tries = len(BEFORE_SEARCHING) if trouble and offer.state == OfferState.CHECKING else 0
    enter(offer, OfferState.CHECKING, now)
    if hindrance := _word(trouble) or _hindrance(offer):
        offer.trouble = hindrance
    leave(offer, now + pause_after(BEFORE_SEARCHING, tries or offer.looks, _wish(trouble)))


def look_was_vain(offer: Offer, now: datetime) -> None:
    offer.looks += 1
    search_later(offer, now)


def send_later(offer: Offer, now: datetime, trouble: AllegroError | None = None) -> None:
    """Nothing was created; the whole is tried again."""
    tries = offer.looks
    enter(offer, OfferState.WAITING, now)
    offer.step = Step.QUEUED
    offer.create_sent_at = None
    offer.trouble = _word(trouble)
    offer.looks = tries + 1 if trouble else 0
    leave(offer, now + pause_after(BEFORE_SENDING, tries, _wish(trouble)) if trouble else now)


def _wish(trouble: AllegroError | None) -> timedelta | None:
    return trouble.retry_after if isinstance(trouble, Unavailable) else None


def _word(trouble: AllegroError | None) -> str:
    if trouble is None:
        return ""
    if isinstance(trouble, Unavailable):
        return Trouble.UNAVAILABLE
    if isinstance(trouble, NotConnected):
        return Trouble.SCOPE_MISSING if trouble.reason is Reason.SCOPE_MISSING else Trouble.NOT_CONNECTED
    return Trouble.BUSY if isinstance(trouble, Busy) else Trouble.UNEXPECTED


def _hindrance(offer: Offer) -> str:
    """What is known to stand in the way of the next look."""
    return Trouble.SCOPE_MISSING if missing(offer.account.scopes, (READ_OFFERS,)) else ""


def _name(offer: Offer) -> str:
    return offer.account.login or offer.account.alias
