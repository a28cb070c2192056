"""The rules of parameters by themselves: an offer's parameters and its products', judged together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.dependence import (
    Outcome,
    missing,
    missing_for_product,
    out_of_place,
    work_out,
)
from allegro_module.simulator.findings import Finding, finding, missing_parameters
from allegro_module.simulator.parameter_reading import read_section
from allegro_module.simulator.parameter_values import CV
from allegro_module.simulator.parameters import Filled, Parameter


def product_findings(
    category: Category,
    together: Filled,
    path: str,
    language: str,
    *,
    card_id: str | None = None,
    is_made: bool = False,
) -> list[Finding]:
    """What a product lacks and what does not go together, over the union of its and the offer's parameters.

    `is_made`: Allegro would have to make a product of these data.
    """
    parameters, outcome = category.parameters, work_out(category.parameters, together)
    lacking = [item for item in missing(parameters, together, outcome) if item.describes_product]
    if is_made:
        for_product = missing_for_product(parameters, together, outcome)
        lacking += [item for item in for_product if item not in lacking]
    found = [missing_parameters(lacking, path, language, card_id)] if lacking else []
    for parameter in out_of_place(parameters, together, outcome):
        place = path if parameter.describes_product else "parameters"
        found.append(_dependency(parameter, outcome, place, language))
    return found


def offer_findings(category: Category, together: Filled, language: str) -> list[Finding]:
    """What the offer itself lacks."""
    parameters, outcome = category.parameters, work_out(category.parameters, together)
    lacking = [item for item in missing(parameters, together, outcome) if not item.describes_product]
    return [missing_parameters(lacking, "parameters", language)] if lacking else []


def _dependency(parameter: Parameter, outcome: Outcome, path: str, language: str) -> Finding:
    metadata = {"parameterId": parameter.id, "parameterName": parameter.names(language)}
    says = None if outcome.is_displayed(parameter) else "parameter.not_displayed"
    return finding(CV + "DependencyValidator", path, says=says, metadata=metadata)


def parameter_findings(offer: Mapping[str, Any], category: Category, language: str) -> list[Finding]:
    """All that is wrong with the parameters of an offer whose products Allegro would have to make."""
    own = read_section(
        offer.get("parameters") or [], category, "parameters", language, describes_product=False
    )
    found, union = list(own.findings), dict(own.filled)
    for index, entry in enumerate(offer.get("productSet") or [{}]):
        items = (entry.get("product") or {}).get("parameters") or []
        path = f"productSet[{index}].product.parameters"
        section = read_section(items, category, path, language, describes_product=True)
        together = {**section.filled, **own.filled}
        found += section.findings
        found += product_findings(category, together, path, language, is_made=True)
        union = {**union, **section.filled}
    return found + offer_findings(category, union, language)
