"""One budget of requests for all processes, kept in Redis; in each process its own while Redis is away.

A limit is a window of 60 slots and the one that is just running: their sum never exceeds the limit, so no
span of the window's length does, wherever it begins. That costs up to a sixtieth of the budget and a fixed
amount of memory, where a log of 74,700 calls an hour and seller would be exact to the call; a bucket that
refills by itself would let through up to twice the limit within one window. The sum is kept beside the slots,
so that a call costs the same whether a window is empty or full. All limits of a request are looked at and
counted in one script: nothing is counted of a request that has to wait. A library of single limits would ask
Redis once for each, and count what is then refused.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError, RedisError

from allegro_module.client.errors import Exchange, Unavailable
from allegro_module.client.governor import ALL_CALLS, Lane, Limit, limits_of

log = logging.getLogger(__name__)

SLOTS = 60
#: 429 without a wish of Allegro's (facts.md 3.1).
BLOCKED_FOR = timedelta(minutes=1)
LONGEST_COOLING = timedelta(minutes=15)
#: While Redis is away each process may assume so many others beside it.
PROCESSES = 4
#: Before an unreachable Redis is tried again.
REDIS_AGAIN_SECONDS = 5.0
PREFIX = "allegro:governor"

#: KEYS: cooling, then one per limit. ARGV: now in ms or 0, then per limit its calls, its slot in ms, and what
#: was used up while Redis was away. Answers how many ms to wait; 0: counted.
SCRIPT = """
local now = tonumber(ARGV[1])
if now == 0 then
  local clock = redis.call('TIME')
  now = clock[1] * 1000 + math.floor(clock[2] / 1000)
end
local function number(value) return tonumber(value or 0) or 0 end
local cooling = number(redis.call('GET', KEYS[1]))
local wait, found = math.max(cooling - now, 0), {}
for i = 2, #KEYS do
  local key, calls, slot, before = KEYS[i], ARGV[i * 3 - 4], number(ARGV[i * 3 - 3]), number(ARGV[i * 3 - 2])
  local at = math.floor(now / slot)
  local kept = redis.call('HMGET', key, 'sum', 'oldest', at)
  local sum, oldest, here = number(kept[1]), tonumber(kept[2] or at), number(kept[3])
  while oldest < at - SLOTS do
    sum = sum - number(redis.call('HGET', key, oldest))
    redis.call('HDEL', key, oldest)
    oldest = oldest + 1
  end
  if before > 0 then
    sum, here = sum + before, here + before
    redis.call('HSET', key, 'sum', sum, 'oldest', oldest, at, here)
    redis.call('PEXPIRE', key, slot * (SLOTS + 3))
  end
  if sum >= tonumber(calls) then
    while oldest < at and redis.call('HEXISTS', key, oldest) == 0 do oldest = oldest + 1 end
    wait = math.max(wait, (oldest + SLOTS + 1) * slot - now)
    redis.call('HSET', key, 'sum', sum, 'oldest', oldest)
    redis.call('PEXPIRE', key, slot * (SLOTS + 3))
  end
  found[i] = {at, sum, oldest, here, slot}
end
if wait > 0 then return wait end
for i = 2, #KEYS do
  local at, sum, oldest, here, slot = unpack(found[i])
  redis.call('HSET', KEYS[i], 'sum', sum + 1, 'oldest', oldest, at, here + 1)
  if here == 0 then redis.call('PEXPIRE', KEYS[i], slot * (SLOTS + 3)) end
end
return 0
""".replace("SLOTS", str(SLOTS))
#: Names the script, which Redis keeps.
SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Counted:
    """A limit with the key that it is counted under and how much of it this caller may use."""

    key: str
    calls: int
    slot_ms: int


class Windows:
    """The same counting within one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, dict[int, int]] = {}
        self._cooling: dict[str, int] = {}
        self._unreported: dict[str, int] = {}

    def take(self, cooling_key: str, limits: Sequence[Counted], now_ms: int) -> int:
        """Milliseconds to wait; 0: counted."""
        if cooling := self.cooling(cooling_key, now_ms):
            return cooling
        with self._lock:
            wait = max((self._wait_for(each, now_ms) for each in limits), default=0)
            if not wait:
                for each in limits:
                    self._count(each, now_ms)
                    self._unreported[each.key] = self._unreported.get(each.key, 0) + 1
            return wait

    def note(self, limits: Sequence[Counted], now_ms: int) -> None:
        """What Redis has given: of the share that this process has when Redis goes away, it is used up."""
        with self._lock:
            for each in limits:
                self._count(each, now_ms)

    def unreported(self, limit: Counted, now_ms: int) -> int:
        """Calls within the window of which Redis does not know; told once."""
        if limit.key not in self._unreported:
            return 0
        with self._lock:
            return min(self._unreported.pop(limit.key, 0), sum(self._slots(limit, now_ms).values()))

    def report_later(self, limits: Sequence[Counted], counts: Sequence[int]) -> None:
        with self._lock:
            for each, count in zip(limits, counts, strict=True):
                if count:
                    self._unreported[each.key] = self._unreported.get(each.key, 0) + count

    def cooling(self, key: str, now_ms: int) -> int:
        return max(self._cooling.get(key, 0) - now_ms, 0)

    def cool(self, key: str, until_ms: int) -> None:
        with self._lock:
            self._cooling[key] = max(until_ms, self._cooling.get(key, 0))

    def _count(self, limit: Counted, now_ms: int) -> None:
        slots, at = self._counts.setdefault(limit.key, {}), now_ms // limit.slot_ms
        if at not in slots:
            slots = self._slots(limit, now_ms)
        slots[at] = slots.get(at, 0) + 1

    def _slots(self, limit: Counted, now_ms: int) -> dict[int, int]:
        """Those that are not over yet."""
        oldest, known = now_ms // limit.slot_ms - SLOTS, self._counts.get(limit.key, {})
        self._counts[limit.key] = {place: count for place, count in known.items() if place >= oldest}
        return self._counts[limit.key]

    def _wait_for(self, limit: Counted, now_ms: int) -> int:
        slots = self._slots(limit, now_ms)
        if sum(slots.values()) < max(limit.calls // PROCESSES, 1):
            return 0
        return (min(slots) + SLOTS + 1) * limit.slot_ms - now_ms


@dataclass(slots=True)
class SharedBudget:
    """What all callers of this process ask: Redis, or its own windows while that is away."""

    redis: Callable[[], Redis]
    #: Seconds that only grow, for the pauses of this process.
    steady: Callable[[], float] = time.monotonic
    windows: Windows = field(default_factory=Windows)
    #: Given in tests; Redis has a clock of its own, the same for all machines.
    now_ms: Callable[[], int] | None = None
    _again_at: float = 0.0

    def take(self, application: str, limits: Sequence[Counted]) -> int:
        """Milliseconds to wait; 0: counted."""
        cooling, own_ms = f"{PREFIX}:{application}:cooling", self._own_ms()
        if rest := self.windows.cooling(cooling, own_ms):
            return rest
        before = [self.windows.unreported(each, own_ms) for each in limits]
        answer = self._ask(lambda redis: _run(redis, cooling, limits, before, self._given_ms()))
        if answer is None:
            self.windows.report_later(limits, before)
            return self.windows.take(cooling, limits, own_ms)
        if not answer:
            self.windows.note(limits, own_ms)
        return int(answer)

    def cool(self, application: str, pause: timedelta) -> None:
        key, pause_ms = f"{PREFIX}:{application}:cooling", int(pause.total_seconds() * 1000)
        self.windows.cool(key, self._own_ms() + pause_ms)
        # Kept as a moment by Redis' own clock, so that machines need not agree on the time.
        self._ask(lambda redis: redis.set(key, self._shared_ms(redis) + pause_ms, px=max(pause_ms, 1)))

    def used(self, application: str) -> int | None:
        """Calls of the last minute under a Client ID; None when Redis is away."""
        key = key_of(ALL_CALLS, application, "")

        def count(redis: Redis) -> int:
            at = self._shared_ms(redis) // slot_of(ALL_CALLS)
            counts: Any = redis.hgetall(key)
            return sum(
                int(count) for place, count in counts.items() if place.isdigit() and int(place) > at - SLOTS
            )

        found: int | None = self._ask(count)
        return found

    def _shared_ms(self, redis: Redis) -> int:
        if self.now_ms:
            return self.now_ms()
        seconds, microseconds = redis.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def _own_ms(self) -> int:
        return self.now_ms() if self.now_ms else int(self.steady() * 1000)

    def _given_ms(self) -> int:
        return self.now_ms() if self.now_ms else 0

    def _ask(self, question: Callable[[Redis], Any]) -> Any:
        """None while Redis cannot be reached; then it is left alone for a few seconds."""
        if self.steady() < self._again_at:
            return None
        try:
            return question(self.redis())
        except (RedisError, OSError) as trouble:
            self._again_at = self.steady() + REDIS_AGAIN_SECONDS
            log.warning("requests are counted per process: Redis is away (%s)", type(trouble).__name__)
            return None


def _run(redis: Redis, cooling: str, limits: Sequence[Counted], before: Sequence[int], now_ms: int) -> Any:
    keys = [cooling, *(each.key for each in limits)]
    arguments: list[int] = [now_ms]
    for each, used in zip(limits, before, strict=True):
        arguments += (each.calls, each.slot_ms, used)
    try:
        return redis.evalsha(SHA, len(keys), *keys, *arguments)
    except NoScriptError:
        return redis.eval(SCRIPT, len(keys), *keys, *arguments)


def key_of(limit: Limit, application: str, seller: str) -> str:
    owner = f"{application}:{seller}" if limit.of_seller else application
    return f"{PREFIX}:{owner}:{limit.name}"


def slot_of(limit: Limit) -> int:
    """Milliseconds; a second's window has shorter slots than there are milliseconds to divide evenly."""
    return max(limit.seconds * 1000 // SLOTS, 1) + (limit.seconds * 1000 % SLOTS > 0)


@dataclass(frozen=True, slots=True)
class RateGovernor:
    """Turns of one seller under one application; `patience` is how long a caller waits at most."""

    budget: SharedBudget
    application: str
    seller: str
    lane: Lane
    patience: timedelta
    pause: Callable[[float], None] = time.sleep

    def wait_for_turn(self, method: str, path: str) -> None:
        """Raises Unavailable, sure that nothing has happened."""
        limits = [
            Counted(key_of(each, self.application, self.seller), each.calls_of(self.lane), slot_of(each))
            for each in limits_of(method, path)
        ]
        waited = timedelta(0)
        while wait_ms := self.budget.take(self.application, limits):
            wait = timedelta(milliseconds=wait_ms)
            if waited + wait > self.patience:
                raise Unavailable(
                    "the limit of requests is reached",
                    retry_after=wait,
                    is_sure_nothing_happened=True,
                    at=Exchange(method, path),
                )
            self.pause(wait.total_seconds())
            waited += wait

    def cool_down(self, pause: timedelta | None) -> None:
        self.budget.cool(self.application, min(pause or BLOCKED_FOR, LONGEST_COOLING))
