"""An account linked to the simulated Allegro, and its tokens as a job would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import httpx2
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.environment import environment
from allegro_module.client.oauth import OAuth
from allegro_module.client.transport import FixedToken, Transport, build_http_client
from allegro_module.db.accounts import Account, Application
from allegro_module.db.alarms import Alarm
from allegro_module.domain.accounts import LinkState
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import Clock, Simulator, Standing, World
from allegro_module.simulator.tokens import SCOPES, Consent
from allegro_module.tokens import StoredTokens
from allegro_module.tokens.keeping import Doors, keep_tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HERE = environment("simulator", "http://allegro.test")
AGENT = "Bursztyn-i-Len/0.1.0 (+https://bursztyn-i-len.example/allegro)"
SELLER = "bursztyn_i_len"
TOKEN = "POST /auth/oauth/token"
ME = "GET /me"
KEY = new_key()


@dataclass
class Counter:
    """Counts what is asked, of the token endpoint and of everything else.

    `afterwards` happens between the token endpoint's answer and whoever waits for it.
    """

    simulator: Simulator
    afterwards: Callable[[Counter], object] | None = None
    was_asked: Event = field(default_factory=Event)
    refreshes: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        (self.refreshes if asked == TOKEN else self.calls).append(asked)
        if asked == TOKEN:
            self.was_asked.set()
        answer = self.simulator(environ, start_response)
        if asked == TOKEN and self.afterwards:
            self.afterwards(self)
        return answer


@dataclass
class Link:
    engine: Engine
    simulator: Simulator
    counter: Counter
    http: httpx2.Client
    account_id: int

    @property
    def world(self) -> World:
        return self.simulator.world

    def tokens(self, **changes: Any) -> StoredTokens:
        values: dict[str, Any] = {
            "account_id": self.account_id,
            "engine": self.engine,
            "seal": Seal([KEY]),
            "oauth": OAuth(HERE, AGENT, self.http),
            "now": self.world.now,
            "pause": self.forward,
        }
        return StoredTokens(**{**values, **changes})

    def api(self, **changes: Any) -> AllegroClient:
        """As a job has it, which looks at the stored tokens once."""
        return AllegroClient(Transport(HERE, AGENT, self.tokens(**changes), self.http))

    def keep(self, **changes: Any) -> bool:
        """What the keep-alive does."""
        doors = Doors(
            self.tokens(**changes),
            self.api(**changes),
            lambda token: AllegroClient(Transport(HERE, AGENT, FixedToken(token), self.http)),
            self.world.now,
        )
        with Session(self.engine) as session:
            return keep_tokens(session, doors, self.account_id)

    def add_account(self, **changes: Any) -> int:
        """One more account with the same tokens: of the same application, unless told otherwise."""
        with Session(self.engine) as session:
            first = session.get_one(Account, self.account_id)
            names = (
                "environment",
                "state",
                "sealed_access_token",
                "sealed_refresh_token",
                "token_expires_at",
            )
            values: dict[str, Any] = {name: getattr(first, name) for name in names}
            values |= {"application": first.application, "created_at": first.created_at}
            account = Account(**{**values, **changes})
            session.add(account)
            session.commit()
            return account.id

    def row(self, value: Callable[[Account], Any]) -> Any:
        with Session(self.engine) as session:
            return value(session.get_one(Account, self.account_id))

    def change(self, **values: Any) -> None:
        with Session(self.engine) as session:
            for name, value in values.items():
                setattr(session.get_one(Account, self.account_id), name, value)
            session.commit()

    def alarms(self) -> list[str]:
        with Session(self.engine) as session:
            return list(session.scalars(select(Alarm.kind).order_by(Alarm.id)))

    def is_good(self, token: str) -> bool:
        return self.world.tokens.access[token].is_good(self.world.now())

    def forward(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    def expire(self) -> None:
        """By the clock, as every twelve hours."""
        self.forward(timedelta(hours=12).total_seconds())

    def void(self) -> None:
        """Before its time: the token looks valid, and Allegro says 401."""
        self.world.tokens.expire_access(self.world.sellers[SELLER].id, self.world.now())

    def revoke(self) -> None:
        """Everything ends, as when the password is changed."""
        for session in self.world.tokens.sessions:
            session.closed = True

    def allow_again(self) -> None:
        for session in self.world.tokens.sessions:
            session.closed = False


def an_account(engine: Engine, world: World) -> int:
    """A linked account with tokens that Allegro has just issued."""
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


@contextmanager
def linked(engine: Engine) -> Iterator[Link]:
    """At noon, over WSGI, by the simulator's clock."""
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    simulator = Simulator(World(Clock(Standing(noon))), broken_connection=httpx2.ReadError)
    counter = Counter(simulator)
    with build_http_client(httpx2.WSGITransport(counter)) as http:
        yield Link(engine, simulator, counter, http, an_account(engine, simulator.world))
