"""What stands in the head of every page, notes, and the error pages."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from allegro_module.client.errors import (
    Busy,
    NotConnected,
    Objection,
    Reason,
    Refused,
    Unavailable,
    Unexpected,
)
from allegro_module.sealing import Seal, new_key
from allegro_module.web.errors import note_of
from allegro_module.web.ui import head, tell
from tests.web.conftest import ORDERS, SETTINGS, Host, a_linked_account, make_host
from tests.web.linking_steps import FILLED


def test_our_pages_stand_in_the_hosts_layout(browser: FlaskClient) -> None:
    page = browser.get(SETTINGS).text

    assert '<meta name="host" content="bursztyn">' in page
    assert "<title>Ustawienia konta – Allegro</title>" in page
    assert page.count("<h1") == 1


def test_a_host_without_layout_gets_a_plain_one(tmp_path: Path) -> None:
    page = make_host(tmp_path, layout="allegro/_plain.html").browser().get(SETTINGS).text

    assert "bootstrap.min.css" in page
    assert 'lang="pl"' in page


@pytest.mark.parametrize("address", [SETTINGS, ORDERS])
def test_environment_and_account_stand_on_every_page(
    host: Host, session: Session, browser: FlaskClient, address: str
) -> None:
    a_linked_account(session, host)

    page = browser.get(address).text

    head_of_page = page.split("</header>")[0]
    assert "Symulator" in head_of_page
    assert "bursztyn_i_len" in head_of_page
    assert "Połączone" in head_of_page


def test_the_page_one_is_on_is_marked_in_the_tabs(browser: FlaskClient) -> None:
    tabs = browser.get(ORDERS).text.split("</nav>")[0]

    current = tabs.split("<a ")
    assert [("Zamówienia" in link) for link in current if "aria-current" in link] == [True]


def test_several_accounts_show_the_worst_state(host: Host, session: Session, browser: FlaskClient) -> None:
    first = a_linked_account(session, host)
    a_linked_account(
        session,
        host,
        "len_outlet",
        application=first.application,
        alias="OU",
        seller_id="1002",
        is_enabled=False,
    )

    head_of_page = browser.get(ORDERS).text.split("</header>")[0]

    assert "bursztyn_i_len, len_outlet" in head_of_page
    assert "Wyłączone" in head_of_page


def test_mixed_environments_are_all_named_and_each_account_wears_its_own(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host, environment="production")
    a_linked_account(session, host, "len_outlet", alias="OU", seller_id="1002", environment="sandbox")

    head_of_page = browser.get(ORDERS).text.split("</header>")[0]

    badges, menu = head_of_page.split("<details")
    assert badges.index("Produkcja") < badges.index("Sandbox")
    assert menu.count("Produkcja") == menu.count("Sandbox") == 1


def test_account_menu_leads_to_the_accounts_card(host: Host, session: Session, browser: FlaskClient) -> None:
    first = a_linked_account(session, host)
    a_linked_account(session, host, "len_outlet", application=first.application, alias="OU", seller_id="1002")

    head_of_page = browser.get(ORDERS).text.split("</header>")[0]
    settings = browser.get(SETTINGS).text

    assert f"#account-{first.id}" in head_of_page
    assert f'id="account-{first.id}"' in settings


def test_who_may_not_open_the_settings_gets_no_links_there(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    first = a_linked_account(session, host)
    a_linked_account(session, host, "len_outlet", application=first.application, alias="OU", seller_id="1002")
    host.allowed = {"view"}

    head_of_page = browser.get(ORDERS).text.split("</header>")[0]

    assert "len_outlet" in head_of_page
    assert "#account-" not in head_of_page


def test_the_head_is_read_in_one_query(host: Host, session: Session) -> None:
    a_linked_account(session, host)
    statements: list[str] = []
    event.listen(host.runtime.db.engine, "before_cursor_execute", lambda *what: statements.append(what[2]))

    with host.app.test_request_context(SETTINGS):
        head()
        head()

    assert len(statements) == 1


def test_a_note_is_shown_once(host: Host, browser: FlaskClient) -> None:
    host.app.add_url_rule("/say", "say", lambda: tell("ok", "Zrobione.", "Tak.") or "")
    browser.get("/say")

    first, second = browser.get(ORDERS).text, browser.get(ORDERS).text

    assert "<strong>Zrobione.</strong> Tak." in first
    assert "Zrobione." not in second


def test_a_missing_account_is_a_404_inside_the_layout(browser: FlaskClient) -> None:
    response = browser.get(f"{SETTINGS}/accounts/99/disconnect")

    assert response.status_code == 404
    assert "Nie ma takiej strony." in response.text
    assert '<meta name="host"' in response.text


def test_our_own_mistake_shows_a_code_and_no_stack(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.app.testing = False
    monkeypatch.setattr(host.shop, "orders", lambda ids: 1 / 0)
    monkeypatch.setattr("allegro_module.web.orders.list_orders", lambda *what: 1 / 0)

    response = host.browser().get(ORDERS)

    assert response.status_code == 500
    assert "To nasz błąd, nie Twój" in response.text
    assert "ZeroDivisionError" not in response.text


def test_a_locked_database_is_told_in_words_and_nothing_breaks(host: Host, tmp_path: Path) -> None:
    host.app.testing = False
    with host.app.app_context():
        event.listen(
            host.runtime.db.engine, "connect", lambda new, _: new.execute("pragma busy_timeout = 20")
        )
        host.runtime.db.engine.dispose()
    writer = sqlite3.connect(tmp_path / "host.sqlite3", isolation_level=None)
    writer.execute("begin immediate")

    response = host.browser().post(f"{SETTINGS}/save", data=FILLED)
    writer.execute("rollback")
    again = host.browser().post(f"{SETTINGS}/save", data=FILLED)

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "Baza danych sklepu jest zajęta." in response.text
    assert "spróbuj za chwilę" in response.text
    assert again.status_code == 303


def test_pages_without_the_encryption_key_say_which_setting_lacks_it(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host)
    host.runtime.seal = Seal([new_key()])
    answers = [browser.get(address) for address in (SETTINGS, ORDERS, f"{SETTINGS}/history")]
    # Deeds that need the secrets.
    for deed in ("link", "renew", "test"):
        answer = browser.post(f"{SETTINGS}/accounts/{account.id}/{deed}", follow_redirects=True)
        answers.append(answer)

    assert all("ALLEGRO_ENCRYPTION_KEYS" in answer.text for answer in answers)
    assert all(answer.status_code in (200, 500, 502) for answer in answers)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unavailable("503"), "Allegro nie odpowiada."),
        (NotConnected(), "Połącz konto ponownie"),
        (Busy(), "Spróbuj za minutę."),
        (Refused([Objection("X", user_message="Słowa Allegro.")]), "Słowa Allegro."),
        (NotConnected(Reason.KEY_MISSING), "ALLEGRO_ENCRYPTION_KEYS"),
        (NotConnected(Reason.BAD_CLIENT), "Zapisz właściwe Client ID i Client Secret"),
        (NotConnected(Reason.SCOPE_MISSING, scope="allegro:api:orders:read"), "orders:read"),
        (Unexpected(), "To nie Twój błąd."),
    ],
)
def test_what_goes_wrong_at_allegro_is_told_without_blame(host: Host, error: Exception, words: str) -> None:
    with host.app.test_request_context():
        note = note_of(error)  # type: ignore[arg-type]

    assert words in f"{note.title} {note.text}"


def test_a_fragment_is_only_the_part_that_changes(host: Host, session: Session, browser: FlaskClient) -> None:
    a_linked_account(session, host)

    fragment = browser.get(ORDERS, headers={"X-Allegro-Fragment": "1"})

    assert "<html" not in fragment.text
    assert 'id="orders"' in fragment.text
    assert "X-Allegro-Fragment" in fragment.headers["Vary"]
