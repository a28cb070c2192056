"""Offer row → Allegro's product offer, and Allegro's details → what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from msgspec import UNSET, UnsetType

from allegro_module.client.offer_requests import (
    AfterSalesRequest,
    DeliveryRequest,
    DescriptionRequest,
    ImageItem,
    LocationRequest,
    MarketplaceRequest,
    ParameterRequest,
    PaymentsRequest,
    PriceAbroad,
    ProducerById,
    ProductOfferRequest,
    ProductRequest,
    ProductSetElementRequest,
    Publication,
    PublicationRequest,
    RangeRequest,
    SafetyAttachments,
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
from allegro_module.db.offers import Offer
from allegro_module.domain.description_sections import Image, Item, Section
from allegro_module.domain.listing import IMAGES_MAX, Origin, read_price, read_quantity
from allegro_module.domain.marketplaces import BASE, currency_of, twin_of
from allegro_module.domain.offers import OfferState
from allegro_module.domain.parameter_answers import WireValue, wire_values
from allegro_module.domain.parameters import Parameter, with_gtin
from allegro_module.domain.problems import Problem
from allegro_module.sync.objections import problems_at_fields

#: As `Offer.location` keeps them.
ORIGIN_NAMES = ("country", "province", "city", "post_code")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Addresses of pictures: the offer's own, `extra` ones of its description, and each by its ref."""

    own: tuple[str, ...]
    extra: tuple[str, ...] = ()
    url_by_ref: Mapping[str, str] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.own, *self.extra)


def to_product_offer(
    offer: Offer,
    parameters: Sequence[Parameter],
    pictures: Uploaded,
    sections: Sequence[Section],
    attachment_ids: Sequence[str] = (),
) -> ProductOfferRequest:
    """The whole offer, to be ACTIVE: what is new is created of it, what is listed is changed to it.

    The row has passed `problems_before_listing`. `attachment_ids` are Allegro's, of the files with safety
    information. No language, as null is refused (facts.md 1.6).
    """
    price = read_price(offer.price_text, offer.currency)
    quantity = read_quantity(offer.quantity_text)
    assert price is not None and quantity is not None
    values = wire_values(parameters, with_gtin(parameters, offer.parameters, offer.gtin))
    return ProductOfferRequest(
        product_set=(_product(offer, values, pictures, attachment_ids),),
        name=offer.title.strip(),
        parameters=tuple(_parameter(value) for value in values if not value.describes_product),
        images=pictures.all,
        description=_description(sections, pictures.url_by_ref),
        selling_mode=SellingModeRequest(price=amount_of(price, offer.currency)),
        stock=StockRequest(available=quantity, unit="UNIT"),
        delivery=DeliveryRequest(_id(offer.shipping_rate_id), offer.handling_time or UNSET),
        after_sales_services=_after_sales(offer),
        payments=PaymentsRequest(invoice=offer.invoice),
        tax_settings=_tax(offer),
        location=_location(offer),
        external=Id(offer.external_id),
        publication=_publication(offer),
        additional_marketplaces=_marketplaces(offer),
    )


def _product(
    offer: Offer, values: Sequence[WireValue], pictures: Uploaded, attachment_ids: Sequence[str]
) -> ProductSetElementRequest:
    """By its data: Allegro finds the product by the GTIN among them, or makes one (facts.md 6.2).

    The product's pictures count with the offer's own, 16 in all.
    """
    product = ProductRequest(
        name=offer.title.strip(),
        category=_id(offer.category_id),
        parameters=tuple(_parameter(value) for value in values if value.describes_product),
        images=pictures.own[: IMAGES_MAX - len(pictures.all)],
    )
    if offer.is_before_gpsr:
        return ProductSetElementRequest(product, marketed_before_gpsr_obligation=True)
    producer = offer.responsible_producer_id
    return ProductSetElementRequest(
        product,
        responsible_producer=ProducerById(producer) if producer else UNSET,
        responsible_person=_id(offer.responsible_person_id),
        safety_information=_safety(offer.safety_text.strip(), attachment_ids),
    )


def _safety(text: str, attachment_ids: Sequence[str]) -> SafetyText | SafetyAttachments | UnsetType:
    """Allegro takes files or a text, not both (facts.md 6.10): files say more."""
    if attachment_ids:
        return SafetyAttachments(tuple(Id(each) for each in attachment_ids))
    return SafetyText(text) if text else UNSET


def _parameter(value: WireValue) -> ParameterRequest:
    return ParameterRequest(
        id=value.parameter_id,
        values=value.values or UNSET,
        values_ids=value.values_ids or UNSET,
        range_value=RangeRequest(*value.range) if value.range else UNSET,
    )


def _description(
    sections: Sequence[Section], url_by_ref: Mapping[str, str]
) -> DescriptionRequest | UnsetType:
    requests = tuple(
        SectionRequest(tuple(_item(item, url_by_ref) for item in section.items)) for section in sections
    )
    return DescriptionRequest(requests) if requests else UNSET


def _item(item: Item, url_by_ref: Mapping[str, str]) -> TextItem | ImageItem:
    return ImageItem(url_by_ref[item.ref]) if isinstance(item, Image) else TextItem(item.content)


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


def _location(offer: Offer) -> LocationRequest:
    """The offer's own place, else the account's."""
    origin = origin_of(offer)
    return LocationRequest(
        country_code=origin.country,
        city=origin.city.strip(),
        province=origin.province if origin.province and origin.country == "PL" else UNSET,
        post_code=origin.post_code.strip() or UNSET,
    )


def origin_of(offer: Offer) -> Origin:
    if offer.location:
        return Origin(**{name: offer.location.get(name) or "" for name in ORIGIN_NAMES})
    account = offer.account
    return Origin(account.country, account.province or "", account.city or "", account.post_code or "")


def _publication(offer: Offer) -> PublicationRequest:
    """No duration: until sold out. A change has to say so, as what is left out stays (facts.md 6.3)."""
    unlimited = UNSET if offer.allegro_offer_id is None else None
    return PublicationRequest(
        status=Publication.ACTIVE, duration=offer.duration or unlimited, republish=offer.is_republished
    )


def _marketplaces(offer: Offer) -> dict[str, MarketplaceRequest] | UnsetType:
    """Only those with a price of their own: for the others Allegro converts (facts.md 6.6)."""
    base = twin_of(offer.account.base_marketplace or BASE)
    found = {}
    for name, wish in (offer.marketplaces or {}).items():
        price = read_price(wish.get("price_text") or "", currency_of(name))
        if price is not None and twin_of(name) != base:
            found[name] = MarketplaceRequest(PriceAbroad(amount_of(price, currency_of(name))))
    return found or UNSET


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
