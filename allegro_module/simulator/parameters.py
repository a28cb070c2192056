"""What a category asks about its goods: parameters, and the rules by which they depend on each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
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
class Value:
    """An entry of a dictionary; `depends_on` are the parent's values it goes with, none meaning all."""

    id: str
    names: Names
    depends_on: frozenset[str] = frozenset()


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


@dataclass(frozen=True, slots=True)
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

    def find_value(self, value_id: str) -> Value | None:
        return next((value for value in self.values if value.id == value_id), None)

    def find_labelled(self, label: str) -> Value | None:
        """The entry with this label in either language."""
        wanted = label.strip().casefold()
        matches = (
            value
            for value in self.values
            if wanted in (value.names.polish.casefold(), value.names.english.casefold())
        )
        return next(matches, None)


def is_displayed(parameter: Parameter, filled: Filled) -> bool:
    return parameter.displayed_if is None or hold(parameter.displayed_if, filled)


def is_required(parameter: Parameter, filled: Filled) -> bool:
    """Whether an offer cannot be listed without it; a field that is not displayed is never required."""
    if not is_displayed(parameter, filled):
        return False
    if parameter.required_if is not None:
        return hold(parameter.required_if, filled)
    return parameter.required


def is_required_for_product(parameter: Parameter, filled: Filled) -> bool:
    return parameter.required_for_product and is_displayed(parameter, filled)


def hold(conditions: Conditions, filled: Filled) -> bool:
    """Whether all conditions of both kinds hold."""
    return all(
        not chosen.isdisjoint(filled.get(other, NOTHING).ids) for other, chosen in conditions.with_value
    ) and all(filled.get(other, NOTHING).is_empty for other in conditions.without_value)


def allowed_values(parameter: Parameter, filled: Filled) -> tuple[Value, ...]:
    """The dictionary entries that go with what is chosen in the parent parameter."""
    if parameter.depends_on is None:
        return parameter.values
    chosen: Collection[str] = filled.get(parameter.depends_on, NOTHING).ids
    return tuple(value for value in parameter.values if goes_with(value, chosen))


def goes_with(value: Value, chosen: Collection[str]) -> bool:
    return not value.depends_on or not value.depends_on.isdisjoint(chosen)


def missing(parameters: Iterable[Parameter], filled: Filled) -> list[Parameter]:
    """The parameters an offer lacks."""
    return [p for p in parameters if is_required(p, filled) and filled.get(p.id, NOTHING).is_empty]


def missing_for_product(parameters: Iterable[Parameter], filled: Filled) -> list[Parameter]:
    """The parameters a new product lacks."""
    return [
        p
        for p in parameters
        if p.describes_product and is_required_for_product(p, filled) and filled.get(p.id, NOTHING).is_empty
    ]


def out_of_place(parameters: Iterable[Parameter], filled: Filled) -> list[Parameter]:
    """Filled parameters that do not go with the others: not displayed, or not allowed by the parent."""
    return [p for p in parameters if p.id in filled and not _fits(p, filled)]


def _fits(parameter: Parameter, filled: Filled) -> bool:
    filling = filled[parameter.id]
    if filling.is_empty:
        return True
    allowed = {value.id for value in allowed_values(parameter, filled)}
    known = {value.id for value in parameter.values}
    return is_displayed(parameter, filled) and allowed.issuperset(known.intersection(filling.ids))


def gtins(parameters: Iterable[Parameter], filled: Filled) -> list[str]:
    return [text for p in parameters if p.is_gtin for text in filled.get(p.id, NOTHING).texts if text]


def mpns(parameters: Iterable[Parameter], filled: Filled) -> list[str]:
    return [text for p in parameters if p.is_mpn for text in filled.get(p.id, NOTHING).texts if text]
