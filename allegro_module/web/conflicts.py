"""Two admins and one offer: what one has typed beside what the other has saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from allegro_module.domain.parameters import Parameter
from allegro_module.web.forms.offer import FORM_FIELD_BY_COLUMN, Choices, changed_fields, price_abroad
from allegro_module.web.forms.offer_start import start_words
from allegro_module.web.i18n import n, t
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_options import options_of
from allegro_module.web.offer_promotion import promoted
from allegro_module.web.offer_words import answer_words, field_name, vat_rate_name
from allegro_module.web.regions import place_words

#: Told by how many there are.
COUNTED = ("deposits", "more_products", "sections", "ai_images")
COLUMN_BY_FORM_FIELD = {field: column for column, field in FORM_FIELD_BY_COLUMN.items()}


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    label: str
    mine: str
    saved: str


def differences(facts: Facts, typed: Choices) -> list[Difference]:
    """The fields whose two versions differ, each version in the words of the page."""
    parameters = {parameter.id: parameter for parameter in facts.parameters or ()}
    options = options_of(facts)
    return [
        Difference(
            field,
            field_name(field, list(parameters.values())),
            _words(field, typed, options, parameters),
            _words(field, facts.choices, options, parameters),
        )
        for field in changed_fields(facts.choices, typed)
    ]


def _words(
    field: str,
    choices: Choices,
    options: Mapping[str, list[tuple[str, str]]],
    parameters: Mapping[str, Parameter],
) -> str:
    if field.startswith("parameters."):
        key = field.removeprefix("parameters.")
        return answer_words(choices.parameters.get(key, {}), parameters.get(key)) or "–"
    if field.startswith("marketplaces."):
        name = field.removeprefix("marketplaces.")
        empty = t("converted by Allegro") if name in choices.marketplaces else t("no own price")
        return price_abroad(choices, name) or empty
    value = getattr(choices, COLUMN_BY_FORM_FIELD.get(field, field))
    if field == "starting_at":
        return start_words(value) or t("at once")
    if field in COUNTED:
        return str(len(value or ()))
    if field == "promotion":
        return ", ".join(promoted(value)) or t("none")
    if field == "vat_rates_abroad":
        return ", ".join(f"{country} {vat_rate_name(rate)}" for country, rate in value.items()) or "–"
    if field == "location":
        return _place_words(value)
    if field == "images":
        return n("%(num)s picture", "%(num)s pictures", len(value))
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    return str(dict(options.get(field, ())).get(value or "", value or "")) or "–"


def _place_words(place: Mapping[str, str] | None) -> str:
    if place is None:
        return t("the account's")
    return place_words(place.get("province") or "", place.get("post_code") or "", place.get("city") or "")
