"""Settings of accounts: names and aliases, copying, what the table says, help, views and the support box."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from allegro_module.db.accounts import Account
from allegro_module.db.audit import AuditEntry, list_latest
from allegro_module.db.installation import installation_number
from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.scopes import NEEDED, PREFIX
from allegro_module.settings import VERSION
from allegro_module.web.account_settings import save_account
from allegro_module.web.forms.connection import AccountForm
from tests.web.browsing import errors_at, form_in, words_of
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account
from tests.web.linking_steps import FILLED
from tests.web.test_orders_page import a_cursor


@pytest.fixture
def first(host: Host, session: Session) -> Account:
    return a_linked_account(session, host)


@pytest.fixture
def second(host: Host, session: Session, first: Account) -> Account:
    return a_linked_account(
        session, host, "len_outlet", application=first.application, alias="OU", seller_id="1002", city=None
    )


def save(browser: FlaskClient, account: Account, **changes: str) -> TestResponse:
    sent = form_in(browser.get(SETTINGS).text, "settings")
    for name, value in changes.items():
        sent.setlist(f"account-{account.id}-{name}", [value])
    return browser.post(f"{SETTINGS}/save", data=sent)


def test_an_account_gets_a_name_and_an_alias_of_its_own(
    session: Session, browser: FlaskClient, first: Account
) -> None:
    save(browser, first, name="Sklep główny", alias="sg")

    session.expire_all()
    assert (first.name, first.alias) == ("Sklep główny", "SG")
    assert list_latest(session)[0].details == {"name": " → Sklep główny", "alias": "BL → SG"}
    page = browser.get(SETTINGS).text
    assert "<strong>Sklep główny</strong>" in page
    assert "Zmiana dotyczy tylko nowych zamówień" in page


@pytest.mark.parametrize("alias", ["", "A", "ABC", "A1", "ŁÓ", "ß", "A ", "<b", "\U0001f600"])
def test_an_alias_is_exactly_two_letters(
    session: Session, browser: FlaskClient, first: Account, alias: str
) -> None:
    response = save(browser, first, alias=alias)

    session.expire_all()
    assert response.status_code == 422
    assert errors_at(response.text, f"f-account-{first.id}-alias") == [
        "Wpisz dokładnie dwie litery od A do Z, na przykład BL."
    ]
    assert first.alias == "BL"


def test_how_long_offers_are_waited_and_looked_for_is_the_sellers_to_say(
    session: Session, browser: FlaskClient, first: Account
) -> None:
    save(browser, first, wait_minutes="240", search_minutes=" 30 ")

    session.expire_all()
    assert (first.wait_minutes, first.search_minutes) == (240, 30)


def test_an_alias_belongs_to_one_account(
    session: Session, browser: FlaskClient, first: Account, second: Account
) -> None:
    response = save(browser, second, alias="bl", city="Gdynia")

    session.expire_all()
    assert errors_at(response.text, f"f-account-{second.id}-alias") == [
        "Wybierz inne litery: BL ma już inne konto."
    ]
    assert "Alias (len_outlet)" in response.text
    assert (first.alias, second.alias) == ("BL", "OU")


def test_letters_taken_a_moment_ago_are_told_at_the_field(
    host: Host, session: Session, first: Account, second: Account
) -> None:
    typed = MultiDict({f"account-{second.id}-alias": "BL", f"account-{second.id}-city": "Gdynia"})
    form = AccountForm(typed, second, second.id, other_aliases=set())

    save_account(host.runtime, form, None)

    assert form.alias.errors == ["Wybierz inne litery: BL ma już inne konto."]
    assert second.alias == "OU"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("city", "x" * 101, "Skróć ten tekst do 100 znaków."),
        ("city", "Gda\x01sk", "Usuń niewidoczne znaki"),
        ("name", "x" * 101, "Skróć ten tekst do 100 znaków."),
        ("name", "a\x07b", "Usuń niewidoczne znaki"),
        ("post_code", "1" * 13, "Skróć ten tekst do 12 znaków."),
        ("country", "XX", "Uzupełnij to pole."),
        ("wait_minutes", "1", "Wpisz całkowitą liczbę minut od 2 do 240."),
        ("wait_minutes", "241", "Wpisz całkowitą liczbę minut od 2 do 240."),
        ("search_minutes", "4", "Wpisz całkowitą liczbę minut od 5 do 120."),
        ("search_minutes", "kwadrans", "Wpisz całkowitą liczbę minut od 5 do 120."),
    ],
)
def test_what_no_column_holds_is_told_at_its_field(
    browser: FlaskClient, first: Account, name: str, value: str, sentence: str
) -> None:
    response = save(browser, first, **{name: value})

    assert response.status_code == 422
    assert errors_at(response.text, f"f-account-{first.id}-{name}")[0].startswith(sentence)


def test_an_account_not_linked_yet_has_no_alias_to_choose(browser: FlaskClient) -> None:
    browser.post(f"{SETTINGS}/save", data=FILLED)

    assert "alias" not in str(list(form_in(browser.get(SETTINGS).text, "settings")))


def test_of_several_accounts_only_the_one_with_a_problem_is_unfolded(
    browser: FlaskClient, first: Account, second: Account
) -> None:
    second_page = browser.get(SETTINGS).text
    wrong = save(browser, first, alias="x").text

    assert folds_open(second_page) == [f"settings-of-{second.id}"]
    assert "brak miejsca wysyłki" in second_page
    assert f"settings-of-{first.id}" in folds_open(wrong)


def folds_open(page: str) -> list[str]:
    folds = page.split('<details class="al-card al-fold" id="')[1:]
    return [fold.partition('"')[0] for fold in folds if fold.partition(">")[0].endswith(" open")]


def test_an_account_that_never_had_a_place_holds_up_no_other(
    session: Session, browser: FlaskClient, first: Account, second: Account
) -> None:
    second.province = second.post_code = None
    session.commit()

    untouched = save(browser, first, city="Sopot")
    begun = save(browser, second, city="Gdynia")

    session.expire_all()
    assert untouched.status_code == 303
    assert first.city == "Sopot"
    assert errors_at(begun.text, f"f-account-{second.id}-post_code") == ["Uzupełnij to pole."]


def test_settings_are_copied_from_another_account(
    session: Session, browser: FlaskClient, first: Account, second: Account
) -> None:
    page = browser.post(
        f"{SETTINGS}/accounts/{second.id}/copy", data={"from": str(first.id)}, follow_redirects=True
    ).text

    session.expire_all()
    assert "Skopiowano z konta bursztyn_i_len do konta len_outlet." in page
    assert "Miejsce wysyłki: pomorskie, Gdańsk, 80-831, Polska." in page
    assert (second.city, second.alias, second.name) == ("Gdańsk", "OU", "")
    entry = list_latest(session)[0]
    assert (entry.action, entry.subject) == ("settings_copied", "len_outlet")
    assert entry.details == {"from": "bursztyn_i_len", "city": " → Gdańsk"}


@pytest.mark.parametrize("source", ["", "abc", "0", "-3", "777", "99999999999999999999", "itself"])
def test_nothing_is_copied_from_nowhere(
    session: Session, browser: FlaskClient, first: Account, source: str
) -> None:
    sent = str(first.id) if source == "itself" else source

    page = browser.post(
        f"{SETTINGS}/accounts/{first.id}/copy", data={"from": sent}, follow_redirects=True
    ).text

    assert "Niczego nie skopiowano." in page
    assert session.scalars(select(AuditEntry)).all() == []


def test_an_account_without_a_place_has_nothing_to_copy(
    session: Session, browser: FlaskClient, first: Account, second: Account
) -> None:
    page = browser.post(
        f"{SETTINGS}/accounts/{first.id}/copy", data={"from": str(second.id)}, follow_redirects=True
    ).text

    session.expire_all()
    assert "Konto len_outlet nie ma jeszcze miejsca wysyłki." in page
    assert first.city == "Gdańsk"


def test_switching_off_is_audited_and_says_what_stops(
    session: Session, browser: FlaskClient, first: Account
) -> None:
    sent = form_in(browser.get(SETTINGS).text, "settings")
    sent.poplist(f"account-{first.id}-is_enabled")

    browser.post(f"{SETTINGS}/save", data=sent)

    assert list_latest(session)[0].details == {"is_enabled": "True → False"}
    assert "Wyłączenie zatrzymuje każdą pracę tego konta: import zamówień" in browser.get(SETTINGS).text


def test_the_table_says_what_is_granted_and_what_does_not_work_without_the_rest(
    session: Session, browser: FlaskClient, first: Account
) -> None:
    first.scopes = " ".join(each for each in NEEDED if each != f"{PREFIX}orders:write")
    first.base_marketplace = "allegro-business-cz"
    session.commit()

    words = words_of(browser.get(SETTINGS))

    assert "8 przyznanych uprawnień" in words
    assert "Brak 1 uprawnienia" in words
    assert "orders:write – Allegro i kupujący nie dowiedzą się" in words
    assert "allegro.cz Business" in words


def test_an_older_token_that_names_no_permissions_lacks_none(
    session: Session, browser: FlaskClient, first: Account
) -> None:
    first.scopes = "allegro_api"
    session.commit()

    words = words_of(browser.get(SETTINGS))

    assert "wszystkie uprawnienia aplikacji" in words
    assert "Brak 1" not in words


def test_an_account_to_be_confirmed_leads_to_the_question(
    session: Session, browser: FlaskClient, first: Account
) -> None:
    first.state = LinkState.UNCONFIRMED
    session.commit()

    page = browser.get(SETTINGS).text

    assert f"/accounts/{first.id}/confirm" in page
    assert "Nic nie rusza, dopóki nie potwierdzisz" in page


def test_the_view_is_remembered_in_the_session(browser: FlaskClient) -> None:
    simple = browser.get(SETTINGS).text
    browser.get(f"{SETTINGS}?view=advanced")
    remembered = browser.get(SETTINGS).text
    browser.get(f"{SETTINGS}?view=nonsense")
    still = browser.get(SETTINGS).text
    back = browser.get(f"{SETTINGS}?view=simple").text

    assert ["Dane techniczne" in page for page in (simple, remembered, still, back)] == [
        False,
        True,
        True,
        False,
    ]


def test_technical_details_name_hosts_and_the_user_agent_sent(browser: FlaskClient, first: Account) -> None:
    words = words_of(browser.get(f"{SETTINGS}?view=advanced"))

    assert "http://simulator.test/auth/oauth/token" in words
    assert f"Bursztyn-i-Len/{VERSION} (+https://bursztyn-i-len.example/allegro)" in words


def test_the_support_box_gives_one_number_and_no_persons(
    host: Host, session: Session, browser: FlaskClient, first: Account, second: Account
) -> None:
    second.state = LinkState.NEEDS_RECONNECT
    second.is_enabled = False
    session.add(
        ScheduledTask(name="settle", every_seconds=60, next_at=NOW, last_at=NOW - timedelta(minutes=3))
    )
    session.commit()

    page = browser.get(SETTINGS).text
    again = browser.get(SETTINGS).text

    number = installation_number(session)
    copied = page.partition('id="support-text"')[2].partition(">")[2].partition("</textarea>")[0]
    assert f"installation: {number}" in copied
    assert f"installation: {number}" in again
    assert f"allegro_module: {VERSION}" in copied
    assert "accounts: 1 connected, 1 needs_reconnect (1 switched off)" in copied
    assert "worker last seen: 2026-11-21T13:27:00+00:00" in copied
    assert "database: sqlite" in copied
    assert not any(secret in copied for secret in ("bursztyn", "len_outlet", "demo-client", "1001", "Gda"))


def test_the_supports_contact_is_shown_as_written(host: Host, browser: FlaskClient) -> None:
    object.__setattr__(host.runtime.settings, "support", "tel. 22 123 45 67 <8–16>")

    assert "tel. 22 123 45 67 &lt;8–16&gt;" in browser.get(SETTINGS).text


def test_each_section_explains_itself(browser: FlaskClient, first: Account, second: Account) -> None:
    page = browser.get(f"{SETTINGS}?view=advanced").text

    topics = [part.partition('"')[0] for part in page.split('aria-label="Pomoc: ')[1:]]
    assert len(topics) >= 5
    assert "Powiązane konta" in topics


def test_twenty_accounts_ask_the_database_no_more_than_two(
    host: Host, session: Session, browser: FlaskClient, first: Account, second: Account
) -> None:
    a_cursor(session, first, last_success_at=NOW)
    session.commit()
    browser.get(SETTINGS)
    few = statements_of_the_page(host, browser)
    for number in range(18):
        account = a_linked_account(
            session,
            host,
            f"sklep_{number}",
            application=first.application,
            alias=f"X{chr(ord('A') + number)}",
            seller_id=f"2{number:03}",
        )
        a_cursor(session, account, last_success_at=NOW)
    session.commit()

    many = statements_of_the_page(host, browser)

    assert len(many) == len(few)
    assert len(many) < 20


def statements_of_the_page(host: Host, browser: FlaskClient) -> list[str]:
    found: list[str] = []

    def note(*arguments: object) -> None:
        found.append(str(arguments[2]))

    engine = host.runtime.db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(SETTINGS).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return found
