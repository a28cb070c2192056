"""What we ask of a shop: the ShopAdapter port and the values that pass through it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, NewType, Protocol, TypeVar

from allegro_module.domain.money import Money, total

Sku = NewType("Sku", str)
ShopOrderId = NewType("ShopOrderId", str)
CheckoutFormId = NewType("CheckoutFormId", str)
LineItemId = NewType("LineItemId", str)

T = TypeVar("T")


class OrderRefused(Exception):
    """The shop cannot take this order; it is set aside with this reason, the others go on."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a longer list; `after` asks for the next one, None on the last."""

    items: Sequence[T]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class ProductQuery:
    text: str = ""
    category_id: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ShopProduct:
    """A product as the shop knows it. Prices are gross; VAT in per cent; weight in kilograms."""

    sku: Sku
    name: str
    price: Money
    vat_rate: Decimal | None = None
    gtin: str | None = None
    mpn: str | None = None
    brand: str | None = None
    category_id: str | None = None
    category_name: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    images: Sequence[str] = ()
    purchase_price: Money | None = None
    weight_kg: Decimal | None = None
    description_html: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    categories: Sequence[Choice] = ()
    attributes: Sequence[Choice] = ()
    order_statuses: Sequence[Choice] = ()


class PositionKind(StrEnum):
    GOODS = "goods"
    DELIVERY = "delivery"
    SERVICE = "service"
    DEPOSIT = "deposit"
    SURCHARGE = "surcharge"
    #: A part of the price that a state programme pays, below zero (facts.md 5.9).
    VOUCHER = "voucher"


@dataclass(frozen=True, slots=True)
class Position:
    """One line of an order. `unit_price` is what the buyer pays per unit, gross.

    `sku` is None for goods that we could not match: the sale happened whatever our catalogue says.
    """

    kind: PositionKind
    name: str
    quantity: int
    unit_price: Money
    vat_rate: Decimal | None = None
    sku: Sku | None = None
    line_item_id: LineItemId | None = None
    offer_id: str | None = None
    list_price: Money | None = None
    #: Why `unit_price` is not `list_price`: Allegro's types, "CAMPAIGN", "COUPON", … (facts.md 5.9).
    discounts: Sequence[str] = ()
    #: What Allegro itself pays the seller for this line (facts.md 5.6).
    compensation: Money | None = None

    @property
    def value(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Address:
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street: str = ""
    city: str = ""
    post_code: str = ""
    country_code: str = "PL"
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """`email` is Allegro's mask, different for each order: `id` is who it is."""

    id: str
    login: str
    email: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    phone: str = ""
    is_guest: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """As what the shop should keep the buyer: `symbol` is the same for the same person.

    A one-off customer gets no account of the shop's; nobody's data are taken for marketing (facts.md 5.8).
    """

    symbol: str
    is_one_off: bool = True


@dataclass(frozen=True, slots=True)
class PickupPoint:
    id: str
    name: str
    address: Address
    description: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`address` is None while the buyer has not filled in the form."""

    method_id: str
    method_name: str
    cost: Money
    address: Address | None = None
    pickup_point: PickupPoint | None = None
    is_smart: bool = False
    packages: int | None = None
    dispatch_from: datetime | None = None
    dispatch_to: datetime | None = None


class PaymentType(StrEnum):
    CASH_ON_DELIVERY = "CASH_ON_DELIVERY"
    ONLINE = "ONLINE"
    WIRE_TRANSFER = "WIRE_TRANSFER"
    SPLIT_PAYMENT = "SPLIT_PAYMENT"
    EXTENDED_TERM = "EXTENDED_TERM"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Payment:
    id: str
    type: PaymentType
    provider: str = ""
    paid: Money | None = None
    finished_at: datetime | None = None
    is_paid: bool = False
    #: What Allegro adds to what the buyer paid (facts.md 5.6).
    compensation: Money | None = None
    features: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class InvoiceWish:
    """Whom the buyer wants on the invoice: a company with its tax number, or a person."""

    address: Address
    tax_id: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order ready for the shop: the sum of `positions` is `total`, to the grosz.

    `number` is what the seller sees (`BL-10482`); `supersedes` are forms that were paid together in this one.
    """

    checkout_form_id: CheckoutFormId
    account: str
    number: str
    marketplace: str
    bought_at: datetime
    buyer: Buyer
    positions: Sequence[Position]
    total: Money
    delivery: Delivery | None = None
    payment: Payment | None = None
    invoice: InvoiceWish | None = None
    message: str = ""
    seller_note: str = ""
    #: The text made of the seller's template ({shop_notes}).
    notes: str = ""
    customer: Customer | None = None
    supersedes: Sequence[CheckoutFormId] = ()
    flags: Sequence[str] = ()
    #: False: One Fulfillment packs and ships, the shop must not.
    is_shipped_by_seller: bool = True

    @property
    def to_collect(self) -> Money | None:
        """What the courier collects for cash on delivery: all but surcharges, which are paid online."""
        if not self.payment or self.payment.type is not PaymentType.CASH_ON_DELIVERY:
            return None
        surcharges = [each.value for each in self.positions if each.kind is PositionKind.SURCHARGE]
        return self.total - total(surcharges, self.total.currency)


class StockKind(StrEnum):
    RESERVE = "reserve"
    SELL = "sell"
    RELEASE = "release"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class StockMove:
    """Happens once for each (line item, kind): we keep the pair unique. SELL consumes its RESERVE."""

    kind: StockKind
    sku: Sku
    quantity: int
    line_item_id: LineItemId
    was_reserved: bool = False


class OrderChangeKind(StrEnum):
    UPDATED = "updated"
    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What has become of an order placed earlier; `order` is how it looks now."""

    shop_order_id: ShopOrderId
    kind: OrderChangeKind
    order: ShopOrder
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShopOrderView:
    """How the shop shows an order of ours: its number, state and the address of its page.

    `status_id` is one of `Vocabulary.order_statuses`, `status` its name.
    """

    id: ShopOrderId
    number: str
    status: str
    url: str | None = None
    status_id: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    number: str
    pdf: bytes
    ksef_number: str | None = None


class ShopAdapter(Protocol):
    """Batches everywhere, the host's session, never a commit."""

    def find_products(self, query: ProductQuery, after: str | None) -> Page[ShopProduct]:
        """Products whose name, SKU or EAN contains the text, by SKU."""

    def products(self, skus: Collection[Sku]) -> Mapping[Sku, ShopProduct]:
        """The products that exist; unknown SKUs are left out."""

    def stock(self, skus: Collection[Sku]) -> Mapping[Sku, int]:
        """Pieces that can be sold: less all reservations."""

    def read_image(self, ref: str) -> bytes:
        """The picture named in `ShopProduct.images`. Raises KeyError when it is gone."""

    def vocabulary(self) -> Vocabulary:
        """The shop's own categories, attributes and order statuses."""

    def place_orders(self, orders: Sequence[ShopOrder]) -> Mapping[CheckoutFormId, ShopOrderId]:
        """Write the orders; given the same order again, answer the id it already has. Moves no stock.

        Raises OrderRefused.
        """

    def book_stock(self, moves: Sequence[StockMove]) -> None:
        """Apply the moves; each is given once."""

    def change_orders(self, changes: Sequence[OrderChange]) -> None:
        """Bring orders placed earlier up to date."""

    def set_statuses(self, statuses: Mapping[ShopOrderId, str]) -> None:
        """Give the orders statuses of `Vocabulary.order_statuses`; unknown orders are left out."""

    def orders(self, ids: Collection[ShopOrderId]) -> Mapping[ShopOrderId, ShopOrderView]:
        """How the shop shows these orders; unknown ids are left out."""


class Invoicing(Protocol):
    """Optional: the shop's way to make an invoice."""

    def issue(self, shop_order_id: ShopOrderId) -> Invoice:
        """Issue the invoice; asked again, answer the same one."""
