"""How the shop writes money, times and states, in Polish."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal
from flask import Flask, request, session

from allegro_module.demo.models import ORDER_STATUSES, Order

WARSAW = ZoneInfo("Europe/Warsaw")
PAYMENTS = {
    "CASH_ON_DELIVERY": "Za pobraniem",
    "ONLINE": "Płatność online",
    "WIRE_TRANSFER": "Przelew tradycyjny",
    "SPLIT_PAYMENT": "Płatność podzielona",
    "EXTENDED_TERM": "Płatność odroczona",
}
#: The menu entry that is lit, by blueprint.
SECTIONS = {"pages": "dashboard", "products": "products", "orders": "orders"}


def register(app: Flask) -> None:
    app.before_request(remember_theme)
    app.jinja_env.filters.update(money=money, moment=moment, kilograms=kilograms, typed_amount=typed_amount)
    app.jinja_env.globals.update(
        order_status=ORDER_STATUSES.__getitem__,
        order_payment=payment_of,
        shop_section=section,
        shop_theme=lambda: session.get("theme", "light"),
    )


def money(amount: Decimal, currency: str = "PLN") -> str:
    return format_currency(amount, currency, locale="pl")


def typed_amount(amount: Decimal | None) -> str:
    """As it stands in a form field: 1249,00."""
    return "" if amount is None else format(amount, ".2f").replace(".", ",")


def moment(at: datetime) -> str:
    try:
        there = at.astimezone(WARSAW)
    except OverflowError:
        # At the very ends of the calendar there is no other zone's time.
        there = at
    return format_datetime(there, "dd.MM.yyyy, HH:mm", locale="pl")


def kilograms(grams: int) -> str:
    return f"{format_decimal(Decimal(grams).scaleb(-3), '#,##0.###', locale='pl')} kg"


def payment_of(order: Order) -> str:
    if order.to_collect is not None:
        return "Za pobraniem"
    if order.paid is not None and order.paid >= order.total:
        return "Opłacone"
    return "Oczekuje na płatność" if order.status == "unpaid" else PAYMENTS.get(order.payment_type, "Inna")


def section() -> str:
    if request.endpoint == "pages.apps":
        return "apps"
    return SECTIONS.get(request.blueprint or "", "apps")


def remember_theme() -> None:
    """`?theme=dark` on any page."""
    if request.args.get("theme") in ("light", "dark"):
        session["theme"] = request.args["theme"]
