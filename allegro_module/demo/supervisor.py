"""Supervisor: starts the parts of the demo, watches them, and leaves nothing running."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import IO, NoReturn

LEASH = Path(__file__).with_name("leash.py")
PR_SET_CHILD_SUBREAPER = 36
STARTING = 60.0
#: Ten seconds together: web and worker (whose running job may go on for six), then what they need.
SHOP_STOPS_IN = 7.5
SERVERS_STOP_IN = 1.5


class PartFailed(Exception):
    """A part of the demo did not start, or ended by itself."""


class StopAsked(Exception):
    """Somebody pressed Ctrl-C."""


@dataclass(frozen=True)
class Part:
    """One process; `answers(pid)` tells whether it is ready. Servers are stopped after what uses them."""

    name: str
    command: Sequence[str]
    answers: Callable[[int], bool]
    is_server: bool = False


class Supervisor:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**environment, "PYTHONUNBUFFERED": "1"}
        self._running: list[tuple[Part, subprocess.Popen[str]]] = []
        self._stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop.set())
        _adopt_orphans()

    def run_once(self, name: str, command: Sequence[str]) -> None:
        """Run a preparing command to its end. Raises PartFailed, StopAsked."""
        process = self._spawn(name, command)
        try:
            while process.poll() is None:
                self._pause()
        finally:
            _end([process], SERVERS_STOP_IN)
        if process.returncode:
            raise PartFailed(f"{name}: kod {process.returncode} / exit code {process.returncode}")

    def start(self, part: Part) -> None:
        self._running.append((part, self._spawn(part.name, part.command)))

    def wait_for_answers(self) -> None:
        """Raises PartFailed, StopAsked."""
        deadline = time.monotonic() + STARTING
        waiting = list(self._running)
        while waiting:
            self._pause()
            waiting = [(part, process) for part, process in waiting if not part.answers(process.pid)]
            if waiting and time.monotonic() > deadline:
                names = ", ".join(part.name for part, _ in waiting)
                raise PartFailed(f"brak odpowiedzi / no answer: {names}")

    def watch(self) -> NoReturn:
        """Until a part ends by itself or somebody asks to stop. Raises PartFailed, StopAsked."""
        while True:
            self._pause()

    def stop(self) -> None:
        """First no more requests and jobs, then the servers they talk to."""
        _end([process for part, process in self._running if not part.is_server], SHOP_STOPS_IN)
        _end([process for part, process in self._running if part.is_server], SERVERS_STOP_IN)
        _kill_orphans()

    def _spawn(self, name: str, command: Sequence[str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *command],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches only us; we stop the parts in order
        )
        assert process.stdout is not None
        Thread(target=_relay, args=(name, process.stdout), daemon=True).start()
        return process

    def _pause(self) -> None:
        if self._stop.wait(0.1):
            raise StopAsked
        for part, process in self._running:
            if process.poll() is not None:
                raise PartFailed(
                    f"{part.name}: proces się zakończył, kod {process.returncode} / "
                    f"the process ended, exit code {process.returncode}"
                )


def say(text: str) -> None:
    print(text, flush=True)


def _relay(name: str, lines: IO[str]) -> None:
    for line in lines:
        say(f"{name:<10}| {line.rstrip()}")


def _end(processes: Sequence[subprocess.Popen[str]], seconds: float) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + seconds
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _adopt_orphans() -> None:
    """What a killed part leaves behind becomes our child, so that we can find and end it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _kill_orphans() -> None:
    children = Path("/proc/self/task").glob("*/children")
    for pid in {int(word) for listed in children for word in listed.read_text().split()}:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
