"""The grammar of a description's texts, read down from the top (facts.md 6.5).

Kept apart from the plugin's own reading of the same rules: a misreading must not be shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: What an element may hold beside words; "" is the text as a whole.
HOLDS: dict[str, frozenset[str]] = {
    "": frozenset({"h1", "h2", "p", "ul", "ol"}),
    "h1": frozenset(),
    "h2": frozenset(),
    "p": frozenset({"b"}),
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "li": frozenset({"b"}),
    "b": frozenset(),
}
WITHOUT_WORDS = ("", "ul", "ol")
TOKEN = re.compile(r"<!--|</?[A-Za-z][^<>]*>|<[!?]|[^<]+|<", re.DOTALL)
OPENING = re.compile(r"<([A-Za-z][A-Za-z0-9]*)([^<>]*)>")
LOOSE_AMPERSAND = re.compile(r"&(?!(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]\w*);)")
ADDRESS = re.compile(r"https?://|www\.|(?<![\w.+-])[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)


class Fault(NamedTuple):
    """`says` names the sentence."""

    says: str
    tag: str = ""


class _Broken(Exception):
    def __init__(self, says: str, tag: str = "") -> None:
        super().__init__(says)
        self.fault = Fault(f"description.{says}", tag)


def markup_fault(content: str) -> Fault | None:
    """The first thing in a text that is outside Allegro's grammar."""
    try:
        _read((match.group() for match in TOKEN.finditer(content)), "")
    except _Broken as broken:
        return broken.fault
    if LOOSE_AMPERSAND.search(content):
        return Fault("description.encode")
    if ADDRESS.search(content):
        return Fault("description.contact")
    return None


def _read(tokens: Iterator[str], inside: str) -> None:
    """Up to the end of the element `inside`."""
    for token in tokens:
        if not token.startswith("<"):
            _words(token, inside)
        elif inside and token == f"</{inside}>":
            return
        elif token.startswith("</"):
            raise _Broken("unclosed", inside)
        else:
            _read(tokens, _opened(token, inside))
    if inside:
        raise _Broken("unclosed", inside)


def _words(text: str, inside: str) -> None:
    if text.strip() and inside in WITHOUT_WORDS:
        raise _Broken("loose")


def _opened(token: str, inside: str) -> str:
    if token == "<":
        raise _Broken("encode")
    opening = OPENING.fullmatch(token)
    if opening is None:
        raise _Broken("tag", token.strip("<>"))
    written, rest = opening.groups()
    tag = written.lower()
    if tag not in HOLDS or rest.endswith("/"):
        raise _Broken("tag", tag)
    if rest or written != tag:
        raise _Broken("attributes", tag)
    if tag not in HOLDS[inside]:
        raise _Broken("nesting", tag)
    return tag
