"""The builder of sections as its pages show it: of description templates, and of an offer's own ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from allegro_module.db.description_templates import TemplateImage
from allegro_module.domain.description_sections import Item, Layout, Section, Text
from allegro_module.sync.description_templates import OURS
from allegro_module.web.i18n import t
from allegro_module.web.template_words import layout_words, place_words

#: Where a page of ours shows the picture; empty for one that is gone or elsewhere.
AddressOf = Callable[[str], str]
#: (ref, words, where it is shown).
PictureChoice = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    place: int
    label: str
    is_text: bool
    value: str
    address: str


@dataclass(frozen=True, slots=True)
class BuiltSection:
    number: int
    layout: Layout
    words: str
    parts: Sequence[Part]


def built_sections(sections: Sequence[Section], address_of: AddressOf) -> list[BuiltSection]:
    return [_built(number, section, address_of) for number, section in enumerate(sections)]


def _built(number: int, section: Section, address_of: AddressOf) -> BuiltSection:
    count = len(section.items)
    parts = [
        _part(f"sections.{number}.items.{place}", place, place_words(number, place, count), item, address_of)
        for place, item in enumerate(section.items)
    ]
    return BuiltSection(number, section.layout, layout_words(section.layout), parts)


def _part(name: str, place: int, label: str, item: Item, address_of: AddressOf) -> Part:
    if isinstance(item, Text):
        return Part(name, place, label, True, item.content, "")
    return Part(name, place, label, False, item.ref, address_of(item.ref))


def label_of_place(field: str, sections: Sequence[Section]) -> str:
    """`sections.1.items.0` → „Sekcja 2, lewa strona”; empty for another field."""
    parts = field.split(".")
    if parts[0] != "sections" or len(parts) != 4:
        return t("Sections") if parts[0] == "sections" else ""
    number, place = int(parts[1]), int(parts[3])
    return place_words(number, place, len(sections[number].items))


def own_picture_choices(images: Sequence[TemplateImage], address_of: AddressOf) -> list[PictureChoice]:
    """Pictures that were uploaded for templates."""
    return [(f"{OURS}{image.id}", image.name, address_of(f"{OURS}{image.id}")) for image in images]
