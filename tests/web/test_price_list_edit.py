"""The editor of a delivery price list, and the choice between two changed versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.audit import list_latest
from allegro_module.db.terms import SellingTerm, TermState
from allegro_module.domain.problems import Problem
from tests.web.conftest import SETTINGS, Host, a_linked_account
from tests.web.price_list_builders import COURIER as COURIER_METHOD
from tests.web.price_list_builders import a_content, a_price_list, a_rate, an_offer_with, save_methods

PAGE = f"{SETTINGS}/price-lists"
COURIER = {
    "rates.dpd.on": "1",
    "rates.dpd.first": "13,99",
    "rates.dpd.quantity": "10",
    "rates.dpd.weight": "1,00",
}
LETTER = {
    "rates.letter.on": "1",
    "rates.letter.first": "9,50",
    "rates.letter.quantity": "10",
    "rates.letter.weight": "1,00",
}
TYPED = {"name": "Paczka do 1 kg", "type": "PHYSICAL", "dispatch_country": "PL", **COURIER, **LETTER}


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    save_methods(session)
    return a_linked_account(session, host)


def seen(browser: FlaskClient, term: SellingTerm) -> str:
    page = browser.get(f"{PAGE}/{term.id}").text
    return page.partition('name="seen" value="')[2].partition('"')[0]


def save(browser: FlaskClient, term: SellingTerm, changes: Mapping[str, str], **more: str) -> tuple[int, str]:
    sent = {**TYPED, "seen": seen(browser, term), **changes, **more}
    answer = browser.post(f"{PAGE}/{term.id}", data={name: value for name, value in sent.items() if value})
    return answer.status_code, answer.text


def the_new_one(session: Session) -> SellingTerm:
    session.rollback()
    return session.scalars(select(SellingTerm).where(SellingTerm.allegro_id.is_(None))).one()


def test_a_new_list_is_wished_for_as_allegro_wants_it(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    czech = {"rates.czech.on": "1", "rates.czech.first": "89", "rates.czech.quantity": "5"}
    letter = {**LETTER, "rates.letter.time_from": "2", "rates.letter.time_to": "4"}

    answer = browser.post(f"{PAGE}/new", data={**TYPED, **letter, **czech, "account": account.id})

    term = the_new_one(session)
    assert answer.location.endswith(f"/price-lists/{term.id}")
    assert (term.state, term.changed_by) == (TermState.WAITING, "anna.k")
    expected = a_content(
        "Paczka do 1 kg",
        a_rate(),
        a_rate("czech", "89.00", "CZK", maxQuantityPerPackage=5),
        a_rate("letter", "9.50", shippingTime={"from": "PT48H", "to": "PT96H"}),
    )
    del expected["rates"][1]["maxPackageWeight"]
    assert term.content is not None
    assert sorted(term.content["rates"], key=str) == sorted(expected["rates"], key=str)
    assert {**term.content, "rates": []} == {**expected, "rates": []}
    assert list_latest(session)[0].action == "price_list_added"


def test_mistakes_stand_at_their_fields_and_nothing_typed_is_lost(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    typed = {**TYPED, "rates.dpd.first": "22,90", "rates.letter.first": "tanio", "rates.czech.first": "99,5"}

    answer = browser.post(f"{PAGE}/new", data={**typed, "account": account.id})

    assert answer.status_code == 422
    assert "Popraw 2 miejsca, aby zapisać cennik" in answer.text
    assert '<a href="#f-rates-dpd-first">Allegro Kurier DPD, pierwsza sztuka</a>' in answer.text
    assert "22,90 zł przekracza limit Allegro, najwyżej 19,99 zł." in answer.text
    assert "Najwyżej 19,99\u00a0zł" in answer.text
    for text in ("22,90", "tanio", "99,5"):
        assert f'value="{text}"' in answer.text
    assert not session.scalars(select(SellingTerm)).all()


def test_a_taken_name_and_the_250th_list_are_refused_here(
    browser: FlaskClient, session: Session, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_price_list(session, account)
    monkeypatch.setattr("allegro_module.web.price_list_edit.PRICE_LISTS_MAX", 1)

    page = browser.post(f"{PAGE}/new", data={**TYPED, "account": account.id}).text

    assert "cennik o tej nazwie już istnieje" in page
    assert "Allegro trzyma najwyżej 1 cenników" in page


def test_an_empty_name_is_not_called_taken(browser: FlaskClient, session: Session, account: Account) -> None:
    a_price_list(session, account)

    page = browser.post(f"{PAGE}/new", data={**TYPED, "name": " ", "account": account.id}).text

    assert "już istnieje" not in page
    assert "Popraw 1 miejsce" in page


def test_a_new_list_opens_without_changes(browser: FlaskClient, account: Account) -> None:
    assert "data-al-change-count hidden>0<" in browser.get(f"{PAGE}/new").text


def test_mistakes_and_changes_stand_in_page_order_and_nothing_is_rounded(
    browser: FlaskClient, account: Account
) -> None:
    rates = {"rates.czech.on": "1", "rates.czech.first": "x", "rates.letter.first": "11,999"}
    sent = {**TYPED, **rates, "rates.dpd.first": "y", "account": account.id}

    page = browser.post(f"{PAGE}/new", data=sent).text

    places = [page.index(f'<a href="#f-rates-{each}-first">') for each in ("dpd", "letter", "czech")]
    assert places == sorted(places)
    assert "11,999\u00a0zł" in page
    assert "na przykład 11,99." in page


def test_a_method_that_is_free_says_so(browser: FlaskClient, session: Session, account: Account) -> None:
    save_methods(session, replace(COURIER_METHOD, id="free", name="Odbiór osobisty", max_rate=Decimal(0)))
    free = {"rates.free.on": "1", "rates.free.first": "5", "rates.free.quantity": "1"}

    page = browser.post(f"{PAGE}/new", data={**TYPED, **free, "account": account.id}).text

    assert "Metoda „Odbiór osobisty” jest bez opłaty: wpisz 0." in page
    assert "0,00\u00a0zł" not in page.partition("data-al-summary")[2].partition("</div>")[0]


def test_a_search_without_a_hit_says_so(browser: FlaskClient, account: Account) -> None:
    sent = {**TYPED, "account": account.id, "find": "1", "sought": "gołąb"}

    assert "data-al-no-hit>Żadna metoda nie pasuje" in browser.post(f"{PAGE}/new", data=sent).text


def test_a_change_that_touches_offers_is_confirmed_first(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account)
    an_offer_with(session, account, term.allegro_id)
    change = {"rates.dpd.first": "12,50", "rates.letter.on": ""}

    status, page = save(browser, term, change)

    session.rollback()
    assert (status, term.content) == (200, None)
    assert "Zmiana dotyczy 1 oferty" in page
    assert "13,99\u00a0zł</del>" in page
    assert "12,50\u00a0zł</ins>" in page
    assert "wyłączona</ins>" in page
    assert save(browser, term, change, back="1")[0] == 200
    assert save(browser, term, change, confirmed="1")[0] == 303
    session.rollback()
    assert term.content is not None
    assert [each["firstItemRate"]["amount"] for each in term.content["rates"]] == ["12.50"]


def test_saving_the_same_leaves_nothing_to_send(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account)

    assert save(browser, term, {})[0] == 303

    session.rollback()
    assert (term.state, term.content) == (TermState.SAME, None)


def test_two_tabs_do_not_overwrite_each_other_unseen(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account)
    old = seen(browser, term)
    save(browser, term, {"rates.dpd.first": "12,00"})

    status, page = save(browser, term, {"rates.dpd.first": "11,00", "seen": old})

    assert status == 409
    assert "anna.k zapisał(a) ten cennik w międzyczasie." in page
    assert 'value="11,00"' in page
    assert "12,00" in page
    assert save(browser, term, {"rates.dpd.first": "11,00"})[0] == 303


def test_what_allegro_refused_stands_at_its_field(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    content = a_content("Paczka", a_rate(amount="12.00"))
    term = a_price_list(session, account, content=content, state=TermState.REFUSED)
    term.remember_problems([Problem("refused", "rates.dpd.first", text="Za drogo.")])
    session.commit()

    page = browser.get(f"{PAGE}/{term.id}").text

    assert page.count("<form") == page.count("</form>") == 2
    assert 'id="f-rates-dpd-first-error"' in page
    assert "Za drogo." in page
    assert 'value="12,00"' in page


def test_the_page_follows_a_change_until_it_has_arrived(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account, content=a_content("Inna"), state=TermState.WAITING)
    fragment = {"X-Allegro-Fragment": "1"}

    waiting = browser.get(f"{PAGE}/{term.id}/status", headers=fragment)
    term.state = TermState.SAME
    session.commit()
    arrived = browser.get(f"{PAGE}/{term.id}/status", headers=fragment)

    assert "data-al-poll" in waiting.text
    assert arrived.headers["X-Allegro-Go"].endswith(f"/price-lists/{term.id}")


def test_a_vanished_method_stays_visible_until_it_is_switched_off(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account, base=a_content("Paczka do 1 kg", a_rate(), a_rate("ghost", "5.00")))

    page = browser.get(f"{PAGE}/{term.id}").text

    assert "Nieznana metoda" in page
    assert "Wyłącz tę metodę" in page
    ghost = {"rates.ghost.on": "1", "rates.ghost.first": "5,00", "rates.ghost.quantity": "10"}
    assert save(browser, term, ghost)[0] == 422
    assert save(browser, term, {})[0] == 303


def test_the_next_item_of_an_old_list_is_shown_and_never_sent(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account, details={"next_item_rates": {"dpd": "4.00", "letter": "0.00"}})

    page = browser.get(f"{PAGE}/{term.id}").text
    save(browser, term, {"rates.dpd.first": "12,00"})

    session.rollback()
    assert "Kolejna sztuka" in page
    assert ">4,00<" in page
    assert "nextItemRate" not in str(term.content)


def test_a_ready_made_list_is_only_looked_at(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account, details={"is_managed_by_allegro": True})

    page = browser.get(f"{PAGE}/{term.id}").text

    assert "Ten gotowy cennik prowadzi Allegro." in page
    assert "Zapisz i wyślij" not in page
    assert browser.post(f"{PAGE}/{term.id}", data=TYPED).status_code == 409


def test_a_duplicate_takes_everything_but_the_name(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account, "x" * 64)
    a_price_list(session, account, "x" * 56 + " - kopia")

    page = browser.get(f"{PAGE}/new?copy={term.id}").text

    assert f'value="{"x" * 54} - kopia 2"' in page
    assert 'value="13,99"' in page


def test_methods_that_do_not_fit_are_found_by_name(browser: FlaskClient, account: Account) -> None:
    sent: dict[str, Any] = {**TYPED, "dispatch_country": "CZ", "account": account.id, "find": "1"}

    assert "Allegro One Punkty" not in browser.post(f"{PAGE}/new", data=sent).text
    assert "Allegro One Punkty" in browser.post(f"{PAGE}/new", data={**sent, "sought": "one p"}).text


def test_of_two_versions_the_seller_chooses_row_by_row(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    mine = a_content("Moja", a_rate(amount="12.00"), a_rate("letter", "9.50"))
    theirs = a_content("Paczka do 1 kg", a_rate(amount="15.00"))
    term = a_price_list(session, account, content=mine, theirs=theirs, state=TermState.CONFLICT)
    address = f"{PAGE}/{term.id}/compare"

    assert browser.get(f"{PAGE}/{term.id}").location.endswith("/compare")
    page = browser.get(address).text
    for words in (
        "Było",
        "Moja zmiana",
        "Wersja z Allegro",
        "13,99\u00a0zł",
        "12,00\u00a0zł",
        "15,00\u00a0zł",
        "wyłączona",
    ):
        assert words in page
    mark = page.partition('name="mark" value="')[2].partition('"')[0]
    missing = browser.post(address, data={"mark": mark})
    assert (missing.status_code, "Wybierz jeszcze w 1 wierszu" in missing.text) == (422, True)
    browser.post(address, data={"mark": mark, "choice-rates[dpd].firstItemRate.amount": "mine"})

    session.rollback()
    assert (term.state, term.base, term.theirs) == (TermState.WAITING, theirs, None)
    assert term.content == a_content("Moja", a_rate(amount="12.00"))


def test_a_choice_between_other_versions_than_the_page_showed_is_asked_anew(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    mine, theirs = a_content("Moja", a_rate(amount="12.00")), a_content("Ich", a_rate(amount="15.00"))
    term = a_price_list(session, account, content=mine, theirs=theirs, state=TermState.CONFLICT)
    address = f"{PAGE}/{term.id}/compare"
    mark = browser.get(address).text.partition('name="mark" value="')[2].partition('"')[0]
    term.theirs = a_content("Ich", a_rate(amount="19.00"))
    session.commit()
    choices = {"mark": mark, "choice-name": "mine", "choice-rates[dpd].firstItemRate.amount": "theirs"}

    answer = browser.post(address, data=choices)

    session.rollback()
    assert (answer.status_code, term.state) == (409, TermState.CONFLICT)
    assert "19,00" in answer.text
    assert "właśnie" in answer.text
