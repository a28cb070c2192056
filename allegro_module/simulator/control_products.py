"""Control routes of the catalogue of products.

POST   /_control/products        {"id", "name", "category", "parameters": [as in an offer's product],
       "status": LISTED or PROPOSED, "images": 2, "description": text, "safety": {...} or null,
       "requirements": [parameters], "similar": [category ids], "trusted": bool, "protected": bool}; of a
       known id what is left out stays, so several with one EAN, and such as conflict, are easily made
POST   /_control/products/many   {"count": 100, "category", "name", "parameters"}: numbered names
DELETE /_control/products/ID     gone from the catalogue
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from allegro_module.simulator.catalogue import Product, drawn_images, text_description
from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.control_room import ControlRoom
from allegro_module.simulator.http import Call
from allegro_module.simulator.parameter_reading import filling_of
from allegro_module.simulator.parameters import Filling

room = ControlRoom()
PLAIN = {"name": "name", "category": "category_id", "status": "status", "safety": "safety"}
FLAGS = {"trusted": "is_trusted", "protected": "is_protected"}
TRAITS = ("id", "parameters", "images", "description", "requirements", "similar", *PLAIN, *FLAGS)


@room.control("POST", "/products")
def put_product(call: Call) -> object:
    asked = call.json(dict.fromkeys(TRAITS))
    product = _product(call, asked)
    call.world.catalogue.add(product)
    return {"id": product.id, "name": product.name, "status": product.status}


def _product(call: Call, asked: Mapping[str, Any]) -> Product:
    catalogue = call.world.catalogue
    known = catalogue.find_product(asked.get("id", ""))
    if known is None:
        known = Product(asked.get("id") or call.world.uuid(), asked["name"], asked["category"], {})
    traits = {trait: asked[name] for name, trait in {**PLAIN, **FLAGS}.items() if name in asked}
    category = catalogue.tree[traits.get("category_id", known.category_id)]
    for name, trait in (("parameters", "filled"), ("requirements", "requirements")):
        if name in asked:
            traits[trait] = _filled(asked[name], category)
    if "images" in asked:
        traits["images"] = drawn_images(known.id, int(asked["images"]))
    if "description" in asked:
        traits["description"] = text_description(escape(asked["description"], quote=False))
    if "similar" in asked:
        traits["similar"] = tuple(asked["similar"])
    if traits.get("status", "LISTED") not in ("LISTED", "PROPOSED"):
        raise ValueError("status is LISTED or PROPOSED")
    return replace(known, **traits)


def _filled(items: Sequence[Mapping[str, Any]], category: Category) -> dict[str, Filling]:
    """Not judged: a card may be wrong."""
    found: dict[str, Filling] = {}
    for item in items:
        parameter = category.find_parameter(item["id"])
        if parameter is None:
            raise ValueError(f"category {category.id} has no parameter {item['id']}")
        found[parameter.id] = filling_of(item, parameter)
    return found


@room.control("POST", "/products/many")
def put_many(call: Call) -> object:
    asked = call.json(dict.fromkeys((*TRAITS, "count")))
    count = int(asked.pop("count"))
    for number in range(1, count + 1):
        call.world.catalogue.add(_product(call, {**asked, "name": f"{asked['name']} {number}"}))
    return {"made": count}


@room.control("DELETE", "/products/<product_id>")
def delete_product(call: Call, product_id: str) -> object:
    del call.world.catalogue.products[product_id]
    return {}
