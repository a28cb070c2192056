"""Rules by which an account's orders are imported: what the seller sets once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


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
