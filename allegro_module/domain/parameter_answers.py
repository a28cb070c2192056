"""Answers to parameters: what is wrong with them, and what of them may be sent to Allegro."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from allegro_module.domain.gtin import bare_gtin, gtin_fault
from allegro_module.domain.parameters import (
    Answers,
    Decision,
    Decisions,
    Parameter,
    ParameterType,
    chosen_ids,
    decide,
    is_answered,
    typed_range,
    typed_values,
)
from allegro_module.domain.problems import Problem

NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
#: Control characters, angle brackets, signs beyond the basic plane (IllegalCharactersInStringParameter).
ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f<>\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class WireValue:
    """One parameter as Allegro takes it (facts.md 7.3)."""

    parameter_id: str
    describes_product: bool
    values: tuple[str, ...] = ()
    values_ids: tuple[str, ...] = ()
    range: tuple[str, str] | None = None


def problems_with(parameters: Sequence[Parameter], answers: Answers) -> list[Problem]:
    """All that the seller has to correct, in the order of the category's parameters."""
    decisions = decide(parameters, answers)
    return [problem for decision in decisions.values() for problem in _problems(decision, answers, decisions)]


def _problems(decision: Decision, answers: Answers, decisions: Decisions) -> Iterator[Problem]:
    parameter = decision.parameter
    if not decision.is_shown:
        return
    if not is_answered(parameter, answers):
        if decision.is_required:
            yield problem_at(parameter, "parameter_required", because=_reason(decision, decisions))
    elif parameter.type is ParameterType.DICTIONARY:
        yield from _dictionary_problems(decision, answers)
    elif parameter.type is ParameterType.STRING:
        yield from _text_problems(parameter, typed_values(answers, parameter.id))
    elif parameter.is_range:
        yield from _range_problems(parameter, typed_range(answers, parameter.id))
    else:
        yield from _number_problems(parameter, typed_values(answers, parameter.id))


def problem_at(parameter: Parameter, code: str, **params: str) -> Problem:
    return Problem(code, f"parameters.{parameter.id}", {"name": parameter.name, **params})


def _reason(decision: Decision, decisions: Decisions) -> str:
    """„Stan = Nowy”, for the sentence; empty when it is required in any case."""
    parts = []
    for cause in decision.because:
        other = decisions.get(cause.parameter_id)
        if other is not None:
            names = [other.parameter.dictionary[value_id].name for value_id in cause.value_ids]
            parts.append(f"{other.parameter.name} = {', '.join(names) or '–'}")
    return "; ".join(parts)


def _dictionary_problems(decision: Decision, answers: Answers) -> Iterator[Problem]:
    parameter = decision.parameter
    chosen = chosen_ids(answers, parameter.id)
    for value_id in chosen:
        if value_id not in decision.allowed:
            known = parameter.dictionary.get(value_id)
            yield problem_at(
                parameter, "parameter_value_not_allowed", value=known.name if known else value_id
            )
    if not parameter.multiple and len(set(chosen)) > 1:
        yield problem_at(parameter, "parameter_too_many_values", max="1")
    if parameter.takes_own_value and parameter.ambiguous_value_id in chosen:
        own = own_value(parameter, answers)
        if not own:
            name = decision.allowed.get(parameter.ambiguous_value_id or "")
            yield problem_at(parameter, "parameter_own_value_missing", value=name.name if name else "")
        elif ILLEGAL.search(own):
            yield problem_at(parameter, "parameter_illegal_character")


def own_value(parameter: Parameter, answers: Answers) -> str:
    """The text beside the ambiguous value („inna”)."""
    return str(answers.get(parameter.id, {}).get("custom") or "").strip()


def _text_problems(parameter: Parameter, texts: Sequence[str]) -> Iterator[Problem]:
    if len(texts) > parameter.max_values:
        yield problem_at(parameter, "parameter_too_many_values", max=str(parameter.max_values))
    for text in texts:
        if parameter.is_gtin:
            fault = gtin_fault(text)
            if fault:
                yield problem_at(parameter, fault, value=text)
        elif ILLEGAL.search(text):
            yield problem_at(parameter, "parameter_illegal_character")
        elif parameter.max_length is not None and len(text) > parameter.max_length:
            yield problem_at(
                parameter, "parameter_too_long", max=str(parameter.max_length), length=str(len(text))
            )
        elif parameter.min_length is not None and len(text) < parameter.min_length:
            yield problem_at(parameter, "parameter_too_short", min=str(parameter.min_length))


def _number_problems(parameter: Parameter, texts: Sequence[str]) -> Iterator[Problem]:
    if len(texts) > 1:
        yield problem_at(parameter, "parameter_too_many_values", max="1")
    else:
        yield from _one_number_problems(parameter, texts[0])


def _range_problems(parameter: Parameter, bounds: tuple[str, str]) -> Iterator[Problem]:
    if not all(bounds):
        yield problem_at(parameter, "range_needs_boundary")
        return
    found = [problem for bound in bounds for problem in _one_number_problems(parameter, bound)]
    low, high = (_number(bound) for bound in bounds)
    if low is not None and high is not None and low > high:
        found.append(problem_at(parameter, "range_upside_down"))
    yield from {problem.code: problem for problem in found}.values()


def _one_number_problems(parameter: Parameter, text: str) -> Iterator[Problem]:
    number = _number(text)
    if number is None:
        yield problem_at(parameter, "parameter_not_a_number", value=text)
        return
    decimals = _decimals(number)
    if parameter.type is ParameterType.INTEGER and decimals:
        yield problem_at(parameter, "parameter_not_whole", value=text)
    elif parameter.precision is not None and decimals > parameter.precision:
        yield problem_at(parameter, "parameter_too_precise", precision=str(parameter.precision))
    if parameter.min is not None and number < parameter.min:
        yield problem_at(parameter, "parameter_too_small", min=f"{parameter.min:f}", unit=parameter.unit)
    if parameter.max is not None and number > parameter.max:
        yield problem_at(parameter, "parameter_too_large", max=f"{parameter.max:f}", unit=parameter.unit)


def _number(text: str) -> Decimal | None:
    """„1 234,5” as sellers type it."""
    bare = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace(",", ".")
    return Decimal(bare) if NUMBER.fullmatch(bare) else None


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def wire_values(parameters: Sequence[Parameter], answers: Answers) -> tuple[WireValue, ...]:
    """What may be sent: nothing hidden, nothing empty, no value that does not go with the others."""
    decisions = decide(parameters, answers)
    made = (_wire_value(decision, answers) for decision in decisions.values() if decision.is_shown)
    return tuple(value for value in made if value is not None)


def _wire_value(decision: Decision, answers: Answers) -> WireValue | None:
    parameter = decision.parameter
    if not is_answered(parameter, answers):
        return None
    if parameter.type is ParameterType.DICTIONARY:
        return _wire_choice(decision, answers)
    if parameter.is_range:
        low, high = typed_range(answers, parameter.id)
        return WireValue(parameter.id, parameter.describes_product, range=(_plain(low), _plain(high)))
    texts = typed_values(answers, parameter.id)
    if parameter.is_gtin:
        texts = tuple(bare_gtin(text) for text in texts)
    elif parameter.type is not ParameterType.STRING:
        texts = tuple(_plain(text) for text in texts)
    return WireValue(parameter.id, parameter.describes_product, values=tuple(dict.fromkeys(texts)))


def _wire_choice(decision: Decision, answers: Answers) -> WireValue | None:
    """An own value goes beside the ambiguous id (allegro-api #7412)."""
    parameter = decision.parameter
    chosen = [each for each in chosen_ids(answers, parameter.id) if each in decision.allowed]
    if not chosen:
        return None
    own = own_value(parameter, answers)
    has_own = parameter.takes_own_value and parameter.ambiguous_value_id in chosen and bool(own)
    return WireValue(
        parameter.id,
        parameter.describes_product,
        values=(own,) if has_own else (),
        values_ids=tuple(dict.fromkeys(chosen)),
    )


def _plain(text: str) -> str:
    """A number with a point and without needless zeros; what is no number stays for Allegro to name."""
    number = _number(text)
    if number is None:
        return text
    return f"{number.normalize():f}" if number else "0"
