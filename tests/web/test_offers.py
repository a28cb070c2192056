"""The list of offers, and *Dodaj* of a product."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.domain.offers import OfferState, Step, Trouble
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem, to_json
from tests.web.browsing import words_of
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account
from tests.web.offer_builders import OFFERS, a_category, an_offer, some_terms

NEW = f"{OFFERS}/new?sku=PZ-0142"


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    some_terms(session, account)
    return account


def a_listed_offer(session: Session, account: Account, **changes: object) -> None:
    number = str(changes.pop("number", "18402771214"))
    an_offer(
        session,
        account,
        **{
            "state": OfferState.ACTIVE,
            "allegro_offer_id": number,
            "external_id": number,
            "listed_at": NOW,
            **changes,
        },
    )


# List ----------------------------------------------------------------------------------------------------


def test_a_row_says_what_it_is_and_where_it_stands_on_allegro(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    a_listed_offer(session, account, external_id="PZ-0142")

    page = browser.get(OFFERS)

    words = words_of(page)
    assert "Pierścionek złoty z bursztynem bałtyckim" in words
    assert "18 402 771 214" in words
    assert "PZ-0142" in words and "bursztyn_i_len" in words
    assert "1 249,00 zł" in words
    assert "http://simulator.test/oferta/18402771214" in page.text


STORIES = [
    (OfferState.DRAFT, {}, "zapisany dziś, 13:30 , anna.k"),
    (
        OfferState.WAITING,
        {"trouble": Trouble.UNAVAILABLE},
        "Allegro nie odpowiada. Spróbujemy ponownie sami.",
    ),
    (OfferState.WAITING, {"trouble": Trouble.NOT_CONNECTED}, "Konto trzeba powiązać ponownie"),
    (OfferState.SENDING, {"step": Step.IMAGES, "images_done": 3, "images_total": 8}, "zdjęcia: 3 z 8"),
    (OfferState.CHECKING, {"step": Step.CREATING}, "Odpowiedź Allegro zaginęła"),
    (
        OfferState.VERIFYING,
        {"next_look_at": NOW + timedelta(seconds=40)},
        "zmiana: dziś, 13:30 , następne sprawdzenie za 40 sekund",
    ),
    (OfferState.ACTIVE, {}, "zmiana: dziś, 13:30"),
    (
        OfferState.REFUSED,
        {
            "problems_json": [
                to_json(Problem("A", "title", {}, "Tytuł jest zły.")),
                to_json(Problem("B", "parameters.1", {"name": "Próba srebra"}, "Brak.")),
            ]
        },
        "2 miejsca do poprawy: Tytuł, Próba srebra",
    ),
]


@pytest.mark.parametrize(("state", "changes", "story"), STORIES)
def test_the_line_under_the_state_says_why_since_when_and_what_next(
    session: Session,
    account: Account,
    browser: FlaskClient,
    state: OfferState,
    changes: dict[str, object],
    story: str,
) -> None:
    an_offer(session, account, state=state, **changes)

    assert story in words_of(browser.get(OFFERS))


def test_tabs_count_and_filter(session: Session, account: Account, browser: FlaskClient) -> None:
    states = [OfferState.ACTIVE, OfferState.DRAFT, OfferState.DRAFT, OfferState.REFUSED, OfferState.SENDING]
    for number, state in enumerate(states):
        an_offer(session, account, state=state, external_id=f"S-{number}", title=f"Oferta numer {number}")

    everything, drafts = words_of(browser.get(OFFERS)), words_of(browser.get(f"{OFFERS}?tab=drafts"))

    tabs = "Aktywne 1 W toku 1 Szkice 2 Zaplanowane 0 Zakończone 0 Wymagają uwagi 1 Wszystkie 5"
    assert tabs in everything and tabs in drafts
    assert "Oferta numer 1" in drafts and "Oferta numer 0" not in drafts
    assert browser.get(f"{OFFERS}?tab=nonsense").status_code == 404


def test_pages_go_on_where_the_last_one_ended(
    session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allegro_module.web.offers.PAGE_SIZE", 2)
    for number in range(5):
        an_offer(session, account, external_id=f"S-{number}", title=f"Oferta numer {number}")

    first = browser.get(OFFERS)
    second = browser.get(f"{OFFERS}?tab=all&before=4")
    last = browser.get(f"{OFFERS}?tab=all&before=2")

    assert "Oferta numer 4" in words_of(first) and "Oferta numer 2" not in words_of(first)
    assert "before=4" in first.text
    assert "Oferta numer 2" in words_of(second) and "before=2" in second.text
    assert "Oferta numer 0" in words_of(last) and "Starsze" not in words_of(last)


def test_the_list_asks_again_only_while_something_is_on_its_way(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    calm = browser.get(OFFERS).text

    an_offer(session, account, state=OfferState.VERIFYING, external_id="S-2")

    assert "data-al-poll" not in calm
    assert "data-al-poll" in browser.get(OFFERS).text


def test_a_price_that_is_no_amount_is_shown_as_typed(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, price=None, price_text="abc", quantity=None, quantity_text="", images=[])

    assert "abc" in words_of(browser.get(OFFERS))


def test_without_an_account_the_list_leads_to_the_settings(browser: FlaskClient) -> None:
    assert "Nie ma jeszcze powiązanego konta." in words_of(browser.get(OFFERS))


def test_without_offers_the_list_says_where_one_adds_them(account: Account, browser: FlaskClient) -> None:
    assert "naciśnij Dodaj" in words_of(browser.get(OFFERS))


def test_the_list_leads_to_changes_of_many_offers_once_there_are_any(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    changes = f"{SETTINGS}/offer-changes"
    assert f'href="{changes}' not in browser.get(OFFERS).text

    an_offer(session, account)
    page = browser.get(OFFERS).text
    assert f'href="{changes}/new"' in page
    assert any(f'href="{changes}{end}"' in page for end in ("", "/"))
    host.allowed.discard(str(Permission.LIST_OFFERS))
    assert f'href="{changes}' not in browser.get(OFFERS).text


def test_an_empty_tab_says_that_all_is_well(session: Session, account: Account, browser: FlaskClient) -> None:
    an_offer(session, account)

    assert "Wszystkie oferty są w porządku." in words_of(browser.get(f"{OFFERS}?tab=attention"))


def test_the_form_of_a_product_that_the_shop_has_dropped_still_opens(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_category(session)
    an_offer(session, account)
    host.shop.products_by_sku.clear()
    host.shop.pictures.clear()

    page = browser.get(f"{OFFERS}/1")

    assert page.status_code == 200
    assert "nie daje się odczytać" in words_of(page) or "Zdjęcie 1" in words_of(page)


@pytest.mark.parametrize("address", ["/99999999999999999999", "?before=99999999999999999999"])
def test_a_number_no_offer_can_have_is_not_found(
    account: Account, browser: FlaskClient, address: str
) -> None:
    assert browser.get(OFFERS + address).status_code == 404
