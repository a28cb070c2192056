"""What stands in delivery price lists, in the words of a seller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allegro_module.db.terms import SellingTerm
from allegro_module.domain.money import Money
from allegro_module.domain.price_list_rules import IN_FIVES, WHOLE
from allegro_module.domain.price_list_texts import amount_text, days_text, hours_of, number_of, plain
from allegro_module.domain.price_lists import DeliveryMethod, Group, ListType
from allegro_module.domain.problems import Problem
from allegro_module.web import formats
from allegro_module.web.forms.price_list import PARTS, RATES, TypedList, TypedRate
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import country_name
from allegro_module.web.sentences import sentence

GROUPS: Mapping[Group, str] = {
    Group.PREPAID: marked("Prepaid"),
    Group.ON_DELIVERY: marked("Paid on delivery"),
    Group.PICKUP: marked("Collection in person"),
    Group.ABROAD: marked("Delivered abroad"),
}
TYPES: Mapping[str, str] = {
    ListType.PHYSICAL: marked("physical"),
    ListType.ELECTRONIC: marked("electronic"),
}
PART_WORDS: Mapping[str, str] = {
    "first": marked("first item"),
    "quantity": marked("largest quantity in a parcel"),
    "weight": marked("largest weight"),
    "time_from": marked("delivery time from"),
    "time_to": marked("delivery time to"),
}
HEAD_WORDS: Mapping[str, str] = {
    "name": marked("Name"),
    "type": marked("Type"),
    "dispatch_country": marked("Country of dispatch"),
    "rates": marked("Delivery methods"),
}
DAY_HOURS = 24


def type_word(kind: str) -> str:
    return t(TYPES[kind]) if kind in TYPES else "–"


def origin_word(term: SellingTerm) -> str:
    """Whose list it is: the seller's own, a ready-made one, of One Fulfillment."""
    if term.is_managed:
        return t("ready-made")
    return "One Fulfillment" if term.is_fulfillment else t("own")


def currency_sign(currency: str) -> str:
    return formats.SIGN_BY_CURRENCY.get(currency, currency)


def facts_of(method: DeliveryMethod) -> str:
    """„Smart! · 1–2 dni · do 25 kg · najwyżej 18,99 zł”."""
    weight = method.max_weight if method.takes_weight else None
    facts = [
        "Smart!" if method.is_endorsed else "",
        time_words(method.time_from, method.time_to),
        t("up to %(weight)s kg", weight=plain(weight)) if weight is not None else "",
        _price_limit(method),
    ]
    return " · ".join(fact for fact in facts if fact)


def _price_limit(method: DeliveryMethod) -> str:
    if method.max_rate is None:
        return _whole_words(method.currency)
    if not method.max_rate:
        return t("free")
    limit = t("at most %(amount)s", amount=formats.money(Money(method.max_rate, method.currency)))
    return ", ".join(filter(None, [limit, _whole_words(method.currency)]))


def _whole_words(currency: str) -> str:
    if currency in WHOLE:
        return t("whole crowns")
    return t("ends in 0 or 5") if currency in IN_FIVES else ""


def time_words(time_from: str, time_to: str) -> str:
    """PT24H, PT48H → „1–2 dni”; the same day says nothing."""
    first, last = hours_of(time_from), hours_of(time_to)
    if last is None or not last:
        return ""
    if first is None or first == last:
        return t("up to %(num)s days", num=days_text(time_to))
    return t("%(first)s–%(last)s days", first=days_text(time_from), last=days_text(time_to))


def problem_entries(
    problems: Sequence[Problem], methods: Mapping[str, DeliveryMethod]
) -> list[tuple[str, str, str]]:
    """Field, its name and what is wrong, for the summary on top; in the order of the page and `methods`."""
    ids = list(methods)
    ordered = sorted(problems, key=lambda each: _place(each.field, ids))
    return [(each.field, field_words(each.field, methods), words_of(each)) for each in ordered]


def _place(field: str, ids: Sequence[str]) -> tuple[int, int, int]:
    """Where a field stands on the page, whose methods stand in the order of `ids`."""
    heads = ["", *HEAD_WORDS]
    if field in heads:
        return 0, heads.index(field), 0
    method, _, part = field.removeprefix(RATES).rpartition(".")
    if part not in PARTS:
        method, part = field.removeprefix(RATES), ""
    row = ids.index(method) if method in ids else len(ids)
    return 1, row, PARTS.index(part) + 1 if part else 0


def words_of(problem: Problem) -> str:
    """With the amounts in their currency and the country by its name."""
    params = dict(problem.params)
    if "currency" in params:
        params["currency"] = currency_sign(params["currency"])
    if "country" in params:
        params["country"] = country_name(params["country"])
    return sentence(Problem(problem.code, problem.field, params, problem.text))


def short_words_of(problem: Problem) -> str:
    """At the field itself, where what was typed is seen."""
    if problem.code == "method_price_too_high":
        return _at_most(problem.params["limit"], problem.params["currency"])
    return words_of(problem)


def limit_words(method: DeliveryMethod) -> str:
    """The sentence at a price that is over the method's limit; empty where Allegro sets none."""
    if method.max_rate is None:
        return ""
    if not method.max_rate:
        return words_of(Problem("method_is_free", params={"method": method.name}))
    return _at_most(amount_text(str(method.max_rate), method.currency), method.currency)


def _at_most(limit: str, currency: str) -> str:
    return t("At most %(amount)s", amount=f"{limit}{formats.NO_BREAK}{currency_sign(currency)}")


def field_words(name: str, methods: Mapping[str, DeliveryMethod]) -> str:
    if name in HEAD_WORDS:
        return t(HEAD_WORDS[name])
    if not name.startswith(RATES):
        return ""
    method, part = name.removeprefix(RATES), ""
    if method.rpartition(".")[2] in PARTS:
        method, _, part = method.rpartition(".")
    known = methods.get(method)
    words = known.name if known else t("Unknown method")
    return f"{words}, {t(PART_WORDS[part])}" if part else words


@dataclass(frozen=True, slots=True)
class ChangeLine:
    what: str
    before: str
    after: str


def change_lines(
    before: TypedList, after: TypedList, methods: Mapping[str, DeliveryMethod]
) -> list[ChangeLine]:
    """What a seller would read as changed: „Allegro One Box, pierwsza sztuka: 8,99 zł → 9,49 zł”."""
    heads = [
        ChangeLine(t(HEAD_WORDS[name]), _head_value(before, name), _head_value(after, name))
        for name in ("name", "type", "dispatch_country")
        if getattr(before, name) != getattr(after, name)
    ]
    known = (each for each in methods if each in before.rates or each in after.rates)
    ids = dict.fromkeys([*known, *before.rates, *after.rates])
    rows = [line for each in ids for line in _rate_lines(each, before.rate(each), after.rate(each), methods)]
    return heads + rows


def _head_value(typed: TypedList, name: str) -> str:
    value = str(getattr(typed, name))
    if not value:
        return "–"
    if name == "type":
        return type_word(value)
    return country_name(value) if name == "dispatch_country" else value


def _rate_lines(
    method_id: str, before: TypedRate, after: TypedRate, methods: Mapping[str, DeliveryMethod]
) -> list[ChangeLine]:
    name, currency = field_words(RATES + method_id, methods), "PLN"
    if method_id in methods:
        currency = methods[method_id].currency
    if before.is_on != after.is_on:
        return [ChangeLine(name, _switch_words(before, currency), _switch_words(after, currency))]
    if not after.is_on:
        return []
    return [
        ChangeLine(
            f"{name}, {t(PART_WORDS[part])}",
            part_value(part, getattr(before, part), currency),
            part_value(part, getattr(after, part), currency),
        )
        for part in PARTS
        if not _is_same_text(getattr(before, part), getattr(after, part))
    ]


def _switch_words(rate: TypedRate, currency: str) -> str:
    if not rate.is_on:
        return t("method off")
    price = part_value("first", rate.first, currency) if rate.first else ""
    return ", ".join(filter(None, [t("method on"), price]))


def part_value(part: str, text: str, currency: str) -> str:
    if not text:
        return "–"
    number = number_of(text)
    if part == "first" and number is not None:
        return _exact(number, currency)
    unit = {"first": currency_sign(currency), "weight": "kg", "time_from": t("days"), "time_to": t("days")}
    return f"{text}{formats.NO_BREAK}{unit[part]}" if part in unit else text


def _exact(number: Decimal, currency: str) -> str:
    """As money; with all decimals that were typed, where there are more than money has."""
    if number == number.quantize(Decimal("0.01")):
        return formats.money(Money(number, currency))
    return f"{plain(number)}{formats.NO_BREAK}{currency_sign(currency)}"


def _is_same_text(one: str, other: str) -> bool:
    numbers = number_of(one), number_of(other)
    return one == other or (numbers[0] is not None and numbers[0] == numbers[1])


def difference_value(path: str, value: Any, methods: Mapping[str, DeliveryMethod]) -> str:
    """A value of `three_way.Difference` in the words of the editor."""
    if value is None:
        return t("method off") if _is_whole_rate(path) else "–"
    if path in ("type", "dispatchCountry"):
        return type_word(value) if path == "type" else country_name(value)
    if isinstance(value, Mapping):
        return _object_value(path, value, methods)
    tail = path.rpartition(".")[2]
    if tail == "amount":
        return _money_or_text(value, _currency_at(path, methods))
    if tail == "value":
        return f"{_plain_or_text(value)}{formats.NO_BREAK}kg"
    return t("%(num)s days", num=days_text(value)) if tail in ("from", "to") else str(value)


def _object_value(path: str, value: Mapping[str, Any], methods: Mapping[str, DeliveryMethod]) -> str:
    if "firstItemRate" in value:
        first = value["firstItemRate"] or {}
        price = _money_or_text(first.get("amount", ""), first.get("currency", _currency_at(path, methods)))
        return f"{t('method on')}, {price}"
    if "amount" in value:
        return _money_or_text(value["amount"], value.get("currency", "PLN"))
    if "value" in value:
        return f"{_plain_or_text(value['value'])}{formats.NO_BREAK}kg"
    times = [days_text(str(value.get(side) or "")) for side in ("from", "to")]
    return t("%(first)s–%(last)s days", first=times[0], last=times[1])


def difference_words(path: str, methods: Mapping[str, DeliveryMethod]) -> str:
    head = {"dispatchCountry": "dispatch_country"}.get(path, path)
    if head in HEAD_WORDS:
        return t(HEAD_WORDS[head])
    method, rest = method_at(path), path.partition("]")[2]
    name = field_words(RATES + method, methods)
    part = next((word for piece, word in _PIECES if piece in rest), "")
    return f"{name}, {t(part)}" if part else name


_PIECES = (
    ("firstItemRate", PART_WORDS["first"]),
    ("maxQuantityPerPackage", PART_WORDS["quantity"]),
    ("maxPackageWeight", PART_WORDS["weight"]),
    ("shippingTime.from", PART_WORDS["time_from"]),
    ("shippingTime.to", PART_WORDS["time_to"]),
    ("shippingTime", marked("delivery time")),
)


def method_at(path: str) -> str:
    return path.partition("[")[2].partition("]")[0]


def _is_whole_rate(path: str) -> bool:
    return path.startswith("rates[") and path.endswith("]")


def _currency_at(path: str, methods: Mapping[str, DeliveryMethod]) -> str:
    method = methods.get(method_at(path))
    return method.currency if method else "PLN"


def _money_or_text(amount: str, currency: str) -> str:
    number = number_of(str(amount))
    return _exact(number, currency) if number is not None else str(amount)


def _plain_or_text(weight: str) -> str:
    number: Decimal | None = number_of(str(weight))
    return plain(number) if number is not None else str(weight)
