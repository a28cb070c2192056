"""A shop's HTML → the few tags that Allegro takes in descriptions, without losing a word (facts.md 6.5)."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

import nh3

HEADINGS = {"h1": "h1", "h2": "h2", "h3": "h2", "h4": "h2", "h5": "h2", "h6": "h2"}
LISTS = frozenset({"ul", "ol"})
BOLD = frozenset({"b", "strong"})
CELLS = frozenset({"td", "th"})
#: Tags that end a line; without them the words before and after would run together.
BREAKS = frozenset(
    {
        *(
            "p",
            "div",
            "section",
            "article",
            "header",
            "footer",
            "main",
            "aside",
            "blockquote",
            "pre",
            "figure",
        ),
        *(
            "figcaption",
            "address",
            "hr",
            "br",
            "table",
            "caption",
            "thead",
            "tbody",
            "tfoot",
            "tr",
            "dl",
            "dt",
        ),
        *("dd", "li", "fieldset", "form", "details", "summary", "legend", "optgroup", "option"),
        *("nav", "center", "menu", "dir", "hgroup", "search", "dialog"),
    }
)
#: Dropped with all they hold, as a browser shows none of it.
UNSEEN = frozenset(
    {
        *("script", "style", "title", "template", "noscript", "noembed", "noframes", "iframe"),
        *("object", "audio", "video", "canvas", "datalist"),
    }
)
KNOWN = frozenset({*HEADINGS, *LISTS, *BOLD, *CELLS, *BREAKS})
BETWEEN_CELLS = " – "


def to_allegro_html(text: str) -> str:
    """Well-formed HTML of `h1 h2 p ul ol li b` only; applied again, it changes nothing."""
    writer = _Writer()
    # Mends what is not well-formed, as browsers do.
    writer.feed(nh3.clean(text, tags=set(KNOWN), clean_content_tags=set(UNSEEN), attributes={}))
    writer.close()
    return writer.result()


class _Line:
    """The words of one block; bold is opened by its first word and closed behind its last."""

    def __init__(self) -> None:
        self.text = ""
        self._is_bold = False
        self._is_next_cell = False

    def add(self, data: str, bold: bool) -> None:
        words = " ".join(data.split())
        if not words:
            self._space()
            return
        if self._is_next_cell:
            self._is_next_cell = False
            self.end_bold()
            self.text = self.text.rstrip() + BETWEEN_CELLS
        if data[0].isspace():
            self._space()
        if bold and not self._is_bold:
            self.text += "<b>"
            self._is_bold = True
        self.text += escape(words, quote=False)
        if data[-1].isspace():
            self._space()

    def end_bold(self) -> None:
        if self._is_bold:
            bare = self.text.rstrip()
            self.text = bare + "</b>" + self.text[len(bare) :]
            self._is_bold = False

    def begin_cell(self) -> None:
        """What comes next stands in another cell; an empty one leaves no trace."""
        self._is_next_cell = bool(self.text.strip())

    def _space(self) -> None:
        """One between two words, none at the beginning."""
        if self.text and not self.text.endswith((" ", "<b>")):
            self.text += " "


class _Writer(HTMLParser):
    """Turns tags into blocks; lists within lists become part of the outer one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[str] = []
        self._items: list[str] = []
        self._open_lists: list[str] = []
        self._heading = ""
        self._bold = 0
        self._line = _Line()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BOLD:
            self._bold += 1
        elif tag in CELLS:
            self._line.begin_cell()
        else:
            self._end_line()
            if tag in LISTS:
                self._open_lists.append(tag)
            self._heading = HEADINGS.get(tag, self._heading)

    def handle_endtag(self, tag: str) -> None:
        if tag in BOLD:
            self._bold = max(self._bold - 1, 0)
            if not self._bold:
                self._line.end_bold()
        elif tag not in CELLS:
            self._end_line()
            if tag in LISTS:
                self._end_list()
            if tag in HEADINGS:
                self._heading = ""

    def handle_data(self, data: str) -> None:
        is_heading = bool(self._heading) and not self._open_lists
        self._line.add(data, bold=self._bold > 0 and not is_heading)

    def _end_line(self) -> None:
        self._line.end_bold()
        text = self._line.text.strip()
        self._line = _Line()
        if text and self._open_lists:
            self._items.append(f"<li>{text}</li>")
        elif text:
            tag = self._heading or "p"
            self._blocks.append(f"<{tag}>{text}</{tag}>")

    def _end_list(self) -> None:
        outermost = self._open_lists.pop() if self._open_lists else ""
        if outermost and not self._open_lists and self._items:
            self._blocks.append(f"<{outermost}>{''.join(self._items)}</{outermost}>")
            self._items = []

    def result(self) -> str:
        self._end_line()
        while self._open_lists:
            self._end_list()
        return "".join(self._blocks)
