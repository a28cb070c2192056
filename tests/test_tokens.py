"""Tokens of an account: renewed once whoever asks, never lost, and broken only when Allegro says so."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from allegro_module.client.environment import environment
from allegro_module.client.errors import NotConnected, Unavailable
from allegro_module.client.oauth import OAuth
from allegro_module.client.transport import build_http_client
from allegro_module.db import Base
from allegro_module.db.accounts import Account, Application
from allegro_module.domain.accounts import KEYS_REFUSED, LinkState
from allegro_module.domain.facts import ConnectionLost
from allegro_module.sealing import Seal, new_key
from allegro_module.signals import connection_lost
from allegro_module.simulator import Clock, Simulator, Standing, World
from allegro_module.simulator.faults import Kind
from allegro_module.simulator.server import listening
from allegro_module.simulator.tokens import SCOPES, Consent
from allegro_module.tokens import CLAIM_LASTS, StoredTokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

AGENT = "Bursztyn-i-Len/0.1.0 (+https://bursztyn-i-len.example/allegro)"
SELLER = "bursztyn_i_len"
TOKEN = "POST /auth/oauth/token"
KEY = new_key()


@dataclass
class Counter:
    """Counts what is asked of the token endpoint."""

    simulator: Simulator
    refreshes: list[str] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/auth/oauth/token":
            self.refreshes.append(environ["REQUEST_METHOD"])
        return self.simulator(environ, start_response)


@dataclass
class Link:
    """An account linked to the simulated Allegro, and its tokens as a job would have them."""

    engine: Engine
    simulator: Simulator
    counter: Counter
    http: httpx2.Client
    account_id: int

    @property
    def world(self) -> World:
        return self.simulator.world

    def tokens(self, **changes: Any) -> StoredTokens:
        here = environment("simulator", "http://allegro.test")
        values: dict[str, Any] = {
            "account_id": self.account_id,
            "engine": self.engine,
            "seal": Seal([KEY]),
            "oauth": OAuth(here, AGENT, self.http),
            "now": self.world.now,
            "pause": lambda seconds: self.world.clock.advance(seconds),
        }
        return StoredTokens(**{**values, **changes})

    def row(self, value: Callable[[Account], Any]) -> Any:
        with Session(self.engine) as session:
            return value(session.get_one(Account, self.account_id))

    def change(self, **values: Any) -> None:
        with Session(self.engine) as session:
            for name, value in values.items():
                setattr(session.get_one(Account, self.account_id), name, value)
            session.commit()

    def is_good(self, token: str) -> bool:
        return self.world.tokens.access[token].is_good(self.world.now())

    def expire(self) -> None:
        self.world.clock.advance(timedelta(hours=12).total_seconds())


def an_account(engine: Engine, world: World) -> int:
    """A linked account with tokens that Allegro has just issued."""
    Base.metadata.create_all(engine)
    consent = Consent("demo-client-id", world.sellers[SELLER].id, SCOPES)
    issued = world.tokens.new_pair(world, world.tokens.open_session(consent, world.now()))
    now, seal = world.now(), Seal([KEY])
    with Session(engine) as session:
        application = Application(
            environment="simulator",
            client_id="demo-client-id",
            sealed_client_secret=seal.close("demo-client-secret"),
            created_at=now,
            changed_at=now,
        )
        account = Account(
            application=application,
            environment="simulator",
            alias="BL",
            login=SELLER,
            seller_id=world.sellers[SELLER].id,
            state=LinkState.CONNECTED,
            sealed_access_token=seal.close(str(issued["access_token"])),
            sealed_refresh_token=seal.close(str(issued["refresh_token"])),
            token_expires_at=now + timedelta(seconds=43199),
            created_at=now,
        )
        session.add(account)
        session.commit()
        return account.id


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def link(engine: Engine) -> Iterator[Link]:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    simulator = Simulator(World(Clock(Standing(noon))), broken_connection=httpx2.ReadError)
    counter = Counter(simulator)
    with build_http_client(httpx2.WSGITransport(counter)) as http:
        yield Link(engine, simulator, counter, http, an_account(engine, simulator.world))


def test_good_token_is_used_without_asking(link: Link) -> None:
    tokens = link.tokens()

    assert tokens.access_token() == tokens.access_token()
    assert link.counter.refreshes == []


def test_token_about_to_end_is_renewed_and_kept_sealed(link: Link) -> None:
    link.expire()

    token = link.tokens().access_token()

    assert link.is_good(token)
    assert link.row(lambda row: Seal([KEY]).open(row.sealed_access_token)) == token
    assert link.row(lambda row: (row.token_version, row.refresh_claim)) == (1, None)
    assert link.tokens().access_token() == token


def test_new_pair_is_saved_although_the_job_fails(link: Link, engine: Engine) -> None:
    link.expire()

    with Session(engine) as job:
        job.execute(select(Account))
        token = link.tokens().access_token()
        job.rollback()

    assert link.tokens().access_token() == token


@pytest.mark.parametrize("kind", [Kind.LOSE_ANSWER, Kind.MALFORMED])
def test_lost_answer_is_asked_for_again_within_the_grace(link: Link, kind: Kind) -> None:
    link.expire()
    link.simulator.faults.add(TOKEN, kind)

    token = link.tokens().access_token()

    assert link.is_good(token)
    assert len(link.counter.refreshes) == 2


def test_refused_refresh_needs_the_seller_and_raises_the_alarm(link: Link) -> None:
    link.expire()
    for session in link.world.tokens.sessions:
        session.closed = True
    heard: list[object] = []

    def listen(sender: object, fact: object) -> None:
        heard.append(fact)

    with connection_lost.connected_to(listen), pytest.raises(NotConnected):
        link.tokens().access_token()

    assert link.row(lambda row: (row.state, row.refresh_claim)) == (LinkState.NEEDS_RECONNECT, None)
    assert heard == [ConnectionLost(SELLER, link.row(lambda row: row.state_reason))]
    with pytest.raises(NotConnected):
        link.tokens().access_token()
    assert len(link.counter.refreshes) == 1


def test_refused_keys_are_told_apart_from_a_lost_consent(link: Link, engine: Engine) -> None:
    link.expire()
    with Session(engine) as session:
        application = session.scalars(select(Application)).one()
        application.sealed_client_secret = Seal([KEY]).close("not-the-secret")
        application.proved_at = link.world.now()
        session.commit()

    with pytest.raises(NotConnected):
        link.tokens().access_token()

    seen = link.row(lambda row: (row.state, row.state_reason, row.application.proved_at))
    assert seen == (LinkState.NEEDS_RECONNECT, KEYS_REFUSED, None)


def test_reason_of_a_refusal_shows_no_token(link: Link, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    refresh = link.row(lambda row: Seal([KEY]).open(row.sealed_refresh_token))
    link.expire()
    for session in link.world.tokens.sessions:
        session.closed = True

    with pytest.raises(NotConnected) as refused:
        link.tokens().access_token()

    assert refresh not in caplog.text + str(refused.value) + link.row(lambda row: row.state_reason)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_allegro_away_never_asks_the_seller_to_reconnect(link: Link, status: int) -> None:
    link.expire()
    link.simulator.faults.status(TOKEN, status, times=3)

    with pytest.raises(Unavailable):
        link.tokens().access_token()

    assert link.row(lambda row: (row.state, row.refresh_claim)) == (LinkState.CONNECTED, None)
    link.simulator.faults.clear()
    assert link.is_good(link.tokens().access_token())


def test_neighbour_s_new_pair_is_taken(link: Link) -> None:
    mine = link.tokens()
    stale = mine.access_token()
    link.expire()
    fresh = link.tokens().access_token()

    assert mine.renewed(stale) == fresh
    assert len(link.counter.refreshes) == 1


def test_claim_of_a_neighbour_that_died_runs_out(link: Link) -> None:
    link.expire()
    link.change(refresh_claim="dead", refresh_claimed_until=link.world.now() + CLAIM_LASTS)

    token = link.tokens().access_token()

    assert link.is_good(token)


def test_neighbour_that_is_slow_is_waited_for_and_then_given_up(link: Link) -> None:
    link.expire()
    link.change(refresh_claim="slow", refresh_claimed_until=link.world.now() + timedelta(hours=1))

    with pytest.raises(Unavailable):
        link.tokens().access_token()

    assert link.counter.refreshes == []


def test_node_that_must_not_refresh_never_does(link: Link) -> None:
    link.expire()

    with pytest.raises(Unavailable):
        link.tokens(may_refresh=False).access_token()

    assert link.tokens(may_refresh=False).keep_alive(timedelta(hours=1)) is False
    assert link.counter.refreshes == []


@pytest.mark.parametrize(("hours", "renewed"), [(0, False), (10.9, False), (11.1, True), (13, True)])
def test_keeping_alive_renews_what_ends_within_the_hour(link: Link, hours: float, renewed: bool) -> None:
    link.world.clock.advance(timedelta(hours=hours).total_seconds())

    assert link.tokens().keep_alive(timedelta(hours=1)) is renewed
    assert len(link.counter.refreshes) == renewed


def test_account_that_was_disconnected_has_no_token(link: Link) -> None:
    link.change(state=LinkState.DISCONNECTED, sealed_access_token=None)

    with pytest.raises(NotConnected):
        link.tokens().access_token()


def ask_in_a_process(database_url: str, simulator_url: str, account_id: int, key: str) -> str:
    """What a worker does that finds an expired token."""
    engine = create_engine(database_url)
    with build_http_client() as http:
        tokens = StoredTokens(
            account_id=account_id,
            engine=engine,
            seal=Seal([key]),
            oauth=OAuth(environment("simulator", simulator_url), AGENT, http),
            now=lambda: datetime.now(UTC) + timedelta(hours=12),
        )
        return tokens.access_token()


def test_eight_processes_with_an_expired_token_make_one_refresh(engine: Engine, database_url: str) -> None:
    simulator = Simulator(World())
    counter = Counter(simulator)
    account_id = an_account(engine, simulator.world)
    simulator.world.clock.advance(timedelta(hours=12).total_seconds())
    simulator.faults.delay(TOKEN, 0.3)

    processes = multiprocessing.get_context("forkserver")
    # Imported once, not eight times.
    processes.set_forkserver_preload([__name__])

    with listening(counter, "127.0.0.1", 0) as url, processes.Pool(8) as pool:
        found = pool.starmap(ask_in_a_process, [(database_url, url, account_id, KEY)] * 8)

    assert len(set(found)) == 1
    assert len(counter.refreshes) == 1
    assert simulator.world.tokens.access[found[0]].is_good(simulator.world.now())
