"""What a price list must be: its name and type, its methods, and each rate within its method's limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from allegro_module.simulator.delivery import DeliveryBook, PriceList
from allegro_module.simulator.delivery_methods import Method, is_electronic, pair_of
from allegro_module.simulator.findings import Finding, violation
from allegro_module.simulator.offer_schema import TEXT, WHOLE, ListOf, Nullable, Shape

NEXT_ITEM_RATE = "nextItemRate"
AMOUNT: Mapping[str, Shape] = {"amount": TEXT, "currency": TEXT}
RATE: Mapping[str, Shape] = {
    "deliveryMethod": {"id": TEXT},
    "maxQuantityPerPackage": WHOLE,
    "maxPackageWeight": Nullable({"value": TEXT, "unit": Nullable(TEXT)}),
    "firstItemRate": AMOUNT,
    "shippingTime": Nullable({"from": TEXT, "to": TEXT}),
}
PRICE_LIST: Mapping[str, Shape] = {
    "id": Nullable(TEXT),
    "name": TEXT,
    "type": TEXT,
    "dispatchCountry": Nullable(TEXT),
    "rates": ListOf(RATE),
    "lastModified": Nullable(TEXT),
}
NAME = re.compile(r"(?:[^\W_]|[-., ]){1,64}")
TYPES = ("PHYSICAL", "ELECTRONIC")
COUNTRY = re.compile(r"[A-Z]{2}")
MONEY = re.compile(r"\d{1,12}(\.\d{1,2})?")
WEIGHT = re.compile(r"\d{1,9}\.\d{3}")
PERIOD = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)S)?)?")


def fixed_findings(body: Mapping[str, Any], stored: PriceList) -> Iterator[Finding]:
    """Type and country of dispatch stay as they were made."""
    if body.get("id") not in (None, stored.id):
        yield violation("id", "rates.other_id")
    if body.get("type") in TYPES and body["type"] != stored.type:
        yield violation("type", "rates.fixed", stored=stored.type)
    if "dispatchCountry" in body and body["dispatchCountry"] != stored.dispatch_country:
        yield violation("dispatchCountry", "rates.fixed", stored=stored.dispatch_country)


def price_list_findings(body: Mapping[str, Any], book: DeliveryBook) -> Iterator[Finding]:
    """All that is wrong at once."""
    name = body.get("name") or ""
    if not name.strip() or not NAME.fullmatch(name):
        yield violation("name", "rates.name" if name.strip() else "rates.no_name")
    yield from _kind(body)
    rates = body.get("rates") or []
    if not rates:
        yield violation("rates", "rates.empty")
    known = [book.find_method((rate.get("deliveryMethod") or {}).get("id")) for rate in rates]
    for index, (rate, method) in enumerate(zip(rates, known, strict=True)):
        path = f"rates[{index}]"
        yield from _method(rate, method, path, body)
        if method is not None:
            yield from _quantity(rate, method, path)
            yield from _weight(rate, method, path)
            yield from _price(rate, method, path)
            yield from _time(rate, method, path)
    yield from _doubles(known)
    yield from _pairs(rates, known)


def _kind(body: Mapping[str, Any]) -> Iterator[Finding]:
    kind, country = body.get("type"), body.get("dispatchCountry")
    if kind not in TYPES:
        yield violation("type", "rates.type")
    elif kind == "PHYSICAL" and not COUNTRY.fullmatch(country or ""):
        yield violation("dispatchCountry", "rates.country")
    elif kind == "ELECTRONIC" and country is not None:
        yield violation("dispatchCountry", "rates.no_country")


def _method(
    rate: Mapping[str, Any], method: Method | None, path: str, body: Mapping[str, Any]
) -> Iterator[Finding]:
    place = f"{path}.deliveryMethod.id"
    if method is None:
        yield violation(place, "rates.unknown_method", value=(rate.get("deliveryMethod") or {}).get("id"))
        return
    name = method["name"]
    if not method["shippingRatesConstraints"]["allowed"]:
        yield violation(place, "rates.discontinued", name=name)
    country, dispatched = body.get("dispatchCountry"), method["dispatchCountry"]
    if country and dispatched and country != dispatched:
        yield violation(place, "rates.other_country", name=name, country=country)
    if body.get("type") in TYPES and is_electronic(method) != (body["type"] == "ELECTRONIC"):
        yield violation(place, "rates.other_type", name=name)


def _quantity(rate: Mapping[str, Any], method: Method, path: str) -> Iterator[Finding]:
    most = method["shippingRatesConstraints"]["maxQuantityPerPackage"]["max"]
    if not 1 <= (rate.get("maxQuantityPerPackage") or 0) <= most:
        yield violation(f"{path}.maxQuantityPerPackage", "rates.quantity", most=most)


def _weight(rate: Mapping[str, Any], method: Method, path: str) -> Iterator[Finding]:
    weight, limits = rate.get("maxPackageWeight"), method["shippingRatesConstraints"]["maxPackageWeight"]
    if weight is None:
        return
    value = weight.get("value") or ""
    if not limits["supported"]:
        yield violation(f"{path}.maxPackageWeight", "rates.no_weight", name=method["name"])
    elif weight.get("unit") not in (None, "KILOGRAM"):
        yield violation(f"{path}.maxPackageWeight.unit", "rates.weight_unit")
    elif not WEIGHT.fullmatch(value):
        yield violation(f"{path}.maxPackageWeight.value", "rates.weight_form")
    elif not Decimal(limits["min"]) <= Decimal(value) <= Decimal(limits["max"]):
        yield violation(
            f"{path}.maxPackageWeight.value", "rates.weight", least=limits["min"], most=limits["max"]
        )


def _price(rate: Mapping[str, Any], method: Method, path: str) -> Iterator[Finding]:
    limits = method["shippingRatesConstraints"]["firstItemRate"]
    asked = rate.get("firstItemRate") or {}
    text, currency = asked.get("amount") or "", limits["currency"]
    place = f"{path}.firstItemRate.amount"
    if asked.get("currency") != currency:
        yield violation(f"{path}.firstItemRate.currency", "rates.currency", currency=currency)
    if not MONEY.fullmatch(text):
        yield violation(place, "rates.amount")
        return
    amount = Decimal(text)
    if not Decimal(limits["min"]) <= amount <= Decimal(limits["max"]):
        yield violation(place, "rates.price", least=limits["min"], most=limits["max"], currency=currency)
    if currency == "CZK" and amount % 1:
        yield violation(place, "rates.czk")
    if currency == "HUF" and amount % 5:
        yield violation(place, "rates.huf")


def _time(rate: Mapping[str, Any], method: Method, path: str) -> Iterator[Finding]:
    asked = rate.get("shippingTime")
    if asked is None:
        return
    if not method["shippingRatesConstraints"]["shippingTime"]["customizable"]:
        yield violation(f"{path}.shippingTime", "rates.no_time", name=method["name"])
        return
    start, end = _length(asked.get("from")), _length(asked.get("to"))
    for name, length in (("from", start), ("to", end)):
        if length is None:
            yield violation(f"{path}.shippingTime.{name}", "rates.time", value=asked.get(name))
    if start is not None and end is not None and start > end:
        yield violation(f"{path}.shippingTime.to", "rates.time_order")


def _length(text: str | None) -> timedelta | None:
    match = PERIOD.fullmatch(text or "")
    if match is None or not any(match.groups()):
        return None
    days, hours, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, seconds=seconds)


def _doubles(known: list[Method | None]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, method in enumerate(known):
        if method is not None and method["id"] in seen:
            yield violation(f"rates[{index}].deliveryMethod.id", "rates.twice", name=method["name"])
        if method is not None:
            seen.add(method["id"])


def _pairs(rates: list[Mapping[str, Any]], known: list[Method | None]) -> Iterator[Finding]:
    """A method paid in advance and the same one paid on delivery carry the same weight."""
    firsts: dict[object, tuple[Any, str]] = {}
    for index, (rate, method) in enumerate(zip(rates, known, strict=True)):
        if method is None:
            continue
        weight = (rate.get("maxPackageWeight") or {}).get("value")
        first, name = firsts.setdefault(pair_of(method), (weight, method["name"]))
        if weight != first:
            yield violation(f"rates[{index}].maxPackageWeight.value", "rates.pair", name=name)


def stored_rates(body: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The rates as a GET will tell them."""
    return tuple(_stored(rate) for rate in body["rates"])


def _stored(rate: Mapping[str, Any]) -> Mapping[str, Any]:
    row = {name: value for name, value in rate.items() if value is not None}
    row["firstItemRate"] = {
        **rate["firstItemRate"],
        "amount": f"{Decimal(rate['firstItemRate']['amount']):.2f}",
    }
    if weight := row.get("maxPackageWeight"):
        row["maxPackageWeight"] = {"value": weight["value"], "unit": "KILOGRAM"}
    return row
