"""Parcels of an order: their tracking numbers, who carries them, and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Response

from allegro_module.simulator.forms import Form
from allegro_module.simulator.http import Call, Members, Problem, Refusal, Room, answer, bad_parameter, iso
from allegro_module.simulator.orders import change_fulfillment, own_form
from allegro_module.simulator.papers import Shipment
from allegro_module.simulator.persons import Json

if TYPE_CHECKING:
    from allegro_module.simulator.world import World

# ALLEGRO is no carrier since 2026-06-09 (#13267).
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
SHIPMENT: Members = {"carrierId": None, "waybill": None, "carrierName": None, "lineItems": {"id": None}}
LONGEST_WAYBILL, LONGEST_NAME, MOST_WAYBILLS = 64, 30, 20
JOURNEY = (("PENDING", 0), ("IN_TRANSIT", 8), ("RELEASED_FOR_DELIVERY", 20), ("DELIVERED", 26))

room = Room()


@room.route("GET", "/order/carriers", app_token=True)
def carriers(call: Call) -> Response:
    return answer({"carriers": [{"id": id_, "name": name} for id_, name in CARRIERS.items()]})


@room.route("GET", "/order/checkout-forms/<form_id>/shipments", scope="orders:read")
def list_shipments(call: Call, form_id: str) -> Response:
    form = own_form(call, form_id)
    return answer({"shipments": [shipment.as_json() for shipment in form.shipments]})


@room.route("POST", "/order/checkout-forms/<form_id>/shipments", scope="orders:write")
def add_shipment(call: Call, form_id: str) -> Response:
    """The same number may be sent twice: nothing here recognises a repetition."""
    form = own_form(call, form_id)
    asked = call.json(SHIPMENT)
    _check_carrier(asked)
    if _uses(call.world, form, asked["waybill"]) >= call.world.switches.waybill_orders:
        raise Refusal(
            409, _problem("WaybillUsedInTooManyOrdersException", "waybill", "used in too many orders")
        )
    return answer(ship(call.world, form, asked, call.now).as_json(), 201)


def ship(world: World, form: Form, asked: Mapping[str, Any], now: datetime) -> Shipment:
    """Add a parcel, by the api or in the panel; without lines it holds the whole order."""
    shipment = Shipment(
        world.uuid(),
        asked["carrierId"],
        asked.get("carrierName"),
        asked["waybill"],
        _lines(form, asked.get("lineItems") or ()),
        now,
    )
    form.shipments = (*form.shipments, shipment)
    if world.switches.shipments_move_updated_at:
        form.updated_at = now
    if world.switches.sent_with_waybill:
        change_fulfillment(world, form, "SENT", now)
    return shipment


def _lines(form: Form, asked: Any) -> tuple[str, ...]:
    known = tuple(line.id for line in form.lines)
    wanted = tuple(row["id"] for row in asked) or known
    strange = set(wanted) - set(known)
    if strange:
        raise Refusal(422, _problem("LineItemNotFoundException", "lineItems", "are not lines of this order"))
    return wanted


def _check_carrier(asked: Mapping[str, Any]) -> None:
    carrier, waybill, name = (asked.get(member) for member in ("carrierId", "waybill", "carrierName"))
    if carrier not in CARRIERS:
        raise Refusal(
            400, _problem("CarrierNotSupportedException", "carrierId", f"'{carrier}' is not supported")
        )
    if not isinstance(waybill, str) or not waybill.strip() or len(waybill) > LONGEST_WAYBILL:
        raise Refusal(400, _problem("InvalidWaybillException", "waybill", "has 1 to 64 characters"))
    if name is not None and (carrier != "OTHER" or not isinstance(name, str) or len(name) > LONGEST_NAME):
        raise Refusal(
            400,
            _problem(
                "InvalidCarrierNameException", "carrierName", "goes with OTHER only, up to 30 characters"
            ),
        )


def _uses(world: World, form: Form, waybill: str) -> int:
    """How many other orders carry this number."""
    others = (other for other in world.orders.of(form.seller_id) if other is not form and other.shipments)
    return sum(any(shipment.waybill == waybill for shipment in other.shipments) for other in others)


def _problem(code: str, path: str, what: str) -> Problem:
    return Problem(
        code,
        f"{path} {what}",
        path=path,
        user_message="Nie udało się dodać numeru przesyłki. Sprawdź przewoźnika i numer.",
    )


@room.route("GET", "/order/carriers/<carrier_id>/tracking", app_token=True)
def tracking(call: Call, carrier_id: str) -> Response:
    """Parcels travel by the clock, a day from the carrier's hands to the buyer's."""
    waybills = call.query.getlist("waybill")
    if carrier_id not in CARRIERS or not 1 <= len(waybills) <= MOST_WAYBILLS:
        raise bad_parameter("waybill", f"1 to {MOST_WAYBILLS} of them, of a known carrier", 400)
    sent = {
        shipment.waybill: shipment.created_at
        for form in call.world.orders.forms.values()
        for shipment in form.shipments
        if shipment.carrier_id == carrier_id
    }
    rows = [_history(waybill, sent.get(waybill), call.now) for waybill in waybills]
    return answer({"carrierId": carrier_id, "waybills": rows})


def _history(waybill: str, sent_at: datetime | None, now: datetime) -> Json:
    if sent_at is None or carrier_is_silent(waybill):
        return {"waybill": waybill, "trackingDetails": None}
    steps = [(code, sent_at + timedelta(hours=hours)) for code, hours in JOURNEY]
    passed = [{"code": code, "occurredAt": iso(at)} for code, at in steps if at <= now]
    details = {"statuses": passed, "createdAt": iso(sent_at), "updatedAt": passed[-1]["occurredAt"]}
    return {"waybill": waybill, "trackingDetails": details}


def carrier_is_silent(waybill: str) -> bool:
    """Numbers that no carrier knows."""
    return waybill.startswith("NIEZNANA")
