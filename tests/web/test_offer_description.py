"""Section *Opisy* of the offer form without scripts: sections of the offer's own, preview, import."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.description_templates import DescriptionTemplate
from allegro_module.web.fragments import HEADER
from tests.web.browsing import errors_at, form_in, press, words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import OFFERS, a_category, an_offer, some_terms, stored

FORM = f"{OFFERS}/1"
TEXT = {"type": "TEXT", "content": "<p>Ręczna robota.</p>"}
SECTIONS: list[dict[str, Any]] = [{"items": [TEXT, {"type": "IMAGE", "ref": "ring-2"}]}, {"items": [TEXT]}]


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    a_category(session)
    some_terms(session, account)
    return account


def layouts(page: str) -> list[str]:
    return re.findall(r'name="layouts" value="([a-z-]+)"', page)


def own(text: str) -> list[dict[str, Any]]:
    return [{"items": [{"type": "TEXT", "content": text}]}]


def test_template_becomes_sections_of_the_offers_own(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    items = [{"type": "TEXT", "content": "<h1>{name}</h1>"}, {"type": "IMAGE", "ref": "{image_2}"}]
    body = {"items": [{"type": "TEXT", "content": "<p>{description}</p>"}]}
    template = DescriptionTemplate(name="Bursztyn", sections=[{"items": items}, body], changed_at=NOW)
    session.add(template)
    session.commit()
    an_offer(session, account, description_template_id=template.id)

    answer = press(browser, FORM, "sections:own")

    made = stored(host, 1).description_sections
    assert answer.status_code == 200
    assert made == [
        {
            "items": [
                {"type": "TEXT", "content": "<h1>Pierścionek złoty z bursztynem bałtyckim</h1>"},
                {"type": "IMAGE", "ref": "ring-2"},
            ]
        },
        {"items": [{"type": "TEXT", "content": "<p>Klasyczny pierścionek.</p>"}]},
    ]
    assert layouts(browser.get(FORM).text) == ["text-image", "text"]


def test_without_a_description_the_first_section_is_empty_and_blames_nobody(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, description_html="")

    answer = press(browser, FORM, "sections:own")

    assert stored(host, 1).description_sections == own("")
    assert errors_at(answer.text, "f-sections-0-items-0") == []
    assert "Wpisz tekst albo usuń sekcję" in words_of(press(browser, FORM, "check"))


@pytest.mark.parametrize(
    ("deed", "made"),
    [
        ("add:image-image", ["text-image", "text", "image-image"]),
        ("up:1", ["text", "text-image"]),
        ("remove:0", ["text"]),
        ("nonsense", ["text-image", "text"]),
    ],
)
def test_buttons_build_the_sections_and_keep_what_was_typed(
    host: Host, session: Session, account: Account, browser: FlaskClient, deed: str, made: list[str]
) -> None:
    an_offer(session, account, description_sections=SECTIONS)

    answer = press(browser, FORM, f"sections:{deed}", title="Nowy tytuł oferty")

    assert answer.status_code == 200
    assert layouts(answer.text) == made
    assert stored(host, 1).title == "Nowy tytuł oferty"
    assert len(stored(host, 1).description_sections or ()) == len(made)


def test_saving_sends_back_what_is_stored(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, description_sections=SECTIONS)

    assert press(browser, FORM, "save").status_code == 303

    offer = stored(host, 1)
    assert offer.description_sections == SECTIONS
    assert offer.description_html == "<p>Klasyczny pierścionek.</p>"


def test_sections_can_be_thrown_away_for_the_text_that_was_kept(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, description_sections=SECTIONS)

    answer = press(browser, FORM, "sections:template")

    assert stored(host, 1).description_sections is None
    assert "&lt;p&gt;Klasyczny pierścionek.&lt;/p&gt;" in answer.text


def test_what_allegro_would_refuse_stands_at_its_section_and_is_kept_as_typed(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    faults = {
        "<p>a</p><script>alert(1)</script>": "Allegro nie przyjmuje znacznika &lt;script&gt;",
        "<ul><li>a<ul><li>b</li></ul></li></ul>": "Znacznik &lt;ul&gt; nie może tu stać",
        "<h1><b>a</b></h1>": "Znacznik &lt;b&gt; nie może tu stać",
        "<p>{cena}</p>": "{cena}",
        "<p>pisz: sklep@bursztyn.pl</p>": "sklep@bursztyn.pl",
    }
    sections = [{"items": [{"type": "TEXT", "content": typed}]} for typed in faults]
    an_offer(session, account, description_sections=sections)

    answer = press(browser, FORM, "save")

    assert answer.status_code == 422
    for number, words in enumerate(faults.values()):
        assert words in " ".join(errors_at(answer.text, f"f-sections-{number}-items-0"))
    assert stored(host, 1).description_sections == sections
    # Neither the page nor Allegro is given what is not allowed.
    assert "<script>alert(1)" not in answer.text


def test_section_is_converted_on_demand(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, description_sections=own("<div><i>Len</i></div><h3>Pranie</h3>"))

    press(browser, FORM, "sections:convert:0.0")

    assert stored(host, 1).description_sections == own("<p>Len</p><h2>Pranie</h2>")


def test_pasted_html_becomes_the_last_section_with_word_of_the_changes(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, description_sections=own("<p>a</p>"))

    answer = press(
        browser, FORM, "sections:import", pasted='<table><tr><td>Waga<td>3 g</table><a href="x">b</a>'
    )

    assert stored(host, 1).description_sections == own("<p>a</p>") + own("<p>Waga – 3 g</p><p>b</p>")
    assert "Wklejony tekst jest teraz ostatnią sekcją." in words_of(answer)
    assert "1 link stał się zwykłym tekstem" in words_of(answer)


def test_description_of_40001_bytes_is_told_with_its_size(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    around = len('[{"items":[{"type":"TEXT","content":"<p></p>"}]}]')
    an_offer(session, account, description_sections=own(f"<p>{'a' * (40_001 - around)}</p>"))

    answer = press(browser, FORM, "save")

    assert answer.status_code == 422
    assert "40 001 z 40 000 bajtów" in words_of(answer).replace("\u00a0", " ")
    assert errors_at(answer.text, "f-description")


def test_preview_follows_what_is_typed_and_keeps_nothing(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, description_sections=SECTIONS)
    sent = form_in(browser.get(FORM).text)
    sent["sections.1.items.0"] = "<h2>{ean}</h2><p>Len</p><script>x()</script>"

    answer = browser.post(f"{FORM}/described", data=sent, headers={HEADER: "1"})

    assert "<h2>5907700000130</h2><p>Len</p>" in answer.text
    assert "<script>" not in answer.text
    assert 'class="al-shown-section al-shown-two"' in answer.text
    assert f"{FORM}/images/1" in answer.text
    assert stored(host, 1).description_sections == SECTIONS


def test_with_scripts_only_the_section_is_answered(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, description_sections=SECTIONS)

    answer = press(browser, FORM, "sections:add:text", fragment=True)

    assert 'id="section-5" open' in answer.text
    assert "data-al-focus" in answer.text
    assert 'id="f-title"' not in answer.text
