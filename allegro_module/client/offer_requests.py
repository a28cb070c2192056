"""What we send to create or change an offer: members left UNSET are not sent, None deletes (merge patch).

Only members of `SaleProductOfferRequestV1` and its PATCH twin stand here: Allegro refuses any other with
`UnknownJSONProperty` (facts.md 1.6).
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType

from allegro_module.client.payloads import Amount, Id, Payload


class Publication(StrEnum):
    """What may be asked for; see `offers.OfferStatus` for what is answered."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    ENDED = "ENDED"


class RangeRequest(Payload, frozen=True):
    from_: str = msgspec.field(name="from")
    to: str


class ParameterRequest(Payload, frozen=True):
    """Numbers are texts too; an own value of a dictionary goes with the ambiguous id (facts.md 7.3)."""

    id: str
    values: tuple[str, ...] | UnsetType = UNSET
    values_ids: tuple[str, ...] | UnsetType = UNSET
    range_value: RangeRequest | UnsetType = UNSET


class ProductRequest(Payload, frozen=True):
    """Either the `id` of a catalogue product (or its GTIN, with `id_type`), or the data of one."""

    id: str | UnsetType = UNSET
    id_type: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    category: Id | UnsetType = UNSET
    parameters: tuple[ParameterRequest, ...] | UnsetType = UNSET
    images: tuple[str, ...] | UnsetType = UNSET


class Quantity(Payload, frozen=True):
    value: int


class Deposit(Payload, frozen=True):
    """Kaucja; ids as `GET /deposit/types` names them (facts.md 6.10)."""

    id: str
    quantity: int


class ProducerById(Payload, frozen=True, tag="ID", tag_field="type"):
    id: str


class ProducerByName(Payload, frozen=True, tag="NAME", tag_field="type"):
    name: str


class SafetyText(Payload, frozen=True, tag="TEXT", tag_field="type"):
    """1 to 5000 characters, plain (facts.md 6.10)."""

    description: str


class SafetyAttachments(Payload, frozen=True, tag="ATTACHMENTS", tag_field="type"):
    attachments: tuple[Id, ...]


class ProductSetElementRequest(Payload, frozen=True):
    product: ProductRequest
    quantity: Quantity | UnsetType = UNSET
    responsible_producer: ProducerById | ProducerByName | UnsetType = UNSET
    responsible_person: Id | UnsetType = UNSET
    safety_information: SafetyText | SafetyAttachments | UnsetType = UNSET
    marketed_before_gpsr_obligation: bool | UnsetType = msgspec.field(
        default=UNSET, name="marketedBeforeGPSRObligation"
    )
    deposits: tuple[Deposit, ...] | UnsetType = UNSET


class TextItem(Payload, frozen=True, tag="TEXT", tag_field="type"):
    content: str


class ImageItem(Payload, frozen=True, tag="IMAGE", tag_field="type"):
    """The picture must be among the offer's `images` as well (facts.md 6.5)."""

    url: str


class SectionRequest(Payload, frozen=True):
    """One or two items."""

    items: tuple[TextItem | ImageItem, ...]


class DescriptionRequest(Payload, frozen=True):
    sections: tuple[SectionRequest, ...]


class SellingModeRequest(Payload, frozen=True):
    """An auction starts at `startingPrice`; its `price` is the one to buy at once (facts.md 6.6)."""

    price: Amount | UnsetType = UNSET
    format: str = "BUY_NOW"
    starting_price: Amount | UnsetType = UNSET
    minimal_price: Amount | UnsetType = UNSET


class PriceAbroad(Payload, frozen=True):
    """No `format` here (facts.md 6.6)."""

    price: Amount


class MarketplaceRequest(Payload, frozen=True):
    selling_mode: PriceAbroad


class StockRequest(Payload, frozen=True):
    """0 ends an active offer (facts.md 6.7)."""

    available: int
    unit: str | UnsetType = UNSET


class DeliveryRequest(Payload, frozen=True):
    shipping_rates: Id | UnsetType = UNSET
    handling_time: str | UnsetType = UNSET


class AfterSalesRequest(Payload, frozen=True):
    return_policy: Id | UnsetType = UNSET
    implied_warranty: Id | UnsetType = UNSET
    warranty: Id | UnsetType | None = UNSET


class PaymentsRequest(Payload, frozen=True):
    invoice: str


class TaxRateRequest(Payload, frozen=True):
    rate: str
    country_code: str


class TaxSettingsRequest(Payload, frozen=True):
    rates: tuple[TaxRateRequest, ...]
    subject: str | UnsetType = UNSET
    exemption: str | UnsetType = UNSET


class BusinessRequest(Payload, frozen=True):
    buyable_only_by_business: bool


class AiImage(Payload, frozen=True):
    url: str


class AiContentRequest(Payload, frozen=True):
    """Pictures that the seller declares as made with AI."""

    images: tuple[AiImage, ...]


class LocationRequest(Payload, frozen=True):
    country_code: str
    city: str
    province: str | UnsetType = UNSET
    post_code: str | UnsetType = UNSET


class PublicationRequest(Payload, frozen=True):
    """`duration` None is "until sold out"; `republish` would relist with the first stock (facts.md 6.6)."""

    status: Publication | UnsetType = UNSET
    duration: str | UnsetType | None = UNSET
    starting_at: str | UnsetType = UNSET
    republish: bool | UnsetType = UNSET


class ProductOfferRequest(Payload, frozen=True):
    """In a PATCH lists replace lists whole, and what is left out stays (facts.md 6.3)."""

    product_set: tuple[ProductSetElementRequest, ...] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    parameters: tuple[ParameterRequest, ...] | UnsetType = UNSET
    images: tuple[str, ...] | UnsetType = UNSET
    description: DescriptionRequest | UnsetType = UNSET
    selling_mode: SellingModeRequest | UnsetType = UNSET
    stock: StockRequest | UnsetType = UNSET
    delivery: DeliveryRequest | UnsetType = UNSET
    after_sales_services: AfterSalesRequest | UnsetType = UNSET
    payments: PaymentsRequest | UnsetType = UNSET
    tax_settings: TaxSettingsRequest | UnsetType | None = UNSET
    location: LocationRequest | UnsetType = UNSET
    external: Id | UnsetType | None = UNSET
    publication: PublicationRequest | UnsetType = UNSET
    b2b: BusinessRequest | UnsetType = UNSET
    additional_services: Id | UnsetType = UNSET
    size_table: Id | UnsetType = UNSET
    ai_co_created_content: AiContentRequest | UnsetType = UNSET
    #: By id; a marketplace left out keeps the price it has, or gets one that Allegro converts.
    additional_marketplaces: dict[str, MarketplaceRequest] | UnsetType = UNSET
