"""How much of an offer is filled in, and what the form has to say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from allegro_module.domain.parameters import Decisions, Parameter
from allegro_module.domain.problems import Problem
from allegro_module.domain.selling_formats import SellingFormat
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_words import field_name, problem_sentence

ALWAYS_REQUIRED = (
    "title",
    "category_id",
    "quantity",
    "shipping_rate_id",
    "location",
    "images",
    "return_policy_id",
    "implied_warranty_id",
)
REQUIRED_WITH_SAFETY = ("responsible_producer_id", "safety_text")


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


def entries_of(problems: Sequence[Problem], parameters: Sequence[Parameter]) -> list[Entry]:
    return [
        Entry(problem.field, field_name(problem.field, parameters), problem_sentence(problem))
        for problem in sorted(problems, key=lambda problem: problem.is_warning)
    ]


def completeness(facts: Facts, decisions: Decisions) -> Completeness:
    """How many of the fields that must be filled are filled well; a field that is wrong counts as well."""
    faulty = {_field_of(problem) for problem in facts.all_problems if not problem.is_warning}
    counted = _required(facts, decisions) | faulty
    entries = entries_of(facts.all_problems, facts.parameters or ())
    return Completeness(len(counted) - len(faulty), len(counted), entries)


def _required(facts: Facts, decisions: Decisions) -> set[str]:
    is_auction = facts.choices.selling_format == SellingFormat.AUCTION
    required = {*ALWAYS_REQUIRED, "starting_price" if is_auction else "price"}
    required |= set(REQUIRED_WITH_SAFETY) if facts.needs_safety else set()
    for decision in decisions.values():
        if decision.is_required:
            required.add("gtin" if decision.parameter.is_gtin else f"parameters.{decision.parameter.id}")
    return required


def _field_of(problem: Problem) -> str:
    kind = problem.field.partition(".")[0]
    return kind if kind in ("images", "location", "sections") else problem.field
