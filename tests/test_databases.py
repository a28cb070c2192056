"""Each test has a database of its own on both kinds, and nothing of a server outlives the run."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest
from sqlalchemy import Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import OperationalError

from tests.databases import copy_sqlite
from tests.postgres import PostgresServer, find_binaries

CHECKOUT = Path(__file__).parents[1]
WAITING_RUN = """
from tests.postgres import find_binaries, local_cluster
with local_cluster(find_binaries()) as url:
    print(url, flush=True)
    input()
"""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def test_both_kinds_answer(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("select 1")) == 1


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_leaves_is_not_there_in_the_next(engine: Engine, turn: str) -> None:
    assert not inspect(engine).has_table("left_behind")

    with engine.begin() as connection:
        connection.execute(text("create table left_behind (turn varchar)"))


def test_sqlite_writes_ahead(sqlite_url: str) -> None:
    with create_engine(sqlite_url).connect() as connection:
        assert connection.scalar(text("pragma journal_mode")) == "wal"


def fill(url: str) -> Engine:
    """Prepare a database the careless way: with a connection left open."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table prepared (word varchar)"))
        connection.execute(text("insert into prepared values ('Łódź')"))
    return engine


def word_in(url: str) -> object:
    with create_engine(url).connect() as connection:
        return connection.scalar(text("select word from prepared"))


def test_a_copy_of_a_sqlite_template_holds_what_was_prepared(tmp_path: Path) -> None:
    engine = fill(f"sqlite:///{tmp_path / 'template'}")
    copy_sqlite(tmp_path / "template", tmp_path / "copy")

    assert word_in(f"sqlite:///{tmp_path / 'copy'}") == "Łódź"
    engine.dispose()


@pytest.mark.postgres
def test_a_copy_of_a_postgres_template_holds_what_was_prepared(postgres_server: PostgresServer) -> None:
    template = postgres_server.create()
    fill(postgres_server.url(template))
    copy = postgres_server.create(postgres_server.as_template(template))

    assert word_in(postgres_server.url(copy)) == "Łódź"
    assert postgres_server.url(copy).startswith("postgresql+psycopg://")

    postgres_server.drop(copy)
    postgres_server.drop(template)
    assert not postgres_server.names() & {copy, template}


@pytest.mark.postgres
def test_a_killed_run_leaves_no_server_behind() -> None:
    if find_binaries() is None:
        pytest.skip("initdb cannot be used here")
    run = subprocess.Popen(
        [sys.executable, "-c", WAITING_RUN], cwd=CHECKOUT, stdin=PIPE, stdout=PIPE, text=True
    )
    assert run.stdout is not None
    url = make_url(run.stdout.readline().strip()).set(drivername="postgresql+psycopg")

    with create_engine(url).connect() as connection:
        run.kill()
        with pytest.raises(OperationalError):
            connection.execute(text("select pg_sleep(30)"))

    run.communicate()
    with pytest.raises(OperationalError):
        create_engine(url).connect()
