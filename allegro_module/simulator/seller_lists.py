"""Size tables and groups of additional services: what sellers set up on Allegro and offers refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response

from allegro_module.simulator.accounts import Seller
from allegro_module.simulator.delivery import own_id
from allegro_module.simulator.http import Call, Room, answer, iso

room = Room()
MADE_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TABLE_TEMPLATE = own_id("size table template", "shoes")


@dataclass(frozen=True)
class OwnThing:
    """`kind` is the member of an offer that refers to it."""

    kind: str
    id: str
    name: str


def things_of(seller: Seller) -> tuple[OwnThing, ...]:
    """The same for every company; others have none."""
    if not seller.is_company:
        return ()
    return tuple(
        OwnThing(kind, own_id(kind, f"{seller.id} {name}"), name)
        for kind, name in (
            ("sizeTable", "Buty damskie"),
            ("sizeTable", "Odzież lniana"),
            ("additionalServices", "Pakowanie na prezent"),
            ("additionalServices", "Wniesienie i montaż"),
        )
    )


def find_thing(seller: Seller, kind: str, reference: Mapping[str, Any]) -> OwnThing | None:
    """By id or by name."""
    for thing in things_of(seller):
        asked = (kind, reference.get("id", thing.id), reference.get("name", thing.name))
        if asked == (thing.kind, thing.id, thing.name):
            return thing
    return None


def settled_reference(seller: Seller, kind: str, reference: Mapping[str, Any] | None) -> Any:
    """As answers tell it: by id."""
    thing = find_thing(seller, kind, reference) if reference else None
    return None if thing is None else {"id": thing.id}


@room.route("GET", "/sale/size-tables", scope="sale:settings:read")
def list_tables(call: Call) -> Response:
    tables = [
        {
            "id": thing.id,
            "name": thing.name,
            "template": {"id": TABLE_TEMPLATE},
            "headers": [{"name": "Rozmiar"}, {"name": "Długość wkładki (cm)"}],
            "values": [{"cells": ["38", "24.5"]}, {"cells": ["39", "25.0"]}],
        }
        for thing in things_of(call.owner)
        if thing.kind == "sizeTable"
    ]
    return answer({"tables": tables})


@room.route("GET", "/sale/offer-additional-services/groups", scope="sale:settings:read")
def list_groups(call: Call) -> Response:
    call.only_query(("offset", "limit"))
    limit, offset = call.whole_number("limit", 100, 1, 1000), call.whole_number("offset", 0, 0, 100_000)
    groups = [_group(call, thing) for thing in things_of(call.owner) if thing.kind == "additionalServices"]
    return answer({"additionalServicesGroups": groups[offset : offset + limit]})


def _group(call: Call, thing: OwnThing) -> dict[str, Any]:
    price = {"amount": "8.00", "currency": "PLN"}
    criteria = {"type": "COUNTRY_SAME_QUANTITY", "country": "PL"}
    service = {
        "definition": {"id": own_id("service definition", thing.name)},
        "description": thing.name,
        "configurations": [{"constraintCriteria": criteria, "price": price}],
    }
    return {
        "id": thing.id,
        "name": thing.name,
        "language": "pl-PL",
        "seller": {"id": call.owner.id},
        "additionalServices": [service],
        "createdAt": iso(MADE_AT),
        "updatedAt": iso(MADE_AT),
        "managedByAllegro": False,
    }
