"""The way of a seller through linking: off to the simulated Allegro, consent, back, and yes."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx2
from flask.testing import FlaskClient
from sqlalchemy import select

from allegro_module.db.accounts import Account
from allegro_module.domain.accounts import LinkState
from tests.web.conftest import SETTINGS, Host

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
BROWSER = {"User-Agent": "Browser/1.0 (+https://browser.example)"}


def consent(host: Host, address: str, decision: str = "allow", seller: str = "bursztyn_i_len") -> str:
    """Decide on Allegro's consent page; answers the address that the browser is sent back to."""
    parameters = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    with httpx2.Client(transport=httpx2.WSGITransport(app=host.simulator)) as allegro:
        answer = allegro.post(
            "http://simulator.test/auth/oauth/authorize",
            data=parameters | {"decision": decision, "seller": seller},
            headers=BROWSER,
        )
    return str(answer.headers["Location"])


def consent_on_device(host: Host, code: str, decision: str = "allow", seller: str = "bursztyn_i_len") -> None:
    """Type the code at Allegro, on another device."""
    with httpx2.Client(transport=httpx2.WSGITransport(app=host.simulator)) as allegro:
        allegro.post(
            "http://simulator.test/skojarz-aplikacje",
            data={"code": code, "decision": decision, "seller": seller},
            headers=BROWSER,
        ).raise_for_status()


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def link(host: Host, browser: FlaskClient, **decision: str) -> str:
    """To Allegro and back; answers the page the seller ends on."""
    begun = browser.post(f"{SETTINGS}/link", data=FILLED)
    back = consent(host, begun.headers["Location"], **decision)
    return browser.get(local(back), follow_redirects=True).text


def link_and_confirm(host: Host, browser: FlaskClient, **decision: str) -> str:
    """The same, and „Tak, to moje konto”."""
    link(host, browser, **decision)
    with host.app.app_context():
        waiting = select(Account.id).where(Account.state == LinkState.UNCONFIRMED)
        account_id = host.runtime.session.scalars(waiting).one()
    return browser.post(f"{SETTINGS}/accounts/{account_id}/confirm", follow_redirects=True).text
