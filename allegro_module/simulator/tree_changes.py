"""What a world does to the category tree: set up, rename, move, delete, and what it announces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from allegro_module.simulator.category_tree import OPTIONS, Category, tree
from allegro_module.simulator.parameters import Names, Parameter
from allegro_module.simulator.raw_parameters import parameters_of


@dataclass(frozen=True)
class CategoryEvent:
    """`category` is how the category stood after it, or before it was deleted."""

    id: str
    type: str
    occurred_at: datetime
    category: Mapping[str, Any]
    redirect_id: str | None = None


@dataclass(frozen=True)
class PlannedRequirement:
    """A parameter that will be demanded from a day on."""

    category_id: str
    parameter_id: str
    scheduled_at: datetime
    scheduled_for: datetime


@dataclass
class TreeChanges:
    """`put` are categories as control calls told them. The tree made of it all is not kept in state files."""

    put: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    deleted: dict[str, str | None] = field(default_factory=dict)
    events: list[CategoryEvent] = field(default_factory=list)
    planned: list[PlannedRequirement] = field(default_factory=list)
    demanded: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_tree"}

    @property
    def tree(self) -> Mapping[str, Category]:
        """The fixed tree where nothing was changed; KeyError or ValueError for impossible raw parameters."""
        if "_tree" not in vars(self):
            vars(self)["_tree"] = self._changed()
        made: Mapping[str, Category] = vars(self)["_tree"]
        return made

    def forget(self) -> None:
        """The tree must be made again: something was changed."""
        vars(self).pop("_tree", None)

    def _changed(self) -> Mapping[str, Category]:
        if not (self.put or self.names or self.parents or self.deleted or self.demanded):
            return tree()
        found = dict(tree())
        for raw in self.put.values():
            found[raw["id"]] = _category(raw, found.get(raw["id"]))
        for category_id in self.deleted:
            found.pop(category_id, None)
        for category_id, category in found.items():
            found[category_id] = self._standing(category)
        parents = {category.parent_id for category in found.values()}
        for category_id, category in found.items():
            if category.leaf is (category_id in parents):
                found[category_id] = replace(category, leaf=not category.leaf)
        return found

    def _standing(self, category: Category) -> Category:
        traits: dict[str, Any] = {}
        if name := self.names.get(category.id):
            traits["names"] = Names(name, name)
        if category.id in self.parents:
            traits["parent_id"] = self.parents[category.id]
        if ids := self.demanded.get(category.id):
            traits["source"] = partial(_demanding, category, ids)
        return replace(category, **traits) if traits else category

    def settle(self, now: datetime) -> None:
        """Announced requirements whose day has come are demanded from now on."""
        for plan in self.planned:
            ids = self.demanded.get(plan.category_id, ())
            if plan.scheduled_for <= now and plan.parameter_id not in ids:
                self.demanded[plan.category_id] = (*ids, plan.parameter_id)
                self.forget()


def _demanding(category: Category, ids: tuple[str, ...]) -> tuple[Parameter, ...]:
    return tuple(
        replace(item, required=True, required_if=None) if item.id in ids else item
        for item in category.parameters
    )


def _category(raw: Mapping[str, Any], known: Category | None) -> Category:
    """A new category, or a known one with some traits replaced."""
    if known is None:
        name = raw.get("name") or raw["id"]
        known = Category(raw["id"], Names(name, name), raw["parent"], True, OPTIONS, tuple)
    traits: dict[str, Any] = {}
    if "name" in raw:
        traits["names"] = Names(raw["name"], raw["name"])
    if "parent" in raw:
        traits["parent_id"] = raw["parent"]
    if "parameters" in raw:
        traits["source"] = partial(parameters_of, raw["parameters"])
    if "options" in raw:
        traits["options"] = {**known.options, **raw["options"]}
    renamed = {"tax": "tax", "vague": "vague", "gpsr": "needs_safety"}
    return replace(known, **traits, **{renamed[key]: raw[key] for key in renamed if key in raw})
