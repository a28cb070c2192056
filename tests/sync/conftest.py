"""A shop, a database and a simulated Allegro with a linked account, one clock for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx2
import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.environment import environment
from allegro_module.client.errors import NotConnected, Reason
from allegro_module.client.transport import Transport, build_http_client
from allegro_module.db.accounts import Account, Application
from allegro_module.domain.accounts import LinkState
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import Clock, Simulator, Standing, World
from allegro_module.simulator.tokens import SCOPES, Consent
from tests.memory_shop import MemoryShop, a_shop
from tests.openapi import EXEMPT, OpenApiCheck, load_document

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
USER_AGENT = "Bursztyn-i-Len/0.1.0 (+https://bursztyn-i-len.example/allegro)"
SIMULATOR_URL = "http://allegro.test"
SELLER = "bursztyn_i_len"


@dataclass
class BothClocks:
    """Our clock and the simulator's: they always show the same."""

    world: World

    def __call__(self) -> datetime:
        return self.world.now()

    def forward(self, **by: float) -> None:
        self.world.clock.advance(timedelta(**by).total_seconds())


@dataclass
class Wire:
    """What stands between the client and the simulator: counts requests, and who holds a transaction open."""

    check: OpenApiCheck
    session: Session | None = None

    def __post_init__(self) -> None:
        self.requests: list[str] = []
        self.held_open: list[str] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        self.requests.append(request)
        if self.session is not None and self.session.in_transaction():
            self.held_open.append(request)
        return self.check(environ, start_response)

    def count(self, request: str) -> int:
        return self.requests.count(request)


@dataclass
class LastingAccess:
    """A token that is renewed for as long as the seller's session at Allegro is open."""

    world: World
    token: str

    def access_token(self) -> str:
        known = self.world.tokens.access[self.token]
        if not known.is_good(self.world.now()) and known.session.is_open(self.world.now()):
            self.token = str(self.world.tokens.new_access(self.world, known.session)["access_token"])
        return self.token

    def renewed(self, stale: str) -> str:
        raise NotConnected(Reason.TOKEN_REFUSED)

    def refused_again(self, fresh: str) -> None:
        raise AssertionError("`renewed` gives no token")

    def over_limit(self, retry_after: timedelta | None) -> None:
        """Only accounts of our own are held back."""


@pytest.fixture
def simulator() -> Simulator:
    """A reset or a lost answer reaches the client as it would from a socket."""
    return Simulator(World(Clock(Standing(NOON))), broken_connection=httpx2.ReadError)


@pytest.fixture
def world(simulator: Simulator) -> World:
    return simulator.world


@pytest.fixture
def clock(world: World) -> BothClocks:
    return BothClocks(world)


@pytest.fixture
def wire(simulator: Simulator) -> Iterator[Wire]:
    """Every request and answer is held against Allegro's own description."""
    check = OpenApiCheck(simulator, load_document(), (*EXEMPT, "/_page", "/_static"))
    wire = Wire(check)
    yield wire
    assert check.violations == []
    assert wire.held_open == []


@pytest.fixture
def http(wire: Wire) -> Iterator[httpx2.Client]:
    with build_http_client(httpx2.WSGITransport(wire)) as client:
        yield client


@pytest.fixture
def has_tables() -> bool:
    return True


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _as_hosts_do)
    yield engine
    engine.dispose()


def _as_hosts_do(connection: object, record: object) -> None:
    connection.execute("pragma busy_timeout = 10000")  # type: ignore[attr-defined]
    connection.execute("pragma foreign_keys = on")  # type: ignore[attr-defined]


@pytest.fixture
def session(engine: Engine, wire: Wire) -> Iterator[Session]:
    """The one session of the flow under test: `wire` notes requests made while its transaction is open."""
    with Session(engine) as session:
        wire.session = session
        yield session
        wire.session = None


@pytest.fixture(scope="session")
def seal() -> Seal:
    return Seal([new_key()])


@pytest.fixture
def tokens_of(world: World) -> Callable[[str], dict[str, object]]:
    """A token answer for a seller, as after linking."""

    def issue(login: str) -> dict[str, object]:
        consent = Consent("demo-client-id", world.sellers[login].id, SCOPES)
        return world.tokens.new_pair(world, world.tokens.open_session(consent, world.now()))

    return issue


@pytest.fixture
def application(session: Session, seal: Seal, clock: BothClocks) -> Application:
    application = Application(
        environment="simulator",
        client_id="demo-client-id",
        sealed_client_secret=seal.close("demo-client-secret"),
        proved_at=clock(),
        created_at=clock(),
        changed_at=clock(),
    )
    session.add(application)
    session.commit()
    return application


@pytest.fixture
def account(
    session: Session,
    application: Application,
    tokens_of: Callable[[str], dict[str, object]],
    seal: Seal,
    clock: BothClocks,
    world: World,
) -> Account:
    """bursztyn_i_len, linked, in Gdańsk."""
    tokens = tokens_of(SELLER)
    account = Account(
        application=application,
        environment="simulator",
        alias="BL",
        seller_id=world.sellers[SELLER].id,
        login=SELLER,
        base_marketplace="allegro-pl",
        is_company=True,
        province="POMORSKIE",
        city="Gdańsk",
        post_code="80-833",
        state=LinkState.CONNECTED,
        scopes=str(tokens["scope"]),
        sealed_access_token=seal.close(str(tokens["access_token"])),
        sealed_refresh_token=seal.close(str(tokens["refresh_token"])),
        token_expires_at=clock() + timedelta(hours=12),
        refreshed_at=clock(),
        created_at=clock(),
    )
    session.add(account)
    session.commit()
    return account


@pytest.fixture
def api(
    http: httpx2.Client, account: Account, session: Session, seal: Seal, clock: BothClocks
) -> AllegroClient:
    """The client that acts as the account."""
    tokens = LastingAccess(clock.world, seal.open(account.sealed_access_token or ""))
    session.rollback()
    here = environment("simulator", SIMULATOR_URL)
    return AllegroClient(Transport(here, USER_AGENT, tokens, http, clock))


@pytest.fixture
def shop() -> MemoryShop:
    return a_shop()
