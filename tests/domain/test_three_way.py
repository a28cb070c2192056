"""Two and three states of a term are compared by what they mean, and joined without losing a side."""

from __future__ import annotations

from typing import Any

import pytest

from allegro_module.domain.three_way import (
    Change,
    Side,
    changes,
    differences,
    is_same,
    merged,
)


def a_list(name: str = "Paczki", **rates: str) -> dict[str, Any]:
    return {"name": name, "rates": [a_rate(method, amount) for method, amount in rates.items()]}


def a_rate(method: str, amount: str, **more: Any) -> dict[str, Any]:
    price = {"amount": amount, "currency": "PLN"}
    return {"deliveryMethod": {"id": method}, "firstItemRate": price, **more}


def prices(content: dict[str, Any]) -> dict[str, str]:
    return {row["deliveryMethod"]["id"]: row["firstItemRate"]["amount"] for row in content["rates"]}


def test_changes_name_the_place_and_both_values() -> None:
    before, after = a_list(dpd="9.00", inpost="8.00"), a_list("Duże", inpost="8.50", kurier="12.00")

    assert changes(before, after) == [
        Change("name", "Paczki", "Duże"),
        Change("rates[inpost].firstItemRate.amount", "8.00", "8.50"),
        Change("rates[kurier]", None, a_rate("kurier", "12.00")),
        Change("rates[dpd]", a_rate("dpd", "9.00"), None),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_list(dpd="9.00", inpost="8.00"), a_list(inpost="8.0", dpd="9.00")),
        ({"shippingTime": {"from": "P1D"}}, {"shippingTime": {"from": "PT24H"}}),
        ({"contact": {"email": None, "phone": None}}, {}),
        ({"attachments": []}, {"attachments": []}),
        (None, {}),
    ],
)
def test_other_spellings_of_the_same_are_no_change(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert is_same(one, other)
    assert changes(one, other) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"period": "P1Y"}, {"period": "P1M"}),
        ({"postCode": "80-833"}, {"postCode": "80833"}),
        ({"ids": ["a", "b"]}, {"ids": ["b", "a"]}),
        ({"rows": [{"id": "a"}, {"id": "a"}]}, {"rows": [{"id": "a"}]}),
        ({"lifetime": False}, {}),
    ],
)
def test_what_is_really_different_is_one_change(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert len(changes(one, other)) == 1


def test_differences_tell_which_side_changed_and_where_both_did() -> None:
    base = a_list(dpd="9.00", inpost="8.00", kurier="12.00")
    mine = a_list(dpd="9.50", inpost="8.50", kurier="12.00")
    theirs = a_list("Duże", dpd="9.00", inpost="8.90", kurier="12.00")

    found = {each.path: each for each in differences(base, mine, theirs)}

    assert [path for path, each in found.items() if each.is_conflict] == [
        "rates[inpost].firstItemRate.amount"
    ]
    assert (found["name"].is_mine, found["name"].is_theirs) == (False, True)
    assert found["rates[dpd].firstItemRate.amount"].is_mine
    assert len(found) == 3


def test_same_change_on_both_sides_is_no_conflict() -> None:
    (found,) = differences(a_list(dpd="9.00"), a_list(dpd="9.50"), a_list(dpd="9.5"))

    assert not found.is_conflict


@pytest.mark.parametrize(("side", "amount"), [("mine", "8.50"), ("theirs", "8.90")])
def test_merged_keeps_both_sides_changes_and_the_choice(side: Side, amount: str) -> None:
    base = a_list(dpd="9.00", inpost="8.00", old="1.00")
    mine = a_list(dpd="9.50", inpost="8.50", old="1.00", new="3.00")
    theirs = a_list("Duże", dpd="9.00", inpost="8.90")

    joined = merged(base, mine, theirs, {"rates[inpost].firstItemRate.amount": side})

    assert joined["name"] == "Duże"
    assert prices(joined) == {"dpd": "9.50", "inpost": amount, "new": "3.00"}


def test_row_removed_here_and_changed_there_is_one_choice() -> None:
    base, mine, theirs = a_list(dpd="9.00"), a_list(), a_list(dpd="9.50")

    (found,) = differences(base, mine, theirs)

    assert (found.path, found.is_conflict) == ("rates[dpd]", True)
    assert prices(merged(base, mine, theirs, {})) == {"dpd": "9.50"}
    assert prices(merged(base, mine, theirs, {"rates[dpd]": "mine"})) == {}


def test_an_object_that_one_side_lacks_is_taken_whole() -> None:
    weight = {"value": "1.000", "unit": "KILOGRAM"}
    base = {"rates": [a_rate("dpd", "9.00", maxPackageWeight=weight)]}
    mine = {"rates": [a_rate("dpd", "9.00")]}
    theirs = {"rates": [a_rate("dpd", "9.00", maxPackageWeight={**weight, "value": "2.000"})]}

    (found,) = differences(base, mine, theirs)

    assert found.path == "rates[dpd].maxPackageWeight"
    assert merged(base, mine, theirs, {found.path: "theirs"}) == theirs
    assert merged(base, mine, theirs, {found.path: "mine"}) == mine


def test_without_a_base_everything_that_differs_is_a_conflict() -> None:
    (found,) = differences(None, {"name": "a"}, {"name": "b"})

    assert found.is_conflict
    assert merged(None, {"name": "a"}, {"name": "b"}, {"name": "mine"}) == {"name": "a"}
