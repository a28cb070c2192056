"""Delivery price lists in the model of 2026: typed, priced per package (facts.md 8.1, 8.2)."""

from __future__ import annotations

import dataclasses
import re
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


#: Names are all that tells a method of collecting in person, and one for what is sent electronically.
_IN_PERSON = re.compile(
    r"odbi[oó]r (osobisty|w sklepie|w siedzibie)|osobn[ií] (odb[eě]r|odber)|személyes átvétel"
    r"|(personal|own) (collection|pick-?up)"
)
_ELECTRONIC = re.compile(r"elektron|e-?mail|digital")
_CASH_WORDS = re.compile(
    r"[\s,(]*\b(za )?(pobranie(m)?|p[lł]atno[sś][cć] przy odbiorze|cod|cash on delivery|dob[ií]rk[aou]u?"
    r"|na dob[ií]rku|dobierk[aou]|na dobierku|utánvét(tel)?)\b[\s)]*"
)


def group_of(method: DeliveryMethod, home: str) -> Group:
    """`home` is the country of the account: what is delivered elsewhere is abroad."""
    if is_abroad(method, home):
        return Group.ABROAD
    if _IN_PERSON.search(method.name.casefold()):
        return Group.PICKUP
    return Group.ON_DELIVERY if method.is_cash_on_delivery else Group.PREPAID


def is_abroad(method: DeliveryMethod, home: str) -> bool:
    if method.destination_country:
        return method.destination_country != home
    countries = {marketplace.rpartition("-")[2].upper() for marketplace in method.marketplaces}
    return bool(countries) and home not in countries


def is_electronic(method: DeliveryMethod) -> bool:
    """Allegro marks them by nothing but their names."""
    return not method.takes_weight and bool(_ELECTRONIC.search(method.name.casefold()))


def twin_key(method: DeliveryMethod) -> tuple[object, ...]:
    """Equal for a prepaid method and the same one with cash on delivery."""
    name = " ".join(_CASH_WORDS.sub(" ", method.name.casefold()).split())
    return name, frozenset(method.marketplaces), method.dispatch_country, method.destination_country


def fits_country(method: DeliveryMethod, dispatch_country: str | None) -> bool:
    return not method.dispatch_country or not dispatch_country or method.dispatch_country == dispatch_country
