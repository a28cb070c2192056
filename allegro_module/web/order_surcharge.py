"""What a buyer paid after the purchase, and whether the order's total holds it (facts.md 5.6)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from allegro_module.db.orders import Order, OrderContent
from allegro_module.domain.money import Money, total
from allegro_module.domain.orders import Flag
from allegro_module.domain.shop import PositionKind, ShopOrder
from allegro_module.sync.order_money import read_money
from allegro_module.sync.order_rows import read_content


@dataclass(frozen=True, slots=True)
class Surcharge:
    amount: Money
    is_apart: bool


def surcharge_of(session: Session, order: Order, content: ShopOrder | None) -> Surcharge | None:
    """One that stands apart from the total is no position: only the stored form has its amount."""
    if content is None:
        return None
    currency = content.total.currency
    within = [each.value for each in content.positions if each.kind is PositionKind.SURCHARGE]
    if within:
        return Surcharge(total(within, currency), is_apart=False)
    stored = session.get(OrderContent, order.id) if Flag.SURCHARGE_APART in content.flags else None
    if stored is None:
        return None
    paid = [each.paid_amount for each in read_content(stored.form).surcharges or () if each.paid_amount]
    return Surcharge(total([read_money(each, currency, "a surcharge") for each in paid], currency), True)
