"""The simulated Allegro's clock: the machine's, or a standing one, moved by an offset."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def machine_time() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Standing:
    """A clock that stands still until somebody moves it."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Clock:
    read: Callable[[], datetime] = machine_time
    offset_seconds: float = 0.0

    def __call__(self) -> datetime:
        """Now, in whole milliseconds as Allegro writes its times."""
        now = self.read() + timedelta(seconds=self.offset_seconds)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        self.offset_seconds += seconds
