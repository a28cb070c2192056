"""Titles and descriptions, judged by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.simulator.content_rules import (
    counted_length,
    description_findings,
    title_findings,
)
from allegro_module.simulator.markup import markup_fault


@pytest.mark.parametrize(
    ("title", "length"),
    [("A & B", 9), ("Świeca 180 ml", 13), ('Szer. 5"', 13), ("d'Artagnan", 10), ("a<b>c", 11)],
)
def test_entities_of_a_title_count_with_their_length(title: str, length: int) -> None:
    assert counted_length(title) == length


@pytest.mark.parametrize(
    "title",
    [
        "Obrus lniany 140 × 220 cm",
        "Kubek „Morze”, 350 ml (niebieski)",
        "Żółć gęślą jaźń 100%",
        "Świeca – miód & las",
    ],
)
def test_usual_titles_pass(title: str) -> None:
    assert title_findings(title) == []


@pytest.mark.parametrize("title", [None, "", "   "])
def test_missing_title_is_a_gap(title: str | None) -> None:
    (found,) = title_findings(title)

    assert found.gap


@pytest.mark.parametrize("character", ["❤", "😀", "漢", "\t"])
def test_characters_outside_the_set_are_refused(character: str) -> None:
    codes = [item.problem.code for item in title_findings(f"Obrus lniany {character} naturalny")]

    assert codes == ["ConstraintViolationException.CharacterNotAllowed"]


@pytest.mark.parametrize(
    "content",
    [
        "<h1>Obrus</h1><p>Len i <b>haft</b></p>",
        "<ul><li>jeden</li><li><b>dwa</b></li></ul>",
        "<ol><li>jeden</li></ol>\n<h2>Dalej</h2>",
        "<p>5 &lt; 6 &amp; 7 &gt; 6</p>",
        "<p>Ą &oacute; &#243;</p>",
        "",
    ],
)
def test_allowed_markup_passes(content: str) -> None:
    assert markup_fault(content) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("luzem", "description.loose"),
        ("<p>a</p>luzem", "description.loose"),
        ("<ul>a</ul>", "description.loose"),
        ("<div>a</div>", "description.tag"),
        ("<p>a<br>b</p>", "description.tag"),
        ("<p>a<br/>b</p>", "description.tag"),
        ("<a href='x'>a</a>", "description.tag"),
        ("<!-- a --><p>b</p>", "description.tag"),
        ("<p class='x'>a</p>", "description.attributes"),
        ("<P>a</P>", "description.attributes"),
        ("<h1><b>a</b></h1>", "description.nesting"),
        ("<p><p>a</p></p>", "description.nesting"),
        ("<li>a</li>", "description.nesting"),
        ("<b>a</b>", "description.nesting"),
        ("<p>a", "description.unclosed"),
        ("<p><b>a</p></b>", "description.unclosed"),
        ("a</p>", "description.loose"),
        ("<p>a & b</p>", "description.encode"),
        ("<p>a < b</p>", "description.encode"),
        ("<p>www.sklep.pl</p>", "description.contact"),
        ("<p>pisz na sklep@example.com</p>", "description.contact"),
    ],
)
def test_markup_outside_the_grammar_is_named(content: str, says: str) -> None:
    fault = markup_fault(content)

    assert fault is not None
    assert fault[0] == says


@given(st.text())
def test_no_text_breaks_the_reader(content: str) -> None:
    fault = markup_fault(content)

    assert fault is None or fault[0].startswith("description.")


def test_description_has_limits() -> None:
    section = {"items": [{"type": "TEXT", "content": "<p>a</p>"}]}
    three = {"items": [section["items"][0]] * 3}
    long = {"items": [{"type": "TEXT", "content": f"<p>{'x' * 40_000}</p>"}]}

    assert description_findings({"sections": [section] * 100}, []) == []
    assert [item.problem.path for item in description_findings({"sections": [section] * 101}, [])] == [
        "description.sections"
    ]
    assert [item.problem.path for item in description_findings({"sections": [three]}, [])] == [
        "description.sections[0].items"
    ]
    assert [item.problem.path for item in description_findings({"sections": [long]}, [])] == [
        "description.sections"
    ]


def test_pictures_of_a_description_are_in_the_gallery() -> None:
    section = {"items": [{"type": "IMAGE", "url": "http://localhost:1/img/obrus"}]}

    assert description_findings({"sections": [section]}, ["obrus"]) == []
    (found,) = description_findings({"sections": [section]}, ["kubek"])
    assert found.problem.message == "Description images are not valid"
