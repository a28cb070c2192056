"""The human page of the simulator: buy, pay, cancel, join; end links; break the network; move the clock."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import Response, render_template

from allegro_module.simulator import checkout
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.control import SIMPLE_DEEDS, buy_as_asked, wishes_from
from allegro_module.simulator.faults import Kind
from allegro_module.simulator.forms import Form, Status
from allegro_module.simulator.http import Call, Room
from allegro_module.simulator.links import CAUSE_LABELS, OF_ALL_APPLICATIONS, links_of
from allegro_module.simulator.tokens import Cause

SHOWN_ORDERS = 40
STATUS_LABELS = {
    Status.BOUGHT: "kupione, bez formularza",
    Status.FILLED_IN: "czeka na płatność",
    Status.READY_FOR_PROCESSING: "do realizacji",
    Status.CANCELLED: "anulowane",
}
FAULT_LABELS = {
    Kind.LOSE_ANSWER: "odpowiedź ginie po wykonaniu",
    Kind.RESET: "zerwane połączenie przed wykonaniem",
    Kind.STATUS: "błąd serwera (status)",
    Kind.DELAY: "opóźnienie",
    Kind.MALFORMED: "urwana treść odpowiedzi",
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
        may_cancel=lambda form: form.is_in_buyers_hands(call.now),
        buyers=BUYERS,
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


@room.open_route("POST", "/_page/buy")
def buy(call: Call) -> Response:
    return _back(lambda: _told(buy_as_asked(call.world, call.request.form)))


@room.open_route("POST", "/_page/join")
def join(call: Call) -> Response:
    def joined() -> str:
        forms = [_form(call, form_id) for form_id in call.request.form.getlist("order")]
        wishes = wishes_from(call.request.form, forms[0].buyer) if forms else None
        return _told(checkout.join(call.world, forms, wishes or checkout.Wishes()))

    return _back(joined)


@room.open_route("POST", "/_page/orders/<form_id>/<deed>")
def deed(call: Call, form_id: str, deed: str) -> Response:
    def done() -> str:
        form = _form(call, form_id)
        if deed == "fill":
            checkout.fill(call.world, form, checkout.Wishes())
        else:
            SIMPLE_DEEDS[deed](call.world, form)
        return _told(form)

    return _back(done)


@room.open_route("POST", "/_page/links/<login>/<cause>")
def end_links(call: Call, login: str, cause: str) -> Response:
    def ended() -> str:
        seller, client_id = call.world.sellers[login], call.request.form.get("client_id")
        count = call.world.tokens.revoke(seller.id, Cause(cause), client_id)
        return f"{login}: {CAUSE_LABELS[Cause(cause)]}. Zakończone sesje: {count}."

    return _back(ended)


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

    return _back(added)


@room.open_route("POST", "/_page/faults/clear")
def clear_faults(call: Call) -> Response:
    call.world.faults.clear()
    return _back(lambda: "Usterki usunięte.")


@room.open_route("POST", "/_page/clock")
def move_clock(call: Call) -> Response:
    def moved() -> str:
        call.world.clock.advance(float(call.request.form["hours"]) * 3600)
        return "Zegar przesunięty."

    return _back(moved)


def _back(deed: Callable[[], str]) -> Response:
    """Do it, and show the page with what came of it."""
    try:
        message = deed()
    except (ValueError, KeyError) as error:
        message = f"Nie udało się: {error}"
    return Response("", 303, headers={"Location": f"/?{urlencode({'message': message})}"})


def _told(form: Form) -> str:
    return f"Zamówienie {form.id[:8]}: {STATUS_LABELS[form.status]}."


def _form(call: Call, form_id: str) -> Form:
    return call.world.orders.forms[form_id]
