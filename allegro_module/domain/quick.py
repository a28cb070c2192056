"""Quick list by EAN: product, price, pieces and defaults; the rest is the catalogue's (INT-17, 18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

ITEMS_MAX = 200


class Readiness(StrEnum):
    #: Not looked up yet.
    WAITING = "waiting"
    READY = "ready"
    #: The seller's terms or features lack something that Allegro demands.
    INCOMPLETE = "incomplete"
    #: The SKU has an offer that has not ended.
    LISTED = "listed"
    #: The same product stands further up, by its other name.
    TWICE = "twice"
    SEVERAL = "several"
    NO_PRODUCT = "no_product"
    NO_GTIN = "no_gtin"
    WRONG_GTIN = "wrong_gtin"
    #: The shop has no such product.
    UNKNOWN = "unknown"
    #: Allegro did not answer.
    FAILED = "failed"


class Deed(StrEnum):
    """What becomes of the ticked ones: drafts here, drafts at Allegro, active offers."""

    KEEP = "keep"
    DRAFT = "draft"
    LIST = "list"


#: Of these an offer can be made.
MAKEABLE = (Readiness.READY, Readiness.INCOMPLETE, Readiness.LISTED)


@dataclass(frozen=True, slots=True)
class Item:
    """`typed` is a SKU or an EAN; `offer_id` the SKU's offer before, `made_id` the one that was made here."""

    typed: str
    sku: str = ""
    name: str = ""
    gtin: str = ""
    currency: str = "PLN"
    price_text: str = ""
    quantity_text: str = ""
    product_id: str = ""
    readiness: str = Readiness.WAITING
    #: `Problem`s as JSON.
    problems: Sequence[Mapping[str, Any]] = ()
    is_ticked: bool = False
    offer_id: int | None = None
    made_id: int | None = None

    @property
    def is_makeable(self) -> bool:
        return self.readiness in MAKEABLE


def from_stored(stored: Sequence[Mapping[str, Any]]) -> list[Item]:
    known = {each.name for each in fields(Item)}
    return [Item(**{key: value for key, value in each.items() if key in known}) for each in stored]


def to_stored(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [{**asdict(each), "readiness": str(each.readiness)} for each in items]


def read_codes(text: str) -> list[str]:
    """SKUs and EANs, one in a line or parted by commas, semicolons, tabs; each once."""
    for mark in ",;\t":
        text = text.replace(mark, "\n")
    codes = (line.strip()[:100] for line in text.splitlines())
    return list(dict.fromkeys(code for code in codes if code))
