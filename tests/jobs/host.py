"""A whole host for tests of jobs and commands: the demo shop, its tables, an account linked at Allegro."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import httpx2
from flask import Flask
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, Application
from allegro_module.db.cursors import Cursor
from allegro_module.demo import create_app
from allegro_module.domain.accounts import LinkState
from allegro_module.runtime import Runtime
from allegro_module.schema import upgrade
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.tokens import SCOPES, Consent

SELLER = "bursztyn_i_len"
KEY = new_key()
NO_REDIS = "redis://127.0.0.1:1/0"


def settings(
    home: Path, simulator_url: str = "http://allegro.test", redis_url: str = NO_REDIS
) -> dict[str, str]:
    """What a deployer would write into the environment."""
    return {
        "SHOP_HOME": str(home),
        "SHOP_DATABASE_URL": f"sqlite:///{home / 'shop.sqlite3'}",
        "SHOP_SECRET_KEY": "for-tests-only",
        "SHOP_ADMIN_PASSWORD": "for-tests-only",
        "ALLEGRO_ENCRYPTION_KEYS": KEY,
        "ALLEGRO_SIMULATOR_URL": simulator_url,
        "ALLEGRO_REDIS_URL": redis_url,
    }


@dataclass
class Host:
    app: Flask
    simulator: Simulator
    environment: Mapping[str, str]

    @property
    def runtime(self) -> Runtime:
        runtime = self.app.extensions["allegro"]
        assert isinstance(runtime, Runtime)
        return runtime

    @property
    def world(self) -> World:
        return self.simulator.world

    def link(self, login: str = SELLER, alias: str = "BL") -> int:
        """An account linked a moment ago; its id."""
        with self.app.app_context():
            return link_account(self.runtime.db.engine, self.world, login, alias)

    def close(self) -> None:
        with self.app.app_context():
            self.runtime.db.session.remove()
            self.runtime.db.engine.dispose()


def a_host(home: Path, simulator: Simulator, **changes: str) -> Host:
    """Talks to the simulator over WSGI, by the simulator's clock, unless it is served at an address."""
    environment = {**settings(home), **changes}
    is_prepared = (
        environment["SHOP_DATABASE_URL"] == settings(home)["SHOP_DATABASE_URL"] and not home.exists()
    )
    if is_prepared:
        shutil.copytree(_prepared_home(), home)
    home.mkdir(parents=True, exist_ok=True)
    app = create_app(environment)
    host = Host(app, simulator, environment)
    if not is_prepared:
        with app.app_context():
            upgrade(host.runtime.db.engine)
    if environment["ALLEGRO_SIMULATOR_URL"] == "http://allegro.test":
        host.runtime.http_transport = httpx2.WSGITransport(simulator)
        host.runtime.wall_clock = simulator.world.now
    return host


_FOLDER = tempfile.TemporaryDirectory()


@cache
def _prepared_home() -> Path:
    """The shop filled and our tables migrated, once for all tests of a process."""
    home = Path(_FOLDER.name) / "shop"
    home.mkdir()
    app = create_app(settings(home))
    with app.app_context():
        engine = app.extensions["allegro"].db.engine
        upgrade(engine)
        engine.dispose()
    return home


def link_account(engine: Engine, world: World, login: str, alias: str) -> int:
    seal, now, seller = Seal([KEY]), world.now(), world.sellers[login]
    consent = Consent("demo-client-id", seller.id, SCOPES)
    issued = world.tokens.new_pair(world, world.tokens.open_session(consent, now))
    with Session(engine) as session:
        application = session.query(Application).first() or Application(
            environment="simulator",
            client_id="demo-client-id",
            sealed_client_secret=seal.close("demo-client-secret"),
            created_at=now,
            changed_at=now,
        )
        account = Account(
            application=application,
            environment="simulator",
            alias=alias,
            login=login,
            seller_id=seller.id,
            state=LinkState.CONNECTED,
            sealed_access_token=seal.close(str(issued["access_token"])),
            sealed_refresh_token=seal.close(str(issued["refresh_token"])),
            token_expires_at=now + timedelta(seconds=43199),
            created_at=now,
        )
        session.add(account)
        session.flush()
        session.add(Cursor(account_id=account.id, started_at=now))
        session.commit()
        return account.id


def engine_of(home: Path) -> Engine:
    """To look into the database of another process."""
    return create_engine(f"sqlite:///{home / 'shop.sqlite3'}")
