"""Alarms in the head of every page: what is wrong, and the one click that mends it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.alarms import CONNECTION_LOST, CONNECTION_RESTORED
from allegro_module.db.alarms import Alarm as AlarmRow
from allegro_module.domain.accounts import FRESH_ACCESS_REFUSED, KEYS_REFUSED, GrantType, LinkState
from allegro_module.domain.scopes import NEEDED
from allegro_module.sealing import Seal
from allegro_module.web.alarms import lost_link
from allegro_module.web.labels import label_of_account
from tests.web.conftest import NOW, ORDERS, SETTINGS, Host, a_linked_account, an_application
from tests.web.linking_steps import consent, link_and_confirm, local

OFFERS = f"{SETTINGS}/offers"


def alarms_on(browser: FlaskClient, address: str = ORDERS) -> str:
    # The fixture `session` keeps one context open for all requests of a test.
    g.pop("allegro_head", None)
    page = browser.get(address).text
    return page.split('id="al-alarms"')[1].split('id="al-messages"')[0]


def accounts(session: Session, host: Host, *logins: str, **changes: object) -> list[Account]:
    application = an_application(session, host)
    return [
        a_linked_account(
            session, host, login, application=application, alias=f"A{number}", seller_id=login, **changes
        )
        for number, login in enumerate(logins)
    ]


@pytest.mark.parametrize("address", [ORDERS, OFFERS, f"{SETTINGS}/history"])
def test_lost_link_alarms_on_every_page_with_one_click_to_link_again(
    host: Host, session: Session, browser: FlaskClient, address: str
) -> None:
    account = a_linked_account(session, host, state=LinkState.NEEDS_RECONNECT)

    alarms = alarms_on(browser, address)

    assert "al-note-bad" in alarms
    assert "Konto bursztyn_i_len (BL) wymaga ponownego połączenia." in alarms
    assert "Najczęściej po zmianie hasła" in alarms
    assert f'<form method="post" action="{SETTINGS}/accounts/{account.id}/link">' in alarms
    assert 'name="csrf_token"' in alarms
    assert "Połącz ponownie" in alarms


def test_settings_page_says_it_with_all_likely_causes_instead(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host, state=LinkState.NEEDS_RECONNECT)

    page = browser.get(SETTINGS).text

    assert "wymaga ponownego" not in alarms_on(browser, SETTINGS)
    for cause in ("Zmieniono hasło", "ze wszystkich urządzeń", "Powiązane aplikacje", "e-mail", "20 sesji"):
        assert cause in page
    assert "zablokowało sprzedaż" in page
    assert "Praca ruszy od miejsca, w którym stanęła." in page


def test_account_linked_by_code_is_linked_again_by_code(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host, state=LinkState.NEEDS_RECONNECT)
    account.application.grant_type = GrantType.DEVICE_CODE
    session.commit()

    alarms = alarms_on(browser)

    assert f'action="{SETTINGS}/device"' in alarms
    assert f'name="account_id" value="{account.id}"' in alarms


def test_refused_keys_are_named_once_for_all_their_accounts_and_are_not_linked_again(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    accounts(
        session,
        host,
        "bursztyn_i_len",
        "len_outlet",
        state=LinkState.NEEDS_RECONNECT,
        state_reason=KEYS_REFUSED,
    )

    alarms = alarms_on(browser)

    assert alarms.count("al-note-bad") == 1
    assert "Allegro nie zna kluczy aplikacji demo-client-id." in alarms
    assert "Czekają konta bursztyn_i_len (A0), len_outlet (A1)." in alarms
    assert f'href="{SETTINGS}#settings"' in alarms.replace(f"{SETTINGS}/#", f"{SETTINGS}#")
    assert "Połącz ponownie" not in alarms


def test_access_refused_right_after_renewal_is_told_apart(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(
        session, host, state=LinkState.NEEDS_RECONNECT, state_reason=FRESH_ACCESS_REFUSED
    )

    with host.app.test_request_context():
        lost = lost_link(account)

    assert "Allegro odrzuca nawet dostęp, który przed chwilą odnowiło." in alarms_on(browser)
    assert lost and "Zmieniono hasło konta Allegro." not in lost.causes


def test_missing_encryption_key_alarms_with_the_name_of_the_setting_and_goes_once_it_is_back(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    accounts(session, host, "bursztyn_i_len", "len_outlet")
    right = host.runtime.seal
    host.runtime.seal = Seal([Fernet.generate_key().decode()])
    without_key = alarms_on(browser)
    host.runtime.seal = right

    assert without_key.count("al-note-bad") == 1
    assert "Nie można odczytać zapisanych kluczy." in without_key
    assert "ALLEGRO_ENCRYPTION_KEYS" in without_key
    assert "bursztyn_i_len (A0), len_outlet (A1)" in without_key
    assert "al-note" not in alarms_on(browser)


def test_account_that_waits_to_be_confirmed_leads_to_the_question(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host, state=LinkState.UNCONFIRMED)

    alarms = alarms_on(browser)

    assert "al-note-warn" in alarms
    assert "Konto bursztyn_i_len (BL) czeka na potwierdzenie." in alarms
    assert f'href="{SETTINGS}/accounts/{account.id}/confirm"' in alarms


@pytest.mark.parametrize(
    ("column", "days", "tone"),
    [
        ("refreshed_at", 59, "ok"),
        ("refreshed_at", 61, "warn"),
        ("refreshed_at", 81, "bad"),
        ("used_at", 59, "ok"),
        ("used_at", 61, "warn"),
        ("used_at", 81, "bad"),
    ],
)
def test_access_that_nobody_renews_or_uses_warns_from_60_days_and_is_loud_from_80(
    host: Host, session: Session, browser: FlaskClient, column: str, days: int, tone: str
) -> None:
    account = a_linked_account(session, host)
    setattr(account, column, NOW - timedelta(days=days))
    session.commit()

    alarms = alarms_on(browser)
    with host.app.test_request_context():
        label = label_of_account(account, NOW)

    assert label.tone == tone
    assert (f"al-note-{tone}" in alarms) == (tone != "ok")
    if tone != "ok":
        assert f"wygaśnie za {90 - days} dni" in alarms
        assert f'action="{SETTINGS}/accounts/{account.id}/renew"' in alarms


def test_missing_scopes_are_named_with_what_does_not_work(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    granted = " ".join(name for name in NEEDED if not name.endswith("orders:read"))
    a_linked_account(session, host, scopes=granted)

    alarms = alarms_on(browser)

    assert "al-note-warn" in alarms
    assert "Konto bursztyn_i_len (BL) nie ma uprawnienia orders:read." in alarms
    assert "reszta działa" in alarms


def test_many_missing_scopes_are_counted(host: Host, session: Session, browser: FlaskClient) -> None:
    a_linked_account(session, host, scopes=NEEDED[0])

    assert f"i {len(NEEDED) - 3} innych" in alarms_on(browser)


def test_scope_that_the_seller_does_not_ask_for_is_no_alarm(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    wanted = " ".join(name for name in NEEDED if not name.endswith("billing:read"))
    account = a_linked_account(session, host, scopes=wanted)
    account.application.scopes = wanted
    session.commit()

    assert "al-note" not in alarms_on(browser)


def test_worst_comes_first_and_only_three_are_shown(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    found = accounts(session, host, "pierwsze", "drugie", "trzecie", "czwarte", "piate")
    found[0].scopes = NEEDED[0]
    found[1].state = LinkState.UNCONFIRMED
    found[2].state = LinkState.NEEDS_RECONNECT
    found[3].state, found[3].state_reason = LinkState.NEEDS_RECONNECT, KEYS_REFUSED
    found[4].refreshed_at = NOW - timedelta(days=85)
    session.commit()

    alarms = alarms_on(browser)

    places = [alarms.index(words) for words in ("czwarte", "trzecie", "piate")]
    assert places == sorted(places)
    assert alarms.count('class="al-note ') == 3
    assert "I 2 inne konta." in alarms


@pytest.mark.parametrize(
    "changes",
    [
        {"state": LinkState.NEEDS_RECONNECT},
        {"state": LinkState.NEEDS_RECONNECT, "state_reason": KEYS_REFUSED},
        {"state": LinkState.UNCONFIRMED},
        {"refreshed_at": NOW - timedelta(days=85)},
        {"scopes": NEEDED[0]},
    ],
)
def test_without_the_permission_there_is_no_button_but_whom_to_ask(
    host: Host, session: Session, browser: FlaskClient, changes: dict[str, object]
) -> None:
    account = a_linked_account(session, host)
    for name, value in changes.items():
        setattr(account, name, value)
    session.commit()
    host.allowed = {"view", "list_offers", "handle_orders"}

    alarms = alarms_on(browser)

    assert "bursztyn_i_len" in alarms
    assert "Poproś administratora sklepu." in alarms
    assert "<form" not in alarms
    assert "href" not in alarms


@pytest.mark.parametrize("state", [LinkState.CONNECTED, LinkState.DISCONNECTED])
def test_account_that_is_well_or_disconnected_on_purpose_alarms_nobody(
    host: Host, session: Session, browser: FlaskClient, state: LinkState
) -> None:
    a_linked_account(session, host, state=state)

    assert "al-note" not in alarms_on(browser)


def test_one_click_in_the_alarm_brings_a_lost_account_back(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link_and_confirm(host, browser)
    account = session.scalars(select(Account)).one()
    host.simulator.world.tokens.revoke(account.seller_id or "")
    host.now += timedelta(hours=1)
    browser.post(f"{SETTINGS}/accounts/{account.id}/renew")
    session.expire_all()
    lost = alarms_on(browser)
    action = lost.split('<form method="post" action="')[1].split('"')[0]

    to_allegro = browser.post(action).headers["Location"]
    browser.get(local(consent(host, to_allegro)))

    assert "Konto bursztyn_i_len (BU) wymaga ponownego połączenia." in lost
    assert "al-note" not in alarms_on(browser)
    kinds = session.scalars(select(AlarmRow.kind).order_by(AlarmRow.id)).all()
    assert kinds == [CONNECTION_LOST, CONNECTION_RESTORED]
