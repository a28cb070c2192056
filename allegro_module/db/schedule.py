"""Scheduled tasks: what runs when; a due task is taken by exactly one ticking process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, String, UniqueConstraint, func, select, update
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
    #: Minutes of the day in Poland between which it runs; both None: all day. `to` may be before `from`.
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]
    #: Days on which it runs, "1" Monday to "7" Sunday.
    weekdays: Mapped[str] = mapped_column(String(7), default="1234567")
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The last run, or the one going on: `finished_at` before `started_at` means that it runs (or was killed).
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: "done", "partly", "failed" or empty: never run.
    result: Mapped[str] = mapped_column(String(10), default="")
    #: What it did, as a source text with values: {"text": …, "params": {…}}.
    message: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: How far it is, while it runs.
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int | None]
    changed_by: Mapped[str] = mapped_column(String(100), default="")


def list_tasks(session: Session) -> Sequence[ScheduledTask]:
    return session.scalars(select(ScheduledTask).order_by(ScheduledTask.id)).all()


def last_tick(session: Session) -> datetime | None:
    """When a worker last rang for a task."""
    return session.scalar(select(func.max(ScheduledTask.last_at)))


class Due(NamedTuple):
    """A task as it was seen: to look again before claiming it would be to claim a neighbour's next run."""

    id: int
    name: str
    account_id: int
    every_seconds: int
    is_on: bool
    next_at: datetime


def read_tasks(session: Session) -> list[Due]:
    rows = session.execute(select(*(getattr(ScheduledTask, name) for name in Due._fields)))
    return [Due(*row) for row in rows]


def claim_task(session: Session, seen: Due, now: datetime, next_at: datetime) -> bool:
    """Take this run of the task: True for the first of several ticking processes."""
    return changes_one_row(
        session,
        update(ScheduledTask)
        .where(ScheduledTask.id == seen.id, ScheduledTask.next_at == seen.next_at)
        .values(next_at=next_at, last_at=now),
    )


def run_again_at(session: Session, name: str, account_id: int, next_at: datetime) -> None:
    """The run came to nothing: try before its usual time."""
    changes_one_row(
        session,
        update(ScheduledTask)
        .where(ScheduledTask.name == name, ScheduledTask.account_id == account_id)
        .values(next_at=next_at),
    )
