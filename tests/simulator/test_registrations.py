"""Dynamic Client Registration: one code, one application."""

import re
from typing import Any

import pytest
from werkzeug.test import Client

from allegro_module.simulator import Simulator, World
from tests.simulator.conftest import AGENT, CALLBACK, Caller, Remote, basic_of, codes, status_of


def register(caller: Caller, one_time: str, **changes: Any) -> Any:
    body = {
        "code": one_time,
        "client_name": "Sklep z bursztynem",
        "redirect_uris": [CALLBACK],
        "software_statement_id": "demo-software-statement",
    } | changes
    return caller.wire.post("/register", json=body, headers={"User-Agent": AGENT})


@pytest.fixture
def code(remote: Remote) -> str:
    value: str = remote.post("/registration-codes")["code"]
    return value


def test_registered_application_links_a_seller(nobody: Caller, code: str) -> None:
    answer = register(nobody, code)
    registered = answer.json
    granted = nobody.code(client_id=registered["client_id"])
    tokens = nobody.token(
        basic_of(registered["client_id"], registered["client_secret"]),
        grant_type="authorization_code",
        code=granted,
        redirect_uri=CALLBACK,
    )

    assert answer.status_code == 201
    assert registered["client_secret_expires_at"] == 0
    assert "authorization_code" in registered["grant_types"]
    assert status_of(nobody, tokens.json) == 200


def test_code_serves_one_registration(nobody: Caller, code: str) -> None:
    register(nobody, code)

    again = register(nobody, code, client_name="Inny sklep")

    assert (again.status_code, codes(again)) == (403, ["AccessDenied"])


def test_code_lives_two_minutes(nobody: Caller, world: World, code: str) -> None:
    world.clock.advance(120)

    assert register(nobody, code).status_code == 403


@pytest.mark.parametrize(
    "wrong", [{"code": "0" * 32}, {"code": None}, {"software_statement_id": "of-somebody-else"}]
)
def test_unknown_code_or_software_statement_is_403(nobody: Caller, code: str, wrong: dict[str, Any]) -> None:
    assert register(nobody, code, **wrong).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "member"),
    [
        ({"client_name": "Sklep-Demo"}, "client_name"),
        ({"client_name": "ab"}, "client_name"),
        ({"client_name": "a" * 51}, "client_name"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": ["callback"]}, "redirect_uris"),
    ],
)
def test_refused_name_or_address_is_422_and_leaves_the_code_good(
    nobody: Caller, code: str, wrong: dict[str, Any], member: str
) -> None:
    refused = register(nobody, code, **wrong)

    assert refused.status_code == 422
    assert [error["path"] for error in refused.json["errors"]] == [member]
    assert register(nobody, code).status_code == 201


def test_registration_is_a_resource_of_the_api_host(nobody: Caller, code: str) -> None:
    without_agent: Any = nobody.wire.post("/register", json={"code": code}, headers={"User-Agent": "node"})
    as_form: Any = nobody.wire.post("/register", data={"code": code}, headers={"User-Agent": AGENT})

    assert "Trace-Id" in without_agent.headers
    assert (without_agent.status_code, as_form.status_code) == (403, 415)


def test_page_gives_a_code(nobody: Caller, simulator: Simulator) -> None:
    browser = Client(simulator)
    address = "/uzytkownik/bezpieczenstwo/wygeneruj-kod"

    offered, shown = browser.get(address).text, browser.post(address).text
    found = re.search(r'id="code">([^<]+)<', shown)

    assert "Wygeneruj kod" in offered
    assert found is not None
    assert register(nobody, found[1]).status_code == 201
