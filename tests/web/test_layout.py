"""What stands in the head of every page, notes, and the error pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from allegro_module.client.errors import Busy, NotConnected, Objection, Refused, Unavailable, Unexpected
from allegro_module.domain.accounts import LinkState
from allegro_module.web.errors import note_of
from allegro_module.web.ui import head, tell
from tests.web.conftest import ORDERS, SETTINGS, Host, a_linked_account, make_host


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

    assert "2 konta" in head_of_page
    assert "Wyłączone" in head_of_page


def test_an_account_that_must_be_linked_again_alarms_on_top_of_the_page(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    first = a_linked_account(session, host, state=LinkState.NEEDS_RECONNECT)
    for number, login in enumerate(["len_outlet", "trzecie"]):
        a_linked_account(
            session,
            host,
            login,
            application=first.application,
            alias=f"A{number}",
            seller_id=login,
            state=LinkState.NEEDS_RECONNECT,
        )

    page = browser.get(ORDERS).text

    assert "Konto bursztyn_i_len (BL) wymaga ponownego połączenia." in page
    assert "I 2 inne konta." in page


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


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unavailable("503"), "Allegro nie odpowiada."),
        (NotConnected(), "Połącz konto ponownie"),
        (Busy(), "Spróbuj za minutę."),
        (Refused([Objection("X", user_message="Słowa Allegro.")]), "Słowa Allegro."),
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
