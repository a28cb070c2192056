"""Life of an order as its page draws it: what has happened and when, until when it is to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from allegro_module.db.order_events import OrderEvent
from allegro_module.db.orders import Order
from allegro_module.domain.orders import BY_ALLEGRO, EventKind, FormStatus, FulfillmentStatus
from allegro_module.domain.shop import PaymentType, ShopOrder
from allegro_module.web.formats import in_warsaw
from allegro_module.web.i18n import t
from allegro_module.web.labels import Label, label_of_order, label_of_payment
from allegro_module.web.order_words import words_of_canceller

SOON = timedelta(hours=3)
TO_BE_SENT = (
    "",
    FulfillmentStatus.NEW,
    FulfillmentStatus.PROCESSING,
    FulfillmentStatus.READY_FOR_SHIPMENT,
)
SENT = (FulfillmentStatus.SENT, FulfillmentStatus.READY_FOR_PICKUP)
#: Over, whatever became of the parcel.
ENDED = (FulfillmentStatus.PICKED_UP, FulfillmentStatus.RETURNED)


@dataclass(frozen=True, slots=True)
class Step:
    """`how` is done, now, open or bad."""

    how: str
    title: str
    at: datetime | None = None
    words: str = ""


def is_cancelled(order: Order) -> bool:
    return FormStatus.CANCELLED in (order.status, order.fulfillment_status)


def is_handled_here(order: Order) -> bool:
    """The seller has still something to do with it."""
    return not is_cancelled(order) and order.provider != BY_ALLEGRO and order.superseded_by is None


def may_be_sent(order: Order) -> bool:
    """Allegro takes parcels and statuses once the purchase is finished."""
    return order.status == FormStatus.READY_FOR_PROCESSING and is_handled_here(order)


def is_to_be_sent(order: Order) -> bool:
    """By the seller, and not yet."""
    return may_be_sent(order) and order.fulfillment_status in TO_BE_SENT


def deadline_of(order: Order, now: datetime) -> Label | None:
    """„Wyślij dziś do 15:00”, louder the nearer it is; nothing for what is sent or cancelled."""
    if order.dispatch_to is None or not is_to_be_sent(order):
        return None
    until, here = in_warsaw(order.dispatch_to), in_warsaw(now)
    clock, day = until.strftime("%H:%M"), until.strftime("%d.%m")
    days = (until.date() - here.date()).days
    if order.dispatch_to < now:
        return Label(t("It was to be sent by %(day)s, %(clock)s", day=day, clock=clock), "alarm", "bad")
    if days == 0:
        tone = "bad" if order.dispatch_to - now < SOON else "warn"
        return Label(t("Send today by %(clock)s", clock=clock), "alarm", tone)
    if days == 1:
        return Label(t("Send tomorrow by %(clock)s", clock=clock), "alarm", "wait")
    return Label(t("Send by %(day)s, %(clock)s", day=day, clock=clock), "alarm", "off")


def steps_of(
    order: Order, content: ShopOrder | None, events: Sequence[OrderEvent], shop_status: str
) -> list[Step]:
    if order.superseded_by:
        return [Step("done", t("Bought"), order.bought_at), Step("done", t("Paid in another order"))]
    steps = _steps_of_buyer(order, content)
    if is_cancelled(order):
        reached = [step for step in steps if step.how == "done"]
        by = words_of_canceller(order.cancelled_by)
        return [*reached, Step("bad", t("Cancelled"), _time_of_cancelling(events), by)]
    return [*steps, *_steps_of_seller(order, events, shop_status)]


def _steps_of_buyer(order: Order, content: ShopOrder | None) -> list[Step]:
    payment = content.payment if content else None
    finished_at = payment.finished_at if payment else None
    is_cod = order.payment_type == PaymentType.CASH_ON_DELIVERY
    is_ready = order.status == FormStatus.READY_FOR_PROCESSING
    is_filled = is_ready or order.status == FormStatus.FILLED_IN or order.is_paid or finished_at is not None
    filled = Step("done", t("Form filled in"), finished_at if is_cod else None)
    if not is_filled:
        filled = Step("now", t("The buyer is filling in the form"))
    if is_cod:
        paid = Step("done" if is_ready else "open", t("Cash on delivery"))
    elif order.is_paid:
        paid = Step("done", label_of_payment(order.payment_type, is_paid=True).text, finished_at)
    else:
        how = "now" if order.status == FormStatus.FILLED_IN else "open"
        paid = Step(how, label_of_payment(order.payment_type, is_paid=False).text)
    return [Step("done", t("Bought"), order.bought_at), filled, paid]


def _steps_of_seller(order: Order, events: Sequence[OrderEvent], shop_status: str) -> list[Step]:
    fulfillment = order.fulfillment_status
    is_sent, is_over = fulfillment in SENT or fulfillment in ENDED, fulfillment in ENDED
    is_ready = order.status == FormStatus.READY_FOR_PROCESSING
    in_shop = t("shop: %(status)s", status=shop_status) if shop_status else ""
    how = "done" if is_sent else "now" if is_ready else "open"
    last = label_of_order(FormStatus.READY_FOR_PROCESSING, FulfillmentStatus.PICKED_UP).text
    if fulfillment == FulfillmentStatus.RETURNED:
        last = label_of_order(order.status, fulfillment).text
    return [
        Step(how, _title_of_packing(order, is_sent=is_sent), words=in_shop),
        Step("done" if is_sent else "open", t("Sent"), _time_of(events, (*SENT, *ENDED))),
        Step("done" if is_over else "open", last, _time_of(events, ENDED)),
    ]


def _title_of_packing(order: Order, *, is_sent: bool) -> str:
    """What the seller does with it now; once it is sent, what was to be done."""
    if is_sent or order.status != FormStatus.READY_FOR_PROCESSING:
        return t("To be sent")
    return label_of_order(order.status, order.fulfillment_status).text


def _time_of(events: Sequence[OrderEvent], statuses: Sequence[str]) -> datetime | None:
    """When Allegro first had one of the statuses, as far as we were told."""
    known = (EventKind.FULFILLMENT, EventKind.STATUS_SENT)
    moments = [
        each.at for each in events if each.kind in known and (each.params or {}).get("status") in statuses
    ]
    return min(moments, default=None)


def _time_of_cancelling(events: Sequence[OrderEvent]) -> datetime | None:
    moments = [each.at for each in events if each.kind == EventKind.CANCELLED]
    return max(moments, default=None) or _time_of(events, (FulfillmentStatus.CANCELLED,))
