"""The form of a description template: what was typed, and what its buttons do to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from allegro_module.domain.description_markup import paragraphs
from allegro_module.domain.description_placeholders import template_problems
from allegro_module.domain.description_sections import SECTIONS_MAX, Item, Layout, Section, Text
from allegro_module.domain.problems import Problem
from allegro_module.sync.descriptions import to_allegro_html

NAME_MAX = 100
#: Enough to be told that there are too many.
MOST_READ = SECTIONS_MAX + 20
DEED_OF_SECTION = re.compile(
    r"(?P<verb>up|down|remove|swap|convert):(?P<number>\d{1,3})(?:\.(?P<place>[01]))?"
)


@dataclass(frozen=True, slots=True)
class Typed:
    """`touched` is the section that the last button moved or added."""

    name: str
    sections: tuple[Section, ...]
    touched: int | None = None


def read_typed(sent: MultiDict[str, str]) -> Typed:
    """Texts without a tag become paragraphs; all else stays as it was typed."""
    layouts = [each for each in sent.getlist("layouts")[:MOST_READ] if each in set(Layout)]
    sections = tuple(_read_section(sent, number, Layout(layout)) for number, layout in enumerate(layouts))
    return Typed(" ".join(sent.get("name", "").split()), sections)


def _read_section(sent: MultiDict[str, str], number: int, layout: Layout) -> Section:
    typed = [sent.get(f"sections.{number}.items.{place}", "") for place in range(len(layout.kinds))]
    empty = layout.empty_section().items
    return Section(tuple(_read_item(item, text) for item, text in zip(empty, typed, strict=True)))


def _read_item(empty: Item, text: str) -> Item:
    if isinstance(empty, Text):
        return Text(paragraphs("\n".join(text.splitlines())))
    return replace(empty, ref=text.strip())


def problems_with(typed: Typed, other_names: Sequence[str]) -> list[Problem]:
    return [*_name_problems(typed.name, other_names), *template_problems(typed.sections)]


def _name_problems(name: str, others: Sequence[str]) -> list[Problem]:
    if not name:
        return [Problem("template_name_required", "name")]
    if len(name) > NAME_MAX:
        return [Problem("text_too_long", "name", {"max": str(NAME_MAX)})]
    if name.casefold() in {each.casefold() for each in others}:
        return [Problem("template_name_taken", "name", {"name": name})]
    return []


def after_deed(typed: Typed, deed: str) -> Typed:
    """Add, move, remove, swap the sides, convert; another deed changes nothing."""
    verb, _, layout = deed.partition(":")
    if verb == "add" and layout in set(Layout):
        sections = (*typed.sections, Layout(layout).empty_section())
        return replace(typed, sections=sections, touched=len(sections) - 1)
    found = DEED_OF_SECTION.fullmatch(deed)
    if found is None or int(found["number"]) >= len(typed.sections):
        return typed
    number = int(found["number"])
    if found["verb"] in ("up", "down"):
        return _moved(typed, number, number + (1 if found["verb"] == "down" else -1))
    if found["verb"] == "remove":
        kept = (*typed.sections[:number], *typed.sections[number + 1 :])
        return replace(typed, sections=kept, touched=min(number, len(kept) - 1) if kept else None)
    changed = _swapped if found["verb"] == "swap" else _converted
    new = changed(typed.sections[number], int(found["place"] or 0))
    sections = (*typed.sections[:number], new, *typed.sections[number + 1 :])
    return replace(typed, sections=sections, touched=number)


def _moved(typed: Typed, number: int, to: int) -> Typed:
    if not 0 <= to < len(typed.sections):
        return typed
    sections = list(typed.sections)
    sections.insert(to, sections.pop(number))
    return replace(typed, sections=tuple(sections), touched=to)


def _swapped(section: Section, place: int) -> Section:
    return Section(section.items[::-1])


def _converted(section: Section, place: int) -> Section:
    items = list(section.items)
    if place < len(items) and isinstance(item := items[place], Text):
        items[place] = Text(to_allegro_html(item.content))
    return Section(tuple(items))
