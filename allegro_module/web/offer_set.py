"""Further products of a set in the offer form: pieces, producer and safety information of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.problems import Problem
from allegro_module.domain.product_sets import SafetyChoice, field_of
from allegro_module.domain.terms import TermKind
from allegro_module.sync.attachments import attachments_of
from allegro_module.sync.catalogue import Content, accepted_categories, has_safety_data
from allegro_module.web.default_words import choosable_terms, unlisted_term
from allegro_module.web.i18n import n, t
from allegro_module.web.offer_words import sentences_by_field
from allegro_module.web.product_words import ShownProduct, category_of, shown_product

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SetGround:
    """What the items are made of; `is_new`: the offer is of new goods, which need safety data (GPSR)."""

    offer: Offer
    contents: Mapping[str, Content]
    terms: Sequence[SellingTerm]
    problems: Sequence[Problem]
    is_new: bool


@dataclass(frozen=True, slots=True)
class SetItem:
    """`place` counts from 1 behind the first product, as in the names of the fields; `pieces` as typed.

    `other_category` is the product's, where the offer's is another.
    """

    place: int
    product: ShownProduct
    pieces: str
    producer_id: str
    person_id: str
    choice: str
    text: str
    producers: Options
    persons: Options
    choices: Options
    is_required: bool
    is_open: bool
    words: str
    other_category: str
    errors: Mapping[str, Sequence[str]]


def set_items(session: Session, ground: SetGround, rows: Sequence[Mapping[str, Any]]) -> list[SetItem]:
    ids = [each for row in rows for each in row.get("safety_attachments") or ()]
    names = {key: file.name for key, file in attachments_of(session, ids).items()}
    return [_item(ground, place, row, names) for place, row in enumerate(rows, 1)]


def _item(ground: SetGround, place: int, row: Mapping[str, Any], file_names: Mapping[int, str]) -> SetItem:
    content = ground.contents.get(row["product_id"])
    files = [file_names[each] for each in row.get("safety_attachments") or () if each in file_names]
    producer_id, person_id = (row.get(f"responsible_{each}_id") or "" for each in ("producer", "person"))
    producers = _parties(ground, TermKind.RESPONSIBLE_PRODUCER, producer_id)
    choice = row.get("safety") or SafetyChoice.CATALOGUE.value
    is_safe = has_safety_data(content)
    errors = _errors(ground, place)
    is_lacking = ground.is_new and _is_lacking(row, is_safe=is_safe)
    return SetItem(
        place=place,
        product=shown_product(content or {"id": row["product_id"]}),
        pieces=str(row["quantity"]),
        producer_id=producer_id,
        person_id=person_id,
        choice=choice,
        text=row.get("safety_text") or "",
        producers=producers,
        persons=_parties(ground, TermKind.RESPONSIBLE_PERSON, person_id),
        choices=_choices(files, is_safe=is_safe),
        is_required=ground.is_new and not is_safe and choice != SafetyChoice.BEFORE,
        is_open=is_lacking or any("." in name.removeprefix("set.") for name in errors),
        words=_words(choice, dict(producers).get(producer_id, ""), files, is_safe, is_lacking),
        other_category=_other_category(ground.offer, content),
        errors=errors,
    )


def _parties(ground: SetGround, kind: TermKind, chosen: str) -> Options:
    """One that was chosen and is gone stays in the list, so that nothing changes unseen."""
    known = choosable_terms(ground.terms, kind)
    if chosen and chosen not in dict(known):
        known.append((chosen, unlisted_term(ground.terms, kind, chosen)))
    return known


def _errors(ground: SetGround, place: int) -> dict[str, list[str]]:
    own = field_of(place)
    found = sentences_by_field([each for each in ground.problems if not each.is_warning])
    return {name: said for name, said in found.items() if name == own or name.startswith(f"{own}.")}


def _choices(files: Sequence[str], *, is_safe: bool) -> Options:
    names = ", ".join(files)
    of_files = [(SafetyChoice.FILES.value, t("Files: %(names)s", names=names))] if files else []
    return [
        (SafetyChoice.CATALOGUE.value, t("as in Allegro's catalogue") if is_safe else t("choose…")),
        (SafetyChoice.TEXT.value, t("Text")),
        *of_files,
        (SafetyChoice.BEFORE.value, t("Put on the market before 13 December 2024")),
    ]


def _is_lacking(row: Mapping[str, Any], *, is_safe: bool) -> bool:
    producer, choice = row.get("responsible_producer_id"), row.get("safety")
    if choice == SafetyChoice.BEFORE or (is_safe and not (producer or choice)):
        return False
    is_empty = choice == SafetyChoice.TEXT and not (row.get("safety_text") or "").strip()
    return not producer or not choice or is_empty


def _words(choice: str, producer: str, files: Sequence[str], is_safe: bool, is_lacking: bool) -> str:
    """The safety data in a line, over the fields that are folded."""
    if is_lacking:
        return t("to fill in")
    if choice == SafetyChoice.BEFORE:
        return t("Put on the market before 13 December 2024")
    how = {
        SafetyChoice.TEXT: t("text"),
        SafetyChoice.FILES: n("%(num)s file", "%(num)s files", len(files)),
    }.get(SafetyChoice(choice), "")
    told = ", ".join(each for each in (producer, how) if each)
    return told or (t("as in Allegro's catalogue") if is_safe else t("not obligatory here"))


def _other_category(offer: Offer, content: Content | None) -> str:
    if content is None or offer.category_id in (None, *accepted_categories(content)):
        return ""
    return category_of(content)
