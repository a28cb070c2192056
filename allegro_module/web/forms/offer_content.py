"""Pictures and description of the offer form: what was typed, and what their own buttons do to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from allegro_module.domain.description_sections import Image, Section, Text, to_json
from allegro_module.web.forms.template import Typed, after_deed, read_typed

Sent = MultiDict[str, str]

#: Values of `description_mode`: with a template, or sections of the offer's own.
TEMPLATE, OWN = "template", "own"


def read_pictures(sent: Sent, refs_known: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The pictures in the order of the page, less those that are left out; and those ticked as made with AI.

    The tick of one that is left out is kept: it may be taken in again.
    """
    left_out = set(sent.getlist("left_out"))
    images = tuple(ref for ref in _refs(sent) if ref not in left_out and ref in refs_known)
    ai_made = tuple(ref for ref in dict.fromkeys(sent.getlist("ai_images")) if ref in refs_known)
    return images, ai_made


def read_own_sections(sent: Sent) -> list[dict[str, Any]] | None:
    """None: the description stands in a template, or alone."""
    return to_json(read_typed(sent).sections) if sent.get("description_mode") == OWN else None


def _refs(sent: Sent) -> list[str]:
    return list(dict.fromkeys(sent.getlist("images")))


# Deeds of pictures: the form again, changed; places count from 0 ---------------------------------------


def moved(sent: Sent, move: str) -> Sent:
    """With a picture one place earlier or later: `earlier-2`, `later-0`; `main-3` makes it the first."""
    direction, _, place = move.partition("-")
    refs = _refs(sent)
    if not (place.isascii() and place.isdecimal() and int(place) < len(refs)):
        return sent
    here = int(place)
    there = {"earlier": here - 1, "later": here + 1, "main": 0}.get(direction, here)
    if 0 <= there < len(refs):
        refs.insert(there, refs.pop(here))
    changed = _with_list(sent, "images", refs)
    if direction == "main":
        changed.setlist("left_out", [each for each in sent.getlist("left_out") if each != refs[0]])
    return changed


def with_pictures(sent: Sent, refs: Sequence[str]) -> Sent:
    """With these behind the others; one that was left out is taken in again."""
    changed = _with_list(sent, "images", [*dict.fromkeys([*_refs(sent), *refs])])
    changed.setlist("left_out", [each for each in sent.getlist("left_out") if each not in refs])
    return changed


def used_pictures(sent: Sent, refs_known: Collection[str]) -> int:
    return len(read_pictures(sent, refs_known)[0])


def _with_list(sent: Sent, name: str, values: Sequence[str]) -> Sent:
    changed = sent.copy()
    changed.setlist(name, list(values))
    return changed


# Deeds of the description ---------------------------------------------------------------------------------


def with_sections(sent: Sent, sections: Sequence[Section]) -> Sent:
    """With these as sections of the offer's own."""
    changed = sent.copy()
    for name in [each for each in changed if each == "layouts" or each.startswith("sections.")]:
        changed.poplist(name)
    changed["description_mode"] = OWN
    changed.setlist("layouts", [str(section.layout) for section in sections])
    for number, section in enumerate(sections):
        for place, item in enumerate(section.items):
            value = item.ref if isinstance(item, Image) else item.content
            changed[f"sections.{number}.items.{place}"] = value
    return changed


def after_section_deed(sent: Sent, deed: str) -> tuple[Sent, int | None]:
    """Add, move, remove, swap, convert as in description templates; and which section was touched."""
    before = read_typed(sent)
    after: Typed = after_deed(before, deed)
    return with_sections(sent, after.sections), after.touched


def with_text_appended(sent: Sent, html: str) -> Sent:
    sections = [*read_typed(sent).sections, Section((Text(html),))]
    return with_sections(sent, sections)


def without_sections(sent: Sent) -> Sent:
    changed = sent.copy()
    changed["description_mode"] = TEMPLATE
    return changed
