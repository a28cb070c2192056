"""Codes that scanners read: Code 128, EAN and QR, as shapes that PDF and page draw alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import segno

from allegro_module.domain.gtin import bare_gtin, gtin_fault

#: Widths of bars and gaps by the value of the symbol; 103 to 105 begin, the last one ends.
_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
    "114311411113411311113141114131311141411131211412211214211232"
)
CODE_128 = [*(_WIDTHS[at : at + 6] for at in range(0, len(_WIDTHS), 6)), "2331112"]
START_B, START_C, STOP = 104, 105, 106
#: Longer ones no scanner reads on paper of ours.
MOST_CHARACTERS = 40
#: EAN: widths of a digit's four stripes, and which of the left digits are mirrored, by the first one.
EAN_WIDTHS = ("3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112")
EAN_MIRRORED = (
    "000000",
    "001011",
    "001101",
    "001110",
    "010011",
    "011001",
    "011100",
    "010101",
    "010110",
    "011010",
)
#: Scanners read each of the eight; to weigh them against each other takes longer than the rest of a page.
MASK = 4
GUARD, MIDDLE = "111", "11111"


@dataclass(frozen=True, slots=True)
class Symbol:
    """Dark shapes as an SVG path in modules; quiet zones are part of the size. `text` is what is encoded."""

    text: str
    width: int
    height: int
    path: str


def code_128(text: str) -> Symbol | None:
    """None for what the code cannot say (Polish letters) or no paper is wide enough for."""
    if not text or len(text) > MOST_CHARACTERS or not all(" " <= letter <= "~" for letter in text):
        return None
    values = _digits_only(text) if text.isdigit() and len(text) % 2 == 0 else _any_letters(text)
    check = values[0] + sum(place * value for place, value in enumerate(values[1:], 1))
    return _bars(text, "".join(CODE_128[value] for value in (*values, check % 103, STOP)), quiet=10)


def _digits_only(text: str) -> list[int]:
    return [START_C, *(int(text[at : at + 2]) for at in range(0, len(text), 2))]


def _any_letters(text: str) -> list[int]:
    return [START_B, *(ord(letter) - 32 for letter in text)]


def ean(gtin: str) -> Symbol | None:
    """EAN-13 or EAN-8, a GTIN of 14 digits as Code 128; None for what is no GTIN, or has a wrong digit."""
    digits = bare_gtin(gtin)
    if gtin_fault(digits) not in (None, "gtin_in_store") or not digits.isdigit() or len(digits) == 10:
        return None
    if len(digits) == 8:
        return _bars(digits, _ean_8(digits), quiet=7)
    if len(digits) == 14:
        return code_128(digits)
    digits = digits.zfill(13)
    return _bars(digits, _ean_13(digits), quiet=11)


def _ean_13(digits: str) -> str:
    mirrored = EAN_MIRRORED[int(digits[0])]
    left = [_left(digit, flag == "1") for digit, flag in zip(digits[1:7], mirrored, strict=True)]
    return "".join((GUARD, *left, MIDDLE, *map(_right, digits[7:]), GUARD))


def _ean_8(digits: str) -> str:
    left = [_left(digit, is_mirrored=False) for digit in digits[:4]]
    return "".join((GUARD, *left, MIDDLE, *map(_right, digits[4:]), GUARD))


def _left(digit: str, is_mirrored: bool) -> str:
    widths = EAN_WIDTHS[int(digit)]
    return widths[::-1] if is_mirrored else widths


def _right(digit: str) -> str:
    return EAN_WIDTHS[int(digit)]


def _bars(text: str, widths: str, quiet: int) -> Symbol:
    """Bars and gaps in turn, a bar first."""
    at, parts = quiet, []
    for place, width in enumerate(map(int, widths)):
        if place % 2 == 0:
            parts.append(_rectangle(at, 0, width))
        at += width
    return Symbol(text, at + quiet, 1, "".join(parts))


def qr(text: str) -> Symbol:
    """Of medium correction: a print gets wet, and creases."""
    made = segno.make(text, error="m", micro=False, mask=MASK)
    rows = [[*row] for row in made.matrix_iter(border=4)]
    return Symbol(text, len(rows), len(rows), "".join(_dark_runs(rows)))


def _dark_runs(rows: Sequence[Sequence[int]]) -> Iterator[str]:
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            length = sum(1 for _ in run)
            if is_dark:
                yield _rectangle(x, y, length)
            x += length


def _rectangle(x: int, y: int, width: int) -> str:
    return f"M{x} {y}h{width}v1h-{width}z"
