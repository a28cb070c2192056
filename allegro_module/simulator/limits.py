"""How much is too much: requests of an application in a minute, tokens of a seller in an hour."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from allegro_module.simulator.http import AuthRefusal, Problem, Refusal

if TYPE_CHECKING:
    from allegro_module.simulator.world import World

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@dataclass
class Minute:
    """The requests of one application; `ends_at` is when they are forgotten, a block included."""

    ends_at: datetime
    count: int = 0


@dataclass
class Limits:
    minutes: dict[str, Minute] = field(default_factory=dict)
    issued: dict[str, deque[datetime]] = field(default_factory=dict)
    calls: dict[tuple[str, str], deque[datetime]] = field(default_factory=dict)
    buckets: dict[tuple[str, str], tuple[float, datetime]] = field(default_factory=dict)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"calls": {}, "buckets": {}} | state)

    def count(self, kind: str, user: str, now: datetime, most: int, span: timedelta) -> None:
        """So many calls of one kind by one user within a span; 0 is no limit. A refused call counts not."""
        if not most:
            return
        calls = self.calls.setdefault((kind, user), deque())
        while calls and not timedelta() <= now - calls[0] < span:
            calls.popleft()
        if len(calls) >= most:
            raise Refusal(429, _too_many_requests())
        calls.append(now)

    def drip(self, kind: str, user: str, now: datetime, at_once: int, seconds: float) -> None:
        """A leaky bucket that takes `at_once` calls and loses one every so many seconds; 0 is no limit."""
        if not at_once:
            return
        level, since = self.buckets.get((kind, user), (0.0, now))
        level = max(0.0, level - (now - since).total_seconds() / seconds)
        if level + 1 > at_once:
            raise Refusal(429, _too_many_requests())
        self.buckets[kind, user] = (level + 1, now)

    def count_offer_write(self, user: str, now: datetime, per_minute: int, per_hour: int) -> None:
        """POST and PATCH of product offers have a limit by the minute and one by the hour."""
        self.count("offer writes of a minute", user, now, per_minute, MINUTE)
        self.count("offer writes of an hour", user, now, per_hour, HOUR)

    def count_request(self, client_id: str, now: datetime, most: int) -> None:
        """9000 a minute per Client ID; then it is blocked for a minute and gets in again by itself (FAQ)."""
        minute = self.minutes.get(client_id)
        if minute is None or not timedelta() < minute.ends_at - now <= MINUTE:
            minute = self.minutes[client_id] = Minute(now + MINUTE)
        minute.count += 1
        if minute.count <= most or not most:
            return
        if minute.count == most + 1:
            minute.ends_at = now + MINUTE
        # No Retry-After is documented for this answer.
        raise Refusal(429, _too_many_requests())

    def check_new_token(self, world: World, seller_id: str | None) -> None:
        """Allegro limits how many tokens are made for a user in a period and does not publish the figure."""
        most, now = world.switches.tokens_per_hour, world.now()
        if not most or seller_id is None:
            return
        issued = self.issued.setdefault(seller_id, deque())
        while issued and now - issued[0] >= HOUR:
            issued.popleft()
        if len(issued) >= most:
            raise AuthRefusal(429, "too_many_requests", "Too many access tokens generated for this user")
        issued.append(now)


def _too_many_requests() -> Problem:
    return Problem(
        "TooManyRequestsException",
        "Too many requests",
        user_message="Aplikacja wysłała zbyt wiele zapytań. Spróbuj ponownie za minutę.",
    )
