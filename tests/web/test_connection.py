"""The settings page: what is saved and what is said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from allegro_module.db.accounts import Account, Application
from allegro_module.db.audit import AuditEntry, list_latest
from allegro_module.domain.accounts import KEYS_REFUSED, LinkState
from tests.web.browsing import errors_at
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account
from tests.web.linking_steps import FILLED, SECRET

FRAGMENT = {"X-Allegro-Fragment": "1"}


def save(browser: FlaskClient, **changes: str) -> TestResponse:
    return browser.post(f"{SETTINGS}/save", data=FILLED | changes)


def test_the_page_shows_the_exact_redirect_uri(browser: FlaskClient) -> None:
    page = browser.get(SETTINGS, base_url="https://panel.bursztyn-i-len.example").text

    assert 'value="https://panel.bursztyn-i-len.example/backend/allegro/config/callback"' in page
    assert "nie zaczyna się od https" not in page


def test_an_address_without_https_is_warned_of(browser: FlaskClient) -> None:
    assert "nie zaczyna się od https" in browser.get(SETTINGS, base_url="http://sklep.example").text


def test_the_simulator_is_offered_only_where_one_is_configured(host: Host, browser: FlaskClient) -> None:
    assert "Symulator" in browser.get(SETTINGS).text


def test_settings_are_saved_and_shown_again(session: Session, browser: FlaskClient) -> None:
    response = save(browser)

    page = browser.get(SETTINGS).text
    assert response.status_code == 303
    assert "Ustawienia zapisane." in page
    assert all(value in page for value in ("demo-client-id", "Gdańsk", "80-831"))
    account = session.scalars(select(Account)).one()
    assert (account.province, account.is_enabled, account.state) == ("POMORSKIE", True, LinkState.NOT_LINKED)


def test_the_secret_rests_sealed_and_never_comes_back(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    save(browser)

    application = session.scalars(select(Application)).one()
    page = browser.get(SETTINGS).text
    assert SECRET not in application.sealed_client_secret
    assert host.runtime.seal.open(application.sealed_client_secret) == SECRET
    assert SECRET not in page
    assert "zapisany – wpisz, aby zmienić" in page


def test_an_empty_secret_keeps_the_stored_one(host: Host, session: Session, browser: FlaskClient) -> None:
    save(browser)

    save(browser, client_secret="")

    application = session.scalars(select(Application)).one()
    assert host.runtime.seal.open(application.sealed_client_secret) == SECRET


def test_other_keys_need_their_own_secret(browser: FlaskClient) -> None:
    save(browser)

    page = save(browser, client_id="another-one", client_secret="").text

    assert "Wpisz Client Secret" in page


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("client_id", "", "Uzupełnij to pole."),
        ("client_id", "two words", "Skopiuj Client ID ze strony aplikacji"),
        ("client_secret", "", "Wpisz Client Secret"),
        ("client_secret", "broken\nline", "Skopiuj Client Secret ze strony aplikacji"),
        ("environment", "moon", "Wybierz jedno ze środowisk"),
        ("account-0-city", " ", "Uzupełnij to pole."),
        ("account-0-province", "", "Wybierz województwo"),
        ("account-0-province", "BAVARIA", "Wybierz województwo"),
        ("account-0-post_code", "80-83", "Wpisz kod w postaci 00-000"),
        ("account-0-post_code", "", "Uzupełnij to pole."),
    ],
)
def test_a_wrong_value_is_named_at_its_field_and_the_rest_stays(
    browser: FlaskClient, name: str, value: str, sentence: str
) -> None:
    response = save(browser, **{name: value})

    assert response.status_code == 422
    assert sentence in response.text
    assert "Popraw 1 miejsce" in response.text
    assert SECRET not in response.text
    typed = {**FILLED, name: value}
    assert all(
        typed[each] in response.text for each in ("account-0-city", "account-0-post_code") if each != name
    )


def test_a_wrong_postcode_stays_as_typed(browser: FlaskClient) -> None:
    page = save(browser, **{"account-0-post_code": "80-83"}).text

    assert 'value="80-83"' in page
    assert 'aria-invalid="true"' in page


def test_a_postcode_without_its_dash_is_understood(session: Session, browser: FlaskClient) -> None:
    save(browser, **{"account-0-post_code": "80831"})

    assert session.scalars(select(Account.post_code)).one() == "80-831"


def test_right_keys_are_saved_although_the_place_is_wrong(session: Session, browser: FlaskClient) -> None:
    save(browser, **{"account-0-post_code": "80-83"})

    assert session.scalars(select(Application)).one().client_id == "demo-client-id"
    assert session.scalars(select(Account)).all() == []


def test_abroad_there_are_no_provinces(session: Session, browser: FlaskClient) -> None:
    save(browser, **{"account-0-country": "CZ", "account-0-province": "", "account-0-post_code": "110 00"})

    account = session.scalars(select(Account)).one()
    assert (account.country, account.province, account.post_code) == ("CZ", None, "110 00")


def test_a_corrected_client_id_replaces_the_one_nobody_is_linked_with(
    session: Session, browser: FlaskClient
) -> None:
    save(browser, client_id="demo-client-idd")

    save(browser)

    assert [each.client_id for each in session.scalars(select(Application))] == ["demo-client-id"]
    assert len(session.scalars(select(Account)).all()) == 1


def test_another_environment_leaves_linked_accounts_with_their_keys(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)

    browser.post(
        f"{SETTINGS}/save",
        data={"environment": "sandbox", "client_id": "of-sandbox", "client_secret": "abc123"},
    )

    account = session.scalars(select(Account)).one()
    assert account.application.environment == "simulator"
    assert len(session.scalars(select(Application)).all()) == 2


def test_an_account_can_be_switched_off(host: Host, session: Session, browser: FlaskClient) -> None:
    account = a_linked_account(session, host)
    place = {name.replace("-0-", f"-{account.id}-"): value for name, value in FILLED.items()}
    place.pop(f"account-{account.id}-is_enabled")

    browser.post(f"{SETTINGS}/save", data=place)

    session.expire_all()
    assert not account.is_enabled


def test_an_account_the_sent_page_did_not_show_stays_as_it_is(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host)

    response = browser.post(
        f"{SETTINGS}/save", data={"environment": "simulator", "client_id": "demo-client-id"}
    )

    session.expire_all()
    assert response.status_code == 303
    assert account.is_enabled
    assert account.city == "Gdańsk"


def test_every_change_is_audited_without_the_secret(session: Session, browser: FlaskClient) -> None:
    save(browser)
    save(browser, client_secret="a-new-secret", **{"account-0-city": "Sopot"})

    entries = {(entry.action, entry.who): entry.details for entry in reversed(list_latest(session))}
    assert entries["application_saved", "anna.k"] == {"client_secret": "changed"}
    assert entries["account_saved", "anna.k"] == {"city": "Gdańsk → Sopot"}
    assert SECRET not in str([entry.details for entry in session.scalars(select(AuditEntry))])


def test_saving_without_a_change_writes_no_audit_entry(session: Session, browser: FlaskClient) -> None:
    save(browser)
    before = len(list_latest(session))

    save(browser, client_secret="")

    assert len(list_latest(session)) == before


def test_a_script_gets_the_parts_that_changed(browser: FlaskClient) -> None:
    saved = browser.post(f"{SETTINGS}/save", data=FILLED, headers=FRAGMENT)
    wrong = browser.post(f"{SETTINGS}/save", data=FILLED | {"client_id": ""}, headers=FRAGMENT)

    assert saved.status_code == wrong.status_code == 200
    assert "<html" not in saved.text
    assert all(f'id="{each}"' in saved.text for each in ("al-head", "settings", "preparation"))
    assert "Zapisane" in saved.text
    assert "data-al-summary" in wrong.text
    assert "data-al-keep" in wrong.text
    assert "data-al-keep" not in saved.text


def test_an_account_to_be_linked_again_says_why_and_how(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host, state=LinkState.NEEDS_RECONNECT, state_since=NOW - timedelta(hours=5))

    page = browser.get(SETTINGS).text

    assert "bursztyn_i_len – wymaga ponownego połączenia." in page
    assert "dziś, 09:30" in page
    assert page.count("btn-primary") == 1


def test_a_secret_allegro_does_not_know_never_replaces_that_of_a_linked_account(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    application = a_linked_account(session, host).application

    response = save(browser, client_secret="not-the-secret")

    session.expire_all()
    assert response.status_code == 422
    assert errors_at(response.text, "f-client_secret") == [
        "Allegro nie zna tych kluczy. Sprawdź Client ID i Client Secret."
    ]
    assert host.runtime.seal.open(application.sealed_client_secret) == SECRET


def test_a_client_id_allegro_does_not_know_is_not_saved_beside_a_linked_account(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)

    response = save(browser, client_id="nobody-knows-me")

    assert "Allegro nie zna tych kluczy." in response.text
    assert [each.client_id for each in session.scalars(select(Application))] == ["demo-client-id"]


def test_a_secret_that_cannot_be_checked_replaces_nothing(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    application = a_linked_account(session, host).application
    host.simulator.faults.status("POST /auth/oauth/token", times=5, status=503)

    response = save(browser, client_secret="perhaps-right")

    session.expire_all()
    assert errors_at(response.text, "f-client_secret") == [
        "Allegro nie odpowiada, więc nie sprawdziliśmy nowego klucza. Zapisany wcześniej zostaje."
    ]
    assert host.runtime.seal.open(application.sealed_client_secret) == SECRET


def test_right_keys_bring_back_the_account_that_wrong_ones_lost(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(
        session, host, state=LinkState.NEEDS_RECONNECT, state_reason=KEYS_REFUSED, state_since=NOW
    )
    account.application.sealed_client_secret = host.runtime.seal.close("rotated-away")
    session.commit()
    before = browser.get(SETTINGS).text

    save(browser)

    session.expire_all()
    assert "Allegro nie zna kluczy aplikacji demo-client-id." in before
    assert (account.state, account.state_reason) == (LinkState.CONNECTED, "")
    assert account.application.proved_at == NOW


def test_right_keys_bring_back_no_account_that_lost_its_consent(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(
        session, host, state=LinkState.NEEDS_RECONNECT, state_reason="password changed"
    )

    save(browser)

    session.expire_all()
    assert account.state == LinkState.NEEDS_RECONNECT


def test_a_number_no_account_can_have_is_not_found(browser: FlaskClient) -> None:
    assert browser.get(f"{SETTINGS}/accounts/9999999999/disconnect").status_code == 404
