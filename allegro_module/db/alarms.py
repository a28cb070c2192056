"""Alarms: what the seller must learn even with the panel closed; shown at the bell, sent on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, BigKey, UtcDateTime, changes_one_row

CONNECTION_LOST = "connection_lost"
CONNECTION_RESTORED = "connection_restored"


class Alarm(Base):
    """`next_try_at` is when to send it (again); None when nothing is left to send."""

    __tablename__ = "allegro_alarm"
    __table_args__ = (Index(None, "next_try_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    kind: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(String(255), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


def raise_alarm(session: Session, account_id: int, kind: str, reason: str, now: datetime) -> None:
    """In the transaction that changes the account's state; a job sends it on."""
    session.add(Alarm(account_id=account_id, kind=kind, reason=reason[:255], at=now, next_try_at=now))


def unread_alarms() -> Select[int]:
    """How many nobody has marked as read."""
    return select(func.count(Alarm.id)).where(Alarm.seen_at.is_(None))


def list_latest_alarms(session: Session, limit: int) -> Sequence[Alarm]:
    statement = select(Alarm).options(joinedload(Alarm.account)).order_by(Alarm.id.desc()).limit(limit)
    return session.scalars(statement).all()


def mark_alarms_seen(session: Session, until_id: int, now: datetime) -> None:
    """Up to the newest that the reader saw: one raised since stays unread."""
    session.execute(
        update(Alarm).where(Alarm.id <= until_id, Alarm.seen_at.is_(None)).values(seen_at=now),
        execution_options={"synchronize_session": False},
    )


def list_environments(session: Session) -> Sequence[str]:
    """Of accounts, hence of alarms."""
    return session.scalars(select(Account.environment).distinct()).all()


def list_due_alarms(
    session: Session, now_by_environment: Mapping[str, datetime], limit: int
) -> Sequence[tuple[int, datetime]]:
    """Ids, and when each was due; every environment has its own clock."""
    if not now_by_environment:
        return []
    statement = (
        select(Alarm.id, Alarm.next_try_at)
        .join(Account)
        .where(_is_due(now_by_environment))
        .order_by(Alarm.id)
        .limit(limit)
    )
    return [(alarm_id, due_at) for alarm_id, due_at in session.execute(statement) if due_at is not None]


def _is_due(now_by_environment: Mapping[str, datetime]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(Account.environment == name, Alarm.next_try_at <= now)
            for name, now in now_by_environment.items()
        )
    )


def claim_alarm(session: Session, alarm_id: int, due_at: datetime, until: datetime) -> bool:
    """Take the right to send it: True for the first. Who dies meanwhile leaves it due at `until`."""
    return changes_one_row(
        session,
        update(Alarm).where(Alarm.id == alarm_id, Alarm.next_try_at == due_at).values(next_try_at=until),
    )


def change_alarms(session: Session, alarm_ids: Collection[int], **values: Any) -> None:
    session.execute(
        update(Alarm).where(Alarm.id.in_(alarm_ids)).values(**values),
        execution_options={"synchronize_session": False},
    )


def list_unmailed_alarms(session: Session, account_id: int) -> Sequence[Alarm]:
    """What a letter about the account has to tell, oldest first."""
    return session.scalars(
        select(Alarm)
        .where(Alarm.account_id == account_id, Alarm.mailed_at.is_(None), Alarm.next_try_at.is_not(None))
        .order_by(Alarm.id)
    ).all()


def last_mailed_at(session: Session, account_id: int) -> datetime | None:
    return session.scalars(
        select(Alarm.mailed_at)
        .where(Alarm.account_id == account_id, Alarm.mailed_at.is_not(None))
        .order_by(Alarm.mailed_at.desc())
        .limit(1)
    ).one_or_none()
