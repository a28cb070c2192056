"""GTIN: the number under a bar code (EAN, UPC, ISBN), its lengths and its check digit."""

from __future__ import annotations

GTIN_LENGTHS = (8, 10, 12, 13, 14)
#: Prefixes that GS1 leaves to shops for their own use (facts.md 4.3, "in-store prefix").
IN_STORE_PREFIXES = ("02", "04", "2")


def bare_gtin(text: str) -> str:
    """Without the spaces and hyphens with which it is printed."""
    return text.replace(" ", "").replace("\u00a0", "").replace("-", "").upper()


def gtin_fault(text: str) -> str | None:
    """The code of what is wrong with it, None when it is a GTIN."""
    bare = bare_gtin(text)
    is_isbn_10 = len(bare) == 10 and bare[:9].isascii() and bare[:9].isdigit() and bare[9] in "0123456789X"
    if not is_isbn_10 and not (bare.isascii() and bare.isdigit()):
        return "gtin_not_digits"
    if len(bare) not in GTIN_LENGTHS:
        return "gtin_wrong_length"
    if not (_isbn_10_adds_up(bare) if is_isbn_10 else _adds_up(bare)):
        return "gtin_wrong_check_digit"
    if len(bare) == 13 and bare.startswith(IN_STORE_PREFIXES):
        return "gtin_in_store"
    return None


def check_digit(digits: str) -> str:
    """The digit that follows these: weights 3 and 1, from the right."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def is_isbn(text: str) -> bool:
    bare = bare_gtin(text)
    return len(bare) == 10 or (len(bare) == 13 and bare.startswith(("978", "979")))


def _adds_up(digits: str) -> bool:
    return check_digit(digits[:-1]) == digits[-1]


def _isbn_10_adds_up(bare: str) -> bool:
    values = [10 if digit == "X" else int(digit) for digit in bare]
    return sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11 == 0
