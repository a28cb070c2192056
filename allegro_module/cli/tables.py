"""`flask allegro db …`: the module's own tables."""

from __future__ import annotations

import click
from alembic.util import CommandError
from flask.cli import AppGroup

from allegro_module import schema
from allegro_module.cli.group import group
from allegro_module.runtime import current_runtime

database = AppGroup("db", help="The module's own tables, allegro_*.")
group.add_command(database)


@database.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring our tables up to date."""
    schema.upgrade(current_runtime().db.engine, revision)
    click.echo(f"tables are at {schema.current_revision(current_runtime().db.engine)}")


@database.command()
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Take our tables one step back; `base` drops them."""
    schema.downgrade(current_runtime().db.engine, revision)
    click.echo(f"tables are at {schema.current_revision(current_runtime().db.engine) or 'base'}")


@database.command()
def check() -> None:
    """Fail when the tables differ from what this version expects."""
    try:
        schema.check(current_runtime().db.engine)
    except CommandError as difference:
        raise click.ClickException(str(difference)) from None
    click.echo("tables are as this version expects them")


@database.command()
@click.option("-m", "--message", required=True, help="What changes.")
def revision(message: str) -> None:
    """Write a new migration (for those who work on the module)."""
    schema.make_revision(current_runtime().db.engine, message)
