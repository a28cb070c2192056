"""Control routes of what a seller edits on Allegro's pages, and of what Allegro gives up.

POST   /_control/price-lists/fill  {"seller": login, "count": 249}: lists until there are so many
POST   /_control/price-lists/ID    {"name", "rates": [...], "legacy_next_item_rate": "2.00"}: edited on the
       website; the last one makes answers carry the old nextItemRate
POST   /_control/delivery-methods/ID   {"state"}: known, discontinued (not allowed in price lists), removed
POST   /_control/terms/KIND/ID     {"name", "body"}: edited on the website; KIND is return_policies,
       implied_warranties, warranties, producers or persons, "body" all but id and name
DELETE /_control/terms/KIND/ID     gone; price lists cannot be deleted
"""

from __future__ import annotations

from allegro_module.simulator.control_room import ControlRoom, seller_of
from allegro_module.simulator.delivery_methods import methods
from allegro_module.simulator.http import Call

room = ControlRoom()
KINDS = {
    "return_policies": "body",
    "implied_warranties": "body",
    "warranties": "body",
    "producers": "data",
    "persons": "data",
}


@room.control("POST", "/price-lists/fill")
def fill_account(call: Call) -> object:
    asked = call.json({"seller": None, "count": None})
    seller, book = seller_of(call, asked), call.world.delivery
    made = book.fill(seller.id, int(asked["count"]), call.now)
    return {"price_lists": len(book.of(seller.id)), "made": made}


@room.control("POST", "/price-lists/<list_id>")
def edit_price_list(call: Call, list_id: str) -> object:
    asked = call.json({"name": None, "rates": None, "legacy_next_item_rate": None})
    book = call.world.delivery
    if "legacy_next_item_rate" in asked:
        book.give_legacy_rate(list_id, asked.pop("legacy_next_item_rate"))
    if "rates" in asked:
        asked["rates"] = tuple(asked["rates"])
        for rate in asked["rates"]:
            methods()[rate["deliveryMethod"]["id"]]
    changed = book.change(list_id, call.now, **asked) if asked else book.price_lists[list_id]
    return changed.as_json()


@room.control("POST", "/delivery-methods/<method_id>")
def give_up_method(call: Call, method_id: str) -> object:
    state, book = call.json({"state": None})["state"], call.world.delivery
    deeds = {
        "known": book.restore_method,
        "discontinued": book.discontinue_method,
        "removed": book.remove_method,
    }
    deeds[state](method_id)
    return {"id": method_id, "state": state}


@room.control("POST", "/terms/<kind>/<item_id>")
def edit_term(call: Call, kind: str, item_id: str) -> object:
    asked = call.json({"name": None, "body": None})
    if "body" in asked:
        asked[KINDS[kind]] = asked.pop("body")
    changed = call.world.terms.change(kind, item_id, **asked)
    return {"id": changed.id, "name": changed.name}


@room.control("DELETE", "/terms/<kind>/<item_id>")
def delete_term(call: Call, kind: str, item_id: str) -> object:
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind}")
    call.world.terms.delete(kind, item_id)
    return {}
