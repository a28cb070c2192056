"""A mistake of ours with one piece of work is told without what the statement was given."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from allegro_module.sync.faults import put_aside

log = logging.getLogger("allegro_module.tests")
SECRET = "Anna Kowalska, Mariacka 12"


def fail(session: Session) -> Exception:
    try:
        session.execute(text("select * from no_such_table where name = :name"), {"name": SECRET})
    except (OperationalError, ProgrammingError) as fault:
        put_aside(session, log, "term 7", fault)
        return fault
    raise AssertionError("there is such a table")


def test_values_of_a_statement_never_reach_the_log(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    fail(session)

    assert "term 7: a mistake of ours" in caplog.text
    assert "no_such_table" in caplog.text
    assert SECRET not in caplog.text
    assert not session.in_transaction()


def test_what_passes_by_itself_is_one_line(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    busy = OperationalError("update", {"name": SECRET}, Exception("database is locked"))

    put_aside(session, log, "term 7", busy)

    assert caplog.messages == ["term 7: the database is busy (OperationalError)"]
