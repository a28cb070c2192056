"""How the values of parameters are written: numbers, ranges, texts, dictionary entries, GTINs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.parameters import Filling, Parameter

NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
WHOLE_NUMBER = re.compile(r"-?\d+", re.ASCII)
ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f<>\U00010000-\U0010ffff]")
GTIN_LENGTHS = (8, 10, 12, 13, 14)
CV = "ConstraintViolationException."


def value_findings(parameter: Parameter, filling: Filling, path: str, language: str) -> list[Finding]:
    """What is wrong with a value by itself, whatever the others are."""
    if filling.is_empty:
        return []
    check = CHECKS[parameter.type]

    def about(code: str, **words: str) -> Finding:
        metadata = {"parameterId": parameter.id, "parameterName": parameter.names(language), **words}
        return finding(code, path, metadata=metadata)

    return list(check(parameter, filling, about))


def _dictionary(parameter: Parameter, filling: Filling, about: Callable[..., Finding]) -> Iterator[Finding]:
    for value_id in filling.ids:
        if parameter.find_value(value_id) is None:
            yield about("DictionaryParameterIdNotFound", requestedDictionaryValueId=value_id)
    if len(set(filling.ids)) < len(filling.ids):
        yield about("DuplicatedValuesInDictionaryParameter")
    if not parameter.multiple and len(filling.ids) > 1:
        yield about("ImproperlyAssignedDictionaryParameter")
    yield from _own_texts(parameter, filling, about)


def _own_texts(parameter: Parameter, filling: Filling, about: Callable[..., Finding]) -> Iterator[Finding]:
    """An own value is the ambiguous id and a text beside it, where the parameter takes own values at all."""
    if parameter.ambiguous_value_id is None or parameter.ambiguous_value_id not in filling.ids:
        for text in filling.texts:
            yield about("DictionaryParameterValueNotFound", requestedDictionaryValue=text)
    elif filling.texts and not parameter.custom_values:
        yield about("OfferCustomParametersException")
    elif not filling.texts and parameter.custom_values:
        yield about("DictionaryParameterIdsAndValuesNotMatch")
    elif any(ILLEGAL.search(text) for text in filling.texts):
        yield about("IllegalCharactersInStringParameter")


def _number(parameter: Parameter, filling: Filling, about: Callable[..., Finding]) -> Iterator[Finding]:
    if parameter.is_range:
        yield from _range(parameter, filling, about)
    elif filling.ids or filling.bounds or len(filling.texts) != 1:
        yield about(CV + "InvalidValueTypeInNumberParameter")
    elif not _is_number(parameter, filling.texts[0]):
        yield about("NonNumericValueInNumberParameter", requestedValue=filling.texts[0])
    else:
        yield from _within(parameter, Decimal(filling.texts[0]), about)


def _range(parameter: Parameter, filling: Filling, about: Callable[..., Finding]) -> Iterator[Finding]:
    if filling.bounds is None:
        yield about(CV + "NoValuesInRangeParameter")
        return
    given = [bound for bound in filling.bounds if bound.strip()]
    if not given:
        yield about(CV + "AtLeastOneBoundry")
    elif not all(_is_number(parameter, bound) for bound in given):
        yield about(CV + "NonNumericValueInRangeParameter")
    else:
        numbers = [Decimal(bound) for bound in given]
        if numbers[0] > numbers[-1]:
            yield about("TooHighRangeToValueInRangeParameter")
        for number in numbers:
            yield from _within(parameter, number, about)


def _is_number(parameter: Parameter, text: str) -> bool:
    pattern = WHOLE_NUMBER if parameter.type == "integer" else NUMBER
    if not pattern.fullmatch(text):
        return False
    return len(text.partition(".")[2]) <= parameter.precision


def _within(parameter: Parameter, number: Decimal, about: Callable[..., Finding]) -> Iterator[Finding]:
    if (parameter.low is not None and number < parameter.low) or (
        parameter.high is not None and number > parameter.high
    ):
        yield about(
            CV + "NumberOutOfRange",
            requestedValue=str(number),
            min=str(parameter.low),
            max=str(parameter.high),
        )


def _text(parameter: Parameter, filling: Filling, about: Callable[..., Finding]) -> Iterator[Finding]:
    if filling.ids or filling.bounds:
        yield about("ImproperlyAssignedDictionaryParameter")
    if len(filling.texts) > parameter.allowed_values:
        yield about(
            CV + "TooManyValuesInStringParameter", allowedNumberOfValues=str(parameter.allowed_values)
        )
    for text in filling.texts:
        if ILLEGAL.search(text):
            yield about("IllegalCharactersInStringParameter")
        if parameter.is_gtin:
            yield from (about(code, requestedValue=text) for code in gtin_faults(text))
        elif len(text) > parameter.max_length:
            yield about(CV + "TooLongValueInStringParameter", maxLength=str(parameter.max_length))
        elif len(text) < parameter.min_length:
            yield about(CV + "TooShortValueInStringParameter", minLength=str(parameter.min_length))


CHECKS: dict[str, Callable[[Parameter, Filling, Callable[..., Finding]], Iterator[Finding]]] = {
    "dictionary": _dictionary,
    "integer": _number,
    "float": _number,
    "string": _text,
}


def gtin_faults(text: str) -> Iterator[str]:
    """The codes of what is wrong with a GTIN, worst first and one at most."""
    is_short_isbn = (
        len(text) == 10 and text[:9].isascii() and text[:9].isdigit() and text[9] in "0123456789Xx"
    )
    if not is_short_isbn and not (text.isascii() and text.isdigit()):
        yield CV + "InvalidCharacterInGtinParameter"
    elif len(text) not in GTIN_LENGTHS:
        yield "NotStandardLengthInGtinParameter"
    elif not (_isbn10_adds_up(text) if is_short_isbn else _adds_up(text)):
        yield CV + "WrongChecksumInGtinParameter"
    elif len(text) == 13 and text.startswith(("02", "04", "2")):
        yield "InvalidPrefixRestrictedCirculationNumbersInGtinParameter"
    elif len(text) == 13 and 140 <= int(text[:3]) < 200:
        # GS1 has given these prefixes to nobody.
        yield CV + "PrefixNotExistsInGtinParameter"


def _adds_up(digits: str) -> bool:
    """GS1's check digit: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0


def _isbn10_adds_up(text: str) -> bool:
    values = [10 if digit in "Xx" else int(digit) for digit in text]
    return sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11 == 0
