"""Rules of import per account, and the table of statuses shop ↔ Allegro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Amount, Base
from allegro_module.domain.order_rules import (
    DEFAULT_RULES,
    NOTES_TEMPLATE,
    NUMBER_TEMPLATE,
    CustomerKey,
    Customers,
    DeliveryVat,
    ListNote,
    OrderRules,
)


class OrderRulesRow(Base):
    """One per account that differs from the defaults; the columns are those of `OrderRules`."""

    __tablename__ = "allegro_order_rules"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    reserves_stock: Mapped[bool] = mapped_column(default=True)
    accepts_at_import: Mapped[bool] = mapped_column(default=False)
    delivery_vat: Mapped[str] = mapped_column(String(10), default=DeliveryVat.HIGHEST)
    delivery_vat_rate: Mapped[Decimal | None] = mapped_column(Amount)
    goods_vat_rate: Mapped[Decimal | None] = mapped_column(Amount)
    number_template: Mapped[str] = mapped_column(String(100), default=NUMBER_TEMPLATE)
    notes_template: Mapped[str] = mapped_column(String(1000), default=NOTES_TEMPLATE)
    list_note: Mapped[str] = mapped_column(String(10), default=ListNote.BUYER)
    customers: Mapped[str] = mapped_column(String(30), default=Customers.ONE_OFF)
    customer_key: Mapped[str] = mapped_column(String(10), default=CustomerKey.ID)
    customer_prefix: Mapped[str] = mapped_column(String(20), default="AL-")
    customer_length: Mapped[int] = mapped_column(default=20)
    mails_buyers: Mapped[bool] = mapped_column(default=False)


class StatusRule(Base):
    """`to_allegro`: the shop's status sets Allegro's; else the other way. One target for each source."""

    __tablename__ = "allegro_status_rule"
    __table_args__ = (UniqueConstraint("to_allegro", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    to_allegro: Mapped[bool]
    source: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(64))


def find_rules(session: Session, account_id: int) -> OrderRules:
    """The account's rules, the defaults as long as nobody has changed them."""
    row = session.get(OrderRulesRow, account_id)
    if row is None:
        return DEFAULT_RULES
    values = {each.name: getattr(row, each.name) for each in fields(OrderRules)}
    return OrderRules(
        **{
            **values,
            "delivery_vat": DeliveryVat(row.delivery_vat),
            "list_note": ListNote(row.list_note),
            "customers": Customers(row.customers),
            "customer_key": CustomerKey(row.customer_key),
        }
    )


def save_rules(session: Session, account_id: int, rules: OrderRules) -> None:
    row = session.get(OrderRulesRow, account_id)
    if row is None:
        row = OrderRulesRow(account_id=account_id)
        session.add(row)
    for each in fields(OrderRules):
        setattr(row, each.name, getattr(rules, each.name))


def list_status_rules(session: Session) -> Sequence[StatusRule]:
    return session.scalars(select(StatusRule).order_by(StatusRule.id)).all()


def save_status_rules(session: Session, to_allegro: Mapping[str, str], to_shop: Mapping[str, str]) -> None:
    """The whole table anew; sources without a target are left out."""
    session.execute(delete(StatusRule))
    session.add_all(
        StatusRule(to_allegro=is_to_allegro, source=source, target=target)
        for is_to_allegro, targets in ((True, to_allegro), (False, to_shop))
        for source, target in targets.items()
    )
