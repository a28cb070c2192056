"""What Allegro is to be told about an order: rows, written in the transaction of whoever wants it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.carriers import list_carriers
from allegro_module.db.order_events import note_event
from allegro_module.db.orders import Order, put_in_tab
from allegro_module.db.pushes import Push, drop_needless, has_refused_pushes, list_pushes_of_kind
from allegro_module.domain.orders import (
    BY_ALLEGRO,
    SENDABLE,
    EventKind,
    Flag,
    FormStatus,
    FulfillmentStatus,
)
from allegro_module.domain.problems import Problem
from allegro_module.domain.pushes import (
    LARGEST_INVOICE,
    LONGEST_CARRIER_NAME,
    LONGEST_INVOICE_NUMBER,
    LONGEST_WAYBILL,
    OPEN_PUSHES,
    OTHER_CARRIER,
    UNSUPPORTED_CARRIER,
    WAYBILL,
    PushKind,
    PushState,
    Waybill,
    waybill_key,
)
from allegro_module.domain.shop import Invoice, Invoicing, OrderRefused, ShopOrderId
from allegro_module.sync.status_mapping import fulfillment_for, is_echo, shop_status_by_fulfillment

PDF_BEGINS = b"%PDF"


def ask_status(
    session: Session,
    order: Order,
    status: FulfillmentStatus,
    who: str,
    now: datetime,
    not_before: datetime | None = None,
    *,
    is_from_shop: bool = False,
) -> Push | Problem | None:
    """Set the seller's status. None: it is so already, or already asked for.

    A wish that has not gone out yet gives way to this one. `is_from_shop`: the shop has its status already
    and is not told in return.
    """
    problem = _status_problem(order, status)
    if problem is not None:
        return problem
    earlier = list_pushes_of_kind(session, order.id, PushKind.STATUS)
    pending = [push for push in earlier if push.state in OPEN_PUSHES]
    if pending and pending[-1].payload["status"] == status:
        return None
    _give_way(session, order, earlier)
    is_under_way = any(push.state == PushState.SENDING for push in earlier)
    if not is_under_way and is_so_already(order, status):
        return None
    note_event(session, order.id, EventKind.STATUS_ASKED, now, who, status=status)
    payload = {"status": str(status), "is_from_shop": is_from_shop}
    return _add(session, order, PushKind.STATUS, payload, who, now, not_before)


def is_so_already(order: Order, status: str) -> bool:
    """An order cancelled at Allegro is cancelled whatever the seller's own status says."""
    if order.status == FormStatus.CANCELLED and status == FulfillmentStatus.CANCELLED:
        return True
    return (order.fulfillment_status or FulfillmentStatus.NEW) == status


def _status_problem(order: Order, status: FulfillmentStatus) -> Problem | None:
    if status not in SENDABLE:
        return Problem("status_not_sendable", "status", {"status": status})
    if order.provider == BY_ALLEGRO:
        return Problem("order_fulfilled_by_allegro", "status")
    if order.superseded_by:
        return Problem("order_left_behind", "status")
    if order.status == FormStatus.CANCELLED and status != FulfillmentStatus.CANCELLED:
        return Problem("order_is_cancelled", "status")
    return None


def _give_way(session: Session, order: Order, earlier: Sequence[Push]) -> None:
    """Only when there is something: the transaction is the caller's, and this may be its first write."""
    states = {push.state for push in earlier}
    if states & {PushState.WAITING, PushState.REFUSED}:
        drop_needless(session, order.id, PushKind.STATUS)
        clear_refusal(session, order)


def ask_shipment(session: Session, order: Order, waybill: Waybill, who: str, now: datetime) -> Push | Problem:
    """Give the order a tracking number. Asked twice, it is the same push; a refused one is tried again."""
    number = re.sub(r"\s+", "", waybill.number)
    problem = _shipment_problem(session, order, waybill, number)
    if problem is not None:
        return problem
    key = waybill_key(waybill.carrier_id, number)
    for push in list_pushes_of_kind(session, order.id, PushKind.SHIPMENT):
        if waybill_key(push.payload["carrier_id"], push.payload["waybill"]) == key:
            retry_push(session, push, now)
            return push
    payload = {
        "carrier_id": waybill.carrier_id,
        "carrier_name": waybill.carrier_name.strip() if waybill.carrier_id == OTHER_CARRIER else "",
        "waybill": number,
        "line_item_ids": list(dict.fromkeys(waybill.line_item_ids)),
    }
    note_event(
        session,
        order.id,
        EventKind.SHIPMENT_ASKED,
        now,
        who,
        carrier=waybill.carrier_id,
        waybill=number,
    )
    return _add(session, order, PushKind.SHIPMENT, payload, who, now)


def _shipment_problem(session: Session, order: Order, waybill: Waybill, number: str) -> Problem | None:
    if order.provider == BY_ALLEGRO:
        return Problem("order_fulfilled_by_allegro", "waybill")
    if order.superseded_by:
        return Problem("order_left_behind", "waybill")
    if order.status == FormStatus.CANCELLED:
        return Problem("order_is_cancelled", "waybill")
    if not number:
        return Problem("waybill_missing", "waybill")
    if len(number) > LONGEST_WAYBILL or not re.fullmatch(WAYBILL, number):
        return Problem("waybill_format", "waybill", {"max": str(LONGEST_WAYBILL)})
    if not set(waybill.line_item_ids) <= set(order.line_item_ids):
        return Problem("waybill_line_unknown", "line_item_ids")
    return _carrier_problem(session, order, waybill)


def _carrier_problem(session: Session, order: Order, waybill: Waybill) -> Problem | None:
    """As long as no list was ever fetched, Allegro itself is the judge."""
    if waybill.carrier_id == UNSUPPORTED_CARRIER:
        return Problem("carrier_not_supported", "carrier_id")
    if waybill.carrier_id == OTHER_CARRIER:
        name = waybill.carrier_name.strip()
        if not name or len(name) > LONGEST_CARRIER_NAME or not name.isprintable():
            return Problem("carrier_name_format", "carrier_name", {"max": str(LONGEST_CARRIER_NAME)})
        return None
    environment = session.get_one(Account, order.account_id).environment
    known = {carrier.id for carrier in list_carriers(session, environment)}
    if not waybill.carrier_id or (known and waybill.carrier_id not in known):
        return Problem("carrier_unknown", "carrier_id", {"carrier": waybill.carrier_id[:64]})
    return None


def ask_invoice(session: Session, order: Order, invoice: Invoice, who: str, now: datetime) -> Push | Problem:
    """Give the order its invoice. The same number asked twice is the same push."""
    number = invoice.number.strip()
    problem = _invoice_problem(order, number, invoice.pdf)
    if problem is not None:
        return problem
    order.invoice_number = number
    order.ksef_number = (invoice.ksef_number or order.ksef_number or "").strip()[:50]
    for push in list_pushes_of_kind(session, order.id, PushKind.INVOICE):
        if push.payload["number"] == number and push.state != PushState.DROPPED:
            if push.state in (PushState.WAITING, PushState.REFUSED):
                push.document = invoice.pdf
            retry_push(session, push, now)
            return push
    note_event(session, order.id, EventKind.INVOICE_ASKED, now, who, number=number)
    payload = {"number": number, "file_name": file_name_of(number)}
    push = _add(session, order, PushKind.INVOICE, payload, who, now)
    push.document = invoice.pdf
    return push


def issue_invoice(
    session: Session, invoicing: Invoicing, order: Order, who: str, now: datetime
) -> Push | Problem:
    """*Wystaw i wyślij fakturę*: the shop makes it, Allegro is to get it."""
    if not order.shop_order_id:
        return Problem("order_not_in_shop")
    if FormStatus.CANCELLED in (order.status, order.fulfillment_status):
        return Problem("order_is_cancelled")
    try:
        invoice = invoicing.issue(ShopOrderId(order.shop_order_id))
    except OrderRefused as refused:
        return Problem("invoice_refused_by_shop", params={"reason": str(refused)})
    return ask_invoice(session, order, invoice, who, now)


def _invoice_problem(order: Order, number: str, pdf: bytes) -> Problem | None:
    if order.superseded_by:
        return Problem("order_left_behind", "number")
    if not number or len(number) > LONGEST_INVOICE_NUMBER or not number.isprintable():
        return Problem("invoice_number_format", "number", {"max": str(LONGEST_INVOICE_NUMBER)})
    if not pdf.startswith(PDF_BEGINS):
        return Problem("invoice_not_pdf", "pdf")
    if len(pdf) > LARGEST_INVOICE:
        return Problem("invoice_too_large", "pdf", {"max": str(LARGEST_INVOICE // 1024 // 1024)})
    return None


def file_name_of(number: str) -> str:
    return re.sub(r"[^\w.-]+", "-", number).strip("-.") + ".pdf"


def retry_push(session: Session, push: Push, now: datetime) -> None:
    """Try again at once what Allegro refused, or what waits for its next turn.

    A status that a later one has taken the place of stays where it is.
    """
    if push.state == PushState.REFUSED:
        push.state = PushState.WAITING
        push.trouble = ""
        push.trace_id = ""
        push.tries = 0
        push.next_try_at = now
        session.flush()
        clear_refusal(session, session.get_one(Order, push.order_id))
    elif push.state == PushState.WAITING and push.tries:
        push.next_try_at = now


def clear_refusal(session: Session, order: Order) -> None:
    """Nothing of the order is refused any more: its flag goes."""
    if Flag.PUSH_REFUSED in order.flags and not has_refused_pushes(session, order.id):
        flags = [flag for flag in order.flags if flag != Flag.PUSH_REFUSED]
        put_in_tab(session, order, order.tab, flags)


def shop_status_changed(
    session: Session, order: Order, status_id: str, who: str, now: datetime
) -> Push | Problem | None:
    """The shop gave the order another status: Allegro's by the seller's table; no echo of our own word."""
    if not order.shop_order_id or is_echo(session, order.shop_order_id, status_id):
        return None
    fulfillment = order.fulfillment_status or FulfillmentStatus.NEW
    if shop_status_by_fulfillment(session).get(fulfillment) == status_id:
        return None
    status = fulfillment_for(session, status_id)
    if status is None:
        return None
    return ask_status(session, order, status, who, now, is_from_shop=True)


def _add(
    session: Session,
    order: Order,
    kind: PushKind,
    payload: Mapping[str, Any],
    who: str,
    now: datetime,
    not_before: datetime | None = None,
) -> Push:
    push = Push(
        account_id=order.account_id,
        order_id=order.id,
        kind=kind,
        state=PushState.WAITING,
        payload=dict(payload),
        next_try_at=not_before or now,
        created_at=now,
        created_by=who[:100],
    )
    session.add(push)
    session.flush()
    return push
