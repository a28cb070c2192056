"""The door of the api: what every request must carry, and in which shape refusals come."""

import pytest

from allegro_module.simulator import Simulator, World
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import place
from allegro_module.simulator.http import Problem, Refusal, _unknown_members
from tests.simulator.conftest import AGENT, PUBLIC, Caller, a_line, codes


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "node",
        "python-httpx2/2.16.2",
        "Sklep/1.0",
        "Sklep/1.0 (https://sklep.example)",
        "Sklep (+https://sklep.example)",
        "Sklep Demo/1.0 (+https://sklep.example)",
        "Sklep/1.0 (+sklep.example)",
    ],
)
def test_wrong_user_agent_is_refused(seller: Caller, agent: str) -> None:
    answer = seller.get("/me", headers={"User-Agent": agent})

    assert (answer.status_code, codes(answer)) == (403, ["UserAgentRequired"])


@pytest.mark.parametrize("agent", [AGENT, "Sklep-Demo/1.4.0-rc.1 (+http://localhost:5000/o-nas)"])
def test_user_agent_of_the_prescribed_form_is_let_in(seller: Caller, agent: str) -> None:
    assert seller.get("/me", headers={"User-Agent": agent}).status_code == 200


def test_user_agent_check_can_be_switched_off(seller: Caller, world: World) -> None:
    world.switches.check_user_agent = False

    assert seller.get("/me", headers={"User-Agent": "curl/8.0"}).status_code == 200


@pytest.mark.parametrize("authorization", [None, "Bearer ", "Basic abc"])
def test_request_without_a_token_is_answered_in_the_form_of_oauth(
    seller: Caller, authorization: str | None
) -> None:
    answer = seller.get("/me", headers={"Authorization": authorization})

    assert answer.status_code == 401
    assert answer.json["error"] == "unauthorized"
    assert "errors" not in answer.json


def test_strange_token_cannot_be_converted(seller: Caller) -> None:
    answer = seller.get("/me", headers={"Authorization": "Bearer of.another.world"})

    assert answer.json == {
        "error": "invalid_token",
        "error_description": "Cannot convert access token to JSON",
    }


def test_expired_token_is_named_in_the_answer(seller: Caller, world: World) -> None:
    world.clock.advance(43200)

    answer = seller.get("/me")

    assert answer.status_code == 401
    assert answer.json["error_description"].startswith("Access token expired: ")


def test_application_token_is_refused_where_a_user_is_needed(application: Caller) -> None:
    answer = application.get("/order/events")

    assert (answer.status_code, answer.json["error_description"]) == (401, "Empty user_name claim")


def test_missing_scope_is_403_with_errors(as_scoped: object) -> None:
    caller = as_scoped("allegro:api:profile:read")  # type: ignore[operator]

    assert caller.get("/me").status_code == 200
    answer = caller.get("/order/events")
    assert (answer.status_code, codes(answer)) == (403, ["AccessDenied"])


@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/json", "application/vnd.allegro.beta.v1+json", "application/*"]
)
def test_missing_or_other_accept_is_406(nobody: Caller, simulator: Simulator, accept: str | None) -> None:
    caller = Caller(simulator, nobody.link()["access_token"])

    assert caller.get("/me", headers={"Accept": accept}).status_code == 406


def test_accept_may_name_the_type_among_others(seller: Caller) -> None:
    assert seller.get("/me", headers={"Accept": f"text/html, {PUBLIC};q=0.9"}).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_other_content_type_is_415(seller: Caller, simulator: Simulator, kind: str) -> None:
    caller = Caller(simulator)
    caller.headers = seller.headers

    answer = caller.call(
        "PUT", "/order/checkout-forms/x/fulfillment", data=b"{}", headers={"Content-Type": kind or None}
    )

    assert (answer.status_code, codes(answer)) == (415, ["UnsupportedMediaTypeException"])


def test_checks_come_in_the_order_agent_token_scope_accept(seller: Caller, simulator: Simulator) -> None:
    caller = Caller(simulator)
    wrong = {"User-Agent": "node", "Accept": "text/html"}

    assert caller.get("/me", headers=wrong).status_code == 403
    assert caller.get("/me", headers={"Accept": "text/html"}).status_code == 401


def test_every_api_answer_has_its_own_trace_id(seller: Caller, simulator: Simulator) -> None:
    plain = Caller(simulator)

    ids = {seller.get("/me").headers["Trace-Id"] for _ in range(2)}
    ids |= {plain.get("/me").headers["Trace-Id"], plain.get("/no/such/thing").headers["Trace-Id"]}

    assert len(ids) == 4


def test_unknown_resource_is_404_with_errors(simulator: Simulator) -> None:
    answer = Caller(simulator).get("/no/such/thing")

    assert answer.status_code == 404
    assert answer.json["errors"][0]["path"] == "/no/such/thing"


def test_user_message_is_polish_unless_another_language_is_asked_for(seller: Caller) -> None:
    path = "/order/checkout-forms/29738e61-7f6a-11e8-ac45-09db60ede9d6"

    polish, english = seller.get(path), seller.get(path, headers={"Accept-Language": "en-US"})

    assert polish.json["errors"][0]["userMessage"] == "Nie znaleźliśmy takiego zamówienia."
    assert english.json["errors"][0]["userMessage"].startswith("Checkout form")


def test_refusal_without_texts_has_null_texts(simulator: Simulator) -> None:
    assert Problem("SomethingException", None).as_json("pl-PL")["userMessage"] is None
    assert "422 A, B" in str(Refusal(422, Problem("A", "a"), Problem("B", "b")))


@pytest.mark.parametrize("body", [b"{", b"[]", b"", b"\xff"])
def test_body_that_is_no_json_object_is_400(
    seller: Caller, simulator: Simulator, world: World, body: bytes
) -> None:
    caller = Caller(simulator)
    caller.headers = seller.headers
    form = place(world, world.sellers["bursztyn_i_len"].id, [a_line(world)], None, BUYERS[0])

    answer = caller.call(
        "PUT",
        f"/order/checkout-forms/{form.id}/fulfillment",
        data=body,
        headers={"Content-Type": PUBLIC},
    )

    assert answer.status_code == 400


def test_unknown_members_are_named_by_their_path_at_any_depth() -> None:
    allowed = {"a": None, "b": {"c": None}, "d": {"e": {"f": None}}}
    body = {"a": {"free": 1}, "b": {"c": 1, "x": 2}, "d": [{"e": {"f": 1}}, {"e": {"g": 1}}], "y": 1}

    assert list(_unknown_members(body, allowed, "")) == ["b.x", "d[1].e.g", "y"]
