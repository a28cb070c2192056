"""The module's tables live beside the host's, each side migrated without touching the other."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Integer, Table, create_engine, inspect

from allegro_module import schema
from allegro_module.db import Base
from allegro_module.schema import PREFIX, alembic_include_object

OURS = set(Base.metadata.tables) | {schema.VERSION_TABLE}


def test_upgrade_makes_every_table_and_nothing_differs(database_url: str) -> None:
    engine = create_engine(database_url)

    schema.upgrade(engine)

    schema.check(engine)
    assert set(inspect(engine).get_table_names()) == OURS
    assert all(name.startswith(PREFIX) for name in OURS)
    engine.dispose()


def test_downgrade_leaves_only_the_version_table(database_url: str) -> None:
    engine = create_engine(database_url)
    schema.upgrade(engine)

    schema.downgrade(engine, "base")

    assert set(inspect(engine).get_table_names()) == {schema.VERSION_TABLE}
    engine.dispose()


def test_upgrade_twice_changes_nothing(database_url: str) -> None:
    engine = create_engine(database_url)
    schema.upgrade(engine)

    schema.upgrade(engine)

    assert schema.current_revision(engine)
    engine.dispose()


@pytest.fixture
def loggers_as_before() -> Iterator[None]:
    """The environment that Flask-Migrate writes for a host silences every logger made so far."""
    before = {name: logging.getLogger(name).disabled for name in logging.root.manager.loggerDict}
    handlers = logging.root.handlers[:]
    yield
    logging.root.handlers[:] = handlers
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).disabled = before.get(name, False)


@pytest.fixture
def host(database_url: str, loggers_as_before: None) -> Flask:
    """A host with a table of its own and the one line that keeps our tables."""
    app = Flask("host")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    db = SQLAlchemy(app)
    Table("host_thing", db.metadata, Column("id", Integer, primary_key=True))
    Migrate(app, db, include_object=alembic_include_object)
    return app


def test_the_hosts_migration_does_not_drop_our_tables(host: Flask, tmp_path: Path) -> None:
    folder = str(tmp_path / "host_migrations")
    with host.app_context():
        db = host.extensions["sqlalchemy"]
        schema.upgrade(db.engine)
        flask_migrate.init(folder)

        flask_migrate.migrate(folder, message="host")
        flask_migrate.upgrade(folder)

        written = next((tmp_path / "host_migrations/versions").glob("*.py")).read_text()
        assert "host_thing" in written
        assert PREFIX not in written
        schema.check(db.engine)
        flask_migrate.downgrade(folder, revision="base")
        assert set(inspect(db.engine).get_table_names()) >= OURS
        db.engine.dispose()
