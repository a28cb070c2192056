"""A paper: all that stands on a print, as plain values that the PDF and the page show alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from allegro_module.prints.barcodes import Symbol


@dataclass(frozen=True, slots=True)
class Line:
    """A position of an order. `sku` is empty for goods of no known product; `struck` is the price before."""

    kind: str
    name: str
    quantity: str
    price: str
    value: str
    sku: str = ""
    ean: str = ""
    barcode: Symbol | None = None
    struck: str = ""
    why: str = ""
    is_picked: bool = False
    picked_by: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A heading with its value: sums, numbers."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Delivery:
    method: str = ""
    is_smart: bool = False
    point: str = ""
    point_lines: Sequence[str] = ()
    recipient: Sequence[str] = ()
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    is_wanted: bool = False
    lines: Sequence[str] = ()
    tax_id: str = ""
    number: str = ""
    ksef_number: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One order."""

    number: str
    account: str
    barcode: Symbol | None
    qr: Symbol
    bought: str
    send_until: str
    checked: str
    is_checked: bool
    delivery: Delivery
    buyer: Sequence[str]
    invoice: Invoice
    lines: Sequence[Line]
    sums: Sequence[Row]
    total: str
    to_collect: str
    paid: str
    payment: str
    pieces: str
    message: str
    notes: str
    seller_note: str
    warnings: Sequence[str]


@dataclass(frozen=True, slots=True)
class Taken:
    """So many pieces for that order."""

    number: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Product:
    """A line of the picking list."""

    name: str
    sku: str
    ean: str
    barcode: Symbol | None
    pieces: int
    orders: Sequence[Taken]


@dataclass(frozen=True, slots=True)
class Paper:
    """`sheets` of A4 and small prints, `products` of a picking list, which names no buyer."""

    kind: str
    printed: str
    words: dict[str, str]
    sheets: Sequence[Sheet] = ()
    products: Sequence[Product] = ()
    orders: int = 0
    pieces: int = 0
    picked_before: int = 0
    unchecked: Sequence[str] = field(default=())
    checked: str = ""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> dict[str, Any]:
    """As templates read it."""
    found: dict[str, Any] = json.loads(text)
    return found
