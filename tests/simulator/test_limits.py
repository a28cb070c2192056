"""Too many requests of an application, too many tokens of a seller; and the time that answers carry."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import pytest

from allegro_module.simulator import Simulator, World
from tests.simulator.conftest import (
    CALLBACK,
    NOON,
    Caller,
    basic_of,
    codes,
    renewed,
    status_of,
)


def statuses(caller: Caller, count: int) -> list[int]:
    return [caller.get("/me").status_code for _ in range(count)]


def test_application_over_its_limit_is_blocked_for_one_minute(seller: Caller, world: World) -> None:
    world.switches.requests_per_minute = 3

    within = statuses(seller, 3)
    world.clock.advance(30)
    over = seller.get("/me")
    world.clock.advance(59)
    blocked = seller.get("/me").status_code
    world.clock.advance(1)

    assert within == [200, 200, 200]
    assert (over.status_code, codes(over)) == (429, ["TooManyRequestsException"])
    assert "Retry-After" not in over.headers
    assert (blocked, statuses(seller, 4)) == (429, [200, 200, 200, 429])


def test_limit_is_counted_over_all_sellers_of_an_application_and_no_other(
    seller: Caller, other_seller: Caller, nobody: Caller, world: World
) -> None:
    world.switches.requests_per_minute = 2
    code = nobody.code(client_id="second-client-id")
    elsewhere = nobody.token(
        basic_of("second-client-id", "second-client-secret"),
        grant_type="authorization_code",
        code=code,
        redirect_uri=CALLBACK,
    ).json

    assert statuses(seller, 2) == [200, 200]
    assert statuses(other_seller, 1) == [429]
    assert status_of(nobody, elsewhere) == 200


def test_a_new_minute_forgets_the_requests_of_the_last(seller: Caller, world: World) -> None:
    world.switches.requests_per_minute = 2

    seen = []
    for _ in range(3):
        seen += statuses(seller, 2)
        world.clock.advance(60)

    assert seen == [200] * 6


def test_nine_thousand_a_minute_are_let_in_from_the_start(world: World) -> None:
    assert world.switches.requests_per_minute == 9000


def test_clock_set_back_does_not_keep_an_application_out(seller: Caller, world: World) -> None:
    world.switches.requests_per_minute = 1
    statuses(seller, 2)

    world.clock.advance(-3600)

    assert statuses(seller, 1) == [200]


def test_too_many_tokens_of_a_seller_in_an_hour_are_429_and_cost_nothing(
    nobody: Caller, world: World
) -> None:
    tokens = nobody.link()
    world.switches.tokens_per_hour = 2
    tokens = renewed(nobody, tokens).json
    tokens = renewed(nobody, tokens).json

    refused = renewed(nobody, tokens)
    other = renewed(nobody, nobody.link("drugi_sklep"))
    still = status_of(nobody, tokens)
    world.clock.advance(3600)

    assert (refused.status_code, refused.json["error"]) == (429, "too_many_requests")
    assert "error_description" in refused.json
    assert (other.status_code, still) == (200, 200)
    assert renewed(nobody, tokens).status_code == 200


def test_limit_of_tokens_holds_for_new_links_too_and_not_for_applications(
    nobody: Caller, world: World
) -> None:
    world.switches.tokens_per_hour = 1
    nobody.link()

    code = nobody.code()
    answer = nobody.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)

    assert answer.status_code == 429
    assert nobody.token(grant_type="client_credentials").status_code == 200


# Date


def date_of(answer: Any) -> Any:
    return parsedate_to_datetime(answer.headers["Date"])


def test_every_answer_tells_the_time_of_the_simulated_world(
    seller: Caller, nobody: Caller, simulator: Simulator
) -> None:
    simulator.faults.status("GET /marketplaces", 503)

    answers = [seller.get("/me"), Caller(simulator).get("/no/such"), nobody.get("/marketplaces")]
    answers += [nobody.token(grant_type="client_credentials"), nobody.wire.get("/")]

    assert [date_of(answer) for answer in answers] == [NOON] * 5


@pytest.mark.parametrize("seconds", [600.0, -600.0])
def test_date_can_stand_apart_from_the_clock(seller: Caller, world: World, seconds: float) -> None:
    world.switches.date_skew_seconds = seconds

    assert date_of(seller.get("/me")) == NOON + timedelta(seconds=seconds)
    assert world.now() == NOON


def test_over_a_socket_there_is_one_date_and_it_is_the_simulated_one(simulator: Simulator) -> None:
    with simulator.listening() as address:
        answer = httpx2.get(f"{address}/_control/world")

    assert answer.headers.get_list("date") == ["Fri, 20 Nov 2026 12:00:00 GMT"]
