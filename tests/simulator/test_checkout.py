"""Buying what a seller has listed: stock, lines and prices of real offers."""

from typing import Any

import pytest
from werkzeug.test import Client

from allegro_module.simulator import Simulator, World
from allegro_module.simulator.checkout import Item, Wishes, buy
from tests.simulator.conftest import Caller, list_a_book


@pytest.fixture(autouse=True)
def at_once(world: World) -> None:
    world.switches.offer_creation = "created"


@pytest.fixture
def book(seller: Caller) -> str:
    return list_a_book(seller)


def order(simulator: Simulator, **asked: Any) -> Any:
    return Client(simulator).post("/_control/orders", json=asked).json


def offer(seller: Caller, offer_id: str) -> Any:
    return seller.get(f"/sale/product-offers/{offer_id}").json


def test_line_tells_what_the_offer_is(simulator: Simulator, seller: Caller, book: str) -> None:
    form = order(simulator, offer=book, quantity=2)

    line = seller.get(f"/order/checkout-forms/{form['id']}").json["lineItems"][0]

    assert line["offer"]["id"] == book
    assert line["offer"]["external"] == {"id": "KSI-001"}
    assert line["offer"]["productSet"]["products"][0]["quantity"] == 1
    assert line["quantity"] == 2
    assert line["price"] == line["originalPrice"] == {"amount": "39.90", "currency": "PLN"}
    assert line["tax"]["rate"] == "5.00"


def test_stock_drops_at_the_purchase_before_any_payment(
    simulator: Simulator, seller: Caller, book: str
) -> None:
    order(simulator, offer=book, quantity=2, pay="none")

    assert offer(seller, book)["stock"]["available"] == 3


def test_last_piece_ends_the_offer_and_cancelling_brings_nothing_back(
    simulator: Simulator, seller: Caller, book: str
) -> None:
    form = order(simulator, offer=book, quantity=5)
    Client(simulator).post(f"/_control/orders/{form['id']}/cancel")

    after = offer(seller, book)
    assert after["stock"]["available"] == 0
    assert after["publication"]["status"] == "ENDED"
    assert after["publication"]["endedBy"] == "EMPTY_STOCK"


@pytest.mark.parametrize("asked", [{"quantity": 6}, {"offer": "1"}, {"quantity": 0, "items": []}])
def test_what_is_not_there_cannot_be_bought(
    simulator: Simulator, world: World, book: str, asked: dict[str, Any]
) -> None:
    refused = order(simulator, **({"offer": book, "quantity": 9} | asked))

    assert "errors" in refused
    assert world.orders.forms == {}


def test_cart_is_sold_whole_or_not_at_all(
    simulator: Simulator, seller: Caller, world: World, book: str
) -> None:
    second = list_a_book(seller, available=1, sku="KSI-001~2")

    refused = order(simulator, items=[{"offer": book, "quantity": 2}, {"offer": second, "quantity": 2}])
    untouched = offer(seller, book)["stock"]["available"]
    sold = order(simulator, items=[{"offer": book, "quantity": 2}, {"offer": second, "quantity": 1}])

    assert "errors" in refused
    assert untouched == 5
    assert [line["offer"]["external"]["id"] for line in sold["lineItems"]] == ["KSI-001", "KSI-001~2"]


def test_cart_holds_goods_of_one_seller_only(
    seller: Caller, other_seller: Caller, world: World, book: str
) -> None:
    foreign = list_a_book(other_seller)

    with pytest.raises(ValueError, match="one seller"):
        buy(world, [Item(book), Item(foreign)], Wishes())

    assert offer(seller, book)["stock"]["available"] == 5


def test_delivery_costs_what_the_price_list_says(simulator: Simulator, book: str) -> None:
    form = order(simulator, offer=book, ship="pickup_point")

    assert form["delivery"]["cost"]["amount"] == "11.99"
    assert form["summary"]["totalToPay"]["amount"] == "51.89"


def test_buyers_wishes_reach_the_order(simulator: Simulator, book: str) -> None:
    form = order(
        simulator,
        offer=book,
        buyer="zupelnie_nowa",
        pay="cash_on_delivery",
        invoice={"company": "Kowal sp. z o.o.", "nip": "7792468139"},
        message="Na prezent",
    )

    assert form["buyer"]["login"] == "zupelnie_nowa"
    assert form["payment"]["type"] == "CASH_ON_DELIVERY"
    assert form["invoice"]["address"]["company"]["name"] == "Kowal sp. z o.o."
    assert form["messageToSeller"] == "Na prezent"


@pytest.mark.parametrize("asked", [{"pay": "shells"}, {"ship": "pigeon"}, {"invoice": "maybe"}, {"buyer": 7}])
def test_wishes_that_cannot_be_met_sell_nothing(
    simulator: Simulator, seller: Caller, book: str, asked: dict[str, Any]
) -> None:
    assert "errors" in order(simulator, offer=book, **asked)
    assert offer(seller, book)["stock"]["available"] == 5


def test_control_lists_active_offers(simulator: Simulator, book: str) -> None:
    listed = Client(simulator).get("/_control/offers?seller=bursztyn_i_len").json

    assert listed == {
        "offers": [{"id": book, "name": "Solaris. Stanisław Lem, oprawa miękka", "external_id": "KSI-001"}]
    }


def test_bulk_orders_are_spread_over_active_offers_and_leave_the_stock(
    simulator: Simulator, seller: Caller, book: str
) -> None:
    Client(simulator).post("/_control/orders/bulk", json={"count": 3, "seller": "bursztyn_i_len"})

    forms = seller.get("/order/checkout-forms").json["checkoutForms"]
    assert {line["offer"]["id"] for form in forms for line in form["lineItems"]} == {book}
    assert offer(seller, book)["stock"]["available"] == 5


def test_human_page_sells(simulator: Simulator, seller: Caller, book: str) -> None:
    browser = Client(simulator)
    text = browser.get("/").text

    answer = browser.post(
        "/_page/buy",
        data={"offer": book, "quantity": "2", "pay": "card", "ship": "pickup_point", "invoice": "company"},
        follow_redirects=True,
    )

    assert "Solaris" in text
    assert "39,90 zł" in text
    assert "5 szt." in text
    assert "do realizacji" in answer.text
    assert offer(seller, book)["stock"]["available"] == 3
