"""The catalogue's products in the offer form: how many of each are sold together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

MOST_PIECES = 9999
#: The button that takes a product out of the set.
DROP = "drop_product"


def read_product_quantity(sent: MultiDict[str, str], stored: int) -> int:
    """Pieces of the first product; what is no number leaves them as they were."""
    return _pieces(sent.get("product_quantity", ""), stored)


def read_more_products(
    sent: MultiDict[str, str], stored: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Those of the set as stored, with the pieces that were typed and less the one that was taken out."""
    dropped = sent.get("action", "").partition(":")
    gone = dropped[2] if dropped[0] == DROP else None
    return [
        {
            "product_id": each["product_id"],
            "quantity": _pieces(sent.get(f"set.{each['product_id']}", ""), each["quantity"]),
        }
        for each in stored
        if each["product_id"] != gone
    ]


def _pieces(typed: str, otherwise: int) -> int:
    bare = typed.strip()
    is_number = bare.isascii() and bare.isdigit() and len(bare) <= len(str(MOST_PIECES))
    return int(bare) if is_number and int(bare) > 0 else otherwise
