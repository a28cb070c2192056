"""The persons of a checkout form: buyer, recipient, whom the invoice is for (facts.md 5.7, 5.8)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from allegro_module.client.checkout_forms import (
    DeliveryAddress,
    FormBuyer,
    FormDelivery,
    FormInvoice,
    FormPickupPoint,
    InvoiceCompany,
)
from allegro_module.domain.money import Money
from allegro_module.domain.shop import Address, Buyer, Delivery, InvoiceWish, PickupPoint
from allegro_module.sync.order_money import ZERO, read_money
from allegro_module.sync.order_times import plausible

#: Which of a company's numbers goes on the invoice, the Polish one first.
TAX_IDS = ("PL_NIP", "VAT_EU", "CZ_DIC", "SK_IC_DPH", "HU_ADOSZAM", "CZ_ICO", "SK_ICO", "OTHER")
WARSAW = ZoneInfo("Europe/Warsaw")


def buyer_of(buyer: FormBuyer) -> Buyer:
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


def delivery_of(delivery: FormDelivery | None, currency: str) -> Delivery | None:
    if delivery is None:
        return None
    dispatch = delivery.time.dispatch if delivery.time else None
    cost = delivery.cost
    return Delivery(
        method_id=(delivery.method and delivery.method.id) or "",
        method_name=(delivery.method and delivery.method.name) or "",
        cost=read_money(cost, currency, "the cost of delivery") if cost else Money(ZERO, currency),
        address=_recipient(delivery.address) if delivery.address else None,
        pickup_point=_pickup_point(delivery.pickup_point) if delivery.pickup_point else None,
        is_smart=bool(delivery.smart),
        packages=delivery.calculated_number_of_packages,
        dispatch_from=plausible(dispatch.from_) if dispatch else None,
        dispatch_to=plausible(dispatch.to) if dispatch else None,
    )


def _recipient(address: DeliveryAddress) -> Address:
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


def invoice_of(invoice: FormInvoice | None) -> InvoiceWish | None:
    if invoice is None or not invoice.required:
        return None
    company = invoice.address.company if invoice.address else None
    return InvoiceWish(
        address=_invoice_address(invoice),
        tax_id=_tax_id(company) if company else "",
        due_at=_due_at(invoice.due_date),
    )


def _invoice_address(invoice: FormInvoice) -> Address:
    address = invoice.address
    if address is None:
        return Address(country_code="")
    person, company = address.natural_person, address.company
    return Address(
        first_name=(person and person.first_name) or "",
        last_name=(person and person.last_name) or "",
        company=(company and company.name) or "",
        street=address.street or "",
        city=address.city or "",
        post_code=address.zip_code or "",
        country_code=address.country_code or "",
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
        return datetime.combine(due, time(23, 59, 59), WARSAW).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
