"""„Co się zmieni na Allegro”: deposits and taxes, told by their names and countries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from allegro_module.web.offer_buyer_page import Known
from allegro_module.web.offer_words import field_name, vat_rate_name

Json = Mapping[str, Any]
#: What the field is called, what stands there, what is sent.
Words = tuple[str, str, str]


def deposit_words(theirs: Sequence[Json] | None, mine: Sequence[Json] | None, known: Known) -> Words:
    """„6 × Puszka do 1 l”."""
    before, after = (_deposits(side or (), known) for side in (theirs, mine))
    return field_name("deposits"), before, after


def _deposits(rows: Sequence[Json], known: Known) -> str:
    names = {each["id"]: each["name"] for each in known.deposit_types}
    told = sorted((names.get(each["id"], each["id"]), each.get("quantity", 1)) for each in rows)
    return ", ".join(f"{quantity} × {name}" for name, quantity in told)


def tax_words(theirs: Json | None, mine: Json | None, known: Known) -> Iterator[Words]:
    """Each rate by its country, then what is taxed and why nothing is paid."""
    before, after = (_taxes(side or {}, known) for side in (theirs, mine))
    for field in dict.fromkeys((*after, *before)):
        if before.get(field) != after.get(field):
            yield field_name(field), before.get(field, ""), after.get(field, "")


def _rate(rate: str, known: Known) -> str:
    """A rate says itself; of words Allegro's own count, as in the form."""
    name = vat_rate_name(rate)
    return known.tax_labels.get(rate, name) if name == rate else name


def _taxes(settings: Json, known: Known) -> dict[str, str]:
    """In words, by the field of the form."""
    rates = {each.get("countryCode") or "": each.get("rate") or "" for each in settings.get("rates") or ()}
    home = known.country
    fields = {
        "vat_rate" if country == home else f"vat_rates_abroad.{country}": _rate(rate, known)
        for country, rate in rates.items()
    }
    for name in ("subject", "exemption"):
        if value := settings.get(name):
            fields[f"vat_{name}"] = known.tax_labels.get(value, value)
    return fields
