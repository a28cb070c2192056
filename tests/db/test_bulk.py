"""Rows written many at a time say the same as rows that SQLAlchemy has written one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, create_engine, insert, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from allegro_module.db.among import among
from allegro_module.db.base import Amount, BigKey, UtcDateTime
from allegro_module.db.bulk import insert_rows
from allegro_module.db.orders import Order


class Colour(StrEnum):
    RED = "red"


THINGS = Table(
    "thing",
    MetaData(),
    Column("id", BigKey, primary_key=True),
    Column("name", String(40), unique=True),
    Column("order", Integer, default=7),
    Column("price", Amount),
    Column("at", UtcDateTime),
    Column("tags", JSON),
    Column("note", String(40), server_default="by the database"),
)
#: In summer time, and on the second: how both are written must not depend on the value.
AT = datetime(2026, 7, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))
ROWS: list[dict[str, Any]] = [
    {"name": "żółw\t\\N\n'", "price": Decimal("12.30"), "at": AT, "tags": {"ż": [1, None, "\\"]}},
    {"name": Colour.RED, "price": Decimal("-0.01"), "at": AT.replace(microsecond=5), "tags": []},
    {"name": "", "price": None, "at": None, "tags": None},
]


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = create_engine(database_url)
    THINGS.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def found(session: Session) -> list[tuple[Any, ...]]:
    columns = [column for column in THINGS.c if column.name != "id"]
    return [tuple(row) for row in session.execute(select(*columns).order_by(THINGS.c.id))]


def test_every_kind_of_value_is_kept_as_sqlalchemy_keeps_it(session: Session) -> None:
    session.execute(insert(THINGS), ROWS)
    expected = found(session)
    session.rollback()

    insert_rows(session, THINGS, ROWS)
    session.commit()

    assert found(session) == expected
    assert expected[0] == ("żółw\t\\N\n'", 7, Decimal("12.30"), AT, ROWS[0]["tags"], "by the database")


def test_rows_of_one_column_and_no_rows_at_all(session: Session) -> None:
    insert_rows(session, THINGS, [{"name": "alone"}])
    insert_rows(session, THINGS, [])

    assert [(row[0], row[1]) for row in found(session)] == [("alone", 7)]


def test_rows_belong_to_the_transaction_of_the_session(session: Session) -> None:
    insert_rows(session, THINGS, ROWS)
    session.rollback()

    assert found(session) == []


def test_a_row_that_is_there_already_is_an_integrity_error_without_its_values(session: Session) -> None:
    with pytest.raises(IntegrityError) as trouble:
        insert_rows(
            session, THINGS, [{"name": "twice", "price": Decimal(5)}, {"name": "twice", "price": None}]
        )
    session.rollback()

    assert trouble.value.orig is not None
    assert "twice" not in str(trouble.value.orig).splitlines()[0]


def test_a_value_that_cannot_be_kept_is_a_statement_error(session: Session) -> None:
    with pytest.raises(StatementError, match="cannot be stored"):
        insert_rows(session, THINGS, [{"name": "naive", "at": datetime(2026, 7, 1)}])


def test_a_default_that_is_made_for_each_row_is_refused(session: Session) -> None:
    with pytest.raises(TypeError, match="give its value"):
        insert_rows(session, Order.__table__, [{"id": 1, "account_id": 1}])  # type: ignore[arg-type]


@pytest.mark.parametrize("column", ["name", "id"])
def test_a_column_is_found_among_the_values_of_a_list(session: Session, column: str) -> None:
    insert_rows(session, THINGS, [{"id": number, "name": str(number)} for number in range(1, 6)])
    wanted: dict[str, list[Any]] = {"id": [2, 4, 9], "name": ["2", "4", "\"'"]}

    ids = select(THINGS.c.id).where(among(THINGS.c[column], "wanted"), THINGS.c.order == 7)

    assert set(session.scalars(ids, {"wanted": wanted[column]})) == {2, 4}
    assert session.scalars(ids, {"wanted": []}).all() == []


def test_times_are_utc_and_naive_ones_refused(session: Session) -> None:
    insert_rows(session, THINGS, [{"name": "now", "at": AT}])

    assert session.scalars(select(THINGS.c.at)).one() == AT.astimezone(UTC)
    with pytest.raises(StatementError):
        session.execute(insert(THINGS), {"name": "naive", "at": datetime(2026, 7, 1)})
