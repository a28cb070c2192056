"""The seller's side of orders: journal of events, checkout forms, the seller's own status, carriers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response

from allegro_module.simulator.forms import EventType, Form, Json, Status
from allegro_module.simulator.http import Call, Members, Problem, Refusal, Room, answer, bad_parameter, iso

if TYPE_CHECKING:
    from allegro_module.simulator.world import World

JOURNAL_DAYS = timedelta(days=60)
FORM_DAYS = timedelta(days=365)
DEEPEST = 10_000

SELLER_STATUSES = (
    "NEW",
    "PROCESSING",
    "READY_FOR_SHIPMENT",
    "READY_FOR_PICKUP",
    "SENT",
    "PICKED_UP",
    "CANCELLED",
    "SUSPENDED",
    "RETURNED",
)
SORTS = ("lineItems.boughtAt", "-lineItems.boughtAt", "updatedAt", "-updatedAt")
FILTERS = {
    "offset",
    "limit",
    "sort",
    "status",
    "fulfillment.status",
    "fulfillment.provider.id",
    "fulfillment.shipmentSummary.lineItemsSent",
    "lineItems.boughtAt.lte",
    "lineItems.boughtAt.gte",
    "payment.id",
    "surcharges.id",
    "delivery.method.id",
    "buyer.login",
    "marketplace.id",
    "updatedAt.lte",
    "updatedAt.gte",
}
FULFILLMENT: Members = {"status": None, "shipmentSummary": {"lineItemsSent": None}, "provider": {"id": None}}
CARRIERS = {
    "INPOST": "InPost",
    "DPD": "DPD",
    "DHL": "DHL",
    "UPS": "UPS",
    "GLS": "GLS",
    "FEDEX": "FedEx",
    "POCZTA_POLSKA": "Poczta Polska",
    "ORLEN": "ORLEN Paczka",
    "PACKETA": "Packeta",
    "OTHER": "Inny przewoźnik",
}

room = Room()


@dataclass(frozen=True)
class Event:
    """One entry of the journal, with the order as it was at that moment."""

    id: str
    type: EventType
    occurred_at: datetime
    visible_at: datetime
    order: Json

    def as_json(self) -> Json:
        return {"id": self.id, "type": self.type, "occurredAt": iso(self.occurred_at), "order": self.order}


@dataclass
class OrderBook:
    """Forms by id, those that may be unpaid, and each seller's journal in the order of event ids."""

    forms: dict[str, Form] = field(default_factory=dict)
    unpaid: dict[str, None] = field(default_factory=dict)
    journals: dict[str, list[Event]] = field(default_factory=dict)

    def add(self, form: Form) -> None:
        self.forms[form.id] = form
        self.unpaid[form.id] = None

    def of(self, seller_id: str) -> list[Form]:
        return [form for form in self.forms.values() if form.seller_id == seller_id]

    def journal(self, seller_id: str) -> list[Event]:
        return self.journals.setdefault(seller_id, [])

    def record(self, world: World, form: Form, kind: EventType, now: datetime) -> None:
        """Write an event; readers see it after the delay that is switched on."""
        event_id = world.next_moment_id("order event", now)
        visible_at = now + timedelta(seconds=world.switches.event_delay_seconds)
        self.journal(form.seller_id).append(Event(event_id, kind, now, visible_at, form.for_event()))


@room.route("GET", "/order/events", scope="orders:read")
def events(call: Call) -> Response:
    call.only_query(("from", "type", "limit"))
    limit = call.whole_number("limit", 100, 1, 1000)
    kinds = _values(call, "type", tuple(EventType), 422)
    journal = call.world.orders.journal(call.owner.id)
    start = bisect_right(journal, _cursor(call), key=lambda event: int(event.id))
    found = (
        event.as_json()
        for event in islice(journal, start, None)
        if event.visible_at <= call.now <= event.occurred_at + JOURNAL_DAYS
        and (not kinds or event.type in kinds)
    )
    return answer({"events": list(islice(found, limit))})


def _cursor(call: Call) -> int:
    text = call.query.get("from", "0")
    if not (text.isascii() and text.isdigit()):
        raise bad_parameter("from", "is not an id of an event", 422)
    return int(text)


@room.route("GET", "/order/event-stats", scope="orders:read")
def event_stats(call: Call) -> Response:
    """The newest event, also one that readers of the journal do not see yet (#4773): no cursor to move by."""
    journal = call.world.orders.journal(call.owner.id)
    if not journal or call.now - journal[-1].occurred_at > JOURNAL_DAYS:
        return answer({})
    return answer({"latestEvent": {"id": journal[-1].id, "occurredAt": iso(journal[-1].occurred_at)}})


@room.route("GET", "/order/checkout-forms", scope="orders:read")
def checkout_forms(call: Call) -> Response:
    call.only_query(FILTERS)
    limit = call.whole_number("limit", 100, 1, 100)
    offset = call.whole_number("offset", 0, 0, DEEPEST)
    if offset + limit > DEEPEST:
        raise bad_parameter("offset", f"plus limit must not exceed {DEEPEST}", 422)
    found = _sorted(call, _matching(call, call.world.orders.of(call.owner.id)))
    page = [form.as_json() for form in found[offset : offset + limit]]
    return answer({"checkoutForms": page, "count": len(page), "totalCount": len(found)})


def _matching(call: Call, forms: Iterable[Form]) -> list[Form]:
    wanted = _wanted(call)
    spans = [_span(call, "lineItems.boughtAt"), _span(call, "updatedAt")]
    return [
        form
        for form in forms
        if call.now - form.bought_at <= FORM_DAYS
        and (not wanted or _shows(form, wanted))
        and any(_within(spans[0], line.bought_at) for line in form.lines)
        and _within(spans[1], form.updated_at)
    ]


def _shows(form: Form, wanted: dict[str, tuple[str, ...]]) -> bool:
    facets = _facets(form)
    return all(facets[name] in values for name, values in wanted.items())


def _facets(form: Form) -> dict[str, str | None]:
    """What a form shows to each filter by value."""
    return {
        "status": form.status,
        "fulfillment.status": form.fulfillment,
        "fulfillment.provider.id": form.provider,
        "fulfillment.shipmentSummary.lineItemsSent": "NONE",
        "payment.id": form.payment.id if form.payment else None,
        "surcharges.id": None,
        "delivery.method.id": form.delivery.method_id if form.delivery else None,
        "buyer.login": form.buyer.login,
        "marketplace.id": form.marketplace,
    }


def _wanted(call: Call) -> dict[str, tuple[str, ...]]:
    closed = {
        "status": tuple(Status),
        "fulfillment.status": SELLER_STATUSES,
        "fulfillment.provider.id": ("SELLER", "ALLEGRO"),
        "fulfillment.shipmentSummary.lineItemsSent": ("NONE", "SOME", "ALL"),
    }
    by_value = ("payment.id", "surcharges.id", "delivery.method.id", "buyer.login", "marketplace.id")
    wanted = {name: _values(call, name, allowed, 400) for name, allowed in closed.items()}
    wanted |= {name: tuple(call.query.getlist(name)) for name in by_value}
    return {name: values for name, values in wanted.items() if values}


def _values(call: Call, name: str, allowed: tuple[str, ...], status: int) -> tuple[str, ...]:
    values = tuple(call.query.getlist(name))
    if not set(values) <= set(allowed):
        raise bad_parameter(name, f"must be one of {', '.join(allowed)}", status)
    return values


def _span(call: Call, name: str) -> tuple[datetime | None, datetime | None]:
    return call.moment(f"{name}.gte"), call.moment(f"{name}.lte")


def _within(span: tuple[datetime | None, datetime | None], moment: datetime) -> bool:
    earliest, latest = span
    return (earliest is None or moment >= earliest) and (latest is None or moment <= latest)


def _sorted(call: Call, forms: list[Form]) -> list[Form]:
    sort = call.query.get("sort", "-lineItems.boughtAt")
    if sort not in SORTS:
        raise bad_parameter("sort", f"must be one of {', '.join(SORTS)}", 400)
    by_update = sort.endswith("updatedAt")
    return sorted(
        forms,
        key=lambda form: (form.updated_at if by_update else form.bought_at, form.id),
        reverse=sort.startswith("-"),
    )


@room.route("GET", "/order/checkout-forms/<form_id>", scope="orders:read")
def checkout_form(call: Call, form_id: str) -> Response:
    try:
        UUID(form_id)
    except ValueError:
        raise bad_parameter("id", "is not a UUID", 422) from None
    return answer(_own(call, form_id).as_json())


def _own(call: Call, form_id: str) -> Form:
    """The form, unless it is another seller's or older than a year."""
    form = call.world.orders.forms.get(form_id)
    if form is None or form.seller_id != call.owner.id or call.now - form.bought_at > FORM_DAYS:
        raise Refusal(
            404,
            Problem(
                "CheckoutFormNotFoundException",
                f"Checkout form {form_id} not found",
                path=call.request.path,
                user_message="Nie znaleźliśmy takiego zamówienia.",
            ),
        )
    return form


@room.route("PUT", "/order/checkout-forms/<form_id>/fulfillment", scope="orders:write")
def set_fulfillment(call: Call, form_id: str) -> Response:
    call.only_query(("checkoutForm.revision",))
    form = _own(call, form_id)
    status = call.json(FULFILLMENT).get("status")
    if call.query.get("checkoutForm.revision", form.revision) != form.revision:
        raise Refusal(409, _revision_outdated())
    if status not in SELLER_STATUSES or status == "RETURNED":
        raise Refusal(422, _status_refused(status))
    if form.operations >= call.world.switches.operations_cap:
        raise Refusal(
            422, Problem("SellerOrdersStoreUnprocessableEntityException", None, path=call.request.path)
        )
    change_fulfillment(call.world, form, status, call.now)
    return answer(None, 204)


def change_fulfillment(world: World, form: Form, status: str, now: datetime) -> None:
    form.operations += 1
    if form.fulfillment == status:
        return
    form.fulfillment = status
    if world.switches.fulfillment_moves_updated_at:
        form.updated_at = now
    world.orders.record(world, form, EventType.FULFILLMENT_STATUS_CHANGED, now)


def _revision_outdated() -> Problem:
    return Problem(
        "RevisionOutdatedException",
        "Provided checkout form revision is outdated",
        path="checkoutForm.revision",
        user_message="Zamówienie zmieniło się w międzyczasie. Odśwież je i spróbuj jeszcze raz.",
    )


def _status_refused(status: object) -> Problem:
    return Problem(
        "FulfillmentStatusNotAllowedException",
        f"Fulfillment status {status} cannot be set",
        path="status",
        user_message="Tego statusu nie można ustawić.",
    )


@room.route("GET", "/order/carriers", app_token=True)
def carriers(call: Call) -> Response:
    return answer({"carriers": [{"id": id_, "name": name} for id_, name in CARRIERS.items()]})
