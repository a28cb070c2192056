"""Base of all rows: constraint names, times in UTC, exact amounts, claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    TypeDecorator,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.sql.dml import Update

from allegro_module.claims import is_dead

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

#: SQLite counts rows only with an INTEGER key; elsewhere the key has 64 bits.
BigKey = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time; naive ones are refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """On SQLite in one step, as an import writes thousands of them."""
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time: pass an aware one")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _sqlite_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes naive times for SQLite, which knows none."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a naive time: pass an aware one")
    return value.astimezone(UTC).isoformat(" ", "microseconds")[: len("2026-11-21 00:00:00.000000")]


class Amount(TypeDecorator[Decimal]):
    """An amount of money kept as whole hundredths: exact on SQLite too, which knows no decimals."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        hundredths = value * 100
        whole = int(hundredths)
        if hundredths != whole:
            raise ValueError(f"{value} has more than two decimals")
        return whole

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / 100).quantize(Decimal("0.01"))


def changes_one_row(session: Session, statement: Update) -> bool:
    """Run an UPDATE that claims something: True when it was ours to take.

    As the first statement of a transaction it also takes SQLite's write lock, so that what is read afterwards
    cannot be overtaken (a read that later turns into a write would fail with "database is locked").
    """
    result: CursorResult[Any] = session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[assignment]
    return result.rowcount == 1


def free_if_dead(session: Session, claim: InstrumentedAttribute[str | None], row_id: int) -> None:
    """Take the claim from a process that has died on this machine, so that nobody waits until it runs out.

    Call it at the start of a transaction: what was open before is rolled back.
    """
    row = claim.class_.id == row_id
    session.rollback()
    holder = session.scalar(select(claim).where(row))
    session.rollback()
    if holder is not None and is_dead(holder):
        changes_one_row(session, update(claim.class_).where(row, claim == holder).values({claim.key: None}))


def upsert(session: Session, kind: type[Base], keys: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows; where the unique `keys` are taken, change what stands there.

    All rows have the same columns. One statement, so two writers at once do not trip over each other.
    """
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(kind)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changed), list(rows))
