"""What becomes of an offer: edits, sales, ends, lists, commands, events."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from allegro_module.simulator import World
from allegro_module.simulator.offer_edits import merged
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import (
    BOX,
    NEW,
    PRODUCER,
    SAFETY,
    a_ring,
    chosen,
    create,
    faults,
    listed,
    of_product,
    patch,
    product_called,
    read,
    settle,
    uploaded,
)

HOUR = 3600
COMMANDS = "/sale/offer-publication-commands"


@pytest.fixture
def ring(seller: Caller, world: World) -> str:
    """An active offer of a ring, three pieces."""
    return listed(seller, world, a_ring(seller))


def status(seller: Caller, offer_id: str) -> str:
    return str(read(seller, offer_id)["publication"]["status"])


def renewed(seller: Caller) -> None:
    """Give the caller a new token: the old one has lived its twelve hours."""
    seller.headers["Authorization"] = f"Bearer {seller.link()['access_token']}"


# Editing


@pytest.mark.parametrize(
    ("old", "change", "new"),
    [
        ({"a": 1, "b": 2}, {"b": 3}, {"a": 1, "b": 3}),
        ({"a": 1, "b": 2}, {"b": None}, {"a": 1}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": {"b": 1, "c": None}}, {"a": {"b": 1}}),
        ({"shippingRates": {"id": "1"}}, {"shippingRates": {"name": "x"}}, {"shippingRates": {"name": "x"}}),
    ],
)
def test_patch_is_merged(old: Any, change: Any, new: Any) -> None:
    assert merged(old, change) == new


def test_edit_changes_only_what_it_names(seller: Caller, ring: str) -> None:
    before = read(seller, ring)

    answer = patch(seller, ring, sellingMode={"price": {"amount": "999.00", "currency": "PLN"}})

    after = read(seller, ring)
    assert answer.status_code == 200
    assert after["sellingMode"]["price"]["amount"] == "999.00"
    for name in ("name", "productSet", "images", "stock", "publication", "parameters"):
        assert after[name] == before[name]


def test_lists_are_replaced_whole(seller: Caller, ring: str) -> None:
    picture = uploaded(seller)

    patch(seller, ring, images=[picture])

    assert picture in read(seller, ring)["images"]
    assert patch(seller, ring, parameters=[]).status_code == 422


def test_edit_may_take_its_time_and_forbids_another_meanwhile(
    seller: Caller, world: World, ring: str
) -> None:
    world.switches.offer_edit = "accepted"

    first = patch(seller, ring, name="Pierścionek złoty z nowym tytułem")
    second = patch(seller, ring, stock={"available": 1})

    assert first.status_code == 202
    assert read(seller, ring)["name"].startswith("Pierścionek złoty z bursztynem")
    assert (second.status_code, codes(second)) == (409, ["OfferConflictException"])
    settle(world)
    assert read(seller, ring)["name"] == "Pierścionek złoty z nowym tytułem"


def test_piece_sold_during_an_edit_stays_sold(seller: Caller, world: World, ring: str) -> None:
    world.switches.offer_edit = "accepted"
    patch(seller, ring, name="Pierścionek złoty z nowym tytułem")

    world.offers.sell(ring, 1, world.now())
    settle(world)

    assert read(seller, ring)["stock"]["available"] == 2


def test_edit_of_a_live_offer_must_leave_it_whole(seller: Caller, ring: str) -> None:
    answer = patch(seller, ring, name="Pierścionek złoty")

    assert answer.status_code == 422
    assert read(seller, ring)["name"] != "Pierścionek złoty"


@pytest.mark.parametrize("product", [None, {"id": None}])
def test_product_cannot_be_unlinked(seller: Caller, checked: OpenApiCheck, ring: str, product: Any) -> None:
    with checked.expecting_violations():
        answer = patch(seller, ring, productSet=[{"product": product}])

    assert (answer.status_code, faults(answer)) == (
        422,
        [("RemoveProductException", "productSet[0].product.id")],
    )


def test_emptied_product_set_unlinks_too(seller: Caller, ring: str) -> None:
    assert "RemoveProductException" in codes(patch(seller, ring, productSet=[]))


def test_language_cannot_be_nulled(seller: Caller, checked: OpenApiCheck, ring: str) -> None:
    with checked.expecting_violations():
        answer = patch(seller, ring, language=None)

    assert (answer.status_code, codes(answer)) == (400, ["JsonMappingException"])


def test_bare_product_id_refreshes_the_offer_from_the_catalogue(seller: Caller, world: World) -> None:
    mug = product_called(world, "Kubek ceramiczny")
    own = {"sections": [{"items": [{"type": "TEXT", "content": "<p>Mój opis kubka</p>"}]}]}
    offer = listed(seller, world, of_product(mug, images=[uploaded(seller)], description=own))
    element = {"product": {"id": mug}, "responsibleProducer": PRODUCER, "safetyInformation": SAFETY}

    assert read(seller, offer)["description"] == own
    patch(seller, offer, productSet=[element])

    after = read(seller, offer)
    assert len(after["images"]) == 1
    assert "Home&amp;You" in str(after["description"])


def test_own_content_survives_a_refresh_that_says_so(seller: Caller, world: World) -> None:
    mug = product_called(world, "Kubek ceramiczny")
    picture = uploaded(seller)
    own = {"sections": [{"items": [{"type": "IMAGE", "url": picture}]}]}
    offer = listed(seller, world, of_product(mug))
    element = {
        "product": {"id": mug, "images": []},
        "responsibleProducer": PRODUCER,
        "safetyInformation": SAFETY,
    }

    answer = patch(seller, offer, productSet=[element], images=[picture], description=own)

    assert answer.status_code == 200
    assert answer.json["images"] == [picture]
    assert answer.json["description"] == own


def test_category_changes_within_twelve_hours_only(seller: Caller, world: World, ring: str) -> None:
    other = {
        "category": {"id": BOX},
        "productSet": [
            {
                "product": {
                    "name": "Pudełko na pierścionek",
                    "parameters": [chosen("248811", "248811_1"), chosen("209878", "209878_1")],
                    "images": [uploaded(seller)],
                },
                "responsibleProducer": PRODUCER,
                "safetyInformation": SAFETY,
            }
        ],
    }

    world.clock.advance(13 * HOUR)
    renewed(seller)

    assert faults(patch(seller, ring, **other)) == [
        ("IllegalOfferUpdateException.IllegalChangeCategoryId", "category.id")
    ]
    world.clock.advance(-2 * HOUR)
    assert patch(seller, ring, **other).status_code == 200


def test_vague_category_is_no_way_out(seller: Caller, ring: str) -> None:
    answer = patch(seller, ring, category={"id": "257991"})

    assert "IllegalOfferUpdateException.IllegalChangeCategoryId" in codes(answer)


def test_only_the_owner_sees_and_edits(other_seller: Caller, ring: str) -> None:
    for answer in (
        other_seller.get(f"/sale/product-offers/{ring}"),
        patch(other_seller, ring, name="x" * 12),
    ):
        assert (answer.status_code, codes(answer)) == (404, ["OfferNotFoundException"])


def test_malformed_number_of_an_offer_is_refused(seller: Caller) -> None:
    assert seller.get("/sale/product-offers/abc").status_code == 400


def test_parts_are_stock_and_price(seller: Caller, checked: OpenApiCheck, ring: str) -> None:
    both = seller.get(f"/sale/product-offers/{ring}/parts?include=stock&include=price").json
    stock = seller.get(f"/sale/product-offers/{ring}/parts?include=stock").json

    assert both["sellingMode"]["price"]["amount"] == "1249.00"
    assert stock == {"id": ring, "stock": {"available": 3}}
    with checked.expecting_violations():
        assert seller.get(f"/sale/product-offers/{ring}/parts").status_code == 400


# Ends and returns


def test_change_of_status_is_always_an_operation(seller: Caller, world: World, ring: str) -> None:
    answer = patch(seller, ring, publication={"status": "ENDED"})

    assert answer.status_code == 202
    assert status(seller, ring) == "ACTIVE"
    settle(world)
    assert read(seller, ring)["publication"]["endedBy"] == "USER"


def test_stock_zero_ends_the_offer(seller: Caller, world: World, ring: str) -> None:
    assert patch(seller, ring, stock={"available": 0}).status_code == 202

    settle(world)

    assert read(seller, ring)["publication"]["endedBy"] == "EMPTY_STOCK"


def test_end_is_carried_out_though_the_rest_of_the_patch_fails(
    seller: Caller, world: World, ring: str
) -> None:
    answer = patch(seller, ring, publication={"status": "ENDED"}, name="Pierścionek złoty")

    assert answer.status_code == 422
    settle(world)
    assert status(seller, ring) == "ENDED"


def test_offer_is_resumed_by_stock_and_status_in_one_patch(seller: Caller, world: World, ring: str) -> None:
    world.offers.sell(ring, 3, world.now())

    too_few = patch(seller, ring, publication={"status": "ACTIVE"})
    resumed = patch(seller, ring, publication={"status": "ACTIVE"}, stock={"available": 2})

    assert faults(too_few) == [("AvailableStockMustEqualToOneOrBeGreaterThanOne", "stock.available")]
    assert resumed.status_code == 202
    settle(world)
    assert (status(seller, ring), read(seller, ring)["stock"]["available"]) == ("ACTIVE", 2)


def test_ended_offer_cannot_end_again_nor_become_a_draft(seller: Caller, world: World, ring: str) -> None:
    world.offers.sell(ring, 3, world.now())

    for wanted in ("ENDED", "INACTIVE"):
        answer = patch(seller, ring, publication={"status": wanted})
        assert faults(answer) == [("VALIDATION_FAILED", "publication.status")]


def test_offer_with_a_duration_expires(seller: Caller, world: World) -> None:
    offer = listed(seller, world, a_ring(seller, publication={"duration": "P3D"}))

    world.clock.advance(73 * HOUR)
    renewed(seller)

    assert read(seller, offer)["publication"]["endedBy"] == "EXPIRATION"


def test_planned_offer_waits_for_its_start(seller: Caller, world: World) -> None:
    offer = listed(seller, world, a_ring(seller, publication={"startingAt": "2026-11-20T14:00:00.000Z"}))

    assert status(seller, offer) == "ACTIVATING"
    world.clock.advance(2 * HOUR)
    assert status(seller, offer) == "ACTIVE"
    later = patch(seller, offer, publication={"startingAt": "2026-11-22T14:00:00.000Z"})
    assert faults(later) == [("VALIDATION_FAILED", "publication.startingAt")]


def test_ended_offers_are_archived_after_sixty_days(seller: Caller, world: World, ring: str) -> None:
    world.offers.sell(ring, 3, world.now())

    world.clock.advance(61 * 24 * HOUR)
    renewed(seller)

    assert seller.get(f"/sale/product-offers/{ring}").status_code == 404


def test_draft_is_completed_and_published(seller: Caller, world: World) -> None:
    body = a_ring(seller, publication={"status": "INACTIVE"})
    price = body.pop("sellingMode")
    offer = listed(seller, world, body)

    refused = patch(seller, offer, publication={"status": "ACTIVE"})
    accepted = patch(seller, offer, publication={"status": "ACTIVE"}, sellingMode=price)

    assert faults(refused) == [("IllegalOfferUpdateException.PriceMustBeSet", "sellingMode.price")]
    assert accepted.status_code == 202
    settle(world)
    assert (status(seller, offer), read(seller, offer)["validation"]["errors"]) == ("ACTIVE", [])


def test_only_drafts_are_deleted(seller: Caller, world: World, ring: str) -> None:
    draft = listed(seller, world, a_ring(seller, publication={"status": "INACTIVE"}))

    assert seller.call("DELETE", f"/sale/offers/{draft}").status_code == 204
    assert seller.get(f"/sale/product-offers/{draft}").status_code == 404
    assert seller.call("DELETE", f"/sale/offers/{ring}").status_code == 403


def test_operation_belongs_to_its_offer_and_owner(seller: Caller, other_seller: Caller, ring: str) -> None:
    location = patch(seller, ring, publication={"status": "ENDED"}).headers["Location"]

    assert other_seller.get(location).status_code == 404
    assert seller.get(f"/sale/product-offers/{ring}/operations/{uuid4()}").status_code == 404


# Selling


def test_sale_takes_pieces_and_tells_what_was_sold(seller: Caller, world: World) -> None:
    tax = {"rates": [{"rate": "23.00", "countryCode": "PL"}], "subject": "GOODS"}
    offer = listed(seller, world, a_ring(seller, taxSettings=tax))

    sold = world.offers.sell(offer, 2, world.now())

    assert (sold.price, sold.currency, sold.external_id) == (Decimal("1249.00"), "PLN", "PZ-1")
    assert sold.tax == {"rate": "23.00", "subject": "GOODS"}
    assert len(sold.product_ids) == 1
    assert read(seller, offer)["stock"]["available"] == 1
    assert seller.get("/sale/offers").json["offers"][0]["stock"] == {"available": 1, "sold": 2}


def test_last_piece_ends_the_offer(seller: Caller, world: World, ring: str) -> None:
    world.offers.sell(ring, 3, world.now())

    assert read(seller, ring)["publication"]["endedBy"] == "EMPTY_STOCK"
    assert world.offers.active("44100101") == []


@pytest.mark.parametrize("quantity", [0, 4])
def test_more_than_there_is_cannot_be_sold(world: World, ring: str, quantity: int) -> None:
    with pytest.raises(ValueError, match="pieces"):
        world.offers.sell(ring, quantity, world.now())


def test_inactive_offer_cannot_be_sold(seller: Caller, world: World) -> None:
    offer = create(seller, a_ring(seller)).json["id"]

    with pytest.raises(ValueError, match="not active"):
        world.offers.sell(offer, 1, world.now())


def test_offers_survive_being_stored(world: World, ring: str) -> None:
    again = pickle.loads(pickle.dumps(world))

    assert again.offers.offers[ring] == world.offers.offers[ring]
    assert again.offers.sell(ring, 1, world.now()).id == ring


# The list


def ids(seller: Caller, **query: Any) -> list[str]:
    asked = {key.replace("__", "."): value for key, value in query.items()}
    answer = seller.get("/sale/offers", query_string=asked)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json["offers"]]


def test_list_is_filtered_and_counted(seller: Caller, world: World, ring: str) -> None:
    mug = listed(seller, world, of_product(product_called(world, "Kubek ceramiczny")))
    draft = listed(seller, world, a_ring(seller, publication={"status": "INACTIVE"}, external={"id": "PZ-2"}))

    assert ids(seller) == [draft, mug, ring]
    assert ids(seller, external__id=["PZ-1", "PZ-2"]) == [draft, ring]
    assert ids(seller, publication__status="ACTIVE", name="pierścionek") == [ring]
    assert ids(seller, category__id="110130") == [mug]
    assert ids(seller, offer__id=mug) == [mug]
    assert ids(seller, sellingMode__price__amount__lte="100") == [mug]
    assert ids(seller, sort="sellingMode.price.amount", limit=1) == [mug]
    assert ids(seller, sort="-sellingMode.price.amount", limit=1, offset=2) == [mug]
    assert ids(seller, product__id__empty="true") == []
    assert ids(seller, delivery__shippingRates__id=world.delivery.of("44100101")[0].id) == [draft, mug, ring]
    page = seller.get("/sale/offers?limit=2").json
    assert (page["count"], page["totalCount"]) == (2, 3)


def test_list_shows_own_offers_only(other_seller: Caller, ring: str) -> None:
    assert other_seller.get("/sale/offers").json == {"offers": [], "count": 0, "totalCount": 0}


def test_list_lags_behind_the_details(seller: Caller, world: World, ring: str) -> None:
    world.switches.list_lag_seconds = 60.0
    settle(world)

    assert ids(seller) == []
    world.clock.advance(60)
    patch(seller, ring, stock={"available": 1})

    assert seller.get("/sale/offers").json["offers"][0]["stock"]["available"] == 3
    world.clock.advance(60)
    assert seller.get("/sale/offers").json["offers"][0]["stock"]["available"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "limit=1001",
        "offset=-1",
        "publication.status=SOLD",
        "sort=name",
        "sellingMode.price.amount.gte=x",
        "sku=1",
    ],
)
def test_bad_query_is_refused(seller: Caller, checked: OpenApiCheck, query: str) -> None:
    with checked.expecting_violations():
        assert seller.get(f"/sale/offers?{query}").status_code == 400


# Commands


def command(seller: Caller, action: str, *offers: str, **more: Any) -> str:
    command_id = str(uuid4())
    answer = send(seller, command_id, action, *offers, **more)
    assert answer.status_code == 201, answer.text
    assert answer.json["taskCount"] == {"failed": 0, "success": 0, "total": 0}
    return command_id


def send(seller: Caller, command_id: str, action: str, *offers: str, **more: Any) -> Any:
    criteria = [{"type": "CONTAINS_OFFERS", "offers": [{"id": offer} for offer in offers]}]
    body = {"publication": {"action": action, **more}, "offerCriteria": criteria}
    return seller.call("PUT", f"{COMMANDS}/{command_id}", json=body)


def tasks(seller: Caller, command_id: str) -> dict[str, tuple[str, list[str]]]:
    found = seller.get(f"{COMMANDS}/{command_id}/tasks").json["tasks"]
    return {
        task["offer"]["id"]: (task["status"], [error["code"] for error in task["errors"]]) for task in found
    }


def test_command_ends_offers_and_reports_each(seller: Caller, world: World, ring: str) -> None:
    command_id = command(seller, "END", ring, "123")

    assert tasks(seller, command_id) == {ring: ("NEW", []), "123": ("NEW", [])}
    settle(world)

    assert seller.get(f"{COMMANDS}/{command_id}").json["taskCount"] == {"failed": 1, "success": 1, "total": 2}
    assert tasks(seller, command_id) == {ring: ("SUCCESS", []), "123": ("FAIL", ["OfferNotFoundException"])}
    assert status(seller, ring) == "ENDED"


def test_command_activates_what_is_complete(seller: Caller, world: World) -> None:
    whole = listed(seller, world, a_ring(seller, publication={"status": "INACTIVE"}))
    gaps = listed(seller, world, a_ring(seller, publication={"status": "INACTIVE"}, stock={"available": 0}))

    command_id = command(seller, "ACTIVATE", whole, gaps)
    settle(world)

    assert tasks(seller, command_id)[gaps] == ("FAIL", ["AvailableStockMustEqualToOneOrBeGreaterThanOne"])
    assert (status(seller, whole), status(seller, gaps)) == ("ACTIVE", "INACTIVE")


def test_command_may_plan_the_start(seller: Caller, world: World) -> None:
    draft = listed(seller, world, a_ring(seller, publication={"status": "INACTIVE"}))

    command(seller, "ACTIVATE", draft, scheduledFor="2026-11-21T08:00:00.000Z")
    settle(world)

    assert status(seller, draft) == "ACTIVATING"


def test_command_id_is_used_once_and_kept_a_week(
    seller: Caller, other_seller: Caller, world: World, ring: str
) -> None:
    command_id = command(seller, "END", ring)

    assert send(seller, command_id, "END", ring).status_code == 409
    assert other_seller.get(f"{COMMANDS}/{command_id}").status_code == 404
    world.clock.advance(8 * 24 * HOUR)
    renewed(seller)
    assert codes(seller.get(f"{COMMANDS}/{command_id}")) == ["COMMAND_NOT_FOUND"]


def test_command_that_makes_no_sense_is_refused(seller: Caller, checked: OpenApiCheck, ring: str) -> None:
    assert send(seller, "not-a-uuid", "END", ring).status_code == 422
    assert send(seller, str(uuid4()), "END").status_code == 422
    assert send(seller, str(uuid4()), "END", *map(str, range(1001))).status_code == 422
    with checked.expecting_violations():
        assert send(seller, str(uuid4()), "DELETE", ring).status_code == 400


# The journal


def kinds(seller: Caller, **query: Any) -> list[str]:
    asked = {key.rstrip("_"): value for key, value in query.items()}
    return [
        event["type"] for event in seller.get("/sale/offer-events", query_string=asked).json["offerEvents"]
    ]


def test_journal_tells_a_live_offers_changes(seller: Caller, world: World, ring: str) -> None:
    patch(seller, ring, sellingMode={"price": {"amount": "999.00", "currency": "PLN"}})
    patch(seller, ring, name="Pierścionek złoty z nowym tytułem")
    patch(seller, ring, delivery={"handlingTime": "P3D"})
    world.offers.sell(ring, 3, world.now())

    assert kinds(seller) == [
        "OFFER_ACTIVATED",
        "OFFER_PRICE_CHANGED",
        "OFFER_CHANGED",
        "OFFER_STOCK_CHANGED",
        "OFFER_ENDED",
    ]
    ended = seller.get("/sale/offer-events?type=OFFER_ENDED").json["offerEvents"][0]
    assert ended["offer"] == {
        "id": ring,
        "external": {"id": "PZ-1"},
        "publication": {"endedBy": "EMPTY_STOCK"},
    }


def test_journal_goes_on_after_the_last_event_read_and_keeps_a_day(
    seller: Caller, other_seller: Caller, world: World, ring: str
) -> None:
    world.offers.sell(ring, 1, world.now())
    first = seller.get("/sale/offer-events?limit=1").json["offerEvents"][0]

    assert kinds(seller, from_=first["id"]) == ["OFFER_STOCK_CHANGED"]
    assert kinds(other_seller) == []
    world.clock.advance(24 * HOUR)
    renewed(seller)
    assert kinds(seller) == []


def test_drafts_leave_no_trace_in_the_journal(seller: Caller, world: World) -> None:
    draft = listed(seller, world, a_ring(seller, publication={"status": "INACTIVE"}))

    patch(seller, draft, stock={"available": 7})

    assert kinds(seller) == []
    assert NEW in str(read(seller, draft)["parameters"])
