"""Control routes: JSON resources beside the real ones, for tests and scripts; no token, no headers asked for.

    GET    /_control/world             time, offset, switches, faults, sellers, applications
    POST   /_control/reset             begin again
    POST   /_control/clock             {"offset_seconds": 86400} or {"advance_seconds": 60}
    POST   /_control/switches          {"offer_creation": "created", ...}: names of switches.py
    POST   /_control/faults            {"route": "POST /sale/images", "kind": "lose_answer", "times": 1}
           kind: status (status, retry_after), delay (seconds), lose_answer, reset, malformed;
           in a route {name} stands for any segment; the route * is every request
    DELETE /_control/faults            forget those that wait
    POST   /_control/applications      {"client_id", "client_secret", "name", "redirect_uris": []}
    POST   /_control/tokens/revoke     {"seller": login}: as after a change of password
    POST   /_control/tokens/expire     {"seller": login}: access tokens only
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
from functools import wraps
from typing import Any

from flask import Response

from allegro_module.simulator import checkout
from allegro_module.simulator.accounts import Application, Seller
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.buyers import BUYERS, buyer_named
from allegro_module.simulator.forms import Buyer, Form, Invoice
from allegro_module.simulator.http import Call, Problem, Refusal, Room, answer, iso
from allegro_module.simulator.orders import SELLER_STATUSES, change_fulfillment
from allegro_module.simulator.world import World

room = Room()
Deed = Callable[[Call], object]

SIMPLE_DEEDS: Mapping[str, Callable[[World, Form], None]] = {
    "pay": checkout.pay,
    "cancel": checkout.cancel,
    "auto-cancel": checkout.auto_cancel,
    "repeat-ready": checkout.repeat_ready,
}


def control(method: str, path: str) -> Callable[[Callable[..., object]], Callable[..., Response]]:
    """Register a control route; a ValueError, KeyError or TypeError of it is the caller's mistake."""

    def register(handler: Callable[..., object]) -> Callable[..., Response]:
        @wraps(handler)
        def answered(call: Call, **parts: str) -> Response:
            try:
                return answer(handler(call, **parts), produces="application/json")
            except (ValueError, KeyError, TypeError) as error:
                raise Refusal(422, Problem("ControlRefused", str(error))) from error

        return room.open_route(method, f"/_control{path}")(answered)

    return register


@control("GET", "/world")
def world(call: Call) -> object:
    state = call.world
    return {
        "now": iso(call.now),
        "offset_seconds": state.clock.offset_seconds,
        "switches": state.switches.as_json(),
        "faults": [fault.as_json() for fault in state.faults.waiting],
        "sellers": [
            {"id": seller.id, "login": seller.login, "company": seller.is_company}
            for seller in state.sellers.values()
        ],
        "applications": list(state.applications),
    }


@control("POST", "/reset")
def reset(call: Call) -> object:
    call.world.reset()
    return {"now": iso(call.world.now())}


@control("POST", "/clock")
def move_clock(call: Call) -> object:
    asked = call.json({"offset_seconds": None, "advance_seconds": None})
    clock = call.world.clock
    clock.offset_seconds = float(asked.get("offset_seconds", clock.offset_seconds))
    clock.advance(float(asked.get("advance_seconds", 0)))
    return {"now": iso(call.world.now()), "offset_seconds": clock.offset_seconds}


@control("POST", "/switches")
def turn_switches(call: Call) -> object:
    for name, value in call.json().items():
        call.world.switches.turn(name, value)
    return call.world.switches.as_json()


@control("POST", "/faults")
def add_fault(call: Call) -> object:
    asked = call.json()
    return call.world.faults.add(asked.pop("route"), asked.pop("kind"), **asked).as_json()


@control("DELETE", "/faults")
def forget_faults(call: Call) -> object:
    call.world.faults.clear()
    return {}


@control("POST", "/applications")
def register_application(call: Call) -> object:
    asked = call.json()
    uris = tuple(asked.pop("redirect_uris", ()))
    application = Application(**asked, redirect_uris=uris)
    call.world.applications[application.client_id] = application
    return {"client_id": application.client_id}


@control("POST", "/tokens/revoke")
def revoke_tokens(call: Call) -> object:
    return {"closed_sessions": call.world.tokens.revoke(_seller(call, call.json()).id)}


@control("POST", "/tokens/expire")
def expire_tokens(call: Call) -> object:
    return {"expired_tokens": call.world.tokens.expire_access(_seller(call, call.json()).id, call.now)}


@control("GET", "/offers")
def active_offers(call: Call) -> object:
    offers = call.world.offers.active(_seller(call, call.query).id)
    return {
        "offers": [{"id": offer.id, "name": offer.name, "external_id": offer.external_id} for offer in offers]
    }


@control("GET", "/orders")
def all_orders(call: Call) -> object:
    return {"orders": [form.as_json() for form in call.world.orders.of(_seller(call, call.query).id)]}


@control("GET", "/events")
def whole_journal(call: Call) -> object:
    journal = call.world.orders.journal(_seller(call, call.query).id)
    return {"events": [event.as_json() for event in journal]}


@control("POST", "/orders")
def buy(call: Call) -> object:
    return buy_as_asked(call.world, call.json()).as_json()


@control("POST", "/orders/bulk")
def bulk(call: Call) -> object:
    asked = call.json({"count": None, "seller": None})
    return {"placed": len(place_many(call.world, _seller(call, asked), int(asked["count"])))}


@control("POST", "/orders/join")
def join(call: Call) -> object:
    asked = call.json()
    forms = [_form(call.world, form_id) for form_id in asked["orders"]]
    return checkout.join(call.world, forms, _filled(asked, forms[0].buyer if forms else BUYERS[0])).as_json()


@control("POST", "/orders/<form_id>/fill")
def fill(call: Call, form_id: str) -> object:
    form = _form(call.world, form_id)
    checkout.fill(call.world, form, _filled(call.json(), form.buyer))
    return form.as_json()


@control("POST", "/orders/<form_id>/change")
def change(call: Call, form_id: str) -> object:
    form = _form(call.world, form_id)
    asked = call.json({"address": None, "invoice": None})
    base = form.delivery.address if form.delivery else form.buyer.home
    address = replace(base, **asked["address"]) if "address" in asked else None
    checkout.change(call.world, form, address, invoice_from(asked.get("invoice"), form.buyer))
    return form.as_json()


@control("POST", "/orders/<form_id>/fulfillment")
def fulfil(call: Call, form_id: str) -> object:
    form = _form(call.world, form_id)
    status = call.json({"status": None})["status"]
    if status not in SELLER_STATUSES:
        raise ValueError(f"there is no status {status}")
    change_fulfillment(call.world, form, status, call.now)
    return form.as_json()


@control("POST", "/orders/<form_id>/<deed>")
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


def _seller(call: Call, asked: Mapping[str, Any]) -> Seller:
    return call.world.sellers[asked["seller"]]


def _form(world: World, form_id: str) -> Form:
    return world.orders.forms[form_id]
