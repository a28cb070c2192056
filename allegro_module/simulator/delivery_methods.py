"""Allegro's delivery methods: all there are, what they allow in a price list, and which belong together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

from allegro_module.simulator.category_tree import DATA

Method: TypeAlias = Mapping[str, Any]
COLLECTS = " pobranie"
ELECTRONIC = "Wysyłka elektroniczna"


@cache
def methods() -> Mapping[str, Method]:
    """All delivery methods by id, discontinued ones too."""
    entries = json.loads((DATA / "delivery_methods.json").read_text("utf-8"))
    return {entry["id"]: entry for entry in entries}


def method(name: str, payment_policy: str = "IN_ADVANCE") -> Method:
    """KeyError when there is none of that name and way of paying."""
    for entry in methods().values():
        if entry["name"] == name and entry["paymentPolicy"] == payment_policy:
            return entry
    raise KeyError(name)


def is_electronic(entry: Method) -> bool:
    """No member of a method tells it, only the name does."""
    return bool(entry["name"].startswith(ELECTRONIC))


def pair_of(entry: Method) -> tuple[object, ...]:
    """Equal for a method paid in advance and the same one paid on delivery."""
    name = entry["name"].removesuffix(COLLECTS)
    return name, tuple(entry["marketplaces"]), entry["dispatchCountry"], entry["destinationCountry"]
