"""Databases to import into: the demo shop's tables and ours, and the bare driver's way to fill them."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, Application
from allegro_module.db.cursors import Cursor
from allegro_module.db.offers import Offer
from allegro_module.demo import create_app
from allegro_module.demo.models import Product
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState
from allegro_module.runtime import Runtime
from allegro_module.schema import upgrade
from allegro_module.sealing import Seal
from bench.pages import SELLER, Rendered

KEY = Fernet.generate_key().decode()
#: What an import writes: tables, and the column that tells the rows of one order.
ORDER_TABLES = {
    "allegro_order": "id",
    "allegro_order_content": "order_id",
    "allegro_order_event": "order_id",
    "shop_order": "id",
    "shop_order_line": "order_id",
    "allegro_stock_booking": "order_id",
}
#: Tables of which each page of orders changes all rows.
SHARED_TABLES = ("shop_product", "allegro_tab_count")
#: Columns that hold the time of the run.
TIMES = {"imported_at"}
PAGE = 100

Row = tuple[Any, ...]
#: By table and page: the rows, with the columns they stand in.
ReadyMade = list[tuple[str, list[str], list[list[Row]]]]


@dataclass(frozen=True)
class Host:
    app: Flask
    runtime: Runtime


@dataclass(frozen=True)
class Store:
    """A database with an account, offers and products, and no order yet."""

    app: Flask
    url: str

    @property
    def kind(self) -> str:
        return make_url(self.url).get_backend_name()

    @contextmanager
    def opened(self) -> Iterator[Host]:
        runtime = self.app.extensions["allegro"]
        with self.app.app_context():
            yield Host(self.app, runtime)
            runtime.db.session.remove()

    def ready_made_rows(self) -> ReadyMade:
        """Everything an import has written, in pages of a hundred orders, without the time of the run."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            found = [
                _in_pages(connection, table, order_column) for table, order_column in ORDER_TABLES.items()
            ]
            found += [_in_pages(connection, table, None) for table in SHARED_TABLES]
        engine.dispose()
        return found

    @contextmanager
    def bare_writer(self, rows: Sequence[Any]) -> Iterator[Callable[[], None]]:
        """Writes the next page each time it is called, in a transaction of its own."""
        opened = _sqlite_writer if self.kind == "sqlite" else _postgres_writer
        with opened(self.url, list(rows)) as write:
            yield write


def _in_pages(
    connection: Any, table: str, order_column: str | None
) -> tuple[str, list[str], list[list[Row]]]:
    result = connection.execute(text(f"select * from {table} order by 1, 2"))
    names = list(result.keys())
    pages: dict[int, list[Row]] = defaultdict(list)
    for row in result:
        values = tuple(
            None if name in TIMES else _plain(value) for name, value in zip(names, row, strict=True)
        )
        page = (row._mapping[order_column] - 1) // PAGE if order_column else 0
        pages[page].append(values)
    return table, names, [pages[number] for number in range(max(pages, default=-1) + 1)]


def _plain(value: Any) -> Any:
    """As the bare driver takes it: psycopg reads JSON into lists and does not write them back."""
    return json.dumps(value) if isinstance(value, list | dict) else value


@contextmanager
def _sqlite_writer(url: str, rows: ReadyMade) -> Iterator[Callable[[], None]]:
    plan = _plan(rows, "?")
    with closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

        def write() -> None:
            page = next(plan, [])
            connection.execute("BEGIN")
            for statement, values in page:
                connection.executemany(statement, values)
            connection.execute("COMMIT")

        yield write


@contextmanager
def _postgres_writer(url: str, rows: ReadyMade) -> Iterator[Callable[[], None]]:
    plan = _plan(rows, "%s")
    bare = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(bare) as connection:

        def write() -> None:
            for statement, values in next(plan, []):
                with connection.cursor() as cursor:
                    if not statement.startswith("COPY"):
                        cursor.executemany(statement, values)
                        continue
                    with cursor.copy(statement) as copy:
                        for row in values:
                            copy.write_row(row)
            connection.commit()

        yield write


def _plan(rows: ReadyMade, mark: str) -> Iterator[list[tuple[str, list[Row]]]]:
    """The statements of each page: orders, lines, bookings, stock of what was sold, tabs, the cursor."""
    orders = [(table, names, pages) for table, names, pages in rows if table in ORDER_TABLES]
    shared = {table: (names, pages[0]) for table, names, pages in rows if table in SHARED_TABLES}
    levels = _values(*shared["shop_product"], "stock", "sku")
    counts = _values(*shared["allegro_tab_count"], "account_id", "tab", "orders")
    count = (
        f"INSERT INTO allegro_tab_count (account_id, tab, orders) VALUES ({mark}, {mark}, {mark})"
        " ON CONFLICT (account_id, tab) DO UPDATE SET orders = excluded.orders"
    )
    for number in range(max(len(pages) for _, _, pages in orders)):
        page = [
            (_insert(table, names, mark), _with_times(names, pages[number]))
            for table, names, pages in orders
            if number < len(pages)
        ]
        page.append((f"UPDATE shop_product SET stock = {mark} WHERE sku = {mark}", levels))
        page.append((count, counts))
        page.append((f"UPDATE allegro_cursor SET position = {mark} WHERE id = {mark}", [(str(number), 1)]))
        yield page


def _values(names: Sequence[str], rows: Sequence[Row], *wanted: str) -> list[Row]:
    places = [names.index(name) for name in wanted]
    return [tuple(row[place] for place in places) for row in rows]


def _insert(table: str, names: Sequence[str], mark: str) -> str:
    if mark == "%s":
        return f"COPY {table} ({', '.join(names)}) FROM STDIN"
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(mark for _ in names)})"


def _with_times(names: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    return [
        tuple(now if name in TIMES else value for name, value in zip(names, row, strict=True)) for row in rows
    ]


@contextmanager
def a_store(home: Path, postgres: str, rendered: Rendered, simulator_url: str) -> Iterator[Store]:
    """Gone afterwards."""
    with a_database(home, postgres) as url:
        app = create_app(
            {
                "SHOP_HOME": str(home),
                "SHOP_DATABASE_URL": url,
                "ALLEGRO_ENCRYPTION_KEYS": KEY,
                "ALLEGRO_SIMULATOR_URL": simulator_url,
            }
        )
        store = Store(app, url)
        with store.opened() as host:
            upgrade(host.runtime.db.engine)
            _fill(host.runtime.session, rendered)
        yield store
        with app.app_context():
            app.extensions["allegro"].db.engine.dispose()


@contextmanager
def a_database(home: Path, postgres: str) -> Iterator[str]:
    if not postgres:
        yield f"sqlite:///{home / 'shop.sqlite3'}"
        return
    name = f"bench_{uuid4().hex[:12]}"
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def a_linked_account(seller_id: str, access: str, refresh: str, expires_at: datetime) -> Account:
    now, seal = datetime.now(UTC), Seal([KEY])
    application = Application(
        environment="simulator",
        client_id="demo-client-id",
        sealed_client_secret=seal.close("demo-client-secret"),
        created_at=now,
        changed_at=now,
    )
    return Account(
        application=application,
        environment="simulator",
        alias="BL",
        login=SELLER,
        seller_id=seller_id,
        state=LinkState.CONNECTED,
        sealed_access_token=seal.close(access),
        sealed_refresh_token=seal.close(refresh),
        token_expires_at=expires_at,
        created_at=now,
    )


def _fill(session: Session, rendered: Rendered) -> None:
    """A linked account, and an offer of ours for each that was sold, spread over the shop's products."""
    now = datetime.now(UTC)
    account = a_linked_account(rendered.seller_id, "x", "never asked for", now + timedelta(hours=12))
    session.add(account)
    session.flush()
    session.add(Cursor(account_id=account.id, started_at=now - timedelta(days=365)))
    skus = session.scalars(select(Product.sku).order_by(Product.sku)).all()
    for number, (offer_id, external_id) in enumerate(rendered.offers):
        session.add(
            Offer(
                account_id=account.id,
                sku=skus[number % len(skus)],
                external_id=external_id,
                allegro_offer_id=offer_id,
                state=OfferState.ACTIVE,
                state_since=now,
                created_at=now,
                changed_at=now,
            )
        )
    session.commit()
