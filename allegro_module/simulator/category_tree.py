"""Allegro's category tree: fixed data, read once; parameters only when somebody asks for them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from allegro_module.simulator.large_categories import LARGE
from allegro_module.simulator.parameters import Conditions, Names, Parameter, Value

ROOT = "954b95b6-43cf-4104-8354-dea4d9b10ddf"
DATA = Path(__file__).parent / "data"
OPTIONS = {
    "advertisement": False,
    "productCreationEnabled": True,
    "offersWithProductPublicationEnabled": True,
    "sellerCanRequirePurchaseComments": False,
}


@dataclass(frozen=True)
class Category:
    """A node of the tree; `vague` ones take what fits nowhere else, and nothing may be moved there.

    `source` makes its parameters when they are first asked for.
    """

    id: str
    names: Names
    parent_id: str | None
    leaf: bool
    options: Mapping[str, bool]
    source: Callable[[], tuple[Parameter, ...]] = field(repr=False, compare=False)
    words: frozenset[str] = frozenset()
    tax: str = "goods"
    vague: bool = False
    advertisement_only: bool = False
    needs_safety: bool = True

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.source()

    @property
    def stems(self) -> set[str]:
        """What titles of its goods contain: its own words and those of its name."""
        return {stem(word) for word in (*self.words, *re.findall(r"\w{3,}", self.names.polish.casefold()))}

    @cached_property
    def _by_id(self) -> Mapping[str, Parameter]:
        return {parameter.id: parameter for parameter in reversed(self.parameters)}

    def find_parameter(self, parameter_id: str) -> Parameter | None:
        return self._by_id.get(parameter_id)

    def find_named(self, name: str) -> Parameter | None:
        wanted = name.strip().casefold()
        named = (
            parameter
            for parameter in self.parameters
            if wanted in (parameter.names.polish.casefold(), parameter.names.english.casefold())
        )
        return next(named, None)


def stem(word: str) -> str:
    """Polish words change at their end."""
    return word[: max(3, len(word) - 2)][:6]


@cache
def tree() -> Mapping[str, Category]:
    """All categories by id, in the order of the data."""
    data = json.loads((DATA / "categories.json").read_text("utf-8"), parse_float=Decimal)
    parents = {entry.get("parent") for entry in data["categories"]}
    return {
        entry["id"]: _category(entry, data["parameters"], leaf=entry["id"] not in parents)
        for entry in data["categories"]
    }


def _category(entry: Mapping[str, Any], parameters: Mapping[str, Any], *, leaf: bool) -> Category:
    options = dict(entry.get("options", {}))
    advertisement_only = options.pop("advertisementOnly", False)
    return Category(
        id=entry["id"],
        names=_names(entry),
        parent_id=entry.get("parent"),
        leaf=leaf,
        options=OPTIONS | options,
        source=lambda: _parameters(entry.get("parameters", ()), parameters),
        words=frozenset(entry.get("words", "").split()),
        tax=entry.get("tax", "goods"),
        vague=entry.get("vague", False),
        advertisement_only=advertisement_only,
        needs_safety=entry.get("gpsr", True),
    )


def _parameters(items: str | Iterable[Any], parameters: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Those listed, or by its name a set that is made by rule."""
    if isinstance(items, str):
        return LARGE[items]()
    return tuple(_parameter_of(item, parameters) for item in items)


def _parameter_of(item: str | Mapping[str, Any], parameters: Mapping[str, Any]) -> Parameter:
    """A parameter as the category wants it: an id, or an object that changes some of its traits."""
    if isinstance(item, str):
        return _parameter(item, parameters[item])
    return _parameter(item["id"], {**parameters[item["id"]], **item})


def _parameter(parameter_id: str, entry: Mapping[str, Any]) -> Parameter:
    values = _values(parameter_id, entry.get("values", ()))
    return Parameter(
        id=parameter_id,
        names=_names(entry),
        type=entry["type"],
        required=entry.get("required", False),
        required_for_product=entry.get("requiredForProduct", False),
        describes_product=entry.get("side") != "offer",
        required_if=_conditions(entry.get("requiredIf")),
        displayed_if=_conditions({"with": entry["displayedIf"]}) if "displayedIf" in entry else None,
        unit=entry.get("unit"),
        depends_on=entry.get("dependsOn"),
        ambiguous_value_id=values[-1].id if entry.get("ambiguous") else None,
        custom_values=entry.get("custom", False),
        is_gtin=entry.get("gtin", False),
        is_mpn=entry.get("mpn", False),
        identifies_product=entry.get("identifies", False),
        values=values,
        multiple=entry.get("multiple", False),
        is_range=entry.get("range", False),
        low=_decimal(entry.get("min")),
        high=_decimal(entry.get("max")),
        precision=entry.get("precision", 0),
        min_length=entry.get("minLength", 0),
        max_length=entry.get("maxLength", 255),
        allowed_values=entry.get("allowedNumberOfValues", 1),
    )


def _names(entry: Mapping[str, Any]) -> Names:
    return Names(entry["pl"], entry["en"] or entry["pl"])


def _values(parameter_id: str, entries: Iterable[list[Any]]) -> tuple[Value, ...]:
    return tuple(
        Value(
            f"{parameter_id}_{number}",
            Names(entry[0], entry[1] or entry[0]),
            frozenset(entry[2]) if len(entry) > 2 else frozenset(),
        )
        for number, entry in enumerate(entries, start=1)
    )


def _conditions(entry: Mapping[str, Any] | None) -> Conditions | None:
    if entry is None:
        return None
    with_value = tuple((other, frozenset(values)) for other, values in entry.get("with", {}).items())
    return Conditions(with_value, tuple(entry.get("without", ())))


def _decimal(number: object) -> Decimal | None:
    return None if number is None else Decimal(str(number))
