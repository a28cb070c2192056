"""Sections of a description: one or two items each, texts and pictures (facts.md 6.5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from allegro_module.domain.description_markup import markup_problem
from allegro_module.domain.listing import DESCRIPTION_BYTES_MAX
from allegro_module.domain.problems import Problem

SECTIONS_MAX = 100
ITEMS_MAX = 2
#: About as long as the addresses that Allegro gives to uploaded pictures.
ADDRESS_LENGTH = 90


@dataclass(frozen=True, slots=True)
class Text:
    """`content` is HTML of `h1 h2 p ul ol li b`."""

    content: str


@dataclass(frozen=True, slots=True)
class Image:
    """`ref` is the shop's, `{image_2}` for a picture by its number, or `template:ID` for one of ours."""

    ref: str


Item = Text | Image


@dataclass(frozen=True, slots=True)
class Section:
    """Two items stand beside each other."""

    items: tuple[Item, ...]

    @property
    def layout(self) -> Layout:
        return Layout("-".join("text" if isinstance(item, Text) else "image" for item in self.items))


class Layout(StrEnum):
    """What stands in a section, from left to right."""

    TEXT = "text"
    IMAGE = "image"
    TEXT_IMAGE = "text-image"
    IMAGE_TEXT = "image-text"
    IMAGE_IMAGE = "image-image"
    TEXT_TEXT = "text-text"

    @property
    def kinds(self) -> list[str]:
        return self.value.split("-")

    def empty_section(self) -> Section:
        return Section(tuple(Text("") if kind == "text" else Image("") for kind in self.kinds))


def read_sections(stored: Sequence[Mapping[str, Any]]) -> tuple[Section, ...]:
    """As `DescriptionTemplate.sections` keeps them."""
    return tuple(Section(tuple(_read_item(item) for item in section["items"])) for section in stored)


def _read_item(stored: Mapping[str, Any]) -> Item:
    return Image(stored["ref"]) if stored["type"] == "IMAGE" else Text(stored["content"])


def to_json(sections: Sequence[Section]) -> list[dict[str, Any]]:
    return [{"items": [_item_to_json(item) for item in section.items]} for section in sections]


def _item_to_json(item: Item) -> dict[str, str]:
    if isinstance(item, Image):
        return {"type": "IMAGE", "ref": item.ref}
    return {"type": "TEXT", "content": item.content}


def refs_of(sections: Sequence[Section]) -> list[str]:
    """Of all pictures, each once, in their order."""
    refs = (item.ref for section in sections for item in section.items if isinstance(item, Image))
    return list(dict.fromkeys(refs))


def size_of(sections: Sequence[Section]) -> int:
    """Bytes of the whole as it is sent."""
    pictures = sum(isinstance(item, Image) for section in sections for item in section.items)
    bare = [{"items": [_bare(item) for item in section.items]} for section in sections]
    written = json.dumps(bare, ensure_ascii=False, separators=(",", ":"))
    return len(written.encode()) + pictures * ADDRESS_LENGTH


def _bare(item: Item) -> dict[str, str]:
    if isinstance(item, Image):
        return {"type": "IMAGE", "url": ""}
    return {"type": "TEXT", "content": item.content}


def section_problems(sections: Sequence[Section]) -> list[Problem]:
    """All that Allegro would refuse; a picture or text at `sections.0.items.1`."""
    return [
        *_whole_problems(sections),
        *(problem for number, section in enumerate(sections) for problem in _of_section(section, number)),
    ]


def _whole_problems(sections: Sequence[Section]) -> Iterator[Problem]:
    if len(sections) > SECTIONS_MAX:
        params = {"count": str(len(sections)), "max": str(SECTIONS_MAX)}
        yield Problem("sections_too_many", "sections", params)
    size = size_of(sections)
    if size > DESCRIPTION_BYTES_MAX:
        params = {"size": str(size), "max": str(DESCRIPTION_BYTES_MAX)}
        yield Problem("description_too_long", "sections", params)


def _of_section(section: Section, number: int) -> Iterator[Problem]:
    if not 1 <= len(section.items) <= ITEMS_MAX:
        yield Problem("section_items", f"sections.{number}")
    for place, item in enumerate(section.items):
        field = f"sections.{number}.items.{place}"
        if isinstance(item, Image):
            if not item.ref:
                yield Problem("section_image_required", field)
        elif not item.content.strip():
            yield Problem("section_text_required", field)
        elif problem := markup_problem(item.content, field):
            yield problem
