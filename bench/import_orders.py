"""Importing 2,000 orders: the plugin and the demo shop, against http.client, msgspec and the bare driver.

Both sides read the same pages from the same server and write the same rows into the same tables, the shop's
included. The floor has its rows ready-made: it fetches, decodes and stores, a hundred in a transaction.
"""

from __future__ import annotations

import gc
import http.client
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import msgspec
import psycopg
from sqlalchemy import event

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.client.orders import OrderEvent
from allegro_module.db.accounts import get_account
from allegro_module.sync.orders import ImportOutcome, import_orders, reconcile_orders
from bench.pages import AGENT, PUBLIC, Rendered, render
from bench.server import Server, serving
from bench.sizes import sizes
from bench.stores import Host, Store, a_store

ORDERS = 2000
RUNS = 3
#: The highest ratio to the floor that we accept.
GOAL = {"sqlite": 1.6, "postgresql": 2.3}


SHOPS_TABLES = re.compile(r"(?:from|into|update|copy) shop_", re.IGNORECASE)


class EventPage(msgspec.Struct):
    events: list[OrderEvent]


class FormPage(msgspec.Struct, rename="camel"):
    checkout_forms: list[CheckoutForm]


@dataclass(frozen=True)
class Measured:
    """One run of one side."""

    seconds: float
    cpu_seconds: float
    server_seconds: float
    requests: int
    statements: int = 0
    shop_statements: int = 0


def main() -> None:
    given = sizes(__doc__)
    rendered = render(ORDERS)
    with serving(rendered.pages) as server:
        for url in ["", *filter(None, [given.postgres])]:
            _measure(ORDERS, rendered, server, url)


def _measure(orders: int, rendered: Rendered, server: Server, postgres: str) -> None:
    plugin, again, floor = [], [], []
    for _ in range(RUNS):
        with _a_home() as home, a_store(home, postgres, rendered, server.url) as store:
            plugin.append(_run_plugin(store, server, import_orders))
            again.append(_run_plugin(store, server, reconcile_orders))
            kind, rows = store.kind, store.ready_made_rows()
        with _a_home() as home, a_store(home, postgres, rendered, server.url) as store:
            floor.append(_run_floor(store, server, rendered, rows))
            assert store.ready_made_rows() == rows, "the floor wrote something else"
    _report(orders, kind, plugin, again, floor)


Flow = Callable[..., ImportOutcome]


def _run_plugin(store: Store, server: Server, flow: Flow) -> Measured:
    with store.opened() as host, _counted(host) as statements:
        account = get_account(host.runtime.session, 1)
        api = host.runtime.api(account)
        server.used()
        _settle_down()
        started, cpu_started = perf_counter(), process_time()
        outcome = flow(host.runtime.session, api, host.runtime.shop, account, lambda: datetime.now(UTC))
        seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    assert outcome.is_complete, outcome
    requests, server_seconds = server.used()
    shops = sum(SHOPS_TABLES.search(statement) is not None for statement in statements)
    return Measured(seconds, cpu_seconds, server_seconds, requests, len(statements) - shops, shops)


def _run_floor(store: Store, server: Server, rendered: Rendered, rows: Sequence[object]) -> Measured:
    with store.bare_writer(rows) as write:
        server.used()
        _settle_down()
        started, cpu_started = perf_counter(), process_time()
        with _http(server.url) as get:
            for target in rendered.order:
                if target.startswith("/order/events"):
                    msgspec.json.decode(get(target), type=EventPage)
                else:
                    msgspec.json.decode(get(target), type=FormPage)
                    write()
        seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    requests, server_seconds = server.used()
    return Measured(seconds, cpu_seconds, server_seconds, requests)


def _settle_down() -> None:
    """As in a worker's fork: what was there before (here the bench's orders) is not looked through."""
    gc.collect()
    gc.freeze()


@contextmanager
def _http(url: str) -> Iterator[Callable[[str], bytes]]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    headers = {"Accept": PUBLIC, "User-Agent": AGENT, "Authorization": "Bearer x"}

    def get(target: str) -> bytes:
        connection.request("GET", target, headers=headers)
        return connection.getresponse().read()

    yield get
    connection.close()


@contextmanager
def _counted(host: Host) -> Iterator[list[str]]:
    statements: list[str] = []
    engine = host.runtime.db.engine

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    copy = psycopg.Cursor.copy

    def note_copy(cursor: psycopg.Cursor[Any], statement: str) -> Any:
        statements.append(statement)
        return copy(cursor, statement)

    event.listen(engine, "before_cursor_execute", note)
    # SQLAlchemy knows nothing of COPY.
    with patch.object(psycopg.Cursor, "copy", note_copy):
        yield statements
    event.remove(engine, "before_cursor_execute", note)


@contextmanager
def _a_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield Path(folder)


def _report(
    orders: int, kind: str, plugin: Sequence[Measured], again: Sequence[Measured], floor: Sequence[Measured]
) -> None:
    ratio = median(run.seconds for run in plugin) / median(run.seconds for run in floor)
    cpu_ratio = median(run.cpu_seconds for run in plugin) / median(run.cpu_seconds for run in floor)
    repeat = median(run.seconds for run in again) / median(run.seconds for run in plugin)
    pages = -(-orders // 100)
    one = plugin[0]
    print(f"import of {orders} orders, {kind}, median of {RUNS}")
    for name, runs in (("plugin", plugin), ("floor", floor), ("unchanged, plugin", again)):
        print(f"  {name:18}{_line(runs, orders)}")
    print(f"  ratio to the floor {ratio:.2f} (goal {GOAL[kind]}), by processor time {cpu_ratio:.2f}")
    print(f"  all unchanged / first import {repeat:.2f}")
    print(
        f"  requests {one.requests}; statements per page of 100: "
        f"{one.statements / pages:.1f} ours, {one.shop_statements / pages:.1f} the shop's"
    )


def _line(runs: Sequence[Measured], orders: int) -> str:
    seconds = median(run.seconds for run in runs)
    share = median(run.server_seconds / run.seconds for run in runs)
    each = timedelta(seconds=seconds) / orders
    return f"{seconds * 1000:7.0f} ms, {each.microseconds:4} µs an order, the server's share {share:.0%}"


if __name__ == "__main__":
    main()
