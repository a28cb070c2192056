"""The description in the offer form as Allegro gets it: sections of texts and pictures, and their size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from allegro_module.domain.description_sections import Image, Item, size_of
from allegro_module.sync.description_templates import our_number
from allegro_module.web.offer_facts import Facts
from allegro_module.web.template_preview import Shown


@dataclass(frozen=True, slots=True)
class Description:
    """`is_live`: without a template, what is typed is what is shown."""

    sections: Sequence[Sequence[Shown]]
    is_live: bool


def description_of(facts: Facts) -> Description:
    return Description(
        sections=[[_shown(item, facts) for item in section.items] for section in facts.sections],
        is_live=facts.choices.description_template_id is None,
    )


def size_in_bytes(facts: Facts) -> int:
    """None has no size."""
    return size_of(facts.sections) if facts.sections else 0


def _shown(item: Item, facts: Facts) -> Shown:
    return Shown(address=_address(item.ref, facts)) if isinstance(item, Image) else Shown(html=item.content)


def _address(ref: str, facts: Facts) -> str:
    number = our_number(ref)
    if number is not None:
        return url_for("allegro.templates.image", image_id=number)
    refs = list(facts.refs)
    if ref not in refs:
        return ""
    return url_for("allegro.offers.image", offer_id=facts.offer.id, place=refs.index(ref))
