"""Offers: create, change, read, find, and what became of an operation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from allegro_module.client.answers import Answer, ErrorPayload
from allegro_module.client.errors import Objection, Unexpected
from allegro_module.client.offer_requests import ProductOfferRequest
from allegro_module.client.paging import all_pages
from allegro_module.client.payloads import Amount, Id, Instant, OpenEnum, Payload
from allegro_module.client.products import ProductParameter, ProductPublication, SafetyInformation
from allegro_module.client.transport import Prepared, Request, Transport, path_to

OFFERS_PER_PAGE = 1000
#: Values of one `external.id` filter (facts.md 6.2).
EXTERNAL_IDS_PER_CALL = 100
OPERATION = re.compile(r"/sale/product-offers/([^/?#]+)/operations/([^/?#]+)/?$")
SEE_OTHER = 303


class OfferStatus(OpenEnum):
    """INACTIVE is a draft; ACTIVATING is planned or being published."""

    INACTIVE = "INACTIVE"
    ACTIVATING = "ACTIVATING"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"
    UNKNOWN = "UNKNOWN"


class OfferPublication(Payload, frozen=True):
    status: OfferStatus | None = None
    duration: str | None = None
    starting_at: Instant | None = None
    ending_at: Instant | None = None
    ended_by: str | None = None
    republish: bool | None = None


class OfferProduct(Payload, frozen=True):
    id: str | None = None
    publication: ProductPublication | None = None
    parameters: tuple[ProductParameter, ...] | None = ()


class OfferQuantity(Payload, frozen=True):
    value: int | None = None


class ProductSetElement(Payload, frozen=True):
    product: OfferProduct | None = None
    quantity: OfferQuantity | None = None
    responsible_producer: Id | None = None
    responsible_person: Id | None = None
    safety_information: SafetyInformation | None = None
    marketed_before_gpsr_obligation: bool | None = msgspec.field(
        default=None, name="marketedBeforeGPSRObligation"
    )


class SellingMode(Payload, frozen=True):
    format: str | None = None
    price: Amount | None = None
    starting_price: Amount | None = None
    minimal_price: Amount | None = None


class Stock(Payload, frozen=True):
    available: int | None = None
    unit: str | None = None
    sold: int | None = None


class OfferDelivery(Payload, frozen=True):
    shipping_rates: Id | None = None
    handling_time: str | None = None


class AfterSalesServices(Payload, frozen=True):
    return_policy: Id | None = None
    implied_warranty: Id | None = None
    warranty: Id | None = None


class DescriptionItem(Payload, frozen=True):
    type: str | None = None
    content: str | None = None
    url: str | None = None


class DescriptionSection(Payload, frozen=True):
    items: tuple[DescriptionItem, ...] | None = ()


class Description(Payload, frozen=True):
    sections: tuple[DescriptionSection, ...] | None = ()


class OfferLocation(Payload, frozen=True):
    country_code: str | None = None
    province: str | None = None
    city: str | None = None
    post_code: str | None = None


class Validation(Payload, frozen=True):
    """Errors keep a draft from being published, warnings do not (facts.md 6.2)."""

    errors: tuple[ErrorPayload, ...] | None = ()
    warnings: tuple[ErrorPayload, ...] | None = ()
    validated_at: Instant | None = None

    @property
    def objections(self) -> tuple[Objection, ...]:
        return tuple(error.objection for error in self.errors or ())

    @property
    def cautions(self) -> tuple[Objection, ...]:
        return tuple(warning.objection for warning in self.warnings or ())


class ProductOffer(Payload, frozen=True):
    """An offer in full."""

    id: str
    name: str | None = None
    category: Id | None = None
    product_set: tuple[ProductSetElement, ...] | None = ()
    parameters: tuple[ProductParameter, ...] | None = ()
    images: tuple[str, ...] | None = ()
    description: Description | None = None
    selling_mode: SellingMode | None = None
    stock: Stock | None = None
    delivery: OfferDelivery | None = None
    after_sales_services: AfterSalesServices | None = None
    location: OfferLocation | None = None
    external: Id | None = None
    publication: OfferPublication | None = None
    validation: Validation | None = None
    language: str | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None

    @property
    def status(self) -> OfferStatus:
        return (self.publication and self.publication.status) or OfferStatus.UNKNOWN

    @property
    def objections(self) -> tuple[Objection, ...]:
        """Why Allegro does not publish it."""
        return self.validation.objections if self.validation else ()

    @property
    def external_id(self) -> str | None:
        return self.external.id if self.external else None


@dataclass(frozen=True, slots=True)
class OfferDetails:
    """An offer in full: as far as we read it, and whole as Allegro worded it."""

    offer: ProductOffer
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class OfferAnswer:
    """With an `operation_url` the request was only accepted: it may still fail (facts.md 6.2)."""

    details: OfferDetails
    operation_url: str | None = None
    retry_after: timedelta | None = None

    @property
    def offer(self) -> ProductOffer:
        return self.details.offer

    @property
    def is_done(self) -> bool:
        return self.operation_url is None


@dataclass(frozen=True, slots=True)
class OperationState:
    """`offer_id` once it has ended; before, Allegro may wish a pause."""

    offer_id: str | None
    retry_after: timedelta | None = None


class ListedPublication(Payload, frozen=True):
    """The list says nothing of who ended an offer (allegro-api #8675)."""

    status: OfferStatus | None = None
    started_at: Instant | None = None
    ending_at: Instant | None = None
    ended_at: Instant | None = None


class ListedImage(Payload, frozen=True):
    url: str | None = None


class ListedOffer(Payload, frozen=True):
    """An entry of the list, which lags behind the details by up to minutes (facts.md 6.8)."""

    id: str
    name: str | None = None
    category: Id | None = None
    primary_image: ListedImage | None = None
    selling_mode: SellingMode | None = None
    stock: Stock | None = None
    publication: ListedPublication | None = None
    external: Id | None = None

    @property
    def status(self) -> OfferStatus:
        return (self.publication and self.publication.status) or OfferStatus.UNKNOWN

    @property
    def external_id(self) -> str | None:
        return self.external.id if self.external else None


class ListedOffers(Payload, frozen=True):
    offers: tuple[ListedOffer, ...]
    count: int | None = None
    total_count: int | None = None


class _Operation(Payload, frozen=True):
    status: str | None = None


class _OperationAnswer(Payload, frozen=True):
    operation: _Operation | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """A creation or a change that is ready to be sent, once.

    `go` uses the wire alone, whatever thread it is called in; `read` belongs into the caller's own, as it may
    fetch another token and send once more. Both raise AllegroError.
    """

    _transport: Transport
    _prepared: Prepared

    def send(self) -> OfferAnswer:
        return self.read(self.go())

    def go(self) -> Answer:
        return self._prepared.go()

    def read(self, sent: Answer) -> OfferAnswer:
        answer = self._transport.judge(self._prepared, sent)
        read = _details(answer)
        if answer.status != 202:
            return OfferAnswer(read)
        if answer.location is None:
            raise Unexpected("accepted without an operation", at=answer.at)
        return OfferAnswer(read, answer.location, answer.retry_after)


class OffersResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, offer: ProductOfferRequest | Mapping[str, Any]) -> OfferAnswer:
        """`POST /sale/product-offers`. Not idempotent: a repeat makes a second offer (#5559, #13278)."""
        return self.creation(offer).send()

    def creation(self, offer: ProductOfferRequest | Mapping[str, Any]) -> Writing:
        """`create`, ready to be sent. Raises NotConnected, Unavailable."""
        return self._writing("POST", "/sale/product-offers", offer)

    def patch(self, offer_id: str, changes: ProductOfferRequest | Mapping[str, Any]) -> OfferAnswer:
        """`PATCH /sale/product-offers/{id}`. Raises Busy while an earlier change runs."""
        return self.change(offer_id, changes).send()

    def change(self, offer_id: str, changes: ProductOfferRequest | Mapping[str, Any]) -> Writing:
        """`patch`, ready to be sent. Raises NotConnected, Unavailable."""
        return self._writing("PATCH", path_to("/sale/product-offers/{}", offer_id), changes)

    def offer(self, offer_id: str) -> ProductOffer:
        """`GET /sale/product-offers/{id}`: the truth right after a write, unlike the list."""
        return self.details(offer_id).offer

    def details(self, offer_id: str) -> OfferDetails:
        """The same with what we do not read ourselves."""
        return _details(self._transport.send(Request("GET", path_to("/sale/product-offers/{}", offer_id))))

    def delete_draft(self, offer_id: str) -> None:
        """`DELETE /sale/offers/{id}`, of an INACTIVE one only."""
        self._transport.send(Request("DELETE", path_to("/sale/offers/{}", offer_id)))

    def finished_offer_id(self, operation_url: str) -> str | None:
        """Whose operation has ended, None before."""
        return self.operation(operation_url).offer_id

    def operation(self, operation_url: str) -> OperationState:
        """`GET /sale/product-offers/{id}/operations/{operation}`.

        Ended does not mean listed: read the offer's status and objections. Raises Refused with
        `is_missing` when Allegro no longer knows the operation.
        """
        found = OPERATION.search(operation_url)
        if found is None:
            raise Unexpected(f"not an operation of an offer: {operation_url}")
        # The token goes to the api host alone, whatever address the answer gave.
        request = Request("GET", found.group().rstrip("/"), own_answers=frozenset({SEE_OTHER}))
        answer = self._transport.send(request)
        if answer.status == SEE_OTHER or _is_completed(answer):
            return OperationState(found.group(1))
        return OperationState(None, answer.retry_after)

    def find_by_external_id(self, external_ids: Sequence[str]) -> tuple[ListedOffer, ...]:
        """`GET /sale/offers?external.id=…`: all there are; as the list lags, absence proves nothing."""
        found: list[ListedOffer] = []
        for start in range(0, len(external_ids), EXTERNAL_IDS_PER_CALL):
            chunk = external_ids[start : start + EXTERNAL_IDS_PER_CALL]
            found.extend(self._find_chunk(chunk))
        return tuple(found)

    def page(
        self, offset: int = 0, limit: int = OFFERS_PER_PAGE, statuses: Sequence[OfferStatus] = ()
    ) -> ListedOffers:
        """`GET /sale/offers`, newest first."""
        query: list[tuple[str, str | int]] = [("limit", limit), ("offset", offset)]
        query += [("publication.status", status) for status in statuses]
        return self._transport.get("/sale/offers", ListedOffers, query)

    def _find_chunk(self, external_ids: Sequence[str]) -> tuple[ListedOffer, ...]:
        def page(offset: int) -> tuple[ListedOffer, ...]:
            query: list[tuple[str, str | int]] = [("external.id", each) for each in external_ids]
            query += [("limit", OFFERS_PER_PAGE), ("offset", offset)]
            return self._transport.get("/sale/offers", ListedOffers, query).offers

        return all_pages(page, OFFERS_PER_PAGE)

    def _writing(self, method: str, path: str, offer: ProductOfferRequest | Mapping[str, Any]) -> Writing:
        request = Request(method, path, body=msgspec.json.encode(offer))
        return Writing(self._transport, self._transport.prepare(request))


def _details(answer: Answer) -> OfferDetails:
    return OfferDetails(answer.read(ProductOffer), answer.read(dict[str, Any]), answer.at.trace_id)


def _is_completed(answer: Answer) -> bool:
    operation = answer.read(_OperationAnswer).operation
    return operation is not None and operation.status == "COMPLETED"
