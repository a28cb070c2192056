"""Every deed of the settings area that changes something leaves an entry, with who did it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.audit import AuditEntry, list_latest
from allegro_module.domain.accounts import LinkState
from allegro_module.web.history_words import ACTIONS
from tests.web.conftest import SETTINGS, Host, a_linked_account, an_application
from tests.web.linking_steps import FILLED, link, link_and_confirm

Deed = Callable[[Host, Session, FlaskClient], object]


def save_application(host: Host, session: Session, browser: FlaskClient) -> object:
    return browser.post(f"{SETTINGS}/save", data=FILLED)


def save_account(host: Host, session: Session, browser: FlaskClient) -> object:
    browser.post(f"{SETTINGS}/save", data=FILLED)
    return browser.post(f"{SETTINGS}/save", data={**FILLED, "account-0-city": "Gdynia"})


def copy_settings(host: Host, session: Session, browser: FlaskClient) -> object:
    first, second = two_accounts(session, host)
    return browser.post(f"{SETTINGS}/accounts/{second.id}/copy", data={"from": first.id})


def delete_application(host: Host, session: Session, browser: FlaskClient) -> object:
    a_linked_account(session, host)
    spare = an_application(session, host, "sandbox")
    session.commit()
    return browser.post(f"{SETTINGS}/applications/{spare.id}/delete")


def finish_link(host: Host, session: Session, browser: FlaskClient) -> object:
    return link(host, browser)


def confirm(host: Host, session: Session, browser: FlaskClient) -> object:
    account = a_linked_account(session, host, state=LinkState.UNCONFIRMED, is_confirmed=False)
    return browser.post(f"{SETTINGS}/accounts/{account.id}/confirm")


def undo(host: Host, session: Session, browser: FlaskClient) -> object:
    account = a_linked_account(session, host, state=LinkState.UNCONFIRMED, is_confirmed=False)
    return browser.post(f"{SETTINGS}/accounts/{account.id}/undo")


def disconnect(host: Host, session: Session, browser: FlaskClient) -> object:
    account = a_linked_account(session, host)
    return browser.post(f"{SETTINGS}/accounts/{account.id}/disconnect")


def renew(host: Host, session: Session, browser: FlaskClient) -> object:
    link_and_confirm(host, browser)
    host.now += timedelta(hours=1)
    return browser.post(f"{SETTINGS}/accounts/1/renew")


def register(host: Host, session: Session, browser: FlaskClient) -> object:
    registrations = host.simulator.world.registrations
    statement = next(iter(registrations.statements))
    host.runtime.settings = replace(host.runtime.settings, software_statement_id=statement)
    code = registrations.new(host.simulator.world)
    return browser.post(
        f"{SETTINGS}/register", data={"environment": "simulator", "name": "Bursztyn i Len", "code": code}
    )


def two_accounts(session: Session, host: Host) -> list[Account]:
    first = a_linked_account(session, host)
    second = a_linked_account(
        session, host, "len_outlet", application=first.application, alias="OU", seller_id="1002"
    )
    second.city = "Gdynia"
    session.commit()
    return [first, second]


DEEDS: dict[Deed, str] = {
    save_application: "application_added",
    save_account: "account_saved",
    copy_settings: "settings_copied",
    delete_application: "application_deleted",
    finish_link: "account_linked",
    confirm: "account_confirmed",
    undo: "account_rejected",
    disconnect: "account_disconnected",
    renew: "tokens_renewed",
    register: "application_registered",
}


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_deed_is_recorded_with_who_did_it(
    host: Host, session: Session, browser: FlaskClient, deed: Deed
) -> None:
    deed(host, session, browser)

    session.rollback()
    found = [entry for entry in list_latest(session) if entry.action == DEEDS[deed]]
    assert [entry.who for entry in found[:1]] == ["anna.k"]
    assert found[0].subject


def test_every_recorded_action_has_its_sentence(session: Session) -> None:
    known = {action for actions in ACTIONS.values() for action in actions}

    assert set(DEEDS.values()) <= known


def test_saving_what_stands_there_already_records_nothing(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    browser.post(f"{SETTINGS}/save", data=FILLED)
    before = session.scalar(select(func.count(AuditEntry.id)))

    browser.post(f"{SETTINGS}/save", data={**FILLED, "client_secret": ""})

    session.rollback()
    assert session.scalar(select(func.count(AuditEntry.id))) == before


def test_no_secret_stands_in_the_log(host: Host, session: Session, browser: FlaskClient) -> None:
    link_and_confirm(host, browser)

    page = browser.get(f"{SETTINGS}/history").text

    assert FILLED["client_secret"] not in page
    assert "zmieniony" in page
    assert session.scalars(select(AuditEntry)).all()
