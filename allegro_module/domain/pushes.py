"""Pushes: what is meant for Allegro about an order – a status, a tracking number, an invoice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PushKind(StrEnum):
    STATUS = "status"
    SHIPMENT = "shipment"
    INVOICE = "invoice"


class PushState(StrEnum):
    """SENDING with a dead claim: nobody knows whether Allegro has it, so look before sending again."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    #: Allegro says no, and only the seller can help.
    REFUSED = "refused"
    #: A later push of the same kind made it needless.
    DROPPED = "dropped"


class Trouble(StrEnum):
    """Why a push is not done yet, where Allegro's own words do not say it."""

    #: An order takes only so many changes (facts.md 5.5, #3652).
    CAP = "cap"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_GONE = "order_gone"
    WAYBILL_OVERUSED = "waybill_overused"
    INVOICE_EXISTS = "invoice_exists"
    INVOICE_TOO_LARGE = "invoice_too_large"
    #: The scanner of files rejected it, or still looks at the one before.
    INVOICE_REJECTED = "invoice_rejected"
    INVOICE_SCANNED = "invoice_scanned"
    UNAVAILABLE = "unavailable"
    NOT_CONNECTED = "not_connected"
    SCOPE_MISSING = "scope_missing"
    BUSY = "busy"
    UNEXPECTED = "unexpected"


OPEN_PUSHES = (PushState.WAITING, PushState.SENDING)
LONGEST_WAYBILL = 64
#: Carriers print nothing else on their labels.
WAYBILL = r"[A-Za-z0-9/. -]+"
LONGEST_CARRIER_NAME = 30
LONGEST_INVOICE_NUMBER = 50
OTHER_CARRIER = "OTHER"
#: Listed, but refused since 2026-06-09 (#13267).
UNSUPPORTED_CARRIER = "ALLEGRO"
#: 3 MB by the description of the API; 2 MB in 2021 (facts.md 5.11).
LARGEST_INVOICE = 3 * 1024 * 1024


def waybill_key(carrier_id: str, number: str) -> tuple[str, str]:
    """Equal for the same parcel, however the number is spaced or written."""
    return carrier_id, "".join(number.split()).casefold()


@dataclass(frozen=True, slots=True)
class Waybill:
    """A tracking number; without `line_item_ids` the parcel holds the whole order (facts.md 5.10)."""

    carrier_id: str
    number: str
    carrier_name: str = ""
    line_item_ids: tuple[str, ...] = ()
