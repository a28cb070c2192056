"""Defaults for new offers in layers: the account's, a shop category's, a brand's, a product's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Scope(StrEnum):
    """From the farthest to the nearest; a brand speaks of product safety only."""

    ACCOUNT = "account"
    CATEGORY = "category"
    BRAND = "brand"
    PRODUCT = "product"


#: What a brand may say, and all scopes may (GPSR).
SAFETY_FIELDS = (
    "responsible_producer_id",
    "responsible_person_id",
    "safety_text",
    "safety_attachments",
    "is_before_gpsr",
)
#: Names and JSON shapes of a profile's values; one that is absent says nothing.
OFFER_FIELDS = (
    "shipping_rate_id",
    "return_policy_id",
    "implied_warranty_id",
    "warranty_id",
    "handling_time",
    "vat_rate",
    "invoice",
    #: {"country": "PL", "province": "POMORSKIE", "city": "Gdańsk", "post_code": "80-831"}
    "location",
    #: ISO 8601, "" for until sold out.
    "duration",
    "is_republished",
    "quantity_buffer",
    "quantity_cap",
    #: {"factor": "1.10", "addition": "2.00", "rounding": "none|99|00", "min_margin": "15"}, decimals as text.
    "price_rule",
    "description_template_id",
    #: {"base": "emphasized10d", "extra": ["departmentPage"]}
    "promotion",
    #: {"allegro-cz": {"factor": "…", "addition": "…", "rounding": "…"}}; an empty object: Allegro converts.
    "marketplaces",
)
FIELDS = (*OFFER_FIELDS, *SAFETY_FIELDS)
PRICE_RULE = "price_rule"


@dataclass(frozen=True, slots=True)
class Layer:
    """What one profile says; `key` is the shop's category, the brand or the SKU, "" for the account."""

    scope: Scope
    key: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    value: Any
    scope: Scope
    key: str = ""


def resolve(layers: Sequence[Layer]) -> dict[str, Found]:
    """Field → its value in the nearest layer that has one, and which layer that is.

    A nearer price rule changes only the parts that it names.
    """
    order = list(Scope)
    found: dict[str, Found] = {}
    for layer in sorted(layers, key=lambda each: order.index(each.scope)):
        for name, value in layer.values.items():
            if layer.scope is not Scope.BRAND or name in SAFETY_FIELDS:
                farther = found[name].value if name == PRICE_RULE and name in found else {}
                merged = {**farther, **value} if name == PRICE_RULE else value
                found[name] = Found(merged, layer.scope, layer.key)
    return found


def offered_pieces(stock: int, values: Mapping[str, Found]) -> int:
    """The shop's pieces less those kept back for it, and no more than the cap."""
    buffer, cap = values.get("quantity_buffer"), values.get("quantity_cap")
    left = stock - int(buffer.value if buffer else 0)
    return max(0, min(left, int(cap.value)) if cap else left)
