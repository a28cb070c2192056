"""A check in words: a page hands in its translation, the command line prints the English."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from allegro_module.domain import scope_texts
from allegro_module.domain.scopes import PREFIX
from allegro_module.sync.check_texts import OF_ANY, TITLES, WORDS, Words
from allegro_module.sync.checks import Check
from allegro_module.sync.message_words import text_of_message

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """`place` names where it is mended; empty when nothing is to be done on a page."""

    title: str
    text: str
    todo: str
    place: str


def spoken(check: Check, t: Translate, show_time: Callable[[datetime], str]) -> Spoken:
    words = WORDS.get(check.code, {}).get(check.found) or OF_ANY.get(check.found) or Words(check.found)
    params = _Given({name: _shown(name, value, t, show_time) for name, value in check.params.items()})
    if check.code == "scope":
        params["without"] = t(scope_texts.without(check.params["scope"]))
    title = TITLES.get(check.code)
    return Spoken(
        title=t(title) % params if title else check.code,
        text=(t(words.text) % params).strip(),
        todo=t(words.todo) % params if words.todo else "",
        place=words.place,
    )


class _Given(UserDict[str, str]):
    """A report stored by an older version may lack a parameter."""

    def __missing__(self, name: str) -> str:
        return ""


def _shown(name: str, value: str, t: Translate, show_time: Callable[[datetime], str]) -> str:
    if name.endswith("_at"):
        return show_time(datetime.fromisoformat(value))
    if name == "scope":
        return value.removeprefix(PREFIX)
    if name == "message":
        text = text_of_message(value)
        return t(text) if text else ""
    return value
