"""From Allegro's checkout form to the shop's order: positions that add up, payment, delivery, persons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from allegro_module.client.checkout_forms import (
    CheckoutForm,
    DeliveryAddress,
    FormBuyer,
    FormDelivery,
    FormInvoice,
    FormPayment,
    FormPickupPoint,
    InvoiceCompany,
    LineItem,
)
from allegro_module.client.payloads import Amount, to_wire
from allegro_module.domain.money import Money
from allegro_module.domain.shop import (
    Address,
    Buyer,
    CheckoutFormId,
    Delivery,
    InvoiceWish,
    LineItemId,
    Payment,
    PaymentType,
    PickupPoint,
    Position,
    PositionKind,
    ShopOrder,
    Sku,
)

SUM_DIFFERS = "sum_differs"
UNMATCHED_LINE = "unmatched_line"
#: One Fulfillment packs it, so the seller must not (facts.md 5.5, #12848).
FULFILLED_BY_ALLEGRO = "fulfilled_by_allegro"
#: The buyer paid more after the order, and the total does not contain it (facts.md 5.6).
SURCHARGE_APART = "surcharge_apart"

#: Order numbers begin here: five digits from the first order on, so that lists do not jump.
FIRST_NUMBER = 10_000
#: Which of a company's numbers goes on the invoice, the Polish one first.
TAX_IDS = ("PL_NIP", "VAT_EU", "CZ_DIC", "SK_IC_DPH", "HU_ADOSZAM", "CZ_ICO", "SK_ICO", "OTHER")
#: The offer of a SKU that already has one is signed SKU~2 (`domain.offers.external_id_for`).
REPEATED_SKU = re.compile(r"~\d+$")
WARSAW = ZoneInfo("Europe/Warsaw")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is known of the goods of some forms: our offers first, then signatures, then the shop's SKUs."""

    sku_by_offer_id: Mapping[str, str] = field(default_factory=dict)
    sku_by_external_id: Mapping[str, str] = field(default_factory=dict)
    #: SKUs that the shop has, with the VAT rate it gives them.
    vat_rate_by_sku: Mapping[Sku, Decimal | None] = field(default_factory=dict)

    def sku_of(self, line: LineItem) -> Sku | None:
        """The offer's number is safe, the signature may be anything (facts.md 5.9)."""
        ours = self.sku_by_offer_id.get(line.offer.id) or self.sku_by_external_id.get(
            line.offer.external_id or ""
        )
        if ours is not None:
            return Sku(ours)
        return next((sku for sku in sku_candidates(line) if sku in self.vat_rate_by_sku), None)

    def vat_rate_of(self, line: LineItem, sku: Sku | None) -> Decimal | None:
        if line.tax is not None and (line.tax.rate or line.tax.exemption):
            return _rate(line.tax.rate)
        return self.vat_rate_by_sku.get(sku) if sku else None


def without_nul(form: CheckoutForm) -> CheckoutForm:
    """The form with every text as a database can keep it: PostgreSQL refuses the character NUL."""
    # Looking through the printed form takes a fraction of the time of walking through it.
    if "\\x00" not in repr(form):
        return form
    return msgspec.convert(_cleaned(msgspec.to_builtins(form)), CheckoutForm)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list | tuple) else value


def sku_candidates(line: LineItem) -> tuple[Sku, ...]:
    """SKUs that the signature of a line may mean."""
    external_id = line.offer.external_id or ""
    names = dict.fromkeys((external_id, REPEATED_SKU.sub("", external_id)))
    return tuple(Sku(name) for name in names if name)


def number_of(alias: str, order_id: int) -> str:
    """`BL-10482`: the account's alias and the number of our row, which never changes."""
    return f"{alias}-{FIRST_NUMBER + order_id}"


def to_shop_order(
    form: CheckoutForm,
    account: str,
    number: str,
    catalogue: Catalogue,
    supersedes: Sequence[str] = (),
) -> ShopOrder:
    """The order as the shop gets it. The total is Allegro's, never bent: a sum that differs is a flag."""
    currency = currency_of(form)
    positions = [*_positions(form, catalogue)]
    flags = [*_flags(form, positions)]
    sum_of_all = _sum(positions, currency)
    to_pay = total_of(form) or sum_of_all
    if surcharges := [*_surcharges(form)]:
        if _sum([*positions, *surcharges], currency) == to_pay:
            positions += surcharges
            sum_of_all = to_pay
        else:
            flags.append(SURCHARGE_APART)
    if sum_of_all != to_pay:
        flags.append(SUM_DIFFERS)
    return ShopOrder(
        checkout_form_id=CheckoutFormId(form.id),
        account=account,
        number=number,
        marketplace=form.marketplace.id if form.marketplace else "",
        bought_at=bought_at(form),
        buyer=_buyer(form.buyer or FormBuyer()),
        positions=tuple(positions),
        total=to_pay,
        delivery=_delivery(form, currency),
        payment=_payment(form.payment),
        invoice=_invoice(form.invoice),
        message=form.message_to_seller or "",
        seller_note=(form.note and form.note.text) or "",
        supersedes=tuple(CheckoutFormId(each) for each in supersedes),
        flags=tuple(flags),
    )


def currency_of(form: CheckoutForm) -> str:
    """Never mixed within an order (facts.md 5.9). Raises ValueError for a form that names none."""
    if form.summary and form.summary.total_to_pay:
        return form.summary.total_to_pay.currency
    if not form.line_items:
        raise ValueError("a form without lines and without a total")
    return form.line_items[0].price.currency


def total_of(form: CheckoutForm) -> Money | None:
    """What the buyer is to pay, as Allegro says; None where it says nothing."""
    return _money(form.summary.total_to_pay) if form.summary and form.summary.total_to_pay else None


def bought_at(form: CheckoutForm) -> datetime:
    """The last purchase of the form. Raises ValueError when no time is known at all."""
    moments = [line.bought_at for line in form.line_items if line.bought_at]
    latest = max(moments, default=form.updated_at)
    if latest is None:
        raise ValueError("a form without any time")
    return latest


def revision_of(form: CheckoutForm) -> str:
    """Changes when the buyer's data change (facts.md 5.4); without one, the time of the last change."""
    return form.revision or (to_wire(form.updated_at) if form.updated_at else "")


def is_paid(payment: FormPayment | None) -> bool:
    """Cash on delivery is finished with the form, yet nothing is paid (facts.md 5.6)."""
    return bool(
        payment
        and payment.type != PaymentType.CASH_ON_DELIVERY
        and payment.finished_at is not None
        and payment.paid_amount is not None
    )


def _sum(positions: Sequence[Position], currency: str) -> Money:
    """Raises ValueError where currencies are mixed."""
    if any(each.unit_price.currency != currency for each in positions):
        raise ValueError("currencies are mixed")
    return Money(sum((each.unit_price.amount * each.quantity for each in positions), Decimal(0)), currency)


def _positions(form: CheckoutForm, catalogue: Catalogue) -> Iterator[Position]:
    rates = []
    for line in form.line_items:
        sku = catalogue.sku_of(line)
        rate = catalogue.vat_rate_of(line, sku)
        if rate is not None:
            rates.append(rate)
        yield _goods(line, sku, rate)
        yield from _services(line, rate)
        if line.deposit:
            yield _deposit(line, line.deposit.price)
    if form.delivery and form.delivery.cost:
        # A delivery shares the fate of its goods: the highest of their rates.
        yield _delivery_cost(form.delivery, form.delivery.cost, max(rates, default=None))


def _goods(line: LineItem, sku: Sku | None, rate: Decimal | None) -> Position:
    list_price = line.original_price if line.original_price != line.price else None
    return Position(
        kind=PositionKind.GOODS,
        name=line.offer.name or line.offer.external_id or line.offer.id,
        quantity=line.quantity,
        unit_price=_money(line.price),
        vat_rate=rate,
        sku=sku,
        line_item_id=LineItemId(line.id),
        offer_id=line.offer.id,
        list_price=_money(list_price) if list_price else None,
    )


def _services(line: LineItem, rate: Decimal | None) -> Iterator[Position]:
    for service in line.selected_additional_services or ():
        if service.price is not None:
            yield Position(
                kind=PositionKind.SERVICE,
                name=service.name or service.definition_id or "",
                quantity=1 if service.quantity is None else service.quantity,
                unit_price=_money(service.price),
                vat_rate=rate,
                line_item_id=LineItemId(line.id),
                offer_id=line.offer.id,
            )


def _deposit(line: LineItem, price: Amount) -> Position:
    """Per piece, on top of the price, without VAT when sold (facts.md 5.9, #13878)."""
    return Position(
        kind=PositionKind.DEPOSIT,
        name=line.offer.name or line.offer.id,
        quantity=line.quantity,
        unit_price=_money(price),
        line_item_id=LineItemId(line.id),
        offer_id=line.offer.id,
    )


def _delivery_cost(delivery: FormDelivery, cost: Amount, rate: Decimal | None) -> Position:
    return Position(
        kind=PositionKind.DELIVERY,
        name=(delivery.method and delivery.method.name) or "",
        quantity=1,
        unit_price=_money(cost),
        vat_rate=rate,
    )


def _surcharges(form: CheckoutForm) -> Iterator[Position]:
    for surcharge in form.surcharges or ():
        if surcharge.paid_amount is not None:
            yield Position(
                kind=PositionKind.SURCHARGE,
                name="Surcharge",
                quantity=1,
                unit_price=_money(surcharge.paid_amount),
            )


def _flags(form: CheckoutForm, positions: Sequence[Position]) -> Iterator[str]:
    if any(each.kind is PositionKind.GOODS and each.sku is None for each in positions):
        yield UNMATCHED_LINE
    provider = form.fulfillment and form.fulfillment.provider
    if provider and provider.id == "ALLEGRO":
        yield FULFILLED_BY_ALLEGRO


def _buyer(buyer: FormBuyer) -> Buyer:
    return Buyer(
        id=buyer.id or "",
        login=buyer.login or "",
        email=buyer.email or "",
        first_name=buyer.first_name or "",
        last_name=buyer.last_name or "",
        company=buyer.company_name or "",
        phone=buyer.phone_number or "",
        is_guest=bool(buyer.guest),
    )


def _delivery(form: CheckoutForm, currency: str) -> Delivery | None:
    delivery = form.delivery
    if delivery is None:
        return None
    dispatch = delivery.time.dispatch if delivery.time else None
    return Delivery(
        method_id=(delivery.method and delivery.method.id) or "",
        method_name=(delivery.method and delivery.method.name) or "",
        cost=_money(delivery.cost) if delivery.cost else Money(Decimal("0.00"), currency),
        address=_delivery_address(delivery.address) if delivery.address else None,
        pickup_point=_pickup_point(delivery.pickup_point) if delivery.pickup_point else None,
        is_smart=bool(delivery.smart),
        dispatch_from=dispatch.from_ if dispatch else None,
        dispatch_to=dispatch.to if dispatch else None,
    )


def _delivery_address(address: DeliveryAddress) -> Address:
    return Address(
        first_name=address.first_name or "",
        last_name=address.last_name or "",
        company=address.company_name or "",
        street=address.street or "",
        city=address.city or "",
        post_code=address.zip_code or "",
        country_code=address.country_code or "",
        phone=address.phone_number or "",
    )


def _pickup_point(point: FormPickupPoint) -> PickupPoint:
    place = point.address
    return PickupPoint(
        id=point.id or "",
        name=point.name or "",
        description=point.description or "",
        address=Address(
            street=(place and place.street) or "",
            city=(place and place.city) or "",
            post_code=(place and place.zip_code) or "",
            country_code=(place and place.country_code) or "",
        ),
    )


def _payment(payment: FormPayment | None) -> Payment | None:
    if payment is None:
        return None
    return Payment(
        id=payment.id or "",
        type=payment_type(payment),
        provider=payment.provider or "",
        paid=_money(payment.paid_amount) if payment.paid_amount else None,
        finished_at=payment.finished_at,
        is_paid=is_paid(payment),
    )


def payment_type(payment: FormPayment) -> PaymentType:
    """Allegro may add kinds at any time."""
    try:
        return PaymentType(payment.type or "")
    except ValueError:
        return PaymentType.OTHER


def _invoice(invoice: FormInvoice | None) -> InvoiceWish | None:
    if invoice is None or not invoice.required:
        return None
    address = invoice.address
    person = address.natural_person if address else None
    company = address.company if address else None
    return InvoiceWish(
        address=Address(
            first_name=(person and person.first_name) or "",
            last_name=(person and person.last_name) or "",
            company=(company and company.name) or "",
            street=(address and address.street) or "",
            city=(address and address.city) or "",
            post_code=(address and address.zip_code) or "",
            country_code=(address and address.country_code) or "",
        ),
        tax_id=_tax_id(company) if company else "",
        due_at=_due_at(invoice.due_date),
    )


def _tax_id(company: InvoiceCompany) -> str:
    """From `ids`, which replaced `taxId` in 2024 (#9222)."""
    value_by_type = {each.type: each.value for each in company.ids or () if each.value}
    known = [value_by_type[kind] for kind in TAX_IDS if kind in value_by_type]
    return next(iter([*known, *value_by_type.values()]), company.tax_id or "")


def _due_at(day: str | None) -> datetime | None:
    """The end of the day in Poland."""
    try:
        due = date.fromisoformat((day or "")[:10])
    except ValueError:
        return None
    return datetime.combine(due, time(23, 59, 59), WARSAW).astimezone(UTC)


def _rate(text: str | None) -> Decimal | None:
    """None for an exemption, which is written in words."""
    try:
        rate = Decimal(text or "")
    except InvalidOperation:
        return None
    return rate if rate.is_finite() else None


def _money(amount: Amount) -> Money:
    return Money(amount.amount, amount.currency)
