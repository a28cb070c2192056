"""Prints: what can be printed of orders, how far a print is, why an order is left out."""

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


OPEN_STATES = (PrintState.WAITING, PrintState.MAKING)
#: So many orders fit into one print.
MOST_ORDERS = 1000


class LeftOut(StrEnum):
    """Why an order is not on the paper: nothing that must not be packed is printed."""

    HELD = "held"
    CANCEL_WINDOW = "cancel_window"
    CANCELLED = "cancelled"
    FULFILLED_BY_ALLEGRO = "fulfilled_by_allegro"
    SUPERSEDED = "superseded"
    NOT_READ = "not_read"


class Trouble(StrEnum):
    """Why a print has no document."""

    NOTHING_LEFT = "nothing_left"
    #: The `[pdf]` extra is not installed where jobs run.
    NO_COMPILER = "no_compiler"
    NOT_COMPILED = "not_compiled"
