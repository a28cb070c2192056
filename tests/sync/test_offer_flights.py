"""Some writes at a time: they are on the wire together, and all else stays in the thread of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier, Lock, current_thread, main_thread
from typing import TYPE_CHECKING

import httpx2
import pytest
from sqlalchemy import Engine

from allegro_module.client import AllegroClient
from allegro_module.client.environment import environment
from allegro_module.client.transport import Transport, build_http_client
from allegro_module.domain.offers import OfferState
from allegro_module.simulator import World
from allegro_module.simulator.faults import Kind
from allegro_module.sync.offers import settle_offers
from tests.openapi import OpenApiCheck
from tests.sync.conftest import SIMULATOR_URL, USER_AGENT, BothClocks, Wire
from tests.sync.offer_builders import on_allegro
from tests.sync.test_offers import CREATE, Desk, Killed, MortalSession
from tests.sync.test_offers import desk as desk

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MOST = 3
LONGEST = 20.0


@dataclass
class Crowd:
    """Before the simulator: the first creations wait for each other, so that they must be away together."""

    check: OpenApiCheck
    barrier: Barrier = field(default_factory=lambda: Barrier(MOST))
    lock: Lock = field(default_factory=Lock)
    creations: int = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self.lock:
            is_creation = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}" == CREATE
            self.creations += is_creation
            waits = is_creation and self.creations <= MOST
        if waits:
            self.barrier.wait(LONGEST)
        with self.lock:
            return list(self.check(environ, start_response))


@dataclass
class RenewedOnce:
    """A token that is refused at first; who renews it must be the run itself, as the database is its own."""

    good: str
    token: str = "refused"
    renewals: int = 0

    def access_token(self) -> str:
        return self.token

    def renewed(self, stale: str) -> str:
        assert current_thread() is main_thread()
        if self.token == stale:
            self.token, self.renewals = self.good, self.renewals + 1
        return self.token

    def refused_again(self, fresh: str) -> None:
        raise AssertionError("the good token was refused")

    def over_limit(self, retry_after: timedelta | None) -> None:
        raise AssertionError("no limit was reached")


@pytest.fixture
def crowd(wire: Wire) -> Crowd:
    return Crowd(wire.check)


@pytest.fixture
def tokens(world: World, tokens_of: Callable[[str], dict[str, object]]) -> RenewedOnce:
    return RenewedOnce(str(tokens_of("bursztyn_i_len")["access_token"]))


@pytest.fixture
def together(crowd: Crowd, tokens: RenewedOnce, clock: BothClocks) -> Iterator[AllegroClient]:
    """A client whose requests may come from several threads."""
    with build_http_client(httpx2.WSGITransport(crowd)) as http:
        here = environment("simulator", SIMULATOR_URL)
        yield AllegroClient(Transport(here, USER_AGENT, tokens, http, clock))


def run(desk: Desk, api: AllegroClient) -> dict[int, OfferState | None]:
    return settle_offers(
        desk.session, lambda account: api, desk.shop, lambda name: desk.clock, most_away=MOST
    )


def external_ids(world: World) -> list[str]:
    return sorted(each.external_id or "" for each in on_allegro(world))


def test_offers_are_created_together_each_once(
    desk: Desk, world: World, crowd: Crowd, tokens: RenewedOnce, together: AllegroClient
) -> None:
    world.switches.offer_creation = "created"
    tokens.token = tokens.good
    ids = [desk.wanted() for _ in range(5)]

    assert run(desk, together) == dict.fromkeys(ids, OfferState.ACTIVE)

    assert crowd.creations == len(set(external_ids(world))) == len(external_ids(world)) == 5


def test_token_refused_to_all_of_them_is_renewed_once_by_the_run(
    desk: Desk, world: World, tokens: RenewedOnce, together: AllegroClient
) -> None:
    world.switches.offer_creation = "created"
    ids = [desk.wanted() for _ in range(MOST)]

    assert run(desk, together) == dict.fromkeys(ids, OfferState.ACTIVE)

    assert (tokens.renewals, len(on_allegro(world))) == (1, MOST)


def test_each_goes_its_own_way_when_one_is_refused_and_one_answer_is_lost(
    desk: Desk, world: World, crowd: Crowd, tokens: RenewedOnce, together: AllegroClient
) -> None:
    world.switches.offer_creation = "created"
    tokens.token = tokens.good
    refused = desk.wanted(is_before_gpsr=True)
    others = [desk.wanted() for _ in range(4)]
    world.faults.add(CREATE, Kind.LOSE_ANSWER, skip=4)

    states = run(desk, together)

    assert states.pop(refused) is OfferState.REFUSED
    assert crowd.creations == 5
    assert sorted(states[each] or "" for each in others) == ["active", "active", "active", "checking"]
    for each in others:
        assert desk.until_settled(each) is OfferState.ACTIVE
    assert len(set(external_ids(world))) == len(external_ids(world)) == 4


@pytest.mark.parametrize("dies_at", range(2, 14, 2))
def test_run_that_dies_with_some_away_leaves_each_to_be_made_once(
    desk: Desk,
    world: World,
    engine: Engine,
    clock: BothClocks,
    crowd: Crowd,
    tokens: RenewedOnce,
    together: AllegroClient,
    dies_at: int,
) -> None:
    world.switches.offer_creation = "created"
    tokens.token = tokens.good
    crowd.creations = MOST
    ids = [desk.wanted() for _ in range(4)]
    with MortalSession(engine) as mortal:
        mortal.dies_at = dies_at
        with pytest.raises(Killed):
            run(Desk(mortal, desk.api, desk.shop, desk.account, clock), together)

    clock.forward(minutes=6)
    for each in ids:
        assert desk.until_settled(each) is OfferState.ACTIVE
    assert len(set(external_ids(world))) == len(external_ids(world)) == 4
