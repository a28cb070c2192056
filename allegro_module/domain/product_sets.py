"""Products of one offer: how many of each, what further ones say of safety, what all of them demand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from allegro_module.domain.parameters import Answers, Decisions, Parameter, chosen_ids, decide, typed_values
from allegro_module.domain.problems import Problem
from allegro_module.domain.products import PRODUCTS_MAX
from allegro_module.domain.safety import ATTACHMENTS_MAX, TEXT_MAX

#: Allegro names no limit; a longer number is a slip of the pen.
PIECES_MAX = 9999
FIRST_PIECES, FURTHER = "product_quantity", "set"


class SafetyChoice(StrEnum):
    """How a further product of a set tells of its safety (facts.md 6.10)."""

    CATALOGUE = ""
    TEXT = "text"
    FILES = "files"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class SetProduct:
    """A further product of a set, as `Offer.more_products` keeps it; `is_safe` by the catalogue's data."""

    name: str
    pieces: int | str = 1
    producer_id: str | None = None
    person_id: str | None = None
    safety: str = SafetyChoice.CATALOGUE
    text: str = ""
    files: int = 0
    is_safe: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """What a product of the catalogue wants answered in its offers, such as condition New (facts.md 6.4)."""

    product: str
    answers: Answers


def field_of(place: int, member: str = "") -> str:
    """The field of the form, by the place in `productSet`: `set.1`, `set.1.producer`."""
    return f"{FURTHER}.{place}.{member}" if member else f"{FURTHER}.{place}"


def read_pieces(typed: str) -> int | None:
    bare = typed.replace(" ", "").replace("\u00a0", "")
    is_number = bare.isascii() and bare.isdigit() and len(bare) <= len(str(PIECES_MAX))
    return int(bare) or None if is_number else None


def set_problems(first_pieces: int, more: Sequence[SetProduct]) -> Iterator[Problem]:
    """Of the pieces and the length of the set; safety is judged with the offer's own."""
    if not 1 <= first_pieces <= PIECES_MAX:
        yield Problem("set_pieces", FIRST_PIECES, {"max": str(PIECES_MAX)})
    if len(more) + 1 > PRODUCTS_MAX:
        yield Problem("set_too_many", "more_products", {"max": str(PRODUCTS_MAX)})
    for place, each in enumerate(more, 1):
        if not isinstance(each.pieces, int) or not 1 <= each.pieces <= PIECES_MAX:
            yield Problem("set_pieces", field_of(place), {"max": str(PIECES_MAX)})


def set_safety_problems(
    more: Sequence[SetProduct], producers: Collection[str] | None, persons: Collection[str] | None
) -> Iterator[Problem]:
    """New goods need a producer and safety information of each product; None: the book is not read yet."""
    for place, each in enumerate(more, 1):
        if each.safety == SafetyChoice.BEFORE:
            continue
        for code, member, params in _safety_faults(each, producers, persons):
            yield Problem(code, field_of(place, member), {"product": each.name, **params})


def _safety_faults(
    each: SetProduct, producers: Collection[str] | None, persons: Collection[str] | None
) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    says_nothing = not each.producer_id and each.safety == SafetyChoice.CATALOGUE
    if each.is_safe and says_nothing:
        return
    if not each.producer_id:
        yield "set_producer_required", "producer", {}
    elif producers is not None and each.producer_id not in producers:
        yield "set_producer_gone", "producer", {}
    if each.person_id and persons is not None and each.person_id not in persons:
        yield "set_person_gone", "person", {}
    yield from _information_faults(each)


def _information_faults(each: SetProduct) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    if each.safety == SafetyChoice.CATALOGUE:
        yield "set_safety_required", "safety", {}
    elif each.safety == SafetyChoice.FILES and not 1 <= each.files <= ATTACHMENTS_MAX:
        yield "set_safety_files", "safety", {"max": str(ATTACHMENTS_MAX)}
    elif each.safety == SafetyChoice.TEXT and not each.text.strip():
        yield "set_text_required", "safety_text", {}
    elif each.safety == SafetyChoice.TEXT and len(each.text) > TEXT_MAX:
        yield "set_text_too_long", "safety_text", {"max": str(TEXT_MAX)}


def demand_problems(
    demands: Sequence[Demand], parameters: Sequence[Parameter], answers: Answers, said: Collection[str]
) -> Iterator[Problem]:
    """Answers that differ from what a product demands; `said` are fields with another problem already."""
    if not demands:
        return
    decisions, told = decide(parameters, answers), set(said)
    for demand in demands:
        for parameter in parameters:
            field = f"parameters.{parameter.id}"
            if field in told or not _differs(parameter, demand.answers, answers, decisions):
                continue
            told.add(field)
            words = {"wanted": _words(parameter, demand.answers[parameter.id]), "product": demand.product}
            yield Problem("product_demands", field, {"name": parameter.name, **words})


def _differs(parameter: Parameter, wanted: Answers, answers: Answers, decisions: Decisions) -> bool:
    if parameter.id not in wanted or parameter.is_gtin or not decisions[parameter.id].is_shown:
        return False
    asked, given = (
        {*chosen_ids(side, parameter.id), *typed_values(side, parameter.id)} for side in (wanted, answers)
    )
    return bool(asked) and (not given or not given <= asked)


def _words(parameter: Parameter, answer: Mapping[str, Any]) -> str:
    names = [
        parameter.dictionary[each].name
        for each in answer.get("values_ids") or ()
        if each in parameter.dictionary
    ]
    return ", ".join([*names, *(str(each) for each in answer.get("values") or ())])
