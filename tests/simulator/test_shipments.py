"""Parcels: numbers for the whole order or some lines, what is refused, what the summary says of them."""

from typing import Any

import pytest

from allegro_module.simulator import World, checkout
from allegro_module.simulator.forms import Form
from tests.simulator.conftest import Caller, Remote, a_line, codes
from tests.simulator.order_life import kinds, place, read


def send(seller: Caller, form: Form, waybill: str = "620001", carrier: str = "INPOST", **more: Any) -> Any:
    body = {"carrierId": carrier, "waybill": waybill, **more}
    return seller.call("POST", f"/order/checkout-forms/{form.id}/shipments", json=body)


def listed(seller: Caller, form: Form) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = seller.get(f"/order/checkout-forms/{form.id}/shipments").json["shipments"]
    return rows


def summary(seller: Caller, form: Form) -> str:
    told: str = read(seller, form)["fulfillment"]["shipmentSummary"]["lineItemsSent"]
    return told


def test_parcel_without_lines_holds_the_whole_order(seller: Caller, world: World) -> None:
    form = place(world)

    answer = send(seller, form)

    assert answer.status_code == 201
    assert answer.json["createdAt"] == "2026-11-20T12:00:00.000Z"
    assert listed(seller, form) == [answer.json]
    assert summary(seller, form) == "ALL"


def test_some_lines_first_and_the_rest_later(seller: Caller, world: World) -> None:
    form = place(world, lines=[a_line(world), a_line(world)])
    first, second = ([{"id": line.id}] for line in form.lines)

    before = summary(seller, form)
    send(seller, form, "1", lineItems=first)
    between = summary(seller, form)
    send(seller, form, "2", carrier="OTHER", carrierName="Wóz z sianem", lineItems=second)

    assert (before, between, summary(seller, form)) == ("NONE", "SOME", "ALL")
    assert [row["carrierName"] for row in listed(seller, form)] == [None, "Wóz z sianem"]
    found = seller.get("/order/checkout-forms?fulfillment.shipmentSummary.lineItemsSent=ALL").json
    assert found["totalCount"] == 1


def test_same_number_twice_makes_two_parcels(seller: Caller, world: World) -> None:
    form = place(world)

    send(seller, form)
    send(seller, form)

    assert len(listed(seller, form)) == 2


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"carrier": "ALLEGRO"}, 400),
        ({"carrier": "GOLEBIE"}, 400),
        ({"waybill": "x" * 65}, 400),
        ({"waybill": " "}, 400),
        ({"carrierName": "InPost"}, 400),
        ({"carrier": "OTHER", "carrierName": "x" * 31}, 400),
        ({"lineItems": [{"id": "7"}]}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_wrong_parcel_is_refused(
    seller: Caller, world: World, checked: Any, wrong: dict[str, Any], status: int
) -> None:
    form = place(world)

    with checked.expecting_violations():
        assert send(seller, form, **wrong).status_code == status

    assert listed(seller, form) == []


def test_number_of_too_many_orders_is_409(seller: Caller, world: World) -> None:
    world.switches.waybill_orders = 2
    forms = [place(world) for _ in range(3)]

    answers = [send(seller, form) for form in forms]

    assert [answer.status_code for answer in answers] == [201, 201, 409]


def test_foreign_order_takes_no_parcel(other_seller: Caller, world: World) -> None:
    assert codes(send(other_seller, place(world))) == ["CheckoutFormNotFoundException"]


def test_number_alone_sets_no_status_unless_the_seller_wants_it(seller: Caller, world: World) -> None:
    plain, automatic = place(world), place(world)

    send(seller, plain, "1")
    world.switches.sent_with_waybill = True
    send(seller, automatic, "2")

    assert read(seller, plain)["fulfillment"]["status"] == "NEW"
    assert read(seller, automatic)["fulfillment"]["status"] == "SENT"
    assert kinds(seller)[-1] == "FULFILLMENT_STATUS_CHANGED"


def test_parcel_of_the_panel_is_listed_too(seller: Caller, world: World, remote: Remote) -> None:
    form = place(world)

    remote.post(f"/orders/{form.id}/shipment", carrierId="DPD", waybill="0000123")

    assert [row["waybill"] for row in listed(seller, form)] == ["0000123"]


def test_number_ends_the_buyers_right_to_cancel(seller: Caller, world: World) -> None:
    form = place(world)
    send(seller, form)

    with pytest.raises(ValueError, match="no longer cancel"):
        checkout.cancel(world, form)


def test_tracking_follows_the_clock(seller: Caller, world: World, application: Caller) -> None:
    send(seller, place(world))
    world.clock.advance(9 * 3600)

    answer = application.get("/order/carriers/INPOST/tracking?waybill=620001&waybill=7").json

    sent, unknown = answer["waybills"]
    assert [row["code"] for row in sent["trackingDetails"]["statuses"]] == ["PENDING", "IN_TRANSIT"]
    assert unknown["trackingDetails"] is None
