"""What follows a seller's consent, however it was asked for: tokens become a linked account."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.account import Me
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Refused
from allegro_module.client.oauth import OAuth, Tokens
from allegro_module.client.orders import LatestEvent
from allegro_module.db.accounts import (
    Account,
    find_account_by_seller,
    find_unlinked_account,
    free_alias,
    lock_account,
    lock_application,
)
from allegro_module.db.alarms import CONNECTION_RESTORED, raise_alarm
from allegro_module.db.audit import record
from allegro_module.db.cursors import Cursor, find_cursor
from allegro_module.db.trouble import is_passing
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.facts import ConnectionRestored
from allegro_module.domain.scopes import READ_ORDERS, READ_PROFILE, missing
from allegro_module.sealing import Seal, SealBroken
from allegro_module.signals import announce

log = logging.getLogger(__name__)

#: Times that new tokens are tried to be saved: they cannot be asked for again.
SAVES = 3


class LinkFailed(Exception):
    """The account is not linked; `code` picks the sentence the seller reads, `scopes` are those it lacked."""

    def __init__(self, code: str, scopes: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.scopes = scopes


@dataclass(frozen=True, slots=True)
class Doors:
    """How to reach Allegro in an environment known by name only once the attempt is found.

    `oauth(environment, app_name)`, `api_with_token(environment, token, app_name)`, `now(environment)`.
    """

    oauth: Callable[[str, str], OAuth]
    api_with_token: Callable[[str, str, str], AllegroClient]
    now: Callable[[str], datetime]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for consent and with which keys; `account_id` is the account to be linked again."""

    application_id: int
    environment: str
    app_name: str
    client_id: str
    account_id: int | None
    begun_by: str


@dataclass(frozen=True, slots=True)
class Consented:
    """`latest` is the newest event of the order journal; `reads_orders` tells "none yet" from "not ours"."""

    tokens: Tokens = field(repr=False)
    me: Me
    reads_orders: bool
    latest: LatestEvent | None


def look_around(api: AllegroClient, tokens: Tokens) -> Consented:
    """Who consented, and where the journal ends: nothing bought after this moment is missed.

    A seller may have given fewer rights than the module needs. Without orders:read the account is linked
    all the same; without profile:read nobody knows whose it is. Raises LinkFailed.
    """
    lacking = missing(tokens.scope, (READ_PROFILE, READ_ORDERS))
    if READ_PROFILE in lacking:
        raise LinkFailed("no_rights", (READ_PROFILE,))
    reads_orders = READ_ORDERS not in lacking
    try:
        latest = api.orders.event_stats() if reads_orders else None
        return Consented(tokens, api.account.me(), reads_orders, latest)
    except AllegroError as trouble:
        log.warning("the new link could not look at the account: %s", trouble)
        raise _failure_to_look(trouble) from trouble


def save_approval(
    session: Session,
    seal: Seal,
    asked: Asked,
    consented: Consented,
    now: datetime,
    take: Callable[[], bool] = lambda: True,
    note: Callable[[Account], None] = lambda account: None,
) -> Account | None:
    """Save the link in one transaction, which `take` opens and `note` ends; None when `take` says no.

    Tried again when another link took the same seller or alias at the same moment, or the database was busy:
    these tokens cannot be asked for a second time. Raises LinkFailed.
    """
    for tries_left in reversed(range(SAVES)):
        try:
            if not take():
                session.rollback()
                return None
            account, fact = _save(session, seal, asked, consented, now)
            note(account)
            session.commit()
        except SQLAlchemyError as trouble:
            session.rollback()
            if not (isinstance(trouble, IntegrityError) or is_passing(trouble)):
                raise
            log.warning("the link could not be saved: %s", type(trouble).__name__)
            if not tries_left:
                raise LinkFailed("database_busy") from trouble
        except LinkFailed:
            session.rollback()
            raise
        else:
            if fact:
                announce(fact)
            return account
    raise AssertionError("unreachable")


def refusal_at_begin(trouble: AllegroError) -> str:
    """The code of what Allegro says to an application that shows its secret."""
    log.warning("the keys could not be proved: %s", trouble)
    if not isinstance(trouble, NotConnected):
        return code_of_trouble(trouble)
    if trouble.reason is Reason.OTHER and trouble.status != 401:
        # A gateway's words; nothing is known of the keys.
        return "unavailable"
    return {Reason.WRONG_KIND: "wrong_kind", Reason.SCOPE_MISSING: "no_rights"}.get(
        trouble.reason, "wrong_secret"
    )


def code_of_trouble(trouble: AllegroError) -> str:
    """429 has a cause of its own: too many tokens were made for this user (facts.md 2.6)."""
    return "too_many_tokens" if trouble.status == 429 else "unavailable"


@contextmanager
def clear_failures(session: Session) -> Iterator[None]:
    """What is wrong on our own side ends in a clear state as well, with nothing half written."""
    try:
        yield
    except SealBroken as broken:
        session.rollback()
        raise LinkFailed("key_missing") from broken
    except SQLAlchemyError as trouble:
        session.rollback()
        if not is_passing(trouble):
            raise
        raise LinkFailed("database_busy") from trouble


def _failure_to_look(trouble: AllegroError) -> LinkFailed:
    if isinstance(trouble, NotConnected) and trouble.reason is Reason.SCOPE_MISSING:
        return LinkFailed("no_rights", (trouble.scope,) if trouble.scope else ())
    if isinstance(trouble, NotConnected):
        return LinkFailed("consent_error")
    # A 429 of the API is that of the whole application, which is let in again after a minute (facts.md 3.1).
    return LinkFailed("no_rights" if isinstance(trouble, Refused) else "unavailable")


def _save(
    session: Session, seal: Seal, asked: Asked, consented: Consented, now: datetime
) -> tuple[Account, ConnectionRestored | None]:
    # First an UPDATE: it takes SQLite's write lock, and elsewhere makes two answers wait for each other.
    lock_application(session, asked.application_id)
    account, is_known = _account_of(session, asked, consented.me, now)
    was_lost = account.state == LinkState.NEEDS_RECONNECT
    account.application_id, account.environment = asked.application_id, asked.environment
    account.state = LinkState.CONNECTED if account.is_trusted else LinkState.UNCONFIRMED
    account.state_reason, account.state_since = "", now
    _remember_seller(account, consented.me)
    _remember_tokens(account, seal, consented.tokens, now)
    session.flush()
    _begin_journal(session, account.id, consented, now)
    details = {"environment": asked.environment, "client_id": asked.client_id}
    action = "account_linked_again" if is_known else "account_linked"
    record(session, now, asked.begun_by, action, consented.me.login, details)
    if not was_lost:
        return account, None
    raise_alarm(session, account.id, CONNECTION_RESTORED, "", now)
    return account, ConnectionRestored(account=consented.me.login)


def _account_of(session: Session, asked: Asked, me: Me, now: datetime) -> tuple[Account, bool]:
    """The account of this seller and True; else one that waits to be linked, or a new one.

    A seller linked with other keys comes over to these: alias, offers, cursor and settings stay.
    """
    wanted = session.get(Account, asked.account_id) if asked.account_id else None
    # A seller's number means nothing in another environment.
    if wanted and wanted.seller_id and (wanted.environment, wanted.seller_id) != (asked.environment, me.id):
        raise LinkFailed("other_seller")
    account = find_account_by_seller(session, asked.environment, me.id)
    if account is not None:
        # Whoever renews the old pair now ends first: the new one must be the last that is saved.
        lock_account(session, account.id)
        session.refresh(account)
        return account, True
    account = wanted or find_unlinked_account(session, asked.environment, asked.application_id)
    if account is None:
        account = Account(created_at=now, alias="")
        session.add(account)
    with session.no_autoflush:
        account.alias = free_alias(session, me.login, account.id)
    account.is_confirmed = False
    return account, False


def _remember_seller(account: Account, me: Me) -> None:
    account.seller_id = me.id
    account.login = me.login
    account.company = me.company.name if me.company else None
    account.is_company = me.is_company
    account.base_marketplace = me.base_marketplace.id if me.base_marketplace else None


def _remember_tokens(account: Account, seal: Seal, tokens: Tokens, now: datetime) -> None:
    account.scopes = tokens.scope
    account.sealed_access_token = seal.close(tokens.access_token)
    account.sealed_refresh_token = seal.close(tokens.refresh_token or "")
    account.token_version = (account.token_version or 0) + 1
    account.token_expires_at = tokens.expires_at(now)
    account.refreshed_at = account.used_at = now
    account.refresh_failures = account.refused_runs = 0
    account.refresh_again_at = account.renewed_after_401_at = None
    account.refresh_claim = account.refresh_claimed_until = None


def _begin_journal(session: Session, account_id: int, consented: Consented, now: datetime) -> None:
    """A cursor once made is kept: what was bought while the link was broken is read from there.

    Without orders:read there is none. One with an empty position would, when the right comes, make us import
    the 60 days that the journal reaches back; so it is made by the link that brings the right, at the newest
    event of that moment, as it would have been at the first link.
    """
    if consented.reads_orders and find_cursor(session, account_id) is None:
        position = consented.latest.id if consented.latest else None
        session.add(Cursor(account_id=account_id, position=position, started_at=now))
