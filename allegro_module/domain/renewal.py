"""When to ask again for tokens that Allegro did not renew: within its grace, and not too often."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto


class Silence(Enum):
    #: It may have been done: the old refresh token works for 60 seconds more (facts.md 2.5).
    OPEN = auto()
    #: Nobody was there: nothing has happened.
    AWAY = auto()
    #: Too many tokens for one user (facts.md 2.6).
    LIMIT = auto()


#: How long the old refresh token works after its first use.
GRACE = timedelta(seconds=60)
FIRST_WAIT = {Silence.AWAY: timedelta(seconds=5), Silence.LIMIT: timedelta(seconds=60)}
LONGEST_WAIT = timedelta(minutes=10)
#: While an answer may be lost: several more tries within the grace, whatever comes in between.
WAITS_IN_DOUBT = (timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=15))
WAIT_FOR_LIMIT_IN_DOUBT = timedelta(seconds=20)
#: An application over its limit is blocked for a minute; nobody holds it back for longer than this.
LONGEST_PAUSE = timedelta(minutes=5)


def wait_after(
    failures: int, silence: Silence, *, is_in_doubt: bool = False, retry_after: timedelta | None = None
) -> timedelta:
    """How long to wait after this many failures in a row, the last of which was this silence."""
    if silence is Silence.LIMIT and is_in_doubt:
        return WAIT_FOR_LIMIT_IN_DOUBT
    if silence is Silence.OPEN or is_in_doubt:
        return WAITS_IN_DOUBT[min(failures, len(WAITS_IN_DOUBT)) - 1]
    wanted: timedelta = FIRST_WAIT[silence] * 2 ** min(failures - 1, 10)
    return min(max(wanted, retry_after or timedelta(0)), LONGEST_WAIT)


def rest_of(until: datetime | None, now: datetime, longest: timedelta) -> timedelta:
    """What is left of a wait; nothing of one that was begun by a clock put back since."""
    rest = (until or now) - now
    return rest if timedelta(0) < rest <= longest else timedelta(0)


def is_within(moment: datetime | None, now: datetime, span: timedelta) -> bool:
    """Whether it was no longer ago than this."""
    return moment is not None and timedelta(0) <= now - moment < span
