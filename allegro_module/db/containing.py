"""Whether a column's text contains a word in letters of either case, on a connection that is the host's.

SQLite knows the capitals of plain letters only, as does PostgreSQL with the locale C: what else the word
holds is made small in the text itself, by `replace`, letter by letter. A plain word costs a mere LIKE.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, FunctionElement, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

ESCAPE = "/"


def containing(text: ColumnElement[str], word: str) -> ColumnElement[bool]:
    wanted = word.lower()
    for letter in sorted({each for each in wanted if not each.isascii()}):
        capital = letter.upper()
        if capital != letter and len(capital) == 1:
            text = func.replace(text, capital, letter)
    escaped = re.sub(r"([%_/])", r"/\1", wanted)
    return _like(text, f"%{escaped}%")


class _like(FunctionElement[bool]):  # noqa: N801 - written as a function
    """LIKE for letters of either case. A `lower` that the host may have put into SQLite is not called."""

    inherit_cache = True


@compiles(_like)
def _as_like(element: _like, compiler: SQLCompiler, **options: Any) -> str:
    return _written(element, compiler, "LIKE", options)


@compiles(_like, "postgresql")
def _as_ilike(element: _like, compiler: SQLCompiler, **options: Any) -> str:
    return _written(element, compiler, "ILIKE", options)


def _written(element: _like, compiler: SQLCompiler, how: str, options: dict[str, Any]) -> str:
    text, pattern = (compiler.process(each, **options) for each in element.clauses)
    return f"({text} {how} {pattern} ESCAPE '{ESCAPE}')"
