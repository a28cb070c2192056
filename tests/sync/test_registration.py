"""Registering an application of this shop's own with a one-time code."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass

import httpx2
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session
from werkzeug.test import Client

from allegro_module.client.oauth import OAuth
from allegro_module.client.registration import Registration
from allegro_module.db.accounts import Application
from allegro_module.db.audit import AuditEntry
from allegro_module.domain.accounts import GrantType
from allegro_module.sealing import Seal
from allegro_module.simulator import Simulator, World
from allegro_module.sync.registration import RegistrationFailed, register_application
from tests.sync.conftest import USER_AGENT, BothClocks
from tests.sync.link_builders import CALLBACK, HERE, Browser, Linking
from tests.sync.order_builders import SELLER

STATEMENT = "demo-software-statement"
NAME = "Bursztyn-i-Len-Allegro"
ROUTE = "POST /register"


@dataclass
class Registering:
    session: Session
    oauth: OAuth
    seal: Seal
    clock: BothClocks

    def __call__(self, code: str, name: str = NAME, statement: str = STATEMENT) -> Application:
        now = self.clock()
        return register_application(
            self.session, self.oauth, self.seal, "simulator", code, name, [CALLBACK], statement, "anna", now
        )

    def fails(self, code: str, name: str = NAME, statement: str = STATEMENT) -> RegistrationFailed:
        with pytest.raises(RegistrationFailed) as failed:
            self(code, name, statement)
        assert self.session.scalars(select(Application)).all() == []
        self.session.rollback()
        return failed.value


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def register(session: Session, http: httpx2.Client, seal: Seal, clock: BothClocks) -> Registering:
    return Registering(session, OAuth(HERE, USER_AGENT, http), seal, clock)


@pytest.fixture
def code(world: World) -> str:
    """As shown at Allegro, good for two minutes."""
    return world.registrations.new(world)


def test_code_becomes_an_application_of_this_shop(
    register: Registering, code: str, world: World, session: Session, seal: Seal, clock: BothClocks
) -> None:
    application = register(code)

    registered = world.applications[application.client_id]
    assert seal.open(application.sealed_client_secret) == registered.client_secret
    assert (application.name, application.redirect_uris) == (NAME, CALLBACK)
    assert (application.environment, application.grant_type) == ("simulator", GrantType.AUTHORIZATION_CODE)
    assert (application.proved_at, application.changed_at, application.changed_by) == (None, clock(), "anna")
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.who, entry.action, entry.subject) == ("anna", "application_registered", NAME)
    assert registered.client_secret not in str(entry.details)


def test_registered_application_links_at_once(register: Registering, code: str, simulator: Simulator) -> None:
    application = register(code)
    browser = Browser(Client(simulator))
    linking = Linking(
        register.session,
        register.oauth._http,
        register.seal,
        register.clock,
        browser,
        application.id,
    )

    assert linking.link().login == SELLER


@pytest.mark.parametrize("wrong", ["", "made-up"])
def test_code_allegro_does_not_know(register: Registering, wrong: str) -> None:
    failure = register.fails(wrong)

    assert (failure.code, failure.is_name_spent) == ("code_refused", False)


def test_code_lives_two_minutes(register: Registering, code: str, clock: BothClocks) -> None:
    clock.forward(seconds=121)

    assert register.fails(code).code == "code_refused"


def test_code_serves_once(register: Registering, code: str, session: Session) -> None:
    register(code)

    with pytest.raises(RegistrationFailed, match="code_refused"):
        register(code, "Another-Name")

    assert len(session.scalars(select(Application)).all()) == 1


def test_name_is_unique_at_allegro(register: Registering, code: str) -> None:
    failure = register.fails(code, "Sklep-Demo")

    assert (failure.code, failure.is_name_spent) == ("name_taken", False)


def test_unknown_software_statement_is_a_refused_code(register: Registering, code: str) -> None:
    assert register.fails(code, statement="nobody's").code == "code_refused"


@pytest.mark.parametrize(("status", "is_name_spent"), [(429, False), (500, True), (503, True)])
def test_allegro_away(
    register: Registering, code: str, simulator: Simulator, status: int, is_name_spent: bool
) -> None:
    """After a 5xx nobody knows whether it was registered."""
    simulator.faults.status(ROUTE, status)

    failure = register.fails(code)

    assert (failure.code, failure.is_name_spent) == ("unavailable", is_name_spent)


def test_lost_answer_is_not_asked_for_again_and_says_that_the_name_may_be_gone(
    register: Registering, code: str, simulator: Simulator, world: World
) -> None:
    known = len(world.applications)
    simulator.faults.lose_answer(ROUTE)

    failure = register.fails(code)

    assert (failure.code, failure.is_name_spent) == ("unavailable", True)
    assert len(world.applications) == known + 1


def test_spoilt_answer_says_that_the_name_may_be_gone(
    register: Registering, code: str, simulator: Simulator
) -> None:
    simulator.faults.malformed(ROUTE)

    failure = register.fails(code)

    assert (failure.code, failure.is_name_spent) == ("unexpected", True)


@pytest.mark.parametrize("status", [400, 404, 409])
def test_answer_nobody_described(register: Registering, code: str, simulator: Simulator, status: int) -> None:
    simulator.faults.status(ROUTE, status)

    failure = register.fails(code)

    assert (failure.code, failure.is_name_spent) == ("unexpected", False)


def test_busy_database_ends_in_words(
    register: Registering, code: str, engine: Engine, session: Session
) -> None:
    session.execute(text("pragma busy_timeout = 1"))
    session.rollback()
    with ExitStack() as lock:

        class Locking(OAuth):
            def register(self, *asked: object) -> Registration:
                registered = super().register(*asked)  # type: ignore[arg-type]
                other = lock.enter_context(
                    closing(sqlite3.connect(str(engine.url.database), isolation_level=None))
                )
                other.execute("begin immediate")
                return registered

        register.oauth = Locking(HERE, USER_AGENT, register.oauth._http)
        failure = register.fails(code)

    assert (failure.code, failure.is_name_spent) == ("unexpected", True)


def test_no_secret_is_ever_logged(
    register: Registering,
    code: str,
    simulator: Simulator,
    world: World,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    register.fails("refused-" + code)
    simulator.faults.status(ROUTE, 422)
    register.fails(code)
    application = register(code)

    secret = world.applications[application.client_id].client_secret
    assert [each for each in (code, secret, STATEMENT) if each in caplog.text] == []
