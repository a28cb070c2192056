"""What a browser without scripts makes of our pages: the form it would send, the texts one would read."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

VOID = frozenset({"input", "img", "br", "hr", "meta", "link"})


class _Controls(HTMLParser):
    """Collects the successful controls of one form, as HTML defines them."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.sent: MultiDict[str, str] = MultiDict()
        self._form_id = form_id
        self._is_inside = False
        self._select: tuple[str, list[str], bool] | None = None
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = found.get("id") == self._form_id
        if not self._is_inside:
            return
        name = found.get("name", "")
        is_off = "disabled" in found or not name
        if tag == "input" and not is_off:
            self._input(name, found)
        elif tag == "select":
            self._select = (name, [], is_off)
        elif tag == "option" and self._select and ("selected" in found or not self._select[1]):
            self._select[1][:] = [found.get("value", "")]
        elif tag == "textarea":
            self._textarea, self._text = (None if is_off else name), ""

    def _input(self, name: str, found: dict[str, str]) -> None:
        kind = found.get("type", "text")
        if kind not in ("checkbox", "radio") or "checked" in found:
            self.sent.add(name, found.get("value", ""))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "select" and self._select:
            name, chosen, is_off = self._select
            if not is_off and chosen:
                self.sent.add(name, chosen[0])
            self._select = None
        elif tag == "textarea" and self._textarea:
            self.sent.add(self._textarea, self._text.removeprefix("\n"))
            self._textarea = None


def form_in(page: str, form_id: str = "offer") -> MultiDict[str, str]:
    """The fields that the form of the page would send."""
    controls = _Controls(form_id)
    controls.feed(page)
    return controls.sent


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_code = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._is_code = False

    def handle_data(self, data: str) -> None:
        if not self._is_code:
            self.found.append(data)


def words_of(response: TestResponse) -> str:
    """All that stands on the page, blanks made one."""
    words = _Words()
    words.feed(response.text)
    return " ".join(" ".join(words.found).split())


def errors_at(page: str, field_id: str) -> list[str]:
    """The sentences under the control with this id."""
    found = []
    for number in ("", "2", "3"):
        _, mark, rest = page.partition(f'id="{field_id}-error{number}"')
        if mark:
            found.append(rest.partition("<span>")[2].partition("</span>")[0])
    return found


def press(
    browser: FlaskClient, address: str, action: str, *, fragment: bool = False, **changes: Any
) -> TestResponse:
    """Open the form, type what is to be different and press the button; None takes a field out."""
    sent = form_in(browser.get(address).text)
    for field, value in changes.items():
        name = field.replace("__", ".")
        sent.poplist(name)
        if value is not None:
            sent.setlist(name, value if isinstance(value, list) else [str(value)])
    sent["action"] = action
    headers = {"X-Allegro-Fragment": "1"} if fragment else {}
    return browser.post(address, data=sent, headers=headers)
