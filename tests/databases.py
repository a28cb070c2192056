"""A pytest plugin: a test that asks for `database_url` runs on SQLite and PostgreSQL, alone in its database.

To fill it with tables, tests/conftest.py overrides `prepare_database`: it is called once for each kind, and
every test gets a copy of what it made.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.postgres import NoPostgres, PostgresServer, running_postgres

PrepareDatabase = Callable[[str], None]


@pytest.fixture(scope="session")
def prepare_database() -> PrepareDatabase:
    """Fill the empty database at the given address; here with nothing."""
    return lambda url: None


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    target = tmp_path / "shop.sqlite"
    copy_sqlite(sqlite_template, target)
    return f"sqlite:///{target}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    name = postgres_server.create(postgres_template)
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, prepare_database: PrepareDatabase) -> Path:
    path = tmp_path_factory.mktemp("template") / "shop.sqlite"
    prepare_database(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer, prepare_database: PrepareDatabase) -> Iterator[str]:
    name = postgres_server.create()
    try:
        prepare_database(postgres_server.url(name))
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


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy what is committed, also while it stands in the write-ahead log of a connection left open."""
    with closing(sqlite3.connect(source)) as template, closing(sqlite3.connect(target)) as copy:
        template.backup(copy)
        copy.execute("pragma journal_mode=wal")
