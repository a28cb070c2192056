"""A shop's description brought into a template, with word of what changed on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from allegro_module.sync.descriptions import BOLD, CELLS, LISTS, UNSEEN, to_allegro_html

KEPT = frozenset({"h1", "h2", "p", "li", "b", "strong", "br", "html", "head", "body", "meta", "link"})
TABLE_PARTS = frozenset({*CELLS, "tr", "thead", "tbody", "tfoot", "caption", "colgroup", "col"})
SMALLER_HEADINGS = frozenset({"h3", "h4", "h5", "h6"})
LOOKS = frozenset(
    {"i", "em", "u", "s", "span", "font", "small", "big", "sup", "sub", "mark", "del", "ins", "strike"}
)


@dataclass(frozen=True, slots=True)
class Imported:
    """`changes`: how many pictures, links, scripts, tables, headings, looks and attributes there were."""

    html: str
    changes: Mapping[str, int]


def imported(text: str) -> Imported:
    census = _Census()
    census.feed(text)
    census.close()
    return Imported(to_allegro_html(text), dict(census.found))


class _Census(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if kind := _kind(tag):
            self.found[kind] += 1
        elif attrs and tag in KEPT | BOLD | LISTS:
            self.found["attributes"] += 1


def _kind(tag: str) -> str:
    if tag in ("img", "picture", "svg"):
        return "pictures"
    if tag == "a":
        return "links"
    if tag in UNSEEN:
        return "scripts"
    if tag == "table":
        return "tables"
    if tag in SMALLER_HEADINGS:
        return "headings"
    return "looks" if tag in LOOKS else ""
