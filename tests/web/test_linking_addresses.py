"""The redirect URI is compared with the browser's address and the registered ones before anybody leaves."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from allegro_module.db.accounts import Application
from tests.web.browsing import words_of
from tests.web.conftest import SETTINGS, Host, an_application
from tests.web.linking_steps import consent, local

CALLBACK = f"{SETTINGS}/callback"
HERE = f"https://panel.bursztyn.example{CALLBACK}"
LINK = f"{SETTINGS}/link"


def stored(session: Session, host: Host, *redirect_uris: str) -> Application:
    application = an_application(session, host)
    application.redirect_uris = "\n".join(redirect_uris)
    session.commit()
    return application


@pytest.mark.parametrize(
    ("headers", "argument"),
    [
        ({"Origin": "https://panel.bursztyn.example"}, "x_proto=1"),
        ({"Referer": f"https://panel.bursztyn.example{SETTINGS}"}, "x_proto=1"),
        ({"X-Forwarded-Proto": "https"}, "x_proto=1"),
        ({"Origin": "http://www.panel.bursztyn.example"}, "x_host=1"),
        ({"Origin": "http://panel.bursztyn.example:8443"}, "x_port=1"),
        ({"Origin": "https://sklep.example"}, "x_host=1, x_proto=1"),
    ],
)
def test_a_proxy_that_is_not_trusted_is_explained_instead_of_leaving(
    host: Host, session: Session, browser: FlaskClient, headers: dict[str, str], argument: str
) -> None:
    stored(session, host)

    answer = browser.post(LINK, headers=headers, base_url="http://panel.bursztyn.example")

    assert answer.status_code == 409
    assert "Sklep nie zna swojego adresu" in answer.text
    assert f"ProxyFix(app.wsgi_app, {argument})" in answer.text
    assert "<mark>" in answer.text


def test_both_addresses_are_shown(host: Host, session: Session, browser: FlaskClient) -> None:
    stored(session, host)

    answer = browser.post(
        LINK, headers={"Origin": "https://panel.bursztyn.example"}, base_url="http://panel.bursztyn.example"
    )

    assert f"<mark>https</mark>://panel.bursztyn.example{CALLBACK}" in answer.text
    assert f"<mark>http</mark>://panel.bursztyn.example{CALLBACK}" in answer.text
    assert "Przeglądarka otworzyła panel przez https, a sklep widzi http." in answer.text


def test_a_proxy_that_is_trusted_leaves_nothing_to_explain(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    stored(session, host)
    host.app.wsgi_app = ProxyFix(host.app.wsgi_app, x_proto=1)  # type: ignore[method-assign]

    answer = browser.post(
        LINK,
        headers={"Origin": "https://panel.bursztyn.example", "X-Forwarded-Proto": "https"},
        base_url="http://panel.bursztyn.example",
    )

    assert answer.status_code == 302


def test_a_trusted_proxy_that_says_something_else_is_named_as_the_cause(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    stored(session, host)
    host.app.wsgi_app = ProxyFix(host.app.wsgi_app, x_proto=1)  # type: ignore[method-assign]

    answer = browser.post(
        LINK,
        headers={"Origin": "https://panel.bursztyn.example", "X-Forwarded-Proto": "http"},
        base_url="http://panel.bursztyn.example",
    )

    assert "podaje co innego niż Twoja przeglądarka" in answer.text
    assert "X-Forwarded-Proto" in answer.text


@pytest.mark.parametrize("origin", ["null", "https://panel.bursztyn.example"])
def test_an_address_that_agrees_or_is_hidden_leads_to_allegro(
    host: Host, session: Session, browser: FlaskClient, origin: str
) -> None:
    stored(session, host)

    answer = browser.post(LINK, headers={"Origin": origin}, base_url="https://panel.bursztyn.example")

    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("registered", "sentence"),
    [
        (HERE.replace("https", "http"), "W Allegro jest http, a panel otwarto przez https."),
        (HERE.replace("panel", "www.panel"), "różnią się o www"),
        (HERE.replace("panel", "sklep"), "Inna domena: w Allegro jest sklep.bursztyn.example"),
        (HERE.replace("example", "example:8443"), "Inny port: w Allegro jest 8443"),
        (f"{HERE}/", "Jeden adres kończy się ukośnikiem, a drugi nie."),
        (HERE.replace("/callback", "/back"), "Inna ścieżka"),
    ],
)
def test_an_address_that_is_not_registered_is_explained_instead_of_leaving(
    host: Host, session: Session, browser: FlaskClient, registered: str, sentence: str
) -> None:
    stored(session, host, registered)

    answer = browser.post(LINK, base_url="https://panel.bursztyn.example")

    assert answer.status_code == 409
    assert "Ten adres nie jest zarejestrowany w Allegro" in answer.text
    assert sentence in words_of(answer)
    assert f'value="{HERE}"' in answer.text


def test_one_of_several_registered_addresses_is_enough(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    stored(session, host, "https://sklep.example/callback", HERE)

    assert browser.post(LINK, base_url="https://panel.bursztyn.example").status_code == 302


def test_who_knows_better_goes_on_and_the_address_is_noted(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    application = stored(session, host, HERE.replace("panel", "sklep"))
    wish = {"application_id": str(application.id), "anyway": HERE}

    answer = browser.post(LINK, data=wish, base_url="https://panel.bursztyn.example")

    session.expire_all()
    assert answer.status_code == 302
    assert application.redirect_uris.splitlines() == [HERE.replace("panel", "sklep"), HERE]


def test_an_address_vouched_for_elsewhere_does_not_count_here(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    application = stored(session, host, HERE.replace("panel", "sklep"))
    wish = {"application_id": str(application.id), "anyway": "https://other.example/callback"}

    assert browser.post(LINK, data=wish, base_url="https://panel.bursztyn.example").status_code == 409


def test_an_address_allegro_has_sent_somebody_back_to_is_noted(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    application = stored(session, host)
    begun = browser.post(LINK)

    browser.get(local(consent(host, begun.headers["Location"])))

    session.expire_all()
    assert application.redirect_uris == f"http://localhost{CALLBACK}"


def test_the_settings_page_can_be_checked_by_its_script(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    stored(session, host, HERE)

    page = browser.get(SETTINGS, base_url="https://panel.bursztyn.example").text

    assert 'data-al-address="https://panel.bursztyn.example"' in page
    assert "Zgodny z adresem w przeglądarce" in page
    assert "Różni się od adresu zarejestrowanego" not in page
