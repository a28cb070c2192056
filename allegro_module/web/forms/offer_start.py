"""The offer form: when an offer begins, typed as a day and an hour of Poland, kept as one moment in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from werkzeug.datastructures import MultiDict

from allegro_module.domain.problems import Problem
from allegro_module.domain.timetable import POLAND
from allegro_module.web.forms.clock import read_clock

Sent = MultiDict[str, str]

#: Names of the fields; what is wrong with the moment as a whole stands at the day.
DAY, HOUR = "starting_at", "starting_hour"
#: As a browser sends a day, and as a seller types it where the browser has no field for dates.
DAYS = ("%Y-%m-%d", "%d.%m.%Y")
FIRST_YEAR, LAST_YEAR = 1900, 9000
LONGEST = 40


@dataclass(frozen=True, slots=True)
class StartTyped:
    """The two texts of one moment."""

    day: str = ""
    hour: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.day or self.hour)

    @property
    def is_shown_as_date(self) -> bool:
        """A browser's field for dates would drop what is none."""
        return not self.day or (len(self.day) == 10 and _day(self.day, DAYS[:1]) is not None)


def read_start(sent: Sent, stored: datetime | None) -> datetime | None:
    """In UTC; what cannot be read changes nothing (`start_problems` tells).

    What stands in the fields unchanged is the stored moment to the second, also in the hour that comes twice.
    """
    if DAY not in sent:
        return stored
    typed = _typed(sent)
    if typed.is_empty:
        return None
    return stored if typed == start_to_edit(stored) else _moment(typed) or stored


def start_problems(sent: Sent) -> list[Problem]:
    typed = _typed(sent)
    if typed.is_empty:
        return []
    return [
        Problem(code, field, {"value": value, "day": typed.day, "hour": typed.hour})
        for code, field, value in _faults(typed)
    ]


def _faults(typed: StartTyped) -> Iterator[tuple[str, str, str]]:
    """Half of a moment is told at once: kept alone it would be lost."""
    day, minute = _day(typed.day), read_clock(typed.hour)
    if not typed.day:
        yield "start_without_day", DAY, ""
    elif day is None:
        yield "start_unreadable", DAY, typed.day
    if not typed.hour:
        yield "start_without_hour", HOUR, ""
    elif minute is None:
        yield "hour_format", HOUR, typed.hour
    elif day is not None and _at(day, minute) is None:
        yield "start_hour_skipped", HOUR, typed.hour


def start_to_edit(at: datetime | None) -> StartTyped:
    if at is None:
        return StartTyped()
    there = at.astimezone(POLAND)
    return StartTyped(there.strftime(DAYS[0]), f"{there.hour}:{there.minute:02}")


def start_as_typed(at: datetime | None, problems: Iterable[Problem]) -> StartTyped:
    """What could not be read stands in the fields as it was typed, until it is corrected."""
    for problem in problems:
        if problem.field in (DAY, HOUR) and "hour" in problem.params:
            return StartTyped(problem.params["day"], problem.params["hour"])
    return start_to_edit(at)


def unread_start(problems: Iterable[Problem]) -> list[Problem]:
    """Those of `start_problems`, told by what they remember."""
    return [each for each in problems if each.field in (DAY, HOUR) and "hour" in each.params]


def start_words(at: datetime | None) -> str:
    """„23.11.2026, 14:30”."""
    return "" if at is None else at.astimezone(POLAND).strftime("%d.%m.%Y, %H:%M")


def _typed(sent: Sent) -> StartTyped:
    return StartTyped(*(sent.get(name, "").strip()[:LONGEST] for name in (DAY, HOUR)))


def _moment(typed: StartTyped) -> datetime | None:
    day, minute = _day(typed.day), read_clock(typed.hour)
    return None if day is None or minute is None else _at(day, minute)


def _day(typed: str, forms: Iterable[str] = DAYS) -> date | None:
    for form in forms:
        try:
            found = datetime.strptime(typed, form).replace(tzinfo=POLAND).date()
        except ValueError:
            continue
        # At the ends of the calendar Warsaw's hours are none of UTC; they are slips anyway.
        return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
    return None


def _at(day: date, minute: int) -> datetime | None:
    """Of an hour that comes twice in autumn the first; None for one that is skipped in spring."""
    there = datetime.combine(day, time()) + timedelta(minutes=minute)
    at = there.replace(tzinfo=POLAND).astimezone(UTC)
    return at if at.astimezone(POLAND).replace(tzinfo=None) == there else None
