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


OPEN_PUSHES = (PushState.WAITING, PushState.SENDING)
LONGEST_WAYBILL = 64
LONGEST_CARRIER_NAME = 30
OTHER_CARRIER = "OTHER"
#: 3 MB by the description of the API; 2 MB in 2021 (facts.md 5.11).
LARGEST_INVOICE = 3 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Waybill:
    """A tracking number; without `line_item_ids` the parcel holds the whole order (facts.md 5.10)."""

    carrier_id: str
    number: str
    carrier_name: str = ""
    line_item_ids: tuple[str, ...] = ()
