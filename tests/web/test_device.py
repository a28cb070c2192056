"""Linking by a code: the page that shows it, and what it says while it waits and at the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.links import LinkAttempt
from allegro_module.domain.accounts import GrantType, LinkState
from tests.web.browsing import words_of
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account, an_application
from tests.web.linking_steps import consent_on_device

FRAGMENT = {"X-Allegro-Fragment": "1"}
PAGE = f"{SETTINGS}/device/1"


@pytest.fixture(autouse=True)
def application(host: Host, session: Session) -> None:
    """Of the kind without a browser."""
    found = an_application(session, host)
    found.client_id = "demo-device-id"
    found.sealed_client_secret = host.runtime.seal.close("demo-device-secret")
    found.grant_type = GrantType.DEVICE_CODE
    session.commit()


def begin(browser: FlaskClient, **fields: str) -> str:
    """Press the button; answers the address of the page with the code."""
    return browser.post(f"{SETTINGS}/device", data={"application_id": "1", **fields}).headers["Location"]


def code_of(session: Session) -> str:
    session.expire_all()
    return session.scalars(select(LinkAttempt)).one().user_code


def after_the_interval(host: Host) -> None:
    host.now += timedelta(seconds=6)
    host.simulator.world.clock.advance(6)


def test_the_code_stands_in_threes_with_link_picture_and_end(session: Session, browser: FlaskClient) -> None:
    page = browser.get(begin(browser))

    code = code_of(session)
    assert " ".join((code[:3], code[3:6], code[6:])) in words_of(page)
    assert f'href="http://simulator.test/skojarz-aplikacje?code={code}"' in page.text
    assert 'src="data:image/svg+xml' in page.text
    assert 'data-al-copy="device-code"' in page.text
    assert "dziś, 15:30" in words_of(page)
    assert "Sprawdź teraz" in page.text


def test_only_the_browser_that_began_sees_it_and_asks(host: Host, browser: FlaskClient) -> None:
    begin(browser)
    stranger = host.browser()

    assert stranger.get(PAGE).status_code == stranger.post(f"{PAGE}/poll").status_code == 404


def test_looking_at_the_page_asks_allegro_nothing(host: Host, session: Session, browser: FlaskClient) -> None:
    begin(browser)
    consent_on_device(host, code_of(session))
    after_the_interval(host)

    page = browser.get(PAGE)

    session.expire_all()
    assert page.status_code == 200
    assert session.scalars(select(LinkAttempt)).one().outcome == ""


def test_while_the_seller_thinks_nothing_on_the_page_changes(host: Host, browser: FlaskClient) -> None:
    begin(browser)
    after_the_interval(host)

    answer = browser.post(f"{PAGE}/poll", headers=FRAGMENT)

    assert (answer.status_code, answer.text) == (204, "")


def test_consent_leads_to_the_question_whose_account_it_is(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    begin(browser)
    consent_on_device(host, code_of(session))
    after_the_interval(host)

    answer = browser.post(f"{PAGE}/poll", headers=FRAGMENT)

    assert answer.headers["X-Allegro-Go"] == f"{SETTINGS}/accounts/1/confirm"
    assert session.scalars(select(Account)).one().state == LinkState.UNCONFIRMED
    assert browser.get(PAGE).headers["Location"] == f"{SETTINGS}/accounts/1/confirm"


def test_without_scripts_a_button_asks(host: Host, session: Session, browser: FlaskClient) -> None:
    begin(browser)
    after_the_interval(host)
    waiting = browser.post(f"{PAGE}/poll")
    consent_on_device(host, code_of(session))
    after_the_interval(host)

    linked = browser.post(f"{PAGE}/poll")

    assert (waiting.status_code, waiting.headers["Location"]) == (303, PAGE)
    assert (linked.status_code, linked.headers["Location"]) == (303, f"{SETTINGS}/accounts/1/confirm")


def test_a_refusal_is_told_and_one_may_begin_again(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    begin(browser)
    consent_on_device(host, code_of(session), decision="deny")
    after_the_interval(host)

    answer = browser.post(f"{PAGE}/poll", headers=FRAGMENT)
    page = browser.get(PAGE).text

    assert all("na stronie Allegro odmówiono zgody" in text for text in (answer.text, page))
    assert "Zacznij od nowa" in page
    assert "data-al-device=" not in answer.text
    assert begin(browser) == f"{SETTINGS}/device/2"


def test_a_code_that_was_not_typed_in_time_is_told(host: Host, browser: FlaskClient) -> None:
    begin(browser)
    host.now += timedelta(hours=2)
    host.simulator.world.clock.advance(7200)

    page = browser.post(f"{PAGE}/poll", follow_redirects=True).text

    assert "kod wygasł, zanim został potwierdzony" in page


def test_allegro_down_ends_nothing(host: Host, session: Session, browser: FlaskClient) -> None:
    begin(browser)
    host.simulator.faults.status("POST /auth/oauth/token", times=5, status=503)
    after_the_interval(host)

    answer = browser.post(f"{PAGE}/poll", headers=FRAGMENT)

    assert answer.status_code == 204


def test_another_seller_than_the_one_to_be_linked_again_is_refused_by_name(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    application = session.get_one(Account, lost_account(session, host)).application
    begin(browser, application_id=str(application.id), account_id="1")
    page = browser.get(PAGE).text
    consent_on_device(host, code_of(session), seller="drugi_sklep")
    after_the_interval(host)

    answer = browser.post(f"{PAGE}/poll", headers=FRAGMENT).text

    assert "Musi to być bursztyn_i_len." in page
    assert "Zgodę musi wyrazić bursztyn_i_len." in answer
    assert 'name="account_id" value="1"' in answer


def lost_account(session: Session, host: Host) -> int:
    application = session.scalars(select(LinkAttempt.application_id)).first()
    assert application is None
    found = a_linked_account(session, host, state=LinkState.NEEDS_RECONNECT, environment="sandbox")
    found.environment, found.application_id = "simulator", 1
    session.commit()
    return found.id


def test_link_again_goes_by_a_code_where_the_application_is_of_that_kind(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    lost_account(session, host)

    answer = browser.post(f"{SETTINGS}/accounts/1/link")

    assert answer.headers["Location"] == PAGE


def test_a_lost_account_goes_on_at_once(host: Host, session: Session, browser: FlaskClient) -> None:
    lost_account(session, host)
    seller = host.simulator.world.sellers["bursztyn_i_len"]
    session.scalars(select(Account)).one().seller_id = seller.id
    session.commit()
    browser.post(f"{SETTINGS}/accounts/1/link")
    consent_on_device(host, code_of(session))
    after_the_interval(host)

    page = browser.post(f"{PAGE}/poll", follow_redirects=True).text

    assert "Połączono ponownie konto bursztyn_i_len." in page


def test_an_application_for_browsers_gets_no_code(host: Host, session: Session, browser: FlaskClient) -> None:
    application = an_application(session, host)
    session.commit()

    page = browser.post(
        f"{SETTINGS}/device", data={"application_id": str(application.id)}, follow_redirects=True
    ).text

    assert "aplikacja jest innego rodzaju" in page


@pytest.mark.parametrize("application_id", ["0", "77", "99999999999999999999", "x"])
def test_an_application_that_is_not_there_is_not_found(browser: FlaskClient, application_id: str) -> None:
    answer = browser.post(f"{SETTINGS}/device", data={"application_id": application_id})

    assert answer.status_code == 404


def test_the_end_is_told_by_the_servers_clock(host: Host, browser: FlaskClient) -> None:
    page = browser.get(begin(browser)).text

    assert f'data-al-now="{NOW.isoformat()}"' in page
    assert f'data-al-ends="{(NOW + timedelta(hours=1)).isoformat()}"' in page
