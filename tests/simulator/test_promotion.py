"""Promotion packages, deposits, suggested categories: small resources an offer draws on."""

from __future__ import annotations

from typing import Any

import pytest

from allegro_module.simulator import World
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import a_ring, create, faults, listed, read, settle

DAY = 86_400


@pytest.fixture
def ring(seller: Caller, world: World) -> str:
    return listed(seller, world, a_ring(seller))


def modify(seller: Caller, offer_id: str, *wishes: tuple[str, str, str]) -> Any:
    rows = [{"modificationType": a, "packageType": b, "packageId": c} for a, b, c in wishes]
    path = f"/sale/offers/{offer_id}/promo-options-modification"
    return seller.call("POST", path, json={"modifications": rows})


def test_packages_are_told_to_everybody(application: Caller) -> None:
    packages = application.get("/sale/offer-promotion-packages").json

    assert [item["id"] for item in packages["basePackages"]] == ["emphasized10d", "emphasized1d"]
    assert packages["extraPackages"][0]["cycleDuration"] == "P10D"


def test_another_base_package_waits_for_the_end_of_the_cycle(
    seller: Caller, world: World, ring: str, nobody: Caller
) -> None:
    modify(seller, ring, ("CHANGE", "BASE", "emphasized10d"), ("CHANGE", "EXTRA", "departmentPage"))
    now = modify(seller, ring, ("CHANGE", "BASE", "emphasized1d")).json

    assert now["basePackage"]["id"] == "emphasized10d"
    assert now["pendingChanges"]["basePackage"]["id"] == "emphasized1d"
    world.clock.advance(10 * DAY + 1)
    bearer = {"Authorization": f"Bearer {nobody.link()['access_token']}"}
    later = seller.get(f"/sale/offers/{ring}/promo-options", headers=bearer).json
    assert (later["basePackage"]["id"], later["pendingChanges"]) == ("emphasized1d", None)
    assert later["extraPackages"][0]["validFrom"] == now["extraPackages"][0]["validFrom"]


def test_packages_go_at_once_or_with_their_cycle(seller: Caller, ring: str) -> None:
    modify(seller, ring, ("CHANGE", "BASE", "emphasized10d"), ("CHANGE", "EXTRA", "departmentPage"))
    soon = modify(seller, ring, ("REMOVE_WITH_END_OF_CYCLE", "BASE", "emphasized10d")).json
    done = modify(seller, ring, ("REMOVE_NOW", "EXTRA", "departmentPage")).json

    assert soon["basePackage"]["nextCycleDate"] is None
    assert done["extraPackages"] == []


def test_packages_of_strange_offers_and_strange_packages_are_refused(
    seller: Caller, other_seller: Caller, ring: str
) -> None:
    assert other_seller.get(f"/sale/offers/{ring}/promo-options").status_code == 403
    assert modify(seller, "1", ("CHANGE", "BASE", "emphasized1d")).status_code == 422
    assert faults(modify(seller, ring, ("CHANGE", "BASE", "bold"))) == [
        ("VALIDATION_FAILED", "modifications[0].packageId")
    ]


def test_offer_keeps_its_deposits(seller: Caller, world: World) -> None:
    known = seller.get("/deposit/types").json["deposits"][0]
    body = a_ring(seller)
    body["productSet"][0]["deposits"] = [{"id": known["id"], "quantity": 6}]
    wrong = a_ring(seller)
    wrong["productSet"][0]["deposits"] = [{"id": world.uuid(), "quantity": 1}]

    offer = read(seller, listed(seller, world, body))

    assert offer["productSet"][0]["deposits"] == [{"id": known["id"], "quantity": 6}]
    assert faults(create(seller, wrong)) == [("VALIDATION_FAILED", "productSet[0].deposits[0].id")]


def test_categories_are_suggested_five_times_a_second(seller: Caller, world: World) -> None:
    def ask() -> Any:
        return seller.get("/sale/matching-categories", query_string={"name": "Kubki ceramiczne i kolczyki"})

    answers = [ask() for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert {item["name"] for item in answers[0].json["matchingCategories"]} >= {
        "Kubki i filiżanki",
        "Kolczyki",
    }
    world.clock.advance(1)
    assert ask().status_code == 200


def test_offer_reaches_markets_to_which_its_price_list_delivers(
    seller: Caller, world: World, checked: OpenApiCheck
) -> None:
    prices = {
        "allegro-cz": {"sellingMode": {"price": {"amount": "6990", "currency": "CZK"}}},
        "allegro-hu": {"sellingMode": {"price": {"amount": "99990", "currency": "HUF"}}},
    }
    czech = {
        "deliveryMethod": {"id": world.delivery.known_methods()[12]["id"]},
        "maxQuantityPerPackage": 1,
        "firstItemRate": {"amount": "79", "currency": "CZK"},
    }
    own = {"name": "Czechy", "type": "PHYSICAL", "dispatchCountry": "PL", "rates": [czech]}
    list_id = seller.call("POST", "/sale/shipping-rates", json=own).json["id"]
    body = a_ring(seller, additionalMarketplaces=prices, delivery={"shippingRates": {"id": list_id}})

    offer = read(seller, listed(seller, world, body))

    states = {name: part["publication"]["state"] for name, part in offer["additionalMarketplaces"].items()}
    assert (states["allegro-cz"], states["allegro-hu"]) == ("APPROVED", "NOT_REQUESTED")
    assert offer["additionalMarketplaces"]["allegro-cz"]["sellingMode"] == prices["allegro-cz"]["sellingMode"]
    assert offer["publication"]["marketplaces"]["additional"] == [{"id": "allegro-cz"}]
    prices["allegro-cz"]["sellingMode"]["format"] = "BUY_NOW"  # type: ignore[assignment]
    with checked.expecting_violations():
        refused = create(seller, a_ring(seller, additionalMarketplaces=prices))
    assert codes(refused) == ["UnknownJSONProperty"]


def test_duration_of_an_active_offer_only_becomes_unlimited(seller: Caller, world: World) -> None:
    offer_id = listed(seller, world, a_ring(seller, publication={"duration": "P10D"}))
    address = f"/sale/product-offers/{offer_id}"

    longer = seller.call("PATCH", address, json={"publication": {"duration": "P30D"}})
    same = seller.call("PATCH", address, json={"publication": {"duration": "PT240H"}})
    unlimited = seller.call("PATCH", address, json={"publication": {"duration": None}})
    settle(world)

    assert faults(longer) == [("VALIDATION_FAILED", "publication.duration")]
    assert same.status_code == unlimited.status_code == 200
    assert read(seller, offer_id)["publication"]["endingAt"] is None
