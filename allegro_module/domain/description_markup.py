"""What Allegro takes in one text of a description: `h1 h2 p ul ol li b`, nothing else (facts.md 6.5)."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from allegro_module.domain.problems import Problem

#: Tag → where it may stand; "" is outside all others.
PARENTS = {
    "h1": ("",),
    "h2": ("",),
    "p": ("",),
    "ul": ("",),
    "ol": ("",),
    "li": ("ul", "ol"),
    "b": ("p", "li"),
}
#: Tags that may hold words.
HOLDERS = frozenset({"h1", "h2", "p", "li", "b"})
#: An ending written otherwise than `</p>`: the parser would take it for one all the same.
ODD_ENDING = re.compile(r"</(?!(?:h1|h2|p|ul|ol|li|b)>)([^<>]*)")
LOOSE_AMPERSAND = re.compile(r"&(?!(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]\w*);)")
NO_BREAK = "\u00a0"
#: Addresses of pages and mailboxes: Allegro refuses them in descriptions.
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<]*|(?<![\w.+-])[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)


def markup_problem(content: str, field: str) -> Problem | None:
    """The first thing that Allegro would refuse."""
    reader = _Grammar(field)
    reader.feed(content)
    reader.close()
    if reader.problem:
        return reader.problem
    if LOOSE_AMPERSAND.search(content):
        return Problem("markup_encode", field)
    if reader.open:
        return Problem("markup_unclosed", field, {"tag": reader.open[-1]})
    if ending := ODD_ENDING.search(content):
        return Problem("markup_unclosed", field, {"tag": ending[1].strip()})
    if address := ADDRESS.search(content):
        return Problem("markup_contact", field, {"address": address[0]})
    return None


def paragraphs(text: str) -> str:
    """Text typed without any tag: each of its lines is a paragraph; other text stays as it is."""
    if re.search(r"<[A-Za-z/!]", text):
        return text.strip()
    return "".join(f"<p>{encoded(line)}</p>" for line in text.splitlines() if line.strip())


def encoded(text: str) -> str:
    """One line of words; what is encoded already is not encoded twice."""
    bare = " ".join(text.split())
    return LOOSE_AMPERSAND.sub("&amp;", bare.replace("<", "&lt;").replace(">", "&gt;"))


def words_as_markup(text: str) -> str:
    """Words from elsewhere, whatever stands in them, as one line of text."""
    shown = "".join(sign if sign.isprintable() or sign == NO_BREAK else " " for sign in text)
    return escape(" ".join(word for word in shown.split(" ") if word), quote=False)


class _Grammar(HTMLParser):
    def __init__(self, field: str) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.problem: Problem | None = None
        self._field = field

    def _blame(self, code: str, tag: str = "") -> None:
        self.problem = self.problem or Problem(code, self._field, {"tag": tag})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = (self.get_starttag_text() or "")[1:-1]
        if tag not in PARENTS:
            self._blame("markup_tag", tag)
        elif attrs or written != tag:
            self._blame("markup_attributes", tag)
        elif (self.open[-1] if self.open else "") not in PARENTS[tag]:
            self._blame("markup_nesting", tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._blame("markup_tag", tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self._blame("markup_unclosed", tag)

    def handle_data(self, data: str) -> None:
        if not data.strip():
            return
        if "<" in data:
            self._blame("markup_encode")
        elif not self.open or self.open[-1] not in HOLDERS:
            self._blame("markup_loose")

    def handle_entityref(self, name: str) -> None:
        self.handle_data("&")

    def handle_charref(self, name: str) -> None:
        self.handle_data("&")

    def handle_comment(self, data: str) -> None:
        self._blame("markup_tag", "!--")

    def handle_decl(self, decl: str) -> None:
        self._blame("markup_tag", "!")

    def handle_pi(self, data: str) -> None:
        self._blame("markup_tag", "?")

    def unknown_decl(self, data: str) -> None:
        self._blame("markup_tag", "!")
