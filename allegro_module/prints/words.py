"""What stands on paper besides the data: headings, amounts and times, in the shop's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal

from allegro_module.domain.money import Money
from allegro_module.domain.orders import Flag
from allegro_module.domain.shop import PaymentType, PositionKind
from allegro_module.domain.texts import marked
from allegro_module.translations import translations

#: Paper goes to the shop's own people, not to a visitor with a language of his own.
LANGUAGE = "pl"
WARSAW = ZoneInfo("Europe/Warsaw")
NO_BREAK = "\u00a0"
SIGN_BY_CURRENCY = {"PLN": "zł", "CZK": "Kč", "EUR": "€", "HUF": "Ft"}

HEADINGS = {
    "order": marked("Order"),
    "orders": marked("Orders"),
    "account": marked("Allegro account"),
    "bought": marked("Bought"),
    "send_until": marked("Send until"),
    "payment": marked("Payment"),
    "delivery": marked("Delivery"),
    "pickup_point": marked("Pick-up point"),
    "recipient": marked("Recipient"),
    "buyer": marked("Buyer"),
    "phone": marked("phone"),
    "invoice": marked("Invoice for"),
    "no_invoice": marked("The buyer wants no invoice."),
    "tax_id": marked("NIP"),
    "invoice_number": marked("Invoice no."),
    "ksef_number": marked("KSeF no."),
    "item": marked("Item"),
    "sku": marked("SKU"),
    "no_sku": marked("not assigned"),
    "quantity": marked("Qty"),
    "price": marked("Price"),
    "value": marked("Value"),
    "picked": marked("Picked by"),
    "total": marked("Total to pay"),
    "paid": marked("Paid"),
    "to_collect": marked("To collect"),
    "message": marked("Buyer's message"),
    "notes": marked("Notes"),
    "seller_note": marked("Seller's note"),
    "pieces": marked("Pieces"),
    "printed": marked("Printed"),
    "page": marked("page"),
    "of": marked("of"),
    "picking_list": marked("Picking list"),
    "product": marked("Product"),
    "in_orders": marked("In orders"),
    "already_picked": marked("Picked before and left out, pieces"),
}

POSITIONS = {
    PositionKind.DELIVERY: marked("Delivery: %(name)s"),
    PositionKind.DEPOSIT: marked("Deposit: %(name)s"),
    PositionKind.SERVICE: marked("Service: %(name)s"),
    PositionKind.SURCHARGE: marked("Surcharge"),
    PositionKind.VOUCHER: marked("Paid by a voucher: %(name)s"),
}
SUMS = {
    PositionKind.GOODS: marked("Goods"),
    PositionKind.DELIVERY: marked("Delivery"),
    PositionKind.SERVICE: marked("Services"),
    PositionKind.DEPOSIT: marked("Deposit"),
    PositionKind.SURCHARGE: marked("Surcharges"),
    PositionKind.VOUCHER: marked("Vouchers"),
}
#: Why the price is not the one of the offer (facts.md 5.9).
DISCOUNTS = {
    "BUNDLE": marked("bundle"),
    "UNIT_PERCENTAGE_DISCOUNT": marked("discount on another piece"),
    "WHOLESALE_PRICE_LIST": marked("wholesale price"),
    "LARGE_ORDER_DISCOUNT": marked("discount for a large order"),
    "TURNOVER_DISCOUNT": marked("turnover discount"),
    "COUPON": marked("coupon"),
    "CAMPAIGN": marked("Allegro campaign"),
}
WARNINGS = {
    Flag.SUM_DIFFERS: marked("The sum of the items differs from Allegro's total. Check before you pack."),
    Flag.UNMATCHED_LINE: marked("An item is not assigned to a product of the shop."),
    Flag.SURCHARGE_APART: marked("A surcharge was paid apart and is not part of the total."),
    Flag.ADDRESS_CHANGED: marked("The buyer has changed the address. Compare it with the parcel."),
    Flag.TAKEN_UP_AGAIN: marked("Cancelled once and taken up again."),
}
PAYMENTS = {
    PaymentType.CASH_ON_DELIVERY: marked("Cash on delivery"),
    PaymentType.ONLINE: marked("Paid online"),
    PaymentType.WIRE_TRANSFER: marked("Bank transfer"),
    PaymentType.SPLIT_PAYMENT: marked("Split payment"),
    PaymentType.EXTENDED_TERM: marked("Paid later (extended term)"),
}
NOT_PAID = marked("Not paid yet. Do not send.")


def t(text: str, /, **params: Any) -> str:
    spoken = translations(LANGUAGE).gettext(text)
    return spoken % params if params else spoken


def headings() -> dict[str, str]:
    return {name: t(text) for name, text in HEADINGS.items()}


def discount_words(types: Iterable[str]) -> str:
    """A kind that Allegro adds later stands as it came."""
    return ", ".join(t(DISCOUNTS[each]) if each in DISCOUNTS else each for each in types)


def money(value: Money) -> str:
    text = str(format_decimal(value.amount, "#,##0.00", locale=LANGUAGE)).replace("-", "\u2212")
    return f"{text}{NO_BREAK}{SIGN_BY_CURRENCY.get(value.currency, value.currency)}"


def number(value: Decimal | int) -> str:
    return str(format_decimal(value, "#,##0.###", locale=LANGUAGE))


def moment(at: datetime) -> str:
    return at.astimezone(WARSAW).strftime("%d.%m.%Y, %H:%M")


def country(code: str) -> str:
    """„Słowacja”; a code that no list knows as it came."""
    return str(Locale.parse(LANGUAGE).territories.get(code.upper(), code))


def deadline(at: datetime) -> str:
    """With the day of the week, by which people plan."""
    return str(format_datetime(at, "EEEE, d.MM.yyyy, HH:mm", tzinfo=WARSAW, locale=LANGUAGE))


def clock(at: datetime) -> str:
    return at.astimezone(WARSAW).strftime("%H:%M")
