"""What Allegro would refuse in a price list (facts.md 8.1, 8.2), said before it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from allegro_module.domain.countries import COUNTRIES
from allegro_module.domain.price_list_texts import amount_text, hours_of, is_other_money, number_of, plain
from allegro_module.domain.price_lists import DeliveryMethod, ListType, fits_country, twin_key
from allegro_module.domain.problems import Problem

NAME_MAX = 64
_NAME = re.compile(r"[\w\-., ]+")
WHOLE = ("CZK",)
IN_FIVES = ("HUF",)
LONGEST_HOURS = 24 * 60

Content = Mapping[str, Any]


def price_list_problems(
    content: Content, methods: Sequence[DeliveryMethod], base: Content | None = None
) -> list[Problem]:
    """At the fields `name`, `type`, `dispatch_country`, `rates`, `rates.<id>` and `rates.<id>.<part>`.

    `base` is what Allegro has: its type and country are fixed. One problem per field, in the form's order.
    """
    found: dict[str, Problem] = {}
    for problem in (*_of_head(content, base), *_of_rates(content, {each.id: each for each in methods})):
        found.setdefault(problem.field, problem)
    return list(found.values())


def _of_head(content: Content, base: Content | None) -> Iterator[Problem]:
    yield from _of_name(content.get("name") or "")
    yield from _of_type(content.get("type") or "", base)
    if content.get("type") != ListType.ELECTRONIC:
        yield from _of_country(content.get("dispatchCountry") or "", base)


def _of_name(name: str) -> Iterator[Problem]:
    if not name.strip():
        yield Problem("required", "name")
    elif len(name) > NAME_MAX:
        yield Problem("text_too_long", "name", {"max": str(NAME_MAX)})
    elif strange := next((sign for sign in name if not _NAME.fullmatch(sign) or sign == "_"), ""):
        yield Problem("price_list_name_character", "name", {"character": strange})


def _of_type(kind: str, base: Content | None) -> Iterator[Problem]:
    fixed = (base or {}).get("type")
    if kind not in tuple(ListType):
        yield Problem("required", "type")
    elif fixed and kind != fixed:
        yield Problem("price_list_type_fixed", "type")


def _of_country(country: str, base: Content | None) -> Iterator[Problem]:
    fixed = (base or {}).get("dispatchCountry")
    if country not in COUNTRIES:
        yield Problem("country_code_format" if country else "required", "dispatch_country")
    elif fixed and country != fixed:
        yield Problem("price_list_country_fixed", "dispatch_country")


def _of_rates(content: Content, methods: Mapping[str, DeliveryMethod]) -> Iterator[Problem]:
    rates = content.get("rates") or []
    if not rates:
        yield Problem("price_list_empty", "rates")
    country = content.get("dispatchCountry") if content.get("type") != ListType.ELECTRONIC else None
    country = country if country in COUNTRIES else None
    for rate in rates:
        yield from _of_rate(rate, methods.get(method_id(rate)), country)
    yield from _of_twins(rates, methods)


def method_id(rate: Content) -> str:
    return str((rate.get("deliveryMethod") or {}).get("id", ""))


def _of_rate(rate: Content, method: DeliveryMethod | None, country: str | None) -> Iterator[Problem]:
    at = f"rates.{method_id(rate)}"
    if method is None:
        yield Problem("method_unknown", at)
        return
    if trouble := _unusable(method, country):
        yield Problem(trouble, at, {"method": method.name, "country": country or ""})
        return
    yield from _of_price(rate.get("firstItemRate") or {}, method, f"{at}.first")
    yield from _of_quantity(rate.get("maxQuantityPerPackage"), method, f"{at}.quantity")
    yield from _of_weight((rate.get("maxPackageWeight") or {}).get("value"), method, f"{at}.weight")
    yield from _of_time(rate.get("shippingTime") or {}, method, at)


def _unusable(method: DeliveryMethod, country: str | None) -> str:
    if method.is_gone:
        return "method_gone"
    if not method.is_allowed:
        return "method_not_allowed"
    return "" if fits_country(method, country) else "method_wrong_country"


def _of_price(rate: Content, method: DeliveryMethod, field: str) -> Iterator[Problem]:
    text, currency = str(rate.get("amount", "")), method.currency
    amount = number_of(text)
    if not text.strip():
        yield Problem("method_price_required", field)
    elif rate.get("currency", currency) != currency or is_other_money(text, currency):
        yield Problem("price_wrong_currency", field, {"currency": currency})
    elif amount is None:
        yield Problem("delivery_price_not_a_number", field)
    elif currency in WHOLE and amount % 1:
        yield Problem("price_not_whole", field)
    elif currency in IN_FIVES and amount % 5:
        yield Problem("price_not_in_fives", field)
    elif amount != amount.quantize(Decimal("0.01")):
        yield Problem("price_too_precise", field)
    else:
        yield from _outside(amount, method, field)


def _outside(amount: Decimal, method: DeliveryMethod, field: str) -> Iterator[Problem]:
    if method.max_rate == 0 and amount > 0:
        yield Problem("method_is_free", field, {"method": method.name})
    elif method.max_rate is not None and amount > method.max_rate:
        yield Problem("method_price_too_high", field, _limit(amount, method.max_rate, method))
    elif method.min_rate is not None and amount < method.min_rate:
        yield Problem("method_price_too_low", field, _limit(amount, method.min_rate, method))


def _limit(amount: Decimal, limit: Decimal, method: DeliveryMethod) -> dict[str, str]:
    shown = {"amount": str(amount), "limit": str(limit)}
    texts = {name: amount_text(text, method.currency) for name, text in shown.items()}
    return {**texts, "currency": method.currency}


def _of_quantity(quantity: object, method: DeliveryMethod, field: str) -> Iterator[Problem]:
    if quantity is None or quantity == "":
        yield Problem("quantity_required", field)
    elif not isinstance(quantity, int):
        yield Problem("quantity_not_whole", field)
    elif quantity < 1:
        yield Problem("quantity_too_small", field)
    elif method.max_quantity is not None and quantity > method.max_quantity:
        yield Problem("method_quantity_too_large", field, {"max": str(method.max_quantity)})


def _of_weight(value: object, method: DeliveryMethod, field: str) -> Iterator[Problem]:
    if value is None or value == "":
        return
    weight = number_of(str(value))
    if not method.takes_weight:
        yield Problem("method_takes_no_weight", field)
    elif weight is None:
        yield Problem("weight_not_a_number", field)
    elif weight != weight.quantize(Decimal("0.001")):
        yield Problem("weight_too_precise", field)
    elif method.max_weight is not None and weight > method.max_weight:
        yield Problem("weight_too_large", field, {"max": plain(method.max_weight)})
    elif weight < (least := max(method.min_weight or Decimal(0), Decimal("0.001"))):
        yield Problem("weight_too_small", field, {"min": plain(least)})


def _of_time(time: Content, method: DeliveryMethod, at: str) -> Iterator[Problem]:
    texts = {part: str(time.get(part) or "") for part in ("from", "to")}
    if not any(texts.values()):
        return
    if not method.takes_time:
        yield Problem("method_takes_no_time", f"{at}.time_from")
        return
    hours = {part: hours_of(text) for part, text in texts.items()}
    for part, text in texts.items():
        number = hours[part]
        if not text:
            yield Problem("time_half", f"{at}.time_{part}")
        elif number is None or number > LONGEST_HOURS:
            yield Problem("time_not_days", f"{at}.time_{part}", {"max": str(LONGEST_HOURS // 24)})
    first, last = hours["from"], hours["to"]
    if first is not None and last is not None and first > last:
        yield Problem("time_upside_down", f"{at}.time_to")


def _of_twins(rates: Sequence[Content], methods: Mapping[str, DeliveryMethod]) -> Iterator[Problem]:
    """A parcel weighs the same whether it is paid before or at the door (facts.md 8.2)."""
    prepaid: dict[tuple[object, ...], Content] = {}
    on_delivery: list[tuple[tuple[object, ...], Content]] = []
    for rate in rates:
        method = methods.get(method_id(rate))
        if method is None or not method.takes_weight:
            continue
        if method.is_cash_on_delivery:
            on_delivery.append((twin_key(method), rate))
        else:
            prepaid.setdefault(twin_key(method), rate)
    for key, rate in on_delivery:
        twin = prepaid.get(key)
        if twin is not None and _weight_of(twin) != _weight_of(rate):
            name = methods[method_id(twin)].name
            yield Problem("weight_differs_from_twin", f"rates.{method_id(rate)}.weight", {"method": name})


def _weight_of(rate: Content) -> Decimal | str | None:
    text = (rate.get("maxPackageWeight") or {}).get("value")
    return None if text in (None, "") else number_of(str(text)) or str(text)
