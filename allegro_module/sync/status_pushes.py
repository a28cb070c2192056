"""The seller's status of an order, set at Allegro under the lock of its revision (facts.md 5.4, 5.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.checkout_forms import FulfillmentStatus as RemoteStatus
from allegro_module.client.errors import Busy
from allegro_module.db.order_events import note_event
from allegro_module.db.orders import Order, put_in_tab
from allegro_module.db.pushes import has_later_wish, has_refused_pushes
from allegro_module.domain.orders import (
    EventKind,
    Flag,
    FormStatus,
    FulfillmentStatus,
    tab_of,
)
from allegro_module.domain.pushes import PushState, Trouble
from allegro_module.domain.shop import ShopAdapter, ShopOrderId
from allegro_module.sync.order_mapping import revision_of
from allegro_module.sync.order_rows import fulfillment_of
from allegro_module.sync.push_claims import ClaimedPush, Errand, PushPostponed, PushRefused, finish, leave
from allegro_module.sync.status_mapping import shop_statuses_for

#: The buyer may change the order again and again while we write.
TRIES = 3
Reread = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What deciding needs of an order, of our row or of the form just read."""

    status: str
    fulfillment: str
    revision: str


def send_status(
    work: ClaimedPush, api: AllegroClient, errand: Errand, shop: ShopAdapter | None, reread: Reread
) -> None:
    """1. See how the order stands; after a lost answer, at Allegro.  2. Leave it, give up, or write.

    A stale revision means that the buyer has changed something: the form is read and saved the usual way,
    and all is decided again. Raises PushRefused, PushPostponed and AllegroError.
    """
    wanted = FulfillmentStatus(errand.payload["status"])
    seen = _read_form(work, api, errand, reread) if errand.was_sent else _read_row(work)
    for _ in range(TRIES):
        if seen.status == FormStatus.CANCELLED:
            _end_of_cancelled(work, wanted)
            return
        if (seen.fulfillment or FulfillmentStatus.NEW) == wanted:
            _remember(work, shop, wanted)
            return
        if errand.was_sent and _gives_way(work):
            return
        try:
            api.orders.set_fulfillment(errand.form_id, RemoteStatus(wanted), seen.revision or None)
        except Busy:
            seen = _read_form(work, api, errand, reread)
        else:
            order_id = _remember(work, shop, wanted)
            if wanted is FulfillmentStatus.CANCELLED:
                reread(order_id)
            return
    raise PushPostponed(Trouble.BUSY)


def _read_row(work: ClaimedPush) -> Seen:
    with work.change() as push:
        order = work.session.get_one(Order, push.order_id, populate_existing=True)
        return Seen(order.status, order.fulfillment_status, order.revision)


def _read_form(work: ClaimedPush, api: AllegroClient, errand: Errand, reread: Reread) -> Seen:
    form = api.orders.checkout_form(errand.form_id)
    reread(_order_id(work))
    return Seen(str(form.status), fulfillment_of(form), revision_of(form))


def _order_id(work: ClaimedPush) -> int:
    with work.change() as push:
        return push.order_id


def _gives_way(work: ClaimedPush) -> bool:
    """Its answer was lost, it did not come to anything, and another status is wanted by now."""
    with work.change() as push:
        if not has_later_wish(work.session, push):
            return False
        leave(push, PushState.DROPPED)
        return True


def _end_of_cancelled(work: ClaimedPush, wanted: FulfillmentStatus) -> None:
    """Its cancellation needs no word of ours; anything else must not go on unnoticed."""
    if wanted is not FulfillmentStatus.CANCELLED:
        raise PushRefused(Trouble.ORDER_CANCELLED)
    with work.change() as push:
        leave(push, PushState.DROPPED)


def _remember(work: ClaimedPush, shop: ShopAdapter | None, wanted: FulfillmentStatus) -> int:
    """A cancellation is applied, its stock with it, by whoever reads the form next: so only once."""
    with work.change() as push:
        now = work.now()
        finish(push, now)
        order = work.order_of(push)
        order.fulfillment_status = wanted
        order.fulfillment_set_at = now
        _place(work.session, order)
        note_event(work.session, order.id, EventKind.STATUS_SENT, now, push.created_by, status=str(wanted))
        if not push.payload.get("is_from_shop"):
            _tell_shop(work.session, shop, order, wanted)
        return order.id


def _place(session: Session, order: Order) -> None:
    session.flush()
    flags = set(order.flags)
    if not has_refused_pushes(session, order.id):
        flags.discard(Flag.PUSH_REFUSED)
    tab = tab_of(order.status, order.fulfillment_status, order.superseded_by)
    put_in_tab(session, order, tab, sorted(flags))


def _tell_shop(
    session: Session, shop: ShopAdapter | None, order: Order, fulfillment: FulfillmentStatus
) -> None:
    if shop is not None and order.shop_order_id:
        statuses = shop_statuses_for(session, {ShopOrderId(order.shop_order_id): str(fulfillment)})
        if statuses:
            shop.set_statuses(statuses)
