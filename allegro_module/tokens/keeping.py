"""Keeping links alive: pairs are renewed ahead, refused ones tried now and then, idle access is used.

A refresh token ends after three months, access that nobody uses after ninety days (facts.md 1.3, 2.5).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.account import Me
from allegro_module.db.accounts import Account, get_account
from allegro_module.db.audit import record
from allegro_module.db.tokens import KEEP_TOKENS, count_refused_run, note_use, read_stored, restore_access
from allegro_module.domain.facts import ConnectionRestored
from allegro_module.signals import announce
from allegro_module.tokens.stored import StoredTokens

log = logging.getLogger(__name__)

#: Renewed this long before its end, so that a worker that was down for a while finds it alive.
RENEW_AHEAD = timedelta(hours=1)
#: Allegro said no: only now and then somebody looks whether it still does.
RUNS_BETWEEN_TRIES = 10
USED_EVERY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Doors:
    """`api_with` acts with a token that is not in use yet."""

    tokens: StoredTokens
    api: AllegroClient
    api_with: Callable[[str], AllegroClient]
    now: Callable[[], datetime]


def keep_tokens(session: Session, doors: Doors, account_id: int) -> bool:
    """True when there is a new pair. Raises NotConnected, Unavailable.

    A refused account comes back when a refresh and a call both succeed; else it stays quietly as it is.
    """
    stored = read_stored(session, account_id)
    session.rollback()
    if not stored.was_refused:
        is_renewed = doors.tokens.keep_alive(RENEW_AHEAD)
        _use_now_and_then(session, doors, account_id)
        return is_renewed
    in_doubt_until = stored.refresh_in_doubt_until
    if (in_doubt_until and doors.now() < in_doubt_until) or _is_time_to_try(session, account_id):
        _bring_back(session, doors, account_id)
        return True
    return False


def _is_time_to_try(session: Session, account_id: int) -> bool:
    runs = count_refused_run(session, account_id)
    session.commit()
    return runs % RUNS_BETWEEN_TRIES == 0


def _bring_back(session: Session, doors: Doors, account_id: int) -> None:
    me = doors.api_with(doors.tokens.try_again()).account.me()
    now = doors.now()
    name = restore_access(session, account_id, now)
    _remember_seller(session, account_id, me, now)
    if name:
        record(session, now, KEEP_TOKENS, "account_restored", name)
    session.commit()
    if name:
        announce(ConnectionRestored(name))


def _use_now_and_then(session: Session, doors: Doors, account_id: int) -> None:
    account = get_account(session, account_id)
    used_at = account.used_at or account.created_at
    session.rollback()
    if doors.now() - used_at >= USED_EVERY:
        me = doors.api.account.me()
        _remember_seller(session, account_id, me, doors.now())
        session.commit()


def _remember_seller(session: Session, account_id: int, me: Me, now: datetime) -> None:
    """Sellers rename themselves, and private accounts become companies."""
    note_use(session, account_id, now)
    account = get_account(session, account_id)
    before = _who(account)
    account.login = me.login
    account.company = me.company.name if me.company else None
    account.is_company = me.is_company
    after = _who(account)
    changes = {key: f"{was} → {after[key]}" for key, was in before.items() if was not in ("", after[key])}
    if changes:
        record(session, now, KEEP_TOKENS, "seller_changed", me.login, changes)


def _who(account: Account) -> dict[str, str]:
    return {
        "login": account.login or "",
        "company": account.company or "",
        "is_company": "" if account.is_company is None else str(account.is_company),
    }
