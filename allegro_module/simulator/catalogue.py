"""Allegro's category tree and its catalogue of products: fixed data, and what sellers add to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from allegro_module.simulator.parameters import (
    Conditions,
    Filled,
    Filling,
    Names,
    Parameter,
    Value,
    gtins,
    mpns,
)

ROOT = "954b95b6-43cf-4104-8354-dea4d9b10ddf"
DATA = Path(__file__).parent / "data"
OPTIONS = {
    "advertisement": False,
    "productCreationEnabled": True,
    "offersWithProductPublicationEnabled": True,
    "sellerCanRequirePurchaseComments": False,
}


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the tree; `vague` ones take what fits nowhere else, and nothing may be moved there."""

    id: str
    names: Names
    parent_id: str | None
    leaf: bool
    options: Mapping[str, bool]
    parameters: tuple[Parameter, ...]
    words: frozenset[str]
    tax: str
    vague: bool
    advertisement_only: bool
    needs_safety: bool

    @property
    def stems(self) -> set[str]:
        """What titles of its goods contain: its own words and those of its name."""
        return {_stem(word) for word in (*self.words, *re.findall(r"\w{3,}", self.names.polish.casefold()))}

    def find_parameter(self, parameter_id: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.id == parameter_id), None)

    def find_named(self, name: str) -> Parameter | None:
        wanted = name.strip().casefold()
        named = (
            parameter
            for parameter in self.parameters
            if wanted in (parameter.names.polish.casefold(), parameter.names.english.casefold())
        )
        return next(named, None)


@dataclass(frozen=True)
class Product:
    """A card of the catalogue. `images` are names under `/img/`; `safety` is what its GPSR part says."""

    id: str
    name: str
    category_id: str
    filled: Filled
    images: tuple[str, ...] = ()
    description: Mapping[str, Any] | None = None
    status: str = "LISTED"
    safety: Mapping[str, Any] | None = None
    requirements: Filled = field(default_factory=dict)
    similar: tuple[str, ...] = ()

    @property
    def gtins(self) -> list[str]:
        return gtins(category(self.category_id).parameters, self.filled)

    @property
    def mpns(self) -> list[str]:
        return mpns(category(self.category_id).parameters, self.filled)


def _stem(word: str) -> str:
    """Polish words change at their end."""
    return word[: max(3, len(word) - 2)][:6]


def _first_shelf() -> dict[str, Product]:
    return dict(first_products())


@dataclass
class Catalogue:
    """The products; the tree is the same in every world."""

    products: dict[str, Product] = field(default_factory=_first_shelf)

    def find_category(self, category_id: str) -> Category | None:
        return tree().get(category_id)

    def children(self, parent_id: str | None) -> list[Category]:
        return [category for category in tree().values() if category.parent_id == parent_id]

    def path(self, category_id: str) -> list[Category]:
        """From the root down to the category itself."""
        found = [category(category_id)]
        while (parent := found[0].parent_id) is not None:
            found.insert(0, category(parent))
        return found

    def matching_categories(self, name: str) -> list[Category]:
        """Leaves whose words occur in the name, in whatever case of grammar; the one with most first."""
        wanted = {_stem(word) for word in re.findall(r"\w{3,}", name.casefold())}
        scored = [(len(leaf.stems & wanted), leaf) for leaf in tree().values() if leaf.leaf]
        return [leaf for score, leaf in sorted(scored, key=lambda pair: -pair[0]) if score][:10]

    def find_product(self, product_id: str) -> Product | None:
        return self.products.get(product_id)

    def with_gtin(self, gtin: str) -> list[Product]:
        wanted = gtin.lstrip("0")
        return [
            product
            for product in self.products.values()
            if any(own.lstrip("0") == wanted for own in product.gtins)
        ]

    def with_mpn(self, mpn: str) -> list[Product]:
        return [product for product in self.products.values() if mpn in product.mpns]

    def add(self, product: Product) -> None:
        self.products[product.id] = product


@cache
def tree() -> Mapping[str, Category]:
    """All categories by id, in the order of the data."""
    data = json.loads((DATA / "categories.json").read_text("utf-8"), parse_float=Decimal)
    parents = {entry.get("parent") for entry in data["categories"]}
    return {
        entry["id"]: _category(entry, data["parameters"], leaf=entry["id"] not in parents)
        for entry in data["categories"]
    }


def category(category_id: str) -> Category:
    """KeyError when there is no such category."""
    return tree()[category_id]


def _category(entry: Mapping[str, Any], parameters: Mapping[str, Any], *, leaf: bool) -> Category:
    options = dict(entry.get("options", {}))
    advertisement_only = options.pop("advertisementOnly", False)
    return Category(
        id=entry["id"],
        names=_names(entry),
        parent_id=entry.get("parent"),
        leaf=leaf,
        options=OPTIONS | options,
        parameters=tuple(_parameter_of(item, parameters) for item in entry.get("parameters", ())),
        words=frozenset(entry.get("words", "").split()),
        tax=entry.get("tax", "goods"),
        vague=entry.get("vague", False),
        advertisement_only=advertisement_only,
        needs_safety=entry.get("gpsr", True),
    )


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


@cache
def first_products() -> Mapping[str, Product]:
    """The products that are in the catalogue before anybody lists anything."""
    data = json.loads((DATA / "products.json").read_text("utf-8"))
    return {entry["id"]: _product(entry, data["safety"]) for entry in data["products"]}


def _product(entry: Mapping[str, Any], safety: Mapping[str, Any]) -> Product:
    text = escape(entry["description"], quote=False)
    return Product(
        id=entry["id"],
        name=entry["name"],
        category_id=entry["category"],
        filled={key: _filling(value) for key, value in entry["parameters"].items()},
        images=tuple(f"produkt-{entry['id'][:8]}-{number}.png" for number in range(1, entry["images"] + 1)),
        description={"sections": [{"items": [{"type": "TEXT", "content": f"<p>{text}</p>"}]}]},
        status=entry.get("status", "LISTED"),
        safety=safety[entry["safety"]] if "safety" in entry else None,
        requirements={key: _filling(value) for key, value in entry.get("requirements", {}).items()},
        similar=tuple(entry.get("similar", ())),
    )


def _filling(value: str | list[str] | Mapping[str, Any]) -> Filling:
    """A text stands for one value, a list for dictionary ids, an object for a range or for ids with texts."""
    if isinstance(value, str):
        return Filling(texts=(value,))
    if isinstance(value, list):
        return Filling(ids=tuple(value))
    if "from" in value:
        return Filling(bounds=(value["from"], value["to"]))
    return Filling(ids=tuple(value["ids"]), texts=tuple(value["texts"]))
