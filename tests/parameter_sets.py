"""Random parameter sets, and answers to them: any, valid ones, and valid ones with one rule broken."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

from allegro_module.domain.gtin import check_digit, gtin_fault
from allegro_module.domain.parameter_answers import problems_with, wire_values
from allegro_module.domain.parameters import Decision, Parameter, ParameterType, decide, read_parameters

Raw = dict[str, Any]
Answer = dict[str, Any]
Items = list[dict[str, Any]]

NAMES = ("Stan", "EAN (GTIN)", "ISBN", "Marka", "Kolor", "Seria", "Rozmiar")
LIMITS = ("-1.5", "0", "0.01", "3", "12.125", "5000")
#: Longer than the page holds whole (`web.parameter_data.LONG`).
MANY = 64
GTINS = ("5907700000130", "12345670", "978-83-08-04999-0", "080442957X", " 590 7700000130 ", "036000291452")
TEXTS = (
    "",
    " ",
    "\u00a0",
    "x",
    "ab",
    "abcdef",
    "za długi tekst",
    "żółć ß",
    "<b>",
    "🙂",
    "a\x07b",
    "\ufeffx",
    "\x1c",
    "5907700000131",
    "2012345678903",
    "1234",
    *GTINS,
)
NUMBERS = (
    "",
    " ",
    "0",
    "-1.5",
    "-1,6",
    "3",
    "3.0",
    "003",
    "12,125",
    "12.1250",
    "12.13",
    "1 234,5",
    "5\u00a0000",
    "5000.000000000000000001",
    "999999999999999999",
    "abc",
    "1e3",
    "--1",
    "1.",
    "٣",
    "0.01",
)


def value_ids(raw: Mapping[str, Any]) -> list[str]:
    return [value["id"] for value in raw.get("dictionary") or ()]


class Sets:
    """Everything is drawn from one source, so that a seed tells it all."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def some(self, values: Sequence[Any], at_most: int = 2, at_least: int = 0) -> list[Any]:
        count = min(self.chance.randint(at_least, at_most), len(values))
        return self.chance.sample(list(values), count)

    # Parameters ------------------------------------------------------------------------------------------

    def parameters(self) -> list[Raw]:
        keys = [str(11 * number) for number in range(1, self.chance.randint(2, 8))]
        found = [self._bare(key) for key in keys]
        for raw in found:
            self._depend(raw, found)
        self.chance.shuffle(found)
        return found

    def _bare(self, key: str) -> Raw:
        kind = self.chance.choice(["dictionary", "dictionary", "dictionary", "string", "integer", "float"])
        raw: Raw = {
            "id": key,
            "name": self.chance.choice(NAMES),
            "type": kind,
            "required": self.often(0.4),
            "requiredForProduct": self.often(0.15),
            "unit": self.chance.choice([None, "kg"]),
            "options": {"describesProduct": self.often(0.5)},
            "restrictions": self._restrictions(kind),
        }
        if kind == "dictionary":
            raw["dictionary"] = self._dictionary(key)
            if self.often(0.3):
                raw["options"]["ambiguousValueId"] = raw["dictionary"][-1]["id"]
                raw["options"]["customValuesEnabled"] = self.often(0.7)
        return raw

    def _dictionary(self, key: str) -> list[Raw]:
        count = MANY if self.often(0.03) else self.chance.randint(1, 5)
        return [{"id": f"{key}_{number}", "value": f"Wartość {number}"} for number in range(1, count + 1)]

    def _restrictions(self, kind: str) -> Raw:
        if kind == "dictionary":
            return {"multipleChoices": self.often(0.4)}
        if kind == "string":
            shortest = self.chance.choice([0, 0, 1, 3])
            return {
                "minLength": shortest,
                "maxLength": shortest + self.chance.choice([2, 5, 40]),
                "allowedNumberOfValues": self.chance.choice([1, 1, 2, 3]),
            }
        low, high = sorted(self.some(LIMITS, 2, 2), key=Decimal)
        whole = kind == "integer"
        limits: Raw = {"range": self.often(0.3)}
        if self.often(0.7):
            limits["min"] = int(Decimal(low)) if whole else float(low)
        if self.often(0.7):
            limits["max"] = int(Decimal(high)) if whole else float(high)
        return limits if whole else {**limits, "precision": self.chance.choice([0, 1, 2, 4])}

    def _depend(self, raw: Raw, all_raw: Sequence[Raw]) -> None:
        others = [each for each in all_raw if each is not raw]
        choices = [each for each in others if each["type"] == "dictionary"]
        if choices and self.often(0.35):
            raw["displayedIf"] = {"parametersWithValue": self._with_value(choices)}
        if others and self.often(0.4):
            with_value = self._with_value(choices) if self.often(0.7) else []
            without = [{"id": each["id"]} for each in self.some(others, 1, 0 if with_value else 1)]
            raw["requiredIf"] = {"parametersWithValue": with_value, "parametersWithoutValue": without}
        if raw["type"] == "dictionary" and choices and self.often(0.35):
            parent = self.chance.choice(choices)
            raw["options"]["dependsOnParameterId"] = parent["id"]
            for value in raw["dictionary"]:
                value["dependsOnValueIds"] = self.some(value_ids(parent))

    def _with_value(self, choices: Sequence[Raw]) -> list[Raw]:
        return [
            {"id": each["id"], "oneOfValueIds": self.some(value_ids(each), 3, 1)}
            for each in self.some(choices, 2, 1)
        ]

    # Any answers -----------------------------------------------------------------------------------------

    def any_answers(self, raw: Sequence[Raw]) -> dict[str, Answer]:
        """Right and wrong ones, also what was left over from a parameter's former type."""
        return {each["id"]: self._any(each) for each in raw if self.often(0.75)}

    def _any(self, raw: Raw) -> Answer:
        answer: Answer = {}
        known = [*value_ids(raw), "nieznana"] if raw["type"] == "dictionary" else ["11_1", "22_1"]
        if raw["type"] == "dictionary" or self.often(0.1):
            answer["values_ids"] = self.some(known, 3) + (self.some(known, 1) if self.often(0.1) else [])
        if raw["type"] != "dictionary" or self.often(0.1):
            answer["values"] = self.some(TEXTS if raw["type"] == "string" else NUMBERS, 3)
        if raw["restrictions"].get("range") or self.often(0.05):
            answer["range"] = {side: self.chance.choice(NUMBERS) for side in ("from", "to")}
        if self.often(0.4):
            answer["custom"] = self.chance.choice(TEXTS)
        return answer

    # Valid answers ---------------------------------------------------------------------------------------

    def valid_answers(self, raw: Sequence[Raw]) -> dict[str, Answer] | None:
        """None for a set that takes none, such as one that demands a value where no value goes."""
        parameters = read_parameters(raw)
        answers: dict[str, Answer] = {}
        for _ in range(len(parameters) + 2):
            decisions = decide(parameters, answers)
            fitting = {key: answers[key] for key, each in decisions.items() if self._fits(each, answers)}
            for key, decision in decisions.items():
                if key not in fitting and decision.is_shown and (decision.is_required or self.often(0.4)):
                    fitting |= self._valid(key, decision)
            if fitting == answers and not problems_with(parameters, answers):
                return answers
            answers = fitting
        return None

    def _fits(self, decision: Decision, answers: Mapping[str, Answer]) -> bool:
        answer = answers.get(decision.parameter.id)
        chosen = (answer or {}).get("values_ids", ())
        return answer is not None and decision.is_shown and all(each in decision.allowed for each in chosen)

    def _valid(self, key: str, decision: Decision) -> dict[str, Answer]:
        parameter = decision.parameter
        if parameter.type is ParameterType.DICTIONARY:
            at_most = 3 if parameter.multiple else 1
            chosen = self.some(list(decision.allowed), at_most, 1)
            return {key: {"values_ids": chosen, "custom": "własna"}} if chosen else {}
        if parameter.type is ParameterType.STRING:
            return {key: {"values": self._texts(parameter)}}
        if parameter.is_range:
            low, high = sorted((self._number(parameter), self._number(parameter)), key=Decimal)
            return {key: {"range": {"from": low, "to": high}}}
        return {key: {"values": [self._number(parameter).replace(".", self.chance.choice(".,"))]}}

    def _texts(self, parameter: Parameter) -> list[str]:
        if parameter.is_gtin:
            return self.some(GTINS, parameter.max_values, 1)
        lengths = range(max(parameter.min_length or 1, 1), (parameter.max_length or 5) + 1)
        count = self.chance.randint(1, parameter.max_values)
        letters = self.some("abcdefghijżółć", count, count)
        return [letter * self.chance.choice(lengths) for letter in letters]

    def _number(self, parameter: Parameter) -> str:
        low = parameter.min if parameter.min is not None else (parameter.max or Decimal(10)) - 7
        high = parameter.max if parameter.max is not None else low + 7
        places = 0 if parameter.type is ParameterType.INTEGER else (parameter.precision or 0)
        step = Decimal(1).scaleb(-places)
        first = -(-low // step)
        last = high // step
        # A limit may be finer than the precision; then only its neighbour fits, or nothing does.
        return f"{self.chance.randint(int(first), max(int(last), int(first))) * step:f}"

    # One rule broken -------------------------------------------------------------------------------------

    def broken(self, raw: Sequence[Raw], items: Items) -> tuple[str, Items] | None:
        """What was done to the parameters as they are sent, each of which was valid."""
        parameters = {each.id: each for each in read_parameters(raw)}
        ways = list(self._ways(raw, parameters, items))
        if not ways:
            return None
        what, place, change = self.chance.choice(ways)
        spoilt = deepcopy(items)
        if place is None:
            spoilt.append(change)
        elif change is None:
            del spoilt[place]
        else:
            spoilt[place] = change
        return what, spoilt

    def _ways(
        self, raw: Sequence[Raw], parameters: Mapping[str, Parameter], items: Items
    ) -> Iterator[tuple[str, Any, Any]]:
        decisions = decide(list(parameters.values()), answers_of(raw, items))
        for place, item in enumerate(items):
            parameter = parameters[item["id"]]
            if decisions[parameter.id].is_required:
                yield "required one left out", place, None
            yield "said twice", None, item
            for what, members in self._spoilt(parameter, item, decisions[parameter.id]):
                yield what, place, {"id": item["id"], **members}
        sent = {item["id"] for item in items}
        for key, decision in decisions.items():
            if key not in sent and not decision.is_shown:
                yield "hidden one sent", None, {"id": key, **self._anything(decision.parameter)}
        yield "unknown one sent", None, {"id": "99", "values": ["x"]}

    def _anything(self, parameter: Parameter) -> dict[str, Any]:
        if parameter.type is ParameterType.DICTIONARY:
            return {"valuesIds": [next(iter(parameter.dictionary))]}
        if parameter.is_range:
            return {"rangeValue": {"from": self._number(parameter), "to": self._number(parameter)}}
        if parameter.is_gtin:
            return {"values": [GTINS[0]]}
        return {"values": ["3"]}

    def _spoilt(
        self, parameter: Parameter, item: Mapping[str, Any], decision: Decision
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        if parameter.type is ParameterType.DICTIONARY:
            yield from self._spoilt_choice(parameter, item, decision)
        elif parameter.type is ParameterType.STRING:
            yield from self._spoilt_text(parameter, item)
        elif parameter.is_range:
            yield "no number in a range", {"rangeValue": {"from": "x", "to": "3"}}
            yield "range empty", {"rangeValue": {"from": "", "to": ""}}
            if item["rangeValue"]["from"] != item["rangeValue"]["to"]:
                low, high = item["rangeValue"]["from"], item["rangeValue"]["to"]
                yield "range upside down", {"rangeValue": {"from": high, "to": low}}
            for what, number in self._wrong_numbers(parameter):
                yield f"range: {what}", {"rangeValue": {"from": number, "to": number}}
        else:
            yield "two numbers", {"values": [*item["values"], *item["values"]]}
            for what, number in self._wrong_numbers(parameter):
                yield what, {"values": [number]}

    def _wrong_numbers(self, parameter: Parameter) -> Iterator[tuple[str, str]]:
        yield "no number", "trzy"
        yield "decimal comma", "1,5"
        if parameter.min is not None:
            yield "too small", f"{parameter.min - 1:f}"
        if parameter.max is not None:
            yield "too large", f"{parameter.max + 1:f}"
        if parameter.type is ParameterType.INTEGER:
            yield "not whole", "3.5"
        elif parameter.precision is not None:
            whole = self._number(parameter).partition(".")[0]
            yield "too precise", f"{whole}.{'1' * (parameter.precision + 1)}"

    def _spoilt_choice(
        self, parameter: Parameter, item: Mapping[str, Any], decision: Decision
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        texts = item.get("values") or []
        yield "value of another dictionary", {**item, "valuesIds": [*item["valuesIds"], "zz_1"]}
        yield "value twice", {**item, "valuesIds": [*item["valuesIds"], item["valuesIds"][0]]}
        others = [each for each in decision.allowed if each not in item["valuesIds"]]
        two = [*item["valuesIds"], *others[:1]]
        if others and not parameter.multiple and parameter.ambiguous_value_id not in two:
            yield "two of a single choice", {**item, "valuesIds": two}
        misfits = [
            each
            for each in parameter.dictionary
            if each not in decision.allowed and each != parameter.ambiguous_value_id
        ]
        if misfits:
            yield "value that its parent forbids", {"valuesIds": misfits[:1]}
        if texts:
            yield "own value without its text", {"valuesIds": item["valuesIds"]}
        elif not parameter.custom_values_enabled or parameter.ambiguous_value_id not in item["valuesIds"]:
            yield "own text where none goes", {**item, "values": ["własna"]}

    def _spoilt_text(
        self, parameter: Parameter, item: Mapping[str, Any]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        too_many = [*item["values"], *(letter * 3 for letter in "klmn"[: parameter.max_values])]
        yield "too many texts", {"values": too_many}
        yield "empty text", {"values": []}
        if parameter.is_gtin:
            digits = item["values"][0][:-1]
            if digits.isdecimal() and len(digits) > 9:
                wrong = str((int(check_digit(digits)) + 1) % 10)
                yield "wrong check digit", {"values": [digits + wrong]}
            yield "wrong length of a code", {"values": ["1234567"]}
            yield "letters in a code", {"values": ["59077OOO00130"]}
            yield "code of a shop", {"values": ["2012345678903"]}
            return
        yield "unusual character", {"values": ["a<b>"[: max(parameter.max_length or 4, 2)]]}
        if parameter.max_length is not None:
            yield "too long", {"values": ["a" * (parameter.max_length + 1)]}
        if (parameter.min_length or 0) > 1:
            yield "too short", {"values": ["a"]}


def items_of(raw: Sequence[Raw], answers: Mapping[str, Answer]) -> Items:
    """As Allegro takes them, product's and offer's together."""
    found = []
    for wire in wire_values(read_parameters(raw), answers):
        item: dict[str, Any] = {"id": wire.parameter_id}
        if wire.values:
            item["values"] = list(wire.values)
        if wire.values_ids:
            item["valuesIds"] = list(wire.values_ids)
        if wire.range:
            item["rangeValue"] = {"from": wire.range[0], "to": wire.range[1]}
        found.append(item)
    return found


def answers_of(raw: Sequence[Raw], items: Items) -> dict[str, Answer]:
    """What was sent, as answers: the text beside the ids of a dictionary is an own value."""
    dictionaries = {each["id"] for each in raw if each["type"] == "dictionary"}
    found: dict[str, Answer] = {}
    for item in items:
        texts = item.get("values", [])
        own = {"custom": "".join(texts)} if item["id"] in dictionaries else {"values": texts}
        bounds = item.get("rangeValue") or {}
        found[item["id"]] = {"values_ids": item.get("valuesIds", []), "range": bounds, **own}
    return found


assert not any(map(gtin_fault, GTINS))
