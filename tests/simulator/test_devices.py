"""The device flow: codes, the page on which they are typed, and every answer to those who poll."""

import re
from typing import Any

import pytest
from werkzeug.test import Client

from allegro_module.simulator import Simulator, World
from tests.simulator.conftest import (
    AGENT,
    BASIC,
    DEVICE_BASIC,
    Caller,
    Remote,
    basic_of,
    renewed,
    status_of,
)

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SELLER = "bursztyn_i_len"


def begin(
    caller: Caller, basic: str | None = DEVICE_BASIC, client_id: str | None = "demo-device-id", **form: str
) -> Any:
    headers = {"User-Agent": AGENT} | ({"Authorization": basic} if basic else {})
    asked = form | ({"client_id": client_id} if client_id else {})
    return caller.wire.post("/auth/oauth/device", data=asked, headers=headers)


def poll(caller: Caller, device_code: str, basic: str = DEVICE_BASIC) -> Any:
    return caller.token(basic, grant_type=GRANT, device_code=device_code)


def outcome(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json.get("error")


@pytest.fixture
def codes(nobody: Caller) -> dict[str, Any]:
    answer: dict[str, Any] = begin(nobody).json
    return answer


def test_codes_have_the_shape_of_the_official_sample(codes: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z0-9]{9}", codes["user_code"])
    assert (codes["expires_in"], codes["interval"]) == ("3600", "5")
    assert codes["verification_uri"].endswith("/skojarz-aplikacje")
    assert codes["verification_uri_complete"] == f"{codes['verification_uri']}?code={codes['user_code']}"


def test_numbers_can_be_switched_to_numbers(nobody: Caller, world: World) -> None:
    world.switches.device_numbers_as_text = False

    answer = begin(nobody).json

    assert (answer["expires_in"], answer["interval"]) == (3600, 5)


def test_code_is_pending_until_the_seller_decides_then_gives_tokens_once(
    nobody: Caller, remote: Remote, world: World, codes: dict[str, Any]
) -> None:
    pending = poll(nobody, codes["device_code"])
    remote.post(f"/devices/{codes['user_code']}/approve", seller=SELLER)
    world.clock.advance(5)
    given = poll(nobody, codes["device_code"])
    world.clock.advance(5)
    again = poll(nobody, codes["device_code"])

    assert outcome(pending) == (400, "authorization_pending")
    assert given.status_code == 200
    assert status_of(nobody, given.json) == 200
    assert renewed(nobody, given.json, DEVICE_BASIC).status_code == 200
    assert outcome(again) == (400, "Invalid device code")


def test_polling_too_often_is_told_to_slow_down_and_must(
    nobody: Caller, world: World, codes: dict[str, Any]
) -> None:
    seen = []
    for pause in (0, 4.9, 5, 15, 10):
        world.clock.advance(pause)
        seen.append(poll(nobody, codes["device_code"]).json["error"])

    # Each slow_down lengthens the interval by five seconds: 5, 10, 15.
    assert seen == [
        "authorization_pending",
        "slow_down",
        "slow_down",
        "authorization_pending",
        "slow_down",
    ]


def test_denied_code_is_access_denied(nobody: Caller, remote: Remote, codes: dict[str, Any]) -> None:
    remote.post(f"/devices/{codes['user_code']}/deny")

    assert outcome(poll(nobody, codes["device_code"])) == (400, "access_denied")


def test_code_expires_after_an_hour_for_both_sides(
    nobody: Caller, remote: Remote, world: World, codes: dict[str, Any]
) -> None:
    world.clock.advance(3600)

    assert outcome(poll(nobody, codes["device_code"])) == (400, "expired_token")
    assert "errors" in remote.post(f"/devices/{codes['user_code']}/approve", seller=SELLER)


def test_wrong_code_or_that_of_another_application_is_invalid(
    nobody: Caller, remote: Remote, codes: dict[str, Any]
) -> None:
    remote.post("/applications", client_id="other", client_secret="s", name="Inna", kind="device")

    assert outcome(poll(nobody, "no-such-code")) == (400, "Invalid device code")
    stranger = poll(nobody, codes["device_code"], basic_of("other", "s"))
    assert outcome(stranger) == (400, "Invalid device code")


@pytest.mark.parametrize(
    ("basic", "client_id", "expected"),
    [
        (None, "demo-device-id", (401, "unauthorized")),
        (basic_of("demo-device-id", "wrong"), "demo-device-id", (401, "invalid_client")),
        (DEVICE_BASIC, None, (400, "invalid_request")),
        (DEVICE_BASIC, "demo-client-id", (400, "invalid_request")),
        (BASIC, "demo-client-id", (400, "unauthorized_client")),
    ],
)
def test_codes_are_given_to_a_known_application_for_devices_only(
    nobody: Caller, basic: str | None, client_id: str | None, expected: tuple[int, str]
) -> None:
    assert outcome(begin(nobody, basic, client_id)) == expected


def test_application_for_browsers_may_not_poll(nobody: Caller, codes: dict[str, Any]) -> None:
    assert outcome(poll(nobody, codes["device_code"], BASIC)) == (400, "unauthorized_client")


def test_device_endpoint_asks_for_a_user_agent_too(nobody: Caller) -> None:
    headers = {"Authorization": DEVICE_BASIC, "User-Agent": "curl/8.0"}

    answer: Any = nobody.wire.post("/auth/oauth/device", data={"client_id": "x"}, headers=headers)

    assert answer.status_code == 403


def test_scopes_asked_for_are_those_of_the_token(nobody: Caller, remote: Remote) -> None:
    codes = begin(nobody, scope="allegro:api:orders:read allegro:api:nonsense").json
    remote.post(f"/devices/{codes['user_code']}/approve", seller=SELLER)

    assert poll(nobody, codes["device_code"]).json["scope"] == "allegro:api:orders:read"
    assert outcome(begin(nobody, scope="allegro:api:nonsense")) == (400, "invalid_scope")


# The page


@pytest.mark.parametrize("groups", ["{0}{1}{2}", "{0}-{1}-{2}", " {0} {1} {2} "])
def test_page_takes_a_code_in_groups_and_shows_who_asks(
    simulator: Simulator, codes: dict[str, Any], groups: str
) -> None:
    code = codes["user_code"]
    typed = groups.format(code[:3], code[3:6], code[6:]).upper()

    page = Client(simulator).get("/skojarz-aplikacje", query_string={"code": typed})

    assert page.status_code == 200
    assert "Sklep-Demo-Urzadzenie" in page.text
    assert f"{code[:3]}-{code[3:6]}-{code[6:]}" in page.text
    assert all(text in page.text for text in ("drugi_sklep", "jan_prywatny", "Zezwól", "Anuluj"))


def test_seller_allows_on_the_page(nobody: Caller, simulator: Simulator, codes: dict[str, Any]) -> None:
    form = {"code": codes["user_code"], "seller": "drugi_sklep", "decision": "allow"}

    page = Client(simulator).post("/skojarz-aplikacje", data=form)
    tokens = poll(nobody, codes["device_code"]).json

    assert "drugi_sklep" in page.text
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert nobody.get("/me", headers=bearer).json["login"] == "drugi_sklep"


def test_seller_refuses_on_the_page(nobody: Caller, simulator: Simulator, codes: dict[str, Any]) -> None:
    form = {"code": codes["user_code"], "decision": "deny"}

    page = Client(simulator).post("/skojarz-aplikacje", data=form)

    assert "nie dostała dostępu" in page.text
    assert outcome(poll(nobody, codes["device_code"])) == (400, "access_denied")


def test_page_without_a_code_asks_for_one_and_a_wrong_one_is_named(
    simulator: Simulator, codes: dict[str, Any]
) -> None:
    browser = Client(simulator)

    empty, wrong = browser.get("/skojarz-aplikacje"), browser.get("/skojarz-aplikacje?code=abcabcabc")
    nobody_chosen = browser.post("/skojarz-aplikacje", data={"code": codes["user_code"], "decision": "allow"})

    assert (empty.status_code, wrong.status_code, nobody_chosen.status_code) == (200, 400, 400)
    assert 'name="code"' in empty.text
    assert "Nie znamy takiego kodu" in wrong.text
    assert "Zezwól" in nobody_chosen.text


def test_decided_code_cannot_be_decided_again(
    simulator: Simulator, remote: Remote, codes: dict[str, Any]
) -> None:
    remote.post(f"/devices/{codes['user_code']}/approve", seller=SELLER)

    late = Client(simulator).post("/skojarz-aplikacje", data={"code": codes["user_code"], "decision": "deny"})

    assert late.status_code == 400
    assert remote.get("/devices")["devices"][0]["seller"] == SELLER
