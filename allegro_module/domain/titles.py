"""Titles of offers: how Allegro counts them, what it refuses, and how to cut a product's name to fit."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from allegro_module.domain.problems import Problem

TITLE_MIN, TITLE_MAX = 12, 75
TITLE_WORDS = 3
WORD_MAX = 30
#: Latin, Greek and Cyrillic letters, signs of punctuation and currency; no emoji (facts.md 6.5).
FORBIDDEN = re.compile(r"[^\u0020-\u007e\u00a1-\u052f\u1e00-\u1eff\u2000-\u20cf\u2122]")
#: Words after which a title does not end.
JOINING = frozenset(
    {"i", "a", "z", "ze", "w", "we", "o", "u", "na", "do", "od", "dla", "lub", "oraz", "bez", "po"}
)


def title_length(title: str) -> int:
    """As Allegro counts: `&` is five characters, as it stands in HTML (facts.md 6.5)."""
    return len(html.escape(title.strip(), quote=True).replace("&#x27;", "'"))


def title_problems(title: str) -> Iterator[Problem]:
    words = title.split()
    length = title_length(title)
    if not words:
        yield Problem("title_required", "title")
        return
    if length > TITLE_MAX:
        yield Problem("title_too_long", "title", {"length": str(length), "max": str(TITLE_MAX)})
    elif length < TITLE_MIN:
        yield Problem("title_too_short", "title", {"length": str(length), "min": str(TITLE_MIN)})
    if len(words) < TITLE_WORDS:
        yield Problem("title_too_few_words", "title", {"min": str(TITLE_WORDS)})
    longest = max(words, key=len)
    if len(longest) > WORD_MAX:
        yield Problem("title_word_too_long", "title", {"word": longest, "max": str(WORD_MAX)})
    if strange := FORBIDDEN.search(title.strip()):
        yield Problem("title_character", "title", {"character": strange.group()})


def fit_title(name: str, additions: Sequence[str] = ()) -> str:
    """The name cut between two words; one that is too short for Allegro is lengthened by `additions`."""
    words = _words(name)
    for addition in additions:
        if title_length(" ".join(words)) >= TITLE_MIN and len(words) >= TITLE_WORDS:
            break
        longer = [*words, *_words(addition)]
        if title_length(" ".join(longer)) <= TITLE_MAX and addition.casefold() not in name.casefold():
            words = longer
    return _cut(words)


def _words(text: str) -> list[str]:
    return [word for word in FORBIDDEN.sub(" ", text).split() if len(word) <= WORD_MAX]


def _cut(words: Sequence[str]) -> str:
    kept = list(words)
    while title_length(" ".join(kept)) > TITLE_MAX:
        kept.pop()
    if len(kept) < len(words):
        while len(kept) > TITLE_WORDS and kept[-1].casefold().strip(",;:-–") in JOINING | {""}:
            kept.pop()
    return " ".join(kept).rstrip(",;:-– ")
