"""Dynamic Client Registration at the simulator, and every answer to it."""

from __future__ import annotations

import json
import logging

import pytest

from allegro_module.client.errors import (
    AllegroError,
    Busy,
    NotConnected,
    Reason,
    Refused,
    Unavailable,
    Unexpected,
)
from allegro_module.client.oauth import OAuth
from allegro_module.client.registration import Registration
from allegro_module.simulator.app import Simulator
from tests.client.conftest import HERE, USER_AGENT, Remote, http_to

BACK = "https://sklep.example/backend/allegro/config/callback"
STATEMENT = "demo-software-statement"
NAME = "Sklep-Ze-Sklepu"


def register(remote: Remote) -> Registration:
    return OAuth(HERE, USER_AGENT, http_to(remote)).register("code-1", NAME, [BACK], STATEMENT)


def test_a_code_becomes_keys(simulator: Simulator) -> None:
    code = simulator.world.registrations.new(simulator.world)

    keys = OAuth(HERE, USER_AGENT, http_to(simulator)).register(code, NAME, [BACK], STATEMENT)

    registered = simulator.world.applications[keys.client_id]
    assert (registered.client_secret, registered.redirect_uris) == (keys.client_secret, (BACK,))
    assert "authorization_code" in keys.grant_types


def test_request_is_json_for_the_api_host(remote: Remote) -> None:
    remote.will_answer(201, {"client_id": "i", "client_secret": "s", "client_secret_expires_at": 0})

    assert register(remote) == Registration("i", "s", ())

    asked = remote.asked[0]
    assert (asked.method, asked.path, asked.mimetype) == ("POST", "/register", "application/json")
    assert asked.headers["User-Agent"] == USER_AGENT
    assert "Authorization" not in asked.headers
    assert json.loads(asked.get_data()) == {
        "code": "code-1",
        "client_name": NAME,
        "redirect_uris": [BACK],
        "software_statement_id": STATEMENT,
    }


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, NotConnected),
        (403, NotConnected),
        (409, Busy),
        (422, Refused),
        (429, Unavailable),
        (503, Unavailable),
    ],
)
def test_each_answer_has_an_error(remote: Remote, status: int, kind: type[AllegroError]) -> None:
    remote.will_answer(status, {"errors": [{"code": "X", "message": "wrong: code-1"}]})

    with pytest.raises(kind) as raised:
        register(remote)

    assert raised.value.status == status
    assert "code-1" not in str(raised.value) + repr(getattr(raised.value, "objections", ""))


def test_refused_code_is_a_matter_of_consent(remote: Remote) -> None:
    remote.will_answer(403, {"errors": []})

    with pytest.raises(NotConnected) as raised:
        register(remote)

    assert raised.value.reason is Reason.CONSENT


@pytest.mark.parametrize("body", ["", "<html>", {"client_id": "i"}, [], {"client_id": 1, "client_secret": 2}])
def test_answer_without_keys_is_unexpected(remote: Remote, body: object) -> None:
    remote.will_answer(201, body)

    with pytest.raises(Unexpected):
        register(remote)


def test_secret_is_not_shown(remote: Remote, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    remote.will_answer(201, {"client_id": "i", "client_secret": "very-secret"})

    keys = register(remote)

    assert "very-secret" not in repr(keys) + caplog.text
    assert "code-1" not in caplog.text
