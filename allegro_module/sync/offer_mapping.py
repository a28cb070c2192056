"""Offer row → Allegro's product offer, and Allegro's details → what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from msgspec import UNSET, UnsetType

from allegro_module.client.offer_requests import (
    AfterSalesRequest,
    DeliveryRequest,
    DescriptionRequest,
    LocationRequest,
    ParameterRequest,
    PaymentsRequest,
    ProducerById,
    ProductOfferRequest,
    ProductRequest,
    ProductSetElementRequest,
    Publication,
    PublicationRequest,
    RangeRequest,
    SafetyText,
    SectionRequest,
    SellingModeRequest,
    StockRequest,
    TaxRateRequest,
    TaxSettingsRequest,
    TextItem,
)
from allegro_module.client.offers import OfferStatus, ProductOffer
from allegro_module.client.payloads import Id, amount_of
from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.domain.listing import IMAGES_MAX, read_price, read_quantity
from allegro_module.domain.offers import OfferState
from allegro_module.domain.parameter_answers import WireValue, wire_values
from allegro_module.domain.parameters import Parameter, with_gtin
from allegro_module.domain.problems import Problem
from allegro_module.sync.descriptions import to_allegro_html
from allegro_module.sync.objections import problems_at_fields

T = TypeVar("T")


def to_product_offer(
    offer: Offer, parameters: Sequence[Parameter], image_urls: Sequence[str]
) -> ProductOfferRequest:
    """The whole offer, to be ACTIVE: what is new is created of it, what is listed is changed to it.

    The row has passed `problems_before_listing`. No language, as null is refused (facts.md 1.6). No duration:
    until sold out. Never republish: that would bring back the first stock (facts.md 6.6).
    """
    price = read_price(offer.price_text, offer.currency)
    quantity = read_quantity(offer.quantity_text)
    assert price is not None and quantity is not None
    values = wire_values(parameters, with_gtin(parameters, offer.parameters, offer.gtin))
    return ProductOfferRequest(
        product_set=(_product(offer, values, image_urls),),
        name=offer.title.strip(),
        parameters=tuple(_parameter(value) for value in values if not value.describes_product),
        images=tuple(image_urls),
        description=_description(offer.description_html),
        selling_mode=SellingModeRequest(price=amount_of(price, offer.currency)),
        stock=StockRequest(available=quantity, unit="UNIT"),
        delivery=DeliveryRequest(_id(offer.shipping_rate_id), offer.handling_time or UNSET),
        after_sales_services=_after_sales(offer),
        payments=PaymentsRequest(invoice=offer.invoice),
        tax_settings=_tax(offer),
        location=_location(offer.account),
        external=Id(offer.external_id),
        publication=PublicationRequest(status=Publication.ACTIVE, republish=False),
    )


def _product(
    offer: Offer, values: Sequence[WireValue], image_urls: Sequence[str]
) -> ProductSetElementRequest:
    """By its data: Allegro finds the product by the GTIN among them, or makes one (facts.md 6.2).

    The product's pictures count with the offer's own, 16 in all.
    """
    product = ProductRequest(
        name=offer.title.strip(),
        category=_id(offer.category_id),
        parameters=tuple(_parameter(value) for value in values if value.describes_product),
        images=tuple(image_urls[: IMAGES_MAX - len(image_urls)]),
    )
    if offer.is_before_gpsr:
        return ProductSetElementRequest(product, marketed_before_gpsr_obligation=True)
    producer, safety = offer.responsible_producer_id, offer.safety_text.strip()
    return ProductSetElementRequest(
        product,
        responsible_producer=ProducerById(producer) if producer else UNSET,
        safety_information=SafetyText(safety) if safety else UNSET,
    )


def _parameter(value: WireValue) -> ParameterRequest:
    return ParameterRequest(
        id=value.parameter_id,
        values=value.values or UNSET,
        values_ids=value.values_ids or UNSET,
        range_value=RangeRequest(*value.range) if value.range else UNSET,
    )


def _description(text: str) -> DescriptionRequest | UnsetType:
    content = to_allegro_html(text)
    return DescriptionRequest((SectionRequest((TextItem(content),)),)) if content else UNSET


def _after_sales(offer: Offer) -> AfterSalesRequest:
    return AfterSalesRequest(
        _id(offer.return_policy_id), _id(offer.implied_warranty_id), _id(offer.warranty_id)
    )


def _tax(offer: Offer) -> TaxSettingsRequest | UnsetType:
    """Rates are settled per country; those of other base marketplaces are not ours to name yet."""
    if offer.account.base_marketplace != "allegro-pl" or not offer.vat_rate.strip():
        return UNSET
    return TaxSettingsRequest(rates=(TaxRateRequest(to_tax_rate(offer.vat_rate), "PL"),))


def to_tax_rate(text: str) -> str:
    """„23” → „23.00”, as `GET /sale/tax-settings` writes rates; names such as EXEMPT stay."""
    bare = text.strip().removesuffix("%").strip().replace(",", ".")
    try:
        return f"{Decimal(bare):.2f}"
    except InvalidOperation:
        return bare


def _location(account: Account) -> LocationRequest:
    return LocationRequest(
        country_code=account.country,
        city=(account.city or "").strip(),
        province=account.province if account.province and account.country == "PL" else UNSET,
        post_code=(account.post_code or "").strip() or UNSET,
    )


def _id(allegro_id: str | None) -> Id | UnsetType:
    return Id(allegro_id) if allegro_id else UNSET


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state` is None while Allegro has not made up its mind; problems of an active offer are warnings."""

    state: OfferState | None
    status: str
    problems: list[Problem] = field(default_factory=list)


def to_outcome(details: ProductOffer, parameters: Sequence[Parameter]) -> Outcome:
    """What Allegro's details say of an offer that was to become active (facts.md 6.2)."""
    status = details.status
    problems = problems_at_fields(details.objections, parameters)
    if status is OfferStatus.ACTIVE:
        cautions = details.validation.cautions if details.validation else ()
        remarks = [*problems, *problems_at_fields(cautions, parameters)]
        return Outcome(OfferState.ACTIVE, status, [replace(each, is_warning=True) for each in remarks])
    if problems:
        return Outcome(OfferState.REFUSED, status, problems)
    if status is OfferStatus.ENDED:
        return Outcome(OfferState.ENDED, status)
    return Outcome(None, status)
