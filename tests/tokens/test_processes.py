"""Real processes that find the same expired token: one asks Allegro, all of them have the answer."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError

import pytest
from sqlalchemy import Engine, NullPool, create_engine

from allegro_module.client.environment import environment
from allegro_module.client.oauth import OAuth
from allegro_module.client.transport import build_http_client
from allegro_module.sealing import Seal
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.server import listening
from allegro_module.tokens import StoredTokens
from tests.tokens.linked import AGENT, KEY, TOKEN, Counter, an_account

HALF_A_DAY = timedelta(hours=12)
PROCESSES = 16


def ask(
    database_url: str, allegro: str, account_id: int, key: str, start: Barrier, found: Queue[str]
) -> None:
    """What a worker does that finds an expired token; a shop's engine waits for SQLite's lock as well."""
    is_sqlite = database_url.startswith("sqlite")
    engine = create_engine(
        database_url, poolclass=NullPool, connect_args={"timeout": 10} if is_sqlite else {}
    )
    with build_http_client() as http:
        tokens = StoredTokens(
            account_id=account_id,
            engine=engine,
            seal=Seal([key]),
            oauth=OAuth(environment("simulator", allegro), AGENT, http),
            now=lambda: datetime.now(UTC) + HALF_A_DAY,
        )
        with suppress(BrokenBarrierError):
            start.wait(30)
        found.put(tokens.access_token())


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Everything is imported once, not sixteen times."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


@pytest.fixture
def allegro(engine: Engine) -> tuple[Counter, int]:
    """Its clock shows a time at which the account's token has expired."""
    counter = Counter(Simulator(World()))
    account_id = an_account(engine, counter.simulator.world)
    counter.simulator.world.clock.advance(HALF_A_DAY.total_seconds())
    return counter, account_id


def test_sixteen_processes_with_an_expired_token_make_one_refresh(
    allegro: tuple[Counter, int], database_url: str, processes: ForkServerContext
) -> None:
    counter, account_id = allegro
    counter.simulator.faults.delay(TOKEN, 0.2)
    start, found = processes.Barrier(PROCESSES), processes.Queue()

    with listening(counter, "127.0.0.1", 0) as url:
        workers = [
            processes.Process(target=ask, args=(database_url, url, account_id, KEY, start, found))
            for _ in range(PROCESSES)
        ]
        for worker in workers:
            worker.start()
        tokens = [found.get(timeout=30) for _ in workers]
        for worker in workers:
            worker.join(10)

    assert len(set(tokens)) == 1
    assert len(counter.refreshes) == 1
    world = counter.simulator.world
    assert world.tokens.access[tokens[0]].is_good(world.now())


def test_process_killed_while_it_asks_holds_nobody_up(
    allegro: tuple[Counter, int], database_url: str, processes: ForkServerContext
) -> None:
    counter, account_id = allegro
    counter.simulator.faults.delay(TOKEN, 2.0)
    alone, together, found = processes.Barrier(1), processes.Barrier(2), processes.Queue()

    with listening(counter, "127.0.0.1", 0) as url:
        known = (database_url, url, account_id, KEY)
        first = processes.Process(target=ask, args=(*known, alone, found))
        second = processes.Process(target=ask, args=(*known, together, found))
        first.start()
        assert counter.was_asked.wait(20)
        second.start()
        together.wait(20)
        killed_at = time.monotonic()
        first.kill()
        token = found.get(timeout=30)
        waited = time.monotonic() - killed_at
        second.join(10)

    world = counter.simulator.world
    assert world.tokens.access[token].is_good(world.now())
    assert len(counter.refreshes) == 2
    assert waited < 10
