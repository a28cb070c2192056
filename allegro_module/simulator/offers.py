"""Offers over the wire: create, edit, read, list, delete, end and resume many, and their journal."""

from __future__ import annotations

from flask import Response

from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import Call, Room, answer, bad_parameter
from allegro_module.simulator.limits import MINUTE
from allegro_module.simulator.modification_commands import room as modifications
from allegro_module.simulator.offer_answer import offer_json, parts_json
from allegro_module.simulator.offer_book import Offer, OfferBook, Operation, SoldOffer
from allegro_module.simulator.offer_edits import create, edit, read_body
from allegro_module.simulator.offer_listing import room as listing
from allegro_module.simulator.publication_commands import room as commands

__all__ = ["OfferBook", "SoldOffer", "room"]

room = Room([*listing.routes, *commands.routes, *modifications.routes])
PARTS = ("stock", "price")
OFFER = "/sale/product-offers/<offer_id>"


@room.route("POST", "/sale/product-offers", scope="sale:offers:write")
def create_offer(call: Call) -> Response:
    _count_write(call)
    offer, operation = create(call, read_body(call, patch=False))
    return _written(call, offer, operation, 201)


@room.route("PATCH", OFFER, scope="sale:offers:write")
def edit_offer(call: Call, offer_id: str) -> Response:
    _count_write(call)
    body = read_body(call, patch=True)
    offer = found(call, offer_id)
    return _written(call, offer, edit(call, offer, body), 200)


def _count_write(call: Call) -> None:
    limits, switches = call.world.limits, call.world.switches
    per_minute, per_hour = switches.offer_writes_per_minute, switches.offer_writes_per_hour
    limits.count_offer_write(call.owner.id, call.now, per_minute, per_hour)


def _written(call: Call, offer: Offer, operation: Operation | None, status: int) -> Response:
    """The offer; 202 with where to ask when an operation is still running."""
    if operation is None:
        return answer(offer_json(call, offer), status)
    location = f"{_address(call, offer)}/operations/{operation.id}"
    retry_after = str(call.world.switches.retry_after_seconds)
    return answer(offer_json(call, offer), 202, {"Location": location, "Retry-After": retry_after})


def _address(call: Call, offer: Offer) -> str:
    return f"{call.request.host_url}sale/product-offers/{offer.id}"


@room.route("GET", OFFER, scope="sale:offers:read")
def get_offer(call: Call, offer_id: str) -> Response:
    most = call.world.switches.offer_reads_per_minute
    call.world.limits.count("offer reads", call.owner.id, call.now, most, MINUTE)
    return answer(offer_json(call, found(call, offer_id)))


def found(call: Call, offer_id: str) -> Offer:
    """The seller's own offer of this id."""
    if not (offer_id.isascii() and offer_id.isdigit()):
        raise refusal(400, "InvalidOfferIdException", call.request.path, value=offer_id)
    offer: Offer | None = call.world.offers.find(offer_id, call.owner.id)
    if offer is None:
        metadata = {"offerId": offer_id}
        raise refusal(404, "OfferNotFoundException", call.request.path, metadata=metadata)
    return offer


@room.route("GET", f"{OFFER}/parts", scope="sale:offers:read")
def get_parts(call: Call, offer_id: str) -> Response:
    call.only_query(("include",))
    include = call.query.getlist("include")
    if not include or not set(include) <= set(PARTS):
        raise bad_parameter("include", f"must be some of {', '.join(PARTS)}", 400)
    return answer(parts_json(found(call, offer_id), include))


@room.route("GET", f"{OFFER}/operations/<operation_id>", scope="sale:offers:read")
def get_operation(call: Call, offer_id: str, operation_id: str) -> Response:
    operation = call.world.offers.operations.get(operation_id)
    if operation is None or operation.offer_id != offer_id:
        raise refusal(404, "OperationNotFoundException", call.request.path, name=operation_id)
    offer = found(call, offer_id)
    if operation.finished:
        return answer(None, 303, {"Location": _address(call, offer)})
    retry_after = str(call.world.switches.retry_after_seconds)
    state = {"id": operation.id, "status": "IN_PROGRESS", "startedAt": operation.started_at}
    return answer({"offer": {"id": offer.id}, "operation": state}, 202, {"Retry-After": retry_after})


@room.route("DELETE", "/sale/offers/<offer_id>", scope="sale:offers:write")
def delete_draft(call: Call, offer_id: str) -> Response:
    offer = found(call, offer_id)
    if offer.status != "INACTIVE":
        raise refusal(403, "IllegalOfferStatusException", call.request.path)
    if call.world.offers.is_busy(offer):
        raise refusal(409, "OfferConflictException", call.request.path)
    call.world.offers.remove(offer)
    return answer(None, 204)
