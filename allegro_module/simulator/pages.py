"""The human page of the simulator: shelves and orders; end links; break the network; move the clock."""

from flask import Response, render_template

from allegro_module.simulator.buyers import EVERYBODY
from allegro_module.simulator.faults import Kind
from allegro_module.simulator.http import Call, Room
from allegro_module.simulator.links import CAUSE_LABELS, OF_ALL_APPLICATIONS, links_of
from allegro_module.simulator.order_pages import STATUS_LABELS, back, choices
from allegro_module.simulator.tokens import Cause

SHOWN_ORDERS = 40
FAULT_LABELS = {
    Kind.LOSE_ANSWER: "odpowiedź ginie po wykonaniu",
    Kind.RESET: "zerwane połączenie przed wykonaniem",
    Kind.STATUS: "błąd serwera (status)",
    Kind.DELAY: "opóźnienie",
    Kind.MALFORMED: "urwana treść odpowiedzi",
    Kind.CUT: "połączenie zerwane w pół odpowiedzi",
    Kind.HUGE: "odpowiedź na 10 MB",
    Kind.TOKEN_DIES: "token wygasa w trakcie",
}
ROUTES = (
    "*",
    "POST /auth/oauth/token",
    "POST /auth/oauth/device",
    "POST /register",
    "GET /me",
    "POST /sale/images",
    "POST /sale/product-offers",
    "GET /sale/product-offers/{id}",
    "GET /order/events",
    "GET /order/checkout-forms",
    "GET /order/checkout-forms/{id}",
)

room = Room()


@room.open_route("GET", "/")
def home(call: Call) -> Response:
    world = call.world
    orders = sorted(world.orders.forms.values(), key=lambda form: form.updated_at, reverse=True)
    html = render_template(
        "simulator/home.html",
        now=call.now,
        clock=world.clock,
        shelves=[(seller, world.offers.active(seller.id)) for seller in world.sellers.values()],
        stock=lambda offer: world.offers.offers[offer.id].available,
        orders=orders[:SHOWN_ORDERS],
        order_count=len(orders),
        logins={seller.id: seller.login for seller in world.sellers.values()},
        may_cancel=lambda form: form.may_be_cancelled(call.now),
        buyers=EVERYBODY,
        **choices(),
        faults=world.faults.waiting,
        fault_labels=FAULT_LABELS,
        status_labels=STATUS_LABELS,
        routes=ROUTES,
        linked=[(seller, links_of(world, seller)) for seller in world.sellers.values()],
        causes=OF_ALL_APPLICATIONS,
        cause_labels=CAUSE_LABELS,
        applications=list(world.applications.values()),
        message=call.query.get("message"),
    )
    return Response(html)


@room.open_route("POST", "/_page/links/<login>/<cause>")
def end_links(call: Call, login: str, cause: str) -> Response:
    def ended() -> str:
        seller, client_id = call.world.sellers[login], call.request.form.get("client_id")
        count = call.world.tokens.revoke(seller.id, Cause(cause), client_id)
        return f"{login}: {CAUSE_LABELS[Cause(cause)]}. Zakończone sesje: {count}."

    return back(ended)


@room.open_route("POST", "/_page/faults")
def add_fault(call: Call) -> Response:
    def added() -> str:
        asked = call.request.form
        fault = call.world.faults.add(
            asked["route"],
            asked["kind"],
            times=int(asked.get("times") or 1),
            status=int(asked.get("status") or 503),
            seconds=float(asked.get("seconds") or 1),
        )
        return f"Usterka czeka: {FAULT_LABELS[fault.kind]}."

    return back(added)


@room.open_route("POST", "/_page/faults/clear")
def clear_faults(call: Call) -> Response:
    call.world.faults.clear()
    return back(lambda: "Usterki usunięte.")


@room.open_route("POST", "/_page/clock")
def move_clock(call: Call) -> Response:
    def moved() -> str:
        call.world.clock.advance(float(call.request.form["hours"]) * 3600)
        return "Zegar przesunięty."

    return back(moved)
