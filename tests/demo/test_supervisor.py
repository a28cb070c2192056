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


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    yield from running(tmp_path)


@pytest.fixture(scope="module")
def doomed_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Starting takes seconds: looked at by one test, killed by the next."""
    yield from running(tmp_path_factory.mktemp("doomed"))


def running(folder: Path) -> Iterator[Demo]:
    demo = start_demo(folder / "home")
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


def test_all_parts_answer_and_one_signal_stops_them_with_the_data_kept(demo: Demo) -> None:
    note = demo.note
    redis = Redis.from_url(note["ALLEGRO_REDIS_URL"])

    assert "Zaloguj" in read(f"{note['web']}/login")
    assert "<html" in read(note["ALLEGRO_SIMULATOR_URL"])
    assert redis.ping()
    assert [worker.hostname for worker in Worker.all(connection=redis)] == [socket.gethostname()]
    for shown in (
        note["web"],
        note["ALLEGRO_SIMULATOR_URL"],
        "demo-client-id",
        "demo-client-secret",
        "admin",
    ):
        assert shown in demo.said
    password = (demo.home / "admin-password").read_text()
    assert password.strip() in demo.said

    redis.set("kept", "yes")
    redis.close()
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(STOPPED_WITHIN) == 0
    assert demo.processes() == {}
    assert not (demo.home / "running.json").exists()

    again = start_demo(demo.home)
    try:
        again.wait_until_up()
        assert (demo.home / "admin-password").read_text() == password
        assert Redis.from_url(again.note["ALLEGRO_REDIS_URL"]).get("kept") == b"yes"
    finally:
        again.process.terminate()
    assert again.process.wait(STOPPED_WITHIN) == 0
    assert demo.processes() == {}


def test_when_a_part_ends_by_itself_all_is_stopped_and_said(demo: Demo) -> None:
    simulator = [pid for pid, command in demo.processes().items() if "allegro_module.simulator" in command]

    os.kill(simulator[0], signal.SIGKILL)

    assert demo.process.wait(STOPPED_WITHIN) == 1
    assert "simulator: proces się zakończył" in demo.said
    assert demo.processes() == {}


def test_others_on_this_machine_see_that_the_demo_runs(doomed_demo: Demo) -> None:
    """A second supervisor is refused; a command in another terminal finds the running servers."""
    demo = doomed_demo
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


def test_a_killed_supervisor_leaves_nothing_running(doomed_demo: Demo) -> None:
    demo = doomed_demo
    assert len(demo.processes()) >= 5

    demo.process.send_signal(signal.SIGKILL)
    demo.process.wait()

    wait_for(lambda: demo.processes() == {}, STOPPED_WITHIN)
