"""Order: a checkout form and the shop order made of it; stock moves that happen once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    JSON,
    Executable,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.among import among
from allegro_module.db.base import Amount, Base, BigKey, UtcDateTime
from allegro_module.db.bulk import insert_rows
from allegro_module.domain.orders import ATTENTION, needs_attention


class Order(Base):
    """What we remember of a checkout form; the order itself is the shop's."""

    __tablename__ = "allegro_order"
    __table_args__ = (
        UniqueConstraint("account_id", "checkout_form_id"),
        Index("ix_allegro_order_shop_order_id", "shop_order_id"),
        # The list by tabs; unpaid purchases, few among all orders, are looked for with every page.
        Index("ix_allegro_order_tab", "tab", "id"),
        Index("ix_allegro_order_buyer_id", "buyer_id"),
        Index(
            "ix_allegro_order_attention",
            "id",
            sqlite_where=text("needs_attention"),
            postgresql_where=text("needs_attention"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    checkout_form_id: Mapped[str] = mapped_column(String(255))
    #: Empty until the shop order is made (READY_FOR_PROCESSING).
    shop_order_id: Mapped[str | None] = mapped_column(String(255))
    number: Mapped[str] = mapped_column(String(40), default="")
    revision: Mapped[str] = mapped_column(String(255), default="")
    status: Mapped[str] = mapped_column(String(30))
    fulfillment_status: Mapped[str] = mapped_column(String(30), default="")
    #: When our own write of it succeeded: Allegro may show the old one for a moment (#9819).
    fulfillment_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    marketplace: Mapped[str] = mapped_column(String(255), default="")
    #: Where the order stands in the list (`domain.orders.Tab`), kept so that tabs are counted by difference.
    tab: Mapped[str] = mapped_column(String(12), default="")
    needs_attention: Mapped[bool] = mapped_column(default=False)
    buyer_id: Mapped[str] = mapped_column(String(64), default="")
    buyer_login: Mapped[str] = mapped_column(String(255), default="")
    buyer_name: Mapped[str] = mapped_column(String(255), default="")
    #: Lower-case text that the search field looks through: login, names, signatures.
    search: Mapped[str] = mapped_column(String(500), default="")
    payment_type: Mapped[str] = mapped_column(String(255), default="")
    is_paid: Mapped[bool] = mapped_column(default=False)
    delivery_method: Mapped[str] = mapped_column(String(255), default="")
    pickup_point: Mapped[str] = mapped_column(String(255), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    #: Until when the parcel is to be sent.
    dispatch_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: `BY_SELLER` or `BY_ALLEGRO` (One Fulfillment).
    provider: Mapped[str] = mapped_column(String(20), default="")
    is_smart: Mapped[bool] = mapped_column(default=False)
    wants_invoice: Mapped[bool] = mapped_column(default=False)
    has_deposit: Mapped[bool] = mapped_column(default=False)
    pieces: Mapped[int] = mapped_column(default=0)
    #: The buyer's message, as far as the list shows it.
    message: Mapped[str] = mapped_column(String(300), default="")
    total: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    #: What the seller should look at: "sum_differs", "unmatched_line", …
    flags: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: By them a form is known again when purchases are paid together under a new id (facts.md 5.1).
    line_item_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: The form that this one was paid together with, when it was left behind.
    superseded_by: Mapped[str | None] = mapped_column(String(255))
    cancelled_by: Mapped[str] = mapped_column(String(10), default="")
    #: Until then the buyer may cancel whatever the seller does (facts.md F12), so nothing is packed.
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bought_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)

    # The seller's own.
    #: *Wstrzymaj wysyłkę*: why; empty: not held.
    held_because: Mapped[str] = mapped_column(String(255), default="")
    caretaker: Mapped[str] = mapped_column(String(100), default="")
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    is_settled: Mapped[bool] = mapped_column(default=False)
    seller_note: Mapped[str] = mapped_column(String(1000), default="")
    #: See `domain/order_edits.py`: name → value.
    edits: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    invoice_number: Mapped[str] = mapped_column(String(50), default="")
    ksef_number: Mapped[str] = mapped_column(String(50), default="")
    shipments: Mapped[int] = mapped_column(default=0)


class OrderContent(Base):
    """The checkout form as read last, in Allegro's own JSON; apart, so that lists stay small."""

    __tablename__ = "allegro_order_content"

    order_id: Mapped[int] = mapped_column(BigKey, ForeignKey(Order.id), primary_key=True)
    form: Mapped[str] = mapped_column(Text)


class LineMark(Base):
    """What the seller did with a line: the product he assigned, when it was picked and by whom."""

    __tablename__ = "allegro_line_mark"

    order_id: Mapped[int] = mapped_column(BigKey, ForeignKey(Order.id), primary_key=True)
    line_item_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    sku: Mapped[str] = mapped_column(String(255), default="")
    picked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    picked_by: Mapped[str] = mapped_column(String(100), default="")


class TabCount(Base):
    """How many orders stand in a tab (or need attention), changed with the orders and never counted anew.

    `tab` is a `domain.orders.Tab` or `ATTENTION`.
    """

    __tablename__ = "allegro_tab_count"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    tab: Mapped[str] = mapped_column(String(12), primary_key=True)
    orders: Mapped[int] = mapped_column(default=0)


class StockBooking(Base):
    """The pair (line item, kind) is the key: a stock move happens once, whatever is replayed."""

    __tablename__ = "allegro_stock_booking"

    line_item_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    order_id: Mapped[int] = mapped_column(BigKey, ForeignKey(Order.id), index=True)
    sku: Mapped[str] = mapped_column(String(255))
    quantity: Mapped[int]


_ORDERS = cast(Table, Order.__table__)
_BOOKINGS = cast(Table, StockBooking.__table__)


class Booking(NamedTuple):
    """A stock move that has happened."""

    line_item_id: str
    kind: str
    sku: str
    quantity: int
    order_id: int


# Made once, and of tables: every page asks them, and SQLAlchemy takes longer over a new statement than the
# database over its answer.
_CONTENTS = cast(Table, OrderContent.__table__)
_MARKS = cast(Table, LineMark.__table__)
_BOOKINGS_OF_LINES = select(*(_BOOKINGS.c[name] for name in Booking._fields)).where(
    among(_BOOKINGS.c.line_item_id, "line_item_ids")
)
_CONTENTS_OF = select(_CONTENTS.c.order_id, _CONTENTS.c.form).where(among(_CONTENTS.c.order_id, "ids"))
_ASSIGNED = select(_MARKS.c.line_item_id, _MARKS.c.sku).where(
    among(_MARKS.c.order_id, "ids"), _MARKS.c.sku != ""
)
_SWALLOWED = select(_ORDERS.c.superseded_by, _ORDERS.c.checkout_form_id).where(
    among(_ORDERS.c.superseded_by, "form_ids")
)


def list_bookings(session: Session, line_item_ids: Collection[str]) -> list[Booking]:
    rows = session.connection().execute(_BOOKINGS_OF_LINES, {"line_item_ids": list(line_item_ids)})
    return [Booking(*row) for row in rows]


def forms_of(session: Session, order_ids: Collection[int]) -> dict[int, str]:
    """The checkout forms as they are kept, by order; those of which nothing is kept are left out."""
    if not order_ids:
        return {}
    rows = session.connection().execute(_CONTENTS_OF, {"ids": list(order_ids)})
    return {row[0]: row[1] for row in rows}


def assigned_skus(session: Session, order_ids: Collection[int]) -> dict[str, str]:
    """What the seller assigned, by line item."""
    if not order_ids:
        return {}
    rows = session.connection().execute(_ASSIGNED, {"ids": list(order_ids)})
    return {row[0]: row[1] for row in rows}


def swallowed_forms(session: Session, form_ids: Collection[str]) -> dict[str, list[str]]:
    """Which forms were left behind for these."""
    found: dict[str, list[str]] = {}
    for winner, loser in session.connection().execute(_SWALLOWED, {"form_ids": list(form_ids)}):
        found.setdefault(winner, []).append(loser)
    return found


def add_bookings(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    insert_rows(session, _BOOKINGS, rows)


def orders_by_form_id(session: Session, account_id: int, form_ids: Collection[str]) -> dict[str, Order]:
    """One query for a page of forms."""
    rows = session.scalars(
        select(Order).where(Order.account_id == account_id, Order.checkout_form_id.in_(form_ids))
    )
    return {row.checkout_form_id: row for row in rows}


def list_orders_by_id(session: Session, ids: Collection[int]) -> Sequence[Order]:
    """In the order of their ids; those that do not exist are left out."""
    if not ids:
        return []
    return session.scalars(select(Order).where(Order.id.in_(ids)).order_by(Order.id)).all()


def find_order_by_shop_order(session: Session, shop_order_id: str) -> Order | None:
    return session.scalars(select(Order).where(Order.shop_order_id == shop_order_id)).first()


def list_orders(session: Session, before_id: int | None, limit: int) -> Sequence[Order]:
    """Newest first; `before_id` asks for the next page."""
    statement = select(Order).where(Order.superseded_by.is_(None))
    if before_id is not None:
        statement = statement.where(Order.id < before_id)
    return session.scalars(statement.order_by(Order.id.desc()).limit(limit)).all()


def put_in_tab(session: Session, order: Order, tab: str, flags: Sequence[str]) -> None:
    """Set where the order stands and what is unusual about it; the counts of the tabs follow."""
    # Whoever changes it as well must not be counted from where it stood before.
    session.flush()
    session.refresh(order, ["tab", "needs_attention"], with_for_update=True)
    before = counted_in(order.tab, order.needs_attention)
    order.tab, order.flags = tab, list(flags)
    order.needs_attention = needs_attention(tab, flags)
    after = counted_in(order.tab, order.needs_attention)
    change_tab_counts(
        session,
        order.account_id,
        {each: (each in after) - (each in before) for each in before ^ after},
    )


def counted_in(tab: str, needs_attention: bool) -> set[str]:
    """The counts that an order is part of."""
    if not tab:
        return set()
    return {tab, ATTENTION} if needs_attention else {tab}


def change_tab_counts(session: Session, account_id: int, changes: Mapping[str, int]) -> None:
    """Add the differences. Rows in one order, so that two writers never wait for each other in a circle."""
    rows = [{"account_id": account_id, "tab": tab, "orders": by} for tab, by in sorted(changes.items()) if by]
    if not rows:
        return
    session.connection().execute(_add_counts(session.get_bind().dialect.name), rows)


@cache
def _add_counts(dialect: str) -> Executable:
    counts = cast(Table, TabCount.__table__)
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(counts)
    return statement.on_conflict_do_update(
        index_elements=["account_id", "tab"],
        set_={"orders": counts.c.orders + statement.excluded.orders},
    )


def tab_counts(session: Session, account_ids: Collection[int] | None = None) -> dict[str, int]:
    """Orders by tab, of these accounts or of all."""
    statement = select(TabCount.tab, func.sum(TabCount.orders)).group_by(TabCount.tab)
    if account_ids is not None:
        statement = statement.where(TabCount.account_id.in_(account_ids))
    return {tab: int(count) for tab, count in session.execute(statement)}


def count_orders(session: Session, account_id: int | None = None) -> int:
    statement = select(func.count()).select_from(Order).where(Order.shop_order_id.is_not(None))
    if account_id is not None:
        statement = statement.where(Order.account_id == account_id)
    return session.scalar(statement) or 0
