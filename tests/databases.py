"""A pytest plugin: a test that asks for `database_url` runs on SQLite and PostgreSQL, alone in its database.

It is empty; where a conftest.py overrides `has_tables` it holds ours, copied from one made once.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from allegro_module.db import Base
from tests.postgres import NoPostgres, PostgresServer, running_postgres


@event.listens_for(Engine, "connect")
def _do_not_wait_for_the_disk(connection: object, record: object) -> None:
    """A test's database need not outlive a loss of power; commits are as good as ever."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


def compile_statements_once() -> None:
    """Each engine compiles every statement anew; SQLite's are all alike, so one of them does it for all."""
    SQLiteDialect_pysqlite.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
    SQLiteDialect_pysqlite.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign,assignment]
    kept = LRUCache[Any, Any](5000)

    @event.listens_for(Engine, "engine_connect")
    def share(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.engine._compiled_cache = kept


compile_statements_once()


@pytest.fixture
def has_tables() -> bool:
    """Whether the test's database holds our tables from the start."""
    return False


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(sqlite_with_tables: Path, has_tables: bool, tmp_path: Path) -> str:
    target = tmp_path / "shop.sqlite"
    if has_tables:
        copy_sqlite(sqlite_with_tables, target)
    else:
        begin_sqlite(target)
    return f"sqlite:///{target}"


@pytest.fixture
def postgres_url(
    postgres_server: PostgresServer, postgres_with_tables: str, emptied: list[str], has_tables: bool
) -> Iterator[str]:
    if has_tables and emptied:
        name = emptied.pop()
    else:
        name = postgres_server.create(postgres_with_tables if has_tables else None)
    yield postgres_server.url(name)
    if has_tables and postgres_server.empty(name):
        emptied.append(name)
    else:
        postgres_server.drop(name)


@pytest.fixture(scope="session")
def emptied(postgres_server: PostgresServer) -> Iterator[list[str]]:
    """Databases with our tables that one test has done with and the next may have."""
    names: list[str] = []
    yield names
    for name in names:
        postgres_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "shop.sqlite"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.create()
    try:
        make_tables(postgres_server.url(name))
        yield postgres_server.as_template(name)
    finally:
        postgres_server.drop(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    try:
        with running_postgres() as server:
            yield server
    except NoPostgres as reason:
        pytest.skip(str(reason))


def make_tables(url: str) -> None:
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


def begin_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as empty:
        empty.execute("pragma journal_mode=wal")


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy what is committed, also while it stands in the write-ahead log of a connection left open."""
    with closing(sqlite3.connect(source)) as template, closing(sqlite3.connect(target)) as copy:
        template.backup(copy)
        copy.execute("pragma journal_mode=wal")
