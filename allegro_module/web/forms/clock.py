"""Hours as sellers type them: a text, because a browser's field for times follows its own language."""

from __future__ import annotations

import re

from allegro_module.domain.timetable import DAY_MINUTES

CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?")


def read_clock(text: str) -> int | None:
    """The minute of the day: „7”, „700”, „7:00” and „7.00” are the same; 24:00 ends a day."""
    match = CLOCK.fullmatch(text)
    if match is None:
        return None
    minute = int(match[1]) * 60 + int(match[2] or 0)
    return minute if int(match[2] or 0) < 60 and minute <= DAY_MINUTES else None
