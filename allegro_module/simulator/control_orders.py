"""Control routes of orders: what buyers, sellers in their panel and Allegro itself do with them.

GET    /_control/orders?seller=    its checkout forms, oldest first
POST   /_control/orders            buy: {"offer": id, "quantity": 2} or {"items": [{"offer", "quantity"}]};
       a row may have "discount" (COUPON, CAMPAIGN, ...), "percent_off", "paid_by_allegro" (WALLET or
       BILLING), "service" (CARRY_IN, GIFT_WRAP), "deposit" and "voucher" (amounts), "tax" and "external"
       (false: without); "provider": "ALLEGRO" is One Fulfillment; and the buyer's wishes:
       "buyer" login, of buyers.py or new (who lives abroad buys on that marketplace), "message" text,
       "smart" bool, "packages" number, "features" as ["ALLEGRO_PAY"],
       "recipient" {"first_name", "city", "zip_code", ...}, another person than the buyer,
       "pay" card, cash_on_delivery, later, wire_transfer, split_payment, extended_term or none (form left
       empty), "ship" courier, pickup_point, letter or in_person,
       "invoice" none, company, person or {"company", "nip"} or {"company", "ids": [[type, value]]}
POST   /_control/orders/bulk       {"count": 2000, "seller": login}: ready orders, no stock moved
POST   /_control/orders/generate   {"count", "seller", "seed", "days"}: lives of every kind, see generator.py;
       answers what must come of them
GET    /_control/orders/expected?seller=   the same account of all orders of the seller, any time
POST   /_control/orders/join       {"orders": [id, id]} and wishes
POST   /_control/orders/ID/fill    wishes: fill the form, or fill it anew
POST   /_control/orders/ID/pay     {"amount"}: in full when left out
POST   /_control/orders/ID/cancel  by the buyer; likewise auto-cancel, repeat-ready, receive-term-payment,
       book-cash (codBookedPayments), cancel-delivery, forget (404 from now on)
POST   /_control/orders/ID/surcharge   {"amount": "12.50"}
POST   /_control/orders/ID/change  {"address": {"street", "city", "zip_code"}} or {"invoice"}
POST   /_control/orders/ID/fulfillment   {"status": "RETURNED"}: what Allegro or the panel sets
POST   /_control/orders/ID/note    {"text"}: the seller's note, in the panel
POST   /_control/orders/ID/shipment    {"carrierId", "waybill", "lineItems": [{"id"}]}: in the panel
POST   /_control/orders/ID/external-invoice   {"has": true}: an invoice entered in the panel
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from allegro_module.simulator import aftermath, checkout
from allegro_module.simulator.asking import buy_as_asked, filled_from, invoice_from
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.control_room import ControlRoom, seller_of
from allegro_module.simulator.expectation import expected_of
from allegro_module.simulator.forms import Form
from allegro_module.simulator.generator import generate
from allegro_module.simulator.http import Call
from allegro_module.simulator.orders import SELLER_STATUSES, change_fulfillment
from allegro_module.simulator.shipments import CARRIERS, ship
from allegro_module.simulator.world import World

room = ControlRoom()

SIMPLE_DEEDS: Mapping[str, Callable[[World, Form], None]] = {
    "cancel": checkout.cancel,
    "auto-cancel": checkout.auto_cancel,
    "repeat-ready": checkout.repeat_ready,
    "receive-term-payment": aftermath.receive_term_payment,
    "book-cash": aftermath.book_cash,
    "cancel-delivery": aftermath.cancel_delivery,
    "forget": aftermath.forget,
}


@room.control("GET", "/orders")
def all_orders(call: Call) -> object:
    return {"orders": [form.as_json() for form in call.world.orders.of(seller_of(call, call.query).id)]}


@room.control("POST", "/orders")
def buy(call: Call) -> object:
    return buy_as_asked(call.world, call.json()).as_json()


@room.control("POST", "/orders/bulk")
def bulk(call: Call) -> object:
    asked = call.json({"count": None, "seller": None})
    return {"placed": len(place_many(call.world, seller_of(call, asked), int(asked["count"])))}


@room.control("POST", "/orders/generate")
def generate_orders(call: Call) -> object:
    asked = call.json({"count": None, "seller": None, "seed": None, "days": None})
    seller, days = seller_of(call, asked), float(asked.get("days", 1))
    return generate(call.world, seller, int(asked["count"]), int(asked.get("seed", 1)), days).as_json()


@room.control("GET", "/orders/expected")
def expected(call: Call) -> object:
    return expected_of(call.world, seller_of(call, call.query).id).as_json()


@room.control("POST", "/orders/join")
def join(call: Call) -> object:
    asked = call.json()
    forms = [form_of(call, form_id) for form_id in asked["orders"]]
    if not forms:
        raise ValueError("two purchases at least are joined")
    return checkout.join(call.world, forms, filled_from(asked, forms[0].buyer)).as_json()


@room.control("POST", "/orders/<form_id>/fill")
def fill(call: Call, form_id: str) -> object:
    form = form_of(call, form_id)
    checkout.fill(call.world, form, filled_from(call.json(), form.buyer))
    return form.as_json()


@room.control("POST", "/orders/<form_id>/pay")
def pay(call: Call, form_id: str) -> object:
    form, amount = form_of(call, form_id), _perhaps_json(call).get("amount")
    checkout.pay(call.world, form, None if amount is None else Decimal(amount))
    return form.as_json()


@room.control("POST", "/orders/<form_id>/surcharge")
def surcharge(call: Call, form_id: str) -> object:
    form = form_of(call, form_id)
    aftermath.pay_surcharge(call.world, form, Decimal(call.json({"amount": None})["amount"]))
    return form.as_json()


@room.control("POST", "/orders/<form_id>/change")
def change(call: Call, form_id: str) -> object:
    form = form_of(call, form_id)
    asked = call.json({"address": None, "invoice": None})
    base = form.delivery.address if form.delivery else form.buyer.home
    address = replace(base, **asked["address"]) if "address" in asked else None
    checkout.change(call.world, form, address, invoice_from(asked.get("invoice"), form.buyer))
    return form.as_json()


@room.control("POST", "/orders/<form_id>/fulfillment")
def fulfil(call: Call, form_id: str) -> object:
    form = form_of(call, form_id)
    status = call.json({"status": None})["status"]
    if status not in SELLER_STATUSES:
        raise ValueError(f"there is no status {status}")
    change_fulfillment(call.world, form, status, call.now)
    return form.as_json()


@room.control("POST", "/orders/<form_id>/note")
def note(call: Call, form_id: str) -> object:
    form = form_of(call, form_id)
    aftermath.write_note(call.world, form, call.json({"text": None})["text"])
    return form.as_json()


@room.control("POST", "/orders/<form_id>/shipment")
def shipment(call: Call, form_id: str) -> object:
    asked = call.json({"carrierId": None, "waybill": None, "carrierName": None, "lineItems": None})
    if asked["carrierId"] not in CARRIERS:
        raise ValueError(f"there is no carrier {asked['carrierId']}")
    return ship(call.world, form_of(call, form_id), asked, call.now).as_json()


@room.control("POST", "/orders/<form_id>/external-invoice")
def external_invoice(call: Call, form_id: str) -> object:
    form = form_of(call, form_id)
    form.has_external_papers = bool(_perhaps_json(call).get("has", True))
    return {"hasExternalInvoices": form.has_external_papers}


@room.control("POST", "/orders/<form_id>/<deed>")
def simple_deed(call: Call, form_id: str, deed: str) -> object:
    form = form_of(call, form_id)
    SIMPLE_DEEDS[deed](call.world, form)
    return form.as_json()


def form_of(call: Call, form_id: str) -> Form:
    return call.world.orders.forms[form_id]


def _perhaps_json(call: Call) -> dict[str, Any]:
    return call.json() if call.request.get_data() else {}
