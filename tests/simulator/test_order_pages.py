"""The human pages of orders: a basket, and the page of one order with its buttons."""

from typing import Any

import pytest

from allegro_module.simulator import Simulator, World
from allegro_module.simulator.checkout import Pay, Wishes
from allegro_module.simulator.forms import Form
from tests.simulator.conftest import Caller, Remote, list_a_book
from tests.simulator.order_life import SELLER, place

LATER = Wishes(pay=Pay.LATER)


def press(remote: Remote, form: Form, deed: str, **fields: str) -> str:
    data = {"from_order": "1", **fields}
    answer = remote.wire.post(f"/_page/orders/{form.id}/{deed}", data=data, follow_redirects=True)
    text: str = answer.text
    return text


def the_form(world: World) -> Form:
    (form,) = world.orders.forms.values()
    return form


def test_basket_holds_several_offers_of_which_some_are_left_out(
    seller: Caller, remote: Remote, world: World
) -> None:
    world.switches.offer_creation = "created"
    first, second, third = (list_a_book(seller, sku=f"KSI-00{number}") for number in (1, 2, 3))

    remote.wire.post(
        "/_page/buy",
        data={
            f"quantity:{first}": "2",
            f"quantity:{second}": "0",
            f"quantity:{third}": "1",
            "buyer": "kupujacy_cz_1",
            "pay": "cash_on_delivery",
            "ship": "pickup_point",
            "invoice": "company",
            "discount": "COUPON",
            "deposit": "1.00",
            "recipient_name": "Jan Sąsiad",
            "provider": "ALLEGRO",
            "no_tax": "1",
        },
    )

    form = the_form(world)
    assert [(line.offer_id, line.quantity) for line in form.lines] == [(first, 2), (third, 1)]
    assert (form.marketplace, form.currency, form.provider) == ("allegro-cz", "CZK", "ALLEGRO")
    assert form.lines[0].discounts == ("COUPON",)
    assert form.lines[0].tax is None
    assert form.delivery is not None
    assert form.delivery.address.last_name == "Sąsiad"
    assert form.invoice is not None
    assert form.invoice.ids[0][0] == "CZ_ICO"


def test_empty_basket_buys_nothing(seller: Caller, remote: Remote, world: World) -> None:
    world.switches.offer_creation = "created"
    book = list_a_book(seller)

    answer = remote.wire.post("/_page/buy", data={f"quantity:{book}": "0"}, follow_redirects=True)

    assert "Nie udało się" in answer.text
    assert world.orders.forms == {}


@pytest.mark.parametrize(
    ("deed", "fields", "seen"),
    [
        ("surcharge", {"amount": "12,50"}, "12,50 zł"),
        ("address", {"street": "ul. Nowa 1", "city": "Sopot"}, "Sopot"),
        ("invoice", {"invoice": "company"}, "5252674798"),
        ("cancel", {}, "BUYER_CANCELLED"),
        ("fulfillment", {"status": "RETURNED"}, "RETURNED"),
        ("shipment", {"carrier": "DPD", "waybill": "000123"}, "Przesyłka DPD 000123"),
        ("note", {"text": "Uwaga, szkło"}, "Uwaga, szkło"),
        ("hush", {}, "Dziennik milczy"),
        ("repeat-ready", {}, "do realizacji"),
    ],
)
def test_buttons_of_an_order_do_what_they_say(
    remote: Remote, world: World, deed: str, fields: dict[str, str], seen: str
) -> None:
    assert seen in press(remote, place(world), deed, **fields)


def test_unpaid_order_is_filled_anew_and_paid(remote: Remote, world: World) -> None:
    form = place(world, LATER)

    press(remote, form, "fill", pay="wire_transfer", ship="letter", message="Po 16")
    shown = press(remote, form, "pay")

    assert "Przesyłka polecona" in shown
    assert "WIRE_TRANSFER" in shown
    assert form.message == "Po 16"


def test_form_is_spoilt_by_hand(remote: Remote, world: World) -> None:
    form = place(world)

    press(remote, form, "spoil", way="no_lines")
    spoilt = form.spoilt
    press(remote, form, "spoil", way="")

    assert (spoilt, form.spoilt) == ((("lineItems", []),), ())


@pytest.mark.parametrize(
    ("deed", "fields"),
    [("surcharge", {"amount": "dużo"}), ("cancel", {}), ("dance", {}), ("note", {}), ("invoice", {})],
)
def test_page_says_why_nothing_was_done(
    remote: Remote, world: World, deed: str, fields: dict[str, str]
) -> None:
    form = place(world)
    world.clock.advance(4 * 86400)

    shown = press(remote, form, deed, **fields)

    assert ("Nie udało się" in shown) is (deed != "note")


def test_forgotten_order_leads_back_to_the_list(remote: Remote, world: World) -> None:
    assert "Nie ma takiego zamówienia" in press(remote, place(world), "forget")


@pytest.mark.parametrize("kind", ["mixed", "plain"])
def test_many_orders_are_made_at_the_press_of_a_button(remote: Remote, world: World, kind: str) -> None:
    data: dict[str, Any] = {"seller": SELLER, "count": "20", "kind": kind, "seed": "1"}

    answer = remote.wire.post("/_page/generate", data=data, follow_redirects=True)

    assert "Powstało" in answer.text
    assert len(world.orders.forms) >= 20


def test_pages_need_no_script(simulator: Simulator, remote: Remote, world: World) -> None:
    assert "<script" not in remote.wire.get(f"/_page/orders/{place(world).id}").text
