"""Alembic environment of the module's own tables, with its own version table."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from allegro_module.db import Base
from allegro_module.db.base import Amount, UtcDateTime
from allegro_module.schema import PREFIX, VERSION_TABLE


def include_name(name: str | None, type_: str, parent_names: object) -> bool:
    return (name or "").startswith(PREFIX) if type_ == "table" else True


def render_item(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Migrations name plain column types, so that an old one still runs when a class of ours has moved."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, Amount):
        return "sa.BigInteger()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_name=include_name,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
if connection.in_transaction():
    connection.commit()
