"""The catalogue's products in the offer form: how many of each are sold, what each says of safety."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from allegro_module.domain.problems import Problem
from allegro_module.domain.product_sets import (
    FIRST_PIECES,
    FURTHER,
    PIECES_MAX,
    SafetyChoice,
    field_of,
    read_pieces,
)
from allegro_module.sync.product_sets import set_row_safety

Sent = MultiDict[str, str]

#: The button that takes a product out of the set.
DROP = "drop_product"
LONGEST = 40
#: Kept whatever is typed: the rules tell of a text that is too long.
LONGEST_TEXT = 20_000
#: In place of a number that cannot be read; what was typed stands in the problem.
UNREAD = 0
#: Fields of a further product by the member of its row.
MEMBERS = {
    "responsible_producer_id": "producer",
    "responsible_person_id": "person",
    "safety": "safety",
    "safety_text": "safety_text",
}


def read_product_quantity(sent: Sent, stored: int) -> int:
    """Pieces of the first product; `pieces_problems` tells of what is no number."""
    return (read_pieces(sent[FIRST_PIECES]) or UNREAD) if FIRST_PIECES in sent else stored


def pieces_problems(sent: Sent) -> list[Problem]:
    typed = sent.get(FIRST_PIECES, "1").strip()
    if read_pieces(typed):
        return []
    return [Problem("set_pieces", FIRST_PIECES, {"max": str(PIECES_MAX), "value": typed[:LONGEST]})]


def pieces_as_typed(stored: int, problems: Iterable[Problem]) -> str:
    if stored != UNREAD:
        return str(stored)
    told = (each.params for each in problems if each.field == FIRST_PIECES)
    return next((params["value"] for params in told if "value" in params), "")


def read_more_products(sent: Sent, stored: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those of the set as stored, with what was typed, and less the one that was taken out."""
    dropped = sent.get("action", "").partition(":")
    gone = dropped[2] if dropped[0] == DROP else None
    return [_row(sent, place, each) for place, each in enumerate(stored, 1) if each["product_id"] != gone]


def _row(sent: Sent, place: int, stored: Mapping[str, Any]) -> dict[str, Any]:
    """As it was where the form shows another product at this place, or none."""
    if sent.get(field_of(place, "product")) != stored["product_id"]:
        return dict(stored)
    typed = sent.get(field_of(place), "").strip()[:LONGEST]
    safety = {name: stored.get(name) for name in ("safety_attachments", *MEMBERS)}
    for name, member in MEMBERS.items():
        if (field := field_of(place, member)) in sent:
            safety[name] = _member(name, sent[field], str(stored.get(name) or ""))
    pieces: int | str = read_pieces(typed) or typed
    return {"product_id": stored["product_id"], "quantity": pieces, **set_row_safety(safety)}


def _member(name: str, typed: str, stored: str) -> str:
    if name == "safety":
        return typed if typed in list(SafetyChoice) else stored
    if name == "safety_text":
        return typed.replace("\r\n", "\n").strip()[:LONGEST_TEXT]
    return typed.strip()[:64]


def changed_in_set(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[str]:
    """Fields of further products that differ; all of them, as `set`, once the products do."""
    if [each["product_id"] for each in before] != [each["product_id"] for each in after]:
        return [FURTHER]
    names = {"quantity": "", **MEMBERS}
    return [
        field_of(place, member)
        for place, (one, other) in enumerate(zip(before, after, strict=True), 1)
        for name, member in names.items()
        if (one.get(name) or "") != (other.get(name) or "")
    ]
