"""The mapping as its page shows it: one page of rows of one kind, in a few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.mappings import (
    AttributeMapping,
    CategoryMapping,
    ValueMapping,
    list_attribute_mappings,
    list_category_mappings,
    list_value_mappings,
)
from allegro_module.domain.mappings import ANY_CATEGORY, MappedBy
from allegro_module.domain.shop import Choice
from allegro_module.sync.mapping_table import KnownCategories, words_of_answer
from allegro_module.web.formats import by_alphabet
from allegro_module.web.i18n import n, t
from allegro_module.web.labels import Label

PAGE = 100
VIEWS = ("categories", "attributes", "values")


@dataclass(frozen=True, slots=True)
class Row:
    """`key` names it in forms: the shop's category, else the row's id. `found` is what the shop says."""

    key: str
    found: str
    under: str
    meant: str
    label: Label
    is_suggestion: bool = False
    address: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`count` is of all that the search finds; `open` counts the shop's categories without a mapping."""

    view: str
    rows: Sequence[Row]
    count: int
    page: int
    open: int = 0
    suggestions: int = 0

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))


def read_table(
    session: Session, environment: str, view: str, categories: Sequence[Choice], text: str, page: int
) -> Table:
    """Rows whose words contain the text, whatever its capitals."""
    if view == "attributes":
        return _attributes(session, environment, text, page)
    if view == "values":
        return _values(session, environment, text, page)
    return _categories(session, environment, categories, text, page)


def _categories(
    session: Session, environment: str, categories: Sequence[Choice], text: str, page: int
) -> Table:
    """The shop's categories, those without a mapping first."""
    mapped = {row.shop_category_id: row for row in list_category_mappings(session, environment)}
    known = _known(session, environment, [row.category_id for row in mapped.values()])
    rows = [_category(each, mapped.get(each.id), known) for each in categories]
    gone = mapped.keys() - {each.id for each in categories}
    rows += [_category(Choice(key, key), mapped[key], known) for key in sorted(gone)]
    rows.sort(
        key=lambda row: (
            bool(row.meant) + (bool(row.meant) and not row.is_suggestion),
            by_alphabet(row.found),
        )
    )
    fitting = [row for row in rows if _fits(f"{row.found} {row.meant}", text)]
    return Table(
        "categories",
        fitting[(page - 1) * PAGE : page * PAGE],
        len(fitting),
        page,
        open=sum(not row.meant for row in rows),
        suggestions=sum(row.is_suggestion for row in rows),
    )


def _category(choice: Choice, row: CategoryMapping | None, known: KnownCategories) -> Row:
    if row is None:
        return Row(choice.id, choice.name, "", "", Label(t("Not mapped"), "circle", "off"))
    category = known.rows.get(row.category_id)
    meant = known.path(row.category_id) or row.category_id
    label = _label(row.mapped_by, row.uses)
    if category is None or not category.is_leaf:
        label = Label(t("No longer on Allegro"), "exclamation-triangle-fill", "warn")
    return Row(choice.id, choice.name, "", meant, label, row.mapped_by == MappedBy.SUGGESTED)


def _attributes(session: Session, environment: str, text: str, page: int) -> Table:
    found = list_attribute_mappings(session, environment)
    paths = _known(session, environment, [row.category_id for row in found])
    fitting = [
        row for row in found if _fits(f"{row.attribute} {_category_words(row.category_id, paths)}", text)
    ]
    shown = fitting[(page - 1) * PAGE : page * PAGE]
    known = _known(session, environment, [row.category_id for row in shown])
    return Table("attributes", [_attribute(row, known) for row in shown], len(fitting), page)


def _attribute(row: AttributeMapping, known: KnownCategories) -> Row:
    parameter = known.parameters(row.category_id).get(row.parameter_id)
    return Row(
        str(row.id),
        row.attribute,
        _category_words(row.category_id, known),
        parameter.name if parameter else row.parameter_id,
        _label(row.mapped_by, row.uses),
        address={"category": row.category_id, "parameter": row.parameter_id, "attribute": row.attribute},
    )


def _values(session: Session, environment: str, text: str, page: int) -> Table:
    found = list_value_mappings(session, environment)
    paths = _known(session, environment, [row.category_id for row in found])
    fitting = [row for row in found if _fits(f"{row.value} {_category_words(row.category_id, paths)}", text)]
    shown = fitting[(page - 1) * PAGE : page * PAGE]
    known = _known(session, environment, [row.category_id for row in shown])
    return Table("values", [_value(row, known) for row in shown], len(fitting), page)


def _value(row: ValueMapping, known: KnownCategories) -> Row:
    parameter = known.parameters(row.category_id).get(row.parameter_id)
    name = parameter.name if parameter else row.parameter_id
    words = words_of_answer(row.answer, parameter)
    return Row(
        str(row.id),
        row.value,
        f"{name} · {_category_words(row.category_id, known)}",
        words,
        _label(row.mapped_by, row.uses),
        address={
            "category": row.category_id,
            "parameter": row.parameter_id,
            "value": row.value,
            "meant": words,
        },
    )


def _category_words(category_id: str, known: KnownCategories) -> str:
    if category_id == ANY_CATEGORY:
        return t("every category")
    return known.path(category_id) or category_id


def _known(session: Session, environment: str, ids: Iterable[str]) -> KnownCategories:
    return KnownCategories(session, environment, frozenset(ids))


def _fits(whole: str, text: str) -> bool:
    return all(word in whole.casefold() for word in text.casefold().split())


def _label(mapped_by: str, uses: int) -> Label:
    if mapped_by == MappedBy.SUGGESTED:
        words = n("Suggested from %(num)s product", "Suggested from %(num)s products", max(uses, 1))
        return Label(words, "question-circle", "wait")
    if mapped_by == MappedBy.LEARNED:
        return Label(
            n("Learned from %(num)s offer", "Learned from %(num)s offers", uses), "mortarboard", "ok"
        )
    return Label(t("Set by hand"), "check-circle-fill", "ok")
