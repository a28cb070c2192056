"""A category's rules as data for the page, where `static/allegro/js/parameters.js` decides by them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from allegro_module.domain.parameters import Answers, Conditions, Parameter, chosen_ids
from allegro_module.domain.problems import Problem
from allegro_module.web.i18n import t
from allegro_module.web.sentences import sentence

#: Longer dictionaries are searched on the server: brands come in tens of thousands (facts.md 7.3).
LONG = 60


#: Codes of `domain.parameter_answers.problems_with` that the browser finds as well; a missing answer is told
#: when the seller wants to list, not while he fills in.
LIVE_CODES = (
    "gtin_not_digits",
    "gtin_wrong_length",
    "gtin_wrong_check_digit",
    "gtin_in_store",
    "parameter_not_a_number",
    "parameter_not_whole",
    "parameter_too_small",
    "parameter_too_large",
    "parameter_too_precise",
    "parameter_too_long",
    "parameter_too_short",
    "parameter_too_many_values",
    "parameter_value_not_allowed",
    "parameter_own_value_missing",
    "parameter_illegal_character",
    "range_needs_boundary",
    "range_upside_down",
)
PARAMS = ("min", "max", "unit", "length", "precision", "value")


def browser_data(parameters: Sequence[Parameter], answers: Answers) -> dict[str, Any]:
    """What the page's script needs: the rules, and the words for what follows from them."""
    return {
        "parameters": browser_rules(parameters, answers),
        "texts": {
            "because": t("because %(why)s", why="{why}"),
            "empty": t("%(name)s is empty", name="{name}"),
            "appeared": t("A required field has appeared: %(name)s", name="{name}"),
            "choose": t("choose…"),
            "required": t("required"),
            "digit": t("By the others it should be %(digit)s.", digit="{digit}"),
        },
        "sentences": {code: _sentence(code) for code in LIVE_CODES},
    }


def browser_rules(parameters: Sequence[Parameter], answers: Answers) -> list[dict[str, Any]]:
    """The rules, for the same engine in the browser; of a long dictionary only the values that they name."""
    named = _ids_in_conditions(parameters)
    return [
        _parameter_data(parameter, named | set(chosen_ids(answers, parameter.id))) for parameter in parameters
    ]


def _sentence(code: str) -> str:
    return sentence(Problem(code, params={name: f"{{{name}}}" for name in PARAMS}))


def _parameter_data(parameter: Parameter, named: set[str]) -> dict[str, Any]:
    is_partial = len(parameter.dictionary) > LONG
    kept = (
        [value for each in sorted(named) if (value := parameter.dictionary.get(each))]
        if is_partial
        else parameter.dictionary.values()
    )
    return {
        "id": parameter.id,
        "name": parameter.name,
        "type": parameter.type,
        "isRange": parameter.is_range,
        "isMultiple": parameter.multiple,
        "isGtin": parameter.is_gtin,
        "required": parameter.required,
        "requiredForProduct": parameter.describes_product and parameter.required_for_product,
        "requiredIf": _conditions_data(parameter.required_if),
        "displayedIf": _conditions_data(parameter.displayed_if),
        "dependsOn": parameter.depends_on_parameter_id,
        "ownId": parameter.ambiguous_value_id if parameter.takes_own_value else None,
        "unit": parameter.unit,
        "min": _number(parameter.min),
        "max": _number(parameter.max),
        "precision": parameter.precision,
        "minLength": parameter.min_length,
        "maxLength": parameter.max_length,
        "maxValues": parameter.max_values,
        "isPartial": is_partial,
        "values": [
            [value.id, value.name, sorted(value.depends_on) if value.depends_on else []] for value in kept
        ],
    }


def _number(limit: Decimal | None) -> str | None:
    return None if limit is None else f"{limit:f}"


def _conditions_data(conditions: Conditions | None) -> dict[str, Any] | None:
    if conditions is None:
        return None
    return {
        "withValue": [[other, sorted(values)] for other, values in conditions.with_value],
        "withoutValue": list(conditions.without_value),
    }


def _ids_in_conditions(parameters: Sequence[Parameter]) -> set[str]:
    """What a value depends on is not among them: the parent's value decides that, told or not."""
    return {
        value_id
        for parameter in parameters
        for conditions in (parameter.required_if, parameter.displayed_if)
        if conditions is not None
        for _, values in conditions.with_value
        for value_id in values
    }
