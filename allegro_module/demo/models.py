"""Models: the shop's own tables, as any shop has them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    String,
    Text,
    false,
    or_,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(metadata=Base.metadata)


class Price(TypeDecorator[Decimal]):
    """An amount kept as whole hundredths: SQLite has no decimals and would round in floats."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        hundredths = value * 100
        whole = int(hundredths)
        if hundredths != whole:
            raise ValueError(f"{value} has more than two decimals")
        return whole

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC: SQLite forgets time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Category(Base):
    __tablename__ = "shop_category"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class Product(Base):
    """`reserved` pieces are promised to orders; what can be sold is `stock - reserved`."""

    __tablename__ = "shop_product"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    category_id: Mapped[str] = mapped_column(ForeignKey("shop_category.id"), index=True)
    brand: Mapped[str] = mapped_column(String(80), default="")
    gtin: Mapped[str | None] = mapped_column(String(14))
    mpn: Mapped[str | None] = mapped_column(String(40))
    price: Mapped[Decimal] = mapped_column(Price)
    purchase_price: Mapped[Decimal | None] = mapped_column(Price)
    vat_rate: Mapped[int] = mapped_column(default=23)
    stock: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    weight_grams: Mapped[int | None]
    attributes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    description: Mapped[str] = mapped_column(Text, default="")

    category: Mapped[Category] = relationship()
    images: Mapped[list[ProductImage]] = relationship(
        order_by="ProductImage.position", cascade="all, delete-orphan"
    )

    @property
    def available(self) -> int:
        return self.stock - self.reserved


def matches(text: str) -> ColumnElement[bool]:
    """Products whose name, SKU or EAN contains the text."""
    columns = (Product.name, Product.sku, Product.gtin)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


class ProductImage(Base):
    __tablename__ = "shop_product_image"

    product_id: Mapped[int] = mapped_column(ForeignKey("shop_product.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)


class Order(Base):
    """An order; `checkout_form_id` is unique, so an Allegro order can be placed only once.

    Addresses are kept as they would be printed, one line under the other.
    """

    __tablename__ = "shop_order"

    id: Mapped[int] = mapped_column(primary_key=True)
    checkout_form_id: Mapped[str] = mapped_column(String(255), unique=True)
    number: Mapped[str] = mapped_column(String(255), index=True)
    source: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(20), index=True)
    status_note: Mapped[str] = mapped_column(Text, default="")
    bought_at: Mapped[datetime] = mapped_column(Moment)
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[Decimal] = mapped_column(Price)
    to_collect: Mapped[Decimal | None] = mapped_column(Price)

    buyer_id: Mapped[str] = mapped_column(String(255))
    buyer_login: Mapped[str] = mapped_column(String(255))
    buyer_name: Mapped[str] = mapped_column(String(255))
    buyer_email: Mapped[str] = mapped_column(String(255))
    buyer_phone: Mapped[str] = mapped_column(String(255))

    delivery_method: Mapped[str] = mapped_column(String(255))
    delivery_address: Mapped[str] = mapped_column(Text)
    delivery_phone: Mapped[str] = mapped_column(String(255))
    pickup_point_id: Mapped[str] = mapped_column(String(255))
    pickup_point: Mapped[str] = mapped_column(Text)
    dispatch_until: Mapped[datetime | None] = mapped_column(Moment)

    payment_type: Mapped[str] = mapped_column(String(255))
    paid: Mapped[Decimal | None] = mapped_column(Price)
    paid_at: Mapped[datetime | None] = mapped_column(Moment)

    invoice_tax_id: Mapped[str] = mapped_column(String(255))
    invoice_address: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    seller_note: Mapped[str] = mapped_column(Text)

    # Columns that came later have a default in the database: `database.py` adds them to a shop that is there.
    notes: Mapped[str] = mapped_column(Text, server_default="")
    customer_symbol: Mapped[str] = mapped_column(String(60), server_default="", index=True)
    is_one_off: Mapped[bool] = mapped_column(server_default=true())
    is_shipped_by_seller: Mapped[bool] = mapped_column(server_default=true())
    is_smart: Mapped[bool] = mapped_column(server_default=false())
    packages: Mapped[int | None]
    payment_provider: Mapped[str] = mapped_column(String(60), server_default="")
    payment_features: Mapped[str] = mapped_column(String(255), server_default="")
    compensation: Mapped[Decimal | None] = mapped_column(Price)
    invoice_due: Mapped[datetime | None] = mapped_column(Moment)

    carrier: Mapped[str] = mapped_column(String(60), server_default="")
    waybill: Mapped[str] = mapped_column(String(64), server_default="")
    invoice_number: Mapped[str] = mapped_column(String(40), server_default="")

    lines: Mapped[list[OrderLine]] = relationship(order_by="OrderLine.position", cascade="all, delete-orphan")


class OrderLine(Base):
    """`sku` is None for goods we could not match, and need not stand in our catalogue."""

    __tablename__ = "shop_order_line"

    order_id: Mapped[int] = mapped_column(ForeignKey("shop_order.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    sku: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(300))
    quantity: Mapped[int]
    unit_price: Mapped[Decimal] = mapped_column(Price)
    list_price: Mapped[Decimal | None] = mapped_column(Price)
    vat_rate: Mapped[Decimal | None] = mapped_column(Price)
    line_item_id: Mapped[str | None] = mapped_column(String(255))
    offer_id: Mapped[str | None] = mapped_column(String(255))
    discounts: Mapped[str] = mapped_column(String(255), server_default="")
    compensation: Mapped[Decimal | None] = mapped_column(Price)

    @property
    def value(self) -> Decimal:
        return self.unit_price * self.quantity


def fitted(table: type[Base], values: dict[str, Any]) -> dict[str, Any]:
    """The values with texts cut to their columns: what buyers write is longer than any column, some day."""
    for name, width in _widths(table):
        text = values.get(name)
        if text and len(text) > width:
            values[name] = text[:width]
    return values


@cache
def _widths(table: type[Base]) -> list[tuple[str, int]]:
    lengths = [(column.name, getattr(column.type, "length", None)) for column in table.__table__.columns]
    return [(name, length) for name, length in lengths if length]


ORDER_STATUSES = {
    "unpaid": "Oczekuje na płatność",
    "new": "Nowe",
    "processing": "W realizacji",
    "packed": "Do wysłania",
    "sent": "Wysłane",
    "done": "Zrealizowane",
    "cancelled": "Anulowane",
    "merged": "Połączone",
}
