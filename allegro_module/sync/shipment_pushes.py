"""Tracking numbers, each given to Allegro once: nothing there can be taken back (facts.md 5.10)."""

from __future__ import annotations

from collections.abc import Sequence

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Refused
from allegro_module.client.payloads import Id
from allegro_module.client.shipments import CONFLICT, Shipment, ShipmentRequest
from allegro_module.db.order_events import note_event
from allegro_module.domain.orders import EventKind
from allegro_module.domain.pushes import Trouble, waybill_key
from allegro_module.sync.push_claims import ClaimedPush, Errand, PushRefused, finish


def send_shipment(work: ClaimedPush, api: AllegroClient, errand: Errand) -> None:
    """Look for the number first: after a lost answer, and because courier services add theirs by themselves.

    Raises PushRefused and AllegroError.
    """
    listed = api.shipments.list(errand.form_id)
    found = _find(listed, errand)
    if found is not None:
        _remember(work, found, len(listed))
        return
    try:
        added = api.shipments.add(errand.form_id, _request(errand))
    except Refused as refusal:
        if refusal.status == CONFLICT:
            raise PushRefused(Trouble.WAYBILL_OVERUSED, refusal.trace_id) from refusal
        raise
    _remember(work, added, len(listed) + 1)


def _find(listed: Sequence[Shipment], errand: Errand) -> Shipment | None:
    wanted = waybill_key(errand.payload["carrier_id"], errand.payload["waybill"])
    keys = ((waybill_key(each.carrier_id or "", each.waybill or ""), each) for each in listed)
    return next((each for key, each in keys if key == wanted), None)


def _request(errand: Errand) -> ShipmentRequest:
    payload = errand.payload
    return ShipmentRequest(
        carrier_id=payload["carrier_id"],
        waybill=payload["waybill"],
        carrier_name=payload["carrier_name"] or None,
        line_items=[Id(line_item_id) for line_item_id in payload["line_item_ids"]],
    )


def _remember(work: ClaimedPush, shipment: Shipment, count: int) -> None:
    with work.change() as push:
        finish(push, work.now())
        push.remote_id = (shipment.id or "")[:255]
        order = work.order_of(push)
        order.shipments = max(order.shipments, count)
        note_event(
            work.session,
            order.id,
            EventKind.SHIPMENT_SENT,
            work.now(),
            push.created_by,
            carrier=push.payload["carrier_id"],
            waybill=push.payload["waybill"],
        )
