"""What must be ready before the first offer, in order, and how far the seller is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from allegro_module.db.accounts import Account, Application
from allegro_module.domain.accounts import LinkState
from allegro_module.web.i18n import t

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Step:
    """`how` is done, now, open or bad; `time_words` names the time `at`."""

    title: str
    is_done: bool
    text: str = ""
    how: str = "open"


def is_safe_address(address: str) -> bool:
    """Allegro sends the code to this address: over the net only by https."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def steps(
    application: Application | None, accounts: Sequence[Account], redirect_uri: str, has_terms: bool
) -> list[Step]:
    linked = [account for account in accounts if account.seller_id]
    found = [
        _company(linked),
        Step(
            t("Application registered"),
            application is not None,
            t("Its name cannot be changed later") if application else t("On Allegro's page for developers"),
        ),
        Step(
            t("Redirect URI ready"),
            application is not None and is_safe_address(redirect_uri),
            t("https, the shop's own domain")
            if is_safe_address(redirect_uri)
            else t("The shop's address must begin with https://"),
        ),
        Step(
            t("Keys work"),
            application is not None and application.proved_at is not None,
            "" if application and application.proved_at else t("Checked while linking"),
        ),
        _linked(linked),
        Step(
            t("Where you send from"),
            bool(accounts) and all(account.city and account.post_code for account in accounts),
            t("Region, town and postcode"),
        ),
        Step(
            t("Price list and terms"),
            has_terms,
            t("Fetched from Allegro") if has_terms else t("Fetched from Allegro after linking"),
        ),
    ]
    return _with_next(found)


def _company(linked: Sequence[Account]) -> Step:
    title = t("Company account with two-step log-in")
    if not linked:
        return Step(title, False, t("Set up on Allegro's own page"))
    if any(account.is_company is False for account in linked):
        return Step(title, False, t("Allegro lets only company accounts list offers this way"), "bad")
    return Step(title, True, t("Checked at Allegro"))


def _linked(linked: Sequence[Account]) -> Step:
    names = ", ".join(
        account.login or ""
        for account in linked
        if account.state in (LinkState.CONNECTED, LinkState.NEEDS_RECONNECT)
    )
    return Step(t("Account linked"), bool(names), names)


def _with_next(found: Sequence[Step]) -> list[Step]:
    """The first step that is not done is the next one, whatever stands after it."""
    is_next_given = False
    result = []
    for step in found:
        how = "done" if step.is_done else step.how
        if how == "open" and not is_next_given and step is not found[0]:
            how, is_next_given = "now", True
        result.append(Step(step.title, step.is_done, step.text, how))
    return result
