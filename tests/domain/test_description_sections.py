"""Descriptions in Allegro's grammar, and what a product makes of a template."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allegro_module.domain.description_markup import paragraphs
from allegro_module.domain.description_placeholders import (
    Values,
    filled,
    filled_text,
    has_description,
    template_problems,
)
from allegro_module.domain.description_sections import (
    Image,
    Layout,
    Section,
    Text,
    read_sections,
    refs_of,
    section_problems,
    size_of,
    to_json,
)

RING = Values(
    texts={"name": "Pierścionek <złoty> & bursztyn", "brand": "", "sku": "PZ-1", "mpn": "{name}"},
    attributes={"Materiał": "złoto", "Próba złota": "585", "Puste": " "},
    description="<p>Klasyczny.</p><ul><li>a</li></ul>",
    images=("ring-1", "ring-2"),
)


def text(content: str) -> Section:
    return Section((Text(content),))


def codes(*sections: Section) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in template_problems(sections)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (
            "<h1>Raz</h1><p>dwa <b>trzy</b></p><ul><li>a <b>b</b></li></ul><ol><li>&lt; &amp;</li></ol>",
            None,
        ),
        ("słowa bez znacznika", "markup_loose"),
        ("<div>a</div>", "markup_tag"),
        ("<p class='x'>a</p>", "markup_attributes"),
        ("<P>a</P>", "markup_attributes"),
        ("<h1><b>a</b></h1>", "markup_nesting"),
        ("<p>a<ul><li>b</li></ul></p>", "markup_nesting"),
        ("<p>a", "markup_unclosed"),
        ("<p>a</b></p>", "markup_unclosed"),
        ("<p>1 < 2</p>", "markup_encode"),
        ("<p>a & b</p>", "markup_encode"),
        ("<p>sklep@bursztyn.example</p>", "markup_contact"),
        ("<p>www.bursztyn.example</p>", "markup_contact"),
        ("<!-- a --><p>b</p>", "markup_tag"),
        ("  ", "section_text_required"),
    ],
)
def test_text_outside_allegros_grammar_is_a_problem_at_its_item(content: str, code: str | None) -> None:
    sections = (text("<p>a</p>"), Section((Image("ring-1"), Text(content))))

    assert [(each.field, each.code) for each in section_problems(sections)] == (
        [("sections.1.items.1", code)] if code else []
    )


def test_every_layout_makes_its_empty_section_which_asks_for_what_it_lacks() -> None:
    for layout in Layout:
        section = layout.empty_section()

        assert section.layout is layout
        assert len(section_problems([section])) == len(section.items)


def test_a_hundred_sections_and_forty_thousand_bytes_are_allowed_no_more() -> None:
    assert codes(*[text("<p>a</p>")] * 100) == []
    assert codes(*[text("<p>a</p>")] * 101) == [("sections", "sections_too_many")]
    assert codes(text(f"<p>{'ż' * 20_000}</p>")) == [("sections", "description_too_long")]
    assert codes() == [("sections", "sections_required")]
    assert size_of([text("<p>ż</p>")]) == size_of([text("<p>z</p>")]) + 1


def test_sections_are_kept_as_they_are() -> None:
    sections = (text("<p>{name}</p>"), Section((Image("{image_2}"), Image("template:7"))))

    assert read_sections(to_json(sections)) == sections
    assert refs_of(sections) == ["{image_2}", "template:7"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("<h1>{name}</h1><p>{ brand }, {attribute:Próba złota}</p>", None),
        ("<p>{description}</p><p><b>{attributes}</b></p>", None),
        ("<p>{nazwa}</p>", ("placeholder_unknown", "nazwa")),
        ("<p>{attribute:}</p>", ("placeholder_unknown", "attribute:")),
        ("<p>Opis: {description}</p>", ("placeholder_not_alone", "description")),
        ("<ul><li>{attributes}</li></ul>", ("placeholder_not_alone", "attributes")),
        ("<p>{image_1}</p>", ("placeholder_of_picture", "image_1")),
    ],
)
def test_unknown_or_misplaced_placeholder_is_named(content: str, problem: tuple[str, str] | None) -> None:
    found = [(each.code, each.params["name"]) for each in template_problems([text(content)])]

    assert found == ([problem] if problem else [])


def test_picture_beyond_the_sixteenth_is_unknown() -> None:
    assert codes(Section((Image("{image_17}"), Image("{image_16}")))) == [
        ("sections.0.items.0", "placeholder_unknown")
    ]


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("<h1>{name}</h1>", "<h1>Pierścionek &lt;złoty&gt; &amp; bursztyn</h1>"),
        ("<p>{mpn}</p>", "<p>{name}</p>"),
        ("<p>Marka: {brand}</p><p>SKU: {sku}</p>", "<p>SKU: PZ-1</p>"),
        ("<p>{brand} {sku}</p>", "<p>PZ-1</p>"),
        ("<p><b>{brand}</b> {sku}</p>", "<p>PZ-1</p>"),
        ("<p>Próba: {attribute:próba  złota}</p><p>{attribute:Kamień}</p>", "<p>Próba: 585</p>"),
        ("<ul><li>{brand}</li><li>stałe</li></ul>", "<ul><li>stałe</li></ul>"),
        ("<p>a</p><ul><li>{brand}</li></ul>", "<p>a</p>"),
        ("<p>{description}</p>", "<p>Klasyczny.</p><ul><li>a</li></ul>"),
        (
            "<p>{attributes}</p>",
            "<ul><li><b>Materiał:</b> złoto</li><li><b>Próba złota:</b> 585</li></ul>",
        ),
        ("<h2>Marka</h2><p>{brand}</p><h2>Kod</h2><p>{sku}</p>", "<h2>Kod</h2><p>PZ-1</p>"),
        ("<h1>{name}</h1><p>{brand}</p>", "<h1>Pierścionek &lt;złoty&gt; &amp; bursztyn</h1>"),
        ("<p>{brand}</p>", ""),
    ],
)
def test_template_is_filled_and_a_line_of_empty_placeholders_goes(template: str, made: str) -> None:
    assert filled_text(template, RING) == made


def test_missing_picture_leaves_its_place_and_an_empty_section_goes() -> None:
    sections = (
        Section((Text("<h1>{name}</h1>"), Image("{image_3}"))),
        Section((Image("{image_2}"), Image("template:1"))),
        Section((Image("{image_9}"),)),
    )

    made = filled(sections, RING)

    assert [section.layout for section in made] == [Layout.TEXT, Layout.IMAGE_IMAGE]
    assert refs_of(made) == ["ring-2", "template:1"]


def test_template_without_the_description_is_told_from_one_with_it() -> None:
    assert has_description([text("<p>a</p>"), text("<p>{description}</p>")])
    assert not has_description([text("<p>{attributes}</p>"), Section((Image("{image_1}"),))])


def test_text_without_tags_becomes_paragraphs() -> None:
    assert paragraphs("Raz & dwa\n\n1 < 2 &amp; 3\r\n{name}") == (
        "<p>Raz &amp; dwa</p><p>1 &lt; 2 &amp; 3</p><p>{name}</p>"
    )
    assert paragraphs(" <p>a</p>\n") == "<p>a</p>"


VALUE = st.text(st.sampled_from("ab<>&{}ż \n\0\1name"), max_size=8)
LINES = st.sampled_from(
    [
        "<h1>{name}</h1>",
        "<h2>Cechy</h2>",
        "<p>{brand} – <b>{sku}</b></p>",
        "<ul><li>{brand}</li><li><b>{mpn}</b></li></ul>",
        "<p>{description}</p>",
        "<p>{attributes}</p>",
        "<p>{attribute:a}</p>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(LINES, min_size=1, max_size=6).map("".join),
    st.dictionaries(st.sampled_from(["name", "brand", "sku", "mpn"]), VALUE),
    st.dictionaries(VALUE, VALUE, max_size=3),
)
def test_whatever_the_product_says_the_filled_template_stays_within_the_grammar(
    template: str, texts: dict[str, str], attributes: dict[str, str]
) -> None:
    made = filled([text(template)], Values(texts, attributes, "<p>Opis {name}</p>"))

    assert template_problems([text(template)]) == []
    assert section_problems(made) == []
