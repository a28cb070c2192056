"""Offer row → Allegro's product offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import UNSET, UnsetType

from allegro_module.client.offer_requests import (
    AfterSalesRequest,
    AiContentRequest,
    AiImage,
    BusinessRequest,
    DeliveryRequest,
    Deposit,
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
    Quantity,
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
from allegro_module.client.payloads import Amount, Id, amount_of, to_wire
from allegro_module.db.offers import Offer
from allegro_module.domain.description_sections import Image, Item, Section
from allegro_module.domain.listing import IMAGES_MAX, Origin
from allegro_module.domain.marketplaces import BASE, currency_of, twin_of
from allegro_module.domain.offers import Wanted
from allegro_module.domain.parameter_answers import WireValue, wire_values
from allegro_module.domain.parameters import Parameter, with_gtin
from allegro_module.domain.product_sets import SafetyChoice
from allegro_module.domain.selling_formats import SellingFormat, read_price, read_quantity
from allegro_module.sync.catalogue import effective_answers

#: As `Offer.location` keeps them.
ORIGIN_NAMES = ("country", "province", "city", "post_code")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Addresses of pictures: the offer's own, `extra` ones of its description, and each by its ref.

    `ai` are those that the seller declares as made with AI.
    """

    own: tuple[str, ...]
    extra: tuple[str, ...] = ()
    url_by_ref: Mapping[str, str] = field(default_factory=dict)
    ai: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.own, *self.extra)


def to_product_offer(
    offer: Offer,
    parameters: Sequence[Parameter],
    pictures: Uploaded,
    sections: Sequence[Section],
    attachment_ids: Sequence[str] = (),
    *,
    catalogue: Mapping[str, Any] | None = None,
    file_ids: Mapping[int, str] | None = None,
    now: datetime | None = None,
) -> ProductOfferRequest:
    """The whole offer as the row wants it: an offer that is listed is held against it (`offer_patch`).

    `attachment_ids` are Allegro's, of the files with safety information; `catalogue` is what its catalogue
    says of `offer.product_id`, `file_ids` are those of the further products by row. What a draft lacks is
    left out. No language: null is refused (facts.md 1.6).
    """
    goods = _goods(offer, parameters, pictures, attachment_ids, catalogue, file_ids or {})
    if offer.is_quick:
        return _bare_offer(offer, goods, now)
    return ProductOfferRequest(
        product_set=goods.product_set,
        name=offer.title.strip() or UNSET,
        parameters=goods.parameters,
        images=pictures.all,
        description=_description(sections, pictures.url_by_ref),
        selling_mode=_selling_mode(offer),
        stock=_stock(offer),
        delivery=DeliveryRequest(_id(offer.shipping_rate_id), offer.handling_time or UNSET),
        after_sales_services=_after_sales(offer),
        payments=PaymentsRequest(invoice=offer.invoice),
        tax_settings=_tax(offer),
        location=_location(offer),
        external=Id(offer.external_id),
        publication=_publication(offer, now),
        additional_marketplaces=_marketplaces(offer),
        b2b=BusinessRequest(True) if offer.is_business_only else UNSET,
        additional_services=_id(offer.additional_services_id),
        size_table=_id(offer.size_table_id),
        ai_co_created_content=AiContentRequest(tuple(map(AiImage, pictures.ai))) if pictures.ai else UNSET,
    )


def _bare_offer(offer: Offer, goods: Goods, now: datetime | None) -> ProductOfferRequest:
    """By its product alone: title, pictures and description are the catalogue's (facts.md 6.2)."""
    return ProductOfferRequest(
        product_set=goods.product_set,
        parameters=goods.parameters or UNSET,
        selling_mode=_selling_mode(offer),
        stock=_stock(offer),
        delivery=DeliveryRequest(_id(offer.shipping_rate_id), offer.handling_time or UNSET),
        after_sales_services=_after_sales(offer),
        payments=PaymentsRequest(invoice=offer.invoice),
        tax_settings=_tax(offer),
        location=_location(offer),
        external=Id(offer.external_id),
        publication=_publication(offer, now),
    )


@dataclass(frozen=True, slots=True)
class Goods:
    """What is sold, and the parameters that are the offer's own."""

    product_set: tuple[ProductSetElementRequest, ...]
    parameters: tuple[ParameterRequest, ...]


def _goods(
    offer: Offer,
    parameters: Sequence[Parameter],
    pictures: Uploaded,
    attachment_ids: Sequence[str],
    catalogue: Mapping[str, Any] | None,
    file_ids: Mapping[int, str],
) -> Goods:
    answers = effective_answers(with_gtin(parameters, offer.parameters, offer.gtin), catalogue, parameters)
    values = wire_values(parameters, answers)
    own = tuple(_parameter(value) for value in values if not value.describes_product)
    of_product = [value for value in values if value.describes_product]
    if offer.product_id:
        product = _known_product(offer, of_product, catalogue)
    else:
        product = _described_product(offer, of_product, pictures)
    others = tuple(_further(each, file_ids) for each in offer.more_products or ())
    return Goods((_element(offer, product, attachment_ids), *others), own)


def _known_product(
    offer: Offer, values: Sequence[WireValue], catalogue: Mapping[str, Any] | None
) -> ProductRequest:
    """By its id with what the catalogue lacks. No pictures of the product's, so that the offer's own stay:
    a bare id would take everything from the catalogue (facts.md 6.3).
    """
    given = {entry.get("id") for entry in (catalogue or {}).get("parameters") or ()}
    lacking = tuple(_parameter(value) for value in values if value.parameter_id not in given)
    has_own_pictures = bool(offer.images) and not offer.is_quick
    return ProductRequest(
        id=offer.product_id or UNSET,
        parameters=lacking or UNSET,
        images=() if has_own_pictures else UNSET,
    )


def _described_product(offer: Offer, values: Sequence[WireValue], pictures: Uploaded) -> ProductRequest:
    """By its data: Allegro finds the product by the GTIN among them, or makes one (facts.md 6.2).

    The product's pictures count with the offer's own, 16 in all.
    """
    return ProductRequest(
        name=offer.title.strip() or UNSET,
        category=_id(offer.category_id),
        parameters=tuple(_parameter(value) for value in values),
        images=pictures.own[: IMAGES_MAX - len(pictures.all)],
    )


def _element(
    offer: Offer, product: ProductRequest, attachment_ids: Sequence[str]
) -> ProductSetElementRequest:
    quantity = _pieces(offer.product_quantity)
    deposits = _deposits(offer)
    if offer.is_before_gpsr:
        return ProductSetElementRequest(
            product, quantity, marketed_before_gpsr_obligation=True, deposits=deposits
        )
    producer = offer.responsible_producer_id
    return ProductSetElementRequest(
        product,
        quantity,
        responsible_producer=ProducerById(producer) if producer else UNSET,
        responsible_person=_id(offer.responsible_person_id),
        safety_information=_safety(offer.safety_text.strip(), attachment_ids),
        deposits=deposits,
    )


def _further(row: Mapping[str, Any], file_ids: Mapping[int, str]) -> ProductSetElementRequest:
    """Another product of the set: what it does not say of safety the catalogue tells (facts.md 6.10)."""
    product, quantity = ProductRequest(id=row["product_id"]), _pieces(row["quantity"])
    choice = row.get("safety")
    if choice == SafetyChoice.BEFORE:
        return ProductSetElementRequest(product, quantity, marketed_before_gpsr_obligation=True)
    files = [file_ids[each] for each in row.get("safety_attachments") or () if each in file_ids]
    text = (row.get("safety_text") or "").strip() if choice == SafetyChoice.TEXT else ""
    producer = row.get("responsible_producer_id")
    return ProductSetElementRequest(
        product,
        quantity,
        responsible_producer=ProducerById(producer) if producer else UNSET,
        responsible_person=_id(row.get("responsible_person_id")),
        safety_information=_safety(text, files if choice == SafetyChoice.FILES else ()),
    )


def _pieces(pieces: int | str | None) -> Quantity | UnsetType:
    """One needs no words; what is no number yet stands in drafts only."""
    return Quantity(pieces) if isinstance(pieces, int) and pieces > 1 else UNSET


def _deposits(offer: Offer) -> tuple[Deposit, ...] | UnsetType:
    """Pieces that are no number were kept as they were typed: a preview leaves them out as it does prices."""
    known = [each for each in offer.deposits or () if isinstance(each["quantity"], int)]
    return tuple(Deposit(each["id"], each["quantity"]) for each in known) or UNSET


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
    """Rates are settled per country; of other base marketplaces only those that the seller named."""
    rates = []
    if offer.account.base_marketplace == "allegro-pl" and offer.vat_rate.strip():
        rates.append(TaxRateRequest(to_tax_rate(offer.vat_rate), "PL"))
    abroad = sorted((offer.vat_rates_abroad or {}).items())
    rates += [TaxRateRequest(to_tax_rate(rate), country) for country, rate in abroad if rate]
    if not rates:
        return UNSET
    return TaxSettingsRequest(tuple(rates), offer.vat_subject or UNSET, offer.vat_exemption or UNSET)


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


def _publication(offer: Offer, now: datetime | None) -> PublicationRequest:
    """Without a duration: until sold out. The start cannot change any more once it has been active, and one
    that has passed while the offer waited means at once (facts.md 6.3)."""
    starts = offer.starting_at
    is_over = starts is not None and now is not None and starts <= now
    status = Publication.INACTIVE if offer.wanted == Wanted.DRAFT else Publication.ACTIVE
    return PublicationRequest(
        status=status,
        duration=offer.duration or UNSET,
        starting_at=UNSET if starts is None or is_over or offer.first_listed_at else to_wire(starts),
        republish=offer.is_republished,
    )


def _selling_mode(offer: Offer) -> SellingModeRequest:
    if offer.selling_format != SellingFormat.AUCTION:
        return SellingModeRequest(_price(offer.price_text, offer.currency))
    return SellingModeRequest(
        price=_price(offer.price_text, offer.currency),
        format=SellingFormat.AUCTION,
        starting_price=_price(offer.starting_price_text, offer.currency),
        minimal_price=_price(offer.minimal_price_text, offer.currency),
    )


def _price(text: str, currency: str) -> Amount | UnsetType:
    price = read_price(text or "", currency)
    return UNSET if price is None else amount_of(price, currency)


def _stock(offer: Offer) -> StockRequest:
    """A creation needs it, a draft's too (facts.md 6.2)."""
    return StockRequest(available=read_quantity(offer.quantity_text) or 0, unit=offer.unit or "UNIT")


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
