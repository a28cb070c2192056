"""Parameters as Allegro's own JSON tells them, for categories that a control call sets up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from allegro_module.simulator.parameters import Conditions, Former, Names, Parameter, Value

TYPES = ("dictionary", "integer", "float", "string")
#: Allegro's list of a category's parameters does not tell which are GTINs; these are the usual ones.
GTINS = ("225693", "245669")
GTIN_WORDS = ("ean", "gtin", "isbn")
#: An own length limit is part of every string parameter; one left out in a control call limits nothing.
NO_LIMIT = 100_000
MOST_DIGITS = 18


def parameters_of(raw: Iterable[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    """KeyError or ValueError when the JSON is not such a list."""
    return tuple(parameter_of(entry) for entry in raw)


def parameter_of(raw: Mapping[str, Any]) -> Parameter:
    if raw["type"] not in TYPES:
        raise ValueError(f"there is no type {raw['type']}")
    options, limits = raw.get("options") or {}, raw.get("restrictions") or {}
    name = raw.get("name") or raw["id"]
    return Parameter(
        id=raw["id"],
        names=Names(name, name),
        type=raw["type"],
        required=bool(raw.get("required")),
        required_for_product=bool(raw.get("requiredForProduct")),
        describes_product=bool(options.get("describesProduct")),
        required_if=_conditions(raw.get("requiredIf")),
        displayed_if=_conditions(raw.get("displayedIf")),
        unit=raw.get("unit"),
        depends_on=options.get("dependsOnParameterId"),
        ambiguous_value_id=options.get("ambiguousValueId"),
        custom_values=bool(options.get("customValuesEnabled")),
        is_gtin=_is_gtin(raw, name, options),
        is_mpn=bool(options.get("isMPN")),
        identifies_product=bool(options.get("identifiesProduct")),
        values=tuple(_value(entry) for entry in raw.get("dictionary") or ()),
        multiple=bool(limits.get("multipleChoices")),
        is_range=bool(limits.get("range")),
        low=_decimal(limits.get("min")),
        high=_decimal(limits.get("max")),
        precision=_precision(raw["type"], limits),
        min_length=limits.get("minLength") or 0,
        max_length=limits.get("maxLength") or NO_LIMIT,
        allowed_values=limits.get("allowedNumberOfValues") or 1,
        former=_former(raw.get("formerData"), "names"),
    )


def _precision(kind: str, limits: Mapping[str, Any]) -> int:
    precision = limits.get("precision")
    if kind == "integer":
        return 0
    return MOST_DIGITS if precision is None else int(precision)


def _is_gtin(raw: Mapping[str, Any], name: str, options: Mapping[str, Any]) -> bool:
    """`isGTIN` among the options settles it; Allegro itself tells that only at products."""
    if raw["type"] != "string":
        return False
    words = "".join(sign if sign.isalnum() else " " for sign in name.casefold()).split()
    guess = raw["id"] in GTINS or any(word in GTIN_WORDS for word in words)
    return bool(options.get("isGTIN", guess))


def _value(raw: Mapping[str, Any]) -> Value:
    label = raw.get("value") or raw["id"]
    depends_on = frozenset(raw.get("dependsOnValueIds") or ())
    return Value(raw["id"], Names(label, label), depends_on, _former(raw.get("formerData"), "values"))


def _former(raw: Mapping[str, Any] | None, names: str) -> Former | None:
    return None if raw is None else Former(tuple(raw.get("ids") or ()), tuple(raw.get(names) or ()))


def _conditions(raw: Mapping[str, Any] | None) -> Conditions | None:
    if raw is None:
        return None
    with_value = [
        (other["id"], frozenset(other.get("oneOfValueIds") or ()))
        for other in raw.get("parametersWithValue") or ()
    ]
    return Conditions(
        tuple(with_value), tuple(other["id"] for other in raw.get("parametersWithoutValue") or ())
    )


def _decimal(number: object) -> Decimal | None:
    return None if number is None else Decimal(str(number))
