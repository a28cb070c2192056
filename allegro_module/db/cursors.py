"""Cursor: how far an account's order journal is read, and who reads it now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ForeignKey, String, Table, UniqueConstraint, bindparam, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime, changes_one_row, free_if_dead
from allegro_module.domain.accounts import LinkState

#: The journal's name of the row that remembers how far a seller's old orders are read.
HISTORY = "history"


class Cursor(Base):
    """`position` is the id of the last event received; empty while the journal never had one."""

    __tablename__ = "allegro_cursor"
    __table_args__ = (UniqueConstraint("account_id", "journal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    journal: Mapped[str] = mapped_column(String(20), default="orders")
    position: Mapped[str | None] = mapped_column(String(64))
    #: When the cursor was set while linking: orders bought before are not ours to import.
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: How far the slower pass by `updatedAt` has looked.
    reconciled_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_success_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_message: Mapped[str] = mapped_column(String(500), default="")
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


_CURSORS = cast(Table, Cursor.__table__)
_IS_WORKING = (
    select(Account.id)
    .where(Account.id == _CURSORS.c.account_id, Account.is_enabled, Account.state == LinkState.CONNECTED)
    .exists()
)
# Made once, as every page asks it.
_KEEP = (
    update(_CURSORS)
    .where(_CURSORS.c.id == bindparam("of_id"), _CURSORS.c.claim == bindparam("of_claim"), _IS_WORKING)
    .values(claimed_until=bindparam("until"))
)


def find_cursor(session: Session, account_id: int, journal: str = "orders") -> Cursor | None:
    return session.scalars(
        select(Cursor).where(Cursor.account_id == account_id, Cursor.journal == journal)
    ).one_or_none()


def list_cursors(session: Session, journal: str = "orders") -> Sequence[Cursor]:
    return session.scalars(select(Cursor).where(Cursor.journal == journal).order_by(Cursor.id)).all()


def claim_cursor(session: Session, cursor_id: int, claim: str, now: datetime, until: datetime) -> bool:
    """Become the one reader: True when nobody else reads. The first statement of a transaction."""
    free_if_dead(session, Cursor.claim, cursor_id)
    return changes_one_row(
        session,
        update(Cursor)
        .where(Cursor.id == cursor_id, or_(Cursor.claim.is_(None), Cursor.claimed_until < now))
        .values(claim=claim, claimed_until=until, last_run_at=now),
    )


def keep_cursor(session: Session, cursor_id: int, claim: str, until: datetime) -> bool:
    """Prolong our claim as the first statement of a page's transaction.

    False when somebody took over, or when the account was switched off, disconnected or lost meanwhile.
    """
    kept = session.connection().execute(_KEEP, {"of_id": cursor_id, "of_claim": claim, "until": until})
    return kept.rowcount == 1


def lock_cursor(session: Session, cursor_id: int) -> None:
    """Make other writers of the account's orders wait until this transaction ends, without any claim."""
    changes_one_row(session, update(Cursor).where(Cursor.id == cursor_id).values(journal=Cursor.journal))


def move_cursor(session: Session, cursor_id: int, claim: str, position: str, now: datetime) -> bool:
    """The events up to `position` are dealt with."""
    return changes_one_row(
        session,
        update(Cursor)
        .where(Cursor.id == cursor_id, Cursor.claim == claim)
        .values(position=position, moved_at=now),
    )


def mark_reconciled(session: Session, cursor_id: int, claim: str, until: datetime) -> bool:
    """The slower pass has looked at everything that changed before `until`."""
    return changes_one_row(
        session,
        update(Cursor).where(Cursor.id == cursor_id, Cursor.claim == claim).values(reconciled_until=until),
    )


def end_run(
    session: Session, cursor_id: int, claim: str, message: str, succeeded_at: datetime | None
) -> None:
    """Give the claim back and say what happened."""
    values: dict[str, Any] = {"claim": None, "claimed_until": None, "last_message": message[:500]}
    if succeeded_at is not None:
        values["last_success_at"] = succeeded_at
    changes_one_row(
        session, update(Cursor).where(Cursor.id == cursor_id, Cursor.claim == claim).values(**values)
    )


def begin_history(session: Session, account_id: int, since: datetime, end: str) -> tuple[int, datetime]:
    """The row that remembers how far old orders are read, and where to go on: where the same span broke off.

    `position` names the end of the span as long as it is not read through.
    """
    row = find_cursor(session, account_id, HISTORY)
    if row is None:
        row = Cursor(account_id=account_id, journal=HISTORY, started_at=since)
        session.add(row)
    if (row.started_at, row.position) != (since, end):
        row.started_at, row.position, row.reconciled_until = since, end, None
    session.flush()
    return row.id, row.reconciled_until or since


def note_history(session: Session, history_id: int, reached: datetime | None, is_done: bool) -> None:
    values: dict[str, Any] = {"reconciled_until": reached} if reached else {}
    if is_done:
        values["position"] = None
    if values:
        changes_one_row(session, update(Cursor).where(Cursor.id == history_id).values(**values))
