"""Shops with many orders in them: a few hundred imported ones, repeated by the database itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from sqlalchemy import Table, bindparam, func, select, text, update
from sqlalchemy.orm import Session

from allegro_module.db.accounts import get_account
from allegro_module.db.orders import Order, StockBooking
from allegro_module.demo.models import Order as ShopOrder
from allegro_module.domain.orders import Flag
from allegro_module.sync.orders import import_orders
from bench.backlog_server import PATTERNS, a_backlog, render_patterns
from bench.server import Server, answering
from bench.stores import Store, a_store

FEW_ORDERS = 1_000
#: In every shop the same, so that pages are equally full: orders not yet packed, and those that need care.
OPEN = 300
WANTING = 80

# The ends of ids; `{id}` is the original's, `:step` how far apart the copies are.
UNIQUE_UUID = "substr({column}, 1, 24) || CAST(100000000000 + {id} + n * :step AS VARCHAR(12))"
NEW_ID = "{id} + n * :step"
#: By table: the column of the order's id, and what a copy has otherwise than its original.
COPIES = {
    cast(Table, Order.__table__): (
        "id",
        {
            "id": NEW_ID,
            "checkout_form_id": UNIQUE_UUID,
            "shop_order_id": "CAST(CAST(shop_order_id AS INTEGER) + n * :step AS VARCHAR(12))",
            "number": "'BL-' || CAST({id} + n * :step AS VARCHAR(12))",
            "buyer_id": "buyer_id || '-' || CAST(n AS VARCHAR(12))",
        },
    ),
    cast(Table, ShopOrder.__table__): (
        "id",
        {
            "id": NEW_ID,
            "checkout_form_id": UNIQUE_UUID,
            "number": "'BL-' || CAST({id} + n * :step AS VARCHAR(12))",
        },
    ),
    cast(Table, StockBooking.__table__): ("order_id", {"order_id": NEW_ID, "line_item_id": UNIQUE_UUID}),
}


@contextmanager
def histories(*counts: int, postgres: str = "") -> Iterator[tuple[list[Store], Server]]:
    """A store for each count of orders, and Allegro, which has nothing new for any of them."""
    rendered = render_patterns()
    with ExitStack() as open_ones:
        server = open_ones.enter_context(answering(a_backlog(rendered, PATTERNS)))
        stores = []
        for count in counts:
            home = open_ones.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
            store = open_ones.enter_context(a_store(Path(home), postgres, rendered, server.url))
            _import(store)
            _repeat(store, count)
            stores.append(store)
        yield stores, server


def _import(store: Store) -> None:
    with store.opened() as host:
        session, account = host.runtime.session, get_account(host.runtime.session, 1)
        api = host.runtime.api(account)
        outcome = import_orders(session, api, host.runtime.shop, account, lambda: datetime.now(UTC))
        assert outcome.placed == PATTERNS, outcome


def _repeat(store: Store, count: int) -> None:
    with store.opened() as host:
        session = host.runtime.session
        for table, (id_column, changes) in COPIES.items():
            _copy(session, table, id_column, changes, count // PATTERNS - 1)
            _take_stock(session, store)
        _spread(session)
        _take_stock(session, store)
        session.commit()


def _take_stock(session: Session, store: Store) -> None:
    """As PostgreSQL does by itself in time; until then it looks through whole tables for each foreign key."""
    if store.kind == "postgresql":
        session.execute(text("ANALYZE"))


def _copy(session: Session, table: Table, id_column: str, changes: dict[str, str], copies: int) -> None:
    names = table.columns.keys()
    values = [changes.get(name, name).format(id=id_column, column=name) for name in names]
    if copies:
        session.execute(
            text(
                "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < :copies) "
                f"INSERT INTO {table.name} ({', '.join(names)}) "
                f"SELECT {', '.join(values)} FROM copies CROSS JOIN {table.name}"
            ),
            {"copies": copies, "step": PATTERNS},
        )


def _spread(session: Session) -> None:
    """As shops are: the newest are open, some are cancelled, the rest has been sent; a few are odd."""
    last = session.scalar(select(func.max(Order.id))) or 0
    session.execute(update(Order).values(tab="sent", needs_attention=False, flags=[]))
    session.execute(update(Order).where(Order.id % 40 == 0).values(tab="cancelled"))
    session.execute(update(Order).where(Order.id > last - OPEN).values(tab="new"))
    session.execute(
        update(Order)
        .where(Order.id % bindparam("step") == 0)
        .values(needs_attention=True, flags=[Flag.UNMATCHED_LINE]),
        {"step": max(1, last // WANTING)},
    )
    session.execute(text("DELETE FROM allegro_tab_count"))
    for kept in ("tab", "'attention'"):
        condition = "WHERE needs_attention" if kept != "tab" else ""
        session.execute(
            text(
                "INSERT INTO allegro_tab_count (account_id, tab, orders) "
                f"SELECT account_id, {kept}, count(*) FROM allegro_order {condition} "
                "GROUP BY account_id" + (", tab" if kept == "tab" else "")
            )
        )
