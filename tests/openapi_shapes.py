"""Checks JSON values against the schemas of Allegro's API description, names of members included.

A plain JSON Schema validator cannot do it: no schema of the description closes its members, bases with a
discriminator do not list their variants, and `nullable` is written where OpenAPI 3.0 gives it no effect.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any, Union

from tests.openapi_rules import KINDS, Rule, rules_of

Schema = dict[str, Any]
Where = Union[tuple["Where", str], None]  # noqa: UP007 - the alias names itself


class Nulls(Enum):
    """What a null means for a member that may not be null."""

    REFUSED = auto()
    DROPPED = auto()
    DELETES = auto()


@dataclass(frozen=True, slots=True)
class Reading:
    """How strictly a body is read."""

    closed: bool
    nulls: Nulls
    bare_amounts: bool = False

    @property
    def of_items(self) -> "Reading":
        # RFC 7396: a merge patch replaces arrays whole, so a null inside one deletes nothing.
        return REQUEST if self.nulls is Nulls.DELETES else self


REQUEST = Reading(closed=True, nulls=Nulls.REFUSED)
MERGE_PATCH = Reading(closed=True, nulls=Nulls.DELETES)
ANSWER = Reading(closed=False, nulls=Nulls.DROPPED, bare_amounts=True)
CLOSED_ANSWER = Reading(closed=True, nulls=Nulls.DROPPED, bare_amounts=True)


def spell(where: Where) -> str:
    steps: list[str] = []
    while where is not None:
        where, step = where
        steps.append(step)
    return "".join(reversed(steps)).replace(" .", " ", 1).removeprefix(".").rstrip()


class Shape:
    """All that the given schemas ask together of one value."""

    def __init__(self, book: "Schemas", sources: tuple[Schema, ...], settled: frozenset[int]) -> None:
        self._book = book
        self._sources = sources
        self._settled = settled
        parts = list(book.parts(sources))
        self.nullable = all(book.allows_null(source) for source in sources)
        self.kinds = _kinds(parts)
        self.required = frozenset(name for part in parts for name in part.get("required", ()))
        self._rules: list[Rule] = [rule for part in parts for rule in rules_of(part)]
        self._members = _members(parts)
        self._shapes: dict[str, Shape] = {}
        self._others = [part["additionalProperties"] for part in parts if "additionalProperties" in part]
        self._items = [part["items"] for part in parts if "items" in part]
        self._choice = self._find_choice(parts)

    def check(self, value: object, where: Where, reading: Reading, found: list[str]) -> None:
        """Add a line to `found` for each thing wrong with the value."""
        if value is None:
            if not self.nullable:
                found.append(f"{spell(where)}: null is not allowed")
        elif self._choice is not None:
            self._choice.check(value, where, reading, found)
        elif self._has_kind(value, where, reading, found):
            found.extend(f"{spell(where)}: {wrong}" for rule in self._rules if (wrong := rule(value)))
            if isinstance(value, dict):
                self._check_members(value, where, reading, found)
            elif isinstance(value, list) and self.items is not None:
                for index, item in enumerate(value):
                    self.items.check(item, (where, f"[{index}]"), reading.of_items, found)

    @cached_property
    def items(self) -> "Shape | None":
        return self._book.shape(*self._items) if self._items else None

    def with_more(self, part: Schema, *more: Schema) -> "Shape":
        """The same with the choice of one part settled in favour of the given schemas."""
        return self._book.shape(*self._sources, *more, settled=self._settled | {id(part)})

    def _find_choice(self, parts: list[Schema]) -> "ByName | ByTrying | None":
        for part in parts:
            if id(part) in self._settled:
                continue
            if "discriminator" in part:
                return ByName(self._book, self, part)
            if "oneOf" in part or "anyOf" in part:
                return ByTrying(self, part)
        return None

    def _has_kind(self, value: object, where: Where, reading: Reading, found: list[str]) -> bool:
        for kind in self.kinds:
            if not KINDS[kind](value):
                if reading.bare_amounts and _is_bare_amount(kind, value, where):
                    return False
                found.append(f"{spell(where)}: {shown(value)} is not of type {kind}")
                return False
        return True

    def _check_members(self, value: Schema, where: Where, reading: Reading, found: list[str]) -> None:
        absent = self.required - value.keys()
        for name, item in value.items():
            shape = self._shapes[name] if name in self._shapes else self._find_shape(name)
            if shape is None:
                # A member may be demanded and yet not described: `PricingOffer.name`.
                is_strange = reading.closed and name not in self.required
                if is_strange and (self._members or self._others):
                    found.append(f"{spell((where, '.' + name))}: unknown member")
            elif item is not None or shape.nullable:
                shape.check(item, (where, "." + name), reading, found)
            elif reading.nulls is Nulls.REFUSED or (reading.nulls is Nulls.DELETES and name in self.required):
                found.append(f"{spell((where, '.' + name))}: null is not allowed")
            elif name in self.required:
                absent |= {name}
        found.extend(f"{spell((where, '.' + name))}: required, but missing" for name in sorted(absent))

    def _find_shape(self, name: str) -> "Shape | None":
        if name not in self._members:
            return self._book.shape(*self._others) if self._others else None
        self._shapes[name] = self._book.shape(*self._members[name])
        return self._shapes[name]


class ByName:
    """The value's own word, in the discriminator's member, says which schema it follows as well."""

    def __init__(self, book: "Schemas", base: Shape, part: Schema) -> None:
        self._book = book
        self._base = base
        self._part = part
        self._name: str = part["discriminator"]["propertyName"]
        self._mapping: dict[str, str] = part["discriminator"]["mapping"]
        self._variants: dict[str, Shape] = {}

    def check(self, value: object, where: Where, reading: Reading, found: list[str]) -> None:
        if not isinstance(value, dict):
            found.append(f"{spell(where)}: {shown(value)} is not of type object")
            return
        word = value.get(self._name)
        if isinstance(word, str) and word in self._mapping:
            self._variant(word).check(value, where, reading, found)
        else:
            names = ", ".join(self._mapping)
            found.append(f"{spell((where, '.' + self._name))}: {shown(word)} is none of {names}")

    def _variant(self, word: str) -> Shape:
        if word not in self._variants:
            mapped = self._book.resolve({"$ref": self._mapping[word]})
            self._variants[word] = self._base.with_more(self._part, mapped)
        return self._variants[word]


class ByTrying:
    """One of several schemas without a discriminator: the value has to please at least one of them."""

    def __init__(self, base: Shape, part: Schema) -> None:
        self._base = base
        self._part = part

    def check(self, value: object, where: Where, reading: Reading, found: list[str]) -> None:
        least: list[str] | None = None
        for shape in self._alternatives():
            wrong: list[str] = []
            shape.check(value, where, reading, wrong)
            if not wrong:
                return
            if least is None or len(wrong) < len(least):
                least = wrong
        found.extend(least or ())

    def _alternatives(self) -> Iterator[Shape]:
        schemas = [*self._part.get("oneOf", ()), *self._part.get("anyOf", ())]
        for schema in schemas:
            yield self._base.with_more(self._part, schema)
        if "anyOf" in self._part:
            yield self._base.with_more(self._part, *schemas)


class Schemas:
    """The schemas of one description, each compiled when it is first needed and then kept."""

    def __init__(self, components: dict[str, Schema]) -> None:
        self._components = components
        self._shapes: dict[tuple[tuple[int, ...], frozenset[int]], Shape] = {}
        # The cache knows schemas by their identity, so those made on the way have to stay alive.
        self._kept: list[tuple[Schema, ...]] = []

    def shape(self, *sources: Schema, settled: frozenset[int] = frozenset()) -> Shape:
        key = (tuple(id(source) for source in sources), settled)
        if key not in self._shapes:
            self._kept.append(sources)
            self._shapes[key] = Shape(self, sources, settled)
        return self._shapes[key]

    def resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._components[schema["$ref"].removeprefix("#/components/schemas/")]
        return schema

    def parts(self, sources: tuple[Schema, ...]) -> Iterator[Schema]:
        """The sources and all they are composed of by `$ref` and `allOf`, each once."""
        seen: set[int] = set()
        waiting = list(reversed(sources))
        while waiting:
            schema = self.resolve(waiting.pop())
            if id(schema) not in seen:
                seen.add(id(schema))
                yield schema
                waiting.extend(reversed(schema.get("allOf", ())))

    def allows_null(self, schema: Schema) -> bool:
        """Read `nullable` as "or null" wherever it stands, as Allegro means it."""
        schema = self.resolve(schema)
        if schema.get("nullable"):
            return True
        if schema.keys() & {"type", "properties", "items", "discriminator"}:
            return False
        either = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
        return (
            None in schema.get("enum", [None])
            and all(self.allows_null(part) for part in schema.get("allOf", ()))
            and (not either or any(self.allows_null(part) for part in either))
        )


def shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _kinds(parts: list[Schema]) -> tuple[str, ...]:
    kinds = [part.get("type", "object" if "properties" in part else None) for part in parts]
    return tuple(dict.fromkeys(kind for kind in kinds if kind is not None))


def _members(parts: list[Schema]) -> dict[str, list[Schema]]:
    members: dict[str, list[Schema]] = {}
    for part in parts:
        for name, schema in part.get("properties", {}).items():
            members.setdefault(name, []).append(schema)
    return members


def _is_bare_amount(kind: str, value: object, where: Where) -> bool:
    # Allegro's own examples of product offers show {"amount": 50}, although the schema says string.
    is_amount = where is not None and where[1] == ".amount"
    return is_amount and kind == "string" and KINDS["number"](value)
