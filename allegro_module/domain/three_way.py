"""What differs between two or three states of the same term, and how they are joined again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Side = Literal["mine", "theirs"]
Content = Mapping[str, Any]

DECIMAL = re.compile(r"\d+\.\d+")
#: Days and hours; Allegro answers in hours what was sent in days (facts.md 6.6).
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(\d+)H)?")


@dataclass(frozen=True, slots=True)
class Change:
    """`path` as in `rates[<id of the delivery method>].firstItemRate.amount`.

    A row that was added or removed is one change, with None on the other side.
    """

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """Changed on one side or on both since `base`."""

    path: str
    base: Any
    mine: Any
    theirs: Any

    @property
    def is_mine(self) -> bool:
        return not is_same(self.base, self.mine)

    @property
    def is_theirs(self) -> bool:
        return not is_same(self.base, self.theirs)

    @property
    def is_conflict(self) -> bool:
        return self.is_mine and self.is_theirs and not is_same(self.mine, self.theirs)


def changes(before: Content | None, after: Content | None) -> list[Change]:
    """In the order of `after`; the order of rows and the way numbers are written do not count."""
    found = _differing("", (cleaned(before or {}), cleaned(after or {})))
    return [Change(path, *sides) for path, sides in found]


def differences(base: Content | None, mine: Content, theirs: Content) -> list[Difference]:
    found = _differing("", (cleaned(base or {}), cleaned(mine), cleaned(theirs)))
    return [Difference(path, *sides) for path, sides in found]


def is_same(one: Any, other: Any) -> bool:
    """Whatever the order of rows, and however numbers, durations and absent members are written."""
    return not _differing("", (cleaned(one), cleaned(other)))


def merged(
    base: Content | None, mine: Content, theirs: Content, choices: Mapping[str, Side]
) -> dict[str, Any]:
    """Both sides' changes together. Of a conflict without a choice Allegro's side stays."""
    joined = _merged("", (cleaned(base or {}), cleaned(mine), cleaned(theirs)), choices)
    return dict(joined)


def cleaned(value: Any) -> Any:
    """Without members that are null or hold nothing: Allegro leaves out and nulls as it likes."""
    if isinstance(value, Mapping):
        kept = {name: cleaned(member) for name, member in value.items()}
        return {name: member for name, member in kept.items() if member is not None} or None
    if isinstance(value, list | tuple):
        return [cleaned(member) for member in value]
    return value


def _differing(path: str, sides: Sequence[Any]) -> list[tuple[str, Sequence[Any]]]:
    if all(_comparable(side) == _comparable(sides[0]) for side in sides[1:]):
        return []
    parts = _parts(path, sides)
    if parts is None:
        return [(path, sides)]
    return [found for below, values in parts.items() for found in _differing(below, values)]


def _merged(path: str, sides: Sequence[Any], choices: Mapping[str, Side]) -> Any:
    parts = _parts(path, sides)
    if parts is None:
        return _chosen(Difference(path, *sides), choices)
    values = [_merged(below, values, choices) for below, values in parts.items()]
    if isinstance(sides[1], list):
        return [value for value in values if value is not None]
    names = _names(sides)
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _chosen(difference: Difference, choices: Mapping[str, Side]) -> Any:
    side = choices.get(difference.path) or ("theirs" if difference.is_theirs else "mine")
    return difference.mine if side == "mine" else difference.theirs


def _parts(path: str, sides: Sequence[Any]) -> dict[str, list[Any]] | None:
    """The same part of each side by its path; None for what is compared whole.

    A row or an object that one side lacks is whole: half of an address makes no sense.
    """
    if not path:
        sides = [side or {} for side in sides]
    if all(isinstance(side, Mapping) for side in sides):
        prefix = f"{path}." if path else ""
        return {f"{prefix}{name}": [side.get(name) for side in sides] for name in _names(sides)}
    rows = [_rows_by_id(side) for side in sides]
    known = [each for each in rows if each is not None]
    if len(known) < len(rows):
        return None
    return {f"{path}[{row_id}]": [side.get(row_id) for side in known] for row_id in _names(known)}


def _names(sides: Sequence[Any]) -> list[str]:
    """In the order of the newest state; what only an older one has comes last."""
    newest_first = [*sides[1:], sides[0]]
    return list(dict.fromkeys(name for side in newest_first for name in side or {}))


def _rows_by_id(side: Any) -> dict[str, Any] | None:
    """None for anything but a list of objects that can be told apart."""
    if not isinstance(side, list):
        return None
    rows = {row_id: row for row in side if (row_id := _id_of(row))}
    return rows if len(rows) == len(side) else None


def _id_of(row: Any) -> str | None:
    if not isinstance(row, Mapping):
        return None
    method = row.get("deliveryMethod")
    found = method.get("id") if isinstance(method, Mapping) else row.get("id")
    return str(found) if found else None


def _comparable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if DECIMAL.fullmatch(value):
        return Decimal(value)
    duration = DURATION.fullmatch(value)
    if duration and any(duration.groups()):
        days, hours = (int(number or 0) for number in duration.groups())
        return ("hours", 24 * days + hours)
    return value
