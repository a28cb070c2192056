"""Allegro's catalogue of products and the tree it stands in: fixed data, and what the world does to them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from html import escape
from typing import Any

from allegro_module.simulator.category_tree import DATA, Category, stem
from allegro_module.simulator.parameters import Filled, Filling, gtins, mpns
from allegro_module.simulator.tree_changes import TreeChanges


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
    is_trusted: bool = False
    is_protected: bool = False


def _first_shelf() -> dict[str, Product]:
    return dict(first_products())


@dataclass
class Catalogue:
    """The products; the tree is the fixed one with this world's `changes`."""

    products: dict[str, Product] = field(default_factory=_first_shelf)
    changes: TreeChanges = field(default_factory=TreeChanges)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"changes": TreeChanges()} | state)

    @property
    def tree(self) -> Mapping[str, Category]:
        return self.changes.tree

    def find_category(self, category_id: str | None) -> Category | None:
        return self.tree.get(category_id or "")

    def children(self, parent_id: str | None) -> list[Category]:
        return [category for category in self.tree.values() if category.parent_id == parent_id]

    def path(self, category_id: str) -> list[Category]:
        """From the root down to the category itself."""
        found = [self.tree[category_id]]
        while (parent := found[0].parent_id) is not None:
            found.insert(0, self.tree[parent])
        return found

    def matching_categories(self, name: str) -> list[Category]:
        """Leaves whose words occur in the name, in whatever case of grammar; the one with most first."""
        wanted = {stem(word) for word in re.findall(r"\w{3,}", name.casefold())}
        scored = [(len(leaf.stems & wanted), leaf) for leaf in self.tree.values() if leaf.leaf]
        return [leaf for score, leaf in sorted(scored, key=lambda pair: -pair[0]) if score][:10]

    def find_product(self, product_id: str) -> Product | None:
        return self.products.get(product_id)

    def gtins_of(self, product: Product) -> list[str]:
        return gtins(self.tree[product.category_id].parameters, product.filled)

    def mpns_of(self, product: Product) -> list[str]:
        return mpns(self.tree[product.category_id].parameters, product.filled)

    def with_gtin(self, gtin: str) -> list[Product]:
        wanted = gtin.lstrip("0")
        return [
            product
            for product in self.products.values()
            if any(own.lstrip("0") == wanted for own in self.gtins_of(product))
        ]

    def with_mpn(self, mpn: str) -> list[Product]:
        return [product for product in self.products.values() if mpn in self.mpns_of(product)]

    def add(self, product: Product) -> None:
        self.products[product.id] = product

    def rehouse(self, category_id: str, redirect_id: str) -> None:
        """The products of a deleted category move to the one that takes its place."""
        for product in list(self.products.values()):
            if product.category_id == category_id:
                self.products[product.id] = replace(product, category_id=redirect_id)


@cache
def first_products() -> Mapping[str, Product]:
    """The products that are in the catalogue before anybody lists anything."""
    data = json.loads((DATA / "products.json").read_text("utf-8"))
    return {entry["id"]: _product(entry, data["safety"]) for entry in data["products"]}


def _product(entry: Mapping[str, Any], safety: Mapping[str, Any]) -> Product:
    return Product(
        id=entry["id"],
        name=entry["name"],
        category_id=entry["category"],
        filled={key: _filling(value) for key, value in entry["parameters"].items()},
        images=drawn_images(entry["id"], entry["images"]),
        description=text_description(escape(entry["description"], quote=False)),
        status=entry.get("status", "LISTED"),
        safety=safety[entry["safety"]] if "safety" in entry else None,
        requirements={key: _filling(value) for key, value in entry.get("requirements", {}).items()},
        similar=tuple(entry.get("similar", ())),
        is_trusted=entry.get("trusted", False),
    )


def drawn_images(product_id: str, count: int) -> tuple[str, ...]:
    """Names of pictures that are drawn when somebody looks at them."""
    return tuple(f"produkt-{product_id[:8]}-{number}.png" for number in range(1, count + 1))


def text_description(html: str) -> dict[str, Any]:
    return {"sections": [{"items": [{"type": "TEXT", "content": f"<p>{html}</p>"}]}]}


def _filling(value: str | list[str] | Mapping[str, Any]) -> Filling:
    """A text stands for one value, a list for dictionary ids, an object for a range or for ids with texts."""
    if isinstance(value, str):
        return Filling(texts=(value,))
    if isinstance(value, list):
        return Filling(ids=tuple(value))
    if "from" in value:
        return Filling(bounds=(value["from"], value["to"]))
    return Filling(ids=tuple(value["ids"]), texts=tuple(value["texts"]))
