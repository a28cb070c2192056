"""Creating and replacing price lists: what is kept, what is refused and where."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from allegro_module.simulator import World
from allegro_module.simulator.delivery import DeliveryBook
from allegro_module.simulator.delivery_methods import method
from allegro_module.simulator.price_list_rules import price_list_findings
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, Remote, codes
from tests.simulator.goods import faults

RATES = "/sale/shipping-rates"
COD = "CASH_ON_DELIVERY"
BOX, BOX_COD = "Allegro Paczkomaty InPost", "Allegro Paczkomaty InPost pobranie"


def a_rate(name: str, amount: str = "10.00", policy: str = "IN_ADVANCE", **more: Any) -> dict[str, Any]:
    chosen = method(name, policy)
    currency = chosen["shippingRatesConstraints"]["firstItemRate"]["currency"]
    return {
        "deliveryMethod": {"id": chosen["id"]},
        "maxQuantityPerPackage": 5,
        "firstItemRate": {"amount": amount, "currency": currency},
    } | more


def a_list(*rates: dict[str, Any], **members: Any) -> dict[str, Any]:
    body = {"name": "Kurierzy 2026", "type": "PHYSICAL", "dispatchCountry": "PL", "rates": list(rates)}
    return body | members


def kilograms(value: str) -> dict[str, Any]:
    return {"value": value, "unit": "KILOGRAM"}


def post(seller: Caller, body: dict[str, Any]) -> Any:
    return seller.call("POST", RATES, json=body)


def test_new_list_is_told_as_it_was_sent(seller: Caller) -> None:
    weight = kilograms("2.000")
    body = a_list(
        a_rate(BOX, "12.5", maxPackageWeight=weight),
        a_rate(BOX_COD, "15.99", COD, maxPackageWeight=weight),
        a_rate("Przesyłka kurierska", "20.00", shippingTime={"from": "PT24H", "to": "P3D"}),
        a_rate("Allegro One Punkty, Czechy", "79.00"),
        a_rate("DPD Węgry", "1990.00"),
    )

    answer = post(seller, body)

    assert answer.status_code == 201
    told = seller.get(f"{RATES}/{answer.json['id']}").json
    assert told["rates"][0]["firstItemRate"] == {"amount": "12.50", "currency": "PLN"}
    assert told["rates"][1:] == body["rates"][1:]
    assert (told["name"], told["type"], told["dispatchCountry"]) == ("Kurierzy 2026", "PHYSICAL", "PL")
    assert told["features"] == {"managedByAllegro": False, "isFulfillment": False}
    row = seller.get(RATES).json["shippingRates"][-1]
    assert {item["id"] for item in row["marketplaces"]} >= {"allegro-pl", "allegro-cz", "allegro-hu"}


def test_electronic_list_has_no_country(seller: Caller) -> None:
    mail = a_rate("Wysyłka elektroniczna", "0.00")
    good = a_list(mail, type="ELECTRONIC")
    del good["dispatchCountry"]

    assert post(seller, good).status_code == 201
    assert faults(post(seller, good | {"dispatchCountry": "PL"})) == [("VALIDATION_ERROR", "dispatchCountry")]
    assert faults(post(seller, a_list(mail))) == [("VALIDATION_ERROR", "rates[0].deliveryMethod.id")]


@pytest.mark.parametrize(
    ("rate", "place"),
    [
        (a_rate(BOX, "19.00"), "firstItemRate.amount"),
        (a_rate(BOX, "-1"), "firstItemRate.amount"),
        (a_rate(BOX, "9,50"), "firstItemRate.amount"),
        (a_rate(BOX, firstItemRate={"amount": "9.50", "currency": "EUR"}), "firstItemRate.currency"),
        (a_rate("Allegro One Punkty, Czechy", "79.50"), "firstItemRate.amount"),
        (a_rate("DPD Węgry", "1992.00"), "firstItemRate.amount"),
        (a_rate(BOX, maxQuantityPerPackage=0), "maxQuantityPerPackage"),
        (a_rate("Dostawa przez sprzedającego, gabaryt", maxQuantityPerPackage=101), "maxQuantityPerPackage"),
        (a_rate(BOX, maxPackageWeight=kilograms("25.001")), "maxPackageWeight.value"),
        (a_rate(BOX, maxPackageWeight=kilograms("2.5")), "maxPackageWeight.value"),
        (a_rate("Odbiór osobisty", "0.00", maxPackageWeight=kilograms("1.000")), "maxPackageWeight"),
        (a_rate(BOX, shippingTime={"from": "PT24H", "to": "PT48H"}), "shippingTime"),
        (a_rate("Przesyłka kurierska", shippingTime={"from": "P3D", "to": "P1D"}), "shippingTime.to"),
        (a_rate("Przesyłka kurierska", shippingTime={"from": "soon", "to": "P1D"}), "shippingTime.from"),
        (a_rate("Pocztex Kurier 48"), "deliveryMethod.id"),
        (a_rate("Zásilkovna výdejní místa", "79.00"), "deliveryMethod.id"),
        (a_rate(BOX, deliveryMethod={"id": "none"}), "deliveryMethod.id"),
    ],
)
def test_rate_outside_its_methods_limits_is_refused_at_its_place(rate: dict[str, Any], place: str) -> None:
    found = price_list_findings(a_list(rate), DeliveryBook())

    assert [item.problem.path for item in found] == [f"rates[0].{place}"]


def test_all_that_is_wrong_is_told_at_once_in_the_language_of_the_caller(
    seller: Caller, checked: OpenApiCheck
) -> None:
    twins = a_rate(BOX, "99.00", maxPackageWeight=kilograms("1.000")), a_rate(BOX_COD, "9.00", COD)
    body = a_list(*twins, a_rate(BOX), name="Cennik/1", dispatchCountry=None)

    polish = post(seller, body)
    english = seller.call("POST", RATES, json=body, headers={"Accept-Language": "en-US"})

    assert [path for _, path in faults(polish)] == [
        "name",
        "dispatchCountry",
        "rates[0].firstItemRate.amount",
        "rates[2].deliveryMethod.id",
        "rates[1].maxPackageWeight.value",
        "rates[2].maxPackageWeight.value",
    ]
    assert polish.json["errors"][2]["userMessage"] == "Cena musi być od 0.00 do 18.99 PLN."
    assert english.json["errors"][2]["userMessage"] == "The rate is 0.00 to 18.99 PLN"


def test_list_needs_a_name_and_a_method(seller: Caller, checked: OpenApiCheck) -> None:
    with checked.expecting_violations():
        assert faults(post(seller, a_list(name="x" * 65))) == [
            ("VALIDATION_ERROR", "name"),
            ("VALIDATION_ERROR", "rates"),
        ]
        assert [path for _, path in faults(post(seller, {}))] == ["name", "type", "rates"]
        assert post(seller, {"name": 5}).status_code == 400


def test_next_item_rate_is_refused_or_ignored(seller: Caller, world: World, checked: OpenApiCheck) -> None:
    body = a_list(a_rate(BOX, nextItemRate={"amount": "0.00", "currency": "PLN"}))

    with checked.expecting_violations():
        refused = post(seller, body)
        world.switches.next_item_rate = "ignored"
        ignored = post(seller, body)

    assert codes(refused) == ["UnknownJSONProperty"]
    assert refused.json["errors"][0]["path"] == "rates[0].nextItemRate"
    assert ignored.status_code == 201
    assert "nextItemRate" not in ignored.json["rates"][0]


def test_put_replaces_the_whole_but_type_and_country(seller: Caller) -> None:
    list_id = seller.get(RATES).json["shippingRates"][1]["id"]
    before = seller.get(f"{RATES}/{list_id}").json
    body = a_list(a_rate(BOX), name="Tylko paczkomaty", id=list_id)

    answer = seller.call("PUT", f"{RATES}/{list_id}", json=body)
    moved = seller.call("PUT", f"{RATES}/{list_id}", json=body | {"dispatchCountry": "CZ"})

    assert (answer.status_code, answer.json["name"]) == (200, "Tylko paczkomaty")
    after = seller.get(f"{RATES}/{list_id}").json
    assert after["rates"] == body["rates"]
    assert after["lastModified"] > before["lastModified"]
    assert seller.get(RATES).json["shippingRates"][1]["lastModified"] == after["lastModified"]
    assert [path for _, path in faults(moved)] == ["dispatchCountry", "rates[0].deliveryMethod.id"]


def test_ready_made_and_foreign_lists_are_not_edited(seller: Caller, other_seller: Caller) -> None:
    rows = seller.get(RATES).json["shippingRates"]
    ready = next(row for row in rows if row["features"]["managedByAllegro"])

    answer = seller.call("PUT", f"{RATES}/{ready['id']}", json=a_list(a_rate(BOX)))
    foreign = other_seller.call("PUT", f"{RATES}/{rows[0]['id']}", json=a_list(a_rate(BOX)))

    assert answer.status_code == 422
    assert "cannot be modified via legacy API" in answer.json["errors"][0]["message"]
    assert (foreign.status_code, codes(foreign)) == (403, ["SHIPPING_RATES_ACCESS_DENIED"])
    assert seller.call("PUT", f"{RATES}/none", json=a_list(a_rate(BOX))).status_code == 404


def test_account_holds_two_hundred_and_fifty_lists(seller: Caller, remote: Remote) -> None:
    filled = remote.post("/price-lists/fill", seller="bursztyn_i_len", count=249)

    assert filled == {"price_lists": 249, "made": 245}
    assert post(seller, a_list(a_rate(BOX))).status_code == 201
    full = post(seller, a_list(a_rate(BOX)))
    assert (full.status_code, codes(full)) == (422, ["SHIPPING_RATES_LIMIT_EXCEEDED"])
    assert "250" in full.json["errors"][0]["userMessage"]
    assert len(seller.get(RATES).json["shippingRates"]) == 250


def test_list_edited_on_allegros_pages_moves_its_last_change(seller: Caller, remote: Remote) -> None:
    row = seller.get(RATES).json["shippingRates"][0]
    rates = [a_rate(BOX, "7.77")]

    remote.post(f"/price-lists/{row['id']}", name="Zmieniony na Allegro", rates=rates)

    told = seller.get(f"{RATES}/{row['id']}").json
    assert (told["name"], told["rates"]) == ("Zmieniony na Allegro", rates)
    assert told["lastModified"] > row["lastModified"]


def test_legacy_list_tells_a_next_item_rate_until_it_is_replaced(seller: Caller, remote: Remote) -> None:
    list_id = seller.get(RATES).json["shippingRates"][0]["id"]

    remote.post(f"/price-lists/{list_id}", legacy_next_item_rate="2.00")

    rates = seller.get(f"{RATES}/{list_id}").json["rates"]
    assert {rate["nextItemRate"]["amount"] for rate in rates} == {"2.00"}
    cleaned = [{k: v for k, v in deepcopy(rate).items() if k != "nextItemRate"} for rate in rates]
    seller.call("PUT", f"{RATES}/{list_id}", json=a_list(*cleaned))
    assert seller.get(f"{RATES}/{list_id}").json["rates"] == cleaned


def test_method_that_vanished_is_neither_told_nor_taken(seller: Caller, remote: Remote) -> None:
    def told() -> dict[str, Any]:
        rows = seller.get("/sale/delivery-methods").json["deliveryMethods"]
        return {row["id"]: row["shippingRatesConstraints"]["allowed"] for row in rows}

    gone, old = method(BOX)["id"], method("Allegro Kurier DPD")["id"]

    remote.post(f"/delivery-methods/{gone}", state="removed")
    remote.post(f"/delivery-methods/{old}", state="discontinued")

    assert gone not in told()
    assert told()[old] is False
    answer = post(seller, a_list(a_rate(BOX), a_rate("Allegro Kurier DPD")))
    assert [path for _, path in faults(answer)] == [
        "rates[0].deliveryMethod.id",
        "rates[1].deliveryMethod.id",
    ]
    remote.post(f"/delivery-methods/{gone}", state="known")
    assert gone in told()


def test_methods_cover_four_countries_with_limits_that_hold_together(seller: Caller) -> None:
    rows = seller.get("/sale/delivery-methods").json["deliveryMethods"]
    limits = [row["shippingRatesConstraints"] for row in rows]

    assert {item["firstItemRate"]["currency"] for item in limits} == {"PLN", "CZK", "EUR", "HUF"}
    assert {None, "PL", "CZ", "SK", "HU"} == {row["dispatchCountry"] for row in rows}
    assert {"PL", "CZ", "SK", "HU", "DE", "LT"} == {row["destinationCountry"] for row in rows}
    assert {item["shippingTime"]["customizable"] for item in limits} == {True, False}
    for item in limits:
        weight, rate = item["maxPackageWeight"], item["firstItemRate"]
        assert float(rate["min"]) <= float(rate["max"])
        assert all((weight[name] is not None) is weight["supported"] for name in ("min", "max", "unit"))
