"""The offer form as its templates show it: values, choices, problems and completeness, all frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from allegro_module.db.attachments import Attachment
from allegro_module.domain.listing import IMAGES_MAX, Picture
from allegro_module.domain.parameters import Decisions, Parameter, decide
from allegro_module.domain.problems import Problem
from allegro_module.domain.titles import TITLE_MAX, title_length
from allegro_module.web.formats import money
from allegro_module.web.forms.offer import Choices
from allegro_module.web.offer_description import Description, description_of
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_options import (
    PriceAbroad,
    options_of,
    origin_words,
    origins,
    price_words,
    prices_abroad,
    promotion_words,
    vat_rate_of,
)
from allegro_module.web.offer_parameters import ParameterSection, parameter_section
from allegro_module.web.offer_sections import Section, sections
from allegro_module.web.offer_words import field_name, problem_sentence, sentences_by_field
from allegro_module.web.regions import province_choices

ALWAYS_REQUIRED = (
    "title",
    "category_id",
    "price",
    "quantity",
    "shipping_rate_id",
    "location",
    "images",
    "return_policy_id",
    "implied_warranty_id",
)
REQUIRED_WITH_SAFETY = ("responsible_producer_id", "safety_text")


@dataclass(frozen=True, slots=True)
class PictureTile:
    """`number` counts those that are used, from 0; None for one that is left out."""

    ref: str
    place: int
    number: int | None
    size: str
    errors: Sequence[str]


class Entry(NamedTuple):
    """A problem in a list: where it is, what that is called, what is wrong."""

    field: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Completeness:
    done: int
    total: int
    entries: Sequence[Entry]

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total


@dataclass(frozen=True, slots=True)
class FormView:
    """`errors` are sentences by field; `options` the lists to choose from, by field: (value, words).

    `warnings` stop no listing.
    """

    choices: Choices
    sections: Mapping[int, Section]
    errors: Mapping[str, Sequence[str]]
    problems: Sequence[Entry]
    warnings: Sequence[Entry]
    options: Mapping[str, Sequence[tuple[str, str]]]
    tiles: Sequence[PictureTile]
    category_path: str
    has_parameters: bool
    parameters: ParameterSection
    is_gtin_required: bool
    needs_safety: bool
    title_length: int
    title_max: int
    images_max: int
    vat_rate: str
    origin: str
    description: Description
    price: str
    shop_price: str
    completeness: Completeness
    origins: Mapping[str, str]
    prices_abroad: Sequence[PriceAbroad]
    provinces: Sequence[tuple[str, str]]
    files: Sequence[Attachment]
    promotion: str

    @property
    def faulty_fields(self) -> list[str]:
        """Where something is wrong still: errors elsewhere have been corrected."""
        return sorted({entry.field for entry in (*self.problems, *self.warnings, *self.completeness.entries)})


def form_view(facts: Facts) -> FormView:
    parameters = facts.parameters or ()
    decisions = decide(parameters, facts.answers)
    wrong = [each for each in facts.shown_problems if not each.is_warning]
    errors = sentences_by_field(wrong)
    choices = facts.choices
    return FormView(
        choices=choices,
        sections=sections(facts),
        errors=errors,
        problems=_entries(wrong, parameters),
        warnings=_entries([each for each in facts.shown_problems if each.is_warning], parameters),
        options=options_of(facts),
        tiles=_tiles(facts, errors),
        category_path=facts.category_path,
        has_parameters=facts.parameters is not None,
        parameters=parameter_section(parameters, decisions, facts.answers, errors),
        is_gtin_required=any(decisions[each.id].is_required for each in parameters if each.is_gtin),
        needs_safety=facts.needs_safety,
        title_length=title_length(choices.title),
        title_max=TITLE_MAX,
        images_max=IMAGES_MAX,
        vat_rate=vat_rate_of(choices),
        origin=origin_words(facts.offer.account),
        description=description_of(facts),
        price=price_words(choices.price_text, facts.offer.currency),
        shop_price=money(facts.product.price) if facts.product else "",
        completeness=_completeness(facts, decisions),
        origins=origins(facts),
        prices_abroad=prices_abroad(facts),
        provinces=province_choices(),
        files=facts.files,
        promotion=promotion_words(facts),
    )


def _tiles(facts: Facts, errors: Mapping[str, Sequence[str]]) -> list[PictureTile]:
    used = list(facts.choices.images)
    return [
        _tile(facts, ref, number, errors.get(f"images.{number}", ())) for number, ref in enumerate(used)
    ] + [_tile(facts, ref, None, ()) for ref in facts.refs if ref not in used]


def _tile(facts: Facts, ref: str, number: int | None, errors: Sequence[str]) -> PictureTile:
    picture = facts.pictures.get(ref, Picture())
    size = f"{picture.width} × {picture.height} px" if picture.is_readable else ""
    return PictureTile(ref, list(facts.refs).index(ref), number, size, errors)


def _entries(problems: Sequence[Problem], parameters: Sequence[Parameter]) -> list[Entry]:
    return [
        Entry(problem.field, field_name(problem.field, parameters), problem_sentence(problem))
        for problem in sorted(problems, key=lambda problem: problem.is_warning)
    ]


def _completeness(facts: Facts, decisions: Decisions) -> Completeness:
    """How many of the fields that must be filled are filled well; a field that is wrong counts as well."""
    faulty = {_field_of(problem) for problem in facts.all_problems if not problem.is_warning}
    required = {*ALWAYS_REQUIRED, *(REQUIRED_WITH_SAFETY if facts.needs_safety else ())}
    for decision in decisions.values():
        if decision.is_required:
            required.add("gtin" if decision.parameter.is_gtin else f"parameters.{decision.parameter.id}")
    counted = required | faulty
    entries = _entries(facts.all_problems, facts.parameters or ())
    return Completeness(len(counted) - len(faulty), len(counted), entries)


def _field_of(problem: Problem) -> str:
    kind = problem.field.partition(".")[0]
    return kind if kind in ("images", "location") else problem.field
