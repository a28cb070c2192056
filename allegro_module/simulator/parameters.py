"""What a category asks about its goods: parameters, their dictionaries, and what is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

NEW = "11323_1"
CONDITION = "11323"


@dataclass(frozen=True, slots=True)
class Names:
    """A Polish name and its English form."""

    polish: str
    english: str

    def __call__(self, language: str) -> str:
        return self.english if language == "en-US" else self.polish


@dataclass(frozen=True, slots=True)
class Former:
    """The ids and names that something had before; Allegro tells them for at least a month."""

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """An entry of a dictionary; `depends_on` are the parent's values it goes with, none meaning all."""

    id: str
    names: Names
    depends_on: frozenset[str] = frozenset()
    former: Former | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions on other parameters, all of which must hold."""

    with_value: tuple[tuple[str, frozenset[str]], ...] = ()
    without_value: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filling:
    """What somebody filled in: dictionary ids, texts, or a range."""

    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    bounds: tuple[str, str] | None = None

    @property
    def is_empty(self) -> bool:
        return not self.ids and not any(text.strip() for text in self.texts) and self.bounds is None


Filled: TypeAlias = Mapping[str, Filling]
NOTHING = Filling()


@dataclass(frozen=True)
class Parameter:
    id: str
    names: Names
    type: str
    required: bool = False
    required_for_product: bool = False
    describes_product: bool = True
    required_if: Conditions | None = None
    displayed_if: Conditions | None = None
    unit: str | None = None
    depends_on: str | None = None
    ambiguous_value_id: str | None = None
    custom_values: bool = False
    is_gtin: bool = False
    is_mpn: bool = False
    identifies_product: bool = False
    values: tuple[Value, ...] = field(default=(), repr=False)
    multiple: bool = False
    is_range: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    precision: int = 0
    min_length: int = 0
    max_length: int = 255
    allowed_values: int = 1
    former: Former | None = None

    @cached_property
    def _by_id(self) -> Mapping[str, Value]:
        """Dictionaries have up to tens of thousands of entries."""
        return {value.id: value for value in reversed(self.values)}

    @cached_property
    def _by_label(self) -> Mapping[str, Value]:
        labelled: dict[str, Value] = {}
        for value in self.values:
            labelled.setdefault(value.names.polish.casefold(), value)
            labelled.setdefault(value.names.english.casefold(), value)
        return labelled

    def find_value(self, value_id: str) -> Value | None:
        return self._by_id.get(value_id)

    def find_labelled(self, label: str) -> Value | None:
        """The entry with this label in either language."""
        return self._by_label.get(label.strip().casefold())


def gtins(parameters: Iterable[Parameter], filled: Filled) -> list[str]:
    return [text for p in parameters if p.is_gtin for text in filled.get(p.id, NOTHING).texts if text]


def mpns(parameters: Iterable[Parameter], filled: Filled) -> list[str]:
    return [text for p in parameters if p.is_mpn for text in filled.get(p.id, NOTHING).texts if text]
