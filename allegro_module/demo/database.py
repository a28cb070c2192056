"""The shop's database: SQLite made fit for several processes, tables made and filled once."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Column, Table, event, inspect, select, text
from sqlalchemy.schema import CreateColumn

from allegro_module.demo.catalogue import fill_shop
from allegro_module.demo.models import Base, Product, db


def tune_sqlite(app: Flask) -> None:
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_pragmas)
            event.listen(engine, "connect", _know_polish_letters)


def _set_pragmas(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 10000")  # first: the switch to WAL itself may have to wait
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _know_polish_letters(connection: Any, record: object) -> None:
    """SQLite's own knows ASCII only: „świeca” would not find „Świeca”."""
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def prepare_tables(app: Flask) -> None:
    """Make and fill the tables when the shop starts with an empty database."""
    with app.app_context():
        if not is_prepared():
            init_shop()


def is_prepared() -> bool:
    if not inspect(db.engine).has_table(Product.__tablename__):
        return False
    return not missing_columns() and db.session.scalar(select(Product.id).limit(1)) is not None


def init_shop(reset: bool = False) -> int:
    """Make the missing tables, add the missing products; answer how many were added."""
    with _alone(current_app.config["SHOP_HOME"]):
        if reset:
            Base.metadata.drop_all(db.engine)
        Base.metadata.create_all(db.engine)
        add_missing_columns()
        added = fill_shop(db.session())
        db.session.commit()
    return added


def missing_columns() -> list[tuple[Table, Column[Any]]]:
    """What the tables of a shop made by an earlier version lack."""
    inspector = inspect(db.engine)
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        if inspector.has_table(table.name)
        for known in [{each["name"] for each in inspector.get_columns(table.name)}]
        for column in table.columns
        if column.name not in known
    ]


def add_missing_columns() -> None:
    """Orders that are there keep all they have; what came later is empty."""
    with db.engine.begin() as connection:
        for table, column in missing_columns():
            words = CreateColumn(column).compile(dialect=db.engine.dialect)
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {words}"))


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Web and worker start at the same moment: one prepares, the other waits."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
