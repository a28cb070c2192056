"""*Przypisz do ofert*: choosing, asking, following, trying again."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.audit import AuditEntry
from allegro_module.db.offer_changes import ChangeState, ItemState, OfferChange, OfferChangeItem
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.offers import OfferState
from allegro_module.domain.problems import Problem, to_json
from allegro_module.sync.change_outcomes import GONE
from allegro_module.sync.offer_changes import ask_change
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account
from tests.web.offer_builders import an_offer

CHANGES = f"{SETTINGS}/offer-changes"
CHOOSE = f"{CHANGES}/new"


@pytest.fixture
def account(host: Host, session: Session) -> Account:
    account = a_linked_account(session, host)
    for kind, allegro_id, name in (
        (TermKind.SHIPPING_RATE, "sr-1", "Kurier i punkty"),
        (TermKind.SHIPPING_RATE, "sr-2", "Tylko paczkomaty"),
        (TermKind.RESPONSIBLE_PRODUCER, "rp-1", "Pracownia Bursztynu"),
    ):
        session.add(
            SellingTerm(account_id=account.id, kind=kind, allegro_id=allegro_id, name=name, fetched_at=NOW)
        )
    session.commit()
    return account


def listed(session: Session, account: Account, number: int = 1, **changes: Any) -> int:
    values: dict[str, Any] = {
        "sku": f"PZ-{number}",
        "external_id": f"PZ-{number}",
        "title": f"Pierścionek numer {number}",
        "allegro_offer_id": f"1700000{number:04d}",
        "state": OfferState.ACTIVE,
        "shipping_rate_id": "sr-1",
        **changes,
    }
    return an_offer(session, account, **values).id


def changes_of(session: Session) -> list[OfferChange]:
    session.rollback()
    return list(session.scalars(select(OfferChange).order_by(OfferChange.id)))


def asked_offers(session: Session, change: OfferChange) -> set[int]:
    return {item.offer_id for item in change.items}


def test_the_page_shows_offers_on_allegro_with_what_they_have_now(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    listed(session, account)
    listed(session, account, 2, shipping_rate_id="sr-2", state=OfferState.ENDED)
    listed(session, account, 3, title="Szkic", allegro_offer_id=None, state=OfferState.DRAFT)

    page = browser.get(f"{CHOOSE}?field=shipping_rate_id&value=sr-2").text

    assert "Przypisz do ofert" in page
    assert "Pierścionek numer 1" in page and "Pierścionek numer 2" in page
    assert "Szkic" not in page
    assert page.count("już to ma") == 1
    assert "Cennik dostawy: „Tylko paczkomaty”" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=numer+2", [2]),
        ("q=pz-1", [1]),
        ("q=17000000002", [2]),
        ("q=100%25", []),
        ("field=shipping_rate_id&present=sr-2", [2]),
        ("field=responsible_producer_id&present=-", [1]),
    ],
)
def test_offers_are_found_by_words_and_by_their_present_value(
    session: Session, account: Account, browser: FlaskClient, query: str, found: list[int]
) -> None:
    listed(session, account, 1, responsible_producer_id=None)
    listed(session, account, 2, shipping_rate_id="sr-2", responsible_producer_id="rp-1")

    page = browser.get(f"{CHOOSE}?{query}").text

    assert [number for number in (1, 2) if f">Pierścionek numer {number}<" in page] == found


def test_ticked_offers_are_asked_for_and_the_seller_sees_how_far_it_is(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    first, second = listed(session, account), listed(session, account, 2)

    answer = confirmed(browser, {"account": account.id, "to": "shipping_rate_id:sr-2", "offer": [first]})

    change = changes_of(session)[0]
    assert (change.field, change.value, change.label, change.asked_by) == (
        "shipping_rate_id",
        "sr-2",
        "Tylko paczkomaty",
        "anna.k",
    )
    assert asked_offers(session, change) == {first}
    assert second not in asked_offers(session, change)
    page = browser.get(answer.location).text
    assert "Czeka na wysłanie" in page
    assert "data-al-poll" in page
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.details) == (
        "offers_changed",
        {"shipping_rate_id": "Tylko paczkomaty", "offers": "1"},
    )


def test_all_matching_offers_means_those_of_other_pages_too(
    session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allegro_module.web.offer_change_choice.ROWS", 2)
    wanted = {listed(session, account, number) for number in range(1, 6)}
    listed(session, account, 9, shipping_rate_id="sr-2")

    page = browser.get(f"{CHOOSE}?field=shipping_rate_id&value=sr-2&present=sr-1").text
    confirmed(
        browser,
        {"account": account.id, "to": "shipping_rate_id:sr-2", "present": "sr-1", "all": "1"},
    )

    assert "wszystkie 5 pasujących" in page
    assert 'rel="next"' in page
    assert asked_offers(session, changes_of(session)[0]) == wanted


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"to": "shipping_rate_id:sr-2"}, "Zaznacz oferty"),
        ({"to": "shipping_rate_id:foreign", "offer": "1"}, "musi to być na Allegro"),
        ({"offer": "1"}, "musi to być na Allegro"),
        ({"to": "title:x", "offer": "1"}, "musi to być na Allegro"),
        ({"to": "shipping_rate_id:sr-2", "offer": "999"}, "Zaznacz oferty"),
    ],
)
def test_a_choice_that_lacks_something_changes_nothing_and_loses_nothing(
    session: Session, account: Account, browser: FlaskClient, data: dict[str, str], words: str
) -> None:
    listed(session, account)

    answer = browser.post(CHANGES, data={"account": account.id, "q": "numer", **data})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="numer"' in answer.text
    assert changes_of(session) == []


def test_results_stand_at_each_offer_and_failed_ones_are_tried_again(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    good, bad = listed(session, account), listed(session, account, 2)
    change = finished(session, account, {good: None, bad: Problem("X", text="Cennik nie pasuje do oferty.")})

    page = browser.get(f"{CHANGES}/{change}").text
    answer = browser.post(f"{CHANGES}/{change}/again")

    assert "Nie wszystkie oferty zmienione" in page
    assert "Cennik nie pasuje do oferty." in page
    assert "Pierścionek numer 1" not in page, "the failed ones come first"
    assert "Pierścionek numer 1" in browser.get(f"{CHANGES}/{change}?tab=done").text
    repeated = changes_of(session)[-1]
    assert answer.location.endswith(f"/{repeated.id}")
    assert asked_offers(session, repeated) == {bad}


def test_what_cannot_be_known_any_more_is_said_honestly(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    change_id = asked(session, account, [listed(session, account)])
    change = session.get_one(OfferChange, change_id)
    change.state, change.trouble = ChangeState.FAILED, GONE
    session.commit()

    page = browser.get(f"{CHANGES}/{change_id}").text

    assert "Wynik nieznany" in page
    assert "przez 7 dni" in page
    assert "Spróbuj ponownie" in page


def test_a_change_under_way_is_not_asked_for_twice(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    change = asked(session, account, [listed(session, account)])

    browser.post(f"{CHANGES}/{change}/again")

    assert len(changes_of(session)) == 1


def test_the_fragment_is_the_progress_alone(session: Session, account: Account, browser: FlaskClient) -> None:
    change = asked(session, account, [listed(session, account)])

    answer = browser.get(f"{CHANGES}/{change}", headers={"X-Allegro-Fragment": "1"})

    assert answer.text.lstrip().startswith('<section class="al-stack" id="change"')


def test_pages_ask_few_statements_however_long_the_history(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offers = [listed(session, account, number) for number in range(1, 12)]
    for _ in range(12):
        finished(session, account, dict.fromkeys(offers))
    change = asked(session, account, offers)
    statements: list[str] = []
    event.listen(host.runtime.db.engine, "before_cursor_execute", lambda *what: statements.append(what[2]))

    for address in (f"{CHOOSE}?field=shipping_rate_id&value=sr-2", CHANGES, f"{CHANGES}/{change}"):
        statements.clear()
        assert browser.get(address).status_code == 200
        assert len(statements) <= 6, (address, statements)


def test_without_an_account_the_pages_say_what_to_do(browser: FlaskClient) -> None:
    assert "Najpierw powiąż konto" in browser.get(CHOOSE).text
    assert "Najpierw powiąż konto" in browser.get(CHANGES).text


@pytest.mark.parametrize("address", [f"{CHANGES}/77", f"{CHOOSE}?account=77", f"{CHOOSE}?before=-1"])
def test_what_does_not_exist_is_not_found(account: Account, browser: FlaskClient, address: str) -> None:
    assert browser.get(address).status_code == 404


def test_whoever_may_not_list_offers_may_not_change_them(
    host: Host, account: Account, browser: FlaskClient
) -> None:
    host.allowed = {"allegro.view"}

    assert browser.get(CHOOSE).status_code == 403
    assert browser.post(CHANGES).status_code == 403


def confirmed(browser: FlaskClient, data: dict[str, Any]) -> Any:
    """The second press, after the page that says what will change."""
    page = browser.post(CHANGES, data=data).text
    mark = page.partition('name="confirmed" value="')[2].partition('"')[0]
    return browser.post(CHANGES, data={**data, "confirmed": mark})


def test_what_will_change_is_said_before_anything_is_sent(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    ids = [listed(session, account), listed(session, account, 2), listed(session, account, 3)]
    same = listed(session, account, 4, shipping_rate_id="sr-2")
    wish: dict[str, Any] = {"account": account.id, "to": "shipping_rate_id:sr-2", "offer": [*ids, same]}

    page = browser.post(CHANGES, data=wish).text
    back = browser.post(CHANGES, data={**wish, "back": "1"}).text
    old = browser.post(CHANGES, data={**wish, "confirmed": "0" * 16}).text

    assert changes_of(session) == []
    for words in (
        "Zmiana dotyczy 4 ofert",
        "3 oferty<br>",
        "Kurier i punkty</del>",
        "Tylko paczkomaty</ins>",
    ):
        assert words in page
    assert page.count("już to ma") == 1
    assert "Zmień 4 oferty" in old
    assert back.count("data-al-pick checked") == 4
    assert confirmed(browser, wish).status_code == 303
    assert len(changes_of(session)) == 1


def test_pages_lead_back_and_an_empty_list_has_one_way_on(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    empty = browser.get(CHANGES).text
    change = asked(session, account, [listed(session, account)])

    assert empty.count("Przypisz do ofert") == 1
    for address in (CHOOSE, CHANGES, f"{CHANGES}/{change}"):
        assert f'href="{SETTINGS}/price-lists' in browser.get(address).text


def asked(session: Session, account: Account, offer_ids: list[int]) -> int:
    change = ask_change(
        session, account.id, "shipping_rate_id", "sr-2", "Tylko paczkomaty", offer_ids, "anna.k", NOW
    )
    session.commit()
    return change.id


def finished(session: Session, account: Account, outcomes: dict[int, Problem | None]) -> int:
    change = session.get_one(OfferChange, asked(session, account, list(outcomes)))
    change.state = ChangeState.DONE
    change.failed = sum(problem is not None for problem in outcomes.values())
    change.succeeded = change.size - change.failed
    for item in session.scalars(select(OfferChangeItem).where(OfferChangeItem.change_id == change.id)):
        problem = outcomes[item.offer_id]
        item.state = ItemState.FAIL if problem else ItemState.SUCCESS
        item.problems = [to_json(problem)] if problem else []
    session.commit()
    return change.id
