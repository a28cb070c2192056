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
    matchings: dict[str, deque[datetime]] = field(default_factory=dict)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"matchings": {}} | state)

    def count_matching(self, user: str, now: datetime, most: int) -> None:
        """`GET /sale/matching-categories` takes 5 calls a second."""
        calls = self.matchings.setdefault(user, deque())
        while calls and not timedelta() <= now - calls[0] < SECOND:
            calls.popleft()
        if most and len(calls) >= most:
            raise Refusal(429, _too_many_requests())
        calls.append(now)

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
        "Too many requests of this Client ID",
        user_message="Aplikacja wysłała zbyt wiele zapytań. Spróbuj ponownie za minutę.",
    )
