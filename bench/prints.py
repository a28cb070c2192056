"""Printing: the PDF of one order beside the bare compiler on the same document, and 500 orders in one job.

Ours begins with the asking row and ends with the committed document; Allegro is not asked. Each side runs in
a process of its own: the compiler remembers what it has laid out.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import typst
from sqlalchemy import select

from allegro_module.db.accounts import get_account
from allegro_module.db.orders import Order
from allegro_module.db.prints import Print
from allegro_module.domain.prints import PrintKind, PrintState
from allegro_module.prints.making import Doors, make_print
from allegro_module.schema import resource_dir
from allegro_module.sync.orders import import_orders
from bench.pages import render
from bench.server import serving
from bench.stores import Host, Store, a_store

ORDERS = 500
SINGLE = 60
#: The highest ratio to the bare compiler that we accept.
GOAL = 2.5


def main() -> None:
    rendered = render(ORDERS + ORDERS // 4)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as home,
        serving(rendered.pages) as server,
        a_store(Path(home), "", rendered, server.url) as store,
    ):
        ids = _import(store)
        _report_single(store, ids[:SINGLE])
        _report_many(store, ids[:ORDERS])


def _import(store: Store) -> list[int]:
    with store.opened() as host:
        session, account = host.runtime.session, get_account(host.runtime.session, 1)
        import_orders(session, host.runtime.api(account), host.runtime.shop, account, _now)
        printable = select(Order.id).where(
            Order.provider != "ALLEGRO",
            Order.superseded_by.is_(None),
            Order.status == "READY_FOR_PROCESSING",
            Order.fulfillment_status != "CANCELLED",
        )
        ids = list(session.scalars(printable.order_by(Order.id)))
        session.close()
        # No connection is shared with the children.
        host.runtime.db.engine.dispose()
        return ids


def _report_single(store: Store, ids: Sequence[int]) -> None:
    ours, papers, _ = _in_child(lambda: _print_each(store, ids))
    bare, _, _ = _in_child(lambda: _compile_each(papers))
    ratio = median(ours) / median(bare)
    print(f"PDF of an order, median of {len(ids)}")
    print(f"  plugin             {median(ours) * 1000:7.1f} ms")
    print(f"  bare compiler      {median(bare) * 1000:7.1f} ms")
    print(f"  ratio {ratio:.2f} (goal {GOAL})")


def _report_many(store: Store, ids: Sequence[int]) -> None:
    for kind in PrintKind:
        (seconds, size), _, memory = _in_child(lambda kind=kind: _print_all(store, ids, kind))  # type: ignore[misc]
        print(
            f"{len(ids)} orders in one job, {kind}: {seconds:.1f} s, "
            f"{size / 2**20:.1f} MB of PDF, peak memory {memory:.0f} MB"
        )


def _print_each(store: Store, ids: Sequence[int]) -> tuple[list[float], list[str]]:
    with store.opened() as host:
        seconds, papers = [], []
        for order_id in ids:
            took, made = _print(host, [order_id], PrintKind.A4)
            seconds.append(took)
            papers.append(made.paper or "")
        return seconds, papers


def _print_all(store: Store, ids: Sequence[int], kind: PrintKind) -> tuple[tuple[float, int], None]:
    with store.opened() as host:
        seconds, made = _print(host, ids, kind)
        assert made.document is not None, made.trouble
        return (seconds, len(made.document)), None


def _print(host: Host, ids: Sequence[int], kind: PrintKind) -> tuple[float, Print]:
    session, now = host.runtime.session, _now()
    asked = Print(kind=kind, order_ids=list(ids), state=PrintState.WAITING, created_at=now)
    session.add(asked)
    session.commit()
    print_id = asked.id
    session.rollback()
    started = perf_counter()
    make_print(session, Doors(host.runtime.shop, lambda *_: (), _now), print_id)
    return perf_counter() - started, session.get_one(Print, print_id)


def _compile_each(papers: Sequence[str]) -> tuple[list[float], None]:
    folder = resource_dir("templates") / "allegro" / "prints"
    compiler = typst.Compiler(root=str(folder), ignore_system_fonts=True)
    seconds = []
    for paper in papers:
        started = perf_counter()
        compiler.compile(str(folder / "a4.typ"), sys_inputs={"paper": paper}, format="pdf")
        seconds.append(perf_counter() - started)
    return seconds, None


def _in_child(measure: Callable[[], tuple[Any, Any]]) -> tuple[Any, Any, float]:
    """What was measured, what else came of it, and the process's highest memory in megabytes."""
    gc.collect()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            with os.fdopen(writing, "wb") as pipe:
                found = measure()
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                pickle.dump((*found, memory), pipe)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result: tuple[Any, Any, float] = pickle.load(pipe)
    os.waitpid(child, 0)
    return result


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
