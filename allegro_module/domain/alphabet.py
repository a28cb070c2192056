"""The order of names as people look for them: Polish letters, numbers by their size."""

from __future__ import annotations

import re

#: Each Polish letter right behind the plain one that it comes from.
_ALPHABET = str.maketrans(
    {pair[0]: f"{pair[1]}\uffff" for pair in ("ąa", "ćc", "ęe", "łl", "ńn", "óo", "śs")}
) | {
    ord("ź"): "z\uffff",
    ord("ż"): "z\uffff\uffff",
}


def by_alphabet(text: str) -> str:
    """A key for sorting as a Polish dictionary does: „Świece” behind „Swetry”, before „Torby”."""
    return text.casefold().translate(_ALPHABET)


_DIGITS = re.compile(r"([0-9]{1,18})")
#: Numbers stand before letters.
_BEHIND_NUMBERS = 10**19


def naturally(name: str) -> tuple[tuple[int, str], ...]:
    """A key for sorting names: as `by_alphabet`, but „Cennik 2” before „Cennik 10”."""
    parts = _DIGITS.split(" ".join(name.split()))
    return tuple(
        (int(part), "") if _DIGITS.fullmatch(part) else (_BEHIND_NUMBERS, by_alphabet(part))
        for part in parts
        if part
    )
