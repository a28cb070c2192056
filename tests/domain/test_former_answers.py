"""Answers that were given while Allegro called a parameter or a value otherwise."""

from __future__ import annotations

from typing import Any

from allegro_module.domain.former_answers import brought_up_to_date, have_moved
from allegro_module.domain.parameters import Answers
from tests.domain.parameter_builders import ids, raw, read, texts

COLOUR = raw("200", "dictionary", "Kolor", values=["złoty", "srebrny"])
COLOUR["formerData"] = {"ids": ["100", "90"]}
COLOUR["dictionary"][0]["formerData"] = {"ids": ["100_7"], "values": ["złocisty"]}
LENGTH = raw("300", "float", "Długość")


def moved(answers: dict[str, Any]) -> Answers:
    return brought_up_to_date(read(COLOUR, LENGTH), answers)


def test_an_answer_under_a_former_id_moves_with_its_values() -> None:
    assert moved({"100": ids("100_7")}) == {"200": ids("200_1")}


def test_a_value_of_a_parameter_that_kept_its_id_moves_too() -> None:
    assert moved({"200": {**ids("100_7", "200_2"), "custom": "x"}}) == {
        "200": {**ids("200_1", "200_2"), "custom": "x"}
    }


def test_a_value_that_was_typed_by_its_former_name_is_found() -> None:
    assert moved({"200": ids("złocisty")}) == {"200": ids("200_1")}
    assert read(COLOUR)[0].find_named("ZŁOCISTY") == read(COLOUR)[0].dictionary["200_1"]


def test_an_answer_under_the_id_of_today_counts_more() -> None:
    assert moved({"200": ids("200_2"), "90": ids("100_7")}) == {"200": ids("200_2")}


def test_what_never_moved_or_is_unknown_stays() -> None:
    answers = {"300": texts("5"), "999": ids("999_1"), "200": ids("strange")}

    assert moved(answers) == answers


def test_whether_anything_moved_is_known() -> None:
    assert have_moved(read(COLOUR))
    assert not have_moved(read(LENGTH, raw("1", "dictionary", values=["a"])))
