"""Section *Opisy* of the offer form: the builder of own sections, and the description as Allegro gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allegro_module.db.description_templates import list_images
from allegro_module.domain.description_placeholders import has_description
from allegro_module.domain.description_sections import Image, Item, Section, read_sections, size_of
from allegro_module.domain.listing import DESCRIPTION_BYTES_MAX
from allegro_module.runtime import current_runtime
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_pictures import picture_address
from allegro_module.web.offer_words import sentences_by_field
from allegro_module.web.section_builder import (
    AddressOf,
    BuiltSection,
    PictureChoice,
    built_sections,
    own_picture_choices,
)
from allegro_module.web.template_preview import Shown
from allegro_module.web.template_words import Chip, chips, layout_choices


@dataclass(frozen=True, slots=True)
class Described:
    """The description as Allegro gets it; `is_live`: what is typed is what is shown, without a template."""

    sections: Sequence[Sequence[Shown]]
    size: int
    size_max: int
    pictures: int
    is_live: bool


@dataclass(frozen=True, slots=True)
class Builder:
    """`uses_text`: the product's own description stands in one of the sections."""

    sections: Sequence[BuiltSection]
    layouts: Sequence[tuple[str, str, Sequence[str]]]
    chips: Sequence[Chip]
    picture_choices: Sequence[PictureChoice]
    errors: Mapping[str, Sequence[str]]
    uses_text: bool


@dataclass(frozen=True, slots=True)
class Description:
    """`builder` is None as long as the offer has no sections of its own."""

    described: Described
    builder: Builder | None


def description_of(facts: Facts) -> Description:
    choices = facts.choices
    is_live = choices.description_template_id is None and choices.description_sections is None
    return Description(
        described=described_view(facts.offer.id, facts.refs, facts.sections, is_live=is_live),
        builder=None if choices.description_sections is None else _builder(facts),
    )


def described_view(
    offer_id: int, refs: Sequence[str], sections: Sequence[Section], *, is_live: bool
) -> Described:
    return Described(
        sections=[[_shown(item, offer_id, refs) for item in section.items] for section in sections],
        size=size_of(sections) if sections else 0,
        size_max=DESCRIPTION_BYTES_MAX,
        pictures=sum(isinstance(item, Image) for section in sections for item in section.items),
        is_live=is_live,
    )


def size_in_bytes(facts: Facts) -> int:
    """None has no size."""
    return size_of(facts.sections) if facts.sections else 0


def _shown(item: Item, offer_id: int, refs: Sequence[str]) -> Shown:
    if isinstance(item, Image):
        return Shown(address=picture_address(offer_id, refs, item.ref))
    return Shown(html=item.content)


def _builder(facts: Facts) -> Builder:
    sections = read_sections(facts.choices.description_sections or ())

    def address_of(ref: str) -> str:
        return picture_address(facts.offer.id, facts.refs, ref)

    return Builder(
        sections=built_sections(sections, address_of),
        layouts=layout_choices(),
        chips=chips(facts.product),
        picture_choices=_picture_choices(facts, address_of),
        errors=sentences_by_field([each for each in facts.shown_problems if not each.is_warning]),
        uses_text=has_description(sections),
    )


def _picture_choices(facts: Facts, address_of: AddressOf) -> list[PictureChoice]:
    """The offer's pictures in their order, those that are left out, and those of templates."""
    used = list(facts.choices.images)
    words = {ref: t("Picture %(number)s", number=place + 1) for place, ref in enumerate(used)}
    words |= {ref: t("A picture that is left out") for ref in facts.refs if ref not in used}
    of_offer = [(ref, text, address_of(ref)) for ref, text in words.items()]
    return [*of_offer, *own_picture_choices(list_images(current_runtime().session), address_of)]
