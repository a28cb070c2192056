"""Values of a profile: what is wrong with those that were typed, and how they are kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from allegro_module.domain.listing import SAFETY_TEXT_MAX, Origin, own_origin_problems
from allegro_module.domain.marketplaces import MARKETPLACES
from allegro_module.domain.offer_choices import DURATIONS, HANDLING_TIMES, INVOICES, VAT_RATES
from allegro_module.domain.price_rules import price_rule_problems, read_decimal
from allegro_module.domain.problems import Problem
from allegro_module.domain.profiles import FIELDS
from allegro_module.domain.selling_formats import QUANTITY_MAX

Check = Callable[[str, Any], Iterator[Problem]]
ID_MAX = 64
#: The largest id that a row can have.
ROW_ID_MAX = 2**31 - 1
#: Fields whose values name something at Allegro; what a profile holds already stays when that is gone.
TERM_FIELDS = (
    "shipping_rate_id",
    "return_policy_id",
    "implied_warranty_id",
    "warranty_id",
    "responsible_producer_id",
    "responsible_person_id",
)


def value_problems(values: Mapping[str, Any]) -> list[Problem]:
    """`values` are shaped as `domain.profiles.FIELDS`, numbers still as texts as typed."""
    return [problem for name, value in values.items() for problem in CHECKS[name](name, value)]


def kept_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those in which `value_problems` found none, as they are stored."""
    return {name: KEPT.get(name, _as_is)(value) for name, value in values.items()}


def unknown_ids(
    values: Mapping[str, Any], known: Mapping[str, Collection[str]], held: Mapping[str, Any]
) -> list[Problem]:
    """Ids of what the account does not have; `known` are those that it has, by field and as texts."""
    wrong = [
        name
        for name in TERM_FIELDS
        if values.get(name) and values[name] not in known[name] and values[name] != held.get(name)
    ]
    template, files = values.get("description_template_id"), values.get("safety_attachments") or ()
    if template and str(template) not in known["description_template_id"]:
        wrong.append("description_template_id")
    if not {str(each) for each in files} <= set(known["safety_attachments"]):
        wrong.append("safety_attachments")
    if not _packages(values) <= {*known["promotion"], *_packages(held)}:
        wrong.append("promotion")
    return [Problem("choice_unknown", name) for name in wrong]


def _packages(values: Mapping[str, Any]) -> set[str]:
    promotion = values.get("promotion") or {}
    return {each for each in (promotion.get("base"), *(promotion.get("extra") or ())) if each}


def is_row_id(value: Any) -> bool:
    """A number that a row could have, as such or typed."""
    text = str(value)
    return text.isascii() and text.isdigit() and len(text) <= len(str(ROW_ID_MAX)) and int(text) <= ROW_ID_MAX


def _one_of(*known: Any) -> Check:
    def check(name: str, value: Any) -> Iterator[Problem]:
        if value not in known:
            yield Problem("choice_unknown", name)

    return check


def _id(name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str) or len(value) > ID_MAX:
        yield Problem("choice_unknown", name)


def _row_id(name: str, value: Any) -> Iterator[Problem]:
    if value != "" and not is_row_id(value):
        yield Problem("choice_unknown", name)


def _pieces(least: int) -> Check:
    def check(name: str, value: Any) -> Iterator[Problem]:
        bare = str(value).strip()
        if not (bare.isascii() and bare.isdigit()):
            yield Problem("pieces_not_whole", name, {"value": bare[:20]})
        elif not least <= int(bare) <= QUANTITY_MAX:
            yield Problem("pieces_range", name, {"min": str(least), "max": str(QUANTITY_MAX)})

    return check


def _location(name: str, value: Mapping[str, str]) -> Iterator[Problem]:
    yield from own_origin_problems(Origin(**value))


def _promotion(name: str, value: Mapping[str, Any]) -> Iterator[Problem]:
    if any(len(each) > ID_MAX for each in (value.get("base") or "", *(value.get("extra") or ()))):
        yield Problem("choice_unknown", name)


def _marketplaces(name: str, value: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    for marketplace, rule in value.items():
        if marketplace not in MARKETPLACES:
            yield Problem("choice_unknown", name)
        else:
            yield from price_rule_problems(rule, f"{name}.{marketplace}")


def _safety_text(name: str, value: Any) -> Iterator[Problem]:
    if len(value) > SAFETY_TEXT_MAX:
        yield Problem("safety_text_too_long", name, {"max": str(SAFETY_TEXT_MAX)})


def _row_ids(name: str, value: Any) -> Iterator[Problem]:
    if not all(is_row_id(each) for each in value):
        yield Problem("choice_unknown", name)


CHECKS: dict[str, Check] = {
    **dict.fromkeys(FIELDS, _id),
    "handling_time": _one_of(*HANDLING_TIMES),
    "vat_rate": _one_of(*VAT_RATES),
    "invoice": _one_of(*INVOICES),
    "location": _location,
    "duration": _one_of(*DURATIONS),
    "is_republished": _one_of(True, False),
    "quantity_buffer": _pieces(0),
    "quantity_cap": _pieces(1),
    "price_rule": lambda name, value: price_rule_problems(value, name),
    "description_template_id": _row_id,
    "promotion": _promotion,
    "marketplaces": _marketplaces,
    "safety_text": _safety_text,
    "safety_attachments": _row_ids,
    "is_before_gpsr": _one_of(True, False),
}


def _as_is(value: Any) -> Any:
    return value


def _kept_rule(typed: Mapping[str, str]) -> dict[str, str]:
    """Numbers with a point, empty ones left out."""
    rule = {}
    for name, text in typed.items():
        if not text.strip():
            continue
        number = None if name == "rounding" else read_decimal(text)
        rule[name] = text.strip() if number is None else _plain(number)
    return rule


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _kept_marketplaces(typed: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {name: _kept_rule(rule) for name, rule in typed.items()}


KEPT: dict[str, Callable[[Any], Any]] = {
    "quantity_buffer": lambda text: int(str(text).strip()),
    "quantity_cap": lambda text: int(str(text).strip()),
    "description_template_id": lambda text: int(text) if text else "",
    "price_rule": _kept_rule,
    "marketplaces": _kept_marketplaces,
    "safety_attachments": lambda ids: [int(each) for each in ids],
}
