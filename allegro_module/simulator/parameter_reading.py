"""Reading the parameters of a request: by id or name, labels turned into ids, each in its section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.parameter_values import CV, value_findings
from allegro_module.simulator.parameters import Filled, Filling, Parameter


@dataclass
class Section:
    """The parameters of a product or of an offer: `path` is where they stand in the body."""

    path: str
    describes_product: bool
    filled: dict[str, Filling] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_section(
    items: Sequence[Mapping[str, Any]],
    category: Category,
    path: str,
    language: str,
    *,
    describes_product: bool,
) -> Section:
    """What is filled in, and what is wrong with each entry by itself."""
    section = Section(path, describes_product)
    for item in items:
        parameter = _named(item, category, section)
        if parameter is None:
            continue
        if parameter.describes_product != describes_product:
            section.findings.append(_misplaced(parameter, section, language))
        elif parameter.id in section.filled:
            section.findings.append(_twice(parameter, section, language))
        else:
            filling = filling_of(item, parameter)
            section.filled[parameter.id] = filling
            section.findings += _faults(parameter, filling, section, language)
    return section


def _named(item: Mapping[str, Any], category: Category, section: Section) -> Parameter | None:
    """The parameter that an entry speaks of; an unknown one is a finding."""
    if "id" in item:
        parameter = category.find_parameter(item["id"])
        if parameter is None:
            metadata = {"categoryId": category.id, "parameterId": item["id"]}
            section.findings.append(finding("ParameterIdNotFoundException", section.path, metadata=metadata))
        return parameter
    name = item.get("name", "")
    parameter = category.find_named(name)
    if parameter is None:
        metadata = {"categoryId": category.id, "parameterName": name}
        section.findings.append(finding("ParameterNameNotFoundException", section.path, metadata=metadata))
    return parameter


def _misplaced(parameter: Parameter, section: Section, language: str) -> Finding:
    metadata = {
        "parameterId": parameter.id,
        "parameterName": parameter.names(language),
        "requestedParameterType": "PRODUCT" if section.describes_product else "OFFER",
    }
    return finding("ParameterCategoryException", section.path, metadata=metadata)


def _twice(parameter: Parameter, section: Section, language: str) -> Finding:
    metadata = {"parameterId": parameter.id, "parameterName": parameter.names(language)}
    return finding(CV + "NoDuplicateIds", section.path, metadata=metadata)


def _faults(parameter: Parameter, filling: Filling, section: Section, language: str) -> list[Finding]:
    if not filling.is_empty:
        return value_findings(parameter, filling, section.path, language)
    metadata = {"parameterId": parameter.id, "parameterName": parameter.names(language)}
    empty_choice = parameter.type == "dictionary"
    code = CV + "NoValueInDictionaryParameter" if empty_choice else "IncompleteParameterDefinition"
    return [finding(code, section.path, metadata=metadata)]


def filling_of(item: Mapping[str, Any], parameter: Parameter) -> Filling:
    """An entry's values; in a dictionary, labels without ids stand for their ids."""
    ids, texts = tuple(item.get("valuesIds") or ()), tuple(item.get("values") or ())
    bounds = item.get("rangeValue")
    if parameter.type == "dictionary" and not ids:
        entries = [(text, parameter.find_labelled(text)) for text in texts]
        ids = tuple(entry.id for _, entry in entries if entry is not None)
        texts = tuple(text for text, entry in entries if entry is None)
    if parameter.type == "dictionary":
        texts = tuple(text for text in texts if not _labels(text, parameter, ids))
    pair = None if bounds is None else (str(bounds.get("from", "")), str(bounds.get("to", "")))
    return Filling(ids, texts, pair)


def _labels(text: str, parameter: Parameter, ids: Sequence[str]) -> bool:
    entry = parameter.find_labelled(text)
    return entry is not None and entry.id in ids and entry.id != parameter.ambiguous_value_id


def items_of(filled: Filled, category: Category, language: str) -> list[dict[str, Any]]:
    """The parameters of an offer as its answers show them."""
    shown = []
    for key, filling in filled.items():
        parameter = category.find_parameter(key)
        if parameter is not None:
            shown.append(_item(parameter, filling, language))
    return shown


def _item(parameter: Parameter, filling: Filling, language: str) -> dict[str, Any]:
    labels = [value.names(language) for value in parameter.values if value.id in filling.ids]
    bounds = None if filling.bounds is None else {"from": filling.bounds[0], "to": filling.bounds[1]}
    return {
        "id": parameter.id,
        "name": parameter.names(language),
        "rangeValue": bounds,
        "values": list(filling.texts) or labels,
        "valuesIds": list(filling.ids),
    }
