"""Live offers that lack a required parameter, or will when an announced requirement comes into force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from allegro_module.simulator.dependence import missing, work_out
from allegro_module.simulator.http import Call, Room, answer
from allegro_module.simulator.offer_book import LIVE, Offer
from allegro_module.simulator.parameters import NOTHING, Filled

room = Room()
TYPES = ("REQUIRED", "REQUIREMENT_PLANNED")


@room.route("GET", "/sale/offers/unfilled-parameters", scope="sale:offers:read")
def list_unfilled(call: Call) -> Response:
    call.only_query(("offer.id", "parameterType", "offset", "limit"))
    types = call.values("parameterType", TYPES, 400) or TYPES
    limit = call.whole_number("limit", 100, 1, 1000, 400)
    offset = call.whole_number("offset", 0, 0, 10_000_000, 400)
    wanted = call.query.getlist("offer.id")
    offers = [
        item
        for item in call.world.offers.of(call.owner.id)
        if item.status in LIVE and (not wanted or item.id in wanted)
    ]
    rows = [row for offer in offers if (row := _row(call, offer, types)) is not None]
    page = rows[offset : offset + limit]
    return answer({"offers": page, "count": len(page), "totalCount": len(rows)})


def _row(call: Call, offer: Offer, types: Sequence[str]) -> dict[str, Any] | None:
    content = offer.content
    filled = {key: value for element in content.elements for key, value in element.filled.items()}
    filled |= content.filled
    found = {
        **dict.fromkeys(_lacking(call, offer, filled) if "REQUIRED" in types else ()),
        **dict.fromkeys(_planned(call, offer, filled) if "REQUIREMENT_PLANNED" in types else ()),
    }
    if not found:
        return None
    parameters = [{"id": parameter_id} for parameter_id in found]
    return {"id": offer.id, "category": {"id": content.category_id}, "parameters": parameters}


def _lacking(call: Call, offer: Offer, filled: Filled) -> list[str]:
    category = call.world.catalogue.find_category(offer.content.category_id)
    if category is None:
        return []
    outcome = work_out(category.parameters, filled)
    return [item.id for item in missing(category.parameters, filled, outcome)]


def _planned(call: Call, offer: Offer, filled: Filled) -> list[str]:
    return [
        plan.parameter_id
        for plan in call.world.catalogue.changes.planned
        if plan.category_id == offer.content.category_id
        and plan.scheduled_for > call.now
        and filled.get(plan.parameter_id, NOTHING).is_empty
    ]
