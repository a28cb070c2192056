"""Prints: what can be printed of orders."""

from __future__ import annotations

from enum import StrEnum


class PrintKind(StrEnum):
    #: One A4 page or more per order.
    A4 = "a4"
    #: 10 × 15 cm, for thermal printers.
    SMALL = "small"
    #: What to take from the shelves for all the orders together.
    PICKING = "picking"


class PrintState(StrEnum):
    WAITING = "waiting"
    MAKING = "making"
    DONE = "done"
    FAILED = "failed"
