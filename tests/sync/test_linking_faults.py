"""Linking on bad days: each ends in a clear state, uses the attempt up once and loses no tokens."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import httpx2
import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session
from werkzeug.test import Client

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account, Application
from allegro_module.db.links import LinkAttempt
from allegro_module.db.token_lock import Turn, held
from allegro_module.db.tokens import save_pair
from allegro_module.domain.accounts import LinkState
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import Simulator, World
from allegro_module.sync.linking import LinkFailed
from tests.sync.conftest import BothClocks, Wire
from tests.sync.link_builders import Browser, Linking, accounts, actions
from tests.sync.order_builders import SELLER

TOKEN = "POST /auth/oauth/token"


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """What Allegro does wrong is the same on every database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def linking(
    session: Session,
    http: httpx2.Client,
    seal: Seal,
    clock: BothClocks,
    simulator: Simulator,
    application: Application,
) -> Linking:
    application_id = application.id
    session.rollback()
    return Linking(session, http, seal, clock, Browser(Client(simulator)), application_id)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "unavailable"),
        (401, "wrong_secret"),
        (429, "too_many_tokens"),
        (500, "unavailable"),
        (503, "unavailable"),
    ],
)
def test_what_the_token_endpoint_says_to_the_secret(
    linking: Linking, simulator: Simulator, session: Session, status: int, code: str
) -> None:
    simulator.faults.status(TOKEN, status)

    with pytest.raises(LinkFailed) as failed:
        linking.begin()

    assert failed.value.code == code
    assert session.scalars(select(LinkAttempt)).all() == []
    assert linking.confirmed().state == LinkState.CONNECTED


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "consent_error"),
        (401, "consent_error"),
        (429, "too_many_tokens"),
        (500, "unavailable"),
        (503, "unavailable"),
    ],
)
def test_what_the_token_endpoint_says_to_the_code(
    linking: Linking, simulator: Simulator, session: Session, status: int, code: str
) -> None:
    begun = linking.begin()
    back = linking.browser.consent(begun.address)
    simulator.faults.status(TOKEN, status)

    assert linking.fails(back, begun.state) == code
    assert linking.fails(back, begun.state) == "state_used"
    assert accounts(session) == []
    assert linking.confirmed().state == LinkState.CONNECTED


@pytest.mark.parametrize("fault", ["reset", "lose_answer", "malformed"])
def test_broken_exchange_is_not_repeated(
    linking: Linking, simulator: Simulator, session: Session, world: World, fault: str
) -> None:
    begun = linking.begin()
    back = linking.browser.consent(begun.address)
    asked = len(world.tokens.sessions)
    getattr(simulator.faults, fault)(TOKEN)

    assert linking.fails(back, begun.state) == "unavailable"
    assert len(world.tokens.sessions) - asked <= 1
    assert linking.fails(back, begun.state) == "state_used"
    assert accounts(session) == []


def test_failed_link_leaves_the_tokens_of_the_working_one(
    linking: Linking, simulator: Simulator, session: Session, seal: Seal
) -> None:
    account = linking.confirmed()
    kept, version = account.sealed_refresh_token, account.token_version
    begun = linking.begin(account.id)
    back = linking.browser.consent(begun.address)
    simulator.faults.status("GET /me", 503)

    assert linking.fails(back, begun.state) == "unavailable"
    assert (account.sealed_refresh_token, account.token_version) == (kept, version)
    assert account.is_working


def test_code_somebody_has_used_already(linking: Linking) -> None:
    first, second = linking.begin(), linking.begin()
    back = linking.browser.consent(first.address)
    linking.finish(back, first.state)

    assert linking.fails({**back, "state": second.state}, second.state) == "code_expired"


@pytest.mark.parametrize("seconds", [-600, 600])
def test_our_clock_may_be_wrong(linking: Linking, clock: BothClocks, seconds: int) -> None:
    class Wrong(BothClocks):
        def __call__(self) -> datetime:
            return super().__call__() + timedelta(seconds=seconds)

    linking.clock = Wrong(clock.world)

    account = linking.confirmed()

    assert (account.state, account.login) == (LinkState.CONNECTED, SELLER)


def test_missing_encryption_key_is_said_before_the_seller_leaves(linking: Linking, session: Session) -> None:
    linking.seal = Seal([new_key()])

    with pytest.raises(LinkFailed, match="key_missing"):
        linking.begin()

    assert session.scalars(select(LinkAttempt)).all() == []


def test_encryption_key_that_went_missing_on_the_way_leaves_the_attempt_for_its_return(
    linking: Linking, seal: Seal
) -> None:
    begun = linking.begin()
    back = linking.browser.consent(begun.address)
    linking.seal = Seal([new_key()])

    assert linking.fails(back, begun.state) == "key_missing"
    linking.seal = seal
    assert linking.finish(back, begun.state).login == SELLER


@contextmanager
def locked(engine: Engine, session: Session) -> Iterator[None]:
    """Somebody writes and does not end; nobody here waits long for it."""
    session.execute(text("pragma busy_timeout = 1"))
    session.rollback()
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other:
        other.execute("begin immediate")
        yield


def test_busy_database_is_said_and_the_attempt_serves_afterwards(
    linking: Linking, engine: Engine, session: Session
) -> None:
    with locked(engine, session), pytest.raises(LinkFailed, match="database_busy"):
        linking.begin()
    begun = linking.begin()
    back = linking.browser.consent(begun.address)

    with locked(engine, session):
        assert linking.fails(back, begun.state) == "database_busy"

    assert linking.finish(back, begun.state).login == SELLER


def test_database_that_becomes_busy_while_allegro_answers_loses_nothing_stored(
    linking: Linking, engine: Engine, session: Session
) -> None:
    account = linking.confirmed()
    account_id, kept = account.id, account.sealed_refresh_token
    begun = linking.begin(account_id)
    back = linking.browser.consent(begun.address)

    with ExitStack() as lock:

        def api(*names: str) -> AllegroClient:
            lock.enter_context(locked(engine, session))
            return linking.doors.api_with_token(*names)

        doors = replace(linking.doors, api_with_token=api)
        assert linking.fails(back, begun.state, doors) == "database_busy"

    assert session.get_one(Account, account_id).sealed_refresh_token == kept
    assert linking.link(account_id=account_id).state == LinkState.CONNECTED


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_same_seller_linked_twice_at_once_is_one_account(
    linking: Linking, engine: Engine, session: Session, wire: Wire
) -> None:
    """With two applications nothing makes the two answers wait for each other."""
    second = linking.with_application("second-client")
    begun = second.begin()
    back = second.browser.consent(begun.address)

    def neighbour(*happening: object) -> None:
        with Session(engine) as other:
            wire.session = other
            replace(linking, session=other).link()
            wire.session = session

    event.listen(session, "before_flush", neighbour, once=True)
    second.finish(back, begun.state)

    (account,) = accounts(session)
    assert (account.login, account.alias, account.application_id) == (SELLER, "BU", second.application_id)
    assert actions(session) == ["account_linked", "account_linked_again"]


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_link_waits_for_whoever_renews_the_old_pair_and_is_saved_last(
    linking: Linking, session: Session, engine: Engine, clock: BothClocks, seal: Seal
) -> None:
    account = linking.confirmed()
    account_id, version = account.id, account.token_version
    session.rollback()
    turn = Turn(engine, account_id, version, clock, lambda seconds: None)
    begun = linking.begin(account_id)
    back = linking.browser.consent(begun.address)

    with ThreadPoolExecutor(1) as pool, held(turn) as lock:
        linked = pool.submit(linking.finish, back, begun.state)
        waits_for_lock(engine)
        save_pair(lock.session, account_id, lock.read(), {"sealed_access_token": seal.close("renewed")})
        lock.session.commit()
        linked.result(timeout=30)

    assert account.token_version == version + 2
    assert seal.open(account.sealed_access_token or "") != "renewed"


def waits_for_lock(engine: Engine) -> None:
    """Until PostgreSQL says that somebody waits."""
    waiting = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
    for _ in range(10_000):
        with engine.connect() as connection:
            if connection.scalar(waiting):
                return
    raise AssertionError("nobody waited")
