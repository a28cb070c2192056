"""The module's own tables in the host's database, migrated beside the host's own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine

PREFIX = "allegro_"
VERSION_TABLE = "allegro_alembic_version"

_PACKAGE = Path(__file__).resolve().parent


def resource_dir(name: str) -> Path:
    """`templates`, `static` or `migrations`: inside the package in a wheel, beside it in a checkout."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def alembic_include_object(
    thing: object, name: str | None, type_: str, reflected: bool, compare_to: object | None
) -> bool:
    """For the host's `Migrate(app, db, include_object=alembic_include_object)`.

    Without it the host's next `flask db migrate` would write DROP TABLE for every table of ours.
    """
    table = name if type_ == "table" else getattr(getattr(thing, "table", None), "name", None)
    return not (table or "").startswith(PREFIX)


def upgrade(engine: Engine, revision: str = "head") -> None:
    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    _run(engine, command.downgrade, revision)


def check(engine: Engine) -> None:
    """Raises alembic.util.CommandError when the tables differ from the rows' classes."""
    _run(engine, command.check)


def make_revision(engine: Engine, message: str) -> None:
    _run(engine, lambda config: command.revision(config, message=message, autogenerate=True))


def current_revision(engine: Engine) -> str | None:
    """None when the tables were never made."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return context.get_current_revision()


def _run(engine: Engine, what: Any, *arguments: str) -> None:
    # Alembic would write its own words between ours, also into what programs read.
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(resource_dir("migrations")))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        what(config, *arguments)
