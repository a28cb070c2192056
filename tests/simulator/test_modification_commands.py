"""Changing one thing of many offers by a command."""

from __future__ import annotations

from typing import Any

import pytest

from allegro_module.simulator import World
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import a_ring, create, faults, listed, patch, read, settle

COMMANDS = "/sale/offer-modification-commands"


def ask(seller: Caller, command_id: str, ids: list[str], **modification: Any) -> Any:
    criteria = [{"type": "CONTAINS_OFFERS", "offers": [{"id": each} for each in ids]}]
    body = {"modification": modification, "offerCriteria": criteria}
    return seller.call("PUT", f"{COMMANDS}/{command_id}", json=body)


def results(seller: Caller, command_id: str) -> list[tuple[str, list[str | None]]]:
    tasks = seller.get(f"{COMMANDS}/{command_id}/tasks").json["tasks"]
    return [(task["status"], [error["path"] for error in task["errors"]]) for task in tasks]


@pytest.fixture
def ring(seller: Caller, world: World) -> str:
    return listed(seller, world, a_ring(seller))


def test_counters_are_zero_until_the_command_is_done(seller: Caller, world: World, ring: str) -> None:
    small, command = world.delivery.of("44100101")[1].id, world.uuid()

    begun = ask(seller, command, [ring], delivery={"shippingRates": {"id": small}})
    running = results(seller, command)
    again = ask(seller, command, [ring], delivery={"handlingTime": "P2D"})
    settle(world)

    zero = {"failed": 0, "success": 0, "total": 0}
    assert (begun.status_code, begun.json["taskCount"], begun.json["completedAt"]) == (201, zero, None)
    assert running == [("NEW", [])]
    assert (again.status_code, codes(again)) == (409, ["CommandIdAlreadyUsedException"])
    report = seller.get(f"{COMMANDS}/{command}").json
    assert report["taskCount"] == {"failed": 0, "success": 1, "total": 1}
    assert results(seller, command) == [("SUCCESS", [])]
    assert read(seller, ring)["delivery"]["shippingRates"] == {"id": small}
    assert seller.get(f"/sale/offers?delivery.shippingRates.id={small}").json["offers"][0]["id"] == ring


def test_each_kind_of_change_reaches_the_offer(seller: Caller, world: World, ring: str) -> None:
    person = {
        "name": "Importer",
        "personalData": {
            "name": "Import",
            "address": {"countryCode": "PL", "street": "Długa 1", "postalCode": "80-001", "city": "Gdańsk"},
            "contact": {"email": "a@b.example"},
        },
    }
    person_id = seller.call("POST", "/sale/responsible-persons", json=person).json["id"]
    producer_id = seller.get("/sale/responsible-producers").json["responsibleProducers"][0]["id"]
    text = {"type": "TEXT", "description": "Trzymać z dala od ognia."}
    place = {"countryCode": "PL", "province": "MAZOWIECKIE", "city": "Warszawa", "postCode": "00-001"}

    for modification in (
        {"delivery": {"handlingTime": "P3D"}},
        {"responsibleProducer": {"id": producer_id}},
        {"responsiblePerson": {"id": person_id}},
        {"safetyInformation": text},
        {"location": place},
        {"payments": {"invoice": "VAT_MARGIN"}},
        {"payments": {"tax": {"percentage": "8.00"}}},
        {"publication": {"durationUnlimited": True}},
    ):
        command = world.uuid()
        ask(seller, command, [ring], **modification)
        settle(world)
        assert results(seller, command) == [("SUCCESS", [])], modification

    offer = read(seller, ring)
    element = offer["productSet"][0]
    assert offer["delivery"]["handlingTime"] == "PT72H"
    assert element["responsibleProducer"]["id"] == producer_id
    assert element["responsiblePerson"]["id"] == person_id
    assert element["safetyInformation"] == text
    assert (offer["location"], offer["payments"]["invoice"]) == (place, "VAT_MARGIN")
    assert offer["taxSettings"]["rates"] == [{"countryCode": "PL", "rate": "8.00"}]
    assert offer["publication"]["status"] == "ACTIVE"


def test_offers_that_cannot_be_changed_fail_one_by_one(
    seller: Caller, other_seller: Caller, world: World, ring: str
) -> None:
    ended = listed(seller, world, a_ring(seller))
    patch(seller, ended, publication={"status": "ENDED"})
    settle(world)
    busy = create(seller, a_ring(seller)).json["id"]
    foreign = world.delivery.of("44100102")[0].id
    wrong, right = world.uuid(), world.uuid()

    ask(seller, wrong, [ring], delivery={"shippingRates": {"id": foreign}})
    ask(seller, right, [ring, ended, busy, "1"], delivery={"handlingTime": "P2D"})
    settle(world)

    assert results(seller, wrong) == [("FAIL", ["delivery.shippingRates"])]
    assert [status for status, _ in results(seller, right)] == ["SUCCESS", "FAIL", "FAIL", "FAIL"]
    assert seller.get(f"{COMMANDS}/{right}").json["taskCount"] == {"failed": 3, "success": 1, "total": 4}
    assert codes(other_seller.get(f"{COMMANDS}/{right}")) == ["COMMAND_NOT_FOUND"]


def test_command_holds_one_kind_of_change_and_a_thousand_offers(
    seller: Caller, world: World, checked: OpenApiCheck
) -> None:
    two = {"handlingTime": "P2D", "shippingRates": {"id": world.delivery.of("44100101")[0].id}}
    many = [str(number) for number in range(1001)]

    assert codes(ask(seller, world.uuid(), ["1"], delivery=two)) == ["OneModificationExpectedException"]
    assert codes(ask(seller, world.uuid(), ["1"])) == ["OneModificationExpectedException"]
    crowd = ask(seller, world.uuid(), many, delivery={"handlingTime": "P2D"})
    assert faults(crowd) == [("VALIDATION_FAILED", "offerCriteria.offers")]


def test_report_is_kept_for_seven_days(seller: Caller, world: World) -> None:
    command = world.uuid()
    ask(seller, command, ["1"], delivery={"handlingTime": "P2D"})

    world.clock.advance(7 * 86400 + 1)

    assert world.offers.commands[command].tasks
    renewed = Caller(seller.wire.application).link()["access_token"]
    bearer = {"Authorization": f"Bearer {renewed}"}
    assert codes(seller.get(f"{COMMANDS}/{command}", headers=bearer)) == ["COMMAND_NOT_FOUND"]
