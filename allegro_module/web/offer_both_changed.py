"""Fields that were changed here and on Allegro, each with both values, as the form shows them."""

from __future__ import annotations

from dataclasses import dataclass

from allegro_module.db.offers import Offer
from allegro_module.sync.offer_conflicts import CODE
from allegro_module.sync.offer_theirs import may_take_theirs
from allegro_module.web.offer_words import field_name, side_words


@dataclass(frozen=True, slots=True)
class BothChanged:
    field: str
    label: str
    mine: str
    theirs: str
    may_take_theirs: bool


def both_changed(offer: Offer) -> list[BothChanged]:
    return [
        BothChanged(
            each.field,
            each.params.get("name") or field_name(each.field, ()),
            side_words(each.field, each.params.get("mine", "–")),
            side_words(each.field, each.params.get("theirs", "–")),
            may_take_theirs(each.field),
        )
        for each in offer.problems
        if each.code == CODE
    ]
