"""The page *Warunki* and the editors of returns, complaints and guarantees."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.audit import list_latest
from allegro_module.db.profiles import find_profile
from allegro_module.db.schedule import ScheduledTask
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.problems import Problem
from allegro_module.domain.profiles import Scope
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.web.fragments import GO_HEADER, HEADER
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account
from tests.web.offer_builders import an_offer

PAGE = f"{SETTINGS}/terms"
ADDRESS = {
    "name": "Bursztyn i Len",
    "street": "ul. Mariacka 12",
    "postCode": "80-833",
    "city": "Gdańsk",
    "countryCode": "PL",
}
RETURNS: dict[str, Any] = {
    "name": "Zwroty 30 dni",
    "isFulfillment": False,
    "availability": {"range": "FULL"},
    "withdrawalPeriod": "P30D",
    "returnCost": {"coveredBy": "BUYER"},
    "address": ADDRESS,
    "contact": {"email": "zwroty@sklep.example", "phoneNumber": "583000000"},
    "options": {
        "cashOnDeliveryNotAllowed": True,
        "freeAccessoriesReturnRequired": False,
        "refundLoweredByReceivedDiscount": False,
        "businessReturnAllowed": True,
        "collectBySellerOnly": False,
    },
}
TYPED = {
    "name": "Zwroty 30 dni",
    "availability": "FULL",
    "withdrawalPeriod": "30",
    "returnCost.coveredBy": "BUYER",
    **{f"address.{name}": value for name, value in ADDRESS.items()},
    "contact.email": "zwroty@sklep.example",
    "contact.phoneNumber": "583000000",
    "options.cashOnDeliveryNotAllowed": "1",
    "options.businessReturnAllowed": "1",
}
COMPLAINTS = {
    "name": "Reklamacje",
    "individual.period": "2",
    "corporate.period": "2",
    "description": "Pierwsza linia\r\nDruga",
    **{f"address.{name}": value for name, value in ADDRESS.items()},
}
GUARANTEE = {
    "name": "Gwarancja",
    "type": "MANUFACTURER",
    "individual.period": "24",
    "corporate.lifetime": "1",
}


@pytest.fixture
def account_id(session: Session, host: Host) -> int:
    return a_linked_account(session, host).id


def a_term(session: Session, account_id: int, kind: TermKind = TermKind.RETURN_POLICY, **changes: Any) -> int:
    """Read from Allegro, unless said otherwise; committed."""
    usual = {
        "allegro_id": f"{kind}-1",
        "name": "Zwroty 30 dni",
        "base": RETURNS if kind == TermKind.RETURN_POLICY else None,
        "state": TermState.SAME,
        "fetched_at": NOW,
        "details": {},
    }
    term = SellingTerm(account_id=account_id, kind=kind, **{**usual, **changes})
    session.add(term)
    session.commit()
    return term.id


def the_term(session: Session, term_id: int) -> SellingTerm:
    session.rollback()
    session.expire_all()
    return session.get_one(SellingTerm, term_id)


def mark_in(page: str) -> str:
    return page.split('name="mark" value="')[1].split('"')[0]


def saved(browser: FlaskClient, term_id: int, **typed: str) -> Any:
    mark = mark_in(browser.get(f"{PAGE}/{term_id}").text)
    return browser.post(f"{PAGE}/{term_id}", data={**TYPED, "mark": mark, **typed})


def test_without_an_account_the_way_to_one_is_shown(browser: FlaskClient) -> None:
    assert "Przejdź do ustawień konta" in browser.get(PAGE).text


def test_page_tells_what_each_says_and_where_it_stands(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    a_term(session, account_id)
    a_term(session, account_id, TermKind.WARRANTY, name="Gwarancja producenta", state=TermState.GONE)

    page = browser.get(PAGE).text

    for words in (
        "30 dni, koszt: kupujący",
        ">Zgodny<",
        "Gwarancja producenta",
        "treść jeszcze niepobrana",
        "Nie ma go na Allegro",
        "To konto nie może jeszcze sprzedawać.",
        "cennik dostawy",
        "warunki reklamacji",
    ):
        assert words in page


def test_nothing_is_called_missing_before_the_first_fetch(browser: FlaskClient, account_id: int) -> None:
    page = browser.get(PAGE).text

    assert "Nic jeszcze nie pobrano z Allegro." in page
    assert "To konto nie może jeszcze sprzedawać." not in page


def test_page_takes_few_statements_however_many_terms_there_are(
    browser: FlaskClient, session: Session, account_id: int, host: Host
) -> None:
    for number in range(30):
        a_term(session, account_id, allegro_id=str(number), name=f"Zwroty {number}")
    statements: list[str] = []
    event.listen(host.runtime.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    browser.get(PAGE)

    assert len([each for each in statements if each.startswith("SELECT")]) <= 8


def test_new_form_proposes_what_the_law_asks_for_at_a_known_address(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    a_term(session, account_id)

    page = browser.get(f"{PAGE}/new/implied_warranty?account={account_id}").text

    assert 'value="Reklamacje 2 lata"' in page
    assert 'name="individual.period" value="2"' in page
    assert 'value="ul. Mariacka 12"' in page


@pytest.mark.parametrize(
    ("kind", "typed", "content"),
    [
        (TermKind.RETURN_POLICY, TYPED, RETURNS),
        (
            TermKind.IMPLIED_WARRANTY,
            COMPLAINTS,
            {
                "name": "Reklamacje",
                "individual": {"period": "P2Y"},
                "corporate": {"period": "P2Y"},
                "address": ADDRESS,
                "description": "Pierwsza linia\nDruga",
            },
        ),
        (
            TermKind.WARRANTY,
            GUARANTEE,
            {
                "name": "Gwarancja",
                "type": "MANUFACTURER",
                "individual": {"period": "P24M", "lifetime": False},
                "corporate": {"lifetime": True},
            },
        ),
    ],
)
def test_new_terms_wait_to_be_sent_as_they_were_typed(
    browser: FlaskClient,
    session: Session,
    account_id: int,
    kind: TermKind,
    typed: dict[str, str],
    content: dict[str, Any],
) -> None:
    answer = browser.post(f"{PAGE}/new/{kind}", data={**typed, "account": account_id})

    session.rollback()
    term = session.scalars(select(SellingTerm)).one()
    assert answer.status_code == 303
    assert (term.content, term.base, term.state) == (content, None, TermState.WAITING)
    assert [entry.action for entry in list_latest(session)] == ["term_saved"]
    assert "data-al-poll" in browser.get(answer.location).text


def test_mistake_stands_at_its_field_and_nothing_typed_is_lost(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    wrong = {
        "withdrawalPeriod": "dwa tygodnie",
        "address.postCode": "80833",
        "address.street": "x" * 36,
        "contact.email": "zwroty",
        "returnCost.coveredBy": "",
    }

    answer = browser.post(f"{PAGE}/new/return_policy", data={**TYPED, **wrong, "account": account_id})

    session.rollback()
    assert answer.status_code == 422
    assert not session.scalars(select(SellingTerm)).all()
    for sentence in (
        "Wpisz czas w pełnych dniach",
        "80-831",
        "Skróć ten tekst do 35 znaków.",
        "Wpisz pełny adres e-mail",
        "Wybierz jedną z możliwości.",
    ):
        assert answer.text.count(sentence) == 2
    assert 'value="dwa tygodnie"' in answer.text
    assert 'value="80833"' in answer.text


def test_name_of_other_terms_is_refused(browser: FlaskClient, session: Session, account_id: int) -> None:
    a_term(session, account_id)

    answer = browser.post(
        f"{PAGE}/new/return_policy", data={**TYPED, "name": "zwroty  30 DNI", "account": account_id}
    )

    assert answer.status_code == 422
    assert "tę mają już inne warunki" in answer.text


def test_change_is_a_wish_beside_what_allegro_holds(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term_id = a_term(session, account_id)

    answer = saved(browser, term_id, withdrawalPeriod="14", availability="RESTRICTED:SEALED_MEDIA")

    term = the_term(session, term_id)
    assert answer.status_code == 303
    assert term.base == RETURNS
    assert term.content is not None
    assert term.content["withdrawalPeriod"] == "P14D"
    assert term.content["availability"] == {
        "range": "RESTRICTED",
        "restrictionCause": {"name": "SEALED_MEDIA"},
    }
    assert term.state == TermState.WAITING


def test_terms_without_returns_say_nothing_of_returning(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term_id = a_term(session, account_id)

    saved(browser, term_id, availability="DISABLED:PRESS", withdrawalPeriod="")

    assert the_term(session, term_id).content == {
        "name": "Zwroty 30 dni",
        "isFulfillment": False,
        "availability": {"range": "DISABLED", "restrictionCause": {"name": "PRESS"}},
        "contact": RETURNS["contact"],
    }


def test_saving_unchanged_is_no_wish(browser: FlaskClient, session: Session, account_id: int) -> None:
    term_id = a_term(session, account_id)

    saved(browser, term_id)

    assert the_term(session, term_id).state == TermState.SAME
    assert not list_latest(session)


def test_guarantee_counted_in_years_is_shown_in_months_and_keeps_its_file(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    base = {
        "name": "Gwarancja",
        "type": "SELLER",
        "individual": {"period": "P2Y", "lifetime": False},
        "corporate": {"lifetime": True},
        "attachment": {"id": "a-1", "name": "karta.pdf"},
    }
    term_id = a_term(session, account_id, TermKind.WARRANTY, name="Gwarancja", base=base)
    page = browser.get(f"{PAGE}/{term_id}").text

    browser.post(f"{PAGE}/{term_id}", data={**GUARANTEE, "attachment": "a-1", "mark": mark_in(page)})

    months = {"period": "P24M", "lifetime": False}
    assert 'name="individual.period" value="24"' in page
    assert the_term(session, term_id).content == {**base, "type": "MANUFACTURER", "individual": months}


@pytest.mark.parametrize("forged", ["a-2", "file:99", "file:x"])
def test_guarantee_names_no_file_that_it_cannot_have(
    browser: FlaskClient, session: Session, account_id: int, forged: str
) -> None:
    answer = browser.post(f"{PAGE}/new/warranty", data={**GUARANTEE, "attachment": forged})

    session.rollback()
    assert answer.status_code == 422
    assert "Tego pliku już nie ma." in answer.text
    assert session.scalars(select(SellingTerm)).all() == []


def test_file_of_a_guarantee_goes_first_and_is_named_then(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    address, pdf = f"{PAGE}/new/warranty", b"%PDF-1.7\n%%EOF\n"
    not_pdf = {**GUARANTEE, "account": account_id, "file": (BytesIO(b"GIF89a"), "karta.pdf")}
    sent = {**GUARANTEE, "account": account_id, "file": (BytesIO(pdf), "karta.pdf")}

    refused = browser.post(address, data=not_pdf)
    kept = browser.post(address, data=sent)
    page = browser.get(kept.location).text

    session.rollback()
    file, term = session.scalars(select(Attachment)).one(), session.scalars(select(SellingTerm)).one()
    assert "To musi być" in refused.text
    assert kept.status_code == 303
    assert term.content is not None
    assert term.content["attachment"] == {"id": f"file:{file.id}", "name": "karta.pdf"}
    assert page.count(f'<option value="file:{file.id}" selected>karta.pdf') == 1


def test_a_change_of_terms_in_use_is_confirmed_first(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term_id = a_term(session, account_id)
    an_offer(session, session.get_one(Account, account_id), return_policy_id="return_policy-1")

    asked = saved(browser, term_id, withdrawalPeriod="14")
    unsent = the_term(session, term_id).content
    back = saved(browser, term_id, withdrawalPeriod="14", back="1")
    confirmed = saved(browser, term_id, withdrawalPeriod="14", confirmed="1")

    assert (asked.status_code, unsent) == (200, None)
    for words in ("Zmiana dotyczy 1 oferty", "30 dni</del>", "14 dni</ins>", 'name="withdrawalPeriod"'):
        assert words in asked.text
    assert 'name="withdrawalPeriod" value="14"' in back.text
    assert confirmed.status_code == 303
    assert (the_term(session, term_id).content or {})["withdrawalPeriod"] == "P14D"


def test_contents_on_their_way_are_followed_and_names_stand_in_natural_order(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    for number in (10, 2):
        a_term(
            session,
            account_id,
            TermKind.WARRANTY,
            allegro_id=str(number),
            name=f"Gwarancja {number}",
        )
    run = {"every_seconds": 86400, "next_at": NOW, "started_at": NOW, "finished_at": NOW}
    session.add(ScheduledTask(name="fetch_terms", account_id=account_id, **run))
    session.commit()

    page = browser.get(PAGE).text

    assert page.count("pobieranie…") == 2
    assert "data-al-poll" in page
    assert page.index("Gwarancja 2<") < page.index("Gwarancja 10<")


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("return_policy", "Nowe warunki zwrotów"),
        ("implied_warranty", "Nowe warunki reklamacji"),
        ("warranty", "Nowa gwarancja"),
    ],
)
def test_new_ones_have_a_title(browser: FlaskClient, account_id: int, kind: str, title: str) -> None:
    assert f"<h1>{title}</h1>" in browser.get(f"{PAGE}/new/{kind}?account={account_id}").text


def test_large_numbers_stand_in_groups(browser: FlaskClient, account_id: int) -> None:
    typed = {**COMPLAINTS, "description": "x" * 10241, "account": account_id}

    assert "do 10\u00a0240 znaków" in browser.post(f"{PAGE}/new/implied_warranty", data=typed).text


def test_second_tab_sees_what_the_first_has_saved(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term_id = a_term(session, account_id)
    mark = mark_in(browser.get(f"{PAGE}/{term_id}").text)
    saved(browser, term_id, withdrawalPeriod="60")

    answer = browser.post(f"{PAGE}/{term_id}", data={**TYPED, "withdrawalPeriod": "14", "mark": mark})

    term = the_term(session, term_id)
    assert answer.status_code == 409
    assert "14 dni" in answer.text
    assert "60 dni" in answer.text
    assert 'name="withdrawalPeriod" value="14"' in answer.text
    assert term.content is not None
    assert term.content["withdrawalPeriod"] == "P60D"


def test_refusal_is_shown_at_the_fields_with_the_wish(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term_id = a_term(
        session, account_id, content={**RETURNS, "withdrawalPeriod": "P99D"}, state=TermState.REFUSED
    )
    term = the_term(session, term_id)
    term.remember_problems([Problem("X", "withdrawalPeriod", text="Okres jest za długi.")])
    session.commit()

    page = browser.get(f"{PAGE}/{term_id}").text

    assert page.count("Okres jest za długi.") == 2
    assert 'name="withdrawalPeriod" value="99"' in page
    assert "Allegro odrzuciło" in page


def test_content_not_read_yet_is_fetched_on_demand(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term_id = a_term(session, account_id, TermKind.IMPLIED_WARRANTY, name="Reklamacje")

    before = browser.get(f"{PAGE}/{term_id}").text
    asked = browser.get(f"{PAGE}/{term_id}?asked={int(NOW.timestamp())}").text
    term = the_term(session, term_id)
    term.base = {"name": "Reklamacje", "individual": {"period": "P2Y"}}
    session.commit()
    followed = browser.get(f"{PAGE}/{term_id}?asked={int(NOW.timestamp())}", headers={HEADER: "1"})

    assert "Pobierz treść z Allegro" in before
    assert '<form class="al-stack al-terms"' not in before
    assert "data-al-poll" not in before
    assert "data-al-poll" in asked
    assert followed.headers[GO_HEADER].endswith(f"/terms/{term_id}")


def a_conflict(session: Session, account_id: int) -> int:
    mine = {**RETURNS, "withdrawalPeriod": "P60D", "name": "Zwroty 60 dni"}
    theirs = {**RETURNS, "withdrawalPeriod": "P14D", "returnCost": {"coveredBy": "SELLER"}}
    return a_term(session, account_id, content=mine, theirs=theirs, state=TermState.CONFLICT)


def test_change_on_both_sides_is_compared_row_by_row(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term_id = a_conflict(session, account_id)
    page = browser.get(f"{PAGE}/{term_id}").text
    mark = mark_in(page)

    old = browser.post(f"{PAGE}/{term_id}/settle", data={"mark": "x", "all": "mine"})
    unsettled = browser.post(f"{PAGE}/{term_id}/settle", data={"mark": mark, "side.name": "mine"})
    chosen = {
        "mark": mark,
        "side.name": "mine",
        "side.returnCost": "theirs",
        "side.withdrawalPeriod": "theirs",
    }
    settled = browser.post(f"{PAGE}/{term_id}/settle", data=chosen)

    term = the_term(session, term_id)
    for words in ("60 dni", "14 dni", "30 dni", "sprzedawca", "Zwroty 60 dni"):
        assert words in page
    assert (old.status_code, "właśnie zmieniono" in old.text) == (409, True)
    assert unsettled.status_code == 422
    assert settled.status_code == 303
    assert term.content is not None
    assert term.base is not None
    assert term.base["withdrawalPeriod"] == "P14D"
    assert (term.content["name"], term.content["withdrawalPeriod"]) == ("Zwroty 60 dni", "P14D")
    assert term.content["returnCost"] == {"coveredBy": "SELLER"}
    assert term.state == TermState.WAITING


@pytest.mark.parametrize(("side", "state"), [("mine", TermState.WAITING), ("theirs", TermState.SAME)])
def test_one_side_can_be_taken_whole(
    browser: FlaskClient, session: Session, account_id: int, side: str, state: TermState
) -> None:
    term_id = a_conflict(session, account_id)
    mark = mark_in(browser.get(f"{PAGE}/{term_id}").text)

    browser.post(f"{PAGE}/{term_id}/settle", data={"mark": mark, "all": side})

    assert the_term(session, term_id).state == state


def test_default_is_set_shown_and_ends_with_hiding(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    term_id = a_term(session, account_id)

    browser.post(f"{PAGE}/{term_id}/default")
    session.rollback()
    profile = find_profile(session, account_id, Scope.ACCOUNT)
    page = browser.get(PAGE).text
    browser.post(f"{PAGE}/{term_id}/hide")

    assert profile is not None
    assert "domyślne</span>" in page
    assert the_term(session, term_id).is_archived
    session.refresh(profile)
    assert profile.values == {}
    assert "1 ukryte" in browser.get(PAGE).text


def test_wish_can_be_sent_again_or_given_up(browser: FlaskClient, session: Session, account_id: int) -> None:
    wish = {**RETURNS, "withdrawalPeriod": "P60D"}
    term_id = a_term(session, account_id, content=wish, state=TermState.REFUSED)
    new_id = a_term(session, account_id, allegro_id=None, base=None, content=wish, state=TermState.REFUSED)

    browser.post(f"{PAGE}/{term_id}/retry")
    retried = the_term(session, term_id).state
    browser.post(f"{PAGE}/{term_id}/drop")
    browser.post(f"{PAGE}/{new_id}/drop")

    term = the_term(session, term_id)
    assert retried == TermState.WAITING
    assert (term.content, term.state) == (None, TermState.SAME)
    assert session.get(SellingTerm, new_id) is None


def test_copy_has_a_name_of_its_own(browser: FlaskClient, session: Session, account_id: int) -> None:
    term_id = a_term(session, account_id)

    page = browser.get(f"{PAGE}/new/return_policy?account={account_id}&copy={term_id}").text

    assert 'value="Zwroty 30 dni (kopia)"' in page
    assert 'name="withdrawalPeriod" value="30"' in page


def test_terms_of_one_fulfillment_keep_being_so(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    base = {**RETURNS, "isFulfillment": True}
    term_id = a_term(session, account_id, base=base, details={"is_fulfillment": True})

    saved(browser, term_id, withdrawalPeriod="14")

    term = the_term(session, term_id)
    assert term.content is not None
    assert term.content["isFulfillment"] is True


def test_page_follows_a_fetch_until_it_has_ended(
    browser: FlaskClient, session: Session, account_id: int, host: Host
) -> None:
    task = ScheduledTask(name="fetch_terms", account_id=account_id, every_seconds=86400, next_at=NOW)
    session.add(task)
    session.commit()
    address = f"{PAGE}?asked={int(NOW.timestamp())}"

    waiting = browser.get(address).text
    task.started_at, task.finished_at = NOW, NOW + timedelta(seconds=2)
    session.commit()
    host.now = NOW + timedelta(seconds=3)

    assert "data-al-poll" in waiting
    assert "data-al-poll" not in browser.get(address).text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/new/shipping_rate"), ("GET", "/999"), ("POST", "/999/hide"), ("GET", "/new/nothing")],
)
def test_what_is_not_there_is_not_found(
    browser: FlaskClient, account_id: int, method: str, path: str
) -> None:
    assert browser.open(f"{PAGE}{path}", method=method).status_code == 404
