"""Orders: the event journal, checkout forms, the seller's status, carriers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from allegro_module.client.checkout_forms import (
    CheckoutForm,
    CheckoutFormPage,
    CheckoutFormStatus,
    FulfillmentStatus,
    UnreadableForm,
    read_form,
    read_page,
)
from allegro_module.client.payloads import Instant, OpenEnum, Payload, to_wire
from allegro_module.client.transport import ENGLISH, Query, Request, Transport, path_to

EVENTS_PER_PAGE = 1000
FORMS_PER_PAGE = 100
#: `offset + limit` may not exceed it (allegro-api #3500): ask for shorter windows of time.
LAST_FORM = 10_000


class OrderEventType(OpenEnum):
    BOUGHT = "BOUGHT"
    FILLED_IN = "FILLED_IN"
    READY_FOR_PROCESSING = "READY_FOR_PROCESSING"
    BUYER_CANCELLED = "BUYER_CANCELLED"
    FULFILLMENT_STATUS_CHANGED = "FULFILLMENT_STATUS_CHANGED"
    BUYER_MODIFIED = "BUYER_MODIFIED"
    AUTO_CANCELLED = "AUTO_CANCELLED"
    UNKNOWN = "UNKNOWN"


class FormReference(Payload, frozen=True):
    id: str | None = None
    revision: str | None = None


class EventOrder(Payload, frozen=True):
    checkout_form: FormReference | None = None


class OrderEvent(Payload, frozen=True):
    """A hint that a form has changed; the form itself is the truth (facts.md 5.2)."""

    id: str
    type: OrderEventType = OrderEventType.UNKNOWN
    occurred_at: Instant | None = None
    order: EventOrder | None = None

    @property
    def checkout_form_id(self) -> str | None:
        form = self.order and self.order.checkout_form
        return form.id if form else None


class _Events(Payload, frozen=True):
    events: tuple[OrderEvent, ...]


class LatestEvent(Payload, frozen=True):
    id: str
    occurred_at: Instant | None = None


class _EventStats(Payload, frozen=True):
    latest_event: LatestEvent | None = None


class Carrier(Payload, frozen=True):
    id: str
    name: str | None = None


class _Carriers(Payload, frozen=True):
    carriers: tuple[Carrier, ...]


class _FulfillmentRequest(Payload, frozen=True):
    status: FulfillmentStatus


@dataclass(frozen=True, slots=True)
class FormFilter:
    """Which forms to list; `since` and `until` include their own moment."""

    updated_since: datetime | None = None
    updated_until: datetime | None = None
    bought_since: datetime | None = None
    bought_until: datetime | None = None
    status: CheckoutFormStatus | None = None
    #: `updatedAt`, `lineItems.boughtAt`, or either with a minus for newest first.
    sort: str = "updatedAt"

    def query(self) -> Query:
        moments = {
            "updatedAt.gte": self.updated_since,
            "updatedAt.lte": self.updated_until,
            "lineItems.boughtAt.gte": self.bought_since,
            "lineItems.boughtAt.lte": self.bought_until,
        }
        query = [(key, to_wire(moment)) for key, moment in moments.items() if moment]
        if self.status:
            query.append(("status", self.status))
        return [*query, ("sort", self.sort)]


class OrdersResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def event_stats(self) -> LatestEvent | None:
        """`GET /order/event-stats`: the newest event, None when there was never one.

        A cursor to start from, not to move forward with: events become visible late (#4773).
        """
        return self._transport.get("/order/event-stats", _EventStats).latest_event

    def events(self, after: str | None = None, limit: int = EVENTS_PER_PAGE) -> tuple[OrderEvent, ...]:
        """`GET /order/events`, oldest first; without `after` from the oldest kept, some 60 days back."""
        query: list[tuple[str, str | int]] = [("limit", limit)]
        if after:
            query.append(("from", after))
        return self._transport.get("/order/events", _Events, query).events

    def checkout_forms(
        self, wanted: FormFilter | None = None, offset: int = 0, limit: int = FORMS_PER_PAGE
    ) -> CheckoutFormPage:
        """`GET /order/checkout-forms`, of the last 12 months (facts.md 5.3)."""
        if offset + limit > LAST_FORM:
            raise ValueError(f"Allegro lists no forms beyond {LAST_FORM}")
        query = [("limit", limit), ("offset", offset), *(wanted or FormFilter()).query()]
        return read_page(self._transport.send(Request("GET", "/order/checkout-forms", query)))

    def checkout_form(self, checkout_form_id: str) -> CheckoutForm:
        """`GET /order/checkout-forms/{id}`. Raises Refused with `is_missing` after 12 months."""
        return self._transport.get(path_to("/order/checkout-forms/{}", checkout_form_id), CheckoutForm)

    def find_form(self, checkout_form_id: str) -> CheckoutForm | UnreadableForm:
        """As `checkout_form`, with what came instead when it is not what Allegro promises."""
        return read_form(
            self._transport.send(Request("GET", path_to("/order/checkout-forms/{}", checkout_form_id)))
        )

    def set_fulfillment(
        self, checkout_form_id: str, status: FulfillmentStatus, revision: str | None = None
    ) -> None:
        """`PUT /order/checkout-forms/{id}/fulfillment`. Raises Busy when `revision` is outdated.

        Never write a status that is already set: the number of writes per order is capped (#3652).
        """
        path = path_to("/order/checkout-forms/{}/fulfillment", checkout_form_id)
        query = [("checkoutForm.revision", revision)] if revision else []
        body = msgspec.json.encode(_FulfillmentRequest(status))
        self._transport.send(Request("PUT", path, query, body, language=ENGLISH))

    def carriers(self) -> tuple[Carrier, ...]:
        """`GET /order/carriers`; changes rarely, keep it."""
        return self._transport.get("/order/carriers", _Carriers).carriers
