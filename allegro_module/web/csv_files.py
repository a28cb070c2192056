"""Lines of CSV files as Polish spreadsheets read them: semicolons, and no cell that they would compute."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from allegro_module.domain.spreadsheets import harmless

#: Excel takes the file for UTF-8 by this.
BYTE_ORDER_MARK = "\ufeff"


def csv_line(cells: Sequence[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer, delimiter=";").writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()
