"""The filter by category of the offer list: chosen by name among those in use, or by part of a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from allegro_module.db.categories import BETWEEN_NAMES
from allegro_module.db.offer_choices import UsedCategory
from allegro_module.web.i18n import n, t

#: As the choices end: Allegro's id, a number or (of old categories) a UUID.
NUMBER = r"(\d{1,20}|[0-9a-f]{8}-[0-9a-f-]{27})"
WITH_NUMBER = re.compile(rf"(?:.*\()?{NUMBER}\)?", re.DOTALL)
#: A name in the choices is no longer; the whole fits into the address (`offer_filters.LONGEST`).
LONGEST_NAME = 60
#: More names are found by typing a part of them.
MOST_CHOICES = 200
#: Whoever looks for a name looks among all that are in use.
ALL = 100_000
#: Of one part of a name.
MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """`value` is what the browser writes into the field, `path` tells apart what is called the same."""

    value: str
    path: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """`ids` is None without the filter; `typed` is what stands in the field, `words` what the chip says."""

    ids: Sequence[str] | None = None
    typed: str = ""
    words: str = ""


def number_in(text: str) -> str:
    """The category's id where a choice was taken or a number typed; empty for a name."""
    found = WITH_NUMBER.fullmatch(text)
    return found[1] if found else ""


def wanted_categories(text: str, used: Sequence[UsedCategory]) -> Wanted:
    """`text` as it stands in the address."""
    if not text:
        return Wanted()
    number = number_in(text)
    found = [each for each in used if each.allegro_id == number] if number else _named(text, used)
    if number and not (found and found[0].name):
        return Wanted([number], number, t("category %(id)s", id=number))
    if len(found) == 1:
        return Wanted([found[0].allegro_id], _value(found[0]), t("category: %(name)s", name=found[0].name))
    if not found:
        return Wanted([], text, t("no category in use is called “%(text)s”", text=text))
    ids = [each.allegro_id for each in found[:MOST_FOUND]]
    count = n("%(num)s category", "%(num)s categories", len(ids))
    return Wanted(ids, text, t("category with “%(text)s”: %(count)s", text=text, count=count))


def _named(text: str, used: Sequence[UsedCategory]) -> list[UsedCategory]:
    """Those called exactly so, else those with each of the words on their way from the root."""
    wanted = text.casefold()
    same = [each for each in used if wanted in (each.name.casefold(), each.path.casefold())]
    words = wanted.split()
    return same or [each for each in used if all(word in each.path.casefold() for word in words)]


def choices_of(used: Sequence[UsedCategory]) -> list[Choice]:
    return [Choice(_value(each), each.path) for each in used[:MOST_CHOICES] if each.name]


def _value(category: UsedCategory) -> str:
    name = category.name or category.path.rpartition(BETWEEN_NAMES)[2]
    return f"{name[:LONGEST_NAME]} ({category.allegro_id})"
