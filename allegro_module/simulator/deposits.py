"""Deposits for packaging (kaucja, since 2025-10-01): which there are, and what offers say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response

from allegro_module.simulator.background import Wish
from allegro_module.simulator.delivery import own_id
from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.http import Call, Room, answer
from allegro_module.simulator.parameters import Names

room = Room()
TYPES = {
    own_id("deposit", "plastic"): (Names("Butelka plastikowa do 3 l", "Plastic bottle up to 3 l"), "0.50"),
    own_id("deposit", "can"): (Names("Puszka do 1 l", "Can up to 1 l"), "0.50"),
    own_id("deposit", "glass"): (Names("Butelka szklana do 1,5 l", "Glass bottle up to 1.5 l"), "1.00"),
}


@room.route("GET", "/deposit/types", scope="sale:offers:read")
def list_types(call: Call) -> Response:
    rows = [
        {
            "id": key,
            "name": name(call.language),
            "marketplaceId": "allegro-pl",
            "price": {"amount": amount, "currency": "PLN"},
        }
        for key, (name, amount) in TYPES.items()
    ]
    return answer({"deposits": rows})


def deposit_findings(entry: Wish, path: str) -> Iterator[Finding]:
    for number, deposit in enumerate(entry.get("deposits") or ()):
        place = f"{path}.deposits[{number}]"
        if deposit.get("id") not in TYPES:
            yield finding("VALIDATION_FAILED", f"{place}.id", value=deposit.get("id"))
        if deposit.get("quantity", 1) < 1:
            yield finding("VALIDATION_FAILED", f"{place}.quantity", value=deposit["quantity"])


def settled_deposits(entry: Wish) -> list[dict[str, Any]]:
    return [{"quantity": 1, **deposit} for deposit in entry.get("deposits") or ()]
