"""Lines of CSV files as Polish spreadsheets read them: semicolons, and no cell that they would compute."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

#: Excel takes the file for UTF-8 by this.
BYTE_ORDER_MARK = "\ufeff"
#: A spreadsheet computes a cell that begins so.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(cells: Sequence[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer, delimiter=";").writerow([_harmless(cell) for cell in cells])
    return buffer.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell
