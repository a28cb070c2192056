"""Parameters of a category: which to show, which to demand, which values to allow (facts.md 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from allegro_module.domain.gtin import is_isbn

#: What a seller filled in, by parameter id, as kept in `Offer.parameters`:
#: {"values": [...], "values_ids": [...], "range": {"from": "", "to": ""}, "custom": ""}.
Answers: TypeAlias = Mapping[str, Mapping[str, Any]]

CONDITION_ID = "11323"
NEW = frozenset({"nowy", "new"})
#: The category's list does not tell which parameters are GTINs; these ids are the usual ones (facts.md 7.3).
GTIN_IDS = frozenset({"225693", "245669"})
GTIN_WORDS = frozenset({"ean", "gtin", "isbn"})


class ParameterType(StrEnum):
    DICTIONARY = "dictionary"
    INTEGER = "integer"
    FLOAT = "float"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class DictionaryValue:
    """`depends_on` are the parent's values it goes with; none means any. `former` are ids it had before."""

    id: str
    name: str
    depends_on: frozenset[str] = frozenset()
    former: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    #: The name without regard to capitals: tens of thousands are searched at each letter typed.
    folded: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", self.name.casefold())


@dataclass(frozen=True, slots=True)
class Conditions:
    """Hold when all of both kinds do."""

    with_value: tuple[tuple[str, frozenset[str]], ...] = ()
    without_value: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """`required` is for an offer, `required_for_product` for a new product in Allegro's catalogue.

    `former` are ids that it had in this category before.
    """

    id: str
    name: str
    type: ParameterType
    unit: str = ""
    required: bool = False
    required_for_product: bool = False
    required_if: Conditions | None = None
    displayed_if: Conditions | None = None
    describes_product: bool = False
    depends_on_parameter_id: str | None = None
    ambiguous_value_id: str | None = None
    custom_values_enabled: bool = False
    is_gtin: bool = False
    multiple: bool = False
    is_range: bool = False
    min: Decimal | None = None
    max: Decimal | None = None
    precision: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_values: int = 1
    former: tuple[str, ...] = ()
    dictionary: Mapping[str, DictionaryValue] = field(default_factory=dict, repr=False)

    @property
    def takes_own_value(self) -> bool:
        return self.ambiguous_value_id is not None and self.custom_values_enabled

    def find_named(self, name: str) -> DictionaryValue | None:
        """The dictionary value that has this name, else had it before, whatever its capitals."""
        wanted = name.strip().casefold()
        values = self.dictionary.values()
        now = next((value for value in values if value.folded == wanted), None)
        return now or next(
            (each for each in values if each.former_names and wanted in map(str.casefold, each.former_names)),
            None,
        )


@dataclass(frozen=True, slots=True)
class Cause:
    """Another parameter and those of its chosen values that count; no values: because it is empty."""

    parameter_id: str
    value_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """`allowed` are the dictionary values that go with the other answers."""

    parameter: Parameter
    is_shown: bool
    is_required: bool
    allowed: Mapping[str, DictionaryValue]
    because: tuple[Cause, ...] = ()


Decisions: TypeAlias = Mapping[str, Decision]


def read_parameters(raw: Iterable[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    """From Allegro's JSON; parameters of a type we do not know are left out."""
    known = {str(kind) for kind in ParameterType}
    return tuple(_read(entry) for entry in raw if entry.get("type") in known)


def _read(entry: Mapping[str, Any]) -> Parameter:
    options = entry.get("options") or {}
    limits = entry.get("restrictions") or {}
    name = entry.get("name") or entry["id"]
    kind = ParameterType(entry["type"])
    return Parameter(
        id=entry["id"],
        name=name,
        type=kind,
        unit=entry.get("unit") or "",
        required=bool(entry.get("required")),
        required_for_product=bool(entry.get("requiredForProduct")),
        required_if=_conditions(entry.get("requiredIf")),
        displayed_if=_conditions(entry.get("displayedIf")),
        describes_product=bool(options.get("describesProduct")),
        depends_on_parameter_id=options.get("dependsOnParameterId"),
        ambiguous_value_id=options.get("ambiguousValueId"),
        custom_values_enabled=bool(options.get("customValuesEnabled")),
        is_gtin=kind is ParameterType.STRING and _is_gtin(entry["id"], name, options),
        multiple=bool(limits.get("multipleChoices")),
        is_range=bool(limits.get("range")),
        min=_decimal(limits.get("min")),
        max=_decimal(limits.get("max")),
        precision=limits.get("precision"),
        min_length=limits.get("minLength"),
        max_length=limits.get("maxLength"),
        max_values=limits.get("allowedNumberOfValues") or 1,
        former=_former(entry, "ids"),
        dictionary={value["id"]: _value(value) for value in entry.get("dictionary") or ()},
    )


def _is_gtin(parameter_id: str, name: str, options: Mapping[str, Any]) -> bool:
    words = set(name.casefold().replace("(", " ").replace(")", " ").replace("/", " ").split())
    return bool(options.get("isGTIN")) or parameter_id in GTIN_IDS or not GTIN_WORDS.isdisjoint(words)


def _value(entry: Mapping[str, Any]) -> DictionaryValue:
    return DictionaryValue(
        entry["id"],
        entry.get("value") or "",
        frozenset(entry.get("dependsOnValueIds") or ()),
        _former(entry, "ids"),
        _former(entry, "values"),
    )


def _former(entry: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    """What Allegro called it before, for at least a month (facts.md 7.5)."""
    told = entry.get("formerData")
    return tuple(told.get(kind) or ()) if told else ()


def _conditions(entry: Mapping[str, Any] | None) -> Conditions | None:
    if entry is None:
        return None
    return Conditions(
        tuple(
            (other["id"], frozenset(other.get("oneOfValueIds") or ()))
            for other in entry.get("parametersWithValue") or ()
        ),
        tuple(other["id"] for other in entry.get("parametersWithoutValue") or ()),
    )


def _decimal(number: object) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def with_gtin(parameters: Sequence[Parameter], answers: Answers, gtin: str) -> Answers:
    """The answers with the offer's EAN in the parameters that ask for it; none given leaves them as they are.

    Where a category asks for EAN and ISBN both, only an ISBN goes into the latter.
    """
    asking = [parameter for parameter in parameters if parameter.is_gtin]
    if not gtin.strip() or not asking:
        return answers
    fitting = [each for each in asking if "isbn" not in each.name.casefold() or is_isbn(gtin)]
    return {**answers, **{each.id: {"values": [gtin]} for each in fitting or asking[:1]}}


def chosen_ids(answers: Answers, parameter_id: str) -> tuple[str, ...]:
    return tuple(answers.get(parameter_id, {}).get("values_ids") or ())


def typed_values(answers: Answers, parameter_id: str) -> tuple[str, ...]:
    """What was typed, without the empty boxes."""
    values = answers.get(parameter_id, {}).get("values") or ()
    return tuple(text.strip() for text in values if text.strip())


def typed_range(answers: Answers, parameter_id: str) -> tuple[str, str]:
    bounds = answers.get(parameter_id, {}).get("range") or {}
    return (bounds.get("from") or "").strip(), (bounds.get("to") or "").strip()


def is_answered(parameter: Parameter, answers: Answers) -> bool:
    if parameter.type is ParameterType.DICTIONARY:
        return bool(chosen_ids(answers, parameter.id))
    if parameter.is_range:
        return any(typed_range(answers, parameter.id))
    return bool(typed_values(answers, parameter.id))


def decide(parameters: Sequence[Parameter], answers: Answers) -> Decisions:
    """What follows from the answers, for each parameter of the category, product's and offer's together.

    Only answers that count decide about others: a hidden parameter's does not, nor does a value that its
    parent no longer allows. Both kinds of rules only ever add with more answers, so we start from nothing and
    add until nothing changes; parameters that would show only each other stay hidden.
    """
    answered = [parameter for parameter in parameters if is_answered(parameter, answers)]
    counting: Answers = {}
    while (more := _counting(answered, answers, counting)) != counting:
        counting = more
    return {parameter.id: _decision(parameter, counting) for parameter in parameters}


def _counting(answered: Sequence[Parameter], answers: Answers, so_far: Answers) -> Answers:
    counted: dict[str, Mapping[str, Any]] = {}
    for parameter in answered:
        if not _is_shown(parameter, so_far):
            continue
        if parameter.type is not ParameterType.DICTIONARY:
            # Without value ids: what was chosen while it was a dictionary decides nothing any more.
            counted[parameter.id] = {}
            continue
        allowed = _allowed(parameter, so_far)
        if ids := [value_id for value_id in chosen_ids(answers, parameter.id) if value_id in allowed]:
            counted[parameter.id] = {"values_ids": ids}
    return counted


def _decision(parameter: Parameter, counting: Answers) -> Decision:
    is_shown = _is_shown(parameter, counting)
    causes: list[Cause] = []
    if is_shown and parameter.displayed_if is not None:
        causes += _causes(parameter.displayed_if, counting)
    if is_shown and parameter.required_if is not None and _hold(parameter.required_if, counting):
        causes += _causes(parameter.required_if, counting)
    return Decision(
        parameter,
        is_shown,
        is_shown and _is_required(parameter, counting),
        _allowed(parameter, counting),
        tuple(dict.fromkeys(causes)),
    )


def _is_shown(parameter: Parameter, counting: Answers) -> bool:
    return parameter.displayed_if is None or _hold(parameter.displayed_if, counting)


def _is_required(parameter: Parameter, counting: Answers) -> bool:
    """With conditions only these decide (openapi.json, CategoryParameterRequirementConditions).

    We always send the product's data, as Allegro may have to make a product of them.
    """
    if parameter.describes_product and parameter.required_for_product:
        return True
    if parameter.required_if is not None:
        return _hold(parameter.required_if, counting)
    return parameter.required


def _hold(conditions: Conditions, counting: Answers) -> bool:
    return all(
        not values.isdisjoint(chosen_ids(counting, other)) for other, values in conditions.with_value
    ) and all(other not in counting for other in conditions.without_value)


def _causes(conditions: Conditions, counting: Answers) -> list[Cause]:
    met = [
        Cause(other, tuple(value_id for value_id in chosen_ids(counting, other) if value_id in values))
        for other, values in conditions.with_value
    ]
    return met + [Cause(other) for other in conditions.without_value]


def _allowed(parameter: Parameter, counting: Answers) -> Mapping[str, DictionaryValue]:
    """Long dictionaries (brands: tens of thousands) are handed on, not copied."""
    if parameter.depends_on_parameter_id is None:
        return parameter.dictionary
    chosen = frozenset(chosen_ids(counting, parameter.depends_on_parameter_id))
    return {
        value.id: value
        for value in parameter.dictionary.values()
        if not value.depends_on or not value.depends_on.isdisjoint(chosen)
    }


def is_new_goods(parameters: Sequence[Parameter], answers: Answers) -> bool:
    """The condition of the goods is New; False where the category does not ask for it."""
    condition = next((each for each in parameters if each.id == CONDITION_ID or each.name == "Stan"), None)
    if condition is None:
        return False
    chosen = [condition.dictionary.get(value_id) for value_id in chosen_ids(answers, condition.id)]
    return any(value is not None and value.name.casefold() in NEW for value in chosen)
