"""Getting tokens from the simulator's OAuth server, and every way in which that fails."""

from __future__ import annotations

import base64
import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from werkzeug.wrappers import Request

from allegro_module.client.environment import environment
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Unavailable, Unexpected
from allegro_module.client.oauth import OAuth, authorize_address, challenge_of, new_verifier
from allegro_module.simulator.app import Simulator
from tests.client.conftest import HERE, USER_AGENT, Remote, http_to

ID, SECRET = "demo-client-id", "demo-client-secret"
BACK = "http://127.0.0.1:8000/callback"
TOKEN = "POST /auth/oauth/token"


@pytest.fixture
def oauth(simulator: Simulator) -> OAuth:
    return OAuth(HERE, USER_AGENT, http_to(simulator))


def consent(simulator: Simulator, verifier: str, login: str = "bursztyn_i_len", scope: str = "") -> str:
    """Say yes on the consent page; the code that comes back."""
    address = authorize_address(HERE, ID, BACK, "state-1", challenge_of(verifier), scope.split())
    form = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    answer = http_to(simulator).post(
        f"{HERE.auth_url}/auth/oauth/authorize", data={**form, "decision": "allow", "seller": login}
    )
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def failure_from(remote: Remote) -> AllegroError:
    with pytest.raises(AllegroError) as raised:
        OAuth(HERE, USER_AGENT, http_to(remote)).refresh(ID, SECRET, "refresh-token-1")
    return raised.value


def test_a_code_becomes_tokens_without_a_secret(simulator: Simulator, oauth: OAuth) -> None:
    verifier = new_verifier()
    code = consent(simulator, verifier)

    tokens = oauth.exchange_code(ID, BACK, code, verifier)

    assert tokens.account_id == simulator.world.sellers["bursztyn_i_len"].id
    assert tokens.refresh_token
    assert tokens.expires_in == 43199
    assert "allegro:api:orders:read" in tokens.scope.split()


def test_tokens_carry_the_scopes_that_were_asked(simulator: Simulator, oauth: OAuth) -> None:
    verifier = new_verifier()
    code = consent(simulator, verifier, scope="allegro:api:profile:read allegro:api:orders:read")

    tokens = oauth.exchange_code(ID, BACK, code, verifier)

    assert set(tokens.scope.split()) == {"allegro:api:profile:read", "allegro:api:orders:read"}


def test_a_code_works_once(simulator: Simulator, oauth: OAuth) -> None:
    verifier = new_verifier()
    code = consent(simulator, verifier)
    oauth.exchange_code(ID, BACK, code, verifier)

    with pytest.raises(NotConnected) as raised:
        oauth.exchange_code(ID, BACK, code, verifier)

    assert raised.value.reason is Reason.TOKEN_REFUSED
    assert code not in str(raised.value)


def test_a_code_lives_ten_seconds(simulator: Simulator, oauth: OAuth) -> None:
    verifier = new_verifier()
    code = consent(simulator, verifier)
    simulator.world.clock.advance(11)

    with pytest.raises(NotConnected) as raised:
        oauth.exchange_code(ID, BACK, code, verifier)

    assert raised.value.reason is Reason.TOKEN_REFUSED


def test_a_code_is_worthless_with_another_verifier(simulator: Simulator, oauth: OAuth) -> None:
    code = consent(simulator, new_verifier())

    with pytest.raises(NotConnected):
        oauth.exchange_code(ID, BACK, code, new_verifier())


def test_refreshing_gives_a_new_pair_and_voids_the_old_one(simulator: Simulator, oauth: OAuth) -> None:
    verifier = new_verifier()
    old = oauth.exchange_code(ID, BACK, consent(simulator, verifier), verifier)

    new = oauth.refresh(ID, SECRET, old.refresh_token or "")

    simulator.world.clock.advance(61)
    assert new.access_token != old.access_token
    assert new.refresh_token not in (None, old.refresh_token)
    with pytest.raises(NotConnected) as raised:
        oauth.refresh(ID, SECRET, old.refresh_token or "")
    assert raised.value.reason is Reason.TOKEN_REFUSED
    assert (old.refresh_token or "") not in str(raised.value)


def test_a_lost_refresh_may_be_asked_for_again(simulator: Simulator) -> None:
    simulator = Simulator(simulator.world, broken_connection=httpx2.ReadError)
    oauth, verifier = OAuth(HERE, USER_AGENT, http_to(simulator)), new_verifier()
    old = oauth.exchange_code(ID, BACK, consent(simulator, verifier), verifier)
    simulator.faults.lose_answer(TOKEN)

    with pytest.raises(Unavailable) as raised:
        oauth.refresh(ID, SECRET, old.refresh_token or "")

    assert not raised.value.is_sure_nothing_happened
    assert oauth.refresh(ID, SECRET, old.refresh_token or "").access_token


def test_an_application_proves_its_secret(oauth: OAuth) -> None:
    tokens = oauth.client_credentials(ID, SECRET)

    assert tokens.refresh_token is None
    assert tokens.account_id is None


@pytest.mark.parametrize(
    ("client_id", "secret"), [(ID, "wrong-secret"), ("nobody", SECRET), (ID, "zażółć"), ("", ""), (ID, ":")]
)
def test_a_wrong_id_or_secret_is_a_bad_client(oauth: OAuth, client_id: str, secret: str) -> None:
    with pytest.raises(NotConnected) as raised:
        oauth.client_credentials(client_id, secret)

    assert raised.value.reason is Reason.BAD_CLIENT


def test_a_wrong_id_is_a_bad_client_with_pkce_too(oauth: OAuth) -> None:
    with pytest.raises(NotConnected) as raised:
        oauth.exchange_code("nobody", BACK, "code", new_verifier())

    assert raised.value.reason is Reason.BAD_CLIENT


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": "invalid_grant"}, Reason.TOKEN_REFUSED),
        (400, {"error": "invalid_client"}, Reason.BAD_CLIENT),
        (401, {"error": "unauthorized", "error_description": "Full authentication"}, Reason.BAD_CLIENT),
        (401, "", Reason.OTHER),
        (400, {"error": "unauthorized_client"}, Reason.BAD_CLIENT),
        (400, {"error": "invalid_scope"}, Reason.SCOPE_MISSING),
        (400, {"error": "access_denied"}, Reason.CONSENT),
        (400, {"error": "Something new"}, Reason.OTHER),
        (400, "<html>", Reason.OTHER),
        (403, {"error": "access_denied_to_everyone"}, Reason.OTHER),
    ],
)
def test_each_refusal_has_a_reason(remote: Remote, status: int, body: object, reason: Reason) -> None:
    remote.will_answer(status, body)

    error = failure_from(remote)

    assert isinstance(error, NotConnected)
    assert error.reason is reason


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_trouble_at_the_server_is_never_a_refused_connection(remote: Remote, status: int) -> None:
    remote.will_answer(status, {"error": "invalid_grant"})

    error = failure_from(remote)

    assert isinstance(error, Unavailable)
    assert error.is_sure_nothing_happened is (status == 429)


def test_no_network_is_never_a_refused_connection(remote: Remote) -> None:
    remote.will_break(httpx2.ConnectError("no route"))

    error = failure_from(remote)

    assert isinstance(error, Unavailable)
    assert error.is_sure_nothing_happened


@pytest.mark.parametrize("body", ["", "<html>", {"token_type": "bearer"}, {"access_token": None}])
def test_an_answer_without_a_token_is_unexpected(remote: Remote, body: object) -> None:
    remote.will_answer(200, body)

    assert isinstance(failure_from(remote), Unexpected)


def jwt(claims: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{middle}.signature"


@pytest.mark.parametrize(
    ("access_token", "account_id"),
    [
        (jwt({"user_name": "44100101"}), "44100101"),
        (jwt({"user_name": 44100101}), "44100101"),
        (jwt({"client_id": "x"}), None),
        (jwt([1]), None),
        ("opaque", None),
        ("a.!!!.c", None),
        ("a.ż.c", None),
    ],
)
def test_the_account_is_read_from_the_token_when_it_is_there(
    remote: Remote, access_token: str, account_id: str | None
) -> None:
    remote.will_answer(200, {"access_token": access_token})

    tokens = OAuth(HERE, USER_AGENT, http_to(remote)).client_credentials(ID, SECRET)

    assert tokens.account_id == account_id


@pytest.mark.parametrize(("written", "seconds"), [(43199, 43199), ("3600", 3600), (None, 43200)])
def test_the_life_of_a_token_may_be_a_text(remote: Remote, written: object, seconds: int) -> None:
    remote.will_answer(200, {"access_token": "x", "expires_in": written, "new_member": {}})

    issued_at = datetime(2026, 11, 21, tzinfo=UTC)

    tokens = OAuth(HERE, USER_AGENT, http_to(remote)).client_credentials(ID, SECRET)

    assert tokens.expires_in == seconds
    assert tokens.expires_at(issued_at) == issued_at + timedelta(seconds=seconds)


def form_of(request: Request) -> dict[str, str]:
    return request.form.to_dict()


def test_the_exchange_with_pkce_carries_no_authorization(remote: Remote) -> None:
    remote.will_answer(200, {"access_token": "x"})

    OAuth(HERE, USER_AGENT, http_to(remote)).exchange_code(ID, BACK, "code-1", "verifier-1")

    asked = remote.asked[0]
    assert "Authorization" not in asked.headers
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.headers["User-Agent"] == USER_AGENT
    assert form_of(asked) == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": BACK,
        "client_id": ID,
        "code_verifier": "verifier-1",
    }


def test_refreshing_shows_the_secret_by_basic(remote: Remote) -> None:
    remote.will_answer(200, {"access_token": "x"})

    OAuth(HERE, USER_AGENT, http_to(remote)).refresh(ID, SECRET, "refresh-1")

    asked = remote.asked[0]
    assert asked.authorization is not None
    assert (asked.authorization.username, asked.authorization.password) == (ID, SECRET)
    assert form_of(asked) == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}


def test_the_authorize_address_asks_whose_account_it_is() -> None:
    address = authorize_address(
        environment("production"),
        ID,
        "https://shop.example/cb?x=1",
        "a+b/c=",
        "challenge",
        ["allegro:api:profile:read", "allegro:api:orders:read"],
    )

    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://allegro.pl/auth/oauth/authorize"
    assert "scope=allegro%3Aapi%3Aprofile%3Aread%20allegro%3Aapi%3Aorders%3Aread" in parts.query
    assert {name: values[0] for name, values in parse_qs(parts.query).items()} == {
        "response_type": "code",
        "client_id": ID,
        "redirect_uri": "https://shop.example/cb?x=1",
        "scope": "allegro:api:profile:read allegro:api:orders:read",
        "state": "a+b/c=",
        "code_challenge": "challenge",
        "code_challenge_method": "S256",
        "prompt": "confirm",
    }


def test_without_scopes_none_are_named() -> None:
    assert "scope" not in authorize_address(HERE, ID, BACK, "s", "c")


def test_verifiers_differ_and_have_an_allowed_length() -> None:
    first, second = new_verifier(), new_verifier()

    assert first != second
    assert 43 <= len(first) <= 128


def test_the_challenge_is_the_one_of_the_standard() -> None:
    # The example of RFC 7636, appendix B.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_nothing_secret_is_logged_or_shown(
    simulator: Simulator, oauth: OAuth, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    verifier = new_verifier()
    code = consent(simulator, verifier)

    tokens = oauth.exchange_code(ID, BACK, code, verifier)
    again = oauth.refresh(ID, SECRET, tokens.refresh_token or "")
    with pytest.raises(NotConnected) as raised:
        oauth.refresh(ID, SECRET, "wrong-refresh-token")

    shown = caplog.text + repr(tokens) + repr(again) + str(raised.value)
    ours = "".join(r.getMessage() for r in caplog.records if r.name == "allegro_module.client")
    for secret in (verifier, SECRET, tokens.access_token, again.access_token, "wrong-refresh-token"):
        assert secret not in shown
    assert code not in ours
    assert ours.count("POST /auth/oauth/token") == 3


def test_allegros_words_are_kept_without_the_secrets_they_repeat(remote: Remote) -> None:
    long_one = "eyJhbGciOiJSUzI1NiJ9.eyJ1c2VyX25hbWUiOiI0NCJ9.c2lnbmF0dXJl"
    words = f"Invalid refresh token: refresh-token-1 ({long_one})"
    remote.will_answer(400, {"error": "invalid_grant", "error_description": words})

    error = failure_from(remote)

    assert error.detail == "invalid_grant: Invalid refresh token: … (…)"
