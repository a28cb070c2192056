"""VAT of an offer as `GET /sale/tax-settings` allows it in a category (facts.md 6.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from allegro_module.domain.marketplaces import BASE, twin_of
from allegro_module.domain.problems import Problem

Settings = Mapping[str, Any]
COUNTRIES = {"allegro-pl": "PL", "allegro-cz": "CZ", "allegro-sk": "SK", "allegro-hu": "HU"}


@dataclass(frozen=True, slots=True)
class Taxes:
    """An offer's wish: the rate of its own country, those of others, and why none is paid."""

    country: str = "PL"
    rate: str = ""
    abroad: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    exemption: str = ""


def country_of(marketplace: str | None) -> str:
    """Whose rates count on a marketplace."""
    return COUNTRIES[twin_of(marketplace or BASE)]


def rates_in(settings: Settings | None, country: str) -> Sequence[Mapping[str, Any]]:
    """{"value", "label", "exemptionRequired"}; empty while they are not known."""
    for entry in (settings or {}).get("rates") or ():
        if entry.get("countryCode") == country:
            return entry.get("values") or ()
    return ()


def _values_of(settings: Settings, member: str) -> list[str]:
    return [each.get("value") or "" for each in settings.get(member) or ()]


def needs_exemption(settings: Settings | None, taxes: Taxes) -> bool:
    """Some rate among those that were chosen is none: Allegro wants to know why."""
    chosen = {taxes.country: taxes.rate, **taxes.abroad}
    return any(
        each.get("exemptionRequired") and each.get("value") == rate
        for country, rate in chosen.items()
        for each in rates_in(settings, country)
    )


def tax_problems(settings: Settings | None, taxes: Taxes) -> Iterator[Problem]:
    """Nothing is judged while the settings of the category are not known."""
    if settings is None:
        return
    if not _is_among(taxes.rate, [each.get("value") for each in rates_in(settings, taxes.country)]):
        yield Problem("vat_rate_not_here", "vat_rate")
    for country, rate in taxes.abroad.items():
        if not _is_among(rate, [each.get("value") for each in rates_in(settings, country)]):
            yield Problem("vat_rate_not_here", f"vat_rates_abroad.{country}")
    if not _is_among(taxes.subject, _values_of(settings, "subjects")):
        yield Problem("choice_unknown", "vat_subject")
    if not _is_among(taxes.exemption, _values_of(settings, "exemptions")):
        yield Problem("choice_unknown", "vat_exemption")
    elif not taxes.exemption and needs_exemption(settings, taxes):
        yield Problem("vat_exemption_required", "vat_exemption")


def _is_among(chosen: str, known: Sequence[Any]) -> bool:
    """Nothing chosen is fine; a list that Allegro leaves empty judges nothing."""
    return not chosen or not known or chosen in known
