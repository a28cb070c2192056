"""Control routes: JSON resources beside the real ones, for tests and scripts; no token, no headers asked for.

    GET    /_control/world             time, offset, switches, faults, sellers, applications
    POST   /_control/reset             begin again
    POST   /_control/clock             {"offset_seconds": 86400} or {"advance_seconds": 60}
    POST   /_control/switches          {"offer_creation": "created", ...}: names of switches.py
    POST   /_control/faults            {"route": "POST /sale/images", "kind": "lose_answer", "times": 1}
           kind: status (status, retry_after), delay (seconds), lose_answer, reset, malformed, cut (the
           connection ends within the body), huge (10 MB), token_dies (refused until it is renewed);
           "skip": 50 lets so many pass first, "for_seconds": 300 lasts so long by the clock, however often;
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

Categories are moved by control_goods.py, products by control_products.py, orders by control_orders.py,
the journal and bad forms by control_incidents.py, price lists and conditions by control_terms.py.
What cannot be done is answered 422 with `errors[]` that say why.
"""

from datetime import timedelta

from allegro_module.simulator.control_room import ControlRoom, seller_of
from allegro_module.simulator.http import Call, iso

room = ControlRoom()


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
    if "for_seconds" in asked:
        asked["until"] = call.now + timedelta(seconds=float(asked.pop("for_seconds")))
    if "seconds" in asked:
        # Fractions of JSON are read as Decimal, which nobody can sleep.
        asked["seconds"] = float(asked["seconds"])
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
