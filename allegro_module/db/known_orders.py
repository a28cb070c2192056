"""What the import knows of orders it has seen, read and written a page at a time: columns, not objects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, func, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Update

from allegro_module.db.among import among
from allegro_module.db.base import upsert
from allegro_module.db.bulk import insert_rows
from allegro_module.db.orders import Order, OrderContent
from allegro_module.domain.orders import FormStatus, Tab

_ORDERS = cast(Table, Order.__table__)
_CONTENTS = cast(Table, OrderContent.__table__)
_NEXT_IDS = text(
    "SELECT nextval(pg_get_serial_sequence('allegro_order', 'id')) FROM generate_series(1, :count)"
)


class KnownOrder(NamedTuple):
    """What deciding about a form needs of its row: columns, as a page has a hundred of them."""

    id: int
    checkout_form_id: str
    shop_order_id: str | None
    number: str
    revision: str
    status: str
    fulfillment_status: str
    is_paid: bool
    buyer_id: str
    superseded_by: str | None
    line_item_ids: Sequence[str]
    changed_at: datetime | None
    bought_at: datetime
    tab: str
    needs_attention: bool
    flags: Sequence[str]
    cancelled_by: str
    fulfillment_set_at: datetime | None
    held_until: datetime | None
    shipments: int
    seller_note: str
    edits: Mapping[str, str]


# Made once, and of tables: every page asks them, and SQLAlchemy takes longer over a new statement than the
# database over its answer.
_COLUMNS = select(*(_ORDERS.c[name] for name in KnownOrder._fields))
_KNOWN = _COLUMNS.where(_ORDERS.c.account_id == bindparam("account_id"))
_KNOWN_BY_FORM = _KNOWN.where(among(_ORDERS.c.checkout_form_id, "form_ids"))
# The sum keeps SQLite from looking through all orders of the account for those of the ids.
_KNOWN_BY_ID = _COLUMNS.where(among(_ORDERS.c.id, "ids"), _ORDERS.c.account_id + 0 == bindparam("account_id"))
_LOCKED_BY_ID = _KNOWN_BY_ID.order_by(_ORDERS.c.id).with_for_update()
#: Purchases that are paid together are one buyer's.
_UNPAID = _KNOWN.where(
    _ORDERS.c.tab == Tab.UNPAID,
    among(_ORDERS.c.buyer_id, "buyer_ids"),
    _ORDERS.c.shop_order_id.is_(None),
)
_LAST_ID = select(func.max(_ORDERS.c.id))


def known_orders(session: Session, account_id: int, form_ids: Collection[str]) -> dict[str, KnownOrder]:
    """One query for a page of forms."""
    rows = session.connection().execute(
        _KNOWN_BY_FORM, {"account_id": account_id, "form_ids": list(form_ids)}
    )
    return {row.checkout_form_id: KnownOrder(*row) for row in rows}


def locked_orders(session: Session, account_id: int, ids: Collection[int]) -> dict[str, KnownOrder]:
    """The same by id, kept from everybody else until the transaction ends; nothing where the writer is alone.

    On SQLite whoever has written holds the whole file.
    """
    if not ids or session.get_bind().dialect.name != "postgresql":
        return {}
    rows = session.connection().execute(_LOCKED_BY_ID, {"account_id": account_id, "ids": list(ids)})
    return {row.checkout_form_id: KnownOrder(*row) for row in rows}


def list_relatives(
    session: Session, account_id: int, buyer_ids: Collection[str], booked_by: Collection[int]
) -> list[KnownOrder]:
    """Orders that may hold lines of forms just read: the buyers' unpaid ones, and who booked the lines."""
    connection = session.connection()
    rows = list(connection.execute(_UNPAID, {"account_id": account_id, "buyer_ids": list(buyer_ids)}))
    if booked_by:
        rows += connection.execute(_KNOWN_BY_ID, {"account_id": account_id, "ids": list(booked_by)})
    return list({row.id: KnownOrder(*row) for row in rows}.values())


def reserve_order_ids(session: Session, count: int) -> Sequence[int]:
    """Ids for rows about to be added: an order's number is made of its id, and the shop wants it first.

    On SQLite the transaction must have written before, so that nobody else adds rows meanwhile.
    """
    if session.get_bind().dialect.name == "postgresql":
        return session.scalars(_NEXT_IDS, {"count": count}).all()
    last = session.connection().scalar(_LAST_ID) or 0
    return range(last + 1, last + 1 + count)


def add_orders(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """All columns, the id among them."""
    insert_rows(session, _ORDERS, rows)


def add_contents(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Of orders that have none yet."""
    insert_rows(session, _CONTENTS, rows)


def renew_contents(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    upsert(session, OrderContent, ["order_id"], rows)


def change_order_rows(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Each row names `of_id` and values for the same columns."""
    if rows:
        session.connection().execute(_update_of(tuple(rows[0])), list(rows))


@lru_cache(maxsize=20)
def _update_of(names: tuple[str, ...]) -> Update:
    statement = update(_ORDERS).where(_ORDERS.c.id == bindparam("of_id"))
    return statement.values({name: bindparam(name) for name in names if name != "of_id"})


def placed_forms(session: Session, account_id: int, since: datetime, until: datetime) -> Sequence[str]:
    """Orders to be fulfilled that the shop has, bought in the span."""
    return session.scalars(
        select(Order.checkout_form_id).where(
            Order.account_id == account_id,
            Order.bought_at.between(since, until),
            Order.shop_order_id.is_not(None),
            Order.superseded_by.is_(None),
            Order.status == FormStatus.READY_FOR_PROCESSING,
        )
    ).all()
