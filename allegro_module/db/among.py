"""Whether a column's value is in a list: one parameter, so that the statement's text is always the same.

A plain IN has a parameter for each value, which SQLAlchemy, the driver and the database read anew every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    Dialect,
    FunctionElement,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine


class _ListOf(TypeDecorator[Sequence[Any]]):
    """An array on PostgreSQL, JSON elsewhere."""

    impl = JSON
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else JSON())


class among(FunctionElement[bool]):  # noqa: N801 - written as a function
    """`among(column, "ids")`: in the list that is given as `ids` when the statement runs."""

    # Of no type: where SQLAlchemy sees a truth value, it writes `= 1` for SQLite, which then uses no index.
    inherit_cache = True

    def __init__(self, column: Column[Any] | InstrumentedAttribute[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=_ListOf(column.type)))


@compiles(among)
def _in_json(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled already


@compiles(among, "postgresql")
def _in_array(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({values})"
