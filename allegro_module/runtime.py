"""Runtime: what is alive in an app – settings, shop, session, queue, the API client of an account."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx2
from flask import Flask, current_app
from redis import Redis
from rq import Queue
from sqlalchemy import Engine
from sqlalchemy.orm import Session, scoped_session

from allegro_module.client import AllegroClient
from allegro_module.client.environment import Environment, environment
from allegro_module.client.governor import Lane
from allegro_module.client.oauth import OAuth
from allegro_module.client.transport import FixedToken, Transport, build_http_client
from allegro_module.db.accounts import Account
from allegro_module.domain.permissions import Permission
from allegro_module.domain.shop import Invoicing, ShopAdapter
from allegro_module.governor import RateGovernor, SharedBudget
from allegro_module.sealing import Seal
from allegro_module.settings import Settings
from allegro_module.tokens import StoredTokens

#: How long a page waits for Allegro; a job has more patience.
PAGE_SECONDS = 8.0
#: How long each waits for its turn when the limits of requests are near.
PAGE_PATIENCE = timedelta(seconds=2)
JOB_PATIENCE = timedelta(seconds=65)
#: A creation takes Allegro a second or so: a run of hundreds need not spend it waiting.
WRITES_AT_ONCE = 4


class HostDatabase(Protocol):
    """What we use of the host's Flask-SQLAlchemy object."""

    @property
    def session(self) -> scoped_session[Any]: ...
    @property
    def engine(self) -> Engine: ...


@dataclass(slots=True)
class Runtime:
    app: Flask
    settings: Settings
    db: HostDatabase
    shop: ShopAdapter
    allow: Callable[[str], bool]
    who: Callable[[], str]
    layout: str
    invoicing: Invoicing | None = None
    wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    #: Tests put a WSGI transport here; None opens sockets.
    http_transport: httpx2.BaseTransport | None = None
    seal: Seal = field(init=False)
    _http: tuple[int, httpx2.Client] | None = field(init=False, default=None)
    _redis: tuple[int, Redis] | None = field(init=False, default=None)
    budget: SharedBudget = field(init=False)

    def __post_init__(self) -> None:
        self.seal = Seal(self.settings.encryption_keys)
        self.budget = SharedBudget(lambda: self.redis)

    @property
    def session(self) -> Session:
        """The host's session of this request or job: a shop order and our row are saved together."""
        session: Session = self.db.session()
        return session

    def now(self, environment_name: str) -> datetime:
        """The module's clock; the offset counts in environment „simulator” only."""
        if environment_name == "simulator":
            return self.wall_clock() + self.settings.clock_offset
        return self.wall_clock()

    def clock(self, environment_name: str) -> Callable[[], datetime]:
        return lambda: self.now(environment_name)

    def may(self, permission: Permission) -> bool:
        return bool(self.allow(str(permission)))

    def environment(self, name: str) -> Environment:
        return environment(name, self.settings.simulator_url)

    @property
    def http(self) -> httpx2.Client:
        """One connection pool per process: a pool must not be shared across a fork."""
        if self._http is None or self._http[0] != os.getpid():
            self._http = (os.getpid(), build_http_client(transport=self.http_transport))
        return self._http[1]

    def oauth(self, environment_name: str, app_name: str = "") -> OAuth:
        """The OAuth server, asked under the name of one application; empty: ALLEGRO_APP_NAME."""
        return OAuth(self.environment(environment_name), self.settings.user_agent(app_name), self.http)

    def tokens(self, account: Account) -> StoredTokens:
        return StoredTokens(
            account_id=account.id,
            engine=self.db.engine,
            seal=self.seal,
            oauth=self.oauth(account.environment, account.application.name),
            now=self.clock(account.environment),
            may_refresh=self.settings.refresh_tokens,
        )

    def api(
        self,
        account: Account,
        http: httpx2.Client | None = None,
        lane: Lane = Lane.LISTING,
        patience: timedelta = JOB_PATIENCE,
    ) -> AllegroClient:
        """The client that acts as this account; make one per job."""
        transport = Transport(
            environment=self.environment(account.environment),
            user_agent=self.settings.user_agent(account.application.name),
            tokens=self.tokens(account),
            http=http or self.http,
            now=self.clock(account.environment),
            governor=self._governor(account, lane, patience),
        )
        return AllegroClient(transport)

    def api_in(self, lane: Lane) -> Callable[[Account], AllegroClient]:
        """`api` for jobs that others wait for, or that let others go first."""
        return lambda account: self.api(account, lane=lane)

    def _governor(self, account: Account, lane: Lane, patience: timedelta) -> RateGovernor | None:
        """None where nothing leaves the process."""
        if self.http_transport is not None:
            return None
        application = f"{account.environment}:{account.application.client_id}"
        return RateGovernor(self.budget, application, account.seller_id or str(account.id), lane, patience)

    @property
    def writes_at_once(self) -> int:
        """How many offers a run has on their way; a transport that was given stays in one thread."""
        return 1 if self.http_transport is not None else WRITES_AT_ONCE

    def calls_used(self, account: Account) -> int | None:
        """Requests of the last minute under the account's application; None while Redis is away."""
        return self.budget.used(f"{account.environment}:{account.application.client_id}")

    @contextmanager
    def api_for_page(self, account: Account) -> Iterator[AllegroClient]:
        """As `api`, but it gives up before whoever waits for the page does."""
        with build_http_client(self.http_transport, PAGE_SECONDS) as http:
            yield self.api(account, http, patience=PAGE_PATIENCE)

    def api_with_token(self, environment_name: str, token: str, app_name: str = "") -> AllegroClient:
        """The client that acts with a token just issued, which no account holds yet."""
        transport = Transport(
            environment=self.environment(environment_name),
            user_agent=self.settings.user_agent(app_name),
            tokens=FixedToken(token),
            http=self.http,
            now=self.clock(environment_name),
        )
        return AllegroClient(transport)

    @property
    def redis(self) -> Redis:
        if self._redis is None or self._redis[0] != os.getpid():
            self._redis = (os.getpid(), Redis.from_url(self.settings.redis_url, socket_connect_timeout=2))
        return self._redis[1]

    @property
    def queue(self) -> Queue:
        return Queue(self.settings.queue, connection=self.redis)


def current_runtime() -> Runtime:
    """The runtime of the app that serves this request or runs this job."""
    runtime: Any = current_app.extensions["allegro"]
    if not isinstance(runtime, Runtime):
        raise TypeError("app.extensions['allegro'] is not the module's")
    return runtime
