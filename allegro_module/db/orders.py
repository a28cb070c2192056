"""Order: a checkout form and the shop order made of it; stock moves that happen once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Amount, Base, BigKey, UtcDateTime


class Order(Base):
    """What we remember of a checkout form; the order itself is the shop's."""

    __tablename__ = "allegro_order"
    __table_args__ = (
        UniqueConstraint("account_id", "checkout_form_id"),
        Index("ix_allegro_order_shop_order_id", "shop_order_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    checkout_form_id: Mapped[str] = mapped_column(String(36))
    #: Empty until the shop order is made (READY_FOR_PROCESSING).
    shop_order_id: Mapped[str | None] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(40), default="")
    revision: Mapped[str] = mapped_column(String(20), default="")
    status: Mapped[str] = mapped_column(String(30))
    fulfillment_status: Mapped[str] = mapped_column(String(30), default="")
    marketplace: Mapped[str] = mapped_column(String(32), default="")
    buyer_login: Mapped[str] = mapped_column(String(128), default="")
    payment_type: Mapped[str] = mapped_column(String(30), default="")
    is_paid: Mapped[bool] = mapped_column(default=False)
    delivery_method: Mapped[str] = mapped_column(String(200), default="")
    total: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    #: What the seller should look at: "sum_differs", "unmatched_line", …
    flags: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: The form that this one was paid together with, when it was left behind.
    superseded_by: Mapped[str | None] = mapped_column(String(36))
    bought_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StockBooking(Base):
    """The pair (line item, kind) is the key: a stock move happens once, whatever is replayed."""

    __tablename__ = "allegro_stock_booking"

    line_item_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    order_id: Mapped[int] = mapped_column(BigKey, ForeignKey(Order.id), index=True)
    sku: Mapped[str] = mapped_column(String(100))
    quantity: Mapped[int]


def orders_by_form_id(session: Session, account_id: int, form_ids: Collection[str]) -> dict[str, Order]:
    """One query for a page of forms."""
    rows = session.scalars(
        select(Order).where(Order.account_id == account_id, Order.checkout_form_id.in_(form_ids))
    )
    return {row.checkout_form_id: row for row in rows}


def find_order_by_shop_order(session: Session, shop_order_id: str) -> Order | None:
    return session.scalars(select(Order).where(Order.shop_order_id == shop_order_id)).first()


def list_orders(session: Session, before_id: int | None, limit: int) -> Sequence[Order]:
    """Newest first; `before_id` asks for the next page."""
    statement = select(Order).where(Order.superseded_by.is_(None))
    if before_id is not None:
        statement = statement.where(Order.id < before_id)
    return session.scalars(statement.order_by(Order.id.desc()).limit(limit)).all()


def count_orders(session: Session, account_id: int | None = None) -> int:
    statement = select(func.count()).select_from(Order).where(Order.shop_order_id.is_not(None))
    if account_id is not None:
        statement = statement.where(Order.account_id == account_id)
    return session.scalar(statement) or 0
