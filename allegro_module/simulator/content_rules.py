"""Rules for what buyers read and see: title, description, pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.markup import markup_fault

CV = "ConstraintViolationException."
TITLE_LENGTHS = range(12, 76)
FEWEST_WORDS = 3
LONGEST_WORD = 30
MOST_IMAGES = 16
MOST_SECTIONS = 100
MOST_BYTES = 40_000
TITLE_FORBIDS = re.compile(r"[^\w\s!\"#%&'()*+,\-./:;<=>?@\[\]^`{|}~°²³½¼×µ€£§®©™„”“’‘‚–—…·ª«»+±]|[\n\r\t]")


def counted_length(title: str) -> int:
    """How long Allegro thinks a title is: `&` counts as the five characters of its entity."""
    return len(escape(title, quote=True).replace("&#x27;", "'"))


def title_findings(title: str | None) -> list[Finding]:
    return list(_title(title or ""))


def _title(title: str) -> Iterator[Finding]:
    length, words = counted_length(title), title.split()
    if not title.strip():
        yield finding(CV + "StringLength", "name", gap=True, says="title.missing")
        return
    if length not in TITLE_LENGTHS:
        yield finding(CV + "StringLength", "name", says="title.length", length=length)
    if len(words) < FEWEST_WORDS:
        yield finding(CV + "OfferValidation", "name", says="title.words")
    if any(len(word) > LONGEST_WORD for word in words):
        yield finding(CV + "MaxWordLength", "name")
    if forbidden := TITLE_FORBIDS.search(title) or _outside_alphabets(title):
        yield finding(CV + "CharacterNotAllowed", "name", character=forbidden.group())


def _outside_alphabets(title: str) -> re.Match[str] | None:
    """Letters beyond Latin, Greek and Cyrillic."""
    return re.search(r"[\u0530-\u1dff\u2c00-\uffff]|[^\u0000-\uffff]", title)


def description_findings(description: Mapping[str, Any] | None, images: Collection[str]) -> list[Finding]:
    """`images` are the names of the offer's own pictures: others may not stand in its description."""
    sections = (description or {}).get("sections") or []
    return list(_sections(sections, images))


def _sections(sections: Sequence[Mapping[str, Any]], images: Collection[str]) -> Iterator[Finding]:
    path = "description.sections"
    if len(sections) > MOST_SECTIONS:
        yield _content(path, "description.sections", most=MOST_SECTIONS)
    if sum(len(str(section).encode()) for section in sections) > MOST_BYTES:
        yield _content(path, "description.bytes", most=MOST_BYTES)
    for number, section in enumerate(sections):
        items = section.get("items") or []
        if len(items) not in (1, 2):
            yield _content(f"{path}[{number}].items", "description.items")
        for place, item in enumerate(items):
            yield from _item(item, f"{path}[{number}].items[{place}]", images)


def _content(path: str, says: str, most: int = 0, tag: str = "") -> Finding:
    return finding(CV + "OfferValidation", path, says=says, most=most, tag=tag)


def _item(item: Mapping[str, Any], path: str, images: Collection[str]) -> Iterator[Finding]:
    if item.get("type") == "TEXT":
        if fault := markup_fault(item.get("content") or ""):
            yield _content(f"{path}.content", fault[0], tag=fault[1])
    elif item.get("type") == "IMAGE":
        if _name(item.get("url") or "") not in images:
            yield _content(f"{path}.url", "description.image")
    else:
        yield _content(f"{path}.type", "description.type")


def _name(address: str) -> str:
    return address.rpartition("/img/")[2]


def image_findings(names: Sequence[str], is_there: Callable[[str], bool]) -> list[Finding]:
    """`names` are all pictures of the offer, those of its products included."""
    found = [
        finding("OfferImagesNotAvailableException", f"images[{number}]", metadata={"imageUrl": name})
        for number, name in enumerate(names)
        if not is_there(name)
    ]
    if not names:
        found.append(finding("OfferImagesNotFoundException", "images", gap=True))
    if len(names) > MOST_IMAGES:
        metadata = {"gallerySizeLimit": str(MOST_IMAGES)}
        found.append(finding("GallerySizeException", "images", metadata=metadata))
    return found
