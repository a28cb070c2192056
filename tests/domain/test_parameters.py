"""Which parameters are shown and demanded, which values go with each other, what may be sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from allegro_module.domain.gtin import check_digit, gtin_fault
from allegro_module.domain.parameter_answers import problems_with, wire_values
from allegro_module.domain.parameters import Cause, decide, is_new_goods, read_parameters, with_gtin
from tests.domain.parameter_builders import any_answers, categories, ids, raw, read, texts, when, without

CONDITION = raw("11323", "dictionary", "Stan", values=["Nowy", "Używany"], required=True)
MATERIAL = raw("mat", "dictionary", "Materiał", values=["srebro", "złoto"])
FINENESS = raw(
    "fin",
    "dictionary",
    "Próba złota",
    values=["333", "585"],
    displayedIf=when("mat", "mat_2"),
    requiredIf=when("mat", "mat_2"),
)


def codes(parameters: Any, answers: dict[str, Any]) -> list[str]:
    return [
        f"{each.field.removeprefix('parameters.')} {each.code}" for each in problems_with(parameters, answers)
    ]


# Reading


def test_parameter_is_read_as_allegro_words_it() -> None:
    entry = raw("17448", "float", "Waga", unit="g", required=True, requiredForProduct=True)
    entry["options"] = {"describesProduct": True, "ambiguousValueId": None, "customValuesEnabled": False}
    entry["restrictions"] = {"min": 0.5, "max": 100, "range": True, "precision": 2}

    parameter = read(entry)[0]

    assert (parameter.unit, parameter.required, parameter.required_for_product) == ("g", True, True)
    assert (parameter.min, parameter.max, parameter.is_range) == (Decimal("0.5"), Decimal(100), True)
    assert parameter.describes_product


def test_nulls_and_types_to_come_are_tolerated() -> None:
    bare = {
        "id": "1",
        "name": None,
        "type": "string",
        "options": None,
        "restrictions": None,
        "requiredIf": None,
    }

    assert [parameter.id for parameter in read_parameters([bare, {"id": "2", "type": "hologram"}])] == ["1"]


@pytest.mark.parametrize("name", ["EAN (GTIN)", "ISBN", "Kod EAN"])
def test_gtin_is_known_by_its_name(name: str) -> None:
    assert read(raw("77", name=name))[0].is_gtin
    assert not read(raw("78", name="Oceany"))[0].is_gtin


# Shown and required


def test_fineness_is_shown_and_required_only_for_gold() -> None:
    parameters = read(MATERIAL, FINENESS)

    silver = decide(parameters, {"mat": ids("mat_1")})["fin"]
    gold = decide(parameters, {"mat": ids("mat_2")})["fin"]

    assert (silver.is_shown, silver.is_required) == (False, False)
    assert (gold.is_shown, gold.is_required) == (True, True)
    assert gold.because == (Cause("mat", ("mat_2",)),)


def test_sentence_can_say_why_a_field_is_required() -> None:
    problem = problems_with(read(MATERIAL, FINENESS), {"mat": ids("mat_2")})[0]

    assert (problem.code, problem.field) == ("parameter_required", "parameters.fin")
    assert problem.params == {"name": "Próba złota", "because": "Materiał = złoto"}


def test_chain_of_fields_is_hidden_from_its_first_link_on() -> None:
    second = raw("b", "dictionary", values=["x", "y"], displayedIf=when("mat", "mat_2"))
    third = raw("c", required=True, displayedIf=when("b", "b_1"))
    parameters = read(third, second, MATERIAL)
    answers = {"b": ids("b_1"), "c": texts("tekst")}

    hidden = decide(parameters, answers)
    shown = decide(parameters, {**answers, "mat": ids("mat_2")})

    assert [hidden[name].is_shown for name in ("mat", "b", "c")] == [True, False, False]
    assert [shown[name].is_shown for name in ("mat", "b", "c")] == [True, True, True]
    assert wire_values(parameters, answers) == ()


def test_fields_that_show_only_each_other_stay_hidden() -> None:
    one = raw("one", "dictionary", values=["x"], displayedIf=when("two", "two_1"))
    two = raw("two", "dictionary", values=["x"], displayedIf=when("one", "one_1"))

    decisions = decide(read(one, two), {"one": ids("one_1"), "two": ids("two_1")})

    assert not decisions["one"].is_shown
    assert not decisions["two"].is_shown


def test_code_of_the_producer_is_required_without_a_gtin() -> None:
    parameters = read(raw("225693", name="EAN (GTIN)"), raw("mpn", requiredIf=without("225693")))

    assert codes(parameters, {}) == ["mpn parameter_required"]
    assert codes(parameters, {"225693": texts("5907700000130")}) == []
    assert decide(parameters, {})["mpn"].because == (Cause("225693"),)


def test_all_conditions_of_a_requirement_must_hold() -> None:
    both = when("11323", "11323_1")
    both["parametersWithValue"] += when("brand", "brand_1")["parametersWithValue"]
    parameters = read(CONDITION, raw("brand", "dictionary", values=["Sony"]), raw("ean", requiredIf=both))

    assert codes(parameters, {"11323": ids("11323_1")}) == []
    assert codes(parameters, {"11323": ids("11323_1"), "brand": ids("brand_1")}) == ["ean parameter_required"]


def test_data_of_a_new_product_are_required_of_the_offer_too() -> None:
    for_product = raw("p", requiredForProduct=True, options={"describesProduct": True})
    for_offer = raw("o", requiredForProduct=True, options={"describesProduct": False})

    assert codes(read(for_product, for_offer), {}) == ["p parameter_required"]


def test_values_of_a_child_follow_its_parent() -> None:
    child = raw("model", "dictionary", values=[("Air", ["brand_1"]), ("Samba", ["brand_2"]), "inny"])
    child["options"] = {"dependsOnParameterId": "brand"}
    parameters = read(raw("brand", "dictionary", values=["Nike", "adidas"]), child)
    answers = {"brand": ids("brand_1"), "model": ids("model_2")}

    assert list(decide(parameters, answers)["model"].allowed) == ["model_1", "model_3"]
    assert codes(parameters, answers) == ["model parameter_value_not_allowed"]
    assert [value.parameter_id for value in wire_values(parameters, answers)] == ["brand"]


def test_condition_of_the_goods_is_found_by_its_value() -> None:
    assert is_new_goods(read(CONDITION), {"11323": ids("11323_1")})
    assert not is_new_goods(read(CONDITION), {"11323": ids("11323_2")})
    assert not is_new_goods((), {})


# Values


def test_several_values_only_where_they_are_allowed() -> None:
    single = raw("s", "dictionary", values=["a", "b"])
    several = raw("m", "dictionary", values=["a", "b"], restrictions={"multipleChoices": True})
    text = raw("t", restrictions={"allowedNumberOfValues": 2})
    answers = {"s": ids("s_1", "s_2"), "m": ids("m_1", "m_2"), "t": texts("1", "2", "3")}

    assert codes(read(single, several, text), answers) == [
        "s parameter_too_many_values",
        "t parameter_too_many_values",
    ]


def test_ambiguous_value_wants_an_own_one_and_both_are_sent() -> None:
    brand = raw("brand", "dictionary", values=["Apart", "inna"])
    brand["options"] = {"ambiguousValueId": "brand_2", "customValuesEnabled": True}
    parameters = read(brand)

    assert codes(parameters, {"brand": ids("brand_2")}) == ["brand parameter_own_value_missing"]
    sent = wire_values(parameters, {"brand": {**ids("brand_2"), "custom": " Bursztyn i Len "}})[0]
    assert (sent.values_ids, sent.values) == (("brand_2",), ("Bursztyn i Len",))


def test_own_value_is_not_sent_where_none_is_taken() -> None:
    series = raw("series", "dictionary", values=["City", "inna"], options={"ambiguousValueId": "series_2"})

    sent = wire_values(read(series), {"series": {**ids("series_2"), "custom": "Moja"}})[0]

    assert (sent.values_ids, sent.values) == (("series_2",), ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 234,5", None),
        ("0,5", None),
        ("12", None),
        ("abc", "parameter_not_a_number"),
        ("1e5", "parameter_not_a_number"),
        ("٣", "parameter_not_a_number"),
        ("0,75", "parameter_too_precise"),
        ("0,4", "parameter_too_small"),
        ("5001", "parameter_too_large"),
    ],
)
def test_number_is_held_against_its_limits(text: str, code: str | None) -> None:
    weight = raw("w", "float", restrictions={"min": 0.5, "max": 5000, "precision": 1})

    assert codes(read(weight), {"w": texts(text)}) == ([f"w {code}"] if code else [])


def test_whole_number_has_no_fraction() -> None:
    pages = raw("74", "integer", restrictions={"min": 1, "max": 100})

    assert codes(read(pages), {"74": texts("1,5")}) == ["74 parameter_not_whole"]
    assert wire_values(read(pages), {"74": texts("12,0")})[0].values == ("12",)


def test_decimal_comma_is_sent_as_a_point() -> None:
    weight = raw("w", "float", restrictions={"precision": 2})

    assert wire_values(read(weight), {"w": texts("1 200,50")})[0].values == ("1200.5",)


def test_range_needs_both_ends_in_order() -> None:
    size = raw("s", "integer", restrictions={"min": 30, "max": 50, "range": True})
    parameters = read(size)

    def found(low: str, high: str) -> list[str]:
        return codes(parameters, {"s": {"range": {"from": low, "to": high}}})

    assert found("36", "") == ["s range_needs_boundary"]
    assert found("41", "36") == ["s range_upside_down"]
    assert found("20", "60") == ["s parameter_too_small", "s parameter_too_large"]
    assert found("a", "b") == ["s parameter_not_a_number"]
    assert found("36", "41") == []
    assert wire_values(parameters, {"s": {"range": {"from": "36", "to": "41"}}})[0].range == ("36", "41")


def test_text_is_held_against_its_length_and_characters() -> None:
    engraving = raw("e", restrictions={"minLength": 2, "maxLength": 5})

    assert codes(read(engraving), {"e": texts("a")}) == ["e parameter_too_short"]
    assert codes(read(engraving), {"e": texts("abcdef")}) == ["e parameter_too_long"]
    assert codes(read(engraving), {"e": texts("<b>")}) == ["e parameter_illegal_character"]
    assert codes(read(engraving), {"e": texts("🙂🙂")}) == ["e parameter_illegal_character"]


def test_empty_answers_count_as_none() -> None:
    parameters = read(raw("a", required=True), raw("b", "dictionary", values=["x"]))

    assert codes(parameters, {"a": texts(" ", ""), "b": ids()}) == ["a parameter_required"]
    assert wire_values(parameters, {"a": texts(" "), "unknown": texts("x")}) == ()


# GTIN


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("5907700000130", None),
        ("590-770 0000130", None),
        ("9788308049990", None),
        ("080442957X", None),
        ("12345670", None),
        ("5907700000131", "gtin_wrong_check_digit"),
        ("590770000013", "gtin_wrong_check_digit"),
        ("59077000001", "gtin_wrong_length"),
        ("59077OOO00130", "gtin_not_digits"),
        ("2012345678903", "gtin_in_store"),
    ],
)
def test_gtin_faults(text: str, fault: str | None) -> None:
    assert gtin_fault(text) == fault


def test_check_digit_is_the_one_on_the_packet() -> None:
    assert check_digit("590770000013") == "0"


def test_ean_of_the_offer_answers_the_parameter_that_asks_for_it() -> None:
    ean, isbn = raw("225693", name="EAN (GTIN)"), raw("245669", name="ISBN")

    assert with_gtin(read(isbn), {}, "5907700000130") == {"245669": texts("5907700000130")}
    assert list(with_gtin(read(ean, isbn), {}, "5907700000130")) == ["225693"]
    assert list(with_gtin(read(ean, isbn), {}, "9788308049990")) == ["225693", "245669"]
    assert with_gtin(read(ean), {"225693": texts("1")}, " ") == {"225693": texts("1")}


# Whatever a category and a seller may come up with


@given(categories(), any_answers())
def test_nothing_hidden_or_not_allowed_is_ever_sent(
    entries: list[dict[str, Any]], answers: dict[str, Any]
) -> None:
    parameters = read(*entries)
    decisions = decide(parameters, answers)

    for value in wire_values(parameters, answers):
        assert decisions[value.parameter_id].is_shown
        assert set(value.values_ids) <= set(decisions[value.parameter_id].allowed)
        assert value.values or value.values_ids or value.range
        assert all(text.strip() for text in value.values)


@given(categories(), any_answers())
def test_what_is_sent_decides_as_the_answers_did(
    entries: list[dict[str, Any]], answers: dict[str, Any]
) -> None:
    """Allegro, which sees only what is sent, comes to the same decisions as we did."""
    parameters = read(*entries)
    sent = {
        value.parameter_id: {"values": list(value.values), "values_ids": list(value.values_ids)}
        for value in wire_values(parameters, answers)
    }

    assert decide(parameters, sent) == decide(parameters, answers)


@given(categories(), any_answers())
def test_answers_to_hidden_fields_change_nothing(
    entries: list[dict[str, Any]], answers: dict[str, Any]
) -> None:
    parameters = read(*entries)
    decisions = decide(parameters, answers)
    shown = {key: answer for key, answer in answers.items() if key in decisions and decisions[key].is_shown}

    assert decide(parameters, shown) == decisions


@given(categories(), any_answers())
def test_problems_stand_only_at_fields_that_are_shown(
    entries: list[dict[str, Any]], answers: dict[str, Any]
) -> None:
    parameters = read(*entries)
    decisions = decide(parameters, answers)

    for problem in problems_with(parameters, answers):
        assert decisions[problem.field.removeprefix("parameters.")].is_shown


@given(categories(), any_answers())
def test_required_fields_are_shown_and_say_why(
    entries: list[dict[str, Any]], answers: dict[str, Any]
) -> None:
    for decision in decide(read(*entries), answers).values():
        assert decision.is_shown or not decision.is_required
        if decision.is_required and decision.parameter.required_if:
            assert decision.because


def test_value_ids_left_over_on_a_text_parameter_decide_nothing() -> None:
    """Allegro may turn a dictionary into a text; the answer kept from before must not break the form."""
    text = {"id": "D", "name": "Cecha D", "type": "string", "required": False}
    condition = {"parametersWithValue": [{"id": "D", "oneOfValueIds": ["E_1"]}]}
    dependent = {**text, "id": "C", "name": "Cecha C", "required": True, "displayedIf": condition}
    parameters = read_parameters([text, dependent])
    answers = {"D": {"values": ["x"], "values_ids": ["E_1"]}}

    assert not decide(parameters, answers)["C"].is_shown
    assert problems_with(parameters, answers) == []
