"""The way to Allegro and back: what the seller is told, the right account, renewing and undoing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, Application
from allegro_module.db.audit import list_latest
from allegro_module.db.cursors import find_cursor
from allegro_module.domain.accounts import LinkState
from allegro_module.sealing import Seal, new_key
from allegro_module.web.i18n import t
from allegro_module.web.link_words import FAILURES
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account
from tests.web.linking_steps import FILLED, SECRET, consent, link, link_and_confirm, local

FEW_SCOPES = [f"allegro:api:{name}" for name in ("profile:read", "sale:offers:read", "orders:read")]


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
    link_and_confirm(host, browser)
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
    stored = account.sealed_access_token

    begun = browser.post(f"{SETTINGS}/accounts/{account.id}/link")
    back = consent(host, begun.headers["Location"], seller="drugi_sklep")
    page = browser.get(local(back), follow_redirects=True).text

    assert "zgodę wyraziło inne konto" in page
    assert "Zgodę musi wyrazić bursztyn_i_len." in page
    session.expire_all()
    assert account.sealed_access_token == stored


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


def test_linking_without_the_right_to_look_is_told_as_such(host: Host, browser: FlaskClient) -> None:
    host.simulator.faults.status("GET /order/event-stats", 403)

    page = link(host, browser)

    assert "Allegro nie pozwala tej aplikacji odczytać konta i zamówień." in page
    assert "Allegro nie odpowiada" not in page


def the_account(session: Session) -> Account:
    session.expire_all()
    return session.scalars(select(Account)).one()


def test_the_seller_is_asked_whether_it_is_the_right_account(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    page = link(host, browser)

    account = the_account(session)
    assert "Połączono z kontem <strong>bursztyn_i_len</strong>" in page
    assert "Czy to właściwe konto?" in page
    assert all(word in page for word in ("Symulator", "allegro.pl", account.alias, "firmowe"))
    assert page.count("btn-primary") == 1
    assert account.state == LinkState.UNCONFIRMED
    assert account.city == "Gdańsk"


def test_a_look_at_the_question_answers_nothing(host: Host, session: Session, browser: FlaskClient) -> None:
    link(host, browser)

    browser.get(f"{SETTINGS}/accounts/1/confirm")

    assert the_account(session).state == LinkState.UNCONFIRMED


def test_yes_makes_it_a_linked_account(host: Host, session: Session, browser: FlaskClient) -> None:
    page = link_and_confirm(host, browser)

    account = the_account(session)
    assert "Konto bursztyn_i_len jest powiązane." in page
    assert account.state == LinkState.CONNECTED
    assert find_cursor(session, account.id) is not None
    assert {"account_linked", "account_confirmed"} <= {entry.action for entry in list_latest(session)}


def test_no_wipes_the_link_and_explains_how_to_link_another_account(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link(host, browser)

    page = browser.post(f"{SETTINGS}/accounts/1/undo", follow_redirects=True).text

    account = the_account(session)
    assert "Konto bursztyn_i_len nie jest połączone." in page
    assert "Wyloguj się z konta" in page
    assert 'href="http://simulator.test"' in page
    assert (account.state, account.seller_id, account.sealed_access_token) == (
        LinkState.NOT_LINKED,
        None,
        None,
    )
    assert account.city == "Gdańsk"


def test_the_other_account_is_linked_from_there(host: Host, session: Session, browser: FlaskClient) -> None:
    link(host, browser)
    browser.post(f"{SETTINGS}/accounts/1/undo")

    begun = browser.post(f"{SETTINGS}/link", data={"application_id": "1"})
    back = consent(host, begun.headers["Location"], seller="drugi_sklep")
    browser.get(local(back))

    assert the_account(session).login == "drugi_sklep"


@pytest.mark.parametrize("answer", ["confirm", "undo"])
def test_an_answer_that_comes_late_changes_nothing(
    host: Host, session: Session, browser: FlaskClient, answer: str
) -> None:
    link_and_confirm(host, browser)

    response = browser.post(f"{SETTINGS}/accounts/1/{answer}")

    assert response.status_code == 303
    assert the_account(session).state == LinkState.CONNECTED
    assert browser.get(f"{SETTINGS}/accounts/1/confirm").status_code == 303


def test_a_private_account_is_warned_of(host: Host, browser: FlaskClient) -> None:
    page = link(host, browser, seller="jan_prywatny")

    assert "To jest konto prywatne." in page
    assert "prywatne" in page


def test_permissions_that_are_missing_are_named_with_what_stops(host: Host, browser: FlaskClient) -> None:
    browser.post(f"{SETTINGS}/save", data=FILLED | {"scopes_shown": "1", "scopes": FEW_SCOPES})

    page = link(host, browser)

    assert "allegro:api:orders:write" in page
    assert "Allegro i kupujący nie dowiedzą się" in page


def test_an_account_confirmed_before_is_not_asked_about_again(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link_and_confirm(host, browser)

    begun = browser.post(f"{SETTINGS}/accounts/1/link")
    page = browser.get(local(consent(host, begun.headers["Location"])), follow_redirects=True).text

    assert "To konto było już powiązane; odświeżono dostęp." in page
    assert the_account(session).state == LinkState.CONNECTED


def test_a_lost_account_goes_on_where_it_stood(host: Host, session: Session, browser: FlaskClient) -> None:
    link_and_confirm(host, browser)
    the_account(session).state = LinkState.NEEDS_RECONNECT
    session.commit()

    begun = browser.post(f"{SETTINGS}/accounts/1/link")
    page = browser.get(local(consent(host, begun.headers["Location"])), follow_redirects=True).text

    assert "Połączono ponownie konto bursztyn_i_len." in page
    assert "Praca rusza od miejsca, w którym stanęła" in page


def test_tokens_are_renewed_at_the_press_of_a_button(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link_and_confirm(host, browser)
    before = the_account(session).sealed_access_token
    host.now += timedelta(hours=1)

    page = browser.post(f"{SETTINGS}/accounts/1/renew", follow_redirects=True).text

    assert "Tokeny pobrane pomyślnie, ważne do: jutro, 03:29." in page
    assert the_account(session).sealed_access_token != before


def test_a_renewal_that_allegro_does_not_answer_is_nobodys_fault(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    link_and_confirm(host, browser)
    host.now += timedelta(hours=1)
    host.simulator.faults.status("POST /auth/oauth/token", times=9, status=503)

    page = browser.post(f"{SETTINGS}/accounts/1/renew", follow_redirects=True).text

    assert "Allegro nie odpowiada." in page
    assert the_account(session).state == LinkState.CONNECTED


def test_a_node_that_must_not_renew_says_so(host: Host, session: Session, browser: FlaskClient) -> None:
    a_linked_account(session, host)
    host.runtime.settings = replace(host.runtime.settings, refresh_tokens=False)

    page = browser.post(f"{SETTINGS}/accounts/1/renew", follow_redirects=True).text

    assert "Ten serwer nie odnawia tokenów." in page


def test_a_disconnected_account_has_nothing_to_renew(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host, state=LinkState.DISCONNECTED)

    page = browser.post(f"{SETTINGS}/accounts/1/renew", follow_redirects=True).text

    assert "Nie ma czego odnawiać: konto bursztyn_i_len nie jest połączone." in page


def test_a_secret_whose_key_is_gone_is_told_and_nothing_breaks(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    application = a_linked_account(session, host).application
    application.sealed_client_secret = Seal([new_key()]).close(SECRET)
    session.commit()

    page = browser.post(f"{SETTINGS}/accounts/1/link", follow_redirects=True).text

    assert "nie można odczytać zapisanego Client Secret" in page
    assert "ALLEGRO_ENCRYPTION_KEYS" in page


def test_too_many_tokens_are_told_as_such(host: Host, browser: FlaskClient) -> None:
    host.simulator.faults.status("POST /auth/oauth/token", times=5, status=429)

    page = browser.post(f"{SETTINGS}/link", data=FILLED, follow_redirects=True).text

    assert "za dużo tokenów" in page


@pytest.mark.parametrize("path", ["confirm", "undo", "renew", "link"])
def test_only_who_may_change_settings_answers(host: Host, browser: FlaskClient, path: str) -> None:
    host.allowed = {"view"}

    assert browser.post(f"{SETTINGS}/accounts/1/{path}").status_code == 403


def test_every_failure_of_linking_has_a_sentence_in_polish() -> None:
    assert all(t(text) != text for pair in FAILURES.values() for text in pair)
