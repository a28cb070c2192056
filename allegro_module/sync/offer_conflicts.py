"""What was changed both here and on Allegro, as problems at the fields of the form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from allegro_module.domain.parameters import Parameter
from allegro_module.domain.problems import Problem
from allegro_module.sync.objections import field_at
from allegro_module.sync.offer_patch import Conflict

CODE = "changed_on_allegro"
PARAMETER = re.compile(r"parameters\[(?P<id>[^\]]+)\]$")
TAG = re.compile(r"<[^>]*>")
LONGEST = 200


def conflict_problems(
    conflicts: Sequence[Conflict], parameters: Sequence[Parameter], names: Mapping[str, str] | None = None
) -> list[Problem]:
    """`names` of price lists, terms and producers, by Allegro's id."""
    by_id = {parameter.id: parameter for parameter in parameters}
    return [_problem(each, by_id, names or {}) for each in conflicts]


def _problem(conflict: Conflict, by_id: Mapping[str, Parameter], names: Mapping[str, str]) -> Problem:
    found = PARAMETER.search(conflict.path)
    parameter = by_id.get(found["id"]) if found else None
    sides = {"mine": _words(conflict.mine, parameter), "theirs": _words(conflict.theirs, parameter)}
    words = {side: names.get(text, text) for side, text in sides.items()}
    if parameter is None:
        return Problem(CODE, field_at(conflict.path), words)
    field = "gtin" if parameter.is_gtin else f"parameters.{parameter.id}"
    return Problem(CODE, field, {**words, "name": parameter.name})


def _words(value: Any, parameter: Parameter | None) -> str:
    """As a seller reads it, cut short; „–” for nothing."""
    text = TAG.sub(" ", _raw_words(value, parameter))
    plain = " ".join(text.split())
    return (plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…") or "–"


def _raw_words(value: Any, parameter: Parameter | None) -> str:
    if isinstance(value, Mapping):
        return _object_words(value, parameter)
    if isinstance(value, list):
        return ", ".join(_raw_words(each, parameter) for each in value)
    return "" if value is None else str(value)


def _object_words(value: Mapping[str, Any], parameter: Parameter | None) -> str:
    if "amount" in value:
        return f"{value['amount']} {value.get('currency', '')}"
    if parameter is not None:
        return _answer_words(value, parameter)
    told = [each for name, each in value.items() if name != "type"]
    return ", ".join(filter(None, (_raw_words(each, None) for each in told)))


def _answer_words(value: Mapping[str, Any], parameter: Parameter) -> str:
    if value.get("rangeValue"):
        return f"{value['rangeValue'].get('from', '')} – {value['rangeValue'].get('to', '')}"
    known = parameter.dictionary
    names = [known[each].name if each in known else each for each in value.get("valuesIds") or ()]
    return ", ".join([*names, *(value.get("values") or ())])
