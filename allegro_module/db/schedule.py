"""Scheduled tasks: what runs when; a due task is taken by exactly one ticking process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, UtcDateTime, changes_one_row


class ScheduledTask(Base):
    """`account_id` is 0 for tasks that belong to no account."""

    __tablename__ = "allegro_scheduled_task"
    __table_args__ = (UniqueConstraint("name", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(default=0)
    every_seconds: Mapped[int]
    is_on: Mapped[bool] = mapped_column(default=True)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def find_task(session: Session, name: str, account_id: int) -> ScheduledTask | None:
    return session.scalars(
        select(ScheduledTask).where(ScheduledTask.name == name, ScheduledTask.account_id == account_id)
    ).one_or_none()


def list_tasks(session: Session) -> Sequence[ScheduledTask]:
    return session.scalars(select(ScheduledTask).order_by(ScheduledTask.id)).all()


def list_due_tasks(session: Session, now: datetime) -> Sequence[ScheduledTask]:
    return session.scalars(
        select(ScheduledTask)
        .where(ScheduledTask.is_on, ScheduledTask.next_at <= now)
        .order_by(ScheduledTask.next_at)
    ).all()


def claim_task(session: Session, task: ScheduledTask, now: datetime, next_at: datetime) -> bool:
    """Take this run of the task: True for the first of several ticking processes."""
    return changes_one_row(
        session,
        update(ScheduledTask)
        .where(ScheduledTask.id == task.id, ScheduledTask.next_at == task.next_at)
        .values(next_at=next_at, last_at=now),
    )
