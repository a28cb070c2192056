"""Guessing answers to a category's parameters from what the shop knows of the product."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from allegro_module.domain.parameter_answers import problems_with
from allegro_module.domain.parameters import CONDITION_ID, Answers, Parameter, ParameterType, decide
from allegro_module.domain.shop import ShopProduct

BRAND_NAMES = ("Marka", "Producent", "Brand")
MPN_NAMES = ("Kod producenta", "Numer katalogowy", "Manufacturer code")
WEIGHT_NAMES = ("Waga produktu", "Waga")
NEW_NAMES = ("Nowy", "New")
GRAMS = {"g": 1000, "kg": 1, "dag": 100}
SEPARATORS = re.compile(r"\s*[,;/|]\s*")
NUMBER = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)\s*([^\d\s]*)\s*$")
RANGE = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(?:-|–|do)\s*(\d+(?:[.,]\d+)?)\s*(\S*)\s*$")


def guess_answers(parameters: Sequence[Parameter], product: ShopProduct) -> dict[str, dict[str, Any]]:
    """Only answers that Allegro's rules accept; what the shop does not say stays open.

    The condition is New unless the shop says otherwise: shops sell new goods.
    """
    words_by_name = {name.casefold(): words for name, words in _known(product)}
    guesses: dict[str, dict[str, Any]] = {}
    for parameter in parameters:
        words = _words_for(parameter, words_by_name, product)
        answer = answer_in_words(parameter, words) if words else None
        if answer is None and parameter.id == CONDITION_ID and not words:
            answer = _choice(parameter, NEW_NAMES)
        if answer is not None:
            guesses[parameter.id] = answer
    return without_faults(parameters, guesses)


def _known(product: ShopProduct) -> Iterator[tuple[str, str]]:
    yield from ((name, product.brand) for name in BRAND_NAMES if product.brand)
    yield from ((name, product.mpn) for name in MPN_NAMES if product.mpn)
    yield from ((name, text) for name, text in product.attributes.items() if text.strip())


def _words_for(parameter: Parameter, words_by_name: Mapping[str, str], product: ShopProduct) -> str:
    if parameter.is_gtin:
        # The offer's own field answers it.
        return ""
    if words := words_by_name.get(parameter.name.casefold()):
        return words
    if parameter.name in WEIGHT_NAMES and product.weight_kg and parameter.unit in GRAMS:
        return f"{(product.weight_kg * GRAMS[parameter.unit]).normalize():f}"
    return ""


def answer_in_words(parameter: Parameter, words: str) -> dict[str, Any] | None:
    """The answer that these words of the shop's give, None where the parameter takes no such thing."""
    if parameter.type is ParameterType.DICTIONARY:
        return _from_dictionary(parameter, words)
    if parameter.type is ParameterType.STRING:
        texts = SEPARATORS.split(words) if parameter.max_values > 1 else [words]
        return {"values": [text.strip() for text in texts if text.strip()][: parameter.max_values]}
    return _range(parameter, words) if parameter.is_range else _number(parameter, words)


def _from_dictionary(parameter: Parameter, words: str) -> dict[str, Any] | None:
    whole = parameter.find_named(words)
    if whole is not None:
        return {"values_ids": [whole.id]}
    if parameter.multiple:
        parts = [parameter.find_named(part) for part in SEPARATORS.split(words)]
        ids = [part.id for part in parts if part is not None]
        if ids and len(ids) == len(parts):
            return {"values_ids": list(dict.fromkeys(ids))}
    if parameter.takes_own_value:
        return {"values_ids": [parameter.ambiguous_value_id], "custom": words.strip()}
    return None


def _choice(parameter: Parameter, names: Sequence[str]) -> dict[str, Any] | None:
    found = next((value for name in names if (value := parameter.find_named(name))), None)
    return {"values_ids": [found.id]} if found else None


def _number(parameter: Parameter, words: str) -> dict[str, Any] | None:
    found = NUMBER.match(words)
    if found is None or not _is_unit(found.group(2), parameter):
        return None
    return {"values": [_with_point(found.group(1))]}


def _range(parameter: Parameter, words: str) -> dict[str, Any] | None:
    found = RANGE.match(words)
    if found is None or not _is_unit(found.group(3), parameter):
        return None
    return {"range": {"from": _with_point(found.group(1)), "to": _with_point(found.group(2))}}


def _is_unit(written: str, parameter: Parameter) -> bool:
    return not written or written.casefold() == parameter.unit.casefold()


def _with_point(number: str) -> str:
    return f"{Decimal(number.replace(',', '.')):f}"


def without_faults(
    parameters: Sequence[Parameter], guesses: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """A guess that breaks a rule is none; nor is one for a field that is not shown."""
    decisions = decide(parameters, guesses)
    faulty = {
        problem.field.removeprefix("parameters.")
        for problem in problems_with(parameters, guesses)
        if problem.code != "parameter_required"
    }
    return {key: answer for key, answer in guesses.items() if key not in faulty and decisions[key].is_shown}


def keep_answers(parameters: Sequence[Parameter], answers: Answers) -> dict[str, dict[str, Any]]:
    """Answers that another category's parameters can take over: same parameter, values it knows."""
    known = {parameter.id: parameter for parameter in parameters}
    return {
        key: dict(answer)
        for key, answer in answers.items()
        if key in known and all(each in known[key].dictionary for each in answer.get("values_ids") or ())
    }
