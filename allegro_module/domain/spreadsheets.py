"""Cells of tables for spreadsheets: kept from being computed by an apostrophe, and read back as they were."""

from __future__ import annotations

import re

#: A spreadsheet computes a cell that begins so; apostrophes before it count, so that reading back is exact.
_COMPUTED = re.compile(r"'*\ *[=+\-@\t\r\n]")
_KEPT_FROM_IT = re.compile(r"'+\ *[=+\-@\t\r\n]")


def harmless(cell: str) -> str:
    return f"'{cell}" if _COMPUTED.match(cell) else cell


def as_it_was(cell: str) -> str:
    """What `harmless` was given; an apostrophe of the seller's own stays."""
    return cell[1:] if _KEPT_FROM_IT.match(cell) else cell
