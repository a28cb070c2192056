"""Choosing a category: our copy of the tree, and the parameters that Allegro is asked for."""

from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.catalogue import CatalogueProduct
from allegro_module.db.categories import Category
from allegro_module.domain.offers import OfferState
from allegro_module.domain.problems import Problem, to_json
from allegro_module.web.category_picker import by_path
from tests.web.browsing import form_in, press, words_of
from tests.web.conftest import NOW, Host
from tests.web.offer_builders import (
    JEWELLERY,
    OFFERS,
    RINGS,
    a_category,
    an_account_of_the_simulator,
    an_offer,
    some_terms,
    stored,
)

PICKER = f"{OFFERS}/1/category"
FORM = f"{OFFERS}/1"


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = an_account_of_the_simulator(session, host)
    some_terms(session, account)
    return account


@pytest.fixture
def tree(session: Session) -> None:
    a_category(session, None, "1", "Moda", is_leaf=False)
    a_category(session, None, "2", "Moda › Biżuteria damska", is_leaf=False, parent_id="1")
    a_category(session, None, RINGS, "Moda › Biżuteria damska › Pierścionki", parent_id="2")
    a_category(session, None, "4", "Moda › Biżuteria damska › Świeczniki", parent_id="2")
    a_category(session, None, "5", "Dom", is_leaf=False)


@pytest.fixture
def draft(session: Session, account: Account, tree: None) -> None:
    an_offer(session, account, category_id=None, parameters={})


def choose(browser: FlaskClient, category_id: str) -> int:
    return browser.post(PICKER, data={"category": category_id}).status_code


def allegro_is_down(host: Host) -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("no route", request=request)

    host.runtime.http_transport = httpx2.MockTransport(refuse)


# Finding -------------------------------------------------------------------------------------------------


def test_at_first_the_shops_own_category_is_searched_for(draft: None, browser: FlaskClient) -> None:
    page = browser.get(PICKER)

    assert 'value="Pierścionki"' in page.text
    assert "Moda › Biżuteria damska › Pierścionki" in words_of(page)
    assert "1 kategoria" in words_of(page)


@pytest.mark.parametrize("text", ["pierś", "PIERŚ", "biżuteria pier", "  moda   pierścionki "])
def test_words_are_found_anywhere_in_the_path_whatever_their_capitals(
    draft: None, browser: FlaskClient, text: str
) -> None:
    found = browser.get(PICKER, query_string={"q": text}, headers={"X-Allegro-Fragment": "1"})

    assert "Moda › Biżuteria damska › Pierścionki" in words_of(found)
    assert 'id="category-search"' not in found.text


def test_capitals_with_polish_letters_are_found_too(draft: None, browser: FlaskClient) -> None:
    assert "Świeczniki" in words_of(browser.get(PICKER, query_string={"q": "świecz"}))


def test_a_search_without_a_find_says_so_and_leaves_the_tree(draft: None, browser: FlaskClient) -> None:
    page = words_of(browser.get(PICKER, query_string={"q": "lokomotywa <b>"}))

    assert "Żadna kategoria nie ma w nazwie „lokomotywa <b>”." in page
    assert "Dom" in page


def test_the_tree_is_walked_level_by_level(draft: None, browser: FlaskClient) -> None:
    roots = browser.get(PICKER, query_string={"q": ""})
    level = browser.get(PICKER, query_string={"parent": "2"})

    assert f"{PICKER}?parent=1" in roots.text and "Świeczniki" not in words_of(roots)
    assert "Wszystkie kategorie › Moda › Biżuteria damska" in words_of(level)
    assert "Świeczniki" in words_of(level)
    assert browser.get(PICKER, query_string={"parent": "unknown"}).status_code == 200


def test_without_a_tree_the_page_waits_for_it(
    session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []

    def hear(runtime: object, account_id: int) -> bool:
        rung.append(account_id)
        return True

    monkeypatch.setattr("allegro_module.web.categories.ring_fetch_categories", hear)
    an_offer(session, account, category_id=None)

    waiting = browser.get(PICKER)
    browser.post(f"{PICKER}/tree")
    a_category(session, None)
    arrived = browser.get(f"{PICKER}?waiting=1", headers={"X-Allegro-Fragment": "1"})

    assert "Pobieranie kategorii…" in words_of(waiting)
    assert "data-al-poll" in waiting.text
    assert rung == [account.id]
    assert arrived.headers["X-Allegro-Go"] == PICKER


def test_a_queue_that_is_down_is_told(session: Session, account: Account, browser: FlaskClient) -> None:
    an_offer(session, account, category_id=None)

    answer = browser.post(f"{PICKER}/tree", follow_redirects=True)

    assert "Kolejka nie odpowiada" in words_of(answer)


# Choosing ------------------------------------------------------------------------------------------------


def test_choosing_keeps_what_was_typed_before(host: Host, draft: None, browser: FlaskClient) -> None:
    answer = press(browser, FORM, "category", title="Pierścionek złoty dla Zosi", price="abc")

    assert (answer.status_code, answer.location) == (303, PICKER)
    assert (stored(host, 1).title, stored(host, 1).price_text) == ("Pierścionek złoty dla Zosi", "abc")


def test_choosing_fetches_the_parameters_and_answers_what_the_product_tells(
    host: Host, draft: None, browser: FlaskClient
) -> None:
    status = choose(browser, RINGS)

    page = browser.get(FORM)
    assert status == 303
    assert stored(host, 1).category_id == RINGS
    assert form_in(page.text).get("parameters.206647") == "206647_3"
    assert "bo Materiał = złoto żółte" in words_of(page)
    assert "Kamień" in words_of(page)


def test_fresh_parameters_are_not_asked_for_again(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_category(session)
    an_offer(session, account, category_id=None, parameters={})
    allegro_is_down(host)

    choose(browser, RINGS)

    assert stored(host, 1).parameters["206646"]["values_ids"] == ["206646_3"]


def test_while_allegro_is_down_the_choice_is_kept_and_can_be_completed_later(
    host: Host, draft: None, browser: FlaskClient
) -> None:
    simulator = host.runtime.http_transport
    allegro_is_down(host)
    choose(browser, RINGS)
    told = words_of(browser.get(FORM))

    host.runtime.http_transport = simulator
    host.runtime._http = None
    again = press(browser, FORM, "parameters", fragment=True)

    assert stored(host, 1).category_id == RINGS
    assert "Kategoria jest wybrana, ale nie udało się pobrać jej cech. Allegro nie odpowiada." in told
    assert "Ponów" in told
    assert form_in(again.text).get("parameters.206646") == "206646_3"


def test_an_older_copy_of_the_parameters_will_do_while_allegro_is_down(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_category(session, parameters_fetched_at=NOW - timedelta(days=3))
    an_offer(session, account, category_id=None, parameters={})
    allegro_is_down(host)

    choose(browser, RINGS)

    assert form_in(browser.get(FORM).text).get("parameters.206646") == "206646_3"


@pytest.mark.parametrize("category_id", ["1", "unknown", ""])
def test_only_the_end_of_a_branch_can_be_chosen(
    host: Host, draft: None, browser: FlaskClient, category_id: str
) -> None:
    answer = browser.post(PICKER, data={"category": category_id}, follow_redirects=True)

    assert "W tej kategorii nie można wystawić oferty." in words_of(answer)
    assert stored(host, 1).category_id is None


def test_problems_with_the_old_category_go_with_it(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_category(session)
    problems = [
        Problem("X", "category_id", {}, "Kategoria nie pasuje do produktu."),
        Problem("Y", "title", {}, "Tytuł jest zły."),
    ]
    an_offer(session, account, state=OfferState.REFUSED, problems_json=[to_json(each) for each in problems])

    choose(browser, RINGS)

    assert [problem.code for problem in stored(host, 1).problems] == ["Y"]


def test_an_offer_on_its_way_keeps_its_category(
    host: Host, session: Session, account: Account, tree: None, browser: FlaskClient
) -> None:
    an_offer(session, account, state=OfferState.VERIFYING, category_id="4")

    choose(browser, RINGS)

    assert stored(host, 1).category_id == "4"
    assert browser.get(PICKER).location == FORM


# Terms ---------------------------------------------------------------------------------------------------


def test_terms_are_refreshed_from_allegro_and_what_was_typed_stays(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_category(session)
    an_offer(session, account)

    answer = press(browser, FORM, "terms", fragment=True, title="Pierścionek złoty dla Zosi")

    assert "Cenniki i warunki pobrane z Allegro." in words_of(answer)
    assert "default" in words_of(answer)
    assert stored(host, 1).title == "Pierścionek złoty dla Zosi"


def test_terms_stay_as_they_were_while_allegro_is_down(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_category(session)
    an_offer(session, account)
    allegro_is_down(host)

    answer = press(browser, FORM, "terms", title="Pierścionek złoty dla Zosi")

    assert "Allegro nie odpowiada." in words_of(answer)
    assert "Nazwa shipping_rate" in words_of(answer)
    assert stored(host, 1).title == "Pierścionek złoty dla Zosi"


def test_found_categories_stand_in_polish_order() -> None:
    found = [Category(path=path) for path in ("Torby", "Świece", "Swetry", "Łyżki", "Lustra")]

    assert [each.path for each in by_path(found)] == ["Lustra", "Łyżki", "Swetry", "Świece", "Torby"]


# Suggestions, favourites, locks -----------------------------------------------------------------------------


def test_suggestions_are_asked_of_allegro_by_a_button_and_never_while_the_page_renders(
    draft: None, browser: FlaskClient
) -> None:
    page = browser.get(PICKER)
    found = browser.post(f"{PICKER}/suggest", data={}, headers={"X-Allegro-Fragment": "1"})

    assert "pasuje do tytułu" not in words_of(page)
    assert "Moda › Biżuteria damska › Pierścionki pasuje do tytułu" in words_of(found)
    assert 'id="category-search"' not in found.text


def test_without_script_the_suggestions_come_with_the_whole_page(draft: None, browser: FlaskClient) -> None:
    page = browser.post(f"{PICKER}/suggest")

    assert "pasuje do tytułu" in words_of(page)
    assert 'id="category-search"' in page.text


def test_suggestions_that_allegro_does_not_give_are_told_calmly(
    host: Host, draft: None, browser: FlaskClient
) -> None:
    allegro_is_down(host)

    page = browser.post(f"{PICKER}/suggest")

    assert page.status_code == 200
    assert "Allegro nie odpowiada" in words_of(page)


def test_a_starred_category_stands_among_the_favourites_until_it_is_unstarred(
    draft: None, browser: FlaskClient
) -> None:
    browser.post(f"{PICKER}/star?q=pier", data={"category": RINGS, "favourite": "1"})
    starred = browser.get(PICKER, query_string={"q": ""})
    browser.post(f"{PICKER}/star", data={"category": RINGS, "favourite": "0"})

    assert "Ulubione Moda › Biżuteria damska › Pierścionki" in words_of(starred)
    assert "Ulubione" not in words_of(browser.get(PICKER, query_string={"q": ""}))


def test_the_category_chosen_last_is_offered_first(draft: None, browser: FlaskClient) -> None:
    choose(browser, "4")
    choose(browser, RINGS)

    page = words_of(browser.get(PICKER, query_string={"q": ""}))

    last_used = page.partition("Ostatnio używane")[2].partition("Poziom po poziomie")[0]
    assert last_used.index("Pierścionki") < last_used.index("Świeczniki")


def test_twelve_hours_after_the_publication_the_category_is_locked(
    session: Session, account: Account, host: Host, tree: None, browser: FlaskClient
) -> None:
    listed = {"state": OfferState.ACTIVE, "allegro_offer_id": "1234567890"}
    an_offer(session, account, first_listed_at=NOW - timedelta(hours=12), **listed)

    page = browser.get(PICKER)
    choose(browser, "4")

    assert "Kategorii nie można już zmienić." in words_of(page)
    assert stored(host, 1).category_id == RINGS
    assert "Kategorii nie można już zmienić." in words_of(browser.get(PICKER))


def test_a_deleted_category_is_told_and_its_successor_offered(
    session: Session, account: Account, tree: None, browser: FlaskClient
) -> None:
    a_category(session, None, "9", "Moda › Stara", is_leaf=False).redirect_id = "4"
    an_offer(session, account, category_id="9")

    page = words_of(browser.get(PICKER))

    assert "Allegro usunęło kategorię „Moda › Stara”." in page
    assert "jest teraz w „Moda › Biżuteria damska › Świeczniki”. Wybierz nową kategorię" in page


def test_a_requirement_to_come_and_what_the_catalogue_locks_stand_in_the_form(
    session: Session, account: Account, tree: None, browser: FlaskClient
) -> None:
    rings = session.query(Category).filter_by(allegro_id=RINGS).one()
    rings.parameters, rings.parameters_fetched_at = JEWELLERY, NOW
    optional = {"id": "99", "name": "Grawer", "type": "string", "restrictions": {"maxLength": 20}}
    rings.parameters = [*JEWELLERY, optional]
    rings.planned_changes = [{"parameter_id": "99", "from": "2026-12-04T23:00:00+00:00", "is_required": True}]
    content = {
        "id": "p-1",
        "name": "Pierścionek",
        "parameters": [{"id": "206646", "valuesIds": ["206646_3"]}],
    }
    session.add(
        CatalogueProduct(
            environment="simulator", allegro_id="p-1", category_id=RINGS, content=content, fetched_at=NOW
        )
    )
    an_offer(session, account, product_id="p-1")

    page = browser.get(FORM)

    assert "od 5.12 wymagane" in words_of(page)
    assert "Z katalogu Allegro" in words_of(page)
    assert 'name="parameters.206646"' not in page.text and 'name="parameters.206647"' in page.text
