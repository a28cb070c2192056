"""The steps of getting ready: each is ticked by a fact, and says what to do while it is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import url_for

from allegro_module.db.accounts import Account, Application
from allegro_module.db.terms import TermKind
from allegro_module.domain import scopes
from allegro_module.domain.accounts import GrantType, LinkState
from allegro_module.domain.redirects import is_loopback
from allegro_module.runtime import Runtime
from allegro_module.web import addresses
from allegro_module.web.i18n import t
from allegro_module.web.security import environment_names, first_environment

#: The schedule ticks every few seconds and an import is due every minute: this long a silence is a stop.
SILENCE = timedelta(minutes=5)
#: From linking until the first import must have been seen.
FIRST_JOBS = timedelta(minutes=2)
HAS_CONSENT = (LinkState.CONNECTED, LinkState.NEEDS_RECONNECT)


@dataclass(frozen=True, slots=True)
class Step:
    """`how` is done, now, open or bad; `copy` names a text to copy: uri, scopes or command."""

    title: str
    is_done: bool
    text: str = ""
    how: str = "open"
    link: str = ""
    link_words: str = ""
    copy: str = ""

    @property
    def is_outside(self) -> bool:
        return self.link.startswith("http")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the steps are judged by."""

    runtime: Runtime
    application: Application | None
    linked: Sequence[Account]
    accounts: Sequence[Account]
    terms: frozenset[TermKind]
    ticked_at: datetime | None
    worked_at: datetime | None

    @property
    def registration_url(self) -> str:
        """That of the environment which the form of a new application begins with."""
        first = first_environment(environment_names(self.runtime))
        name = self.application.environment if self.application else first
        return self.runtime.environment(name).registration_url

    @property
    def is_proved(self) -> bool:
        """Allegro knows the keys, so it has registered the application with all that this takes."""
        return self.application is not None and self.application.proved_at is not None

    @property
    def is_by_device(self) -> bool:
        return self.application is not None and self.application.grant_type == GrantType.DEVICE_CODE

    @property
    def with_consent(self) -> Sequence[Account]:
        return [account for account in self.linked if account.state in HAS_CONSENT]


def all_steps(facts: Facts) -> Iterator[Step]:
    yield _company(facts)
    yield _two_steps(facts)
    yield _registered(facts)
    yield _kind(facts)
    yield _address(facts)
    yield _rights(facts)
    yield _terms_of_use(facts)
    yield _keys(facts)
    yield _linked(facts)
    yield _place(facts)
    yield _terms(facts)
    yield _schedule(facts)
    yield _worker(facts)


def is_safe_address(address: str) -> bool:
    """Allegro sends the code to this address: over the net only by https."""
    parts = urlsplit(address)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def _company(facts: Facts) -> Step:
    title = t("Company account")
    private = [account.login or "" for account in facts.linked if account.is_company is False]
    if private:
        words = t(
            "%(logins)s is a private account: Allegro lets only company accounts list offers this way. "
            "Change it into a company account at Allegro, or link another one.",
            logins=", ".join(private),
        )
        return Step(title, False, words, "bad")
    if facts.linked:
        return Step(title, True, t("Checked at Allegro"))
    return Step(title, False, t("The account must be activated and be a company's; checked while linking."))


def _two_steps(facts: Facts) -> Step:
    title = t("Two-step log-in")
    application = facts.application
    if application is None:
        words = t(
            "Turn it on in your account's settings at Allegro: without it no application is registered."
        )
        return Step(title, False, words)
    if application.environment != "production":
        return Step(title, True, t("Not asked for outside production"))
    if application.proved_at is None:
        return Step(title, False, t("Ticked as soon as the keys work: Allegro gives none without it."))
    return Step(title, True, t("On, since Allegro has registered the application"))


def _registered(facts: Facts) -> Step:
    title = t("Application registered")
    if facts.is_proved:
        return Step(title, True, t("Its name cannot be changed later"))
    words = t(
        "Choose the name with care: it cannot be changed later. "
        "Since September 2026 one account gets one key, "
        "and a key not used within 30 days is deleted: paste it here at once."
    )
    return Step(
        title, False, words, link=facts.registration_url, link_words=t("Register the application at Allegro")
    )


def _kind(facts: Facts) -> Step:
    title = t("Kind of application")
    if facts.application is None:
        words = t(
            "“With access to a browser” is the usual one: you come back to this page after consenting. "
            "“Without a browser or keyboard” is for a shop without a public address: you type a code there. "
            "It cannot be changed later."
        )
        return Step(title, False, words)
    if facts.is_by_device:
        return Step(title, True, t("Without a browser: linked by a code"))
    return Step(title, True, t("With access to a browser"))


def _address(facts: Facts) -> Step:
    title = t("Exact redirect URI")
    if facts.is_by_device:
        return Step(title, True, t("Not needed when linking by a code"))
    if not is_safe_address(addresses.redirect_uri()):
        return Step(title, False, t("The shop's address must begin with https://"), "bad")
    if addresses.with_browser().differences:
        words = t("The shop takes itself for another address than your browser shows; see the redirect URI.")
        return Step(title, False, words, "bad", link="#f-redirect_uri", link_words=t("Show"))
    if addresses.is_known(facts.application) and facts.with_consent:
        return Step(
            title, True, t("https, registered at Allegro") if _is_https() else t("Registered at Allegro")
        )
    if addresses.with_registered(facts.application).differences:
        words = t("The address registered at Allegro differs from this one. Add this one there:")
        return Step(title, False, words, "bad", copy="uri")
    words = t("Paste it at Allegro letter by letter; ticked as soon as Allegro has sent you back here.")
    return Step(title, False, words, copy="uri")


def _is_https() -> bool:
    return addresses.redirect_uri().startswith("https://")


def _rights(facts: Facts) -> Step:
    title = t("Rights of the application")
    lacking = scopes.in_order(
        name for account in facts.with_consent for name in scopes.missing(account.scopes)
    )
    if lacking:
        names = ", ".join(name.removeprefix(scopes.PREFIX) for name in lacking)
        words = t(
            "Missing: %(names)s. Tick them at Allegro and among the permissions here, "
            "then link the account again.",
            names=names,
        )
        return Step(title, False, words, "bad", link="#accounts", link_words=t("Go to the accounts"))
    if facts.with_consent:
        return Step(title, True, t("All that is needed has been granted"))
    return Step(title, False, t("Tick at least these at Allegro; checked while linking."), copy="scopes")


def _terms_of_use(facts: Facts) -> Step:
    title = t("REST API terms accepted")
    if facts.is_proved:
        return Step(title, True, t("Allegro registers nothing without it"))
    return Step(title, False, t("The last tick of Allegro's registration form."))


def _keys(facts: Facts) -> Step:
    title = t("Keys pasted and checked")
    application = facts.application
    if application is None:
        words = t("Copy Client ID and Client Secret from the application's details at Allegro.")
        return Step(title, False, words, link="#f-client_id", link_words=t("Paste the keys"))
    if application.proved_at is None:
        return Step(title, False, t("They are checked at Allegro while linking."))
    return Step(title, True, t("Allegro knows them"))


def _linked(facts: Facts) -> Step:
    title = t("Account linked and confirmed")
    for account in facts.linked:
        if account.state == LinkState.UNCONFIRMED:
            words = t(
                "%(login)s waits for your word that it is the right account.", login=account.login or ""
            )
            link = url_for("allegro.connection.confirm_account", account_id=account.id)
            return Step(title, False, words, link=link, link_words=t("Answer now"))
    lost = [account.login or "" for account in facts.linked if account.state == LinkState.NEEDS_RECONNECT]
    if lost:
        words = t("Must be linked again: %(logins)s.", logins=", ".join(lost))
        return Step(title, False, words, "bad", link="#accounts", link_words=t("Link again"))
    if not facts.with_consent:
        return Step(title, False, t("Press Link account; Allegro asks you for consent."))
    return Step(title, True, ", ".join(account.login or "" for account in facts.with_consent))


def _place(facts: Facts) -> Step:
    asked = facts.linked or facts.accounts
    is_done = bool(asked) and all(each.city and each.post_code for each in asked)
    return Step(t("Where you send from"), is_done, t("Region, town and postcode"))


def _terms(facts: Facts) -> Step:
    title = t("Price list and terms")
    names = {
        TermKind.SHIPPING_RATE: t("delivery price list"),
        TermKind.RETURN_POLICY: t("return policy"),
        TermKind.IMPLIED_WARRANTY: t("complaint terms"),
    }
    lacking = [name for kind, name in names.items() if kind not in facts.terms]
    if not lacking:
        return Step(title, True, t("Fetched from Allegro"))
    if not facts.with_consent:
        return Step(title, False, t("Fetched from Allegro after linking"))
    if any(_has_just_begun(facts, account) for account in facts.with_consent):
        return Step(title, False, t("Being fetched from Allegro now."))
    words = t("Not found at Allegro: %(names)s. Add what is missing there.", names=", ".join(lacking))
    return Step(title, False, words)


def _schedule(facts: Facts) -> Step:
    title = t("Schedule runs")
    if _is_recent(facts.ticked_at, facts.runtime.wall_clock()):
        return Step(title, True, t("It starts imports and renews access by itself"))
    return Step(
        title, False, t("Nothing starts by itself. Let the administrator run this command:"), copy="command"
    )


def _worker(facts: Facts) -> Step:
    title = t("Worker does its jobs")
    working = [account for account in facts.linked if account.is_working]
    if not working:
        return Step(title, False, t("Seen as soon as the first account is linked."))
    if _is_recent(facts.worked_at, facts.runtime.now(working[0].environment)):
        return Step(title, True, t("Orders are being looked for"))
    if any(_has_just_begun(facts, account) for account in working):
        return Step(title, False, t("Seen within a minute: the first import begins now."))
    words = t("Jobs wait and nobody does them. Let the administrator run this command:")
    return Step(title, False, words, copy="command")


def _has_just_begun(facts: Facts, account: Account) -> bool:
    """Linked a moment ago: that its first jobs are not done yet says nothing."""
    at, now = account.state_since, facts.runtime.now(account.environment)
    return at is not None and now - at < FIRST_JOBS


def _is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at < SILENCE
