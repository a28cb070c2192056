"""Answers to the category's parameters as the offer form sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from allegro_module.domain.parameters import Answers, Parameter, ParameterType

Sent = MultiDict[str, str]


def read_answers(sent: Sent, parameters: Sequence[Parameter], stored: Answers) -> Answers:
    """Answers to the parameters that the page showed; others keep theirs, to come back with the choice.

    The EAN is a field of its own (`with_gtin`), so no parameter that asks for it keeps an answer.
    """
    answers: dict[str, Mapping[str, Any]] = dict(stored)
    shown = set(sent.getlist("shown"))
    for parameter in parameters:
        if parameter.is_gtin:
            answers.pop(parameter.id, None)
        elif parameter.id in shown:
            answers[parameter.id] = _answer(sent, parameter, answers)
    return {key: answer for key, answer in answers.items() if bare(answer)}


def _answer(sent: Sent, parameter: Parameter, answers: Answers) -> Mapping[str, Any]:
    name = f"parameters.{parameter.id}"
    if parameter.type is ParameterType.DICTIONARY:
        ids = [value for value in sent.getlist(name) if value]
        ids += [_id_of(parameter, typed, answers) for typed in _typed(sent.get(f"{name}.name", ""))]
        return {"values_ids": list(dict.fromkeys(ids)), "custom": sent.get(f"{name}.custom", "").strip()}
    if parameter.is_range:
        sides = {side: sent.get(f"{name}.{side}", "").strip() for side in ("from", "to")}
        return {"range": sides}
    if parameter.max_values > 1:
        return {"values": [line.strip() for line in sent.get(name, "").splitlines() if line.strip()]}
    return {"values": _typed(sent.get(name, ""))}


def _typed(text: str) -> list[str]:
    return [text.strip()] if text.strip() else []


def _id_of(parameter: Parameter, typed: str, answers: Answers) -> str:
    """The value with this name, one that goes with its parent's first; the text itself when there is none.

    An id that is no value's is named to the seller as such by the rules.
    """
    wanted = typed.casefold()
    named = [value for value in parameter.dictionary.values() if value.name.casefold() == wanted]
    parent = answers.get(parameter.depends_on_parameter_id or "", {})
    chosen = frozenset(parent.get("values_ids") or ())
    fitting = [value for value in named if not value.depends_on or value.depends_on & chosen]
    return next((value.id for value in [*fitting, *named]), typed)


def bare(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    """Without what is empty: an answer that was never given is the same as an emptied one."""
    bounds = {side: text for side, text in ((answer or {}).get("range") or {}).items() if text}
    return {key: value for key, value in {**(answer or {}), "range": bounds}.items() if value}


def is_same_answer(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    return bare(one) == bare(other)
