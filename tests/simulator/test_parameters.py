"""The rules of parameters: conditions, dependence, values, GTINs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allegro_module.simulator.category_tree import Category, tree
from allegro_module.simulator.dependence import (
    Outcome,
    goes_with,
    missing,
    missing_for_product,
    out_of_place,
    work_out,
)
from allegro_module.simulator.parameter_reading import filling_of, read_section
from allegro_module.simulator.parameter_values import gtin_faults, value_findings
from allegro_module.simulator.parameters import Conditions, Filling, Names, Parameter, Value
from tests.simulator.goods import BOOK, HEADPHONES, NEW, RING, SHOES, USED

LARGE = ("491", "258100")
LEAVES = [leaf for leaf in tree().values() if leaf.leaf and leaf.id not in LARGE]


def picks(**ids: str) -> dict[str, Filling]:
    return {key.lstrip("p"): Filling(ids=(value,)) for key, value in ids.items()}


def the(category_id: str, parameter_id: str) -> Parameter:
    parameter = tree()[category_id].find_parameter(parameter_id)
    assert parameter is not None
    return parameter


def in_shop(category_id: str, **ids: str) -> Outcome:
    return work_out(tree()[category_id].parameters, picks(**ids))


# Examples from Allegro's own categories


def test_isbn_is_required_for_new_books_only() -> None:
    isbn = the(BOOK, "245669")

    assert in_shop(BOOK, p11323=NEW).is_required(isbn)
    assert not in_shop(BOOK, p11323=USED).is_required(isbn)


def test_fineness_is_shown_and_required_only_for_its_own_metal() -> None:
    gold, silver = the(RING, "206647"), the(RING, "206648")
    outcome = in_shop(RING, p206646="206646_3")

    assert outcome.is_displayed(gold)
    assert outcome.is_required(gold)
    assert not outcome.is_displayed(silver)
    assert not outcome.is_required(silver)


@pytest.mark.parametrize(
    ("state", "brand", "required"),
    [(NEW, "248840_1", True), (USED, "248840_1", False), (NEW, "248840_4", False)],
)
def test_ean_is_required_when_both_state_and_brand_say_so(state: str, brand: str, required: bool) -> None:
    ean = the(HEADPHONES, "225693")

    assert in_shop(HEADPHONES, p11323=state, p248840=brand).is_required(ean) is required


@pytest.mark.parametrize(
    ("filled", "required"),
    [
        ({}, True),
        ({"225693": Filling(texts=("  ",))}, True),
        ({"225693": Filling(texts=("4548736132542",))}, False),
    ],
)
def test_manufacturers_code_is_required_while_the_ean_is_empty(
    filled: dict[str, Filling], required: bool
) -> None:
    code = the(HEADPHONES, "224017")

    assert work_out(tree()[HEADPHONES].parameters, filled).is_required(code) is required


def test_models_follow_the_brand() -> None:
    model = the(SHOES, "248831")

    nike = {value.names.polish for value in in_shop(SHOES, p248830="248830_1").allowed_values(model)}

    assert nike == {"Air Max 90", "Air Force 1", "inny model"}


def misfits(category_id: str, **ids: str) -> list[str]:
    parameters, filled = tree()[category_id].parameters, picks(**ids)
    return [item.id for item in out_of_place(parameters, filled, work_out(parameters, filled))]


def test_value_of_another_brand_is_out_of_place() -> None:
    assert misfits(SHOES, p248830="248830_1", p248831="248831_3") == ["248831"]


def test_hidden_field_that_is_filled_is_out_of_place() -> None:
    assert misfits(RING, p206646="206646_1", p206647="206647_3") == ["206647"]


def test_conditions_reach_from_the_product_to_the_offer() -> None:
    isbn, state = the(BOOK, "245669"), the(BOOK, "11323")

    assert isbn.describes_product
    assert not state.describes_product


# Chains: what does not count decides nothing


def a_choice(parameter_id: str, **traits: Any) -> Parameter:
    names = Names(parameter_id, parameter_id)
    depends = traits.pop("follows", {})
    values = tuple(
        Value(f"{parameter_id}{n}", names, frozenset(depends.get(f"{parameter_id}{n}", ()))) for n in "12"
    )
    return Parameter(parameter_id, names, "dictionary", values=values, **traits)


def if_any(*ids: str) -> Conditions:
    return Conditions(tuple((value_id[0], frozenset({value_id})) for value_id in ids))


def shown(parameters: list[Parameter], **ids: str) -> set[str]:
    return work_out(parameters, {key: Filling(ids=(value,)) for key, value in ids.items()}).displayed


CHAIN = [
    a_choice("a"),
    a_choice("b", displayed_if=if_any("a1")),
    a_choice("c", displayed_if=if_any("b1")),
]


def test_value_of_a_hidden_field_shows_nothing() -> None:
    assert shown(CHAIN, a="a1", b="b1") == {"a", "b", "c"}
    assert shown(CHAIN, a="a2", b="b1") == {"a"}


def test_order_of_the_list_does_not_matter() -> None:
    assert shown(CHAIN[::-1], a="a1", b="b1") == {"a", "b", "c"}


def test_fields_that_would_show_only_each_other_stay_hidden() -> None:
    ring = [a_choice("a", displayed_if=if_any("b1")), a_choice("b", displayed_if=if_any("a1"))]

    assert shown(ring, a="a1", b="b1") == set()


def test_all_conditions_of_a_field_must_hold() -> None:
    both = [a_choice("a"), a_choice("b"), a_choice("c", displayed_if=if_any("a1", "b1"))]

    assert "c" in shown(both, a="a1", b="b1")
    assert "c" not in shown(both, a="a1", b="b2")


def test_value_that_its_parent_does_not_allow_shows_nothing() -> None:
    parameters = [
        a_choice("a"),
        a_choice("b", depends_on="a", follows={"b1": ["a1"]}),
        a_choice("c", displayed_if=if_any("b1")),
    ]

    assert "c" in shown(parameters, a="a1", b="b1")
    assert "c" not in shown(parameters, a="a2", b="b1")
    assert "c" not in shown(parameters, b="b1")


def test_grandchild_follows_only_a_child_that_is_allowed() -> None:
    parameters = [
        a_choice("c", depends_on="b", follows={"c1": ["b1"]}),
        a_choice("b", depends_on="a", follows={"b1": ["a1"]}),
        a_choice("a"),
    ]
    filled = {key: Filling(ids=(f"{key}1",)) for key in "bc"}
    allowed = {"a": Filling(ids=("a1",)), **filled}

    assert [p.id for p in out_of_place(parameters, filled, work_out(parameters, filled))] == ["c", "b"]
    assert out_of_place(parameters, allowed, work_out(parameters, allowed)) == []


def test_hidden_value_leaves_its_field_without_value() -> None:
    parameters = [*CHAIN, a_choice("d", required_if=Conditions((), ("b",)))]
    d = parameters[-1]

    counting = work_out(parameters, {"a": Filling(ids=("a1",)), "b": Filling(ids=("b1",))})
    hidden = work_out(parameters, {"a": Filling(ids=("a2",)), "b": Filling(ids=("b1",))})

    assert not counting.is_required(d)
    assert hidden.is_required(d)


def test_hidden_field_is_required_neither_for_the_offer_nor_for_the_product() -> None:
    hidden = a_choice("b", displayed_if=if_any("a1"), required=True, required_for_product=True)
    outcome = work_out([a_choice("a"), hidden], {})

    assert not outcome.is_required(hidden)
    assert not outcome.is_required_for_product(hidden)


def test_conditions_take_the_place_of_required() -> None:
    parameters = [a_choice("a"), a_choice("b", required=True, required_if=if_any("a1"))]

    assert not work_out(parameters, {}).is_required(parameters[1])


# Values


def value_of(**traits: Any) -> Parameter:
    names = the(RING, "206646").names
    return Parameter("1", names, **traits)


RANGE = value_of(type="integer", is_range=True, low=Decimal(0), high=Decimal(50))
WEIGHT = value_of(type="float", precision=2, low=Decimal("0.1"), high=Decimal(10))
PAGES = value_of(type="integer", low=Decimal(1), high=Decimal(100))
NAMES = value_of(type="string", min_length=2, max_length=5, allowed_values=2)
CHOICE = the(RING, "206646")
BRAND = the(RING, "248811")
SERIES = the("256060", "248851")
CV = "ConstraintViolationException."


@pytest.mark.parametrize(
    ("parameter", "filling", "codes"),
    [
        (PAGES, Filling(texts=("12",)), []),
        (PAGES, Filling(texts=("12.5",)), ["NonNumericValueInNumberParameter"]),
        (PAGES, Filling(texts=("dużo",)), ["NonNumericValueInNumberParameter"]),
        (PAGES, Filling(texts=("101",)), [CV + "NumberOutOfRange"]),
        (PAGES, Filling(texts=("1", "2")), [CV + "InvalidValueTypeInNumberParameter"]),
        (PAGES, Filling(ids=("1_1",)), [CV + "InvalidValueTypeInNumberParameter"]),
        (WEIGHT, Filling(texts=("2.85",)), []),
        (WEIGHT, Filling(texts=("2.855",)), ["NonNumericValueInNumberParameter"]),
        (WEIGHT, Filling(texts=("2,8",)), ["NonNumericValueInNumberParameter"]),
        (RANGE, Filling(bounds=("5", "10")), []),
        (RANGE, Filling(bounds=("5", "")), []),
        (RANGE, Filling(texts=("5",)), [CV + "NoValuesInRangeParameter"]),
        (RANGE, Filling(bounds=("", " ")), [CV + "AtLeastOneBoundry"]),
        (RANGE, Filling(bounds=("a", "10")), [CV + "NonNumericValueInRangeParameter"]),
        (RANGE, Filling(bounds=("20", "10")), ["TooHighRangeToValueInRangeParameter"]),
        (RANGE, Filling(bounds=("1", "60")), [CV + "NumberOutOfRange"]),
        (NAMES, Filling(texts=("ab", "cd")), []),
        (NAMES, Filling(texts=("ab", "cd", "ef")), [CV + "TooManyValuesInStringParameter"]),
        (NAMES, Filling(texts=("abcdef",)), [CV + "TooLongValueInStringParameter"]),
        (NAMES, Filling(texts=("a",)), [CV + "TooShortValueInStringParameter"]),
        (NAMES, Filling(texts=("a<b",)), ["IllegalCharactersInStringParameter"]),
        (NAMES, Filling(ids=("x",)), ["ImproperlyAssignedDictionaryParameter"]),
        (CHOICE, Filling(ids=("206646_3",)), []),
        (CHOICE, Filling(ids=("206646_99",)), ["DictionaryParameterIdNotFound"]),
        (CHOICE, Filling(ids=("206646_1", "206646_2")), ["ImproperlyAssignedDictionaryParameter"]),
        (CHOICE, Filling(texts=("drewno",)), ["DictionaryParameterValueNotFound"]),
        (the(RING, "206650"), Filling(ids=("206650_2", "206650_3")), []),
        (
            the(RING, "206650"),
            Filling(ids=("206650_2", "206650_2")),
            ["DuplicatedValuesInDictionaryParameter"],
        ),
        (BRAND, Filling(ids=("248811_10",), texts=("Moja marka",)), []),
        (BRAND, Filling(ids=("248811_10",)), ["DictionaryParameterIdsAndValuesNotMatch"]),
        (BRAND, Filling(ids=("248811_1",), texts=("Moja",)), ["DictionaryParameterValueNotFound"]),
        (SERIES, Filling(ids=("248851_4",), texts=("Własna",)), ["OfferCustomParametersException"]),
    ],
)
def test_value_is_judged_by_its_kind(parameter: Parameter, filling: Filling, codes: list[str]) -> None:
    found = value_findings(parameter, filling, "parameters", "pl-PL")

    assert [item.problem.code for item in found] == codes


@pytest.mark.parametrize(
    ("gtin", "codes"),
    [
        ("5901234123457", []),
        ("96385074", []),
        ("036000291452", []),
        ("10614141000415", []),
        ("8324054120", [CV + "WrongChecksumInGtinParameter"]),
        ("043942089X", []),
        ("5901234123450", [CV + "WrongChecksumInGtinParameter"]),
        ("59012341234X7", [CV + "InvalidCharacterInGtinParameter"]),
        ("59012341", [CV + "WrongChecksumInGtinParameter"]),
        ("590123412", ["NotStandardLengthInGtinParameter"]),
        ("2012345678903", ["InvalidPrefixRestrictedCirculationNumbersInGtinParameter"]),
        ("1501234567899", [CV + "PrefixNotExistsInGtinParameter"]),
    ],
)
def test_gtin_is_judged_by_length_digits_and_prefix(gtin: str, codes: list[str]) -> None:
    assert list(gtin_faults(gtin)) == codes


@given(body=st.integers(10**11, 10**12 - 1), place=st.integers(0, 12), shift=st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(body: int, place: int, shift: int) -> None:
    digits = [int(digit) for digit in str(body)]
    check = -sum(digit * (1 if number % 2 == 0 else 3) for number, digit in enumerate(digits)) % 10
    right = [*digits, check]

    right[place] = (right[place] + shift) % 10

    assert CV + "WrongChecksumInGtinParameter" in list(gtin_faults("".join(map(str, right))))


# Reading a request


def test_labels_of_either_language_stand_for_ids() -> None:
    polish = filling_of({"id": "206646", "values": ["złoto żółte"]}, CHOICE)
    english = filling_of({"id": "206646", "values": ["Yellow gold"]}, CHOICE)

    assert polish == english == Filling(ids=("206646_3",))


def test_section_names_unknown_misplaced_and_doubled_parameters() -> None:
    items = [
        {"id": "999", "values": ["x"]},
        {"name": "Smak", "values": ["x"]},
        {"id": "11323", "valuesIds": [NEW]},
        {"id": "248811", "valuesIds": ["248811_1"]},
        {"id": "248811", "valuesIds": ["248811_2"]},
        {"id": "206646", "valuesIds": []},
    ]

    section = read_section(items, tree()[RING], "here", "pl-PL", describes_product=True)

    assert [item.problem.code for item in section.findings] == [
        "ParameterIdNotFoundException",
        "ParameterNameNotFoundException",
        "ParameterCategoryException",
        CV + "NoDuplicateIds",
        CV + "NoValueInDictionaryParameter",
    ]


# What holds in every category, whatever is filled in


@st.composite
def fillings(draw: st.DrawFn) -> tuple[Category, dict[str, Filling]]:
    leaf = draw(st.sampled_from(LEAVES))
    chosen = draw(st.lists(st.sampled_from(leaf.parameters), unique_by=lambda item: item.id))
    return leaf, {item.id: draw(a_filling(item)) for item in chosen}


def a_filling(parameter: Parameter) -> st.SearchStrategy[Filling]:
    if parameter.type == "dictionary":
        ids = [value.id for value in parameter.values]
        return st.lists(st.sampled_from(ids), max_size=3, unique=True).map(
            lambda some: Filling(ids=tuple(some))
        )
    if parameter.is_range:
        return st.just(Filling(bounds=(str(parameter.low), str(parameter.high))))
    return st.sampled_from(["", "1", "tekst"]).map(lambda text: Filling(texts=(text,)))


@given(fillings())
def test_what_is_required_is_displayed(case: tuple[Category, dict[str, Filling]]) -> None:
    leaf, filled = case
    outcome = work_out(leaf.parameters, filled)

    assert all(outcome.is_displayed(item) for item in leaf.parameters if outcome.is_required(item))


@given(fillings())
def test_what_is_missing_is_required_and_empty(case: tuple[Category, dict[str, Filling]]) -> None:
    leaf, filled = case
    outcome = work_out(leaf.parameters, filled)

    lacking = missing(leaf.parameters, filled, outcome)

    assert all(outcome.is_required(item) for item in lacking)
    assert all(filled.get(item.id, Filling()).is_empty for item in lacking)
    assert all(item.describes_product for item in missing_for_product(leaf.parameters, filled, outcome))


@given(fillings())
def test_allowed_values_are_those_that_go_with_the_parent(case: tuple[Category, dict[str, Filling]]) -> None:
    leaf, filled = case
    outcome = work_out(leaf.parameters, filled)

    for item in leaf.parameters:
        allowed = outcome.allowed_values(item)
        assert set(allowed) <= set(item.values)
        if item.depends_on:
            parents = outcome.chosen(item.depends_on)
            assert all(goes_with(value, parents) for value in allowed)
            assert all(not goes_with(value, parents) for value in set(item.values) - set(allowed))


@given(fillings())
@settings(max_examples=60)
def test_filling_in_what_is_missing_comes_to_an_end(case: tuple[Category, dict[str, Filling]]) -> None:
    leaf, filled = case

    for _ in range(len(leaf.parameters) + 1):
        outcome = work_out(leaf.parameters, filled)
        for item in missing(leaf.parameters, filled, outcome):
            filled[item.id] = first_fit(item, outcome)

    assert missing(leaf.parameters, filled, work_out(leaf.parameters, filled)) == []


def first_fit(parameter: Parameter, outcome: Outcome) -> Filling:
    if parameter.type == "dictionary":
        entries = outcome.allowed_values(parameter) or parameter.values
        return Filling(ids=(entries[0].id,))
    if parameter.is_range:
        return Filling(bounds=(str(parameter.low), str(parameter.high)))
    return Filling(texts=("1",))


@given(st.sampled_from(LEAVES), st.data())
def test_ids_and_their_labels_read_alike(leaf: Category, data: st.DataObject) -> None:
    parameter = data.draw(st.sampled_from([item for item in leaf.parameters if item.values] or [CHOICE]))
    value = data.draw(st.sampled_from(parameter.values))

    by_label = filling_of({"values": [value.names.polish]}, parameter)
    by_both = filling_of({"values": [value.names.polish], "valuesIds": [value.id]}, parameter)

    assert by_label.ids == (value.id,)
    assert by_both.ids == (value.id,)
