"""The worker: runs what the queue rings for, and ticks the schedule in a process beside it."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

from redis.exceptions import RedisError
from rq import Queue, Worker

from allegro_module.jobs.schedule import tick
from allegro_module.runtime import Runtime

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
#: rq cleans up after killed workers only so often; by default every ten minutes.
MAINTENANCE_SECONDS = 60
#: rq waits for a job 15 seconds less than this, then looks after its house.
WORKER_TTL = MAINTENANCE_SECONDS + 15
#: A job that runs when we are asked to stop may go on this long; its flow is then replayed by the next run.
GRACE_SECONDS = 6.0
ASK_REDIS_SECONDS = 2.0
SAY_AGAIN_SECONDS = 30.0
PR_SET_PDEATHSIG = 1


def work(runtime: Runtime) -> None:
    """Run until SIGTERM or SIGINT."""
    # Forked processes must not inherit a connection: what the start of the app has opened is closed here.
    runtime.db.session.remove()
    runtime.db.engine.dispose()
    _log_to_the_terminal()
    stop = threading.Event()
    _stop_on_signals(stop)
    ticker = Ticker(runtime)
    ticker.start()
    try:
        while _redis_answers(runtime, stop):
            _work_while_redis_lives(runtime, ticker, stop)
            _stop_on_signals(stop)
    finally:
        ticker.stop()
    log.info("worker stopped")


def _work_while_redis_lives(runtime: Runtime, ticker: Ticker, stop: threading.Event) -> None:
    try:
        worker = JobWorker([runtime.queue], runtime, ticker, stop)
        worker.work(logging_level="INFO")
    except (RedisError, OSError) as trouble:
        log.warning("the job queue is gone (%s)", type(trouble).__name__)


def _redis_answers(runtime: Runtime, stop: threading.Event) -> bool:
    """Wait until it does; False when we are to stop."""
    said_at = 0.0
    while not stop.is_set():
        try:
            runtime.redis.ping()
        except (RedisError, OSError) as trouble:
            if time.monotonic() - said_at > SAY_AGAIN_SECONDS:
                said_at = time.monotonic()
                log.warning(
                    "no job queue at %s (%s): waiting for it", _shown(runtime), type(trouble).__name__
                )
            stop.wait(ASK_REDIS_SECONDS)
        else:
            return True
    return False


def _shown(runtime: Runtime) -> str:
    """The address of the queue without the password that may stand in it."""
    return runtime.settings.redis_url.rpartition("@")[2]


def _log_to_the_terminal() -> None:
    """Unless the host has decided where its log goes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _stop_on_signals(stop: threading.Event) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


class JobWorker(Worker):
    """rq's worker, whose jobs share no connection with it and which stops within seconds when asked to."""

    def __init__(self, queues: list[Queue], runtime: Runtime, ticker: Ticker, stop: threading.Event) -> None:
        super().__init__(
            queues,
            connection=runtime.redis,
            maintenance_interval=MAINTENANCE_SECONDS,
            worker_ttl=WORKER_TTL,
        )
        self._runtime = runtime
        self._ticker = ticker
        self._stop = stop

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self._stop.set()
        if self.horse_pid:
            hurry = threading.Timer(GRACE_SECONDS, self._end_horse)
            hurry.daemon = True
            hurry.start()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def _end_horse(self) -> None:
        if self.horse_pid:
            log.warning("the running job is interrupted: the next run goes on with it")
            self.kill_horse(signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        """A job asked to end gives its claims back on the way out; it never uses its parent's connections."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGTERM, _leave)
        self._runtime.db.engine.dispose(close=False)
        # What was loaded before the fork stays: to look through it again and again would slow an import down.
        gc.freeze()

    def run_maintenance_tasks(self) -> None:
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        self._ticker.keep_alive()


def _leave(*_: object) -> None:
    # A second signal must not interrupt the way out.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


class Ticker:
    """The process that ticks; it ends with its parent, even a killed one."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._pid = 0

    def start(self) -> None:
        parent = os.getpid()
        # Not by multiprocessing, whose children run the exit handlers of the whole application.
        self._pid = os.fork()
        if self._pid == 0:
            try:
                _tick_until_parent_ends(self._runtime, parent)
            finally:
                os._exit(0)

    def keep_alive(self) -> None:
        """Start it again should it have died."""
        if self._pid and os.waitpid(self._pid, os.WNOHANG)[0]:
            log.error("the ticking process has died: starting another")
            self.start()

    def stop(self) -> None:
        if not self._pid:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(self._pid, number)
            if self._has_ended(seconds=1.5):
                break
        self._pid = 0

    def _has_ended(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if os.waitpid(self._pid, os.WNOHANG)[0]:
                return True
            time.sleep(0.02)
        return False


def _tick_until_parent_ends(runtime: Runtime, parent: int) -> None:
    stop = threading.Event()
    _stop_on_signals(stop)
    _end_with_parent()
    runtime.db.engine.dispose(close=False)
    # Asked as well: prctl is Linux only, and the parent may have ended before it took effect.
    while not stop.is_set() and os.getppid() == parent:
        _tick_once(runtime)
        stop.wait(TICK_SECONDS)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _tick_once(runtime: Runtime) -> None:
    with runtime.app.app_context():
        try:
            for name in tick(runtime):
                log.debug("rung: %s", name)
        except Exception as trouble:
            # The next tick is a second away; a database that is down says so each time, in one line.
            log.warning("tick failed: %s", _one_line(trouble))
        finally:
            runtime.db.session.remove()


def _one_line(trouble: Any) -> str:
    return f"{type(trouble).__name__}: {str(trouble).splitlines()[0] if str(trouble) else ''}"[:300]
