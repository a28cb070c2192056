"""Categories set up, renamed, moved and deleted from outside, and the rules of parameters by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allegro_module.simulator import Simulator, World
from allegro_module.simulator.categories import parameter_json
from allegro_module.simulator.category_tree import tree
from tests.simulator.conftest import NOON, Caller, Remote, codes
from tests.simulator.goods import (
    BOOK,
    RING,
    a_ring,
    chosen,
    create,
    faults,
    listed,
    patch,
    product_called,
    read,
    said,
    settle,
)

LAPTOPS, SHIRTS, TEXTILES = "491", "258100", "20590"
CV = "ConstraintViolationException."


def a_choice(parameter_id: str, **more: Any) -> dict[str, Any]:
    options = {"describesProduct": True, **more.pop("options", {})}
    dictionary = [
        {"id": f"{parameter_id}_{n}", "value": f"wartość {n}", "dependsOnValueIds": []} for n in (1, 2)
    ]
    restrictions = {"multipleChoices": False}
    usual = {"id": parameter_id, "name": f"Cecha {parameter_id}", "type": "dictionary"}
    return {**usual, "options": options, "dictionary": dictionary, "restrictions": restrictions, **more}


def with_value(parameter_id: str, *ids: str) -> list[dict[str, Any]]:
    return [{"id": parameter_id, "oneOfValueIds": list(ids)}]


KIND = a_choice("1", required=True, options={"describesProduct": False})
MAKER = a_choice("2", displayedIf={"parametersWithValue": with_value("1", "1_1")})
MODEL = a_choice(
    "3",
    options={"dependsOnParameterId": "2"},
    dictionary=[
        {"id": "3_1", "value": "a", "dependsOnValueIds": ["2_1"]},
        {"id": "3_2", "value": "b", "dependsOnValueIds": []},
    ],
)
NOTE = {
    "id": "4",
    "name": "Uwagi",
    "type": "string",
    "requiredIf": {"parametersWithValue": [], "parametersWithoutValue": [{"id": "2"}]},
    "options": {"describesProduct": True},
    "restrictions": {"minLength": 1, "maxLength": 5, "allowedNumberOfValues": 1},
}
PARAMETERS = [KIND, MAKER, MODEL, NOTE]


def question(offer: list[Any], product: list[Any]) -> dict[str, Any]:
    element = {"product": {"parameters": product}}
    return {"parameters": PARAMETERS, "offer": {"parameters": offer, "productSet": [element]}}


def asked(remote: Remote, offer: list[Any], product: list[Any]) -> list[tuple[str, str]]:
    found = remote.post("/parameter-findings", **question(offer, product))["findings"]
    return [(item["code"], item["metadata"].get("parameterId", "")) for item in found]


def test_right_parameters_are_found_right(remote: Remote) -> None:
    assert asked(remote, [chosen("1", "1_1")], [chosen("2", "2_1"), chosen("3", "3_1")]) == []


def test_value_of_a_hidden_parameter_is_refused_and_counts_for_nothing(remote: Remote) -> None:
    found = asked(remote, [chosen("1", "1_2")], [chosen("2", "2_1"), chosen("3", "3_1"), said("4", "x")])

    # The hidden maker is out of place, and the model which only this maker has as well.
    assert found == [(CV + "DependencyValidator", "2"), (CV + "DependencyValidator", "3")]


def test_condition_without_value_holds_while_the_other_is_hidden(remote: Remote) -> None:
    found = remote.post("/parameter-findings", **question([chosen("1", "1_2")], []))["findings"]

    assert [(item["code"], item["metadata"]["missingParameterIds"]) for item in found] == [
        ("MissingRequiredParameters", "4")
    ]
    assert found[0]["gap"]


def test_parameter_in_the_wrong_section_is_named(remote: Remote) -> None:
    found = asked(remote, [], [chosen("1", "1_1"), said("4", "x")])

    assert found[0] == ("ParameterCategoryException", "1")


def test_many_questions_go_in_one_call(remote: Remote) -> None:
    questions = [question([chosen("1", "1_2")], [said("4", "x" * length)]) for length in (5, 6)]

    answers = remote.post("/parameter-findings", questions=questions)["answers"]

    assert [[item["code"] for item in found] for found in answers] == [
        [],
        [CV + "TooLongValueInStringParameter"],
    ]


@pytest.mark.parametrize("leaf_id", [RING, BOOK, LAPTOPS])
def test_parameters_told_by_the_simulator_are_understood_again(remote: Remote, leaf_id: str) -> None:
    raw = [parameter_json(item, "pl-PL") for item in tree()[leaf_id].parameters]
    remote.post("/categories", id="900", parent=TEXTILES, name="Kopia", parameters=raw)

    back = remote.post("/parameter-findings", parameters=raw)["findings"]

    assert [item["code"] for item in back][-1] == CV + "MissingRequiredParameters"


def test_category_set_up_from_outside_takes_offers(
    seller: Caller, application: Caller, remote: Remote, world: World
) -> None:
    remote.post("/categories", id="900", parent=TEXTILES, name="Serwetki testowe", parameters=PARAMETERS)
    body = a_ring(seller, parameters=[chosen("1", "1_1")])
    body["productSet"][0]["product"] |= {"category": {"id": "900"}, "parameters": [chosen("2", "2_2")]}

    offer_id = listed(seller, world, body)

    assert read(seller, offer_id)["category"] == {"id": "900"}
    told = application.get("/sale/categories/900/parameters").json["parameters"]
    assert [item["id"] for item in told] == ["1", "2", "3", "4"]
    found = application.get("/sale/matching-categories?name=serwetki").json["matchingCategories"]
    assert found[0]["id"] == "900"


def test_category_set_up_again_keeps_what_is_not_said(application: Caller, remote: Remote) -> None:
    remote.post("/categories", id=RING, parameters=PARAMETERS)
    remote.post("/categories", id=RING, tax="books")

    assert application.get(f"/sale/categories/{RING}").json["name"] == "Pierścionki"
    told = application.get(f"/sale/categories/{RING}/parameters").json["parameters"]
    assert len(told) == len(PARAMETERS)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "900", "name": "Bez rodzica"},
        {"id": "900", "parent": "brak"},
        {"id": "900", "parent": TEXTILES, "parameters": [{"id": "1", "type": "colour"}]},
    ],
)
def test_impossible_category_is_refused(remote: Remote, application: Caller, body: dict[str, Any]) -> None:
    assert remote.post("/categories", **body)["errors"][0]["code"] == "ControlRefused"
    assert application.get("/sale/categories/900").status_code == 404


def test_former_ids_and_names_are_told(application: Caller, remote: Remote) -> None:
    former = {"ids": ["11"], "names": ["Dawna cecha"]}
    value = {"id": "5_1", "value": "nowa", "formerData": {"values": ["stara"]}}
    parameter = a_choice("5", formerData=former, dictionary=[value])
    remote.post("/categories", id="900", parent=TEXTILES, parameters=[parameter])

    told = application.get("/sale/categories/900/parameters").json["parameters"][0]

    assert told["formerData"] == former
    assert told["dictionary"][0]["formerData"] == {"values": ["stara"]}


# Events


def events(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(f"/sale/category-events{query}").json["events"]
    return found


def test_changes_of_the_tree_are_told_in_order(application: Caller, remote: Remote) -> None:
    remote.post("/categories", id="900", parent=TEXTILES, name="Serwetki", parameters=[])
    remote.post("/categories/900/rename", name="Serwety")
    remote.post("/categories/900/move", parent="20591")
    remote.post("/categories/900/delete", redirect="110110")

    told = events(application)

    assert [(event["type"], event["category"]["name"]) for event in told] == [
        ("CATEGORY_CREATED", "Serwetki"),
        ("CATEGORY_RENAMED", "Serwety"),
        ("CATEGORY_MOVED", "Serwety"),
        ("CATEGORY_DELETED", "Serwety"),
    ]
    assert told[2]["category"]["parent"] == {"id": "20591"}
    assert told[3]["redirectCategory"] == {"id": "110110"}
    assert application.get("/sale/categories/900").status_code == 404
    assert events(application, f"?from={told[1]['id']}&limit=1") == told[2:3]
    assert events(application, "?type=CATEGORY_MOVED") == told[2:3]


def test_events_are_kept_for_three_months(application: Caller, remote: Remote, world: World) -> None:
    remote.post(f"/categories/{RING}/rename", name="Pierścienie")
    world.clock.advance(timedelta(days=93).total_seconds())

    assert events(renewed_token(application)) == []


def renewed_token(caller: Caller) -> Caller:
    token = caller.token(grant_type="client_credentials").json["access_token"]
    caller.headers["Authorization"] = f"Bearer {token}"
    return caller


def test_bad_questions_about_events_are_refused(application: Caller) -> None:
    assert application.get("/sale/category-events?from=abc").status_code == 400


def test_offers_and_products_move_to_the_category_that_replaces_theirs(
    seller: Caller, remote: Remote, world: World
) -> None:
    ring = product_called(world, "Pierścionek złoty")
    offer_id = listed(seller, world, a_ring(seller))

    remote.post(f"/categories/{RING}/delete", redirect="123431")

    assert read(seller, offer_id)["category"] == {"id": "123431"}
    assert seller.get(f"/sale/products/{ring}").json["category"]["id"] == "123431"
    assert codes(create(seller, a_ring(seller))) == ["CATEGORY_NOT_EXISTS"]


def test_category_with_goods_is_not_deleted_into_nothing(remote: Remote) -> None:
    assert "errors" in remote.post(f"/categories/{RING}/delete")
    assert "errors" in remote.post(f"/categories/{RING}/move", parent=RING)
    assert "errors" in remote.post("/categories/123/rename", name="x")


# Announced requirements


def test_parameter_is_demanded_from_the_day_announced(
    seller: Caller, application: Caller, remote: Remote, world: World
) -> None:
    offer_id = listed(seller, world, a_ring(seller))
    day = NOON + timedelta(hours=6)
    remote.post(f"/categories/{RING}/plan", parameter="206656", at=day.isoformat())

    planned = application.get("/sale/category-parameters-scheduled-changes").json["scheduledChanges"]
    before = patch(seller, offer_id, name="Pierścionek złoty z bursztynem nowy")
    world.clock.advance(6 * 3600)
    after = patch(seller, offer_id, name="Pierścionek złoty z bursztynem inny")

    assert [(plan["category"]["id"], plan["parameter"]["id"]) for plan in planned] == [(RING, "206656")]
    assert before.status_code == 200
    assert faults(after) == [("MissingRequiredParameters", "productSet[0].product.parameters")]
    assert application.get("/sale/category-parameters-scheduled-changes").json == {"scheduledChanges": []}
    told = application.get(f"/sale/categories/{RING}/parameters").json["parameters"]
    assert next(item for item in told if item["id"] == "206656")["required"]


def test_announcements_are_narrowed_by_time(application: Caller, remote: Remote) -> None:
    day = NOON + timedelta(days=6)
    remote.post(f"/categories/{RING}/plan", parameter="206656", at=day.isoformat())

    def found(**query: str) -> int:
        asked = {name.replace("__", "."): value for name, value in query.items()}
        path = "/sale/category-parameters-scheduled-changes"
        return len(application.get(path, query_string=asked).json["scheduledChanges"])

    assert found(scheduledFor__gte="2026-11-25T00:00:00Z") == 1
    assert found(scheduledFor__lte="2026-11-25T00:00:00Z") == 0
    assert found(scheduledAt__gte="2026-11-25T00:00:00Z") == 0
    assert found(type="REQUIREMENT_CHANGE", limit="1", offset="1") == 0


# Sets of real size


def test_laptops_ask_two_hundred_things(application: Caller) -> None:
    told = application.get(f"/sale/categories/{LAPTOPS}/parameters").json["parameters"]

    assert len(told) == 200
    assert sum(len(item.get("dictionary", ())) for item in told) >= 1400
    assert sum(item["displayedIf"] is not None for item in told) > 100
    assert sum(item["options"]["dependsOnParameterId"] is not None for item in told) > 15


def test_shirts_know_thirty_thousand_brands(simulator: Simulator, seller: Caller) -> None:
    unchecked = Caller(simulator, seller.headers["Authorization"].removeprefix("Bearer "))

    told = unchecked.get(f"/sale/categories/{SHIRTS}/parameters").json["parameters"]

    brands = next(item["dictionary"] for item in told if item["name"] == "Marka")
    assert len(brands) == len({brand["value"] for brand in brands}) == 30_000


def test_collection_of_another_of_the_many_brands_is_refused(seller: Caller) -> None:
    body = a_ring(seller, name="Koszulka bawełniana letnia w kropki")
    parameters = [chosen("248900", "248900_900"), chosen("248901", "248901_2")]
    body["productSet"][0]["product"] |= {"category": {"id": SHIRTS}, "parameters": parameters}

    assert (CV + "DependencyValidator", "productSet[0].product.parameters") in faults(create(seller, body))


def test_world_with_changed_tree_is_saved_and_read_again(remote: Remote, world: World, tmp_path: Any) -> None:
    remote.post("/categories", id="900", parent=TEXTILES, parameters=PARAMETERS)
    world.save(tmp_path / "state")

    again = World.load(tmp_path / "state")

    assert len(again.catalogue.tree["900"].parameters) == len(PARAMETERS)
    settle(again)
