"""Rules by which an account's orders are imported: what the seller sets once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from allegro_module.domain.problems import Problem

PLACEHOLDER = re.compile(r"\{(\w+)\}")


class DeliveryVat(StrEnum):
    """Stawka VAT za transport: of the goods' rates, or a fixed one."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    LAST = "last"
    FIXED = "fixed"


class Customers(StrEnum):
    """Whom the shop should keep as a customer; Allegro's buyers are one-off by advice (INT-25)."""

    ONE_OFF = "one_off"
    ONE_OFF_WITHOUT_TAX_ID = "one_off_without_tax_id"
    MATCHED = "matched"


class CustomerKey(StrEnum):
    """By what a customer is known again (INT-26); each order has another e-mail (facts.md 5.8)."""

    ID = "id"
    LOGIN = "login"
    EMAIL = "email"
    PHONE = "phone"


class ListNote(StrEnum):
    """Which note the order list shows (INT-23)."""

    NONE = "none"
    BUYER = "buyer"
    SELLER = "seller"


NUMBER_TEMPLATE = "{alias}-{number}"
NOTES_TEMPLATE = "{message_to_seller}\n{seller_note}\n{pickup_point}"


@dataclass(frozen=True, slots=True)
class OrderRules:
    """`customer_prefix` and `customer_length` shape the customer's symbol."""

    #: BOUGHT and FILLED_IN hold the pieces; Allegro subtracts at the purchase (facts.md 5.13).
    reserves_stock: bool = True
    #: Set PROCESSING as soon as the order is in the shop: the buyer can no longer cancel (facts.md 5.5).
    accepts_at_import: bool = False
    delivery_vat: DeliveryVat = DeliveryVat.HIGHEST
    delivery_vat_rate: Decimal | None = None
    #: Of goods whose rate neither the shop nor Allegro names, in per cent.
    goods_vat_rate: Decimal | None = None
    number_template: str = NUMBER_TEMPLATE
    notes_template: str = NOTES_TEMPLATE
    list_note: ListNote = ListNote.BUYER
    customers: Customers = Customers.ONE_OFF
    customer_key: CustomerKey = CustomerKey.ID
    customer_prefix: str = "AL-"
    customer_length: int = 20
    #: Allegro blocks mails that repeat its own (#13038): the host is told to stay silent.
    mails_buyers: bool = False


DEFAULT_RULES = OrderRules()

#: Of an order's number; all but the first stand for what may repeat.
NUMBER_PLACEHOLDERS = ("number", "alias", "login", "marketplace", "date", "year", "month", "day")
#: Code 128, files, invoices and addresses of pages take these.
NUMBER_CHARACTERS = re.compile(r"[A-Za-z0-9/_.#-]*")
PREFIX_CHARACTERS = re.compile(r"[A-Z0-9_.-]*")
LONGEST_TEMPLATE = 100
LONGEST_NOTES = 1000
LONGEST_PREFIX = 10
#: The prefix, ten characters of the key, a dash and a digest fit.
SHORTEST_SYMBOL = 20
LONGEST_SYMBOL = 50
HIGHEST_RATE = 100


def problems_with_rules(rules: OrderRules, note_placeholders: Collection[str]) -> Iterator[Problem]:
    """What keeps the rules from being saved, by field; `note_placeholders` are those that notes know."""
    yield from _problems_with_number(rules.number_template)
    yield from _problems_with_notes(rules.notes_template, note_placeholders)
    yield from _problems_with_rate(rules)
    if not PREFIX_CHARACTERS.fullmatch(rules.customer_prefix) or len(rules.customer_prefix) > LONGEST_PREFIX:
        yield Problem("customer_prefix_format", "customer_prefix", {"max": str(LONGEST_PREFIX)})
    if not SHORTEST_SYMBOL <= rules.customer_length <= LONGEST_SYMBOL:
        limits = {"min": str(SHORTEST_SYMBOL), "max": str(LONGEST_SYMBOL)}
        yield Problem("customer_length_range", "customer_length", limits)


def _problems_with_number(template: str) -> Iterator[Problem]:
    field = "number_template"
    names = PLACEHOLDER.findall(template)
    if len(template) > LONGEST_TEMPLATE:
        yield Problem("text_too_long", field, {"max": str(LONGEST_TEMPLATE)})
    elif unknown := _unknown(names, NUMBER_PLACEHOLDERS):
        yield Problem("placeholder_unknown", field, {"name": unknown})
    elif "number" not in names:
        yield Problem("number_placeholder_required", field)
    elif names.count("number") > 1:
        yield Problem("number_placeholder_twice", field)
    elif not NUMBER_CHARACTERS.fullmatch(PLACEHOLDER.sub("", template)):
        yield Problem("number_template_characters", field)


def _problems_with_notes(template: str, known: Collection[str]) -> Iterator[Problem]:
    field = "notes_template"
    if len(template) > LONGEST_NOTES:
        yield Problem("text_too_long", field, {"max": str(LONGEST_NOTES)})
    elif unknown := _unknown(PLACEHOLDER.findall(template), known):
        yield Problem("placeholder_unknown", field, {"name": unknown})
    elif set("{}") & set(PLACEHOLDER.sub("", template)):
        yield Problem("placeholder_braces", field)
    elif not template.replace("\n", "").isprintable():
        yield Problem("text_not_printable", field)


def _problems_with_rate(rules: OrderRules) -> Iterator[Problem]:
    if rules.delivery_vat is DeliveryVat.FIXED and not _is_rate(rules.delivery_vat_rate):
        yield Problem("vat_rate_format", "delivery_vat_rate")
    if rules.goods_vat_rate is not None and not _is_rate(rules.goods_vat_rate):
        yield Problem("vat_rate_format", "goods_vat_rate")


def _is_rate(rate: Decimal | None) -> bool:
    return rate is not None and 0 <= rate <= HIGHEST_RATE and rate == round(rate, 2)


def _unknown(names: Collection[str], known: Collection[str]) -> str:
    return next((name for name in names if name not in known), "")
