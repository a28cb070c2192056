"""A tick of the import that finds nothing new: with few orders stored, and with very many."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from time import perf_counter, process_time

from allegro_module.db.accounts import get_account
from allegro_module.jobs.tasks import import_now
from bench.histories import FEW_ORDERS, histories
from bench.server import Server
from bench.sizes import sizes
from bench.stores import Store

TICKS = 60
WARM_UP = 5
#: One call, and the time of a tick says nothing of the number of orders.
MOST_CALLS = 1
GOAL = 1.1


def main() -> None:
    given = sizes(__doc__, "history")
    for postgres in ("", *filter(None, [given.postgres])):
        with histories(FEW_ORDERS, given.history, postgres=postgres) as (stores, server):
            measure(stores, server, (FEW_ORDERS, given.history))


def measure(stores: Sequence[Store], server: Server, counts: tuple[int, int]) -> None:
    """The two by turns, so that what else the machine does weighs on both."""
    for _ in range(WARM_UP):
        for store in stores:
            _tick(store)
    server.used()
    times = [[_tick(store) for store in stores] for _ in range(TICKS)]
    calls = server.used()[0] / (TICKS * len(stores))
    few, many = (median(turn[place][0] for turn in times) for place in (0, 1))
    few_cpu, many_cpu = (median(turn[place][1] for turn in times) for place in (0, 1))
    print(
        f"idle tick, {stores[0].kind}, {counts[0]} and {counts[1]} stored orders: {calls:g} call(s) "
        f"(goal {MOST_CALLS}), {few * 1000:.1f} and {many * 1000:.1f} ms, ratio {many / few:.2f} "
        f"(goal {GOAL}), by processor time {many_cpu / few_cpu:.2f}"
    )


def _tick(store: Store) -> tuple[float, float]:
    with store.opened() as host:
        started, cpu_started = perf_counter(), process_time()
        outcome = import_now(host.runtime, get_account(host.runtime.session, 1))
        seconds = perf_counter() - started, process_time() - cpu_started
    assert outcome.is_complete, outcome
    assert not outcome.events, outcome
    return seconds


if __name__ == "__main__":
    main()
