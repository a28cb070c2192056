"""The seller's side of orders: journal of events, one checkout form, the seller's own status."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response

from allegro_module.simulator.forms import EventType, Form, Json
from allegro_module.simulator.http import Call, Members, Problem, Refusal, Room, answer, bad_parameter, iso
from allegro_module.simulator.spoiling import spoilt

if TYPE_CHECKING:
    from allegro_module.simulator.world import World

JOURNAL_DAYS = timedelta(days=60)
FORM_DAYS = timedelta(days=365)

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
# RETURNED comes when all was returned and refunded, SUSPENDED belongs to One Fulfillment.
SET_BY_ALLEGRO = ("RETURNED", "SUSPENDED")
FULFILLMENT: Members = {"status": None, "shipmentSummary": {"lineItemsSent": None}, "provider": {"id": None}}

room = Room()


@dataclass(frozen=True)
class Event:
    """One entry of the journal, with the revision that the order had at that moment."""

    id: str
    type: str
    occurred_at: datetime
    visible_at: datetime
    form: Form
    revision: str

    def as_json(self) -> Json:
        order = self.form.for_event(self.revision)
        return {"id": self.id, "type": self.type, "occurredAt": iso(self.occurred_at), "order": order}


@dataclass
class Drop:
    """The next `times` events that are never written: of these types, of any when none is named."""

    types: tuple[str, ...]
    times: int


@dataclass
class OrderBook:
    """Forms by id, those that may be unpaid, and each seller's journal in the order of event ids."""

    forms: dict[str, Form] = field(default_factory=dict)
    unpaid: dict[str, None] = field(default_factory=dict)
    journals: dict[str, list[Event]] = field(default_factory=dict)
    drops: list[Drop] = field(default_factory=list)
    # When an order got its documents, newest last: they may be declared only so fast.
    declared_at: list[datetime] = field(default_factory=list)

    def __setstate__(self, state: dict[str, object]) -> None:
        """What was saved before a member existed begins empty, events that knew no form among it."""
        self.__dict__.update(vars(OrderBook()) | state)
        for journal in self.journals.values():
            journal[:] = [event for event in journal if hasattr(event, "form")]

    def add(self, form: Form) -> None:
        self.forms[form.id] = form
        self.unpaid[form.id] = None

    def of(self, seller_id: str) -> list[Form]:
        return [form for form in self.forms.values() if form.seller_id == seller_id]

    def journal(self, seller_id: str) -> list[Event]:
        return self.journals.setdefault(seller_id, [])

    def record(self, world: World, form: Form, kind: str, now: datetime) -> None:
        """Write an event, if it is not one of those that get lost; readers see it after a delay."""
        if form.is_hushed or self._is_dropped(world, kind):
            return
        event_id = world.next_moment_id("order event", now)
        switches = world.switches
        delay = switches.event_delay_seconds
        if switches.event_jitter_seconds:
            delay += world.random.uniform(0, switches.event_jitter_seconds)
        visible_at = now + timedelta(seconds=delay)
        self.journal(form.seller_id).append(Event(event_id, kind, now, visible_at, form, form.revision))

    def _is_dropped(self, world: World, kind: str) -> bool:
        for drop in self.drops:
            if drop.times and (not drop.types or kind in drop.types):
                drop.times -= 1
                return True
        lost = world.switches.lost_events_percent
        return bool(lost) and world.random.uniform(0, 100) < lost


@room.route("GET", "/order/events", scope="orders:read")
def events(call: Call) -> Response:
    call.only_query(("from", "type", "limit"))
    limit = call.whole_number("limit", 100, 1, 1000)
    kinds = call.values("type", tuple(EventType), 422)
    found = (event.as_json() for event in _visible(call, _cursor(call)) if not kinds or event.type in kinds)
    return answer({"events": list(islice(found, limit))})


def _visible(call: Call, cursor: int) -> Iterator[Event]:
    """What readers see after the cursor; nothing while the journal is silent, as on #8623."""
    if call.world.switches.silent_journal:
        return
    journal = call.world.orders.journal(call.owner.id)
    start = bisect_right(journal, cursor, key=lambda event: int(event.id))
    for event in islice(journal, start, None):
        if event.visible_at <= call.now <= event.occurred_at + JOURNAL_DAYS:
            yield event


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


@room.route("GET", "/order/checkout-forms/<form_id>", scope="orders:read")
def checkout_form(call: Call, form_id: str) -> Response:
    try:
        UUID(form_id)
    except ValueError:
        raise bad_parameter("id", "is not a UUID", 422) from None
    return answer(as_seen(own_form(call, form_id), call.now))


def as_seen(form: Form, now: datetime) -> Json:
    """The form as readers see it: spoilt where it was spoilt, the seller's status perhaps the one before."""
    shown = form.as_json()
    before = form.shown_fulfillment
    if before and now < before[1]:
        fulfillment = shown["fulfillment"]
        assert isinstance(fulfillment, dict)
        shown["fulfillment"] = {**fulfillment, "status": before[0]}
    return spoilt(shown, form.spoilt) if form.spoilt else shown


def own_form(call: Call, form_id: str) -> Form:
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
    form = own_form(call, form_id)
    status = call.json(FULFILLMENT).get("status")
    if call.query.get("checkoutForm.revision", form.revision) != form.revision:
        raise Refusal(409, _revision_outdated())
    if status not in SELLER_STATUSES or status in SET_BY_ALLEGRO:
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
    lag = timedelta(seconds=world.switches.fulfillment_lag_seconds)
    form.shown_fulfillment = (form.fulfillment, now + lag) if lag else None
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
