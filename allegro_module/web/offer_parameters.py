"""The section *Cechy przedmiotu*: a field per parameter, dependents under the one they depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

import msgspec
from markupsafe import Markup

from allegro_module.domain.parameter_answers import own_value
from allegro_module.domain.parameters import (
    Answers,
    Cause,
    Decision,
    Decisions,
    DictionaryValue,
    Parameter,
    ParameterType,
    chosen_ids,
    typed_range,
    typed_values,
)
from allegro_module.sync.catalogue import product_answers
from allegro_module.web.formats import in_warsaw, number
from allegro_module.web.globals import field_id
from allegro_module.web.i18n import n, t
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_words import answer_words
from allegro_module.web.parameter_data import LONG, browser_data

#: How many values a search offers at once.
OFFERED = 50
#: Optional parameters beyond these are folded away.
IN_VIEW = 6

NUMBERS = (ParameterType.INTEGER, ParameterType.FLOAT)


@dataclass(frozen=True, slots=True)
class Option:
    """A value that does not go with the other answers is shown only while it is chosen."""

    id: str
    text: str
    is_chosen: bool
    is_allowed: bool
    #: The parent's values that it goes with, for the page's script.
    parents: str = ""


@dataclass(frozen=True, slots=True)
class ParameterField:
    """`widget` is select, ticks, search, text, lines, number or range.

    `own_id` is the value beside which one types.
    """

    id: str
    name: str
    control_id: str
    label: str
    widget: str
    is_shown: bool
    is_required: bool
    why: str
    planned: str
    unit: str
    help: str
    errors: Sequence[str]
    is_multiple: bool
    options: Sequence[Option]
    value: str
    bounds: tuple[str, str]
    own_id: str
    own_text: str
    is_own_chosen: bool
    max_length: int | None

    @property
    def is_group(self) -> bool:
        """Made of several controls."""
        return self.widget in ("ticks", "range") or (self.widget == "search" and self.is_multiple)

    @property
    def chosen(self) -> list[Option]:
        return [option for option in self.options if option.is_chosen]


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """A field and those that appear because of it, in the category's order."""

    root: ParameterField
    dependents: Sequence[ParameterField]


@dataclass(frozen=True, slots=True)
class LockedParameter:
    """What the catalogue says of the chosen product; it cannot be changed in an offer."""

    id: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ParameterSection:
    """`data` is what `static/allegro/js/parameters.js` decides by."""

    locked: Sequence[LockedParameter]
    needed: Sequence[ParameterGroup]
    optional: Sequence[ParameterGroup]
    folded: Sequence[ParameterGroup]
    data: Mapping[str, Any]

    @property
    def json(self) -> Markup:
        """As `tojson` writes it, in a tenth of the time: hundreds of parameters have thousands of values."""
        text = msgspec.json.encode(self.data).decode()
        for sign in "<>&'":
            text = text.replace(sign, f"\\u{ord(sign):04x}")
        return Markup(text)  # noqa: S704


def parameter_section(
    facts: Facts, decisions: Decisions, errors_by_field: Mapping[str, Sequence[str]]
) -> ParameterSection:
    """Parameters that ask for the EAN are left out: it is a field of its own."""
    parameters, answers = facts.parameters or (), facts.answers
    given = product_answers(facts.catalogue, parameters)
    planned = _planned(facts)
    fields = {
        parameter.id: _field(decisions[parameter.id], decisions, answers, errors_by_field, planned)
        for parameter in parameters
        if not parameter.is_gtin and parameter.id not in given
    }
    children: dict[str | None, list[Parameter]] = {}
    for parameter in parameters:
        if parameter.id in fields:
            children.setdefault(_parent(parameter, fields), []).append(parameter)
    needed: list[ParameterGroup] = []
    optional: list[ParameterGroup] = []
    for root in children.get(None, ()):
        group = ParameterGroup(fields[root.id], [fields[each.id] for each in _below(root, children)])
        (needed if may_be_required(root) else optional).append(group)
    return ParameterSection(
        locked=_locked(given, decisions),
        needed=needed,
        optional=optional[:IN_VIEW] + [group for group in optional[IN_VIEW:] if _has_something(group)],
        folded=[group for group in optional[IN_VIEW:] if not _has_something(group)],
        data={**browser_data(parameters, answers), "locked": given},
    )


def _locked(given: Answers, decisions: Decisions) -> list[LockedParameter]:
    """In the order of the category."""
    return [
        LockedParameter(each.parameter.id, each.parameter.name, _with_unit(each.parameter, given))
        for each in decisions.values()
        if each.parameter.id in given and each.is_shown
    ]


def _with_unit(parameter: Parameter, given: Answers) -> str:
    words = answer_words(given[parameter.id], parameter)
    return f"{words} {parameter.unit}".strip() if parameter.type in NUMBERS else words


def _planned(facts: Facts) -> dict[str, str]:
    """„od 5.12 wymagane”, by parameter: Allegro tells three months ahead (facts.md 7.1)."""
    changes = (facts.category.planned_changes if facts.category else None) or ()
    return {
        each["parameter_id"]: t("required from %(day)s", day=_day(each["from"]))
        for each in reversed(changes)
        if each.get("is_required")
    }


def _day(moment: str) -> str:
    day = in_warsaw(datetime.fromisoformat(moment))
    return f"{day.day}.{day.month:02}"


def may_be_required(parameter: Parameter) -> bool:
    is_product_part = parameter.describes_product and parameter.required_for_product
    return parameter.required or parameter.required_if is not None or is_product_part


def _parent(parameter: Parameter, fields: Mapping[str, ParameterField]) -> str | None:
    """The field under which one that appears is shown."""
    if parameter.displayed_if is None:
        return None
    others = (other for other, _ in parameter.displayed_if.with_value)
    return next((other for other in others if other in fields and other != parameter.id), None)


def _below(parameter: Parameter, children: Mapping[str | None, Sequence[Parameter]]) -> Iterator[Parameter]:
    """Its dependents, each followed by its own."""
    for child in children.get(parameter.id, ()):
        yield child
        yield from _below(child, children)


def _has_something(group: ParameterGroup) -> bool:
    fields = (group.root, *group.dependents)
    return any(
        each.errors or each.value or any(each.bounds) or each.chosen or each.is_required for each in fields
    )


def _field(
    decision: Decision,
    decisions: Decisions,
    answers: Answers,
    errors_by_field: Mapping[str, Sequence[str]],
    planned: Mapping[str, str],
) -> ParameterField:
    parameter = decision.parameter
    name = f"parameters.{parameter.id}"
    own_id = (parameter.ambiguous_value_id or "") if parameter.takes_own_value else ""
    options = _options(decision, answers)
    return ParameterField(
        id=parameter.id,
        name=name,
        control_id=field_id(name),
        label=parameter.name,
        widget=_widget(parameter),
        is_shown=decision.is_shown,
        is_required=decision.is_required,
        why=why(decision, decisions) if decision.is_shown else "",
        planned="" if decision.is_required else planned.get(parameter.id, ""),
        unit=parameter.unit,
        help=_help(parameter),
        errors=errors_by_field.get(name, ()),
        is_multiple=parameter.multiple,
        options=options,
        value=_value(parameter, options, answers),
        bounds=typed_range(answers, parameter.id),
        own_id=own_id,
        own_text=own_value(parameter, answers),
        is_own_chosen=bool(own_id) and own_id in chosen_ids(answers, parameter.id),
        max_length=parameter.max_length,
    )


def _widget(parameter: Parameter) -> str:
    if parameter.type is ParameterType.DICTIONARY:
        if len(parameter.dictionary) > LONG:
            return "search"
        return "ticks" if parameter.multiple else "select"
    if parameter.is_range:
        return "range"
    if parameter.type in NUMBERS:
        return "number"
    return "lines" if parameter.max_values > 1 else "text"


def _options(decision: Decision, answers: Answers) -> list[Option]:
    """Of a long dictionary what is chosen and the first of the rest; a chosen text that is no value, too."""
    parameter = decision.parameter
    chosen = chosen_ids(answers, parameter.id)
    known = parameter.dictionary
    strange = [DictionaryValue(each, each) for each in chosen if each not in known]
    offered: Iterable[DictionaryValue] = decision.allowed.values()
    if len(known) > LONG:
        offered = [value for value in islice(offered, OFFERED) if value.id not in chosen]
        offered = [*(known[each] for each in chosen if each in known), *offered]
    else:
        misfits = [known[each] for each in chosen if each in known and each not in decision.allowed]
        offered = [*offered, *misfits]
    return [
        Option(value.id, value.name, value.id in chosen, value.id in decision.allowed, _parents(value))
        for value in [*offered, *strange]
    ]


def _parents(value: DictionaryValue) -> str:
    return " ".join(sorted(value.depends_on)) if value.depends_on else ""


def search_values(
    parameter: Parameter, text: str, parent_ids: Sequence[str], limit: int = OFFERED
) -> list[Option]:
    """Values whose name holds the text, those that begin with it first."""
    wanted = text.strip().casefold()
    parents = frozenset(parent_ids)
    fitting = [
        value
        for value in parameter.dictionary.values()
        if wanted in value.folded and (not value.depends_on or not value.depends_on.isdisjoint(parents))
    ]
    first = (value for value in fitting if value.folded.startswith(wanted))
    others = (value for value in fitting if not value.folded.startswith(wanted))
    found = islice(chain(first, others), limit)
    return [Option(each.id, each.name, False, True, _parents(each)) for each in found]


def _value(parameter: Parameter, options: Sequence[Option], answers: Answers) -> str:
    """What stands in a text box."""
    if parameter.type is ParameterType.DICTIONARY:
        if parameter.multiple or len(parameter.dictionary) <= LONG:
            return ""
        return next((option.text for option in options if option.is_chosen), "")
    return "\n".join(typed_values(answers, parameter.id))


def _help(parameter: Parameter) -> str:
    if parameter.type in NUMBERS:
        return _help_for_number(parameter.min, parameter.max, parameter)
    if parameter.type is ParameterType.STRING and parameter.max_values > 1:
        return n(
            "One value",
            "Each value in a line of its own, at most %(num)s",
            parameter.max_values,
        )
    if parameter.type is ParameterType.DICTIONARY and len(parameter.dictionary) > LONG:
        return t("Type a few letters and choose from the list")
    return ""


def _help_for_number(low: Decimal | None, high: Decimal | None, parameter: Parameter) -> str:
    if low is not None and high is not None:
        return t("From %(low)s to %(high)s", low=number(low), high=number(high))
    if low is not None:
        return t("At least %(low)s", low=number(low))
    return t("At most %(high)s", high=number(high)) if high is not None else ""


def why(decision: Decision, decisions: Decisions) -> str:
    """„Materiał = złoto żółte”; empty when nothing else made it appear or be required."""
    return ", ".join(
        _cause(cause, decisions) for cause in decision.because if cause.parameter_id in decisions
    )


def _cause(cause: Cause, decisions: Decisions) -> str:
    other = decisions[cause.parameter_id].parameter
    if not cause.value_ids:
        return t("%(name)s is empty", name=other.name)
    names = [other.dictionary[each].name for each in cause.value_ids if each in other.dictionary]
    return f"{other.name} = {', '.join(names)}"
