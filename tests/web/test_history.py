"""Who changed which setting or link, and when: the page, the file, the bell."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.alarms import CONNECTION_LOST, CONNECTION_RESTORED, Alarm, raise_alarm
from allegro_module.db.audit import AuditEntry, record
from allegro_module.domain.accounts import KEYS_REFUSED
from allegro_module.web.history import PAGE_SIZE
from allegro_module.web.history_words import ACTIONS
from tests.web.conftest import NOW, ORDERS, SETTINGS, Host, a_linked_account

HISTORY = f"{SETTINGS}/history"


def entry(session: Session, action: str = "account_saved", **changes: object) -> None:
    values = {"who": "anna.k", "subject": "bursztyn_i_len", "details": None, "now": NOW, **changes}
    record(session, values.pop("now"), action=action, **values)  # type: ignore[arg-type]
    session.commit()


def orders_page(browser: FlaskClient) -> str:
    # The fixture `session` keeps one context open for all requests of a test.
    g.pop("allegro_head", None)
    return browser.get(ORDERS).text


def test_change_is_told_with_who_when_what_and_old_and_new(session: Session, browser: FlaskClient) -> None:
    details = {"is_enabled": "True → False", "province": " → POMORSKIE", "client_secret": "changed"}
    entry(session, details=details)

    page = browser.get(HISTORY).text

    assert "anna.k" in page
    assert "Zmieniono ustawienia konta" in page
    assert "<del>tak</del>" in page
    assert "pomorskie" in page
    assert "zmieniony" in page
    assert "Wpisy trzymamy 2 lata." in page


@pytest.mark.parametrize("action", [name for actions in ACTIONS.values() for name in actions])
def test_every_action_that_the_module_records_has_a_sentence(
    session: Session, browser: FlaskClient, action: str
) -> None:
    entry(session, action)

    assert action not in browser.get(HISTORY).text


def test_action_of_a_later_version_is_shown_by_its_name(session: Session, browser: FlaskClient) -> None:
    entry(session, "prices_guessed", who="", details={"margin": "1 → 2"})

    page = browser.get(HISTORY).text

    assert "prices_guessed" in page
    assert "sam moduł" in page


def test_changes_are_filtered_by_subject_and_kind(session: Session, browser: FlaskClient) -> None:
    entry(session, "account_linked")
    entry(session, "account_linked", subject="len_outlet")
    entry(session, "account_saved")
    entry(session, "prices_guessed")

    def sentences(**filters: str) -> list[str]:
        page = browser.get(HISTORY, query_string=filters).text
        rows = page.split("<tbody")[1].split("</tbody>")[0] if "<tbody" in page else ""
        return [part.split("</strong>")[0] for part in rows.split("<strong>")[1:]]

    assert sentences(subject="len_outlet") == ["Konto powiązane"]
    assert sentences(kind="accounts") == ["Zmieniono ustawienia konta"]
    assert sentences(kind="other") == ["prices_guessed"]
    assert sentences(subject="len_outlet", kind="accounts") == []
    assert len(sentences(kind="nonsense")) == 4


def test_pages_go_on_where_the_last_one_ended(session: Session, browser: FlaskClient) -> None:
    for number in range(PAGE_SIZE + 2):
        record(session, NOW, "anna.k", "account_saved", f"number-{number:03}")
    session.commit()

    first = browser.get(HISTORY).text
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = browser.get(address).text

    table = first.split("<tbody")[1]
    assert "number-051" in table and "number-001" not in table
    assert "number-001" in second.split("<tbody")[1] and "number-000" in second.split("<tbody")[1]
    assert 'rel="next"' not in second


def test_file_holds_what_the_filter_lets_through_and_no_formula(
    session: Session, browser: FlaskClient
) -> None:
    entry(session, "account_linked", who="=1+1", details={"environment": "production"})
    entry(session, "application_saved", subject="demo-client-id")

    response = browser.get(f"{HISTORY}.csv?kind=links")

    rows = list(csv.reader(StringIO(response.text.removeprefix("\ufeff")), delimiter=";"))
    assert response.mimetype == "text/csv"
    assert rows[1:] == [
        ["2026-11-21 14:30:00", "'=1+1", "Konto powiązane", "bursztyn_i_len", "Środowisko: Produkcja"]
    ]


def test_file_is_whole_however_long(session: Session, browser: FlaskClient) -> None:
    session.add_all(AuditEntry(at=NOW, who="a", action="account_saved", details={}) for _ in range(1203))
    session.commit()

    assert browser.get(f"{HISTORY}.csv").text.count("\n") == 1204


def test_unread_alarms_ring_the_bell_until_they_are_marked(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host)
    raise_alarm(session, account.id, CONNECTION_LOST, KEYS_REFUSED, NOW - timedelta(hours=1))
    raise_alarm(session, account.id, CONNECTION_RESTORED, "", NOW)
    session.commit()
    ringing = orders_page(browser)
    page = browser.get(HISTORY).text
    shown = page.split('name="until" value="')[1].split('"')[0]
    raise_alarm(session, account.id, CONNECTION_LOST, "", NOW)
    session.commit()

    browser.post(f"{HISTORY}/seen", data={"until": shown})

    assert "2 nowe alarmy" in ringing
    assert f'href="{HISTORY}"' in ringing
    assert "Utracono dostęp" in page and "Allegro nie zna kluczy aplikacji." in page
    assert "Przywrócono dostęp" in page
    assert "1 nowy alarm" in orders_page(browser)
    assert session.scalars(select(Alarm.seen_at).order_by(Alarm.id)).all() == [NOW, NOW, None]


def test_bell_leads_nobody_who_may_not_open_the_history(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host)
    raise_alarm(session, account.id, CONNECTION_LOST, "", NOW)
    session.commit()
    host.allowed = {"view"}

    assert "nowy alarm" not in browser.get(ORDERS).text


@pytest.mark.parametrize("until", ["", "x", "-1", str(2**70)])
def test_nonsense_marks_nothing_or_everything_but_breaks_nothing(browser: FlaskClient, until: str) -> None:
    assert browser.post(f"{HISTORY}/seen", data={"until": until}).status_code == 303


def test_empty_history_says_so(browser: FlaskClient) -> None:
    assert "Nic jeszcze nie zmieniono." in browser.get(HISTORY).text
    assert "Żadna zmiana nie pasuje do filtrów." in browser.get(f"{HISTORY}?kind=links").text


def test_settings_page_leads_to_the_history(host: Host, session: Session, browser: FlaskClient) -> None:
    a_linked_account(session, host)

    assert f'href="{HISTORY}"' in browser.get(SETTINGS).text
