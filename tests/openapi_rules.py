"""What a single keyword of an OpenAPI 3.0 schema asks of a value."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

Rule = Callable[[object], str | None]
"""Says what is wrong with a value, None when nothing is."""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: object) -> bool:
    return _is_number(value) and (isinstance(value, int) or float(str(value)).is_integer())


KINDS: dict[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": _is_number,
    "integer": _is_integer,
}

DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _fits(value: object, bits: int) -> bool:
    return not isinstance(value, int) or -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)


# Every other format of the description ("ISO 4217", "decimal", …) is a label.
FORMATS: dict[str, Callable[[Any], bool]] = {
    "date-time": lambda text: bool(DATE_TIME.fullmatch(text)) and _parses(datetime.fromisoformat, text),
    "date": lambda text: bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and _parses(date.fromisoformat, text),
    "uuid": lambda text: bool(UUID_TEXT.fullmatch(text)) and _parses(UUID, text),
    "int32": lambda value: _fits(value, 32),
    "int64": lambda value: _fits(value, 64),
}


def _format(name: str) -> Rule | None:
    holds = FORMATS.get(name)
    if holds is None:
        return None
    kind = int if name.startswith("int") else str
    return lambda value: f"{value!r} is no {name}" if isinstance(value, kind) and not holds(value) else None


def _enum(words: list[object]) -> Rule:
    return lambda value: None if value in words else f"{value!r} is none of {words}"


def _pattern(pattern: str) -> Rule:
    search = re.compile(pattern).search
    return lambda value: (
        f"{value!r} does not match {pattern}" if isinstance(value, str) and not search(value) else None
    )


def _size(kind: type, holds: Callable[[int], bool], wish: str) -> Rule:
    def rule(value: object) -> str | None:
        if isinstance(value, kind) and not holds(len(value)):  # type: ignore[arg-type]
            return f"has {len(value)}, {wish}"  # type: ignore[arg-type]
        return None

    return rule


def _bound(holds: Callable[[Any], bool], wish: str) -> Rule:
    return lambda value: f"{value} is {wish}" if _is_number(value) and not holds(value) else None


MAKERS: dict[str, Callable[[Any], Rule | None]] = {
    "enum": _enum,
    "format": _format,
    "pattern": _pattern,
    "minLength": lambda least: _size(str, lambda size: size >= least, f"not at least {least} characters"),
    "maxLength": lambda most: _size(str, lambda size: size <= most, f"not at most {most} characters"),
    "minItems": lambda least: _size(list, lambda size: size >= least, f"not at least {least} items"),
    "maxItems": lambda most: _size(list, lambda size: size <= most, f"not at most {most} items"),
    "minProperties": lambda least: _size(dict, lambda size: size >= least, f"not at least {least} members"),
    "maxProperties": lambda most: _size(dict, lambda size: size <= most, f"not at most {most} members"),
    "minimum": lambda least: _bound(lambda value: value >= least, f"less than {least}"),
    "maximum": lambda most: _bound(lambda value: value <= most, f"more than {most}"),
}


def rules_of(schema: dict[str, Any]) -> Iterator[Rule]:
    for keyword, make in MAKERS.items():
        if keyword in schema and (rule := make(schema[keyword])) is not None:
            yield rule
