"""Delivery methods, price lists and settings."""

from __future__ import annotations

import pytest

from allegro_module.simulator import World
from allegro_module.simulator.delivery_methods import method
from tests.simulator.conftest import Caller, codes


def test_methods_are_told_to_applications_and_share_names(application: Caller) -> None:
    methods = application.get("/sale/delivery-methods").json["deliveryMethods"]

    assert len({item["id"] for item in methods}) == len(methods)
    assert len({item["name"] for item in methods}) < len(methods)
    assert not all(item["shippingRatesConstraints"]["allowed"] for item in methods)


def test_methods_of_one_marketplace(application: Caller) -> None:
    czech = application.get("/sale/delivery-methods?marketplace=allegro-cz").json["deliveryMethods"]

    assert {"allegro-cz"} <= set(czech[0]["marketplaces"])
    assert len(czech) < len(application.get("/sale/delivery-methods").json["deliveryMethods"])


def test_cash_on_delivery_is_a_method_of_its_own() -> None:
    prepaid, twin = method("DPD Węgry"), method("DPD Węgry", "CASH_ON_DELIVERY")

    assert prepaid["id"] != twin["id"]
    with pytest.raises(KeyError):
        method("Gołąb pocztowy")


def test_company_starts_with_price_lists_in_the_new_model(seller: Caller) -> None:
    rows = seller.get("/sale/shipping-rates").json["shippingRates"]
    single = seller.get(f"/sale/shipping-rates/{rows[0]['id']}").json

    assert [row["name"] for row in rows] == [
        "default",
        "Paczka do 1 kg",
        "Gotowy cennik Allegro",
        "One Fulfillment",
    ]
    assert {"id": "allegro-pl"} in rows[0]["marketplaces"]
    assert (single["type"], single["dispatchCountry"]) == ("PHYSICAL", "PL")
    assert all("nextItemRate" not in rate for rate in single["rates"])
    assert seller.get("/sale/shipping-rates?marketplace=allegro-hu").json == {"shippingRates": []}


def test_another_sellers_price_list_is_refused(seller: Caller, world: World) -> None:
    foreign = world.delivery.of("44100102")[0]

    answer = seller.get(f"/sale/shipping-rates/{foreign.id}")

    assert (answer.status_code, codes(answer)) == (403, ["SHIPPING_RATES_ACCESS_DENIED"])
    assert seller.get("/sale/shipping-rates/none").status_code == 404


def test_settings_are_per_marketplace(seller: Caller) -> None:
    own = seller.get("/sale/delivery-settings").json
    business = seller.get("/sale/delivery-settings?marketplace.id=allegro-business-cz").json

    assert own["freeDelivery"] == {"amount": "300.00", "currency": "PLN"}
    assert business["marketplace"] == {"id": "allegro-business-cz"}
    assert seller.get("/sale/delivery-settings?marketplace.id=allegro-de").status_code == 422


def test_misspelt_filter_is_refused(seller: Caller, checked: object) -> None:
    with checked.expecting_violations():  # type: ignore[attr-defined]
        assert seller.get("/sale/shipping-rates?market=allegro-pl").status_code == 400
