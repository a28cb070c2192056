"""What of a change has to be sent, and what was set elsewhere and stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.parameters import Parameter
from allegro_module.domain.problems import Problem
from allegro_module.sync.offer_conflicts import conflict_problems
from allegro_module.sync.offer_patch import Conflict, has_array, merge, patch_of
from allegro_module.sync.offer_shapes import as_request, without_given
from tests.domain.parameter_builders import raw, read

STONE = raw("206646", "dictionary", "Kamień", values=["Bursztyn", "Cytryn"])
PARAMETERS: tuple[Parameter, ...] = read(STONE)

BODY: dict[str, Any] = {
    "name": "Pierścionek złoty z bursztynem",
    "productSet": [
        {
            "product": {"id": "p1", "parameters": [{"id": "1", "valuesIds": ["1_1"]}], "images": []},
            "responsibleProducer": {"type": "ID", "id": "r1"},
            "safetyInformation": {"type": "TEXT", "description": "Nie połykać."},
        }
    ],
    "parameters": [{"id": "11323", "valuesIds": ["11323_1"]}],
    "images": ["a", "b"],
    "description": {"sections": [{"items": [{"type": "TEXT", "content": "<p>raz</p>"}]}]},
    "sellingMode": {"format": "BUY_NOW", "price": {"amount": "100.00", "currency": "PLN"}},
    "stock": {"available": 5, "unit": "UNIT"},
    "delivery": {"shippingRates": {"id": "s1"}, "handlingTime": "PT24H"},
    "taxSettings": {"rates": [{"rate": "23.00", "countryCode": "PL"}]},
    "external": {"id": "A"},
    "publication": {"republish": False},
}
LIVE: dict[str, Any] = {
    **BODY,
    "id": "7700",
    "productSet": [
        {
            "product": {
                "id": "p1",
                "publication": {"status": "LISTED"},
                "parameters": [
                    {"id": "1", "name": "Kolor", "values": ["biały"], "valuesIds": ["1_1"]},
                    {"id": "2", "name": "Marka", "values": ["Ziaja"], "valuesIds": None},
                ],
            },
            "quantity": {"value": 1},
            "responsibleProducer": {"id": "r1"},
            "responsiblePerson": None,
            "safetyInformation": {"type": "TEXT", "description": "Nie połykać."},
            "deposits": [],
        }
    ],
    "parameters": [{"id": "11323", "name": "Stan", "values": ["Nowy"], "valuesIds": ["11323_1"]}],
    "delivery": {"shippingRates": {"id": "s1"}, "handlingTime": "P1D", "shipmentDate": None},
    "publication": {"status": "ACTIVE", "republish": False, "duration": None, "endedBy": None},
    "validation": {"errors": []},
}


def changed(base: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**copy.deepcopy(base), **members}


def test_unchanged_offer_needs_nothing() -> None:
    assert patch_of(BODY, BODY, LIVE) == {}
    assert patch_of(BODY, BODY, LIVE, LIVE) == {}
    assert patch_of(BODY, None, LIVE) == {}


def test_only_the_price_is_sent() -> None:
    body = changed(BODY, sellingMode={"format": "BUY_NOW", "price": {"amount": "99.00", "currency": "PLN"}})

    patch = patch_of(body, BODY, LIVE)

    assert patch == {"sellingMode": {"price": {"amount": "99.00", "currency": "PLN"}}}
    assert not has_array(patch)


def test_what_was_set_elsewhere_in_other_members_is_not_touched() -> None:
    body = changed(BODY, name="Pierścionek srebrny z bursztynem")
    live = changed(LIVE, payments={"invoice": "NO_INVOICE"}, stock={"available": 2, "unit": "UNIT"})

    assert patch_of(body, BODY, live, LIVE) == {"name": "Pierścionek srebrny z bursztynem"}


def test_stock_that_was_sold_meanwhile_is_no_conflict() -> None:
    body = changed(BODY, stock={"available": 9, "unit": "UNIT"})
    live = changed(LIVE, stock={"available": 3, "unit": "UNIT"})

    found = merge(body, BODY, live, LIVE)

    assert found.patch == {"stock": {"available": 9}}
    assert found.conflicts == []


def test_removed_member_is_deleted_and_an_emptied_list_is_sent_empty() -> None:
    body = changed(BODY)
    for name in ("taxSettings", "images", "description"):
        del body[name]

    assert patch_of(body, BODY, LIVE) == {
        "taxSettings": None,
        "images": [],
        "description": {"sections": []},
    }


def test_picture_added_elsewhere_survives_and_one_taken_out_there_stays_out() -> None:
    body = changed(BODY, images=["b", "new", "a"])
    live = changed(LIVE, images=["b", "elsewhere"])

    assert patch_of(body, BODY, live, LIVE) == {"images": ["b", "new", "elsewhere"]}


def test_pictures_that_allegro_renamed_are_not_sent_twice() -> None:
    known = changed(LIVE, images=["https://cdn/1", "https://cdn/2"])

    assert patch_of(changed(BODY, images=["b", "a"]), BODY, known, known) == {"images": ["b", "a"]}


def test_parameters_set_elsewhere_survive_a_change_of_another() -> None:
    body = changed(BODY, parameters=[{"id": "11323", "valuesIds": ["11323_2"]}])
    there = [*LIVE["parameters"], {"id": "77", "values": ["ręczna praca"], "valuesIds": None}]

    assert patch_of(body, BODY, changed(LIVE, parameters=there), LIVE)["parameters"] == [
        {"id": "11323", "valuesIds": ["11323_2"]},
        {"id": "77", "values": ["ręczna praca"]},
    ]


def test_own_text_beside_an_ambiguous_value_survives() -> None:
    body = changed(BODY, parameters=[{"id": "11323", "valuesIds": ["11323_2"]}])
    own = {"id": "77", "values": ["pomarańczowy"], "valuesIds": ["77_other"]}
    live = changed(LIVE, parameters=[*LIVE["parameters"], own])

    found = merge(body, BODY, live, LIVE, frozenset({"77_other"}))

    assert own in found.patch["parameters"]


def test_parameters_of_the_product_and_its_legal_data_are_merged() -> None:
    body = changed(BODY)
    body["productSet"][0]["product"]["parameters"] = [{"id": "1", "valuesIds": ["1_2"]}]
    live = changed(LIVE)
    live["productSet"][0]["safetyInformation"] = {"type": "TEXT", "description": "Z Allegro."}

    element = patch_of(body, BODY, live, LIVE)["productSet"][0]

    assert element["product"]["id"] == "p1"
    assert element["product"]["parameters"] == [
        {"id": "1", "valuesIds": ["1_2"]},
        {"id": "2", "values": ["Ziaja"]},
    ]
    assert element["safetyInformation"]["description"] == "Z Allegro."
    assert element["responsibleProducer"] == {"type": "ID", "id": "r1"}


def test_answer_about_the_product_that_is_taken_back_is_sent() -> None:
    """Those of the catalogue, and those set elsewhere, stay."""
    body = changed(BODY)
    body["productSet"][0]["product"]["parameters"] = []

    element = patch_of(body, BODY, LIVE, LIVE)["productSet"][0]

    assert element["product"]["parameters"] == [{"id": "2", "values": ["Ziaja"]}]


def test_last_price_abroad_that_is_taken_back_leaves_those_set_elsewhere() -> None:
    def priced(amount: str, currency: str) -> dict[str, Any]:
        return {"sellingMode": {"price": {"amount": amount, "currency": currency}}}

    sent = changed(BODY, additionalMarketplaces={"allegro-cz": priced("400.00", "CZK")})
    prices = {"allegro-cz": priced("400.00", "CZK"), "allegro-sk": priced("19.99", "EUR")}
    live = changed(LIVE, additionalMarketplaces=prices)

    assert patch_of(BODY, sent, live, live) == {"additionalMarketplaces": {"allegro-cz": None}}


def test_product_that_was_added_elsewhere_stays_in_the_set() -> None:
    body = changed(BODY)
    body["productSet"][0]["safetyInformation"] = {"type": "TEXT", "description": "Inaczej."}
    live = changed(LIVE)
    live["productSet"].append({"product": {"id": "p2", "parameters": []}, "quantity": {"value": 3}})

    elements = patch_of(body, BODY, live, LIVE)["productSet"]

    assert [(each["product"]["id"], each.get("quantity")) for each in elements] == [
        ("p1", None),
        ("p2", {"value": 3}),
    ]


def a_set(shape: dict[str, Any], *ids: str) -> dict[str, Any]:
    """The offer as a set: the ring, and two pieces of each of the others."""
    others = [{"product": {"id": each}, "quantity": {"value": 2}} for each in ids]
    return changed(shape, productSet=[*copy.deepcopy(shape["productSet"]), *others])


def test_product_of_a_set_that_was_taken_out_elsewhere_does_not_come_back() -> None:
    body = a_set(BODY, "p2", "p3")
    body["productSet"][0]["safetyInformation"] = {"type": "TEXT", "description": "Inaczej."}

    found = merge(body, a_set(BODY, "p2", "p3"), a_set(LIVE, "p3"), a_set(LIVE, "p2", "p3"))

    assert [each["product"]["id"] for each in found.patch["productSet"]] == ["p1", "p3"]
    assert found.conflicts == []


def test_product_changed_here_and_taken_out_there_is_asked_about() -> None:
    body = a_set(BODY, "p2")
    body["productSet"][1]["quantity"] = {"value": 5}

    found = merge(body, a_set(BODY, "p2"), LIVE, a_set(LIVE, "p2"))

    assert [each.path for each in found.conflicts] == ["productSet[1]"]


def test_products_are_the_same_wherever_they_stand_in_the_set() -> None:
    body = a_set(BODY, "p2")
    body["productSet"][1]["quantity"] = {"value": 5}
    live = a_set(LIVE, "p2", "p9")
    live["productSet"].reverse()

    elements = patch_of(body, a_set(BODY, "p2"), live, a_set(LIVE, "p2"))["productSet"]

    assert [(each["product"]["id"], each.get("quantity")) for each in elements] == [
        ("p1", None),
        ("p2", {"value": 5}),
        ("p9", {"value": 2}),
    ]
    # What Allegro's own row says of the ring stays with the ring.
    assert {row["id"] for row in elements[0]["product"]["parameters"]} == {"1", "2"}


def test_product_that_allegro_linked_by_itself_is_no_change() -> None:
    by_data = changed(BODY)
    by_data["productSet"][0]["product"] = {
        "name": "Pierścionek",
        "category": {"id": "9"},
        "parameters": [{"id": "1", "valuesIds": ["1_1"]}],
    }

    assert patch_of(BODY, by_data, LIVE) == {}


def test_section_changed_elsewhere_survives_a_change_of_another() -> None:
    def sections(*texts: str) -> dict[str, Any]:
        return {"sections": [{"items": [{"type": "TEXT", "content": each}]} for each in texts]}

    sent, known = (changed(each, description=sections("raz", "dwa")) for each in (BODY, LIVE))
    body = changed(BODY, description=sections("RAZ", "dwa"))
    live = changed(LIVE, description=sections("raz", "DWA"))

    assert patch_of(body, sent, live, known) == {"description": sections("RAZ", "DWA")}
    appended = changed(LIVE, description=sections("raz", "dwa", "trzy"))
    assert patch_of(body, sent, appended, known) == {"description": sections("RAZ", "dwa", "trzy")}


def test_same_member_changed_in_both_places_is_a_conflict_until_it_was_seen() -> None:
    body = changed(BODY, sellingMode={"format": "BUY_NOW", "price": {"amount": "99.00", "currency": "PLN"}})
    mine, theirs = {"amount": "99.00", "currency": "PLN"}, {"amount": "89.00", "currency": "PLN"}
    live = changed(LIVE, sellingMode={"format": "BUY_NOW", "price": theirs})

    assert merge(body, BODY, live, LIVE).conflicts == [Conflict("sellingMode.price", mine, theirs)]
    seen = merge(body, BODY, live, live)
    assert (seen.conflicts, seen.patch) == ([], {"sellingMode": {"price": mine}})


def test_same_change_in_both_places_is_there_already() -> None:
    name = "Pierścionek srebrny z bursztynem"

    assert merge(changed(BODY, name=name), BODY, changed(LIVE, name=name), LIVE).patch == {}


def test_conflicts_stand_at_their_fields_with_both_values_in_words() -> None:
    conflicts = [
        Conflict("sellingMode.price", {"amount": "99.00", "currency": "PLN"}, None),
        Conflict(
            "productSet[0].product.parameters[206646]",
            {"id": "206646", "valuesIds": ["206646_1"]},
            {"id": "206646", "valuesIds": ["206646_2"]},
        ),
        Conflict("description.sections[0]", {"items": [{"type": "TEXT", "content": "<p>raz</p>"}]}, []),
    ]

    assert conflict_problems(conflicts, PARAMETERS) == [
        Problem("changed_on_allegro", "price", {"mine": "99.00 PLN", "theirs": "–"}),
        Problem(
            "changed_on_allegro",
            "parameters.206646",
            {"mine": "Bursztyn", "theirs": "Cytryn", "name": "Kamień"},
        ),
        Problem("changed_on_allegro", "description", {"mine": "raz", "theirs": "–"}),
    ]


def test_conflict_of_a_price_list_names_both() -> None:
    conflict = Conflict("delivery.shippingRates", {"id": "one"}, {"id": "gone"})

    found = conflict_problems([conflict], (), {"one": "Paczki"})

    sides = {"mine": "Paczki", "theirs": "gone"}
    assert found == [Problem("changed_on_allegro", "shipping_rate_id", sides)]


names = st.sampled_from("abcdefgh")
pictures = st.lists(names, unique=True, max_size=6)


@given(sent=pictures, mine=pictures, there=pictures)
def test_no_picture_of_either_side_is_lost_and_none_comes_back(
    sent: list[str], mine: list[str], there: list[str]
) -> None:
    patch = patch_of({"images": mine}, {"images": sent}, {"images": there}, {"images": sent})

    stands = patch.get("images", there)
    if mine != sent:
        assert set(stands) == (set(mine) - (set(sent) - set(there))) | (set(there) - set(sent))
    else:
        assert patch == {}


rows = st.dictionaries(names, st.sampled_from(["1", "2", "3"]), max_size=5)


def parameters(values: dict[str, str]) -> dict[str, Any]:
    return {"parameters": [{"id": name, "valuesIds": [value]} for name, value in values.items()]}


@given(sent=rows, mine=rows, there=rows)
def test_each_parameter_is_as_the_side_that_changed_it_wants(
    sent: dict[str, str], mine: dict[str, str], there: dict[str, str]
) -> None:
    found = merge(parameters(mine), parameters(sent), parameters(there), parameters(sent))

    rows_there = found.patch.get("parameters", parameters(there)["parameters"])
    stands = {each["id"]: each["valuesIds"][0] for each in rows_there}
    conflicting = {each.path for each in found.conflicts}
    if mine == sent:
        assert found.patch == {}
        return
    for name in {*sent, *mine, *there}:
        before, here, elsewhere = sent.get(name), mine.get(name), there.get(name)
        clash = here != before and elsewhere != before and here != elsewhere
        assert (f"parameters[{name}]" in conflicting) is clash
        if not clash:
            assert stands.get(name) == (elsewhere if here == before else here)


def test_a_producer_that_the_catalogue_gave_is_not_sent_back_and_the_sellers_own_is() -> None:
    element = {"product": {"id": "p1"}, "deposits": [{"id": "can", "quantity": 6}]}
    live = {"productSet": [{**element, "responsibleProducer": {"id": "of-the-catalogue"}}]}
    catalogue = {"productSafety": {"responsibleProducers": [{"id": "of-the-catalogue"}]}}
    body = {"productSet": [{"product": {"id": "p1"}}]}
    sent = {"productSet": [element]}

    patch = patch_of(body, sent, without_given(live, catalogue))
    own = patch_of(body, sent, without_given(live, {}))

    assert patch == {"productSet": [{"product": {"id": "p1"}}]}
    assert own["productSet"][0]["responsibleProducer"]["id"] == "of-the-catalogue"
    assert without_given(None, catalogue) is None


@pytest.mark.parametrize("name", ["validation", "id", "createdAt"])
def test_what_only_allegro_says_is_not_compared(name: str) -> None:
    assert name not in as_request({**LIVE, name: "x"})
