"""The pages *Szablony opisów*."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image as Drawing
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from allegro_module.db.audit import list_latest
from allegro_module.db.description_templates import DescriptionTemplate, TemplateImage, list_templates
from allegro_module.db.offers import Offer
from allegro_module.db.profiles import Profile
from allegro_module.domain.offers import OfferState
from allegro_module.domain.profiles import Scope
from allegro_module.web.fragments import HEADER
from allegro_module.web.history_words import ACTIONS
from tests.memory_shop import a_picture
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account

PAGE = f"{SETTINGS}/templates"
TYPED = {
    "name": "Bursztyn",
    "layouts": ["text-image", "text"],
    "sections.0.items.0": "<h1>{name}</h1>",
    "sections.0.items.1": "{image_1}",
    "sections.1.items.0": "<p>{description}</p>",
    "product": "PZ-0142",
}


def press(browser: FlaskClient, deed: str, address: str = f"{PAGE}/new", **typed: Any) -> TestResponse:
    return browser.post(address, data={**TYPED, **typed, "deed": deed}, content_type="multipart/form-data")


def saved(session: Session, browser: FlaskClient, **typed: Any) -> DescriptionTemplate:
    assert press(browser, "save", **typed).status_code == 303
    session.rollback()
    return next(each for each in list_templates(session) if each.name == typed.get("name", "Bursztyn"))


def layouts(page: str) -> list[str]:
    return re.findall(r'name="layouts" value="([a-z-]+)"', page)


def test_without_templates_the_list_offers_starting_points(browser: FlaskClient) -> None:
    page = browser.get(PAGE).text

    assert "Nie ma jeszcze szablonów" in page
    assert "Nagłówek + opis + stopka" in page


@pytest.mark.parametrize("start", ["full", "facts", "empty"])
def test_starting_point_can_be_saved_as_it_is(browser: FlaskClient, session: Session, start: str) -> None:
    page = browser.get(f"{PAGE}/new?start={start}").text
    fields = dict(
        re.findall(r'<textarea[^>]* name="(sections\.[^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    )

    texts = {name: value.replace("&lt;", "<").replace("&gt;", ">") for name, value in fields.items()}
    pictures = dict(
        re.findall(r'name="(sections\.[^"]+)" data-al-picture.*?value="([^"]+)"[^>]* selected', page, re.S)
    )
    answer = browser.post(f"{PAGE}/new", data={"name": "X", "layouts": layouts(page), **texts, **pictures})

    assert answer.status_code == 303
    assert len(list_templates(session)) == 1


def test_saved_template_is_kept_and_told_to_the_log(browser: FlaskClient, session: Session) -> None:
    template = saved(session, browser)

    assert template.sections == [
        {"items": [{"type": "TEXT", "content": "<h1>{name}</h1>"}, {"type": "IMAGE", "ref": "{image_1}"}]},
        {"items": [{"type": "TEXT", "content": "<p>{description}</p>"}]},
    ]
    assert [entry.action for entry in list_latest(session)] == ["template_saved"]
    assert "template_saved" in ACTIONS["templates"]
    page = browser.get(f"{PAGE}/{template.id}").text
    assert layouts(page) == ["text-image", "text"]
    assert "&lt;h1&gt;{name}&lt;/h1&gt;" in page


@pytest.mark.parametrize(
    ("deed", "made"),
    [
        ("add:image-image", ["text-image", "text", "image-image"]),
        ("up:1", ["text", "text-image"]),
        ("up:0", ["text-image", "text"]),
        ("down:0", ["text", "text-image"]),
        ("down:1", ["text-image", "text"]),
        ("remove:0", ["text"]),
        ("remove:9", ["text-image", "text"]),
        ("swap:0", ["image-text", "text"]),
        ("nonsense", ["text-image", "text"]),
    ],
)
def test_button_changes_what_is_typed_and_saves_nothing(
    browser: FlaskClient, session: Session, deed: str, made: list[str]
) -> None:
    answer = press(browser, deed, name="Nowy")

    assert answer.status_code == 200
    assert layouts(answer.text) == made
    assert 'value="Nowy"' in answer.text
    assert not list_templates(session)


def test_mistakes_stand_at_their_items_and_nothing_typed_is_lost(
    browser: FlaskClient, session: Session
) -> None:
    wrong = {"name": "", "sections.0.items.0": "<div>{cena}</div>", "sections.0.items.1": ""}

    answer = press(browser, "save", **wrong)

    assert answer.status_code == 422
    assert not list_templates(session)
    for words in (
        "Wpisz nazwę szablonu",
        "Sekcja 1, lewa strona",
        "Allegro nie przyjmuje znacznika &lt;div&gt;",
        "Nie ma pola {cena}",
        "Wybierz zdjęcie albo usuń sekcję",
        "&lt;div&gt;{cena}&lt;/div&gt;",
        "&lt;p&gt;{description}&lt;/p&gt;",
    ):
        assert words in answer.text


def test_text_with_mistakes_is_converted_on_demand(browser: FlaskClient) -> None:
    answer = press(browser, "convert:0.0", **{"sections.0.items.0": "<div>Len<script>x</script></div>"})

    assert "&lt;p&gt;Len&lt;/p&gt;" in answer.text


def test_text_without_tags_is_saved_as_paragraphs(browser: FlaskClient, session: Session) -> None:
    template = saved(session, browser, **{"sections.1.items.0": "Len & bursztyn\r\n{description}"})

    assert template.sections[1]["items"][0]["content"] == "<p>Len &amp; bursztyn</p><p>{description}</p>"


def test_two_templates_cannot_share_a_name(browser: FlaskClient, session: Session) -> None:
    saved(session, browser)

    answer = press(browser, "save", name="BURSZTYN")

    assert answer.status_code == 422
    assert "już istnieje" in answer.text


def test_change_made_meanwhile_is_told_and_may_be_overwritten(browser: FlaskClient, session: Session) -> None:
    template = saved(session, browser)
    address, seen = f"{PAGE}/{template.id}", template.version
    press(browser, "save", address, version=seen, name="Cudzy")

    answer = press(browser, "save", address, version=seen, name="Mój")

    session.rollback()
    assert answer.status_code == 409
    assert "W międzyczasie" in answer.text
    assert 'value="Mój"' in answer.text
    assert [each.name for each in list_templates(session)] == ["Cudzy"]
    now = re.search(r'name="seen_version" value="(\d+)"', answer.text)
    assert now
    again = press(browser, "overwrite", address, version=seen, seen_version=now[1], name="Mój")
    session.rollback()
    assert again.status_code == 303
    assert [each.name for each in list_templates(session)] == ["Mój"]


def test_preview_is_made_of_the_unsaved_form_without_allegro(browser: FlaskClient, host: Host) -> None:
    host.runtime.http_transport = None
    answer = browser.post(f"{PAGE}/preview", data=TYPED, headers={HEADER: "1"})

    assert answer.text.count("<form") == 0
    assert "<h1>Pierścionek złoty z bursztynem bałtyckim</h1>" in answer.text
    assert "<p>Z <b>bursztynem</b>.</p>" in answer.text
    assert "/product-images/0?sku=PZ-0142" in answer.text
    assert "40" in answer.text and "bajtów" in answer.text
    assert "nie jest używany" not in answer.text


def test_preview_warns_of_a_template_without_the_description(browser: FlaskClient) -> None:
    answer = browser.post(f"{PAGE}/preview", data={**TYPED, "sections.1.items.0": "<p>{sku}</p>"})

    assert "Własny opis produktu nie jest używany" in answer.text


def test_preview_never_repeats_what_allegro_would_not_take(browser: FlaskClient) -> None:
    evil = "<p onclick=x>raz<img src=x onerror=alert(1)></p><script>alert(2)</script>"
    answer = browser.post(
        f"{PAGE}/preview", data={**TYPED, "sections.0.items.0": evil}, headers={HEADER: "1"}
    )

    assert "<p>raz</p>" in answer.text
    assert "onerror" not in answer.text
    assert "alert" not in answer.text


def test_pasted_html_becomes_the_last_section_with_word_of_the_changes(browser: FlaskClient) -> None:
    pasted = '<h3>Len</h3><table><tr><td>a</td><td>b</td></tr></table><a href="/x">tu</a><img src=y>'

    answer = press(browser, "import", pasted=pasted)

    assert layouts(answer.text) == ["text-image", "text", "text"]
    assert "&lt;h2&gt;Len&lt;/h2&gt;&lt;p&gt;a – b&lt;/p&gt;&lt;p&gt;tu&lt;/p&gt;" in answer.text
    for words in ("1 link stał się", "1 tabela zmieniła się", "Pominięto 1 zdjęcie", "1 mniejszy nagłówek"):
        assert words in answer.text


def test_uploaded_picture_can_be_chosen_and_the_same_again_is_not_kept_twice(
    browser: FlaskClient, session: Session
) -> None:
    for name in ("logo.png", "C:\\inne\\logo2.png"):
        answer = press(browser, "upload", file=(io.BytesIO(a_picture()), name))
        assert answer.status_code == 200

    image = session.scalars(select(TemplateImage)).one()
    assert (image.name, image.media_type) == ("logo.png", "image/jpeg")
    assert f'value="template:{image.id}"' in answer.text
    assert browser.get(f"{PAGE}/images/{image.id}").mimetype == "image/jpeg"


@pytest.mark.parametrize("kind", ["none", "text", "cut", "gif", "small"])
def test_file_that_allegro_would_not_take_is_refused(
    browser: FlaskClient, session: Session, kind: str
) -> None:
    drawn = io.BytesIO()
    Drawing.new("RGB", (600, 600)).save(drawn, "GIF")
    small = io.BytesIO()
    Drawing.new("RGB", (80, 40)).save(small, "PNG")
    content = {
        "none": b"",
        "text": b"<svg></svg>",
        "cut": a_picture()[:40],
        "gif": drawn.getvalue(),
        "small": small.getvalue(),
    }[kind]

    answer = press(browser, "upload", file=(io.BytesIO(content), "a.jpg"))

    assert answer.status_code == 422
    assert layouts(answer.text) == ["text-image", "text"]
    assert session.scalars(select(TemplateImage)).all() == []


def test_picture_that_stands_in_a_template_is_not_removed(browser: FlaskClient, session: Session) -> None:
    press(browser, "upload", file=(io.BytesIO(a_picture()), "logo.jpg"))
    image_id = session.scalars(select(TemplateImage.id)).one()
    template = saved(session, browser, **{"sections.0.items.1": f"template:{image_id}"})

    kept = press(browser, f"forget:{image_id}", f"{PAGE}/{template.id}", version=1)
    free = {"layouts": ["text"], "sections.0.items.0": "<p>a</p>"}
    press(browser, "save", f"{PAGE}/{template.id}", version=template.version, **free)
    gone = press(browser, f"forget:{image_id}", f"{PAGE}/{template.id}", **free)

    session.rollback()
    assert "Zdjęcie zostaje" in kept.text
    assert "Zdjęcie zostało usunięte" in gone.text
    assert session.scalars(select(TemplateImage)).all() == []


def test_copy_gets_a_name_of_its_own(browser: FlaskClient, session: Session) -> None:
    template = saved(session, browser)

    for _ in range(2):
        browser.post(f"{PAGE}/{template.id}/copy")

    session.rollback()
    assert [each.name for each in list_templates(session)] == [
        "Bursztyn",
        "Bursztyn (kopia 2)",
        "Bursztyn (kopia)",
    ]


def test_template_in_use_is_not_deleted_and_its_users_are_named(
    browser: FlaskClient, session: Session, host: Host
) -> None:
    account = a_linked_account(session, host)
    template = saved(session, browser)
    template_id = template.id
    offer = Offer(
        account=account,
        sku="PZ-0142",
        external_id="PZ-0142",
        title="Pierścionek z bursztynem",
        description_template_id=template_id,
        state=OfferState.DRAFT,
        state_since=NOW,
        created_at=NOW,
        changed_at=NOW,
    )
    values = {"description_template_id": template_id}
    profile = Profile(
        account_id=account.id, scope=Scope.CATEGORY, key="1", label="Biżuteria", values=values, changed_at=NOW
    )
    session.add_all([offer, profile])
    session.commit()

    answer = browser.post(f"{PAGE}/{template_id}/delete")

    assert answer.status_code == 409
    assert "kategoria „Biżuteria” (BL)" in answer.text
    assert "Pierścionek z bursztynem" in answer.text
    assert "1 oferta" in browser.get(PAGE).text
    session.delete(offer)
    session.delete(profile)
    session.commit()
    assert browser.post(f"{PAGE}/{template_id}/delete").status_code == 303
    session.rollback()
    assert not list_templates(session)
    assert list_latest(session)[0].action == "template_deleted"


def test_pages_ask_for_the_permission_of_settings(browser: FlaskClient, host: Host) -> None:
    host.allowed = {"list_offers", "view"}

    assert browser.get(PAGE).status_code == 403
    assert press(browser, "save").status_code == 403
