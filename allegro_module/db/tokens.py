"""Tokens on an account's row: read with all that decides about them, changed only if still the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, Application, NoSuchAccount
from allegro_module.db.alarms import CONNECTION_LOST, CONNECTION_RESTORED, raise_alarm
from allegro_module.db.base import changes_one_row
from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.accounts import HOLDS_TOKENS, LinkState

KEEP_TOKENS = "keep_tokens"
_FREE = {"refresh_claim": None, "refresh_claimed_until": None}
_ANSWERED = {"refresh_failures": 0, "refresh_again_at": None, "refresh_in_doubt_until": None, **_FREE}


class Stored(NamedTuple):
    """One read: the pair, still sealed, and what is known about renewing it."""

    state: LinkState
    sealed_access_token: str | None
    sealed_refresh_token: str | None
    token_version: int
    token_expires_at: datetime | None
    refreshed_at: datetime | None
    renewed_after_401_at: datetime | None
    refresh_failures: int
    refresh_again_at: datetime | None
    refresh_in_doubt_until: datetime | None
    refresh_claim: str | None
    refresh_claimed_until: datetime | None
    client_id: str
    sealed_client_secret: str
    paused_until: datetime | None

    @property
    def gives_access(self) -> bool:
        return self.state in HOLDS_TOKENS

    @property
    def was_refused(self) -> bool:
        return self.state == LinkState.NEEDS_RECONNECT


_OF_APPLICATION = ("client_id", "sealed_client_secret", "paused_until")
_READ = select(
    *(getattr(Application if name in _OF_APPLICATION else Account, name) for name in Stored._fields)
).join(Application, Application.id == Account.application_id)


def read_stored(session: Session, account_id: int) -> Stored:
    """Raises NoSuchAccount."""
    row = session.execute(_READ.where(Account.id == account_id)).one_or_none()
    if row is None:
        raise NoSuchAccount(account_id)
    return Stored(*row)


def save_pair(session: Session, account_id: int, replaces: Stored, pair: Mapping[str, Any]) -> bool:
    """Put a new pair in the place of the one that was read; False when another stands there, or none."""
    return changes_one_row(
        session,
        update(Account)
        .where(
            Account.id == account_id,
            Account.token_version == replaces.token_version,
            # Else the seller has disconnected the account meanwhile.
            Account.sealed_refresh_token.is_not(None),
        )
        .values(token_version=Account.token_version + 1, **_ANSWERED, **pair),
    )


def put_off_refresh(
    session: Session, account_id: int, seen: Stored, again_at: datetime, in_doubt_until: datetime | None
) -> None:
    """Allegro gave no answer: nobody asks before `again_at`, and then the keep-alive does at the latest."""
    changed = changes_one_row(
        session,
        update(Account)
        .where(Account.id == account_id, Account.token_version == seen.token_version)
        .values(
            refresh_failures=seen.refresh_failures + 1,
            refresh_again_at=again_at,
            refresh_in_doubt_until=in_doubt_until,
            **_FREE,
        ),
    )
    if changed:
        keep_sooner(session, account_id, again_at)


def expire_token(session: Session, account_id: int, seen: Stored, now: datetime) -> None:
    """Allegro refuses a token that looks valid: nobody uses it any more, and whoever may refresh does."""
    changed = changes_one_row(
        session,
        update(Account)
        .where(
            Account.id == account_id,
            Account.token_version == seen.token_version,
            Account.token_expires_at > now,
        )
        .values(token_expires_at=now, renewed_after_401_at=now),
    )
    if changed:
        keep_sooner(session, account_id, now)


def lose_access(
    session: Session, account_id: int, seen: Stored, reason: str, now: datetime, *, by_keys: bool = False
) -> str | None:
    """The account must be linked again: answers its name, None when that was known or is true no more."""
    pair = (Account.id == account_id, Account.token_version == seen.token_version)
    changes_one_row(session, update(Account).where(*pair).values(_ANSWERED))
    is_news = changes_one_row(
        session,
        update(Account)
        .where(*pair, Account.state.in_(HOLDS_TOKENS))
        .values(state=LinkState.NEEDS_RECONNECT, state_reason=reason[:255], state_since=now, refused_runs=0),
    )
    if by_keys:
        keys = update(Application).where(Application.id == _application_of(account_id))
        changes_one_row(session, keys.values(proved_at=None))
    if not is_news:
        return None
    raise_alarm(session, account_id, CONNECTION_LOST, reason, now)
    return _name(session, account_id)


def restore_access(session: Session, account_id: int, now: datetime) -> str | None:
    """The access of a refused account works again: answers its name, None when there is nothing to tell."""
    was_lost = changes_one_row(
        session,
        update(Account)
        .where(Account.id == account_id, Account.state == LinkState.NEEDS_RECONNECT)
        .values(
            state=case((Account.is_confirmed, LinkState.CONNECTED), else_=LinkState.UNCONFIRMED),
            state_reason="",
            state_since=now,
            refused_runs=0,
        ),
    )
    if not was_lost:
        return None
    raise_alarm(session, account_id, CONNECTION_RESTORED, "", now)
    return _name(session, account_id)


def count_refused_run(session: Session, account_id: int) -> int:
    """How often the keep-alive has come by since the refusal, this time included."""
    row = Account.id == account_id
    changes_one_row(session, update(Account).where(row).values(refused_runs=Account.refused_runs + 1))
    return session.scalars(select(Account.refused_runs).where(row)).one()


def note_use(session: Session, account_id: int, now: datetime) -> None:
    """A call has just proved that the access is used."""
    changes_one_row(session, update(Account).where(Account.id == account_id).values(used_at=now))


def pause_application(session: Session, account_id: int, until: datetime) -> None:
    """Nobody calls Allegro under this Client ID before `until`."""
    changes_one_row(
        session,
        update(Application)
        .where(
            Application.id == _application_of(account_id),
            (Application.paused_until.is_(None)) | (Application.paused_until < until),
        )
        .values(paused_until=until),
    )


def _application_of(account_id: int) -> Any:
    return select(Account.application_id).where(Account.id == account_id).scalar_subquery()


def keep_sooner(session: Session, account_id: int, at: datetime) -> None:
    """The keep-alive of this account comes by at this moment at the latest."""
    changes_one_row(
        session,
        update(ScheduledTask)
        .where(
            ScheduledTask.name == KEEP_TOKENS,
            ScheduledTask.account_id == account_id,
            ScheduledTask.next_at > at,
        )
        .values(next_at=at),
    )


def _name(session: Session, account_id: int) -> str:
    login, alias = session.execute(select(Account.login, Account.alias).where(Account.id == account_id)).one()
    return str(login or alias)
