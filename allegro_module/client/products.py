"""Allegro's product catalogue: search and details."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from allegro_module.client.payloads import Id, OpenEnum, Payload
from allegro_module.client.transport import Transport, path_to


class SearchMode(StrEnum):
    GTIN = "GTIN"
    MPN = "MPN"


class ProductStatus(OpenEnum):
    PROPOSED = "PROPOSED"
    LISTED = "LISTED"
    NOT_LISTED = "NOT_LISTED"
    REMOVED = "REMOVED"
    UNKNOWN = "UNKNOWN"


class PathStep(Payload, frozen=True):
    id: str | None = None
    name: str | None = None


class SimilarCategory(Payload, frozen=True):
    id: str | None = None


class ProductCategory(Payload, frozen=True):
    """An offer of the product may be in a similar category as well."""

    id: str | None = None
    path: tuple[PathStep, ...] | None = ()
    similar: tuple[SimilarCategory, ...] | None = ()


class ImageUrl(Payload, frozen=True):
    url: str | None = None


class RangeValue(Payload, frozen=True):
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


class ProductParameterOptions(Payload, frozen=True):
    identifies_product: bool | None = None
    is_gtin: bool | None = msgspec.field(default=None, name="isGTIN")


class ProductParameter(Payload, frozen=True):
    id: str
    name: str | None = None
    values: tuple[str, ...] | None = ()
    values_ids: tuple[str, ...] | None = ()
    values_labels: tuple[str, ...] | None = ()
    range_value: RangeValue | None = None
    unit: str | None = None
    options: ProductParameterOptions | None = None


class ProductPublication(Payload, frozen=True):
    status: ProductStatus | None = None


class SafetyInformation(Payload, frozen=True):
    type: str | None = None
    description: str | None = None
    attachments: tuple[Id, ...] | None = ()


class KnownProducer(Payload, frozen=True):
    id: str | None = None
    name: str | None = None


class ProductSafety(Payload, frozen=True):
    """What the law on product safety asks for (GPSR), where the catalogue already has it."""

    responsible_producers: tuple[KnownProducer, ...] | None = ()
    safety_information: SafetyInformation | None = None


class OfferRequirements(Payload, frozen=True):
    """Values an offer of this product must have, such as condition New (facts.md 6.4)."""

    parameters: tuple[ProductParameter, ...] | None = ()


class Product(Payload, frozen=True):
    """Catalogue data may be used on Allegro only (facts.md 6.4).

    `offer_requirements` come with the single answer only.
    """

    id: str
    name: str
    description: dict[str, Any] | None = None
    category: ProductCategory | None = None
    images: tuple[ImageUrl, ...] | None = ()
    parameters: tuple[ProductParameter, ...] | None = ()
    publication: ProductPublication | None = None
    product_safety: ProductSafety | None = None
    offer_requirements: OfferRequirements | None = None


class ProductPage(Payload, frozen=True):
    products: tuple[Product, ...]
    next_page: Id | None = None


class ProductsResource:
    """Both calls are slowed down after some twenty in a row: keep the answers (facts.md 3.2)."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def search(
        self,
        phrase: str,
        mode: SearchMode | None = None,
        category_id: str | None = None,
        page_id: str | None = None,
    ) -> ProductPage:
        """`GET /sale/products`, pages of 30."""
        wanted = {"phrase": phrase, "mode": mode, "category.id": category_id, "page.id": page_id}
        query = [(key, value) for key, value in wanted.items() if value]
        return self._transport.get("/sale/products", ProductPage, query)

    def product(self, product_id: str, category_id: str | None = None) -> Product:
        """`GET /sale/products/{id}`."""
        query = [("category.id", category_id)] if category_id else []
        return self._transport.get(path_to("/sale/products/{}", product_id), Product, query)
