"""The page *Test połączenia*: asked by a button, kept, and every line says what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from allegro_module.db.accounts import Account
from allegro_module.db.cursors import Cursor
from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.permissions import Permission
from allegro_module.domain.scopes import NEEDED, READ_ORDERS
from allegro_module.simulator.tokens import SCOPES, Consent
from tests.web.conftest import SETTINGS, Host, a_linked_account

SELLER = "bursztyn_i_len"


@pytest.fixture
def account(session: Session, host: Host, monkeypatch: pytest.MonkeyPatch) -> Account:
    """Everything about it is right, but that tests have no job queue; here it is said to answer."""
    monkeypatch.setattr("allegro_module.jobs.connection_test.is_queue_there", lambda runtime: True)
    world = host.simulator.world
    world.clock.read = lambda: host.now
    consent = Consent("demo-client-id", world.sellers[SELLER].id, SCOPES)
    issued = world.tokens.new_pair(world, world.tokens.open_session(consent, host.now))
    account = a_linked_account(
        session,
        host,
        SELLER,
        seller_id=world.sellers[SELLER].id,
        scopes=" ".join(SCOPES),
        sealed_access_token=host.runtime.seal.close(str(issued["access_token"])),
        sealed_refresh_token=host.runtime.seal.close(str(issued["refresh_token"])),
    )
    session.add(
        Cursor(account_id=account.id, started_at=host.now, last_run_at=host.now, last_success_at=host.now)
    )
    session.add(ScheduledTask(name="settle", every_seconds=5, next_at=host.now, last_at=host.now))
    session.commit()
    return account


def page_of(account: Account) -> str:
    return f"{SETTINGS}/accounts/{account.id}/test"


def press_test(browser: FlaskClient, account: Account) -> TestResponse:
    """The page after a press of the button."""
    answer = browser.post(page_of(account), follow_redirects=True)
    assert answer.status_code == 200
    return answer


def lines(page: TestResponse) -> dict[str, str]:
    """The HTML of each line by its title, in order."""
    rows = re.findall(r'<tr role="row">(.*?)</tr>', page.text.partition("<tbody")[2], re.DOTALL)
    return {re.findall("<strong>(.*?)</strong>", row)[0]: row for row in rows}


def primary_buttons(page: TestResponse) -> list[str]:
    found = re.findall(r"<button[^>]*btn-primary[^>]*>(.*?)</button>", page.text, re.DOTALL)
    return [re.sub("<[^>]*>", "", each).strip() for each in found]


def test_never_tested_account_says_so_and_offers_it(browser: FlaskClient, account: Account) -> None:
    page = browser.get(page_of(account))

    assert "To konto nie było jeszcze testowane." in page.text
    assert primary_buttons(page) == ["Testuj połączenie"]


def test_button_asks_and_leads_to_the_report(browser: FlaskClient, account: Account) -> None:
    answer = browser.post(page_of(account))

    assert (answer.status_code, answer.location) == (303, page_of(account))


def test_everything_works(browser: FlaskClient, account: Account) -> None:
    page = press_test(browser, account)

    assert "Wszystko działa." in page.text
    assert [title for title, line in lines(page).items() if "W porządku" not in line] == []
    assert SELLER in lines(page)["Sprzedawca"]
    assert primary_buttons(page) == ["Testuj ponownie"]


def test_reading_the_report_asks_nobody(browser: FlaskClient, host: Host, account: Account) -> None:
    press_test(browser, account)
    host.simulator.faults.status("*", 503)

    assert "Wszystko działa." in browser.get(page_of(account)).text
    assert len(host.simulator.faults.waiting) == 1


def test_what_is_wrong_comes_first_with_what_to_do(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    account.city = ""
    account.scopes = " ".join(name for name in NEEDED if name != READ_ORDERS)
    session.commit()

    page = press_test(browser, account)

    assert "2 rzeczy do poprawienia" in page.text
    assert set(list(lines(page))[:2]) == {"Uprawnienie orders:read", "Skąd wysyłasz"}
    scope = lines(page)["Uprawnienie orders:read"]
    assert "Zamówienia nie są pobierane." in scope
    assert "połącz ponownie" in scope
    assert f'#f-account-{account.id}-city">' in lines(page)["Skąd wysyłasz"]


def test_lost_link_has_its_button_in_the_line(
    browser: FlaskClient, session: Session, host: Host, account: Account
) -> None:
    host.simulator.world.tokens.revoke(account.seller_id or "")

    page = press_test(browser, account)

    assert f'action="{SETTINGS}/accounts/{account.id}/link"' in lines(page)["Dostęp do konta"]
    session.expire_all()
    assert account.state == LinkState.NEEDS_RECONNECT


@pytest.mark.parametrize(("minutes", "word"), [(-10, "spieszy się"), (10, "spóźnia się")])
def test_wrong_clock_is_told_by_the_answers_of_allegro(
    browser: FlaskClient, host: Host, account: Account, minutes: int, word: str
) -> None:
    host.simulator.world.clock.advance(timedelta(minutes=minutes).total_seconds())

    clock = lines(press_test(browser, account))["Zegar"]

    assert word in clock
    assert "600 s" in clock
    assert "NTP" in clock


def test_allegro_away_blames_nobody(browser: FlaskClient, host: Host, account: Account) -> None:
    host.simulator.faults.status("*", 503, times=50)

    page = press_test(browser, account)

    assert "Allegro nie odpowiada, więc nie wszystko udało się sprawdzić." in page.text
    assert "do poprawienia" not in page.text
    assert "al-bad" not in page.text
    assert page.text.count("bi-cloud-slash") == 5


def test_answer_that_cannot_be_read_shows_no_stack_trace(
    browser: FlaskClient, host: Host, account: Account
) -> None:
    host.simulator.faults.malformed("GET /me")

    page = press_test(browser, account)

    assert "To nie Twój błąd." in lines(page)["Sprzedawca"]
    assert "Traceback" not in page.text


def test_missing_simulator_is_said(browser: FlaskClient, host: Host, account: Account) -> None:
    host.runtime.settings = replace(host.runtime.settings, simulator_url=None)

    assert "ALLEGRO_SIMULATOR_URL" in press_test(browser, account).text


def test_only_who_may_change_settings_may_test(browser: FlaskClient, host: Host, account: Account) -> None:
    host.allowed.discard(str(Permission.SETTINGS))

    assert browser.post(page_of(account)).status_code == 403
    assert browser.get(page_of(account)).status_code == 403


def test_unknown_account_is_404(browser: FlaskClient, account: Account) -> None:
    assert browser.post(f"{SETTINGS}/accounts/999/test").status_code == 404


def test_report_speaks_english_too(browser: FlaskClient, account: Account) -> None:
    press_test(browser, account)

    assert "Everything works." in browser.get(f"{page_of(account)}?lang=en").text


def test_report_holds_no_secret(browser: FlaskClient, host: Host, account: Account) -> None:
    page, tokens = press_test(browser, account).text, host.simulator.world.tokens

    secrets = ["demo-client-secret", *tokens.access, *tokens.refresh]
    assert [secret for secret in secrets if secret in page] == []
