"""Tracking numbers of an order's parcels."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from allegro_module.client.answers import refused
from allegro_module.client.payloads import Id, Instant, Payload
from allegro_module.client.transport import Request, Transport, path_to

SHIPMENTS = "/order/checkout-forms/{}/shipments"
#: The number is used in too many orders already: no conflict that passes.
CONFLICT = 409


class Shipment(Payload, frozen=True):
    """Those added in Allegro's panel or by its courier service are listed as well."""

    id: str | None = None
    carrier_id: str | None = None
    waybill: str | None = None
    carrier_name: str | None = None
    line_items: tuple[Id, ...] | None = ()
    created_at: Instant | None = None


class _Shipments(Payload, frozen=True):
    shipments: tuple[Shipment, ...] | None = ()


class ShipmentRequest(Payload, frozen=True, omit_defaults=True):
    """Without `line_items` the parcel holds the whole order; `carrier_name` goes with OTHER only."""

    carrier_id: str
    waybill: str
    carrier_name: str | None = None
    line_items: Sequence[Id] = ()


class ShipmentsResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, checkout_form_id: str) -> tuple[Shipment, ...]:
        """`GET /order/checkout-forms/{id}/shipments`."""
        return self._transport.get(path_to(SHIPMENTS, checkout_form_id), _Shipments).shipments or ()

    def add(self, checkout_form_id: str, shipment: ShipmentRequest) -> Shipment:
        """`POST /order/checkout-forms/{id}/shipments`: not idempotent, and nothing can be taken back.

        Look at the list first (facts.md 5.10).
        """
        path = path_to(SHIPMENTS, checkout_form_id)
        body = msgspec.json.encode(shipment)
        answer = self._transport.send(Request("POST", path, body=body, own_answers=frozenset({CONFLICT})))
        if answer.status == CONFLICT:
            raise refused(answer)
        return answer.read(Shipment)
