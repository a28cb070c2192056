"""The device flow at the OAuth server: the codes, and every answer to polling."""

from __future__ import annotations

import logging

import httpx2
import pytest

from allegro_module.client.device import DeviceCode, Pending
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Unavailable, Unexpected
from allegro_module.client.oauth import OAuth, Tokens
from allegro_module.simulator.app import Simulator
from tests.client.conftest import HERE, USER_AGENT, Remote, http_to

ID, SECRET = "demo-device-id", "demo-device-secret"
CODES = {
    "device_code": "device-1",
    "user_code": "cbt3zdu4g",
    "expires_in": "3600",
    "interval": "5",
    "verification_uri": "https://allegro.pl/skojarz-aplikacje",
    "verification_uri_complete": "https://allegro.pl/skojarz-aplikacje?code=cbt3zdu4g",
}


@pytest.fixture
def oauth(simulator: Simulator) -> OAuth:
    return OAuth(HERE, USER_AGENT, http_to(simulator))


def to(remote: Remote) -> OAuth:
    return OAuth(HERE, USER_AGENT, http_to(remote))


def decide(simulator: Simulator, code: DeviceCode, login: str | None = "bursztyn_i_len") -> None:
    pending = simulator.world.devices.codes[code.device_code]
    pending.seller_id = simulator.world.sellers[login].id if login else None
    pending.is_denied = login is None


def test_codes_are_asked_for_and_become_tokens_once(simulator: Simulator, oauth: OAuth) -> None:
    code = oauth.ask_device_code(ID, SECRET)
    decide(simulator, code)

    tokens = oauth.poll_device(ID, SECRET, code.device_code)

    assert isinstance(tokens, Tokens)
    assert tokens.account_id == simulator.world.sellers["bursztyn_i_len"].id
    assert tokens.refresh_token
    with pytest.raises(NotConnected) as raised:
        oauth.poll_device(ID, SECRET, code.device_code)
    assert raised.value.reason is Reason.TOKEN_REFUSED


def test_only_the_named_scopes_are_asked_for(simulator: Simulator, oauth: OAuth) -> None:
    code = oauth.ask_device_code(ID, SECRET, ["allegro:api:profile:read", "allegro:api:orders:read"])
    decide(simulator, code)

    tokens = oauth.poll_device(ID, SECRET, code.device_code)

    assert isinstance(tokens, Tokens)
    assert tokens.scope == "allegro:api:profile:read allegro:api:orders:read"


@pytest.mark.parametrize("as_text", [True, False])
def test_numbers_may_be_texts(simulator: Simulator, oauth: OAuth, as_text: bool) -> None:
    simulator.world.switches.device_numbers_as_text = as_text

    code = oauth.ask_device_code(ID, SECRET)

    assert (code.expires_in, code.interval, len(code.user_code)) == (3600, 5, 9)


def test_what_the_answer_leaves_out_is_known(remote: Remote) -> None:
    remote.will_answer(200, {"device_code": "d", "user_code": "abcdefghi", "new_member": {}})

    code = to(remote).ask_device_code(ID, SECRET)

    assert (code.expires_in, code.interval) == (3600, 5)
    assert code.verification_uri == "http://allegro.test/skojarz-aplikacje"
    assert code.verification_uri_complete == "http://allegro.test/skojarz-aplikacje?code=abcdefghi"


@pytest.mark.parametrize("body", ["", "<html>", {"user_code": "x"}, {**CODES, "user_code": ""}, []])
def test_answer_without_codes_is_unexpected(remote: Remote, body: object) -> None:
    remote.will_answer(200, body)

    with pytest.raises(Unexpected):
        to(remote).ask_device_code(ID, SECRET)


def test_question_shows_the_secret_by_basic_and_repeats_the_client_id(remote: Remote) -> None:
    remote.will_answer(200, CODES)

    to(remote).ask_device_code(ID, SECRET, ["a", "b"])

    asked = remote.asked[0]
    assert asked.authorization is not None
    assert (asked.authorization.username, asked.authorization.password) == (ID, SECRET)
    assert (asked.path, asked.headers["User-Agent"]) == ("/auth/oauth/device", USER_AGENT)
    assert asked.form.to_dict() == {"client_id": ID, "scope": "a b"}


def test_polling_names_the_grant_and_the_code(remote: Remote) -> None:
    remote.will_answer(400, {"error": "authorization_pending"})

    assert to(remote).poll_device(ID, SECRET, "device-1") is Pending.WAIT

    assert remote.asked[0].form.to_dict() == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": "device-1",
    }


def test_polling_too_often_is_told(simulator: Simulator, oauth: OAuth) -> None:
    code = oauth.ask_device_code(ID, SECRET)

    heard = [oauth.poll_device(ID, SECRET, code.device_code) for _ in range(2)]

    assert heard == [Pending.WAIT, Pending.SLOW_DOWN]


@pytest.mark.parametrize(
    ("client_id", "secret", "reason"),
    [
        (ID, "wrong", Reason.BAD_CLIENT),
        ("nobody", SECRET, Reason.BAD_CLIENT),
        ("demo-client-id", "demo-client-secret", Reason.WRONG_KIND),
    ],
)
def test_wrong_keys_and_wrong_kind_are_told_apart(
    oauth: OAuth, client_id: str, secret: str, reason: Reason
) -> None:
    with pytest.raises(NotConnected) as raised:
        oauth.ask_device_code(client_id, secret)

    assert raised.value.reason is reason


def test_denied_and_late_codes(simulator: Simulator, oauth: OAuth) -> None:
    denied, late = oauth.ask_device_code(ID, SECRET), oauth.ask_device_code(ID, SECRET)
    decide(simulator, denied, None)

    with pytest.raises(NotConnected) as refused:
        oauth.poll_device(ID, SECRET, denied.device_code)
    simulator.world.clock.advance(3601)
    with pytest.raises(NotConnected) as expired:
        oauth.poll_device(ID, SECRET, late.device_code)

    assert (refused.value.reason, expired.value.reason) == (Reason.CONSENT, Reason.TOKEN_REFUSED)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": "access_denied"}, Reason.CONSENT),
        (400, {"error": "Invalid device code"}, Reason.TOKEN_REFUSED),
        (400, "Invalid device code", Reason.TOKEN_REFUSED),
        (400, {"error": "expired_token"}, Reason.TOKEN_REFUSED),
        (400, {"error": "something new"}, Reason.TOKEN_REFUSED),
        (400, "", Reason.TOKEN_REFUSED),
        (400, {"error": "invalid_client"}, Reason.BAD_CLIENT),
        (400, {"error": "unauthorized_client"}, Reason.WRONG_KIND),
        (401, {"error": "unauthorized"}, Reason.BAD_CLIENT),
        (403, {"error": "access_denied"}, Reason.OTHER),
    ],
)
def test_each_end_of_polling_has_a_reason(remote: Remote, status: int, body: object, reason: Reason) -> None:
    remote.will_answer(status, body)

    with pytest.raises(NotConnected) as raised:
        to(remote).poll_device(ID, SECRET, "device-1")

    assert raised.value.reason is reason


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("error", ["authorization_pending", "access_denied"])
def test_trouble_at_the_server_decides_nothing(remote: Remote, status: int, error: str) -> None:
    remote.will_answer(status, {"error": error})

    with pytest.raises(Unavailable):
        to(remote).poll_device(ID, SECRET, "device-1")


def test_lost_answer_uses_the_code_up(simulator: Simulator) -> None:
    simulator = Simulator(simulator.world, broken_connection=httpx2.ReadError)
    oauth = OAuth(HERE, USER_AGENT, http_to(simulator))
    code = oauth.ask_device_code(ID, SECRET)
    decide(simulator, code)
    simulator.faults.lose_answer("POST /auth/oauth/token")

    with pytest.raises(Unavailable) as lost:
        oauth.poll_device(ID, SECRET, code.device_code)
    with pytest.raises(NotConnected) as used_up:
        oauth.poll_device(ID, SECRET, code.device_code)

    assert not lost.value.is_sure_nothing_happened
    assert used_up.value.reason is Reason.TOKEN_REFUSED


def test_nothing_secret_is_logged_or_shown(
    simulator: Simulator, oauth: OAuth, remote: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code = oauth.ask_device_code(ID, SECRET)
    decide(simulator, code)
    tokens = oauth.poll_device(ID, SECRET, code.device_code)
    words = f"Invalid device code: {code.device_code}"
    remote.will_answer(400, {"error": "invalid_grant", "error_description": words})
    with pytest.raises(AllegroError) as raised:
        to(remote).poll_device(ID, SECRET, code.device_code)

    shown = caplog.text + repr(code) + repr(tokens) + str(raised.value)
    assert isinstance(tokens, Tokens)
    for secret in (SECRET, code.device_code, tokens.access_token, tokens.refresh_token or ""):
        assert secret not in shown
