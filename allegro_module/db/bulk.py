"""Many rows into one table in the driver's own way: SQLAlchemy's work for a row costs more than the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Column, Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

Row = Mapping[str, Any]
Process = Callable[[Any], Any]


def insert_rows(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """All rows have the columns of the first; the others get their default. COPY on PostgreSQL.

    Raises what `session.execute(insert(table), rows)` would.
    """
    if not rows:
        return
    connection = session.connection()
    plan = _plan_of(table, tuple(rows[0]), connection.dialect)
    try:
        values = plan.values_of(rows)
    except Exception as error:
        # As SQLAlchemy does; a row's values, which may be people's names, are left out.
        raise StatementError("a value cannot be stored", plan.insert, None, error) from error
    if plan.copy:
        _copy(connection, plan.copy, values)
    else:
        connection.exec_driver_sql(plan.insert, values)


@dataclass(frozen=True, slots=True)
class _Plan:
    """`copy` is empty where the driver has none; `processes` stand by the place of their column."""

    insert: str
    copy: str
    take: Callable[[Row], tuple[Any, ...]]
    processes: Sequence[tuple[int, Process]]
    defaults: Sequence[Any]

    def values_of(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        take, processes, defaults = self.take, self.processes, self.defaults
        found = []
        for row in rows:
            values = [*take(row), *defaults]
            for place, process in processes:
                values[place] = process(values[place])
            found.append(tuple(values))
        return found


@lru_cache(maxsize=64)
def _plan_of(table: Table, names: tuple[str, ...], dialect: Dialect) -> _Plan:
    defaults = {
        column.name: _default_of(column)
        for column in table.columns
        if column.name not in names and column.default is not None
    }
    columns = [table.c[name] for name in (*names, *defaults)]
    prepare = dialect.identifier_preparer
    into = f"{prepare.format_table(table)} ({', '.join(prepare.format_column(each) for each in columns)})"
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    processes = [each.type.dialect_impl(dialect).bind_processor(dialect) for each in columns]
    return _Plan(
        insert=f"INSERT INTO {into} VALUES ({', '.join(mark for _ in columns)})",  # noqa: S608 - names of columns
        copy=f"COPY {into} FROM STDIN" if dialect.driver == "psycopg" else "",
        take=itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],),
        processes=[(place, process) for place, process in enumerate(processes) if process],
        defaults=tuple(defaults.values()),
    )


def _default_of(column: Column[Any]) -> Any:
    default = cast(Any, column.default)
    if not default.is_scalar:
        raise TypeError(f"{column} has a default that is made anew for each row: give its value")
    return default.arg


def _copy(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    driver = cast(Any, connection.connection.driver_connection)
    base = cast(Any, connection.dialect).dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except base as error:
        raise DBAPIError.instance(
            statement, None, error, base, hide_parameters=True, dialect=connection.dialect
        ) from error
