"""Delivery price lists in the model of 2026: typed, priced per package (facts.md 8.1, 8.2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class ListType(StrEnum):
    PHYSICAL = "PHYSICAL"
    ELECTRONIC = "ELECTRONIC"


class Group(StrEnum):
    """How the editor shows a method."""

    PREPAID = "prepaid"
    ON_DELIVERY = "on_delivery"
    PICKUP = "pickup"
    ABROAD = "abroad"


@dataclass(frozen=True, slots=True)
class DeliveryMethod:
    """A method with the limits that Allegro sets for price lists; amounts in `currency`, weights in kg."""

    id: str
    name: str
    marketplaces: Sequence[str] = ()
    is_cash_on_delivery: bool = False
    is_endorsed: bool = False
    dispatch_country: str | None = None
    destination_country: str | None = None
    #: May be used in a price list at all.
    is_allowed: bool = True
    max_quantity: int | None = None
    takes_weight: bool = False
    min_weight: Decimal | None = None
    max_weight: Decimal | None = None
    min_rate: Decimal | None = None
    max_rate: Decimal | None = None
    currency: str = "PLN"
    #: ISO 8601 durations.
    time_from: str = ""
    time_to: str = ""
    takes_time: bool = False
    is_gone: bool = False


DECIMALS = frozenset({"min_weight", "max_weight", "min_rate", "max_rate"})


def method_to_json(method: DeliveryMethod) -> dict[str, Any]:
    values = dataclasses.asdict(method)
    texts = {name: str(values[name]) for name in DECIMALS if values[name] is not None}
    return {**values, "marketplaces": list(method.marketplaces), **texts}


def method_from_json(stored: Mapping[str, Any]) -> DeliveryMethod:
    known = {each.name for each in dataclasses.fields(DeliveryMethod)}
    values = {name: value for name, value in stored.items() if name in known}
    decimals = {name: Decimal(values[name]) for name in DECIMALS if values.get(name) is not None}
    return DeliveryMethod(**{**values, **decimals, "marketplaces": tuple(values.get("marketplaces", ()))})
