"""Getting ready: what is ticked, what is next, and how the card keeps itself up to date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, Application
from allegro_module.db.cursors import Cursor
from allegro_module.db.schedule import ScheduledTask
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.accounts import GrantType, LinkState
from allegro_module.domain.scopes import NEEDED
from allegro_module.web.preparation import preparation
from allegro_module.web.preparation_steps import Step
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account, an_application
from tests.web.linking_steps import link_and_confirm

PRESENT = (TermKind.SHIPPING_RATE, TermKind.RETURN_POLICY, TermKind.IMPLIED_WARRANTY)


def steps(host: Host, application: Application | None = None, **request: str) -> dict[str, Step]:
    with host.app.test_request_context(SETTINGS, **request):
        return {step.title: step for step in preparation(application).steps}


def ready(
    session: Session,
    host: Host,
    kinds: Sequence[TermKind] = PRESENT,
    ticked_at: datetime = NOW,
    worked_at: datetime = NOW,
    **changes: Any,
) -> Account:
    account = a_linked_account(session, host, **changes)
    account.application.redirect_uris = f"http://localhost{SETTINGS}/callback"
    account.application.proved_at = NOW
    session.add(Cursor(account_id=account.id, started_at=NOW, last_run_at=worked_at))
    session.add(ScheduledTask(name="settle", every_seconds=5, next_at=NOW, last_at=ticked_at))
    for kind in kinds:
        session.add(
            SellingTerm(account_id=account.id, kind=kind, allegro_id=str(kind), name=kind, fetched_at=NOW)
        )
    session.commit()
    return account


def test_at_the_beginning_nothing_is_ticked_and_registration_is_explained(
    host: Host, browser: FlaskClient
) -> None:
    page = browser.get(SETTINGS).text

    found = steps(host)
    assert "0 z 13" in page
    assert not any(step.is_done for step in found.values())
    assert found["Aplikacja zarejestrowana"].link == "http://simulator.test"
    assert "jedno konto dostaje jeden klucz" in page
    assert "nieużyty przez 30 dni" in page


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_registration_is_linked_in_the_environment_of_the_keys(
    host: Host, session: Session, environment: str
) -> None:
    application = an_application(session, host, environment)
    application.proved_at = NOW

    found = steps(host, application)

    assert found["Aplikacja zarejestrowana"].is_done
    assert found["Dwustopniowe logowanie"].is_done
    assert ("Poza produkcją" in found["Dwustopniowe logowanie"].text) == (environment == "sandbox")


def test_two_step_log_in_is_told_from_keys_that_work(host: Host, session: Session) -> None:
    application = an_application(session, host, "production")

    assert not steps(host, application)["Dwustopniowe logowanie"].is_done


def test_when_all_is_ready_the_card_is_folded_and_asks_no_more(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    ready(session, host)

    page = browser.get(SETTINGS).text

    assert "13 z 13" in page
    assert "Wszystko gotowe" in page
    assert "data-al-poll" not in page


def test_while_something_is_open_the_card_asks_again_and_hears_only_of_changes(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = ready(session, host, state=LinkState.NEEDS_RECONNECT)
    page = browser.get(SETTINGS).text
    address = re.search(r'data-al-poll="([^"]*/preparation[^"]*)"', page)
    assert address
    same = browser.get(address[1].replace("&amp;", "&"))
    account.state = LinkState.CONNECTED
    session.commit()

    changed = browser.get(address[1].replace("&amp;", "&"))

    assert (same.status_code, same.text) == (204, "")
    assert 'id="preparation"' in changed.text
    assert "13 z 13" in changed.text


@pytest.mark.parametrize(
    ("title", "changes", "words"),
    [
        ("Konto firmowe", {"is_company": False}, "to konto prywatne"),
        ("Uprawnienia aplikacji", {"scopes": NEEDED[0]}, "Brakuje: sale:offers:read, sale:offers:write"),
        ("Konto powiązane i potwierdzone", {"state": LinkState.UNCONFIRMED}, "czeka na Twoje potwierdzenie"),
        ("Konto powiązane i potwierdzone", {"state": LinkState.NEEDS_RECONNECT}, "ponownego połączenia"),
        ("Konto powiązane i potwierdzone", {"state": LinkState.DISCONNECTED}, "Powiąż konto"),
        ("Skąd wysyłasz", {"city": None}, "Województwo"),
        ("Cennik dostawy i warunki", {"kinds": PRESENT[:2]}, "brakuje: warunków reklamacji"),
        ("Harmonogram działa", {"ticked_at": NOW - timedelta(minutes=6)}, "poleceniem"),
        ("Worker rq działa", {"worked_at": NOW - timedelta(minutes=6)}, "Zadania czekają"),
    ],
)
def test_what_is_missing_is_open_and_says_what_to_do(
    host: Host, session: Session, title: str, changes: dict[str, object], words: str
) -> None:
    account = ready(session, host, **changes)  # type: ignore[arg-type]

    found = steps(host, account.application)

    assert not found[title].is_done
    assert words.lower() in found[title].text.lower()


def test_the_command_to_start_stands_there_to_copy(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    ready(session, host, ticked_at=NOW - timedelta(hours=1))

    page = browser.get(SETTINGS).text

    assert "flask allegro worker" in page
    assert 'data-al-copy="preparation-text-' in page


def test_permissions_to_tick_are_listed_with_their_reasons(browser: FlaskClient) -> None:
    page = browser.get(SETTINGS).text

    assert "\n".join(NEEDED) in page
    assert "Odczytać, z którym kontem jest powiązany." in page


def test_an_address_the_application_does_not_know_is_open_with_the_one_to_add(
    host: Host, session: Session
) -> None:
    account = ready(session, host)
    account.application.redirect_uris = "https://other.example/callback"

    step = steps(host, account.application)["Dokładny adres URI"]

    assert (step.how, step.copy) == ("bad", "uri")


def test_an_address_without_https_is_open(host: Host, session: Session) -> None:
    account = ready(session, host)

    step = steps(host, account.application, base_url="http://sklep.example")["Dokładny adres URI"]

    assert (step.how, step.text) == ("bad", "Adres sklepu musi zaczynać się od https://")


def test_linking_by_a_code_needs_no_address(host: Host, session: Session) -> None:
    account = ready(session, host)
    account.application.grant_type = GrantType.DEVICE_CODE
    account.application.redirect_uris = ""

    found = steps(host, account.application, base_url="http://sklep.example")

    assert found["Dokładny adres URI"].is_done
    assert "powiązanie kodem" in found["Rodzaj aplikacji"].text


def test_the_first_step_that_is_open_is_the_next_one(host: Host, session: Session) -> None:
    found = steps(host, an_application(session, host))

    assert [step.how for step in found.values()].count("now") == 1
    assert found["Konto firmowe"].how == "now"


def test_a_whole_link_leaves_only_what_runs_in_the_background(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link_and_confirm(host, browser)

    found = steps(host, session.scalars(select(Application)).one())

    assert [step.title for step in found.values() if not step.is_done] == [
        "Cennik dostawy i warunki",
        "Harmonogram działa",
        "Worker rq działa",
    ]


def test_the_card_of_an_application_that_is_gone_is_not_found(browser: FlaskClient) -> None:
    assert browser.get(f"{SETTINGS}/preparation?application_id=77").status_code == 404
