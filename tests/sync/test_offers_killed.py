"""A worker killed by kill -9 while Allegro holds its request: the next one brings the wish to its end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import httpx2
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.environment import environment
from allegro_module.client.transport import FixedToken, Transport, build_http_client
from allegro_module.db.accounts import Account
from allegro_module.domain.offers import OfferState, Wanted
from allegro_module.sealing import Seal
from allegro_module.simulator.faults import ConnectionBroken
from allegro_module.simulator.server import listening
from allegro_module.sync.offers import publish_offer
from tests.sync.conftest import USER_AGENT, Wire
from tests.sync.offer_builders import on_allegro
from tests.sync.test_offer_wishes import Counter, has_come_about, prepared, writes
from tests.sync.test_offer_wishes import desk as desk

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LONGEST = 20.0
WISHES = [
    [(Wanted.DRAFT, "POST /sale/product-offers")],
    [(Wanted.LIST, "PATCH /sale/product-offers/")],
    [(Wanted.END, "PATCH /sale/product-offers/"), (Wanted.RESUME, "PATCH /sale/product-offers/")],
    [(Wanted.DELETE, "DELETE /sale/offers/")],
]


@dataclass
class Gate:
    """Before the simulator: holds the first write, done or never to be done, until its sender is dead."""

    wire: Wire
    lets_through: bool
    holds: Event = field(default_factory=Event)
    is_dead: Event = field(default_factory=Event)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            return self.wire(environ, start_response)
        if self.lets_through:
            list(self.wire(environ, start_response))
        self.holds.set()
        assert self.is_dead.wait(LONGEST)
        raise ConnectionBroken


@dataclass(frozen=True)
class Killer:
    """Starts workers in processes of their own, each with its own connections."""

    desk: Counter
    engine: Engine
    token: str

    def let_die(self, offer_id: int, gate: Gate) -> None:
        self.desk.session.close()
        self.engine.dispose()
        with listening(gate, "127.0.0.1", 0) as url:
            child = os.fork()
            if child == 0:
                self._work(offer_id, url)
            assert gate.holds.wait(LONGEST)
            os.kill(child, signal.SIGKILL)
            assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
            gate.is_dead.set()

    def _work(self, offer_id: int, url: str) -> None:
        with suppress(BaseException):
            here, clock = environment("simulator", url), self.desk.clock
            http = build_http_client()
            api = AllegroClient(Transport(here, USER_AGENT, FixedToken(self.token), http, clock))
            session = Session(create_engine(self.engine.url))
            publish_offer(session, api, self.desk.shop, offer_id, clock)
        os._exit(1)


@pytest.fixture
def killer(desk: Counter, engine: Engine, account: Account, seal: Seal) -> Killer:
    token = seal.open(account.sealed_access_token or "")
    desk.session.rollback()
    return Killer(desk, engine, token)


@pytest.fixture
def taken_of_the_next(http: httpx2.Client) -> list[str]:
    """Writes with an effect; Allegro answers 409 or 404 to a repeat of what is done."""
    taken: list[str] = []

    def note(response: httpx2.Response) -> None:
        if response.request.method != "GET" and response.is_success:
            taken.append(response.request.method)

    http.event_hooks = {"response": [note]}
    return taken


@pytest.mark.parametrize("arrives", [True, False], ids=["done", "lost on the way"])
@pytest.mark.parametrize("wishes", WISHES, ids=["draft", "change", "end and resume", "delete"])
def test_wish_of_a_killed_worker_comes_about_by_one_write(
    desk: Counter,
    killer: Killer,
    wire: Wire,
    taken_of_the_next: list[str],
    wishes: list[tuple[Wanted, str]],
    arrives: bool,
) -> None:
    for wanted, write in wishes:
        offers = len(on_allegro(desk.clock.world))
        offer_id = prepared(desk, wanted, 1)
        wire.requests.clear()
        taken_of_the_next.clear()

        killer.let_die(offer_id, Gate(wire, lets_through=arrives))

        row = desk.read(offer_id, lambda offer: (offer.state, offer.claim is None))
        assert row == (OfferState.SENDING, False)
        assert len(writes(wire)) == arrives
        desk.follow(offer_id)
        assert all(each.startswith(write) for each in writes(wire))
        assert len(taken_of_the_next) == (not arrives)
        assert has_come_about(desk, wanted, offer_id, offers)
