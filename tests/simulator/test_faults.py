"""Bad days of the network, over WSGI and over real sockets."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from allegro_module.simulator import Simulator, World
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Wishes, place
from allegro_module.simulator.faults import ConnectionBroken, Faults, Kind
from allegro_module.simulator.forms import Form
from tests.simulator.conftest import AGENT, NOON, PUBLIC, Caller, Remote, a_line, renewed, status_of


@pytest.fixture
def order(world: World) -> Form:
    return place(world, world.sellers["bursztyn_i_len"].id, [a_line(world)], Wishes(), BUYERS[0])


@pytest.fixture
def address(simulator: Simulator) -> Iterator[str]:
    with simulator.listening() as address:
        yield address


def test_status_is_answered_as_often_as_asked_and_nothing_happens(
    seller: Caller, simulator: Simulator
) -> None:
    simulator.faults.status("GET /me", 503, times=2, retry_after=7)

    answers = [seller.get("/me") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].json["errors"][0]["code"] == "INTERNAL_SERVER_ERROR"


def test_bad_gateway_answers_with_a_page(simulator: Simulator) -> None:
    simulator.faults.status("*", 502)

    assert Caller(simulator).get("/me").content_type.startswith("text/html")


def test_oauth_fault_is_answered_in_the_form_of_oauth(nobody: Caller, simulator: Simulator) -> None:
    simulator.faults.status("POST /auth/oauth/token", 503)

    assert nobody.token(grant_type="client_credentials").json["error"] == "server_error"


def test_lost_answer_leaves_the_effect(seller: Caller, simulator: Simulator, order: Form) -> None:
    simulator.faults.lose_answer("PUT /order/checkout-forms/{id}/fulfillment")

    with pytest.raises(ConnectionBroken):
        seller.call("PUT", f"/order/checkout-forms/{order.id}/fulfillment", json={"status": "SENT"})

    assert order.fulfillment == "SENT"


def test_reset_connection_leaves_no_effect(seller: Caller, simulator: Simulator, order: Form) -> None:
    simulator.faults.reset("PUT /order/checkout-forms/{id}/fulfillment")

    with pytest.raises(ConnectionBroken):
        seller.call("PUT", f"/order/checkout-forms/{order.id}/fulfillment", json={"status": "SENT"})

    assert order.fulfillment == "NEW"


def test_malformed_answer_is_half_a_body(seller: Caller, simulator: Simulator) -> None:
    plain = Caller(simulator)
    plain.headers = seller.headers
    simulator.faults.malformed("GET /me")

    answer = plain.get("/me")

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_transport_may_bring_its_own_error(world: World) -> None:
    simulator = Simulator(world, broken_connection=httpx2.ReadError)
    simulator.faults.reset("GET /me")

    with (
        httpx2.Client(transport=httpx2.WSGITransport(app=simulator), base_url="http://allegro") as client,
        pytest.raises(httpx2.ReadError),
    ):
        client.get("/me")


@pytest.mark.parametrize(
    ("route", "hit"),
    [
        ("GET /order/checkout-forms/{id}", True),
        ("* /order/checkout-forms/<form_id>", True),
        ("*", True),
        ("PUT /order/checkout-forms/{id}", False),
        ("GET /order/checkout-forms", False),
        ("GET /order/{a}/{b}/{c}", False),
    ],
)
def test_route_of_a_fault_is_matched_by_segments(route: str, hit: bool) -> None:
    faults = Faults()
    faults.reset(route)

    assert bool(faults.claim("GET", "/order/checkout-forms/7", NOON)) is hit


def test_delay_comes_together_with_another_fault() -> None:
    faults = Faults()
    faults.delay("*", 0.1)
    faults.status("*", 500)
    faults.reset("*")

    assert [fault.kind for fault in faults.claim("GET", "/me", NOON)] == [Kind.DELAY, Kind.STATUS]
    assert [fault.kind for fault in faults.claim("GET", "/me", NOON)] == [Kind.RESET]
    assert faults.claim("GET", "/me", NOON) == []


def test_control_routes_and_pages_are_never_hit(simulator: Simulator) -> None:
    simulator.faults.reset("*")

    assert Caller(simulator).get("/_control/world").status_code == 200
    assert Caller(simulator).get("/").status_code == 200
    assert len(simulator.faults.waiting) == 1


def token_over(address: str) -> httpx2.Response:
    auth = ("demo-client-id", "demo-client-secret")
    form = {"grant_type": "client_credentials"}
    return httpx2.post(f"{address}/auth/oauth/token", data=form, auth=auth, headers={"User-Agent": AGENT})


def test_socket_answers_as_wsgi_does(address: str) -> None:
    token = token_over(address).json()["access_token"]
    headers = {"User-Agent": AGENT, "Accept": PUBLIC, "Authorization": f"Bearer {token}"}

    answer = httpx2.get(f"{address}/marketplaces", headers=headers)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(PUBLIC)


@pytest.mark.parametrize("fault", ["lose_answer", "reset"])
def test_socket_is_really_closed(address: str, simulator: Simulator, fault: str) -> None:
    simulator.faults.add("POST /auth/oauth/token", fault)

    with pytest.raises(httpx2.TransportError):
        token_over(address)

    assert len(simulator.world.tokens.access) == (1 if fault == "lose_answer" else 0)
    assert token_over(address).status_code == 200


def test_one_connection_carries_many_requests(address: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    connection.connect()
    socket = connection.sock

    statuses = []
    for _ in range(3):
        connection.request("POST", "/_control/clock", json.dumps({"advance_seconds": 1}))
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)

    assert statuses == [200, 200, 200]
    assert connection.sock is socket
    connection.close()


def test_chunked_body_is_read(address: str) -> None:
    chunks = iter([b'{"advance', b'_seconds": 5}'])

    answer = httpx2.post(f"{address}/_control/clock", content=chunks)

    assert answer.json()["offset_seconds"] == 5


def test_state_file_keeps_tokens_and_orders_over_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "allegro.state"
    before = Simulator(state=state)
    token = Caller(before).link()["access_token"]
    Caller(before).wire.post("/_control/orders/bulk", json={"count": 3, "seller": "bursztyn_i_len"})

    after = Caller(Simulator(state=state), token)

    assert after.get("/me").json["login"] == "bursztyn_i_len"
    assert after.get("/order/checkout-forms").json["totalCount"] == 3
    assert [path.name for path in tmp_path.iterdir()] == ["allegro.state"]


def test_outage_lasts_by_the_clock_however_often_one_asks(
    seller: Caller, simulator: Simulator, world: World
) -> None:
    simulator.faults.outage("GET /me", 300, world.now())

    during = [seller.get("/me").status_code for _ in range(5)]
    world.clock.advance(300)

    assert during == [503] * 5
    assert seller.get("/me").status_code == 200


def test_fault_may_wait_until_some_requests_went_well(remote: Remote, seller: Caller) -> None:
    remote.post("/faults", route="GET /me", kind="status", skip=2)

    assert [seller.get("/me").status_code for _ in range(4)] == [200, 200, 503, 200]


def test_outage_is_asked_for_by_control(remote: Remote, seller: Caller, world: World) -> None:
    remote.post("/faults", route="*", kind="reset", for_seconds=60)

    for _ in range(2):
        with pytest.raises(ConnectionBroken):
            seller.get("/me")
    world.clock.advance(60)

    assert seller.get("/me").status_code == 200


def test_token_dies_in_the_middle_and_is_renewed(nobody: Caller, simulator: Simulator) -> None:
    tokens = nobody.link()
    simulator.faults.add("GET /me", Kind.TOKEN_DIES, skip=1)

    heard = [status_of(nobody, tokens) for _ in range(3)]

    assert heard == [200, 401, 401]
    assert status_of(nobody, renewed(nobody, tokens).json) == 200


def test_huge_body_holds_the_right_answer_and_ten_megabytes(seller: Caller, simulator: Simulator) -> None:
    simulator.faults.add("GET /me", Kind.HUGE)

    answer = seller.get("/me")

    assert len(answer.data) > 10_000_000
    assert answer.json["login"] == "bursztyn_i_len"


def test_body_that_ends_too_early_breaks_the_connection(simulator: Simulator, address: str) -> None:
    simulator.faults.add("GET /_control/world", Kind.CUT)
    wire = http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)
    wire.request("GET", "/_control/world")
    answer = wire.getresponse()

    with pytest.raises(http.client.IncompleteRead):
        answer.read()


def test_body_that_ends_too_early_is_an_error_over_wsgi_too(seller: Caller, simulator: Simulator) -> None:
    simulator.faults.add("GET /me", Kind.CUT)

    with pytest.raises(ConnectionBroken):
        seller.get("/me")
