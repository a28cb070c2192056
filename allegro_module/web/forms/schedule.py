"""The form *Ustaw zadanie*: pause, hours and days of one task."""

from __future__ import annotations

from datetime import timedelta

from wtforms import Field, Form, SelectMultipleField

from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.timetable import DAY_MINUTES, EVERY_DAY, Timetable
from allegro_module.web.forms.clock import read_clock
from allegro_module.web.forms.connection import Sent
from allegro_module.web.forms.fields import Text, stop
from allegro_module.web.schedule_words import AFTER_CHANGES, clock_words, words_of_pause

#: In seconds. More often than once a minute Allegro's journal tells nothing new.
PAUSES = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 7 * 86400)
#: Of tasks that only look whether there is something to do.
SHORT_PAUSES = (5, 30, 60, 300, 900, 3600)


class TaskForm(Form):
    """`stored` is the task whose values the form shows until something is sent."""

    pause = Text()
    from_hour = Text()
    to_hour = Text()
    weekdays = SelectMultipleField(validate_choice=False)

    def __init__(self, sent: Sent, stored: ScheduledTask) -> None:
        super().__init__(sent, data=_of_task(stored))
        self._stored = stored

    @property
    def pauses(self) -> list[tuple[str, str]]:
        """Also the one that is set, whatever it is."""
        usual = SHORT_PAUSES if self._stored.name in AFTER_CHANGES else PAUSES
        known = sorted({*usual, self._stored.every_seconds})
        return [(str(seconds), words_of_pause(timedelta(seconds=seconds))) for seconds in known]

    def validate_pause(self, field: Field) -> None:
        if field.data not in dict(self.pauses):
            raise stop("pause_unknown")

    def validate_from_hour(self, field: Field) -> None:
        if not field.data and self.to_hour.data:
            raise stop("hours_half")
        _check_clock(field)

    def validate_to_hour(self, field: Field) -> None:
        if not field.data and self.from_hour.data:
            raise stop("hours_half")
        _check_clock(field)
        begin = read_clock(self.from_hour.data)
        if begin is not None and begin == read_clock(field.data):
            raise stop("hours_same")

    def validate_weekdays(self, field: Field) -> None:
        if not self._days():
            raise stop("days_none")

    @property
    def timetable(self) -> Timetable:
        """Of a form that holds."""
        begin, end = read_clock(self.from_hour.data), read_clock(self.to_hour.data)
        if (begin, end) == (0, DAY_MINUTES):
            begin = end = None
        elif begin == DAY_MINUTES:
            begin = 0
        return Timetable(timedelta(seconds=int(self.pause.data)), begin, end, self._days())

    def _days(self) -> str:
        return "".join(day for day in EVERY_DAY if day in (self.weekdays.data or ()))


def _check_clock(field: Field) -> None:
    if field.data and read_clock(field.data) is None:
        raise stop("hour_format")


def _of_task(task: ScheduledTask) -> dict[str, object]:
    table = task.timetable
    has_hours = table.from_minute is not None or table.to_minute is not None
    end = DAY_MINUTES if table.to_minute is None else table.to_minute
    return {
        "pause": str(task.every_seconds),
        "from_hour": clock_words(table.from_minute or 0) if has_hours else "",
        "to_hour": clock_words(end) if has_hours else "",
        "weekdays": list(table.days),
    }
