"""The editor of a delivery price list: what was typed, kept as typed, and the wire body that it means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from werkzeug.datastructures import MultiDict

from allegro_module.domain.price_list_rules import method_id
from allegro_module.domain.price_list_texts import (
    amount_text,
    days_text,
    weight_text,
    wire_amount,
    wire_quantity,
    wire_time,
    wire_weight,
)
from allegro_module.domain.price_lists import DeliveryMethod, ListType

RATES = "rates."
LONGEST_TEXT = 200
#: Methods that Allegro has withdrawn while the form was open; more of them nobody has sent from a page.
MOST_UNKNOWN = 200


@dataclass(frozen=True, slots=True)
class TypedRate:
    """A row of the table, on or off; times in days."""

    is_on: bool = False
    first: str = ""
    quantity: str = ""
    weight: str = ""
    time_from: str = ""
    time_to: str = ""

    @property
    def is_touched(self) -> bool:
        return self != TypedRate()


NOTHING = TypedRate()
PARTS = tuple(each.name for each in fields(TypedRate) if each.name != "is_on")


@dataclass(frozen=True, slots=True)
class TypedList:
    name: str = ""
    type: str = ""
    dispatch_country: str = ""
    #: By the id of the method.
    rates: Mapping[str, TypedRate] = field(default_factory=dict)

    def rate(self, method: str) -> TypedRate:
        return self.rates.get(method, NOTHING)


def read_typed(
    sent: MultiDict[str, str], known: Collection[str], fixed: TypedList | None = None
) -> TypedList:
    """Rates of the `known` methods; `fixed` gives type and country where the form cannot change them."""
    rates: dict[str, dict[str, Any]] = {}
    unknown = 0
    for name, value in sent.items():
        method, _, part = name.removeprefix(RATES).rpartition(".")
        if not name.startswith(RATES) or part not in ("on", *PARTS):
            continue
        if method not in rates and method not in known:
            unknown += 1
            if unknown > MOST_UNKNOWN:
                continue
        rate = rates.setdefault(method, {})
        if part == "on":
            rate["is_on"] = True
        else:
            rate[part] = value.strip()[:LONGEST_TEXT]
    return TypedList(
        " ".join(sent.get("name", "").split())[:LONGEST_TEXT],
        (fixed and fixed.type) or sent.get("type", "").strip()[:20],
        (fixed and fixed.dispatch_country) or sent.get("dispatch_country", "").strip()[:20],
        {method: TypedRate(**parts) for method, parts in rates.items()},
    )


def typed_of(content: Mapping[str, Any]) -> TypedList:
    return TypedList(
        content.get("name") or "",
        content.get("type") or "",
        content.get("dispatchCountry") or "",
        {method_id(rate): _typed_rate(rate) for rate in content.get("rates") or ()},
    )


def _typed_rate(rate: Mapping[str, Any]) -> TypedRate:
    first, time = rate.get("firstItemRate") or {}, rate.get("shippingTime") or {}
    quantity = rate.get("maxQuantityPerPackage")
    return TypedRate(
        True,
        amount_text(str(first.get("amount", "")), first.get("currency", "PLN")),
        "" if quantity is None else str(quantity),
        weight_text(str((rate.get("maxPackageWeight") or {}).get("value") or "")),
        days_text(str(time.get("from") or "")),
        days_text(str(time.get("to") or "")),
    )


def content_of(
    typed: TypedList, methods: Iterable[DeliveryMethod], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """In the order of `before`, new rows after it in that of `methods`; untouched rows stay word for word."""
    known = {each.id: each for each in methods}
    stored = {method_id(rate): rate for rate in (before or {}).get("rates") or ()}
    on = [method for method in dict.fromkeys([*stored, *known, *typed.rates]) if typed.rate(method).is_on]
    rates = [_rate(method, typed.rate(method), known.get(method), stored.get(method)) for method in on]
    head: dict[str, Any] = {"name": typed.name, "type": typed.type}
    if typed.type != ListType.ELECTRONIC:
        head["dispatchCountry"] = typed.dispatch_country
    return {**head, "rates": rates}


def _rate(
    method_id_: str, typed: TypedRate, method: DeliveryMethod | None, stored: Mapping[str, Any] | None
) -> dict[str, Any]:
    if stored is not None and _typed_rate(stored) == typed:
        return dict(stored)
    first = (stored or {}).get("firstItemRate") or {}
    currency = method.currency if method else first.get("currency", "PLN")
    rate: dict[str, Any] = {
        "deliveryMethod": {"id": method_id_},
        "maxQuantityPerPackage": wire_quantity(typed.quantity),
        "firstItemRate": {"amount": wire_amount(typed.first, currency), "currency": currency},
    }
    if typed.weight:
        rate["maxPackageWeight"] = {"value": wire_weight(typed.weight), "unit": "KILOGRAM"}
    if typed.time_from or typed.time_to:
        times = (stored or {}).get("shippingTime") or {}
        rate["shippingTime"] = {
            "from": typed.time_from and wire_time(typed.time_from, str(times.get("from") or "")),
            "to": typed.time_to and wire_time(typed.time_to, str(times.get("to") or "")),
        }
    return rate
