"""Scheduled tasks: what runs when; a due task is taken by exactly one ticking process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import JSON, String, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, UtcDateTime, changes_one_row
from allegro_module.domain.timetable import Timetable


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
    # The last run, or the one going on: without `finished_at` it runs, or was killed.
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

    @property
    def timetable(self) -> Timetable:
        return _timetable(self)

    @property
    def is_under_way(self) -> bool:
        """As far as the row knows: a run that was killed has written nothing."""
        return self.started_at is not None and self.finished_at is None


def list_tasks(session: Session) -> Sequence[ScheduledTask]:
    return session.scalars(select(ScheduledTask).order_by(ScheduledTask.id)).all()


def find_task(session: Session, name: str, account_id: int) -> ScheduledTask | None:
    return session.scalars(
        select(ScheduledTask).where(ScheduledTask.name == name, ScheduledTask.account_id == account_id)
    ).one_or_none()


def begin_errand(session: Session, name: str, account_id: int, now: datetime) -> None:
    """The row where a job tells of its run that is only ever rung by hand: the schedule leaves it alone."""
    row = find_task(session, name, account_id)
    if row is None:
        row = ScheduledTask(name=name, account_id=account_id, every_seconds=24 * 60 * 60, is_on=False)
        session.add(row)
    row.next_at, row.started_at, row.finished_at, row.result = now, None, None, ""


def lock_task(session: Session, task_id: int) -> bool:
    """Hold the row until the end of the transaction; False when it is gone."""
    row = update(ScheduledTask).where(ScheduledTask.id == task_id)
    return changes_one_row(session, row.values(changed_by=ScheduledTask.changed_by))


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
    from_minute: int | None
    to_minute: int | None
    weekdays: str

    @property
    def timetable(self) -> Timetable:
        return _timetable(self)


def _timetable(row: ScheduledTask | Due) -> Timetable:
    pause = timedelta(seconds=row.every_seconds)
    return Timetable(pause, row.from_minute, row.to_minute, row.weekdays)


def read_tasks(session: Session) -> list[Due]:
    rows = session.execute(select(*(getattr(ScheduledTask, name) for name in Due._fields)))
    return [Due(*row) for row in rows]


def claim_task(session: Session, seen: Due, now: datetime, next_at: datetime) -> bool:
    """Take this run of the task: True for the first of several ticking processes."""
    return _change_as_seen(session, seen, next_at=next_at, last_at=now)


def put_off(session: Session, seen: Due, next_at: datetime) -> bool:
    """Plan the task anew without running it."""
    return _change_as_seen(session, seen, next_at=next_at)


def _change_as_seen(session: Session, seen: Due, **values: datetime) -> bool:
    return changes_one_row(
        session,
        update(ScheduledTask)
        .where(ScheduledTask.id == seen.id, ScheduledTask.next_at == seen.next_at, ScheduledTask.is_on)
        .values(values),
    )


def run_again_at(session: Session, name: str, account_id: int, next_at: datetime) -> None:
    """The run came to nothing: try before its usual time."""
    write_to_task(session, name, account_id, next_at=next_at)


def write_to_task(session: Session, name: str, account_id: int, **values: object) -> None:
    changes_one_row(
        session,
        update(ScheduledTask)
        .where(ScheduledTask.name == name, ScheduledTask.account_id == account_id)
        .values(values),
    )
