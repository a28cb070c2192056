"""Section *Zdjęcia* of the offer form without scripts: adding, order, the main one, declarations."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from allegro_module.db.accounts import Account
from allegro_module.db.offer_images import OfferImage
from allegro_module.domain.offers import OfferState
from allegro_module.domain.problems import Problem, to_json
from allegro_module.web.forms.offer_content import moved, read_pictures
from allegro_module.web.fragments import HEADER
from tests.memory_shop import a_picture
from tests.web.browsing import errors_at, form_in, press, words_of
from tests.web.conftest import Host, a_linked_account
from tests.web.offer_builders import OFFERS, a_category, an_offer, some_terms, stored

FORM = f"{OFFERS}/1"
IMAGES = f"{FORM}/images"
ADDRESS = "https://zdjecia.bursztyn.pl/pierscionek.jpg"


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    a_category(session)
    some_terms(session, account)
    return account


def add(
    browser: FlaskClient,
    files: Sequence[tuple[bytes, str]] = (),
    *,
    address: str = "",
    fragment: bool = False,
    **typed: str,
) -> TestResponse:
    """Choose files, press *Dodaj zdjęcia*: the whole form goes with them."""
    sent = form_in(browser.get(FORM).text).to_dict(flat=False)
    fields = {**sent, **typed, "image_address": address, "action": "address" if address else "upload"}
    data = {**fields, "files": [(io.BytesIO(content), name) for content, name in files]}
    headers = {HEADER: "1"} if fragment else {}
    return browser.post(IMAGES, data=data, content_type="multipart/form-data", headers=headers)


def test_pictures_from_the_disk_join_the_others_and_what_was_typed_is_kept(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    answer = add(
        browser, [(a_picture(kind="PNG"), "bok.png"), (a_picture(), "tył.jpg")], title="Nowy tytuł oferty"
    )

    assert answer.status_code == 200
    offer = stored(host, 1)
    assert offer.images == ["ring-1", "ring-2", "ring-3", "upload:1", "upload:2"]
    assert offer.title == "Nowy tytuł oferty"
    assert "5 z najwyżej 16" in words_of(answer)
    assert browser.get(f"{OFFERS}/kept-images/1").mimetype == "image/jpeg"


def test_same_picture_again_adds_nothing(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    add(browser, [(a_picture(), "bok.jpg")])
    add(browser, [(a_picture(), "jeszcze raz.jpg")])

    assert stored(host, 1).images == ["ring-1", "ring-2", "ring-3", "upload:1"]
    assert len(session.scalars(select(OfferImage)).all()) == 1


def test_files_that_are_no_pictures_are_named_at_the_field_and_the_others_are_kept(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    files = [
        (b"To jest tekst.", "opis.jpg"),
        (a_picture(kind="PNG")[:-40], "bok.png"),
        (a_picture(300, 200), "mini.jpg"),
        (b"\xff\xd8\xff" + bytes(30_000_000), "duże.jpg"),
        (a_picture(), "dobre.jpg"),
    ]

    answer = add(browser, files, title="Nowy tytuł oferty")

    assert answer.status_code == 422
    for words in (
        "Plik „opis.jpg” nie jest pełnym zdjęciem",
        "Plik „bok.png” nie jest pełnym zdjęciem",
        "Zdjęcie „mini.jpg” jest za małe: 300 × 200 px",
        "Zdjęcie „duże.jpg” jest za duże",
    ):
        assert words in words_of(answer)
    assert stored(host, 1).images == ["ring-1", "ring-2", "ring-3", "upload:1"]
    assert stored(host, 1).title == "Nowy tytuł oferty"


def test_nothing_chosen_is_told(session: Session, account: Account, browser: FlaskClient) -> None:
    an_offer(session, account)

    assert errors_at(add(browser).text, "f-images") == ["Wybierz plik ze zdjęciem."]


def test_seventeenth_picture_is_refused_by_its_name(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    files = [(a_picture(kind="PNG", colour=(number, 0, 0)), f"{number}.png") for number in range(1, 15)]

    answer = add(browser, files)

    assert len(stored(host, 1).images) == 16
    assert errors_at(answer.text, "f-images") == [
        "Nie dodano „14.png”: oferta ma już 16 zdjęć. Najpierw pomiń któreś z nich."
    ]
    # The refusal is of that deed: the next saving no longer tells it.
    assert errors_at(press(browser, FORM, "save", fragment=True).text, "f-images") == []


def test_picture_by_address_is_kept_and_never_fetched_by_the_shop(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    answer = add(browser, address=ADDRESS)

    assert answer.status_code == 200
    assert stored(host, 1).images[-1] == ADDRESS
    assert "z zdjecia.bursztyn.pl" in words_of(answer)
    assert f'src="{ADDRESS}' not in answer.text
    assert 'id="f-image_address" name="image_address" maxlength="500" value=""' in answer.text


def test_wrong_address_stays_in_its_field_with_the_reason(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    told = [
        errors_at(add(browser, address=address).text, "f-image_address")
        for address in ("http://bursztyn.pl/1.jpg", "https://10.0.0.7/1.jpg", "https://localhost/1.jpg")
    ]

    assert told == [
        ["Wpisz adres, który zaczyna się od https://."],
        ["Wpisz adres z domeną: Allegro nie przyjmuje adresów IP."],
        ["Sprawdź adres: publiczna domena i ścieżka zdjęcia, bez loginu i portu."],
    ]
    assert 'value="https://localhost/1.jpg"' in add(browser, address="https://localhost/1.jpg").text
    assert stored(host, 1).images == ["ring-1", "ring-2", "ring-3"]


def test_posted_picture_that_nobody_added_is_not_taken(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    press(
        browser, FORM, "save", images=["ring-1", "upload:77", "https://zly.pl/x.jpg"], ai_images=["upload:77"]
    )

    assert (stored(host, 1).images, stored(host, 1).ai_images) == (["ring-1"], [])


@pytest.mark.parametrize(
    ("deed", "order"),
    [
        ("main-2", ["ring-3", "ring-1", "ring-2"]),
        ("earlier-2", ["ring-1", "ring-3", "ring-2"]),
        ("later-0", ["ring-2", "ring-1", "ring-3"]),
        ("later-2", ["ring-1", "ring-2", "ring-3"]),
        ("earlier-0", ["ring-1", "ring-2", "ring-3"]),
        ("main-9", ["ring-1", "ring-2", "ring-3"]),
        ("sideways-1", ["ring-1", "ring-2", "ring-3"]),
        ("", ["ring-1", "ring-2", "ring-3"]),
    ],
)
def test_a_deed_puts_pictures_in_order(deed: str, order: list[str]) -> None:
    sent = MultiDict([("images", "ring-1"), ("images", "ring-2"), ("images", "ring-3")])

    assert read_pictures(moved(sent, deed), ["ring-1", "ring-2", "ring-3"])[0] == tuple(order)


def test_left_out_picture_becomes_the_main_one_at_once(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, images=["ring-1", "ring-2"])

    answer = press(browser, FORM, "move:main-2", title="Nowy tytuł oferty")

    assert answer.status_code == 200
    assert stored(host, 1).images == ["ring-3", "ring-1", "ring-2"]
    assert stored(host, 1).title == "Nowy tytuł oferty"


def test_added_picture_that_is_removed_is_gone_and_a_product_s_stays_to_be_taken_in_again(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    add(browser, [(a_picture(), "bok.jpg")])

    press(browser, FORM, "save", left_out=["upload:1", "ring-2"])

    page = browser.get(FORM).text
    assert 'name="images" value="upload:1"' not in page
    assert 'name="images" value="ring-2"' in page


def test_declaration_of_ai_is_kept_with_its_picture(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    press(browser, FORM, "save", ai_images=["ring-2"])
    press(browser, FORM, "move:main-1")

    assert (stored(host, 1).images[0], stored(host, 1).ai_images) == ("ring-2", ["ring-2"])
    assert 'name="ai_images" value="ring-2" checked' in browser.get(FORM).text


def test_picture_that_allegro_refused_is_marked_with_its_words(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    refused = Problem("ImageTooSmallException", "images.1", {"number": "2"}, "Zdjęcie jest za małe.")
    an_offer(session, account, state=OfferState.REFUSED, problems_json=[to_json(refused)])

    page = browser.get(FORM)

    tile = page.text.partition('data-al-field="images.1"')[2].partition("</li>")[0]
    assert "Zdjęcie jest za małe." in tile
    assert "Zdjęcie 2 : Zdjęcie jest za małe." in words_of(page)


def test_with_scripts_only_the_section_and_what_stands_beside_is_answered(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    answer = add(browser, [(a_picture(), "bok.jpg")], fragment=True)

    assert answer.status_code == 200
    assert 'id="section-4" open' in answer.text
    assert 'id="offer-saved"' in answer.text
    assert 'id="f-title"' not in answer.text


def test_pictures_chosen_while_somebody_else_saved_are_not_lost(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    sent = form_in(browser.get(FORM).text).to_dict(flat=False)
    press(browser, FORM, "save", title="Pierścionek złoty od Basi")

    data = {**sent, "action": "upload", "files": [(io.BytesIO(a_picture()), "bok.jpg")]}
    answer = browser.post(IMAGES, data=data, content_type="multipart/form-data")

    assert answer.status_code == 409
    assert 'name="images" value="upload:1"' in answer.text
    assert stored(host, 1).images == ["ring-1", "ring-2", "ring-3"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"left_out": ["ring-2"]}, []),
        ({"left_out": ["ring-1"]}, ["images.0"]),
        ({"images": ["ring-2", "ring-1", "ring-3"]}, ["images.0"]),
        ({"title": "Nowy tytuł tej oferty"}, ["images.1"]),
    ],
)
def test_what_allegro_said_of_a_picture_goes_with_the_picture(
    host: Host,
    session: Session,
    account: Account,
    browser: FlaskClient,
    change: dict[str, Any],
    told: list[str],
) -> None:
    refused = Problem("ImageTooSmallException", "images.1", {"number": "2"}, "Zdjęcie jest za małe.")
    an_offer(session, account, state=OfferState.REFUSED, problems_json=[to_json(refused)])

    answer = press(browser, FORM, "save", **change)

    session.rollback()
    assert [each.field for each in stored(host, 1).problems] == told
    assert ("Zdjęcie jest za małe." in answer.text) is bool(told)
