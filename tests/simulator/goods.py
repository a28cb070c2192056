"""Builders of offers for the simulator: bodies that are right, to be spoilt in one place."""

from __future__ import annotations

import io
from copy import deepcopy
from typing import Any

from PIL import Image

from allegro_module.simulator import World
from tests.simulator.conftest import Caller

RING, SHOES, HEADPHONES, BOOK, CREAM, BOX = "123428", "257932", "257100", "260019", "253030", "110121"
SERVICE, VAGUE = "122332", "257991"
NEW, USED = "11323_1", "11323_2"
SONY = "d04c8e9d"
PRODUCER = {"type": "NAME", "name": "Tkalnia Żuławska"}
SAFETY = {"type": "TEXT", "description": "Przechowywać z dala od dzieci."}


def a_picture(width: int = 800, height: int = 600, form: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "darkorange").save(buffer, form)
    return buffer.getvalue()


def upload(seller: Caller, data: bytes | None = None, kind: str = "image/jpeg") -> Any:
    picture = a_picture() if data is None else data
    return seller.call("POST", "/sale/images", headers={"Content-Type": kind}, data=picture)


def uploaded(seller: Caller) -> str:
    location: str = upload(seller).json["location"]
    return location


def chosen(parameter_id: str, *ids: str) -> dict[str, Any]:
    return {"id": parameter_id, "valuesIds": list(ids)}


def said(parameter_id: str, *values: str) -> dict[str, Any]:
    return {"id": parameter_id, "values": list(values)}


RING_PARAMETERS = (
    chosen("248811", "248811_1"),
    chosen("206646", "206646_3"),
    chosen("206647", "206647_3"),
    chosen("206650", "206650_2"),
    chosen("206653", "206653_7"),
)


def a_ring(seller: Caller, **changes: Any) -> dict[str, Any]:
    """A complete new offer of a ring described by data; changes replace members of the body."""
    picture = uploaded(seller)
    body: dict[str, Any] = {
        "name": "Pierścionek złoty z bursztynem bałtyckim próba 585",
        "stock": {"available": 3},
        "sellingMode": {"price": {"amount": "1249.00", "currency": "PLN"}},
        "external": {"id": "PZ-1"},
        "parameters": [chosen("11323", NEW)],
        "productSet": [
            {
                "product": {
                    "name": "Pierścionek z bursztynem na próbę",
                    "category": {"id": RING},
                    "images": [picture],
                    "parameters": deepcopy(list(RING_PARAMETERS)),
                },
                "responsibleProducer": PRODUCER,
                "safetyInformation": SAFETY,
            }
        ],
    }
    return body | changes


def of_product(product_id: str, **changes: Any) -> dict[str, Any]:
    """A complete new offer of a product in the catalogue."""
    body: dict[str, Any] = {
        "stock": {"available": 5},
        "sellingMode": {"price": {"amount": "99.00", "currency": "PLN"}},
        "parameters": [chosen("11323", NEW)],
        "productSet": [
            {"product": {"id": product_id}, "responsibleProducer": PRODUCER, "safetyInformation": SAFETY}
        ],
    }
    return body | changes


def product_called(world: World, start: str) -> str:
    return next(item.id for item in world.catalogue.products.values() if item.name.startswith(start))


def create(seller: Caller, body: dict[str, Any], **more: Any) -> Any:
    return seller.call("POST", "/sale/product-offers", json=body, **more)


def listed(seller: Caller, world: World, body: dict[str, Any]) -> str:
    """The id of an offer that became active."""
    answer = create(seller, body)
    assert answer.status_code == 202, answer.text
    settle(world)
    return str(answer.json["id"])


def settle(world: World) -> None:
    """Let running operations come to their end."""
    world.clock.advance(world.switches.operation_seconds + 1)


def patch(seller: Caller, offer_id: str, **changes: Any) -> Any:
    return seller.call("PATCH", f"/sale/product-offers/{offer_id}", json=changes)


def read(seller: Caller, offer_id: str) -> Any:
    return seller.get(f"/sale/product-offers/{offer_id}").json


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["path"]) for error in answer.json["errors"]]
