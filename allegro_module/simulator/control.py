"""Control routes: JSON resources beside the real ones, for tests and scripts; no token, no headers asked for.

    GET    /_control/world             time, offset, switches, faults, sellers, applications
    POST   /_control/reset             begin again
    POST   /_control/clock             {"offset_seconds": 86400} or {"advance_seconds": 60}
    POST   /_control/switches          {"offer_creation": "created", ...}: names of switches.py
    POST   /_control/faults            {"route": "POST /sale/images", "kind": "lose_answer", "times": 1}
           kind: status (status, retry_after), delay (seconds), lose_answer, reset, malformed;
           in a route {name} stands for any segment; the route * is every request
    DELETE /_control/faults            forget those that wait
    POST   /_control/applications      {"client_id", "client_secret", "name", "redirect_uris": [],
           "kind": browser or device, "grant_types": [] in its place, "scopes": ["orders:read", ...]}
    POST   /_control/sellers/LOGIN     {"login": new, "company": {"name", "tax_id"} or true or null,
           "base_marketplace"}: what is left out stays; links and tokens stay in any case
    POST   /_control/tokens/revoke     {"seller": login, "cause", "client_id"}; cause: password_changed,
           email_changed, logged_out, sales_block, idle, or app_removed, which alone takes the client_id
    POST   /_control/tokens/expire     {"seller": login}: access tokens only
    POST   /_control/tokens/refuse     {"seller": login, "times": 2}: so many calls hear 401 invalid_token
           although their token is good, be it renewed in between; 0 ends it
    GET    /_control/devices           the codes of the device flow and what became of them
    POST   /_control/devices/CODE/approve   {"seller": login}: as on the page, by the user code
    POST   /_control/devices/CODE/deny      likewise; to let a code expire move the clock by an hour
    POST   /_control/registration-codes     a one-time code for POST /register, good for two minutes;
           the known software statement is demo-software-statement
    GET    /_control/offers?seller=    active offers of a login
    GET    /_control/orders?seller=    its checkout forms, oldest first
    GET    /_control/events?seller=    its whole journal, what is not visible yet included
    POST   /_control/orders            buy: {"offer": id, "quantity": 2} or {"items": [{"offer", "quantity"}]}
           and the buyer's wishes: "buyer" login, "message" text, "smart" bool,
           "pay" card, cash_on_delivery, later or none (form left empty), "ship" courier or pickup_point,
           "invoice" none, company, person or {"company", "nip"}
    POST   /_control/orders/bulk       {"count": 2000, "seller": login}
    POST   /_control/orders/join       {"orders": [id, id]} and wishes
    POST   /_control/orders/ID/fill    wishes: fill the form, or fill it anew
    POST   /_control/orders/ID/pay     likewise cancel, auto-cancel, repeat-ready
    POST   /_control/orders/ID/change  {"address": {"street", "city", "zip_code"}} or {"invoice"}
    POST   /_control/orders/ID/fulfillment   {"status": "RETURNED"}: what Allegro or the panel sets

What cannot be done is answered 422 with `errors[]` that say why.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from allegro_module.simulator import checkout
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.buyers import BUYERS, buyer_named
from allegro_module.simulator.control_room import ControlRoom, seller_of
from allegro_module.simulator.forms import Buyer, Form, Invoice
from allegro_module.simulator.http import Call, iso
from allegro_module.simulator.orders import SELLER_STATUSES, change_fulfillment
from allegro_module.simulator.world import World

room = ControlRoom()

SIMPLE_DEEDS: Mapping[str, Callable[[World, Form], None]] = {
    "pay": checkout.pay,
    "cancel": checkout.cancel,
    "auto-cancel": checkout.auto_cancel,
    "repeat-ready": checkout.repeat_ready,
}


@room.control("GET", "/world")
def world(call: Call) -> object:
    state = call.world
    return {
        "now": iso(call.now),
        "offset_seconds": state.clock.offset_seconds,
        "switches": state.switches.as_json(),
        "faults": [fault.as_json() for fault in state.faults.waiting],
        "sellers": [
            {
                "id": seller.id,
                "login": seller.login,
                "company": seller.is_company,
                "base_marketplace": seller.base_marketplace,
            }
            for seller in state.sellers.values()
        ],
        "applications": list(state.applications),
    }


@room.control("POST", "/reset")
def reset(call: Call) -> object:
    call.world.reset()
    return {"now": iso(call.world.now())}


@room.control("POST", "/clock")
def move_clock(call: Call) -> object:
    asked = call.json({"offset_seconds": None, "advance_seconds": None})
    clock = call.world.clock
    clock.offset_seconds = float(asked.get("offset_seconds", clock.offset_seconds))
    clock.advance(float(asked.get("advance_seconds", 0)))
    return {"now": iso(call.world.now()), "offset_seconds": clock.offset_seconds}


@room.control("POST", "/switches")
def turn_switches(call: Call) -> object:
    for name, value in call.json().items():
        call.world.switches.turn(name, value)
    return call.world.switches.as_json()


@room.control("POST", "/faults")
def add_fault(call: Call) -> object:
    asked = call.json()
    return call.world.faults.add(asked.pop("route"), asked.pop("kind"), **asked).as_json()


@room.control("DELETE", "/faults")
def forget_faults(call: Call) -> object:
    call.world.faults.clear()
    return {}


@room.control("GET", "/offers")
def active_offers(call: Call) -> object:
    offers = call.world.offers.active(seller_of(call, call.query).id)
    return {
        "offers": [{"id": offer.id, "name": offer.name, "external_id": offer.external_id} for offer in offers]
    }


@room.control("GET", "/orders")
def all_orders(call: Call) -> object:
    return {"orders": [form.as_json() for form in call.world.orders.of(seller_of(call, call.query).id)]}


@room.control("GET", "/events")
def whole_journal(call: Call) -> object:
    journal = call.world.orders.journal(seller_of(call, call.query).id)
    return {"events": [event.as_json() for event in journal]}


@room.control("POST", "/orders")
def buy(call: Call) -> object:
    return buy_as_asked(call.world, call.json()).as_json()


@room.control("POST", "/orders/bulk")
def bulk(call: Call) -> object:
    asked = call.json({"count": None, "seller": None})
    return {"placed": len(place_many(call.world, seller_of(call, asked), int(asked["count"])))}


@room.control("POST", "/orders/join")
def join(call: Call) -> object:
    asked = call.json()
    forms = [_form(call.world, form_id) for form_id in asked["orders"]]
    return checkout.join(call.world, forms, _filled(asked, forms[0].buyer if forms else BUYERS[0])).as_json()


@room.control("POST", "/orders/<form_id>/fill")
def fill(call: Call, form_id: str) -> object:
    form = _form(call.world, form_id)
    checkout.fill(call.world, form, _filled(call.json(), form.buyer))
    return form.as_json()


@room.control("POST", "/orders/<form_id>/change")
def change(call: Call, form_id: str) -> object:
    form = _form(call.world, form_id)
    asked = call.json({"address": None, "invoice": None})
    base = form.delivery.address if form.delivery else form.buyer.home
    address = replace(base, **asked["address"]) if "address" in asked else None
    checkout.change(call.world, form, address, invoice_from(asked.get("invoice"), form.buyer))
    return form.as_json()


@room.control("POST", "/orders/<form_id>/fulfillment")
def fulfil(call: Call, form_id: str) -> object:
    form = _form(call.world, form_id)
    status = call.json({"status": None})["status"]
    if status not in SELLER_STATUSES:
        raise ValueError(f"there is no status {status}")
    change_fulfillment(call.world, form, status, call.now)
    return form.as_json()


@room.control("POST", "/orders/<form_id>/<deed>")
def simple_deed(call: Call, form_id: str, deed: str) -> object:
    form = _form(call.world, form_id)
    SIMPLE_DEEDS[deed](call.world, form)
    return form.as_json()


def buy_as_asked(world: World, asked: Mapping[str, Any]) -> Form:
    """A purchase from plain words, those of a JSON body or of the human page."""
    buyer = buyer_named(asked.get("buyer") or BUYERS[0].login)
    rows = asked.get("items", [asked])
    items = [checkout.Item(str(row["offer"]), int(row.get("quantity", 1))) for row in rows]
    return checkout.buy(world, items, wishes_from(asked, buyer), buyer)


def wishes_from(asked: Mapping[str, Any], buyer: Buyer) -> checkout.Wishes | None:
    """None where the buyer leaves the form empty: "pay": "none"."""
    pay = asked.get("pay") or "card"
    if pay == "none":
        return None
    return checkout.Wishes(
        pay=checkout.Pay(pay),
        ship=checkout.Ship(asked.get("ship") or "courier"),
        invoice=invoice_from(asked.get("invoice"), buyer),
        message=asked.get("message") or None,
        smart=bool(asked.get("smart")),
    )


def _filled(asked: Mapping[str, Any], buyer: Buyer) -> checkout.Wishes:
    wishes = wishes_from(asked, buyer)
    if wishes is None:
        raise ValueError("a filled form needs a way of paying")
    return wishes


def invoice_from(asked: object, buyer: Buyer) -> Invoice | None:
    if asked in (None, "", "none"):
        return None
    if asked == "person":
        return Invoice(buyer.home)
    if asked == "company":
        return Invoice(buyer.home, buyer.home.company or "Biuro Nowak sp. z o.o.", "5252674798")
    if isinstance(asked, Mapping):
        return Invoice(buyer.home, asked["company"], asked["nip"])
    raise ValueError(f"there is no invoice {asked}")


def _form(world: World, form_id: str) -> Form:
    return world.orders.forms[form_id]
