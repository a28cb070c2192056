"""Checkout forms: Allegro's orders as they come (facts.md 5.1, 5.6 to 5.9).

By the schema only id, buyer, status, lineItems, surcharges and summary are there for sure; all else may be
missing or null, above all while a form is BOUGHT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from allegro_module.client.answers import Answer
from allegro_module.client.errors import Unexpected
from allegro_module.client.payloads import Amount, Id, Instant, OpenEnum, Payload

#: What is more is no purchase but nonsense, and no column would hold it.
MOST_PIECES = 1_000_000


class CheckoutFormStatus(OpenEnum):
    """What the buyer did. Only READY_FOR_PROCESSING is to be fulfilled."""

    BOUGHT = "BOUGHT"
    FILLED_IN = "FILLED_IN"
    READY_FOR_PROCESSING = "READY_FOR_PROCESSING"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class FulfillmentStatus(OpenEnum):
    """What the seller does. RETURNED is set by Allegro alone (facts.md 5.5)."""

    NEW = "NEW"
    PROCESSING = "PROCESSING"
    READY_FOR_SHIPMENT = "READY_FOR_SHIPMENT"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    SENT = "SENT"
    PICKED_UP = "PICKED_UP"
    CANCELLED = "CANCELLED"
    SUSPENDED = "SUSPENDED"
    RETURNED = "RETURNED"
    UNKNOWN = "UNKNOWN"


class FormPart(Payload, frozen=True, omit_defaults=True):
    """Forms are kept as JSON: what is empty takes no place in it."""


class BuyerPreferences(FormPart, frozen=True):
    language: str | None = None


class BuyerAddress(FormPart, frozen=True):
    street: str | None = None
    city: str | None = None
    post_code: str | None = None
    country_code: str | None = None


class FormBuyer(FormPart, frozen=True):
    """`email` is a mask, another one for each order; `id` says who it is (facts.md 5.8)."""

    id: str | None = None
    email: str | None = None
    login: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    guest: bool | None = None
    personal_identity: str | None = None
    phone_number: str | None = None
    preferences: BuyerPreferences | None = None
    address: BuyerAddress | None = None


class FormPayment(FormPart, frozen=True):
    """Kinds and providers stay text, as more may come (facts.md 5.6)."""

    id: str | None = None
    type: str | None = None
    provider: str | None = None
    finished_at: Instant | None = None
    paid_amount: Amount | None = None
    reconciliation: Amount | None = None
    features: tuple[str, ...] | None = ()


class FormFulfillmentProvider(FormPart, frozen=True):
    """`ALLEGRO`: One Fulfillment ships, not the seller."""

    id: str | None = None


class ShipmentSummary(FormPart, frozen=True):
    line_items_sent: str | None = None


class FormFulfillment(FormPart, frozen=True):
    status: FulfillmentStatus | None = None
    shipment_summary: ShipmentSummary | None = None
    provider: FormFulfillmentProvider | None = None


class DeliveryAddress(FormPart, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    street: str | None = None
    city: str | None = None
    zip_code: str | None = None
    country_code: str | None = None
    company_name: str | None = None
    phone_number: str | None = None
    modified_at: Instant | None = None


class FormDeliveryMethod(FormPart, frozen=True):
    """Map by `id`; the name is for display (allegro-api #9753)."""

    id: str | None = None
    name: str | None = None


class PickupPointAddress(FormPart, frozen=True):
    street: str | None = None
    zip_code: str | None = None
    city: str | None = None
    country_code: str | None = None


class FormPickupPoint(FormPart, frozen=True):
    id: str | None = None
    name: str | None = None
    description: str | None = None
    address: PickupPointAddress | None = None


class TimeWindow(FormPart, frozen=True):
    from_: Instant | None = msgspec.field(default=None, name="from")
    to: Instant | None = None


class DeliveryTime(FormPart, frozen=True):
    from_: Instant | None = msgspec.field(default=None, name="from")
    to: Instant | None = None
    dispatch: TimeWindow | None = None


class DeliveryCancellation(FormPart, frozen=True):
    date: Instant | None = None


class FormDelivery(FormPart, frozen=True):
    address: DeliveryAddress | None = None
    method: FormDeliveryMethod | None = None
    pickup_point: FormPickupPoint | None = None
    cost: Amount | None = None
    time: DeliveryTime | None = None
    smart: bool | None = None
    cancellation: DeliveryCancellation | None = None
    calculated_number_of_packages: int | None = None


class CompanyId(FormPart, frozen=True):
    type: str | None = None
    value: str | None = None


class InvoiceCompany(FormPart, frozen=True):
    """`tax_id` is deprecated in favour of `ids` since 2024-06-27 (allegro-api #9222)."""

    name: str | None = None
    ids: tuple[CompanyId, ...] | None = ()
    vat_payer_status: str | None = None
    tax_id: str | None = None


class NaturalPerson(FormPart, frozen=True):
    first_name: str | None = None
    last_name: str | None = None


class InvoiceAddress(FormPart, frozen=True):
    street: str | None = None
    city: str | None = None
    zip_code: str | None = None
    country_code: str | None = None
    company: InvoiceCompany | None = None
    natural_person: NaturalPerson | None = None


class FormInvoice(FormPart, frozen=True):
    """`due_date` is a day, `2026-12-01`, for extended payment terms only."""

    required: bool | None = None
    address: InvoiceAddress | None = None
    due_date: str | None = None
    features: tuple[str, ...] | None = ()


class ProductReference(FormPart, frozen=True):
    id: str | None = None
    quantity: int | None = None


class OfferProductSet(FormPart, frozen=True):
    products: tuple[ProductReference, ...] | None = ()


class LineOffer(FormPart, frozen=True):
    """`external` is the signature at the time of purchase; it can be missing (facts.md 5.9)."""

    id: str
    name: str | None = None
    external: Id | None = None
    product_set: OfferProductSet | None = None

    @property
    def external_id(self) -> str | None:
        return self.external.id if self.external else None


class LineDeposit(FormPart, frozen=True):
    """Per unit, on top of the line's price (allegro-api #12013, #13878)."""

    price: Amount


class LineReconciliation(FormPart, frozen=True):
    """What Allegro pays itself: BILLING on the billing account, WALLET to the wallet (facts.md 5.6)."""

    value: Amount | None = None
    type: str | None = None
    quantity: int | None = None


class AdditionalService(FormPart, frozen=True):
    definition_id: str | None = None
    name: str | None = None
    price: Amount | None = None
    quantity: int | None = None


class LineVoucher(FormPart, frozen=True):
    code: str | None = None
    type: str | None = None
    status: str | None = None
    external_transaction_id: str | None = None
    value: Amount | None = None


class LineTax(FormPart, frozen=True):
    """Only where the offer has tax settings."""

    rate: str | None = None
    subject: str | None = None
    exemption: str | None = None


class LineDiscount(FormPart, frozen=True):
    """Already contained in the price."""

    type: str | None = None


class SerialNumber(FormPart, frozen=True):
    value: str | None = None
    returned: bool | None = None


class SerialNumbers(FormPart, frozen=True):
    """Asked for where goods are exported to Ukraine (facts.md 5.11)."""

    expected: bool | None = None
    entries: tuple[SerialNumber, ...] | None = ()


class LineItem(FormPart, frozen=True):
    """`price` is what the buyer pays per unit. `id` stays when purchases are paid together (facts.md 5.1).

    By the schema the quantity is any number, so that 1 may come as 1.0; of goods there are only whole ones.
    """

    id: str
    offer: LineOffer
    counted: float = msgspec.field(name="quantity")
    price: Amount
    original_price: Amount | None = None
    reconciliation: LineReconciliation | None = None
    selected_additional_services: tuple[AdditionalService, ...] | None = ()
    vouchers: tuple[LineVoucher, ...] | None = ()
    tax: LineTax | None = None
    deposit: LineDeposit | None = None
    discounts: tuple[LineDiscount, ...] | None = ()
    serial_numbers: SerialNumbers | None = None
    bought_at: Instant | None = None

    def __post_init__(self) -> None:
        if not self.counted.is_integer():
            raise ValueError("not a whole number of pieces")
        if not 1 <= self.counted <= MOST_PIECES:
            raise ValueError("not a number of pieces that can be sold")

    @property
    def quantity(self) -> int:
        return int(self.counted)


class CodBookedPayment(FormPart, frozen=True):
    payment_id: str | None = None
    shipment_id: str | None = None
    paid_amount: Amount | None = None
    paid_at: Instant | None = None


class FormNote(FormPart, frozen=True):
    text: str | None = None


class FormSummary(FormPart, frozen=True):
    total_to_pay: Amount | None = None


class CheckoutForm(FormPart, frozen=True):
    """One order of one buyer with this seller."""

    id: str
    status: CheckoutFormStatus
    line_items: tuple[LineItem, ...]
    buyer: FormBuyer | None = None
    payment: FormPayment | None = None
    fulfillment: FormFulfillment | None = None
    delivery: FormDelivery | None = None
    invoice: FormInvoice | None = None
    surcharges: tuple[FormPayment, ...] | None = ()
    cod_booked_payments: tuple[CodBookedPayment, ...] | None = ()
    summary: FormSummary | None = None
    marketplace: Id | None = None
    message_to_seller: str | None = None
    note: FormNote | None = None
    revision: str | None = None
    updated_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class UnreadableForm:
    """A form that is not what Allegro promises; `reason` names the place, never the value.

    `id` is empty when even that cannot be read; `raw` is what came.
    """

    id: str
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class CheckoutFormPage:
    forms: Sequence[CheckoutForm | UnreadableForm]
    total_count: int | None


class _Page(Payload, frozen=True):
    checkout_forms: tuple[CheckoutForm, ...]
    total_count: int | None = None


class _RawPage(Payload, frozen=True):
    checkout_forms: tuple[msgspec.Raw, ...]
    total_count: int | None = None


def read_page(answer: Answer) -> CheckoutFormPage:
    """Whole if possible, else form by form, so that one bad form does not spoil the others.

    Raises Unexpected when the page itself cannot be read.
    """
    try:
        whole = answer.read(_Page)
    except Unexpected:
        pieces = answer.read(_RawPage)
        return CheckoutFormPage(
            [_read_form(answer, raw) for raw in pieces.checkout_forms], pieces.total_count
        )
    return CheckoutFormPage(whole.checkout_forms, whole.total_count)


def _read_form(answer: Answer, raw: msgspec.Raw) -> CheckoutForm | UnreadableForm:
    return read_form(answer.part(raw))


def read_form(answer: Answer) -> CheckoutForm | UnreadableForm:
    try:
        return answer.read(CheckoutForm)
    except Unexpected as unreadable:
        return UnreadableForm(_id_of(answer), unreadable.detail, answer.body.decode(errors="replace"))


def _id_of(form: Answer) -> str:
    try:
        return form.read(Id).id
    except Unexpected:
        return ""
