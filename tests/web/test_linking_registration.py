"""Registering an application with a one-time code, where the shop's vendor has a number for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from allegro_module.db.accounts import Application
from tests.web.browsing import errors_at, words_of
from tests.web.conftest import SETTINGS, Host

PAGE = f"{SETTINGS}/register"


@pytest.fixture
def vendor(host: Host) -> None:
    """The shop is installed software whose vendor Allegro has given a number."""
    statement = next(iter(host.simulator.world.registrations.statements))
    host.runtime.settings = replace(host.runtime.settings, software_statement_id=statement)


def register(host: Host, browser: FlaskClient, **changes: str) -> TestResponse:
    code = host.simulator.world.registrations.new(host.simulator.world)
    typed = {"environment": "simulator", "name": "Bursztyn i Len", "code": code}
    return browser.post(PAGE, data=typed | changes)


def test_without_a_number_there_is_no_such_page(browser: FlaskClient) -> None:
    assert browser.get(PAGE).status_code == browser.post(PAGE).status_code == 404


@pytest.mark.usefixtures("vendor")
def test_the_page_leads_to_the_code_of_each_environment(browser: FlaskClient) -> None:
    page = browser.get(PAGE)

    assert 'href="https://allegro.pl/uzytkownik/bezpieczenstwo/wygeneruj-kod"' in page.text
    assert 'href="http://simulator.test/uzytkownik/bezpieczenstwo/wygeneruj-kod"' in page.text
    assert "w ciągu dwóch minut" in words_of(page)
    assert f'value="http://localhost{SETTINGS}/callback"' in page.text


@pytest.mark.usefixtures("vendor")
def test_the_code_becomes_an_application_and_linking_goes_on(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    answer = register(host, browser)

    application = session.scalars(select(Application)).one()
    assert answer.status_code == 302
    assert application.client_id in answer.headers["Location"]
    assert (application.name, application.environment) == ("Bursztyn i Len", "simulator")
    assert application.redirect_uris == f"http://localhost{SETTINGS}/callback"


@pytest.mark.usefixtures("vendor")
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("code", "", "Uzupełnij to pole."),
        ("code", "not-a-code", "Allegro nie przyjęło tego kodu."),
        ("name", "", "Uzupełnij to pole."),
        ("name", "BL", "od 3 do 50"),
        ("name", "Sklep-Demo", "Taką nazwę ma już inna aplikacja"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    host: Host, session: Session, browser: FlaskClient, name: str, value: str, sentence: str
) -> None:
    answer = register(host, browser, **{name: value})

    assert answer.status_code == 422
    assert any(sentence in each for each in errors_at(answer.text, f"f-{name}"))
    assert "Popraw 1 miejsce" in answer.text
    assert session.scalars(select(Application)).all() == []


@pytest.mark.usefixtures("vendor")
def test_allegro_down_is_nobodys_fault(host: Host, browser: FlaskClient) -> None:
    host.simulator.faults.status("POST /register", times=5, status=503)

    answer = register(host, browser)

    assert "Allegro nie odpowiada." in answer.text
    assert "Bursztyn i Len" in answer.text


@pytest.mark.usefixtures("vendor")
def test_an_environment_nobody_offers_is_refused(host: Host, browser: FlaskClient) -> None:
    assert register(host, browser, environment="moon").status_code == 400
