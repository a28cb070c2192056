"""An expired token found by sixteen processes at once: until the last has its answer, beside one alone.

Allegro is the simulator on a socket; all of them share this machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from time import monotonic

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from allegro_module.client.environment import environment
from allegro_module.client.oauth import OAuth
from allegro_module.client.transport import build_http_client
from allegro_module.db import Base
from allegro_module.db.accounts import Account, Application
from allegro_module.db.token_lock import Turn, held
from allegro_module.sealing import Seal
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.server import listening
from allegro_module.simulator.tokens import SCOPES, Consent
from allegro_module.tokens import StoredTokens
from bench.pages import AGENT, SELLER
from bench.stores import KEY, a_database, a_linked_account
from tests.postgres import NoPostgres, running_postgres

PROCESSES = 16
RUNS = 7
#: Everything is imported once, not by each process.
CONTEXT = multiprocessing.get_context("forkserver")

#: When a process began, when it had its token, and which.
Answer = tuple[float, float, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", metavar="URL", help="a server to measure on; else one is started")
    given, _ = parser.parse_known_args()
    CONTEXT.set_forkserver_preload([__name__])
    simulator = Simulator(World())
    with listening(simulator, "127.0.0.1", 0) as allegro:
        _measure(simulator.world, allegro, "")
        try:
            with _a_server(given.postgres) as server:
                _measure(simulator.world, allegro, server)
        except NoPostgres as reason:
            print(reason)


@contextmanager
def _a_server(given: str | None) -> Iterator[str]:
    if given:
        yield given
        return
    with running_postgres() as server:
        yield server.url("postgres")


def _measure(world: World, allegro: str, postgres: str) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as home, a_database(Path(home), postgres) as url:
        engine = _an_engine(url)
        Base.metadata.create_all(engine)
        alone, together = [], []
        for _ in range(RUNS):
            alone.append(_run(world, allegro, url, engine, 1))
            together.append(_run(world, allegro, url, engine, PROCESSES))
        kind = engine.dialect.name
        engine.dispose()
    one, last = median(alone), median(together)
    print(f"expired token, {kind}, median of {RUNS}")
    print(f"  one process{one * 1000:27.1f} ms")
    print(f"  the last of {PROCESSES} processes{last * 1000:16.1f} ms")
    print(f"  ratio {last / one:.1f}; one refresh each time")


def _run(world: World, allegro: str, url: str, engine: Engine, count: int) -> float:
    """Seconds from the common start until the last process has its token."""
    account_id = _an_expired_account(world, engine)
    known = set(world.tokens.refresh)
    start, answers = CONTEXT.Barrier(count), CONTEXT.Queue()
    workers = [
        CONTEXT.Process(target=_ask, args=(url, allegro, account_id, KEY, start, answers))
        for _ in range(count)
    ]
    for worker in workers:
        worker.start()
    found: Sequence[Answer] = [answers.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    assert len({token for _, _, token in found}) == 1, "not all have the same token"
    assert len(set(world.tokens.refresh) - known) == 1, "refreshed more than once"
    return max(done for _, done, _ in found) - min(began for began, _, _ in found)


def _ask(url: str, allegro: str, account_id: int, key: str, start: Barrier, answers: Queue[Answer]) -> None:
    """A worker whose connections are open and whose statements are made, as after its first job."""
    engine = _an_engine(url)
    with build_http_client() as http:
        http.get(allegro)
        tokens = StoredTokens(
            account_id=account_id,
            engine=engine,
            seal=Seal([key]),
            oauth=OAuth(environment("simulator", allegro), AGENT, http),
            now=lambda: datetime.now(UTC),
        )
        with held(Turn(engine, account_id, 0, tokens.now, tokens.pause)) as lock:
            lock.read()
        start.wait(60)
        began = monotonic()
        token = tokens.access_token()
        answers.put((began, monotonic(), token))
    engine.dispose()


def _an_engine(url: str) -> Engine:
    """As the demo shop has it."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune)
    return engine


def _tune(connection: object, record: object) -> None:
    for pragma in ("busy_timeout = 10000", "journal_mode = WAL", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


def _an_expired_account(world: World, engine: Engine) -> int:
    now, seller = datetime.now(UTC), world.sellers[SELLER]
    consent = Consent("demo-client-id", seller.id, SCOPES)
    issued = world.tokens.new_pair(world, world.tokens.open_session(consent, world.now()))
    with Session(engine) as session:
        session.query(Account).delete()
        session.query(Application).delete()
        tokens = str(issued["access_token"]), str(issued["refresh_token"])
        account = a_linked_account(seller.id, *tokens, now - timedelta(seconds=1))
        session.add(account)
        session.commit()
        return account.id
