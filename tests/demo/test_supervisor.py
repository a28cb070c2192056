"""`make demo`: all parts start and answer, one signal stops them, and nothing is ever left running."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
from redis import Redis
from rq import Worker

STARTED_WITHIN = 90
STOPPED_WITHIN = 30


@dataclass
class Demo:
    home: Path
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def note(self) -> dict[str, Any]:
        return dict(json.loads((self.home / "running.json").read_text()))

    def wait_until_up(self) -> None:
        wait_for(
            lambda: (self.home / "running.json").exists() or self.process.poll() is not None, STARTED_WITHIN
        )
        assert self.process.poll() is None, self.said
        wait_for(lambda: "Ctrl-C" in self.said, 5)

    @property
    def said(self) -> str:
        return self.log.read_text()

    def processes(self) -> dict[int, str]:
        """Everything that was started for this home, by what stands in its environment."""
        mark = f"SHOP_HOME={self.home}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found


def wait_for(happened: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.1)


def start_demo(home: Path, *options: str) -> Demo:
    log = home.with_suffix(f".{time.monotonic_ns()}.log")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ALLEGRO_", "SHOP_"))}
    anywhere = ("--port", "0", "--simulator-port", "0", "--valkey-port", "0")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "allegro_module.demo", *anywhere, *options],
            env={**kept, "SHOP_HOME": str(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Demo(home, process, log)


@pytest.fixture(scope="module")
def first_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Starting takes seconds: looked at by some tests, ended by the last of them."""
    with running(tmp_path_factory.mktemp("demo") / "home") as demo:
        with Redis.from_url(demo.note["ALLEGRO_REDIS_URL"]) as redis:
            redis.set("kept", "first")
        yield demo


@pytest.fixture(scope="module")
def second_demo(first_demo: Demo) -> Iterator[Demo]:
    with running_after(first_demo) as demo:
        yield demo


@pytest.fixture(scope="module")
def third_demo(second_demo: Demo) -> Iterator[Demo]:
    with running_after(second_demo) as demo:
        yield demo


@contextmanager
def running_after(former: Demo) -> Iterator[Demo]:
    """In the same home, once the former one has ended."""
    former.process.terminate()
    former.process.wait(STOPPED_WITHIN)
    with running(former.home) as demo:
        yield demo


@contextmanager
def running(home: Path) -> Iterator[Demo]:
    demo = start_demo(home)
    try:
        demo.wait_until_up()
        yield demo
    finally:
        demo.process.kill()
        demo.process.wait()
        wait_for(lambda: not demo.processes(), STOPPED_WITHIN)


def read(address: str) -> str:
    with build_opener(ProxyHandler({})).open(address, timeout=5) as answer:
        return str(answer.read().decode())


def test_all_parts_answer(first_demo: Demo) -> None:
    note, said = first_demo.note, first_demo.said

    assert "Zaloguj" in read(f"{note['web']}/login")
    assert "<html" in read(note["ALLEGRO_SIMULATOR_URL"])
    with Redis.from_url(note["ALLEGRO_REDIS_URL"]) as redis:
        assert redis.ping()
        assert [worker.hostname for worker in Worker.all(connection=redis)] == [socket.gethostname()]
    for shown in (
        note["web"],
        note["ALLEGRO_SIMULATOR_URL"],
        "demo-client-id",
        "demo-client-secret",
        "admin",
        password_of(first_demo),
    ):
        assert shown in said


def test_others_on_this_machine_see_that_the_demo_runs(first_demo: Demo) -> None:
    """A second supervisor is refused; a command in another terminal finds the running servers."""
    demo = first_demo
    script = "from allegro_module.demo import create_app; print(create_app().config['ALLEGRO_SIMULATOR_URL'])"
    printed = subprocess.run(
        [sys.executable, "-c", script],
        env={"SHOP_HOME": str(demo.home), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    second = start_demo(demo.home)

    assert printed.stdout.strip() == demo.note["ALLEGRO_SIMULATOR_URL"]
    assert second.process.wait(30) == 1
    assert "już działa" in second.said
    assert demo.process.poll() is None


def test_when_a_part_ends_by_itself_all_is_stopped_and_said(first_demo: Demo) -> None:
    demo = first_demo
    simulator = [pid for pid, command in demo.processes().items() if "allegro_module.simulator" in command]

    os.kill(simulator[0], signal.SIGKILL)

    assert demo.process.wait(STOPPED_WITHIN) == 1
    assert "simulator: proces się zakończył" in demo.said
    assert demo.processes() == {}


def test_one_signal_stops_all_parts_with_the_data_kept(first_demo: Demo, second_demo: Demo) -> None:
    demo = second_demo
    assert kept_in(demo) == b"first"
    assert password_of(demo) in first_demo.said

    demo.process.send_signal(signal.SIGINT)

    assert demo.process.wait(STOPPED_WITHIN) == 0
    assert demo.processes() == {}
    assert not (demo.home / "running.json").exists()


def test_a_killed_supervisor_leaves_nothing_running(third_demo: Demo) -> None:
    demo = third_demo
    assert kept_in(demo) == b"first"
    assert len(demo.processes()) >= 5

    demo.process.send_signal(signal.SIGKILL)
    demo.process.wait()

    wait_for(lambda: demo.processes() == {}, STOPPED_WITHIN)


def password_of(demo: Demo) -> str:
    return (demo.home / "admin-password").read_text().strip()


def kept_in(demo: Demo) -> object:
    with Redis.from_url(demo.note["ALLEGRO_REDIS_URL"]) as redis:
        return redis.get("kept")
