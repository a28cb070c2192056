"""The mapping as a table: written out for a spreadsheet, and read back whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from io import StringIO
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from allegro_module.db.categories import Category
from allegro_module.db.mappings import (
    KEYS_BY_KIND,
    SAID_BY_KIND,
    AttributeMapping,
    CategoryMapping,
    ValueMapping,
    key_of,
    list_attribute_mappings,
    list_category_mappings,
    list_value_mappings,
    put_mapping,
)
from allegro_module.domain.mappings import ANY_CATEGORY, MappedBy
from allegro_module.domain.parameters import Parameter, read_parameters
from allegro_module.domain.problems import Problem
from allegro_module.domain.spreadsheets import as_it_was
from allegro_module.sync.answer_guesses import answer_in_words

#: First cells of a line; the seller's spreadsheet shows them.
CATEGORY, ATTRIBUTE, VALUE = "kategoria", "cecha", "wartość"
HEADS = (
    "rodzaj",
    "w sklepie",
    "id kategorii Allegro",
    "id parametru Allegro",
    "wartość Allegro",
    "objaśnienie",
)
LINES_MAX = 20_000
#: Between several values of one answer.
BETWEEN_VALUES = " | "
Row = CategoryMapping | AttributeMapping | ValueMapping
NAMED_VALUES = 12
LENGTHS = {CATEGORY: 100, ATTRIBUTE: 100, VALUE: 255}


@dataclass
class KnownCategories:
    """Categories of one environment that the mapping speaks of, read in one statement."""

    session: Session
    environment: str
    ids: frozenset[str]
    _parameters: dict[str, dict[str, Parameter]] = field(default_factory=dict, init=False)

    @cached_property
    def rows(self) -> Mapping[str, Category]:
        """Without their parameters, which are large."""
        found = self.session.scalars(self._wanted.options(defer(Category.parameters, raiseload=True)))
        return {row.allegro_id: row for row in found}

    @cached_property
    def _raw(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        found = self.session.execute(self._wanted.with_only_columns(Category.allegro_id, Category.parameters))
        return {category_id: parameters or () for category_id, parameters in found}

    @property
    def _wanted(self) -> Select[Category]:
        return select(Category).where(
            Category.environment == self.environment, Category.allegro_id.in_(sorted(self.ids))
        )

    def path(self, category_id: str) -> str:
        row = self.rows.get(category_id)
        return row.path if row else ""

    def parameters(self, category_id: str) -> Mapping[str, Parameter]:
        """Of one category, or of all that are known here; the first that names a parameter counts."""
        if category_id not in self._parameters:
            wanted = [category_id] if category_id != ANY_CATEGORY else list(self._raw)
            found: dict[str, Parameter] = {}
            for each in wanted:
                for parameter in read_parameters(self._raw.get(each, ())):
                    found.setdefault(parameter.id, parameter)
            self._parameters[category_id] = found
        return self._parameters[category_id]


@dataclass(frozen=True, slots=True)
class LineProblem:
    """`line` counts from 1, the heads included, as a spreadsheet shows it."""

    line: int
    problem: Problem


def table_lines(session: Session, environment: str, shop_names: Mapping[str, str]) -> Iterator[list[str]]:
    """The heads, then a line for each mapping and each of the shop's categories without one.

    `shop_names` are the shop's categories by id.
    """
    categories = list_category_mappings(session, environment)
    attributes = list_attribute_mappings(session, environment)
    values = list_value_mappings(session, environment)
    known = KnownCategories(
        session,
        environment,
        frozenset(
            [each.category_id for each in categories]
            + [each.category_id for each in attributes]
            + [each.category_id for each in values]
        ),
    )
    yield list(HEADS)
    for each in categories:
        words = f"{shop_names.get(each.shop_category_id, '')} → {known.path(each.category_id)}"
        yield [CATEGORY, each.shop_category_id, each.category_id, "", "", words]
    for shop_category_id in shop_names.keys() - {each.shop_category_id for each in categories}:
        yield [CATEGORY, shop_category_id, "", "", "", shop_names[shop_category_id]]
    for attribute in attributes:
        parameter = known.parameters(attribute.category_id).get(attribute.parameter_id)
        words = f"{known.path(attribute.category_id)} › {parameter.name if parameter else ''}"
        yield [ATTRIBUTE, attribute.attribute, attribute.category_id, attribute.parameter_id, "", words]
    for value in values:
        parameter = known.parameters(value.category_id).get(value.parameter_id)
        words = f"{known.path(value.category_id)} › {parameter.name if parameter else ''}"
        said = words_of_answer(value.answer, parameter)
        yield [VALUE, value.value, value.category_id, value.parameter_id, said, words]


def words_of_answer(answer: Mapping[str, Any], parameter: Parameter | None) -> str:
    """As `read_answer` reads it back; an id stands where a name is not known."""
    dictionary = parameter.dictionary if parameter else {}
    custom = answer.get("custom") or ""
    own = parameter.ambiguous_value_id if parameter else None
    names = [
        dictionary[each].name if each in dictionary else each
        for each in answer.get("values_ids") or ()
        if not (custom and each == own)
    ]
    bounds = "–".join(text for text in (answer.get("range") or {}).values() if text)
    return BETWEEN_VALUES.join(
        part for part in (*names, *(answer.get("values") or ()), bounds, custom) if part
    )


def read_answer(parameter: Parameter, words: str) -> dict[str, Any] | None:
    """None when the parameter takes no such value. Ids of the dictionary are taken as well as names."""
    parts = [part.strip() for part in words.split("|") if part.strip()]
    if parts and all(part in parameter.dictionary for part in parts):
        return {"values_ids": parts} if parameter.multiple or len(parts) == 1 else None
    return answer_in_words(parameter, words.strip())


def read_table(
    session: Session, environment: str, text: str, who: str, now: datetime
) -> int | Sequence[LineProblem]:
    """How many mappings it changed; or all that is wrong with it, and then nothing is kept. No commit."""
    lines = _lines(text)
    if isinstance(lines, LineProblem):
        return [lines]
    if not lines or len(lines) > LINES_MAX:
        code = "mapping_table_too_long" if lines else "mapping_table_empty"
        return [LineProblem(1, Problem(code, params={"max": str(LINES_MAX)}))]
    known = KnownCategories(session, environment, frozenset(cells[2] for _, cells in lines))
    read = [(number, _row(known, cells, who, now)) for number, cells in lines]
    rows = [(number, row) for number, row in read if not isinstance(row, Problem)]
    problems = [LineProblem(number, row) for number, row in read if isinstance(row, Problem)]
    problems += _contradictions(rows)
    if problems:
        return sorted(problems, key=lambda each: each.line)
    return sum([put_mapping(session, row) for _, row in rows])


def _contradictions(rows: Sequence[tuple[int, Row]]) -> Iterator[LineProblem]:
    """Lines that map the same as an earlier one to something else."""
    first: dict[tuple[object, ...], tuple[int, object]] = {}
    for number, row in rows:
        kind = type(row)
        key = (kind, *(getattr(row, name) for name in KEYS_BY_KIND[kind]))
        said = getattr(row, SAID_BY_KIND[kind])
        earlier, said_there = first.setdefault(key, (number, said))
        if said != said_there:
            yield LineProblem(number, Problem("mapping_line_contradicts", params={"line": str(earlier)}))


def _lines(text: str) -> list[tuple[int, list[str]]] | LineProblem:
    """Without heads and empty lines, each as long as the heads and without blanks around its cells."""
    bare = text.removeprefix("\ufeff").replace("\x00", "")
    first = bare.partition("\n")[0]
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    # Line ends within a cell stay as they are, and those of old Macs end a line.
    lines = csv.reader(StringIO(bare, newline=""), delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            cells = [as_it_was(cell.strip()) for cell in line]
            is_head = number == 1 and cells and cells[0].casefold() == HEADS[0]
            if any(cells) and not is_head and not _is_open(cells):
                found.append((number, [*cells, *[""] * len(HEADS)][: len(HEADS)]))
    except csv.Error:
        # One cell is longer than the reader takes.
        return LineProblem(number + 1, Problem("mapping_line_unreadable"))
    return found


def _is_open(cells: Sequence[str]) -> bool:
    """A category of the shop for which nobody has filled in any."""
    return cells[0].casefold() == CATEGORY and not any(cells[2:5])


def _row(known: KnownCategories, cells: Sequence[str], who: str, now: datetime) -> Row | Problem:
    kind, said, category_id, parameter_id, words, _ = cells
    if kind.casefold() not in LENGTHS:
        return Problem("mapping_kind_unknown", params={"value": kind})
    if not said or len(said) > LENGTHS[kind.casefold()]:
        return Problem("mapping_shop_side_missing")
    if category_id and category_id not in known.rows:
        return Problem("mapping_category_unknown", params={"value": category_id})
    who_and_when = {"mapped_by": MappedBy.SELLER, "changed_at": now, "changed_by": who[:100]}
    if kind.casefold() == CATEGORY:
        return category_row(known, said, category_id, who_and_when)
    parameter = known.parameters(category_id).get(parameter_id)
    if parameter is None:
        return Problem("mapping_parameter_unknown", params={"value": parameter_id})
    if kind.casefold() == ATTRIBUTE:
        return attribute_row(known.environment, category_id, said, parameter_id, who_and_when)
    return value_row(known.environment, category_id, parameter, said, words, who_and_when)


def category_row(
    known: KnownCategories, shop_category_id: str, category_id: str, who_and_when: Mapping[str, Any]
) -> CategoryMapping | Problem:
    category = known.rows.get(category_id)
    if category is None or not category.is_leaf:
        return Problem("mapping_category_not_leaf", params={"value": category_id})
    return CategoryMapping(
        environment=known.environment,
        shop_category_id=shop_category_id,
        category_id=category_id,
        **who_and_when,
    )


def attribute_row(
    environment: str, category_id: str, attribute: str, parameter_id: str, who_and_when: Mapping[str, Any]
) -> AttributeMapping:
    return AttributeMapping(
        environment=environment,
        category_id=category_id,
        attribute=attribute,
        attribute_key=key_of(attribute),
        parameter_id=parameter_id,
        **who_and_when,
    )


def known_values(parameter: Parameter) -> str:
    """The first of its values, „Złoto, Srebro, …”; empty for one without a dictionary."""
    names = [each.name for each in parameter.dictionary.values()]
    return ", ".join([*names[:NAMED_VALUES], *(["…"] if len(names) > NAMED_VALUES else [])])


def value_row(
    environment: str,
    category_id: str,
    parameter: Parameter,
    value: str,
    words: str,
    who_and_when: Mapping[str, Any],
) -> ValueMapping | Problem:
    answer = read_answer(parameter, words) if words else None
    if answer is None:
        params = {"value": words, "name": parameter.name}
        if not parameter.dictionary:
            return Problem("mapping_value_unfit", params=params)
        return Problem("mapping_value_unknown", params={**params, "known": known_values(parameter)})
    return ValueMapping(
        environment=environment,
        category_id=category_id,
        parameter_id=parameter.id,
        value=value,
        value_key=key_of(value),
        answer=answer,
        **who_and_when,
    )
