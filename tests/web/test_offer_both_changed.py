"""A field that was changed here and on Allegro: two buttons, and whatever else was typed is kept."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.offers import get_offer
from allegro_module.domain.offers import OfferState
from allegro_module.domain.problems import Problem, to_json
from allegro_module.web.offer_words import side_words
from tests.web.browsing import form_in, press, words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import OFFERS, a_category, an_offer, some_terms, stored

FORM = f"{OFFERS}/1"
CHANGED: dict[str, Any] = {
    "state": OfferState.REFUSED,
    "allegro_offer_id": "18402771214",
    "allegro_status": "ACTIVE",
    "first_listed_at": NOW,
    "problems_at": NOW,
    "live": {"name": "Tytuł z Allegro", "sellingMode": {"price": {"amount": "888.00", "currency": "PLN"}}},
    "problems_json": [
        to_json(Problem("changed_on_allegro", "title", {"mine": "A", "theirs": "Tytuł z Allegro"})),
        to_json(Problem("changed_on_allegro", "price", {"mine": "1249.00 PLN", "theirs": "888.00 PLN"})),
        to_json(Problem("changed_on_allegro", "description", {"mine": "raz", "theirs": "dwa"})),
    ],
}


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    a_category(session)
    some_terms(session, account)
    an_offer(session, account, **CHANGED)
    return account


def fields(host: Host) -> list[str]:
    return [each.field for each in stored(host, 1).problems]


def test_each_conflict_shows_both_values_and_its_buttons(account: Account, browser: FlaskClient) -> None:
    page = browser.get(FORM)

    words = words_of(page)
    assert "Zmienione u nas i na Allegro" in words and "888,00 zł" in words
    assert "888.00" not in words
    assert "Zapisz zmiany na Allegro" in words and "Popraw 3 miejsca, aby wysłać zmiany" in words
    assert words.count("Zostaw moje") == 3
    assert words.count("Weź z Allegro") == 2


def test_value_of_allegro_is_taken_and_what_was_typed_elsewhere_stays(
    host: Host, account: Account, browser: FlaskClient
) -> None:
    answer = press(browser, FORM, "theirs:price", price="777", safety_text="Połknięcie grozi zadławieniem.")

    offer = stored(host, 1)
    assert answer.status_code == 200
    assert (offer.price_text, offer.safety_text) == ("888,00", "Połknięcie grozi zadławieniem.")
    assert form_in(answer.text)["price"] == "888,00"
    assert fields(host) == ["title", "description"]
    assert "Cena: wzięto z Allegro." in words_of(answer)
    history = words_of(browser.get("/backend/allegro/config/history"))
    assert "Zmiana po obu stronach: wzięto wartość z Allegro" in history


def test_own_value_is_kept_and_the_last_choice_settles_all(
    host: Host, account: Account, browser: FlaskClient
) -> None:
    for field in ("title", "price", "description"):
        press(browser, FORM, f"mine:{field}")

    offer = stored(host, 1)
    assert (offer.problems, offer.problems_at, offer.price_text) == ([], None, "1249,00")
    assert "Zmienione u nas i na Allegro" not in words_of(browser.get(FORM))


def test_conflict_is_told_until_it_is_settled_or_the_field_changes(
    host: Host, account: Account, browser: FlaskClient
) -> None:
    press(browser, FORM, "save", title="Zupełnie inny tytuł oferty")

    assert fields(host) == ["price", "description"]


@pytest.mark.parametrize(
    ("field", "raw", "words"),
    [
        ("handling_time", "PT72H", "72 godziny"),
        ("duration", "–", "do wyczerpania zapasów"),
        ("invoice", "WITHOUT_VAT", "Faktura bez VAT"),
        ("is_republished", "True", "tak"),
        ("title", "Świeca", "Świeca"),
    ],
)
def test_each_side_is_told_in_the_words_of_the_form(host: Host, field: str, raw: str, words: str) -> None:
    with host.app.test_request_context(headers={"Accept-Language": "pl"}):
        assert side_words(field, raw) == words


@pytest.mark.parametrize(
    ("theirs", "kept", "words"), [("PT72H", "P3D", "3 dni"), ("PT36H", "PT36H", "36 godzin")]
)
def test_handling_time_is_taken_as_the_list_has_it_or_as_one_more(
    host: Host,
    session: Session,
    account: Account,
    browser: FlaskClient,
    theirs: str,
    kept: str,
    words: str,
) -> None:
    offer = get_offer(session, 1)
    offer.live = {**CHANGED["live"], "delivery": {"handlingTime": theirs}}
    session.commit()

    answer = press(browser, FORM, "theirs:handling_time")

    assert stored(host, 1).handling_time == kept
    assert form_in(answer.text)["handling_time"] == kept
    assert f'<option value="{kept}" selected>{words}</option>' in answer.text
