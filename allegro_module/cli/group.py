"""The command group and what its commands share."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from allegro_module.db.accounts import Account
from allegro_module.db.trouble import hide_parameters, is_passing
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sealing import SealBroken


class Group(AppGroup):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SealBroken:
            raise click.ClickException(
                "stored secrets cannot be opened: "
                "the key they were sealed with is missing from ALLEGRO_ENCRYPTION_KEYS"
            ) from None
        except SQLAlchemyError as trouble:
            hide_parameters(trouble)
            if not is_passing(trouble):
                raise
            raise click.ClickException(
                f"the database is busy or away ({type(trouble).__name__}): try again in a moment"
            ) from None


group = Group("allegro", help="Sell on Allegro.")


def ready_runtime() -> Runtime:
    """For commands that read our tables."""
    runtime = current_runtime()
    if not inspect(runtime.db.engine).has_table(Account.__tablename__):
        raise click.ClickException("the module's tables are missing: run `flask allegro db upgrade`")
    return runtime
