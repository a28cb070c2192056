"""The category tree and what each category asks about its goods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Response

from allegro_module.simulator.catalogue import Catalogue
from allegro_module.simulator.category_tree import ROOT, Category
from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import Call, Room, answer, bad_parameter
from allegro_module.simulator.parameters import Conditions, Former, Parameter, Value

room = Room()


@room.route("GET", "/sale/categories", app_token=True)
def list_categories(call: Call) -> Response:
    call.only_query(("parent.id",))
    parent_id = call.query.get("parent.id", ROOT)
    if parent_id != ROOT:
        found(call, parent_id)
    children = call.world.catalogue.children(None if parent_id == ROOT else parent_id)
    return answer({"categories": [category_json(child, call.language) for child in children]})


@room.route("GET", "/sale/categories/<category_id>", app_token=True)
def get_category(call: Call, category_id: str) -> Response:
    return answer(category_json(found(call, category_id), call.language))


@room.route("GET", "/sale/categories/<category_id>/parameters", app_token=True)
def list_parameters(call: Call, category_id: str) -> Response:
    parameters = found(call, category_id).parameters
    return answer({"parameters": [parameter_json(item, call.language) for item in parameters]})


@room.route("GET", "/sale/categories/<category_id>/product-parameters", app_token=True)
def list_product_parameters(call: Call, category_id: str) -> Response:
    parameters = [item for item in found(call, category_id).parameters if item.describes_product]
    return answer({"parameters": [product_parameter_json(item, call.language) for item in parameters]})


@room.route("GET", "/sale/matching-categories", app_token=True)
def match_categories(call: Call) -> Response:
    call.only_query(("name",))
    user = call.seller.id if call.seller else "application"
    most = call.world.switches.matchings_per_second
    call.world.limits.count("matching", user, call.now, most, timedelta(seconds=1))
    name = call.query.get("name", "")
    if not name.strip():
        raise bad_parameter("name", "is required", 422)
    catalogue = call.world.catalogue
    matches = catalogue.matching_categories(name)
    return answer({"matchingCategories": [_with_parents(catalogue, leaf, call.language) for leaf in matches]})


def found(call: Call, category_id: str) -> Category:
    category = call.world.catalogue.find_category(category_id)
    if category is None:
        metadata = {"categoryId": category_id}
        raise refusal(404, "CATEGORY_NOT_EXISTS", call.request.path, metadata=metadata)
    return category


def category_json(category: Category, language: str) -> dict[str, Any]:
    return {
        "id": category.id,
        "name": category.names(language),
        "parent": {"id": category.parent_id} if category.parent_id else None,
        "leaf": category.leaf,
        "options": dict(category.options),
    }


def _with_parents(catalogue: Catalogue, category: Category, language: str) -> dict[str, Any]:
    node: dict[str, Any] = {}
    for step in catalogue.path(category.id):
        node = {"id": step.id, "name": step.names(language)} | ({"parent": node} if node else {})
    return node


def parameter_json(parameter: Parameter, language: str) -> dict[str, Any]:
    """A parameter as `GET …/parameters` shows it."""
    return _described(parameter, language) | {
        "requiredForProduct": parameter.required_for_product,
        "options": {
            "ambiguousValueId": parameter.ambiguous_value_id,
            "dependsOnParameterId": parameter.depends_on,
            "describesProduct": parameter.describes_product,
            "customValuesEnabled": parameter.custom_values,
        },
    }


def product_parameter_json(parameter: Parameter, language: str) -> dict[str, Any]:
    """A parameter as `GET …/product-parameters` shows it: `required` means for a product."""
    described = _described(parameter, language) | {"required": parameter.required_for_product}
    for value in described.get("dictionary", ()):
        value.pop("dependsOnValueIds")
    return described


def _described(parameter: Parameter, language: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": parameter.id,
        "name": parameter.names(language),
        "type": parameter.type,
        "required": parameter.required,
        "requiredIf": _required_if(parameter.required_if),
        "displayedIf": _displayed_if(parameter.displayed_if),
        "unit": parameter.unit,
        "restrictions": restrictions(parameter),
    }
    if parameter.former is not None:
        body["formerData"] = former_json(parameter.former, "names")
    if parameter.type == "dictionary":
        body["dictionary"] = [_value_json(value, language) for value in parameter.values]
    return body


def restrictions(parameter: Parameter) -> dict[str, Any]:
    if parameter.type == "dictionary":
        return {"multipleChoices": parameter.multiple}
    if parameter.type == "string":
        return {
            "minLength": parameter.min_length,
            "maxLength": parameter.max_length,
            "allowedNumberOfValues": parameter.allowed_values,
        }
    number = _whole if parameter.type == "integer" else _fraction
    limits: dict[str, Any] = {
        "min": number(parameter.low),
        "max": number(parameter.high),
        "range": parameter.is_range,
    }
    return limits | ({"precision": parameter.precision} if parameter.type == "float" else {})


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)


def _fraction(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _value_json(value: Value, language: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": value.id,
        "value": value.names(language),
        "dependsOnValueIds": sorted(value.depends_on),
    }
    if value.former is not None:
        body["formerData"] = former_json(value.former, "values")
    return body


def former_json(former: Former, names: str) -> dict[str, Any]:
    """Only what there is: neither list stands there empty."""
    parts = {"ids": list(former.ids), names: list(former.names)}
    return {name: part for name, part in parts.items() if part}


def _with_value(conditions: Conditions) -> list[Mapping[str, Any]]:
    return [{"id": other, "oneOfValueIds": sorted(values)} for other, values in conditions.with_value]


def _required_if(conditions: Conditions | None) -> dict[str, Any] | None:
    if conditions is None:
        return None
    return {
        "parametersWithValue": _with_value(conditions),
        "parametersWithoutValue": [{"id": other} for other in conditions.without_value],
    }


def _displayed_if(conditions: Conditions | None) -> dict[str, Any] | None:
    return None if conditions is None else {"parametersWithValue": _with_value(conditions)}
