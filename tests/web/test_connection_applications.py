"""Applications on the settings page: several of them, names, kinds, redirect URIs, permissions, removal."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from allegro_module.db.accounts import Account, Application
from allegro_module.db.alarms import CONNECTION_RESTORED, Alarm
from allegro_module.db.audit import list_latest
from allegro_module.domain.accounts import KEYS_REFUSED, GrantType, LinkState
from allegro_module.domain.facts import ConnectionRestored
from allegro_module.domain.scopes import NEEDED, SCOPES
from allegro_module.signals import connection_restored
from tests.web.browsing import errors_at, form_in, words_of
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account, an_application
from tests.web.linking_steps import FILLED, SECRET

CALLBACK = "http://localhost/backend/allegro/config/callback"
ADVANCED = f"{SETTINGS}?view=advanced"


def save(browser: FlaskClient, address: str = SETTINGS, **changes: str | list[str]) -> TestResponse:
    """What the form at `address` sends, with `changes` typed."""
    sent: MultiDict[str, str] = form_in(browser.get(address).text, "settings")
    for name, value in changes.items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    return browser.post(f"{SETTINGS}/save", data=sent)


def fill(browser: FlaskClient, address: str = SETTINGS, **changes: str | list[str]) -> TestResponse:
    return save(browser, address, **{**FILLED, **changes})


def only(session: Session) -> Application:
    session.expire_all()
    return session.scalars(select(Application)).one()


def another(session: Session, host: Host, client_id: str = "of-sandbox", **changes: object) -> Application:
    application = Application(
        environment="sandbox",
        client_id=client_id,
        sealed_client_secret=host.runtime.seal.close("other-secret"),
        created_at=NOW,
        changed_at=NOW,
    )
    for name, value in changes.items():
        setattr(application, name, value)
    session.add(application)
    session.commit()
    return application


def test_a_new_application_asks_for_the_needed_permissions_and_knows_its_address(
    session: Session, browser: FlaskClient
) -> None:
    fill(browser)

    application = only(session)
    assert application.scopes.split() == list(NEEDED)
    assert application.redirect_uris == CALLBACK
    assert (application.grant_type, application.name) == (GrantType.AUTHORIZATION_CODE, "")
    assert "9 potrzebnych uprawnień" in browser.get(SETTINGS).text


def test_the_simple_view_keeps_what_only_the_advanced_one_shows(
    session: Session, browser: FlaskClient
) -> None:
    fill(
        browser, ADVANCED, name="Sklep-Anny", scopes=list(NEEDED[:2]), redirect_uris="https://shop.example/x"
    )

    save(browser, f"{SETTINGS}?view=simple", client_secret="another")

    application = only(session)
    assert application.name == "Sklep-Anny"
    assert application.scopes.split() == list(NEEDED[:2])
    assert application.redirect_uris == "https://shop.example/x"


def test_an_address_allegro_would_not_take_is_no_default(session: Session, browser: FlaskClient) -> None:
    fill(browser, environment="production")

    assert only(session).redirect_uris == ""


def test_a_second_application_is_added_beside_the_first(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)

    save(
        browser,
        f"{SETTINGS}?application=new&kind=device_code&view=advanced",
        environment="sandbox",
        client_id="4f1c07e2b9a84d0fa3d2c6e15b7790aa",
        client_secret="other",
        name="Lada",
    )

    found = session.scalars(select(Application).order_by(Application.id)).all()
    assert [(each.environment, each.grant_type, each.name) for each in found] == [
        ("simulator", GrantType.AUTHORIZATION_CODE, ""),
        ("sandbox", GrantType.DEVICE_CODE, "Lada"),
    ]
    page = browser.get(SETTINGS).text
    assert "4f1c07…90aa" in page
    assert 'id="applications"' in page
    assert session.scalars(select(Account)).one().application is found[0]


def test_the_application_named_in_the_address_is_the_one_in_the_form(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)
    other = another(session, host)

    page = browser.get(f"{SETTINGS}?application={other.id}").text

    sent = form_in(page, "settings")
    assert (sent["client_id"], sent["application"]) == ("of-sandbox", str(other.id))


def test_an_application_that_was_not_open_stays_as_it_is(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host)
    other = another(session, host)

    save(browser, f"{SETTINGS}?application={other.id}&view=advanced", name="Nowa")

    session.expire_all()
    assert (other.name, account.application.name) == ("Nowa", "")


def test_an_unlinked_one_may_be_saved_again_after_another_was(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)
    other = another(session, host)

    response = save(browser, f"{SETTINGS}?application={other.id}", client_secret="fresh")

    session.expire_all()
    assert response.status_code == 303
    assert host.runtime.seal.open(other.sealed_client_secret) == "fresh"


@pytest.mark.parametrize("wish", ["new", "999", "-1", "abc", "99999999999999999999", "1 or 1"])
def test_an_application_nobody_knows_is_a_new_one(
    host: Host, session: Session, browser: FlaskClient, wish: str
) -> None:
    a_linked_account(session, host)

    sent = form_in(browser.get(SETTINGS, query_string={"application": wish}).text, "settings")

    assert (sent["client_id"], sent["application"]) == ("", "new")


def test_what_is_typed_for_an_application_removed_meanwhile_overwrites_no_other(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    fill(browser)
    gone = another(session, host)
    sent = form_in(browser.get(f"{SETTINGS}?application={gone.id}").text, "settings")
    browser.post(f"{SETTINGS}/applications/{gone.id}/delete")

    sent["client_secret"] = "typed"
    browser.post(f"{SETTINGS}/save", data=sent)

    found = session.scalars(select(Application).order_by(Application.id)).all()
    assert [each.client_id for each in found] == ["demo-client-id", "of-sandbox"]


def test_an_empty_form_never_shows_the_secret_of_another(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)

    page = browser.get(f"{SETTINGS}?application=new").text

    assert "zapisany – wpisz" not in page
    assert SECRET not in page


def test_an_application_without_accounts_is_removed_after_a_question(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)
    other = another(session, host)

    question = browser.get(f"{SETTINGS}/applications/{other.id}/delete").text
    page = browser.post(f"{SETTINGS}/applications/{other.id}/delete", follow_redirects=True).text

    assert "Usunąć aplikację of-sandbox?" in question
    assert "Usunięto aplikację of-sandbox ze sklepu." in page
    assert only(session).client_id == "demo-client-id"
    assert list_latest(session)[0].action == "application_deleted"


def test_an_application_with_accounts_is_never_removed(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    application_id = a_linked_account(session, host).application_id
    another(session, host)

    page = browser.post(f"{SETTINGS}/applications/{application_id}/delete", follow_redirects=True).text

    assert "Są z nią powiązane konta" in page
    assert len(session.scalars(select(Application)).all()) == 2
    assert f"/applications/{application_id}/delete" not in browser.get(SETTINGS).text


def test_the_only_application_is_not_removed(session: Session, browser: FlaskClient) -> None:
    fill(browser)

    browser.post(f"{SETTINGS}/applications/{only(session).id}/delete")

    assert only(session)


def test_a_place_typed_before_linking_moves_on_when_its_application_goes(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    fill(browser)
    first = only(session)
    other = another(session, host)

    browser.post(f"{SETTINGS}/applications/{first.id}/delete")

    session.expire_all()
    waiting = session.scalars(select(Account)).one()
    assert (waiting.application_id, waiting.environment, waiting.city) == (other.id, "sandbox", "Gdańsk")


@pytest.mark.parametrize("application_id", [12, 99999999999])
def test_a_removal_of_nothing_is_not_found(browser: FlaskClient, application_id: int) -> None:
    assert browser.get(f"{SETTINGS}/applications/{application_id}/delete").status_code == 404
    assert browser.post(f"{SETTINGS}/applications/{application_id}/delete").status_code == 404


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("name", "Łódź", "Wpisz nazwę jak w Allegro"),
        ("name", "ab", "Wpisz nazwę jak w Allegro"),
        ("name", "x" * 51, "Wpisz nazwę jak w Allegro"),
        ("name", "evil\r\nHeader: x", "Wpisz nazwę jak w Allegro"),
        ("grant_type", "password", "Wybierz jeden z dwóch rodzajów."),
        ("scopes", [], "Zaznacz co najmniej jedno uprawnienie."),
        ("scopes", ["allegro:api:everything"], "Zaznacz co najmniej jedno uprawnienie."),
        ("redirect_uris", "/callback", "Wiersz 1: wpisz cały adres"),
        (
            "redirect_uris",
            "https://a.example/\n\nhttps://10.0.0.7/",
            "Wiersz 3: ten adres działa tylko w sieci",
        ),
    ],
)
def test_a_problem_of_the_advanced_view_opens_it_and_everything_stays_as_typed(
    session: Session, browser: FlaskClient, name: str, value: str | list[str], sentence: str
) -> None:
    sent = form_in(browser.get(ADVANCED).text, "settings")
    browser.get(f"{SETTINGS}?view=simple")
    for key, typed in {**FILLED, name: value}.items():
        sent.setlist(key, typed if isinstance(typed, list) else [typed])

    response = browser.post(f"{SETTINGS}/save", data=sent)

    assert response.status_code == 422
    assert errors_at(response.text, f"f-{name}")[0].startswith(sentence)
    assert "Popraw 1 miejsce" in response.text
    again = form_in(response.text, "settings")
    assert again["client_id"] == FILLED["client_id"]
    if isinstance(value, str) and name in ("name", "redirect_uris"):
        assert again[name].split() == value.split()
    assert session.scalars(select(Application)).all() == []


def test_each_wrong_address_is_told_at_the_field(browser: FlaskClient) -> None:
    page = fill(browser, ADVANCED, redirect_uris="/a\nhttps://ok.example/\nhttps://b.example/#x").text

    found = errors_at(page, "f-redirect_uris")
    assert [each[:9] for each in found] == ["Wiersz 1:", "Wiersz 3:"]


def test_an_address_without_https_is_stored_with_a_warning(session: Session, browser: FlaskClient) -> None:
    response = fill(browser, ADVANCED, redirect_uris="http://shop.example/callback")

    assert response.status_code == 303
    assert only(session).redirect_uris == "http://shop.example/callback"
    assert "https:// jest bezpieczniejsze" in browser.get(ADVANCED).text


def test_a_changed_name_and_permissions_leave_the_keys_proved(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    application = a_linked_account(session, host).application
    application.proved_at = NOW
    session.commit()

    save(browser, ADVANCED, name="Sklep Anny", scopes=[*NEEDED, "allegro:api:messaging"])

    session.expire_all()
    assert application.proved_at == NOW
    details = list_latest(session)[0].details
    assert details["name"] == " → Sklep Anny"
    assert details["scopes"].endswith("messaging billing:read payments:read")
    assert "allegro:api:" not in details["scopes"]


def test_saving_the_advanced_view_unchanged_writes_no_audit_entry(
    session: Session, browser: FlaskClient
) -> None:
    fill(browser, ADVANCED)
    before = len(list_latest(session))

    save(browser, ADVANCED)

    assert len(list_latest(session)) == before


@pytest.mark.parametrize(("tick", "wanted"), [("needed", NEEDED), ("all", tuple(s.name for s in SCOPES))])
def test_the_buttons_tick_without_scripts_and_save_nothing(
    session: Session, browser: FlaskClient, tick: str, wanted: tuple[str, ...]
) -> None:
    response = fill(browser, ADVANCED, scopes=["allegro:api:ratings"], name="Typed", tick=tick)

    again = form_in(response.text, "settings")
    assert response.status_code == 200
    assert again.getlist("scopes") == list(wanted)
    assert again["name"] == "Typed"
    assert session.scalars(select(Application)).all() == []


def test_every_permission_has_its_reason_and_each_needed_one_what_stops_without_it(
    browser: FlaskClient,
) -> None:
    page = browser.get(ADVANCED)

    words = words_of(page)
    assert all(scope.name in words for scope in SCOPES)
    assert words.count("Bez niego:") == len(NEEDED)
    assert form_in(page.text, "settings").getlist("scopes") == list(NEEDED)
    assert "\n".join(NEEDED) in page.text


def test_a_device_application_is_linked_by_a_code(session: Session, browser: FlaskClient) -> None:
    fill(browser, ADVANCED, grant_type="device_code")

    page = browser.get(f"{SETTINGS}?view=simple").text

    assert only(session).redirect_uris
    assert "Adres URI do przekierowania" not in page.split('id="preparation"')[0]
    settings = page.split('id="settings"')[1].split("</form>")[0]
    assert "Połącz kodem" in settings
    assert "Powiąż konto" not in settings


def test_an_application_named_with_the_link_is_the_one_linked(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    first = a_linked_account(session, host).application
    another(session, host)

    begun = browser.post(f"{SETTINGS}/link", data={"application_id": str(first.id)})

    assert begun.headers["Location"].startswith("http://simulator.test/")
    assert "client_id=demo-client-id" in begun.headers["Location"]


def test_keys_that_are_right_again_raise_an_alarm_and_tell_the_host(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(
        session, host, state=LinkState.NEEDS_RECONNECT, state_reason=KEYS_REFUSED, state_since=NOW
    )
    heard: list[ConnectionRestored] = []

    def hear(_: object, fact: ConnectionRestored) -> None:
        heard.append(fact)

    with connection_restored.connected_to(hear):
        save(browser, client_secret=SECRET)

    assert [each.kind for each in session.scalars(select(Alarm))] == [CONNECTION_RESTORED]
    assert heard == [ConnectionRestored(account="bursztyn_i_len")]


def test_each_account_names_its_application_when_there_are_several(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host)
    alone = browser.get(SETTINGS).text
    another(session, host)

    both = browser.get(SETTINGS).text

    assert f"Aplikacja: {host.runtime.settings.app_name}" not in alone
    assert f"Aplikacja: {host.runtime.settings.app_name}" in both
    assert account.application.client_id not in both.split('id="application"')[0].split("<table")[1]


def test_the_host_may_keep_somebody_out(host: Host, session: Session, browser: FlaskClient) -> None:
    application = an_application(session, host)
    session.commit()
    host.allowed = {"view"}

    assert browser.post(f"{SETTINGS}/applications/{application.id}/delete").status_code == 403
    assert browser.get(f"{SETTINGS}/applications/{application.id}/delete").status_code == 403
