"""What a seller does with an order by hand; every deed is one step, done twice it changes nothing more.

The caller commits. Each deed leaves a line in the order's history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.db.line_marks import mark_of
from allegro_module.db.order_events import note_event
from allegro_module.db.orders import Order, list_bookings, put_in_tab
from allegro_module.db.pushes import Push
from allegro_module.domain.edit_checks import problems_of
from allegro_module.domain.order_edits import EDITABLE, RECIPIENT, SELLER_NOTE
from allegro_module.domain.orders import BY_ALLEGRO, EventKind, FormStatus, FulfillmentStatus
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopAdapter, ShopOrderId, Sku, StockKind
from allegro_module.sync.order_intentions import ask_status, shop_status_changed
from allegro_module.sync.order_rebuilding import rebuild_order
from allegro_module.sync.order_rows import LASTING_FLAGS

NAME_WIDTH = 100
BECAUSE_WIDTH = 255
#: Held without a word why: the column must not be empty.
NO_REASON = "-"
#: The seller has not begun with it yet, as far as Allegro knows.
NOT_BEGUN = ("", FulfillmentStatus.NEW)


def assign_caretaker(session: Session, order: Order, who: str, now: datetime) -> None:
    """*Przypisz mnie*."""
    name = who[:NAME_WIDTH]
    if order.caretaker != name:
        order.caretaker = name
        note_event(session, order.id, EventKind.CARETAKER, now, who)


def confirm(
    session: Session, order: Order, is_confirmed: bool, who: str, now: datetime
) -> Push | Problem | None:
    """*Przyjmij*: Allegro is told PROCESSING; the buyer can no longer cancel by himself (facts.md 5.5)."""
    if order.is_confirmed is not is_confirmed:
        order.is_confirmed = is_confirmed
        kind = EventKind.CONFIRMED if is_confirmed else EventKind.UNCONFIRMED
        note_event(session, order.id, kind, now, who)
    if not is_confirmed or not _waits_to_be_begun(order):
        return None
    return ask_status(session, order, FulfillmentStatus.PROCESSING, who, now)


def _waits_to_be_begun(order: Order) -> bool:
    return (
        order.status == FormStatus.READY_FOR_PROCESSING
        and order.provider != BY_ALLEGRO
        and order.superseded_by is None
        and order.fulfillment_status in NOT_BEGUN
    )


def settle(session: Session, order: Order, is_settled: bool, who: str, now: datetime) -> None:
    """*Rozliczona*: the seller's own mark."""
    if order.is_settled is not is_settled:
        order.is_settled = is_settled
        kind = EventKind.SETTLED if is_settled else EventKind.UNSETTLED
        note_event(session, order.id, kind, now, who)


def pick_line(
    session: Session, order: Order, line_item_id: str, is_picked: bool, who: str, now: datetime
) -> None:
    """*Skompletowane*: the first who ticked it stays named."""
    mark = mark_of(session, order.id, line_item_id)
    if (mark.picked_at is not None) is is_picked:
        return
    mark.picked_at = now if is_picked else None
    mark.picked_by = who[:NAME_WIDTH] if is_picked else ""
    kind = EventKind.PICKED if is_picked else EventKind.UNPICKED
    note_event(session, order.id, kind, now, who, line_item_id=line_item_id)


def hold(session: Session, order: Order, because: str, who: str, now: datetime) -> None:
    """*Wstrzymaj wysyłkę*: the order is left out of packing until it is released."""
    reason = because.strip()[:BECAUSE_WIDTH] or NO_REASON
    if order.held_because != reason:
        order.held_because = reason
        note_event(session, order.id, EventKind.HELD, now, who)


def release_hold(session: Session, order: Order, who: str, now: datetime) -> None:
    if order.held_because:
        order.held_because = ""
        note_event(session, order.id, EventKind.RELEASED, now, who)


def assign_product(
    session: Session, shop: ShopAdapter, order: Order, line_item_id: str, sku: str, who: str, now: datetime
) -> Problem | None:
    """The line „nierozpoznana” was this product; its stock is booked, and the shop is told."""
    wanted = Sku(sku.strip())
    if not wanted or wanted not in shop.products([wanted]):
        return Problem("product_unknown" if wanted else "required", "sku", {"sku": wanted})
    booked = [each for each in list_bookings(session, [line_item_id]) if each.kind == StockKind.SELL]
    if any(each.sku != wanted for each in booked):
        # A move happens once for each line, so another product's stock could not be taken any more.
        return Problem("line_already_sold", "sku", {"sku": booked[0].sku})
    mark = mark_of(session, order.id, line_item_id)
    if mark.sku == wanted:
        return None
    mark.sku = wanted
    note_event(session, order.id, EventKind.ASSIGNED, now, who, line_item_id=line_item_id, sku=wanted)
    session.flush()
    rebuild_order(session, shop, order, now)
    return None


def edit_order(
    session: Session, shop: ShopAdapter, order: Order, values: Mapping[str, str], who: str, now: datetime
) -> Sequence[Problem]:
    """Keep the seller's own values (`order_edits.EDITABLE`) and tell the shop; nothing when one is wrong."""
    wanted = {name: value.strip() for name, value in values.items() if name in EDITABLE}
    problems = problems_of(wanted)
    if problems:
        return problems
    changed = {name: value for name, value in wanted.items() if order.edits.get(name) != value}
    if SELLER_NOTE in changed and order.seller_note == changed[SELLER_NOTE]:
        del changed[SELLER_NOTE]
    if changed:
        _keep_edits(session, order, changed, who, now)
        rebuild_order(session, shop, order, now)
    return ()


def _keep_edits(session: Session, order: Order, changed: Mapping[str, str], who: str, now: datetime) -> None:
    """The history names the fields, never what stands in them: those are people's addresses."""
    order.edits = {**order.edits, **changed}
    if SELLER_NOTE in changed:
        order.seller_note = changed[SELLER_NOTE]
        note_event(session, order.id, EventKind.NOTE, now, who)
    if fields := [name for name in changed if name != SELLER_NOTE]:
        note_event(session, order.id, EventKind.EDITED, now, who, fields=fields)
    session.flush()


def drop_edits(session: Session, shop: ShopAdapter, order: Order, who: str, now: datetime) -> None:
    """*Przywróć dane z Allegro*: the recipient as the buyer gave it; the seller's note stays."""
    kept = {name: value for name, value in order.edits.items() if not name.startswith(RECIPIENT)}
    if kept == order.edits:
        return
    order.edits = kept
    note_event(session, order.id, EventKind.EDITED, now, who, fields=[])
    session.flush()
    rebuild_order(session, shop, order, now)


def deal_with(session: Session, order: Order, flag: str, who: str, now: datetime) -> None:
    """*Załatwione*: a flag of the order's life goes; those of its content stay until the content is right."""
    if flag in order.flags and flag in LASTING_FLAGS:
        put_in_tab(session, order, order.tab, [each for each in order.flags if each != flag])
        note_event(session, order.id, EventKind.DEALT_WITH, now, who, flag=flag)


def set_shop_status(
    session: Session, shop: ShopAdapter, order: Order, status_id: str, who: str, now: datetime
) -> Push | Problem | None:
    """In the shop at once; Allegro is told what the table of statuses says."""
    known = {choice.id for choice in shop.vocabulary().order_statuses}
    if not order.shop_order_id or status_id not in known:
        return Problem("shop_status_unknown", "shop_status")
    id_ = ShopOrderId(order.shop_order_id)
    before = shop.orders([id_]).get(id_)
    if before is not None and before.status_id == status_id:
        return None
    shop.set_statuses({id_: status_id})
    note_event(session, order.id, EventKind.SHOP_STATUS, now, who, status_id=status_id)
    return shop_status_changed(session, order, status_id, who, now)
