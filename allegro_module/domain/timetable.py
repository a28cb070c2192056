"""Timetable: when a task runs next, by its pause, hours of the day and days of the week in Poland."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

POLAND = ZoneInfo("Europe/Warsaw")
EVERY_DAY = "1234567"
DAY_MINUTES = 24 * 60
#: The days whose hours are looked at: yesterday's may be going on, next week's be the only ones.
FIRST_DAY, LAST_DAY = -1, 8


@dataclass(frozen=True, slots=True)
class Timetable:
    """Minutes of the day in Poland, both None: at any hour.

    Hours that end before they begin pass midnight, and belong to the day on which they begin. Of a time that
    comes twice when the clocks go back, the first counts; one that is skipped comes an hour later.
    """

    pause: timedelta
    from_minute: int | None = None
    to_minute: int | None = None
    weekdays: str = EVERY_DAY

    @property
    def is_always(self) -> bool:
        return self.from_minute is None and not set(EVERY_DAY) - set(self.days)

    @property
    def days(self) -> str:
        """A row without any day would never run, and nobody would know why."""
        return self.weekdays or EVERY_DAY


def next_open(table: Timetable, moment: datetime) -> datetime:
    """The first moment from this one on at which the task may run."""
    moment = moment.astimezone(UTC)
    if table.is_always:
        return moment
    return next(max(begin, moment) for begin, end in _hours_around(table, moment) if moment < end)


def is_open(table: Timetable, moment: datetime) -> bool:
    return next_open(table, moment) == moment


def next_run(table: Timetable, last: datetime) -> datetime:
    """The run after one that began at `last`."""
    return next_open(table, last.astimezone(UTC) + table.pause)


def coming_runs(table: Timetable, first: datetime, count: int) -> Iterator[datetime]:
    moment = next_open(table, first)
    for _ in range(count):
        yield moment
        moment = next_run(table, moment)


def _hours_around(table: Timetable, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    today = moment.astimezone(POLAND).date()
    for offset in range(FIRST_DAY, LAST_DAY + 1):
        day = today + timedelta(days=offset)
        if str(day.isoweekday()) in table.days:
            yield _hours_of(table, day)


def _hours_of(table: Timetable, day: date) -> tuple[datetime, datetime]:
    begin, end = table.from_minute or 0, DAY_MINUTES if table.to_minute is None else table.to_minute
    return _moment(day, begin), _moment(day, end if begin < end else end + DAY_MINUTES)


def _moment(day: date, minute: int) -> datetime:
    """In UTC: to compare or add local times would count wrongly when the clocks change."""
    midnight = datetime.combine(day, time())
    return (midnight + timedelta(minutes=minute)).replace(tzinfo=POLAND).astimezone(UTC)
