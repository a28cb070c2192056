"""The settings page: what is saved, what is said, and the way to Allegro and back."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from allegro_module.db.accounts import Account, Application
from allegro_module.db.audit import AuditEntry, list_latest
from allegro_module.db.cursors import find_cursor
from allegro_module.domain.accounts import KEYS_REFUSED, LinkState
from tests.web.browsing import errors_at
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account

SECRET = "demo-client-secret"
FILLED = {
    "environment": "simulator",
    "client_id": "demo-client-id",
    "client_secret": SECRET,
    "account-0-is_enabled": "1",
    "account-0-province": "POMORSKIE",
    "account-0-city": "Gdańsk",
    "account-0-post_code": "80-831",
    "account-0-country": "PL",
}
FRAGMENT = {"X-Allegro-Fragment": "1"}


def save(browser: FlaskClient, **changes: str) -> TestResponse:
    return browser.post(f"{SETTINGS}/save", data=FILLED | changes)


def consent(host: Host, address: str, decision: str = "allow", seller: str = "bursztyn_i_len") -> str:
    """Decide on Allegro's consent page; answers the address that the browser is sent back to."""
    parameters = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    with httpx2.Client(transport=httpx2.WSGITransport(app=host.simulator)) as allegro:
        answer = allegro.post(
            "http://simulator.test/auth/oauth/authorize",
            data=parameters | {"decision": decision, "seller": seller},
            headers={"User-Agent": "Browser/1.0 (+https://browser.example)"},
        )
    return str(answer.headers["Location"])


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def link(host: Host, browser: FlaskClient, **decision: str) -> str:
    """The whole way; answers the page the seller ends on."""
    begun = browser.post(f"{SETTINGS}/link", data=FILLED)
    back = consent(host, begun.headers["Location"], **decision)
    return browser.get(local(back), follow_redirects=True).text


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


def test_linking_saves_first_and_leads_to_allegros_consent_page(
    session: Session, browser: FlaskClient
) -> None:
    response = browser.post(f"{SETTINGS}/link", data=FILLED)

    address = urlsplit(response.headers["Location"])
    asked = parse_qs(address.query)
    assert response.status_code == 302
    assert address.netloc == "simulator.test"
    assert asked["redirect_uri"] == ["http://localhost/backend/allegro/config/callback"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["prompt"] == ["confirm"]
    assert session.scalars(select(Application)).one().proved_at == NOW


def test_a_linked_account_is_named_and_listed(host: Host, session: Session, browser: FlaskClient) -> None:
    page = link(host, browser)

    account = session.scalars(select(Account)).one()
    assert "Połączono z kontem bursztyn_i_len." in page
    assert account.login == "bursztyn_i_len"
    assert account.state == LinkState.CONNECTED
    assert account.city == "Gdańsk"
    assert find_cursor(session, account.id) is not None
    assert "account_linked" in [entry.action for entry in list_latest(session)]


def test_a_place_left_empty_may_wait_until_the_account_is_linked(host: Host, browser: FlaskClient) -> None:
    data = {name: value for name, value in FILLED.items() if not name.startswith("account-0-")}

    assert browser.post(f"{SETTINGS}/link", data=data).status_code == 302


def test_a_wrong_place_is_corrected_before_leaving(browser: FlaskClient) -> None:
    response = browser.post(f"{SETTINGS}/link", data=FILLED | {"account-0-post_code": "8"})

    assert response.status_code == 422
    assert "Wpisz kod w postaci 00-000" in response.text


def test_another_account_is_linked_with_the_stored_keys(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link(host, browser)

    begun = browser.post(f"{SETTINGS}/link")
    back = consent(host, begun.headers["Location"], seller="drugi_sklep")
    browser.get(local(back), follow_redirects=True)

    accounts = session.scalars(select(Account).order_by(Account.id)).all()
    assert [account.login for account in accounts] == ["bursztyn_i_len", "drugi_sklep"]
    assert accounts[0].alias != accounts[1].alias


def test_an_account_that_is_no_company_is_linked_with_a_warning(host: Host, browser: FlaskClient) -> None:
    page = link(host, browser, seller="jan_prywatny")

    assert "Połączono z kontem jan_prywatny." in page
    assert "To nie jest konto firmowe" in page


def test_a_refusal_changes_nothing(host: Host, session: Session, browser: FlaskClient) -> None:
    page = link(host, browser, decision="deny")

    assert "na stronie Allegro odmówiono zgody" in page
    assert session.scalars(select(Account)).one().state == LinkState.NOT_LINKED


@pytest.mark.parametrize("wrong", [{"client_secret": "not-the-secret"}, {"client_id": "nobody-knows-me"}])
def test_wrong_keys_are_told_before_leaving_for_allegro(browser: FlaskClient, wrong: dict[str, str]) -> None:
    response = browser.post(f"{SETTINGS}/link", data=FILLED | wrong, follow_redirects=True)

    assert "Allegro nie zna tych kluczy" in response.text
    assert "not-the-secret" not in response.text
    assert "Gdańsk" in response.text


def test_an_answer_that_belongs_to_no_attempt_is_refused(browser: FlaskClient) -> None:
    page = browser.get(f"{SETTINGS}/callback?code=abc&state=made-up", follow_redirects=True).text

    assert "nie należy do żadnej próby" in page


def test_an_answer_without_anything_is_refused(browser: FlaskClient) -> None:
    assert "nie należy do żadnej próby" in browser.get(f"{SETTINGS}/callback", follow_redirects=True).text


def test_an_answer_counts_once(host: Host, browser: FlaskClient) -> None:
    begun = browser.post(f"{SETTINGS}/link", data=FILLED)
    back = local(consent(host, begun.headers["Location"]))
    browser.get(back, follow_redirects=True)

    page = browser.get(back, follow_redirects=True).text

    assert "została już wykorzystana" in page


def test_an_answer_in_another_browser_is_refused_and_the_right_one_still_counts(
    host: Host, browser: FlaskClient
) -> None:
    begun = browser.post(f"{SETTINGS}/link", data=FILLED)
    back = local(consent(host, begun.headers["Location"]))

    stranger = host.browser().get(back, follow_redirects=True).text
    owner = browser.get(back, follow_redirects=True).text

    assert "w innej przeglądarce" in stranger
    assert "Połączono z kontem" in owner


def test_two_attempts_in_two_tabs_do_not_spoil_each_other(host: Host, browser: FlaskClient) -> None:
    first = browser.post(f"{SETTINGS}/link", data=FILLED).headers["Location"]
    browser.post(f"{SETTINGS}/link", data=FILLED | {"client_secret": ""})

    page = browser.get(local(consent(host, first)), follow_redirects=True).text

    assert "Połączono z kontem" in page


def test_an_attempt_lasts_ten_minutes(host: Host, browser: FlaskClient) -> None:
    begun = browser.post(f"{SETTINGS}/link", data=FILLED)
    back = local(consent(host, begun.headers["Location"]))
    host.now += timedelta(minutes=11)

    assert "minęło więcej niż dziesięć minut" in browser.get(back, follow_redirects=True).text


def test_a_code_that_expired_is_told(host: Host, browser: FlaskClient) -> None:
    begun = browser.post(f"{SETTINGS}/link", data=FILLED)
    back = local(consent(host, begun.headers["Location"]))
    host.simulator.world.clock.advance(11)

    assert "kod od Allegro wygasł" in browser.get(back, follow_redirects=True).text


@pytest.mark.parametrize("kind", ["status", "lose_answer"])
def test_allegro_down_is_nobodys_fault_and_settings_stay(host: Host, browser: FlaskClient, kind: str) -> None:
    if kind == "status":
        host.simulator.faults.status("POST /auth/oauth/token", times=5, status=503)
    else:
        host.simulator.faults.reset("POST /auth/oauth/token", times=5)

    page = browser.post(f"{SETTINGS}/link", data=FILLED, follow_redirects=True).text

    assert "Nie połączono: Allegro nie odpowiada." in page
    assert "demo-client-id" in page


def test_linking_again_keeps_the_account_and_its_place_in_the_journal(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link(host, browser)
    account = session.scalars(select(Account)).one()
    cursor = find_cursor(session, account.id)
    assert cursor is not None
    started_at = cursor.started_at
    account.state = LinkState.NEEDS_RECONNECT
    session.commit()
    host.now += timedelta(hours=1)

    begun = browser.post(f"{SETTINGS}/accounts/{account.id}/link")
    browser.get(local(consent(host, begun.headers["Location"])), follow_redirects=True)

    session.expire_all()
    assert account.state == LinkState.CONNECTED
    assert cursor.started_at == started_at
    assert len(session.scalars(select(Account)).all()) == 1


def test_linking_again_as_somebody_else_is_refused(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link(host, browser)
    account = session.scalars(select(Account)).one()

    begun = browser.post(f"{SETTINGS}/accounts/{account.id}/link")
    back = consent(host, begun.headers["Location"], seller="drugi_sklep")
    page = browser.get(local(back), follow_redirects=True).text

    assert "zgodę wyraziło inne konto" in page


def test_an_account_to_be_linked_again_says_why_and_how(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host, state=LinkState.NEEDS_RECONNECT, state_since=NOW - timedelta(hours=5))

    page = browser.get(SETTINGS).text

    assert "bursztyn_i_len – wymaga ponownego połączenia." in page
    assert "dziś, 09:30" in page
    assert page.count("btn-primary") == 1


def test_the_link_can_be_tested(host: Host, browser: FlaskClient) -> None:
    link(host, browser)

    page = browser.post(f"{SETTINGS}/accounts/1/test", follow_redirects=True).text

    assert "Połączenie działa." in page
    assert "Allegro odpowiada jako bursztyn_i_len." in page


def test_a_test_while_allegro_is_down_never_asks_to_link_again(host: Host, browser: FlaskClient) -> None:
    link(host, browser)
    host.simulator.faults.status("GET /me", times=5, status=503)

    page = browser.post(f"{SETTINGS}/accounts/1/test", follow_redirects=True).text

    assert "Allegro nie odpowiada." in page
    assert "Połącz konto ponownie" not in page


def test_disconnecting_asks_first_and_then_forgets_the_tokens(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host)

    question = browser.get(f"{SETTINGS}/accounts/{account.id}/disconnect").text
    page = browser.post(f"{SETTINGS}/accounts/{account.id}/disconnect", follow_redirects=True).text

    session.expire_all()
    assert "Rozłączyć konto bursztyn_i_len?" in question
    assert "Rozłączono konto bursztyn_i_len." in page
    assert account.state == LinkState.DISCONNECTED
    assert account.sealed_access_token is None
    assert account.sealed_refresh_token is None
    assert "account_disconnected" in [entry.action for entry in list_latest(session)]


def test_no_secret_is_logged(host: Host, browser: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    link(host, browser)

    assert SECRET not in caplog.text


def test_getting_ready_counts_what_is_done(host: Host, browser: FlaskClient) -> None:
    before = browser.get(SETTINGS).text
    after = link(host, browser)

    assert "0 z 7" in before
    assert "6 z 7" in after


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
    assert "Allegro nie zna kluczy aplikacji." in before
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


def test_linking_without_the_right_to_look_is_told_as_such(host: Host, browser: FlaskClient) -> None:
    host.simulator.faults.status("GET /order/event-stats", 403)

    page = link(host, browser)

    assert "Allegro nie pozwala tej aplikacji odczytać konta i zamówień." in page
    assert "Allegro nie odpowiada" not in page
