"""A category's rules as data for the page, where `static/allegro/js/parameters.js` decides by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allegro_module.domain.parameters import Answers, Conditions, Parameter, ParameterType, chosen_ids
from allegro_module.web.i18n import t

#: Longer dictionaries are searched on the server: brands come in tens of thousands (facts.md 7.3).
LONG = 60


def browser_data(parameters: Sequence[Parameter], answers: Answers) -> dict[str, Any]:
    """The rules, for the same engine in the browser; of a long dictionary only the values that rules name."""
    named = _ids_in_rules(parameters)
    return {
        "parameters": [
            _parameter_data(parameter, named | set(chosen_ids(answers, parameter.id)))
            for parameter in parameters
        ],
        "texts": {
            "because": t("because %(why)s", why="{why}"),
            "empty": t("%(name)s is empty", name="{name}"),
            "appeared": t("A required field has appeared: %(name)s", name="{name}"),
            "choose": t("choose…"),
            "required": t("required"),
        },
    }


def _parameter_data(parameter: Parameter, named: set[str]) -> dict[str, Any]:
    is_partial = len(parameter.dictionary) > LONG
    kept = [value for value in parameter.dictionary.values() if not is_partial or value.id in named]
    return {
        "id": parameter.id,
        "name": parameter.name,
        "isDictionary": parameter.type is ParameterType.DICTIONARY,
        "isRange": parameter.is_range,
        "isGtin": parameter.is_gtin,
        "required": parameter.required,
        "requiredForProduct": parameter.describes_product and parameter.required_for_product,
        "requiredIf": _conditions_data(parameter.required_if),
        "displayedIf": _conditions_data(parameter.displayed_if),
        "dependsOn": parameter.depends_on_parameter_id,
        "isPartial": is_partial,
        "values": [[value.id, value.name, sorted(value.depends_on)] for value in kept],
    }


def _conditions_data(conditions: Conditions | None) -> dict[str, Any] | None:
    if conditions is None:
        return None
    return {
        "withValue": [[other, sorted(values)] for other, values in conditions.with_value],
        "withoutValue": list(conditions.without_value),
    }


def _ids_in_rules(parameters: Sequence[Parameter]) -> set[str]:
    found: set[str] = set()
    for parameter in parameters:
        for conditions in (parameter.required_if, parameter.displayed_if):
            for _, values in conditions.with_value if conditions else ():
                found |= values
        for value in parameter.dictionary.values():
            found |= value.depends_on
    return found
