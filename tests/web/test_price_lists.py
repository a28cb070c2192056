"""The page *Cenniki dostawy* and the deeds of its lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.audit import list_latest
from allegro_module.db.profiles import find_profile
from allegro_module.db.terms import SellingTerm, TermState
from allegro_module.domain.offers import OfferState
from allegro_module.domain.profiles import Scope
from allegro_module.runtime import Runtime
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account
from tests.web.price_list_builders import (
    COURIER,
    a_content,
    a_price_list,
    a_rate,
    an_offer_with,
    save_methods,
)

PAGE = f"{SETTINGS}/price-lists"


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    return a_linked_account(session, host)


def rows_of(page: str) -> list[str]:
    return page.split("<tr role=")[2:]


def test_without_an_account_the_way_to_one_is_shown(browser: FlaskClient) -> None:
    assert "Przejdź do ustawień konta" in browser.get(PAGE).text


def test_a_line_says_what_the_list_is_and_who_uses_it(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    save_methods(session)
    a_price_list(session, account, base=a_content("Paczka", a_rate(), a_rate("letter", "9.50")))
    for number in range(3):
        an_offer_with(session, account, "id-Paczka do 1 kg", number)
    an_offer_with(session, account, "id-Paczka do 1 kg", 9).state = OfferState.ENDED
    session.commit()

    page = browser.get(PAGE).text

    assert "1 z 250 cenników" in page
    for words in ("własny", "fizyczna", "Polska", ">2<", "3 oferty", "w limicie", "Zgodny", "tomek"):
        assert words in page


def test_states_and_kinds_bring_their_own_deeds(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    save_methods(session, replace(COURIER, max_rate=None))
    a_price_list(session, account, "A gotowy", details={"is_managed_by_allegro": True})
    a_price_list(session, account, "B oba", state=TermState.CONFLICT, content=a_content("B"))
    a_price_list(
        session, account, "C nowy", allegro_id=None, base=None, content=a_content("C"), state="refused"
    )
    a_price_list(session, account, "D ukryty", is_archived=True)

    ready, both, new = rows_of(browser.get(PAGE).text)

    assert "Edytuj na Allegro" in ready
    assert "/moje-allegro/sprzedaz/ustawienia-dostawy" in ready
    assert "Porównaj" in both
    assert "/compare" in both
    assert "Spróbuj ponownie" in new
    assert "Usuń" in new
    assert "Ukryj" not in new
    assert "D ukryty" in browser.get(f"{PAGE}?hidden=1").text


def test_a_price_over_a_lowered_limit_is_told(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    save_methods(session)
    a_price_list(session, account, base=a_content("Paczka", a_rate(amount="22.00")))

    assert "1 cena ponad limit" in browser.get(PAGE).text


def test_250_lists_are_read_in_few_statements(
    host: Host, browser: FlaskClient, session: Session, account: Account
) -> None:
    save_methods(session)
    kept = {"kind": "shipping_rate", "base": a_content(), "state": TermState.SAME, "fetched_at": NOW}
    session.add_all(
        SellingTerm(account_id=account.id, allegro_id=f"id-{number}", name=f"Cennik {number}", **kept)
        for number in range(250)
    )
    session.commit()
    statements: list[str] = []
    engine = host.runtime.db.engine
    event.listen(engine, "before_cursor_execute", lambda *what: statements.append(what[2]))

    page = browser.get(PAGE).text

    assert len(statements) <= 5
    assert len(rows_of(page)) == 50
    last = browser.get(f"{PAGE}?page=5").text
    assert page.index(">Cennik 2<") < page.index(">Cennik 10<")
    assert ">Cennik 249<" in last
    assert "5 / 5" in last
    found = rows_of(browser.get(f"{PAGE}?q=cennik+24").text)
    assert len(found) == 13
    assert "Żaden cennik nie ma takiej nazwy." in browser.get(f"{PAGE}?q=nic").text
    assert "Dodaj cennik" not in page
    assert "Wykorzystano wszystkie 250 cenników" in page


def test_a_withdrawn_method_is_told_on_the_list(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    save_methods(session, gone="letter")
    a_price_list(session, account)

    assert "1 metoda wycofana" in browser.get(PAGE).text


def test_the_head_is_swapped_with_the_list(browser: FlaskClient, account: Account) -> None:
    assert 'id="price-lists-count"' in browser.get(PAGE, headers={"X-Allegro-Fragment": "1"}).text


def test_fetching_rings_a_job_and_the_page_waits_for_it(
    browser: FlaskClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []

    def ring(runtime: Runtime, account_id: int) -> bool:
        rung.append(account_id)
        return True

    monkeypatch.setattr("allegro_module.web.price_lists.ring_fetch_terms", ring)

    answer = browser.post(f"{PAGE}/fetch", data={"account": account.id})

    assert rung == [account.id]
    assert "data-al-poll" in browser.get(answer.location).text


def test_without_the_queue_the_seller_is_told(browser: FlaskClient, account: Account) -> None:
    answer = browser.post(f"{PAGE}/fetch", data={"account": account.id}, follow_redirects=True)

    assert "Kolejka zadań nie odpowiada" in answer.text
    assert "data-al-poll" not in answer.text


def test_a_list_becomes_the_default_of_new_offers(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account)

    browser.post(f"{PAGE}/{term.id}/do", data={"deed": "default"})

    session.rollback()
    profile = find_profile(session, account.id, Scope.ACCOUNT)
    assert profile is not None
    assert profile.values == {"shipping_rate_id": term.allegro_id}
    assert "domyślny dla BL" in browser.get(PAGE).text


def test_hiding_changes_nothing_on_allegro_and_is_noted(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account)

    browser.post(f"{PAGE}/{term.id}/do", data={"deed": "hide"})

    session.rollback()
    assert (term.is_archived, term.state, term.content) == (True, TermState.SAME, None)
    assert list_latest(session)[0].action == "price_list_hidden"
    browser.post(f"{PAGE}/{term.id}/do", data={"deed": "show"})
    session.rollback()
    assert not term.is_archived


def test_only_a_list_that_never_reached_allegro_is_deleted(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    new = a_price_list(session, account, "Nowy", allegro_id=None, base=None, content=a_content("Nowy"))
    new.state = TermState.REFUSED
    changed = a_price_list(session, account, "Stary", content=a_content("Inny"), state=TermState.WAITING)
    new_id = new.id

    for term in (new, changed):
        browser.post(f"{PAGE}/{term.id}/do", data={"deed": "discard"})

    session.expire_all()
    assert session.get(SellingTerm, new_id) is None
    assert (changed.content, changed.state) == (None, TermState.SAME)


def test_a_refused_list_is_tried_once_more(browser: FlaskClient, session: Session, account: Account) -> None:
    term = a_price_list(session, account, content=a_content("Inny"), state=TermState.REFUSED)

    browser.post(f"{PAGE}/{term.id}/do", data={"deed": "again"})

    session.rollback()
    assert term.state == TermState.WAITING


def test_a_foreign_id_and_an_unknown_deed_are_missing_pages(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    term = a_price_list(session, account)

    assert browser.get(f"{PAGE}/999").status_code == 404
    assert browser.post(f"{PAGE}/{term.id}/do", data={"deed": "burn"}).status_code == 404
    assert browser.get(f"{PAGE}?account=77").status_code == 404
