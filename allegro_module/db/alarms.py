"""Alarms: what the seller must learn even with the panel closed; shown at the bell, sent on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, BigKey, UtcDateTime

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


def raise_alarm(session: Session, account_id: int, kind: str, reason: str, now: datetime) -> None:
    """In the transaction that changes the account's state; a job sends it on."""
    session.add(Alarm(account_id=account_id, kind=kind, reason=reason[:255], at=now, next_try_at=now))
