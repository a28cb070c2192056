"""The list of orders: its pages with few orders stored, and with very many; what they ask the database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from time import perf_counter, process_time

from flask.testing import FlaskClient
from sqlalchemy import event

from bench.histories import FEW_ORDERS, histories
from bench.import_orders import SHOPS_TABLES
from bench.sizes import sizes
from bench.stores import Store

ADDRESS = "/backend/allegro/config/orders"
PAGES = {
    "tab new": "?tab=new",
    "tab sent": "?tab=sent",
    "tab attention": "?tab=attention",
    "tab all": "?tab=all",
    "search, found": "?tab=all&q=BL-{last}",
    "search, nothing": "?tab=all&q=nothing+of+the+kind",
}
RUNS = 15
#: Of the tabs; a search looks at the text of every order.
GOAL = 1.5
MOST_STATEMENTS = 5
#: What every page of ours asks for its frame.
HEAD = re.compile(r"from allegro_application", re.IGNORECASE)


def main() -> None:
    given = sizes(__doc__, "history")
    for postgres in ("", *filter(None, [given.postgres])):
        with histories(FEW_ORDERS, given.history, postgres=postgres) as (stores, _):
            measure(stores, (FEW_ORDERS, given.history))


def measure(stores: Sequence[Store], counts: tuple[int, int]) -> None:
    clients = [logged_in(store) for store in stores]
    print(f"list of orders, {stores[0].kind}, {counts[0]} and {counts[1]} orders, median of {RUNS}")
    for name, query in PAGES.items():
        addresses = [ADDRESS + query.format(last=count) for count in counts]
        for client, address in zip(clients, addresses, strict=True):
            get(client, address)
        turns = list(zip(clients, addresses, strict=True))
        times = [[get(client, address) for client, address in turns] for _ in range(RUNS)]
        with counted(stores[1]) as statements:
            get(*turns[1])
        _report(name, times, statements)


def _report(name: str, times: Sequence[Sequence[tuple[float, float]]], statements: Sequence[str]) -> None:
    few, many = (median(turn[place][0] for turn in times) for place in (0, 1))
    few_cpu, many_cpu = (median(turn[place][1] for turn in times) for place in (0, 1))
    shops = sum(SHOPS_TABLES.search(statement) is not None for statement in statements)
    head = sum(HEAD.search(statement) is not None for statement in statements)
    goal = "" if "q=" in PAGES[name] else f" (goal {GOAL})"
    print(
        f"  {name:18}{few * 1000:6.0f} and {many * 1000:6.0f} ms, ratio {many / few:.2f}{goal}, "
        f"by processor time {many_cpu / few_cpu:.2f}; statements {len(statements) - shops - head} "
        f"(goal {MOST_STATEMENTS}), head {head}, shop {shops}"
    )


def logged_in(store: Store) -> FlaskClient:
    client = store.app.test_client()
    with client.session_transaction() as session:
        session["user"] = "admin"
    return client


def get(client: FlaskClient, address: str) -> tuple[float, float]:
    started, cpu_started = perf_counter(), process_time()
    answer = client.get(address)
    seconds = perf_counter() - started, process_time() - cpu_started
    assert answer.status_code == 200, answer.status
    return seconds


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    statements: list[str] = []
    with store.opened() as host:
        engine = host.runtime.db.engine

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


if __name__ == "__main__":
    main()
