"""Linking an account, refreshing its tokens, and every way in which the OAuth server says no."""

import base64
import json
from typing import Any

import pytest
from werkzeug.test import Client

from allegro_module.simulator import Simulator, World
from allegro_module.simulator.accounts import Application
from tests.simulator.conftest import AGENT, BASIC, CALLBACK, CHALLENGE, VERIFIER, Caller, returned

ASKED = {"response_type": "code", "client_id": "demo-client-id", "redirect_uri": CALLBACK}


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return decoded


def browse(simulator: Simulator, **parameters: str) -> Any:
    return Client(simulator).get("/auth/oauth/authorize", query_string=ASKED | parameters)


def test_consent_page_offers_every_seller_and_both_buttons(simulator: Simulator) -> None:
    page = browse(simulator, state="s").text

    assert all(login in page for login in ("bursztyn_i_len", "drugi_sklep", "jan_prywatny"))
    assert "Zezwól" in page
    assert "Anuluj" in page
    assert 'name="state" value="s"' in page


def test_linking_as_the_chosen_seller_gives_tokens_of_that_seller(nobody: Caller, world: World) -> None:
    tokens = nobody.link("drugi_sklep")

    assert claims(tokens["access_token"])["user_name"] == world.sellers["drugi_sklep"].id
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 43199
    assert tokens["jti"] == claims(tokens["access_token"])["jti"]
    assert claims(tokens["refresh_token"])["ati"] == tokens["jti"]


def test_refusing_at_the_consent_page_returns_access_denied(nobody: Caller) -> None:
    answer = nobody.wire.post("/auth/oauth/authorize", data=ASKED | {"state": "x", "decision": "deny"})

    assert returned(answer)["error"] == "access_denied"
    assert returned(answer)["state"] == "x"


@pytest.mark.parametrize("state", ["plain", "a b&c=d/ł", "YWJj+/=="])
def test_state_comes_back_unchanged(nobody: Caller, state: str) -> None:
    assert returned(nobody.consent(state=state))["state"] == state


def test_own_parameters_come_back_too(nobody: Caller) -> None:
    assert returned(nobody.consent(shop="7"))["shop"] == "7"


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://elsewhere.example/callback"},
        {"redirect_uri": "http://localhost.elsewhere.example/"},
        {"redirect_uri": ""},
        {"client_id": "unknown"},
    ],
)
def test_unknown_address_or_application_shows_an_error_page_and_redirects_nowhere(
    simulator: Simulator, wrong: dict[str, str]
) -> None:
    page = browse(simulator, **wrong)

    assert page.status_code == 400
    assert "Nie możemy wyświetlić strony" in page.text
    assert page.location is None


def test_redirect_address_must_match_the_registered_one_to_the_letter(nobody: Caller, world: World) -> None:
    world.switches.any_loopback_redirect = False
    registered = Application("other", "secret", "Inna", ("https://shop.example/callback",))
    world.applications["other"] = registered

    exact = nobody.consent(client_id="other", redirect_uri="https://shop.example/callback")
    deeper = nobody.consent(client_id="other", redirect_uri="https://shop.example/callback?shop=1")
    loopback = nobody.consent(client_id="other", redirect_uri=CALLBACK)

    assert [exact.status_code, deeper.status_code, loopback.status_code] == [302, 400, 400]


def test_logged_in_browser_skips_the_page_unless_prompt_is_confirm(simulator: Simulator) -> None:
    browser = Client(simulator)
    browser.post("/auth/oauth/authorize", data=ASKED | {"decision": "allow", "seller": "drugi_sklep"})

    silent = browser.get("/auth/oauth/authorize", query_string=ASKED)
    asked_again = browser.get("/auth/oauth/authorize", query_string=ASKED | {"prompt": "confirm"})

    assert "code" in returned(silent)
    assert asked_again.status_code == 200


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"scope": "allegro:api:nonsense"}, "invalid_scope"),
    ],
)
def test_requests_that_cannot_be_granted_return_to_the_application_with_an_error(
    nobody: Caller, parameters: dict[str, str], error: str
) -> None:
    assert returned(nobody.consent(**parameters))["error"] == error


def test_consent_without_a_seller_shows_the_page_again(nobody: Caller) -> None:
    assert nobody.consent(seller="").status_code == 400


def exchange(nobody: Caller, code: str, **changes: str) -> Any:
    return nobody.token(
        **{"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK} | changes
    )


def test_code_lives_ten_seconds(nobody: Caller, world: World) -> None:
    fresh, stale = nobody.code(), nobody.code()

    world.clock.advance(9.9)
    in_time = exchange(nobody, fresh)
    world.clock.advance(0.1)
    too_late = exchange(nobody, stale)

    assert in_time.status_code == 200
    assert (too_late.status_code, too_late.json["error"]) == (400, "invalid_grant")


def test_code_serves_once(nobody: Caller) -> None:
    code = nobody.code()

    assert exchange(nobody, code).status_code == 200
    assert exchange(nobody, code).json["error"] == "invalid_grant"


def test_failed_exchange_uses_the_code_up(nobody: Caller) -> None:
    code = nobody.code()

    assert exchange(nobody, code, redirect_uri=CALLBACK + "/other").json["error"] == "invalid_grant"
    assert exchange(nobody, code).json["error"] == "invalid_grant"


def test_exchange_without_a_code_is_refused(nobody: Caller) -> None:
    answer = nobody.token(grant_type="authorization_code", redirect_uri=CALLBACK)

    assert answer.status_code == 400
    assert answer.json["error_description"] == "An authorization code must be supplied"


def with_pkce(nobody: Caller) -> dict[str, str]:
    code = nobody.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "demo-client-id",
        "code_verifier": VERIFIER,
    }


def test_pkce_exchange_needs_no_secret(nobody: Caller) -> None:
    assert nobody.token(basic=None, **with_pkce(nobody)).status_code == 200


def test_pkce_exchange_with_an_authorization_header_is_refused(nobody: Caller) -> None:
    answer = nobody.token(basic=BASIC, **with_pkce(nobody))

    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"code_verifier": VERIFIER.replace("a", "b")}, 400),
        ({"code_verifier": "short"}, 400),
        ({"client_id": "unknown"}, 401),
    ],
)
def test_pkce_exchange_with_wrong_data_is_refused(
    nobody: Caller, changes: dict[str, str], status: int
) -> None:
    assert nobody.token(basic=None, **with_pkce(nobody) | changes).status_code == status


def test_code_asked_for_with_pkce_is_not_given_against_a_secret_alone(nobody: Caller) -> None:
    code = with_pkce(nobody)["code"]

    assert exchange(nobody, code).json["error"] == "invalid_grant"


def test_code_of_another_application_is_refused(nobody: Caller, world: World) -> None:
    world.applications["other"] = Application("other", "secret", "Inna")
    basic = "Basic " + base64.b64encode(b"other:secret").decode()
    code = nobody.code()

    answer = nobody.token(basic, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)

    assert answer.json["error"] == "invalid_grant"


def refresh(nobody: Caller, tokens: dict[str, Any]) -> Any:
    return nobody.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def me(nobody: Caller, tokens: dict[str, Any]) -> Any:
    return nobody.get("/me", headers={"Authorization": f"Bearer {tokens['access_token']}"}).status_code


def test_refreshing_ends_the_old_access_token_at_once(nobody: Caller) -> None:
    old = nobody.link()

    new = refresh(nobody, old).json

    assert me(nobody, old) == 401
    assert me(nobody, new) == 200


def test_old_refresh_token_gives_another_pair_for_a_minute_only(nobody: Caller, world: World) -> None:
    old = nobody.link()
    first = refresh(nobody, old).json

    world.clock.advance(59)
    second = refresh(nobody, old)
    world.clock.advance(1)
    third = refresh(nobody, old)

    assert second.status_code == 200
    assert second.json["refresh_token"] != first["refresh_token"]
    assert (third.status_code, third.json["error"]) == (400, "invalid_grant")
    assert "Invalid refresh token" in third.json["error_description"]


def test_access_token_lives_twelve_hours(nobody: Caller, world: World) -> None:
    tokens = nobody.link()

    world.clock.advance(43198)
    before = me(nobody, tokens)
    world.clock.advance(1)

    assert (before, me(nobody, tokens)) == (200, 401)


def test_refresh_token_lives_three_months_and_each_refresh_begins_them_anew(
    nobody: Caller, world: World
) -> None:
    tokens = nobody.link()

    world.clock.advance(80 * 86400)
    renewed = refresh(nobody, tokens)
    world.clock.advance(80 * 86400)
    again = refresh(nobody, renewed.json)
    world.clock.advance(91 * 86400)

    assert (renewed.status_code, again.status_code) == (200, 200)
    assert refresh(nobody, again.json).status_code == 400


def test_refresh_token_of_another_application_is_refused(nobody: Caller, world: World) -> None:
    world.applications["other"] = Application("other", "secret", "Inna")
    basic = "Basic " + base64.b64encode(b"other:secret").decode()

    answer = nobody.token(basic, grant_type="refresh_token", refresh_token=nobody.link()["refresh_token"])

    assert answer.status_code == 400


def test_application_token_has_no_refresh_token_and_no_user(nobody: Caller) -> None:
    answer = nobody.token(grant_type="client_credentials").json

    assert "refresh_token" not in answer
    assert "user_name" not in claims(answer["access_token"])


def test_asking_for_no_scope_gives_all_and_asking_for_some_gives_those(nobody: Caller) -> None:
    everything = nobody.link()["scope"].split()
    some = nobody.link(scope="allegro:api:orders:read allegro:api:profile:read allegro:api:nonsense")

    assert len(everything) == 22
    assert set(some["scope"].split()) == {"allegro:api:orders:read", "allegro:api:profile:read"}
    assert claims(some["access_token"])["scope"] == some["scope"].split()


@pytest.mark.parametrize(
    ("basic", "error"),
    [
        (None, "unauthorized"),
        ("Basic " + base64.b64encode(b"demo-client-id:wrong").decode(), "invalid_client"),
    ],
)
def test_missing_or_wrong_secret_is_401(nobody: Caller, basic: str | None, error: str) -> None:
    answer = nobody.token(basic, grant_type="client_credentials")

    assert (answer.status_code, answer.json["error"]) == (401, error)


def test_unknown_grant_type_is_refused(nobody: Caller) -> None:
    assert nobody.token(grant_type="password").json["error"] == "unsupported_grant_type"


def test_token_request_must_be_a_form(nobody: Caller) -> None:
    headers = {"User-Agent": AGENT, "Authorization": BASIC}

    as_json = nobody.wire.post(
        "/auth/oauth/token", json={"grant_type": "client_credentials"}, headers=headers
    )
    in_query = nobody.wire.post("/auth/oauth/token?grant_type=client_credentials", headers=headers)

    assert (as_json.status_code, in_query.status_code) == (415, 200)


def test_token_request_without_a_user_agent_is_refused(nobody: Caller) -> None:
    headers = {"Authorization": BASIC, "User-Agent": "python-httpx2/2.16"}

    answer: Any = nobody.wire.post(
        "/auth/oauth/token", data={"grant_type": "client_credentials"}, headers=headers
    )

    assert (answer.status_code, answer.json["error"]) == (403, "access_denied")


def test_oauth_answers_carry_no_trace_id(nobody: Caller) -> None:
    assert "Trace-Id" not in nobody.token(grant_type="client_credentials").headers


def test_twenty_first_session_of_a_user_ends_the_first(nobody: Caller) -> None:
    first = nobody.link()

    later = [nobody.link() for _ in range(20)]

    assert me(nobody, first) == 401
    assert refresh(nobody, first).status_code == 400
    assert me(nobody, later[0]) == 200


def test_same_calls_at_the_same_time_give_the_same_tokens(nobody: Caller, world: World) -> None:
    first = nobody.link()
    world.reset()

    assert nobody.link() == first
