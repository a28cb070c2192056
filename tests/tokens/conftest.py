"""A linked account on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from tests.tokens.linked import Link, linked


@pytest.fixture
def has_tables() -> bool:
    return True


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def link(engine: Engine) -> Iterator[Link]:
    with linked(engine) as link:
        yield link


@pytest.fixture
def link_on_sqlite(sqlite_url: str) -> Iterator[Link]:
    engine = create_engine(sqlite_url)
    with linked(engine) as link:
        yield link
    engine.dispose()


@pytest.fixture
def link_on_postgres(postgres_url: str) -> Iterator[Link]:
    engine = create_engine(postgres_url)
    with linked(engine) as link:
        yield link
    engine.dispose()
