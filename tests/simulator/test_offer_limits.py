"""How many offers and calls are too many, operations that take long and fail late, what offers refer to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allegro_module.simulator import World
from tests.simulator.conftest import NOON, Caller, Remote, codes
from tests.simulator.goods import (
    RING,
    a_ring,
    create,
    faults,
    listed,
    of_product,
    patch,
    product_called,
    read,
    settle,
)

HOUR = 3600


def statuses(seller: Caller, count: int, **changes: Any) -> list[int]:
    return [create(seller, a_ring(seller, **changes)).status_code for _ in range(count)]


# Calls


def test_writes_of_offers_have_a_limit_by_the_minute(
    seller: Caller, other_seller: Caller, world: World
) -> None:
    offer_id = listed(seller, world, a_ring(seller))
    world.clock.advance(60)
    world.switches.offer_writes_per_minute = 3

    patched = [patch(seller, offer_id, stock={"available": n}).status_code for n in (1, 2)]

    assert patched == [200, 200]
    assert statuses(seller, 2) == [202, 429]
    assert statuses(other_seller, 1) == [202]
    world.clock.advance(60)
    assert statuses(seller, 1) == [202]


def test_writes_of_offers_have_a_limit_by_the_hour(seller: Caller, world: World) -> None:
    world.switches.offer_writes_per_hour = 2

    assert statuses(seller, 3) == [202, 202, 429]
    world.clock.advance(60)
    assert statuses(seller, 1) == [429]
    world.clock.advance(HOUR)
    assert statuses(seller, 1) == [202]


def test_reading_details_has_a_limit_and_parts_have_none(seller: Caller, world: World) -> None:
    offer_id = listed(seller, world, a_ring(seller))
    world.switches.offer_reads_per_minute = 2
    address = f"/sale/product-offers/{offer_id}"

    assert [seller.get(address).status_code for _ in range(3)] == [200, 200, 429]
    assert seller.get(f"{address}/parts?include=stock").status_code == 200


def test_limits_are_allegros_from_the_start(world: World) -> None:
    switches = world.switches

    assert (switches.offer_writes_per_minute, switches.offer_writes_per_hour) == (2490, 74_700)
    assert switches.offer_reads_per_minute == 3500


def test_catalogue_lets_searches_through_by_drops(seller: Caller, world: World) -> None:
    world.switches.product_searches_at_once = 3

    def search() -> int:
        status: int = seller.get("/sale/products?phrase=lalka").status_code
        return status

    assert [search() for _ in range(4)] == [200, 200, 200, 429]
    world.clock.advance(3.6)
    assert [search() for _ in range(2)] == [200, 429]


# Offers


def test_drafts_have_a_limit(seller: Caller, world: World) -> None:
    world.switches.most_drafts = 1
    draft = {"publication": {"status": "INACTIVE"}}
    first = listed(seller, world, a_ring(seller, **draft))

    assert codes(create(seller, a_ring(seller, **draft))) == [
        "ConstraintViolationException.MaxInactiveOffers"
    ]
    assert seller.call("DELETE", f"/sale/offers/{first}").status_code == 204
    assert create(seller, a_ring(seller, **draft)).status_code == 202


def test_active_offers_have_a_limit_and_those_for_business_another(seller: Caller, world: World) -> None:
    world.switches.most_for_business, world.switches.most_active = 1, 2
    for_business = {"b2b": {"buyableOnlyByBusiness": True}}
    listed(seller, world, a_ring(seller, **for_business))

    second = create(seller, a_ring(seller, **for_business))
    listed(seller, world, a_ring(seller))
    third = create(seller, a_ring(seller))

    assert faults(second) == [("B2B_OFFER_LIMIT_EXCEEDED", "b2b.buyableOnlyByBusiness")]
    assert codes(third) == ["PublicationValidationException.MaxActiveOffers"]


def test_offers_of_one_new_product_have_a_limit(seller: Caller, world: World) -> None:
    sony = product_called(world, "Słuchawki bezprzewodowe Sony")
    world.switches.most_of_a_product = 1
    listed(seller, world, of_product(sony))

    assert codes(create(seller, of_product(sony))) == ["offerCounter"]


# Late failures


def test_operation_takes_minutes_and_says_when_to_ask_again(seller: Caller, world: World) -> None:
    world.switches.operation_seconds, world.switches.retry_after_seconds = 600.0, 120
    answer = create(seller, a_ring(seller))
    location = answer.headers["Location"]

    world.clock.advance(599)
    early = seller.get(location)
    world.clock.advance(1)

    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "120")
    assert (early.status_code, early.headers["Retry-After"]) == (202, "120")
    assert seller.get(location).status_code == 303


def test_late_failure_may_take_the_draft_with_it(seller: Caller, world: World) -> None:
    world.switches.late_failure, world.switches.late_failure_draft = True, "disappears"
    answer = create(seller, a_ring(seller))
    settle(world)

    assert seller.get(f"/sale/product-offers/{answer.json['id']}").status_code == 404
    assert seller.get(answer.headers["Location"]).status_code == 404


def test_late_failure_leaves_an_offer_that_was_once_published(seller: Caller, world: World) -> None:
    offer_id = listed(seller, world, a_ring(seller))
    patch(seller, offer_id, publication={"status": "ENDED"})
    settle(world)
    world.switches.late_failure, world.switches.late_failure_draft = True, "disappears"

    patch(seller, offer_id, publication={"status": "ACTIVE"}, stock={"available": 2})
    settle(world)

    offer = read(seller, offer_id)
    assert offer["publication"]["status"] == "ENDED"
    assert offer["validation"]["errors"][0]["code"] == "OFFER_SERVICE_ERROR"


# What offers refer to


@pytest.mark.parametrize(
    ("member", "path", "group"),
    [
        ("sizeTable", "/sale/size-tables", "tables"),
        ("additionalServices", "/sale/offer-additional-services/groups", "additionalServicesGroups"),
    ],
)
def test_offer_refers_by_id_or_by_name(
    seller: Caller, other_seller: Caller, world: World, member: str, path: str, group: str
) -> None:
    own = seller.get(path).json[group][0]
    foreign = other_seller.get(path).json[group][0]

    by_name = listed(seller, world, a_ring(seller, **{member: {"name": own["name"]}}))
    by_id = listed(seller, world, a_ring(seller, **{member: {"id": own["id"]}}))
    refused = create(seller, a_ring(seller, **{member: {"id": foreign["id"]}}))

    assert read(seller, by_name)[member] == read(seller, by_id)[member] == {"id": own["id"]}
    assert [path for _, path in faults(refused)] == [member]
    patch(seller, by_id, **{member: None})
    assert read(seller, by_id)[member] is None


def test_unfilled_parameters_are_told_now_and_beforehand(
    seller: Caller, remote: Remote, world: World
) -> None:
    offer_id = listed(seller, world, a_ring(seller))
    day = NOON + timedelta(hours=2)
    remote.post(f"/categories/{RING}/plan", parameter="206656", at=day.isoformat())

    def unfilled(kind: str) -> list[dict[str, Any]]:
        path = f"/sale/offers/unfilled-parameters?parameterType={kind}"
        rows: list[dict[str, Any]] = seller.get(path).json["offers"]
        return rows

    row = {"id": offer_id, "category": {"id": RING}, "parameters": [{"id": "206656"}]}
    assert (unfilled("REQUIREMENT_PLANNED"), unfilled("REQUIRED")) == ([row], [])
    world.clock.advance(2 * HOUR)
    assert (unfilled("REQUIREMENT_PLANNED"), unfilled("REQUIRED")) == ([], [row])
    assert seller.get("/sale/offers/unfilled-parameters?offer.id=1").json["totalCount"] == 0
