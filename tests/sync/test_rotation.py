"""Encryption keys are rotated while the shop runs: nothing is lost, and a pair renewed meanwhile stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, Application
from allegro_module.db.audit import list_latest
from allegro_module.db.links import LinkAttempt
from allegro_module.domain.accounts import LinkState
from allegro_module.sealing import Seal, new_key
from allegro_module.sync.rotation import Rotation, rotate_keys

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OLD_KEY, NEW_KEY = new_key(), new_key()
OLD, BOTH, NEW = Seal([OLD_KEY]), Seal([NEW_KEY, OLD_KEY]), Seal([NEW_KEY])


class Killed(BaseException):
    """The process ends between two statements."""


@pytest.fixture
def sealed(engine: Engine) -> Session:
    """An application with three accounts and an attempt to link, all sealed with the old key."""
    with Session(engine) as session:
        application = Application(
            environment="simulator",
            client_id="keys",
            sealed_client_secret=OLD.close("secret"),
            created_at=NOW,
            changed_at=NOW,
        )
        for alias in ("AA", "BB", "CC"):
            session.add(
                Account(
                    application=application,
                    environment="simulator",
                    alias=alias,
                    login=f"seller_{alias}",
                    state=LinkState.CONNECTED,
                    sealed_access_token=OLD.close(f"access {alias}"),
                    sealed_refresh_token=OLD.close(f"refresh {alias}"),
                    created_at=NOW,
                )
            )
        session.flush()
        session.add(
            LinkAttempt(
                state_hash="x",
                application_id=application.id,
                sealed_verifier=OLD.close("verifier"),
                redirect_uri="",
                begun_by="",
                begun_at=NOW,
            )
        )
        session.commit()
    return Session(engine)


def everything(session: Session, seal: Seal) -> list[str]:
    columns = [
        Application.sealed_client_secret,
        Account.sealed_access_token,
        Account.sealed_refresh_token,
        LinkAttempt.sealed_verifier,
    ]
    found = [seal.open(each or "") for column in columns for each in session.scalars(select(column))]
    session.rollback()
    return sorted(found)


def test_everything_is_sealed_anew_and_a_second_run_finds_nothing_to_do(sealed: Session) -> None:
    before = everything(sealed, OLD)

    first = rotate_keys(sealed, BOTH, "anna", NOW)
    second = rotate_keys(sealed, BOTH, "anna", NOW)

    assert (first, second) == (Rotation(resealed=8), Rotation(already_new=8))
    assert everything(sealed, NEW) == before
    entry = list_latest(sealed)[-1]
    assert (entry.who, entry.action, entry.details["resealed"]) == ("anna", "keys_rotated", "8")


def test_what_cannot_be_opened_is_named_and_left_alone(sealed: Session) -> None:
    account = sealed.scalars(select(Account).where(Account.alias == "BB")).one()
    account.sealed_refresh_token = lost = Seal([new_key()]).close("refresh BB")
    sealed.commit()

    done = rotate_keys(sealed, BOTH, "anna", NOW)

    assert done == Rotation(resealed=7, unreadable=("account seller_BB (refresh_token)",))
    assert sealed.scalars(select(Account.sealed_refresh_token).where(Account.alias == "BB")).one() == lost


def test_attempts_that_have_ended_are_left_alone(sealed: Session) -> None:
    sealed.scalars(select(LinkAttempt)).one().used_at = NOW
    sealed.commit()

    assert rotate_keys(sealed, BOTH, "anna", NOW) == Rotation(resealed=7)


@contextmanager
def before_each_update(engine: Engine, act: object) -> Iterator[None]:
    def hear(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("UPDATE"):
            act(connection)  # type: ignore[operator]

    event.listen(engine, "before_cursor_execute", hear)
    yield
    event.remove(engine, "before_cursor_execute", hear)


def test_pair_renewed_at_the_same_moment_is_never_overwritten(sealed: Session, engine: Engine) -> None:
    def renew(connection: Connection) -> None:
        """A neighbour saves a new pair between our read and our UPDATE, once."""
        if renewed:
            return
        renewed.append(True)
        with Session(neighbour) as session:
            account = session.scalars(select(Account).where(Account.alias == "AA")).one()
            account.sealed_access_token = NEW.close("fresh access")
            account.sealed_refresh_token = OLD.close("fresh refresh")
            session.commit()

    renewed: list[bool] = []
    neighbour = create_engine(engine.url)
    application = sealed.scalars(select(Application)).one()
    application.sealed_client_secret = NEW.close("secret")
    sealed.commit()

    with before_each_update(engine, renew):
        done = rotate_keys(sealed, BOTH, "anna", NOW)
    neighbour.dispose()

    assert {"fresh access", "fresh refresh"} <= set(everything(sealed, NEW))
    assert "access AA" not in everything(sealed, NEW)
    assert done == Rotation(resealed=6, already_new=2)


@pytest.mark.parametrize("survived", range(0, 9, 2))
def test_killed_run_is_finished_by_the_next(sealed: Session, engine: Engine, survived: int) -> None:
    before, updates = everything(sealed, OLD), list[bool]()

    def kill(connection: Connection) -> None:
        updates.append(True)
        if len(updates) > survived:
            raise Killed

    with before_each_update(engine, kill):
        try:
            rotate_keys(sealed, BOTH, "anna", NOW)
        except Killed:
            sealed.rollback()

    assert everything(sealed, BOTH) == before
    assert rotate_keys(sealed, BOTH, "anna", NOW) == Rotation(resealed=8 - survived, already_new=survived)
    assert everything(sealed, NEW) == before
