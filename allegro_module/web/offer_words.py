"""What fields and values of the offer form are called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from babel.numbers import get_decimal_symbol

from allegro_module.domain.gtin import bare_gtin, check_digit
from allegro_module.domain.money import Money
from allegro_module.domain.parameters import Parameter, ParameterType
from allegro_module.domain.problems import Problem
from allegro_module.web.formats import money, number
from allegro_module.web.i18n import language, marked, n, t
from allegro_module.web.labels import country_name
from allegro_module.web.marketplace_words import marketplace_name
from allegro_module.web.sentences import sentence

AMOUNT = re.compile(r"(?P<number>-?\d+(\.\d+)?) (?P<currency>[A-Z]{3})")
PERIOD = re.compile(r"PT\d+H|PT0S|P\d+D")
#: What is only missing yet is said when the seller wants to list, not while the draft grows.
MISSING_YET = ("_required", "_none", "_missing")
FIELD_NAMES = {
    "": marked("The whole offer"),
    "title": marked("Title"),
    "gtin": marked("EAN code (GTIN)"),
    "external_id": marked("Reference"),
    "category_id": marked("Category"),
    "price": marked("Price"),
    "quantity": marked("Number of pieces"),
    "vat_rate": marked("VAT rate"),
    "invoice": marked("Invoice"),
    "shipping_rate_id": marked("Delivery price list"),
    "handling_time": marked("Handling time"),
    "location": marked("Where you send from"),
    "images": marked("Pictures"),
    "description": marked("Description"),
    "responsible_producer_id": marked("Producer"),
    "safety_text": marked("Safety information"),
    "is_before_gpsr": marked("Put on the market before 13 December 2024"),
    "return_policy_id": marked("Returns"),
    "implied_warranty_id": marked("Complaints"),
    "warranty_id": marked("Warranty"),
    "description_template_id": marked("Description template"),
    "duration": marked("Duration"),
    "is_republished": marked("Renewing"),
    "responsible_person_id": marked("Responsible person"),
    "safety_attachments": marked("Safety files"),
    "marketplaces": marked("Foreign marketplaces"),
    "promotion": marked("Promotion"),
    "selling_format": marked("Way of selling"),
    "starting_price": marked("Starting price"),
    "minimal_price": marked("Minimal price"),
    "unit": marked("Unit"),
    "starting_at": marked("List later"),
    "starting_hour": marked("List later: the hour"),
    "is_business_only": marked("Only for companies"),
    "vat_rates_abroad": marked("VAT rates abroad"),
    "vat_subject": marked("What is taxed"),
    "vat_exemption": marked("Reason for the exemption from VAT"),
    "deposits": marked("Deposits for packaging"),
    "additional_services_id": marked("Additional services"),
    "size_table_id": marked("Size table"),
    "ai_images": marked("Pictures made with AI"),
    "sections": marked("Description"),
    "image_address": marked("Picture by address"),
    "product_id": marked("Product of Allegro"),
    "product_quantity": marked("Pieces of the product"),
    "more_products": marked("Products of the set"),
}

#: Fields of a further product of a set, by what they are called in the offer itself.
SET_MEMBERS = {
    "": "product_quantity",
    "producer": "responsible_producer_id",
    "person": "responsible_person_id",
    "safety": "safety_text",
    "safety_text": "safety_text",
}

FORMAT_NAMES = {"BUY_NOW": marked("Buy now"), "AUCTION": marked("Auction")}
UNIT_NAMES = {"UNIT": marked("pcs"), "SET": marked("sets"), "PAIR": marked("pairs")}
INVOICE_NAMES = {
    "VAT": marked("VAT invoice"),
    "VAT_MARGIN": marked("VAT margin invoice"),
    "WITHOUT_VAT": marked("Invoice without VAT"),
    "NO_INVOICE": marked("No invoice"),
}


def field_name(field: str, parameters: Sequence[Parameter] = ()) -> str:
    """`images.2` → „Zdjęcie 3”, `parameters.206647` → „Próba złota”."""
    kind, _, rest = field.partition(".")
    if kind == "images" and rest.isdecimal():
        return t("Picture %(number)s", number=int(rest) + 1)
    number = rest.partition(".")[0]
    if kind == "sections" and number.isdecimal():
        return t("Section %(number)s", number=int(number) + 1)
    if kind == "parameters":
        return next((each.name for each in parameters if each.id == rest), t("Parameter %(id)s", id=rest))
    if kind == "set" and number.isdecimal():
        name = t("Product %(number)s of the set", number=int(number) + 1)
        member = FIELD_NAMES.get(SET_MEMBERS.get(rest.partition(".")[2], ""))
        return f"{name}: {t(member)}" if member else name
    name = t(FIELD_NAMES[kind]) if kind in FIELD_NAMES else field
    if kind == "marketplaces" and rest:
        return f"{name}: {marketplace_name(rest)}"
    if kind == "vat_rates_abroad" and rest:
        return t("VAT rate, %(where)s", where=country_name(rest))
    return name


def handling_time_name(period: str) -> str:
    """„od ręki”, „24 godziny”, „2 dni”."""
    if period == "PT0S":
        return t("at once")
    if period.startswith("PT"):
        return n("%(num)s hour", "%(num)s hours", int(period[2:-1]))
    return n("%(num)s day", "%(num)s days", int(period[1:-1]))


def duration_name(period: str) -> str:
    return handling_time_name(period) if period else t("until sold out")


def vat_rate_name(rate: str) -> str:
    """„23 %”; names such as EXEMPT stay."""
    digits = rate.removesuffix(".00")
    return f"{digits}\u00a0%" if digits.replace(".", "").isdecimal() else rate


def answer_words(answer: Mapping[str, Any], parameter: Parameter | None) -> str:
    """„złoto żółte, srebro”, „36 – 41”."""
    names = parameter.dictionary if parameter else {}
    own = answer.get("custom") or ""
    # „inna” says nothing beside what was typed in its place.
    other = parameter.ambiguous_value_id if parameter and own else None
    ids = [each for each in answer.get("values_ids") or () if other is None or each != other]
    chosen = [names[each].name if each in names else each for each in ids]
    bounds = " – ".join(
        _number_words(text, parameter) for text in (answer.get("range") or {}).values() if text
    )
    parts = [*chosen, *(_number_words(each, parameter) for each in answer.get("values") or ()), bounds, own]
    return ", ".join(part for part in parts if part)


def _number_words(text: str, parameter: Parameter | None) -> str:
    """„19.50”, as Allegro writes it, is „19,5” to a Polish reader."""
    is_number = parameter is not None and parameter.type in (ParameterType.FLOAT, ParameterType.INTEGER)
    if not is_number or "." not in text:
        return text
    return text.rstrip("0").rstrip(".").replace(".", str(get_decimal_symbol(language())))


def side_words(field: str, raw: str) -> str:
    """What stands on one side of a conflict, as the form writes it; „–” is nothing."""
    if amount := AMOUNT.fullmatch(raw):
        return money(Money(Decimal(amount["number"]), amount["currency"]))
    if field in ("handling_time", "duration"):
        is_endless = field == "duration" and raw == "–"
        return duration_name("" if is_endless else raw) if is_endless or PERIOD.fullmatch(raw) else raw
    if raw in ("True", "False"):
        return t("yes") if raw == "True" else t("no")
    names = {"invoice": INVOICE_NAMES, "unit": UNIT_NAMES}.get(field, {})
    return t(names[raw]) if raw in names else raw


def problem_sentence(problem: Problem) -> str:
    """As `sentence`, with the check digit that would be right, and limits as everybody writes them."""
    text = sentence(_with_limits_written(problem))
    bare = bare_gtin(problem.params.get("value", ""))
    if problem.code == "gtin_wrong_check_digit" and bare.isdecimal() and len(bare) != 10:
        expected = t("By the others it should be %(digit)s.", digit=check_digit(bare[:-1]))
        return f"{text} {expected}"
    return text


def _with_limits_written(problem: Problem) -> Problem:
    """„5,0” of a category's rules is „5”, a price has its currency."""
    if problem.code == "changed_on_allegro":
        sides = {
            side: side_words(problem.field, problem.params.get(side, "–")) for side in ("mine", "theirs")
        }
        return replace(problem, params={**problem.params, **sides})
    currency = problem.params.get("currency")
    if problem.code in ("price_too_low", "price_too_high") and currency:
        prices = {key: Decimal(problem.params[key]) for key in ("min", "max") if key in problem.params}
        return replace(problem, params={key: money(Money(price, currency)) for key, price in prices.items()})
    if problem.code not in ("parameter_too_small", "parameter_too_large"):
        return problem
    limits = {
        name: number(Decimal(problem.params[name])) for name in ("min", "max") if name in problem.params
    }
    return replace(problem, params={**problem.params, **limits})


def sentences_by_field(problems: Sequence[Problem]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.field, []).append(problem_sentence(problem))
    return found
