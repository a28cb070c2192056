"""The human pages of orders: a basket to be bought, and one order with all that can befall it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template

from allegro_module.simulator import aftermath, checkout, journal_tricks
from allegro_module.simulator.asking import buy_as_asked, filled_from, invoice_from, wishes_from
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.control_orders import SIMPLE_DEEDS
from allegro_module.simulator.extras import SERVICES
from allegro_module.simulator.forms import Form, Status
from allegro_module.simulator.generator import generate
from allegro_module.simulator.http import Call, Room
from allegro_module.simulator.lines import DISCOUNTS
from allegro_module.simulator.markets import Ship
from allegro_module.simulator.orders import SELLER_STATUSES, change_fulfillment
from allegro_module.simulator.shipments import CARRIERS, ship
from allegro_module.simulator.spoiling import WAYS
from allegro_module.simulator.wishes import Pay
from allegro_module.simulator.world import World

STATUS_LABELS = {
    Status.BOUGHT: "kupione, bez formularza",
    Status.FILLED_IN: "czeka na płatność",
    Status.READY_FOR_PROCESSING: "do realizacji",
    Status.CANCELLED: "anulowane",
}
PAY_LABELS = {
    Pay.CARD: "kartą",
    Pay.ON_DELIVERY: "przy odbiorze",
    Pay.LATER: "później",
    Pay.TRANSFER: "przelewem, później",
    Pay.SPLIT: "dzielona (split payment)",
    Pay.TERM: "odroczony termin (firma)",
}
SHIP_LABELS = {
    Ship.COURIER: "kurier",
    Ship.POINT: "punkt odbioru",
    Ship.LETTER: "list polecony",
    Ship.IN_PERSON: "odbiór osobisty",
}
DEED_LABELS = {
    "repeat-ready": "powtórz „do realizacji”",
    "receive-term-payment": "przyszły pieniądze z terminu",
    "book-cash": "kurier rozliczył pobranie",
    "cancel-delivery": "anuluj dostawę",
    "auto-cancel": "anuluj jako nieopłacone",
    "hush": "wymaż z dziennika zdarzeń",
    "forget": "zapomnij (404)",
}
EXTRAS = ("discount", "percent_off", "paid_by_allegro", "service", "deposit", "voucher")

room = Room()


def choices() -> dict[str, object]:
    """What the forms of a purchase offer."""
    return {
        "pay_labels": PAY_LABELS,
        "ship_labels": SHIP_LABELS,
        "discounts": DISCOUNTS,
        "services": {name: label for name, (label, _) in SERVICES.items()},
    }


@room.open_route("POST", "/_page/buy")
def buy(call: Call) -> Response:
    return back(lambda: told(buy_as_asked(call.world, _basket(call.request.form))))


def _basket(form: Mapping[str, str]) -> dict[str, Any]:
    """Offers with the pieces put beside them; the extras go with each."""
    asked: dict[str, Any] = dict(form)
    extras: dict[str, Any] = {name: form[name] for name in EXTRAS if form.get(name)}
    extras |= {name: False for name in ("tax", "external") if form.get(f"no_{name}")}
    pieces = {name.partition(":")[2]: number for name, number in form.items() if name.startswith("quantity:")}
    rows = [
        {"offer": offer, "quantity": number, **extras}
        for offer, number in pieces.items()
        if number not in ("", "0")
    ]
    if pieces:
        asked["items"] = rows
    if form.get("allegro_pay"):
        asked["features"] = ("ALLEGRO_PAY",)
    if form.get("recipient_name"):
        first, _, last = form["recipient_name"].partition(" ")
        asked["recipient"] = {"first_name": first, "last_name": last or first}
    return asked


@room.open_route("POST", "/_page/join")
def join(call: Call) -> Response:
    def joined() -> str:
        forms = [_form(call, form_id) for form_id in call.request.form.getlist("order")]
        wishes = wishes_from(call.request.form, forms[0].buyer) if forms else None
        return told(checkout.join(call.world, forms, wishes or checkout.Wishes()))

    return back(joined)


@room.open_route("POST", "/_page/generate")
def generate_orders(call: Call) -> Response:
    asked = call.request.form

    def generated() -> str:
        seller, count = call.world.sellers[asked["seller"]], int(asked["count"])
        if asked.get("kind") == "plain":
            return f"Powstało zamówień: {len(place_many(call.world, seller, count))}."
        expected = generate(call.world, seller, count, int(asked.get("seed") or 1))
        return f"Powstało formularzy: {expected.forms}, do realizacji: {expected.ready}."

    return back(generated)


@room.open_route("GET", "/_page/orders/<form_id>")
def show(call: Call, form_id: str) -> Response:
    form = call.world.orders.forms.get(form_id)
    if form is None:
        return back(lambda: "Nie ma takiego zamówienia.")
    journal = call.world.orders.journal(form.seller_id)
    html = render_template(
        "simulator/order.html",
        order=form,
        status_labels=STATUS_LABELS,
        may_change=form.is_in_buyers_hands(call.now),
        may_cancel=form.may_be_cancelled(call.now),
        events=[event for event in journal if event.form is form],
        seller_statuses=SELLER_STATUSES,
        carriers=CARRIERS,
        ways=WAYS,
        deed_labels=DEED_LABELS,
        message=call.query.get("message"),
        **choices(),
    )
    return Response(html)


@room.open_route("POST", "/_page/orders/<form_id>/<deed>")
def deed(call: Call, form_id: str, deed: str) -> Response:
    def done() -> str:
        form = _form(call, form_id)
        _do(call.world, form, deed, call.request.form)
        return told(form)

    page = f"/_page/orders/{form_id}" if call.request.form.get("from_order") else "/"
    return back(done, page)


def _do(world: World, form: Form, deed: str, asked: Mapping[str, str]) -> None:
    if deed in SIMPLE_DEEDS:
        SIMPLE_DEEDS[deed](world, form)
    else:
        DEEDS[deed](world, form, asked)


def _pay(world: World, form: Form, asked: Mapping[str, str]) -> None:
    checkout.pay(world, form, _amount(asked["amount"]) if asked.get("amount") else None)


def _fill(world: World, form: Form, asked: Mapping[str, str]) -> None:
    checkout.fill(world, form, filled_from(_basket(asked), form.buyer))


def _change_address(world: World, form: Form, asked: Mapping[str, str]) -> None:
    base = form.delivery.address if form.delivery else form.buyer.home
    names = ("first_name", "last_name", "street", "city", "zip_code", "phone")
    checkout.change(world, form, replace(base, **{name: asked[name] for name in names if asked.get(name)}))


def _ask_for_invoice(world: World, form: Form, asked: Mapping[str, str]) -> None:
    checkout.change(world, form, invoice=invoice_from(asked["invoice"], form.buyer))


def _surcharge(world: World, form: Form, asked: Mapping[str, str]) -> None:
    aftermath.pay_surcharge(world, form, _amount(asked["amount"]))


def _fulfil(world: World, form: Form, asked: Mapping[str, str]) -> None:
    change_fulfillment(world, form, asked["status"], world.now())


def _ship(world: World, form: Form, asked: Mapping[str, str]) -> None:
    lines = [{"id": line.id} for line in form.lines if f"line:{line.id}" in asked]
    parcel = {"carrierId": asked["carrier"], "waybill": asked["waybill"], "lineItems": lines}
    ship(world, form, parcel, world.now())


def _note(world: World, form: Form, asked: Mapping[str, str]) -> None:
    aftermath.write_note(world, form, asked.get("text"))


def _spoil(_: World, form: Form, asked: Mapping[str, str]) -> None:
    form.spoilt = WAYS[asked["way"]] if asked.get("way") else ()


def _hush(world: World, form: Form, _: Mapping[str, str]) -> None:
    journal_tricks.hush(world, form)


DEEDS: Mapping[str, Callable[[World, Form, Mapping[str, str]], None]] = {
    "pay": _pay,
    "fill": _fill,
    "address": _change_address,
    "invoice": _ask_for_invoice,
    "surcharge": _surcharge,
    "fulfillment": _fulfil,
    "shipment": _ship,
    "note": _note,
    "spoil": _spoil,
    "hush": _hush,
}


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"{text} is not an amount") from None


def back(deed: Callable[[], str], page: str = "/") -> Response:
    """Do it, and show the page with what came of it."""
    try:
        message = deed()
    except (ValueError, KeyError) as error:
        message = f"Nie udało się: {error}"
    return Response("", 303, headers={"Location": f"{page}?{urlencode({'message': message})}"})


def told(form: Form) -> str:
    return f"Zamówienie {form.id[:8]}: {STATUS_LABELS[form.status]}."


def _form(call: Call, form_id: str) -> Form:
    return call.world.orders.forms[form_id]
