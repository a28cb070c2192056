"""Which VAT rates, subjects and exemptions an offer of a category may name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import Call, Room, answer, bad_parameter
from allegro_module.simulator.parameters import Names

room = Room()

COUNTRIES = ("PL", "CZ", "SK", "HU", "LT")
OUT_OF_SCOPE = "0.00"
EXEMPT = "EXEMPT"
RATES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "goods": {
        "PL": ("23.00", "8.00", "5.00", "0.00", EXEMPT),
        "CZ": ("21.00", "12.00"),
        "SK": ("23.00", "19.00", "5.00"),
        "HU": ("27.00", "18.00", "5.00"),
        "LT": ("21.00", "9.00", "5.00"),
    },
    "books": {
        "PL": ("5.00", "23.00", EXEMPT),
        "CZ": ("0.00",),
        "SK": ("5.00",),
        "HU": ("5.00",),
        "LT": ("9.00",),
    },
    "services": {
        "PL": ("23.00", "8.00", EXEMPT),
        "CZ": ("21.00",),
        "SK": ("23.00",),
        "HU": ("27.00",),
        "LT": ("21.00",),
    },
}
SUBJECTS = {"GOODS": Names("towar", "goods"), "SERVICES": Names("usługa", "services")}
EXEMPTIONS = {
    "VAT_EXEMPT_113": Names("zwolnienie podmiotowe, art. 113", "exempt seller, art. 113"),
    "VAT_EXEMPT_43": Names("zwolnienie przedmiotowe, art. 43", "exempt goods, art. 43"),
    "MONEY_EQUIVALENT": Names("ekwiwalent pieniądza", "money equivalent"),
}


def settings_of(kind: str, countries: tuple[str, ...], language: str) -> dict[str, Any]:
    """The answer of `GET /sale/tax-settings`."""
    return {
        "subjects": [{"label": SUBJECTS[value](language), "value": value} for value in subjects_of(kind)],
        "rates": [
            {"countryCode": country, "values": [_rate(value, language) for value in RATES[kind][country]]}
            for country in countries
        ],
        "exemptions": [{"label": label(language), "value": value} for value, label in EXEMPTIONS.items()],
    }


def subjects_of(kind: str) -> tuple[str, ...]:
    return ("SERVICES",) if kind == "services" else ("GOODS",)


def _rate(value: str, language: str) -> dict[str, Any]:
    label = Names("zw.", "exempt")(language) if value == EXEMPT else f"{value.removesuffix('.00')} %"
    return {"label": label, "value": value, "exemptionRequired": value == EXEMPT}


def refused_part(kind: str, settings: Mapping[str, Any]) -> str | None:
    """The member of an offer's tax settings that its category does not know, as a path."""
    for number, rate in enumerate(settings.get("rates") or ()):
        country = rate.get("countryCode")
        if country not in COUNTRIES:
            return f"rates[{number}].countryCode"
        if rate.get("rate") not in RATES[kind][country]:
            return f"rates[{number}].rate"
        if rate["rate"] == EXEMPT and not settings.get("exemption"):
            return "exemption"
    if settings.get("subject") not in (None, *subjects_of(kind)):
        return "subject"
    if settings.get("exemption") not in (None, *EXEMPTIONS):
        return "exemption"
    return None


@room.route("GET", "/sale/tax-settings")
def get_tax_settings(call: Call) -> Response:
    call.only_query(("category.id", "countryCode"))
    category_id = call.query.get("category.id")
    if category_id is None:
        raise bad_parameter("category.id", "is required", 400)
    countries = tuple(call.query.getlist("countryCode")) or COUNTRIES
    for country in countries:
        if country not in COUNTRIES:
            raise bad_parameter("countryCode", "is not a country with tax settings", 400)
    category = call.world.catalogue.find_category(category_id)
    if category is None:
        raise refusal(404, "CATEGORY_NOT_EXISTS", call.request.path, metadata={"categoryId": category_id})
    return answer(settings_of(category.tax, countries, call.language))
