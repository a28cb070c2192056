"""Orders: states as Allegro names them (facts.md 5.1, 5.5), tabs of our list, what asks for the seller."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class FormStatus(StrEnum):
    """What the buyer and the platform did."""

    BOUGHT = "BOUGHT"
    FILLED_IN = "FILLED_IN"
    READY_FOR_PROCESSING = "READY_FOR_PROCESSING"
    CANCELLED = "CANCELLED"


class FulfillmentStatus(StrEnum):
    """What the seller does."""

    NEW = "NEW"
    PROCESSING = "PROCESSING"
    READY_FOR_SHIPMENT = "READY_FOR_SHIPMENT"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    SENT = "SENT"
    PICKED_UP = "PICKED_UP"
    CANCELLED = "CANCELLED"
    SUSPENDED = "SUSPENDED"
    RETURNED = "RETURNED"


#: SUSPENDED belongs to One Fulfillment, RETURNED is set by Allegro alone (facts.md 5.5).
SENDABLE = tuple(
    status
    for status in FulfillmentStatus
    if status not in (FulfillmentStatus.SUSPENDED, FulfillmentStatus.RETURNED)
)
#: Who ships: the seller, or One Fulfillment, whose orders are shown and never packed (facts.md 5.5, #12848).
BY_SELLER = "SELLER"
BY_ALLEGRO = "ALLEGRO"


class Tab(StrEnum):
    """Where an order stands in the list; one left behind for another form stands nowhere."""

    UNPAID = "unpaid"
    NEW = "new"
    PROCESSING = "processing"
    TO_SHIP = "to_ship"
    SENT = "sent"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    HIDDEN = ""


#: Counted beside the tabs: orders of any tab that need the seller.
ATTENTION = "attention"

_TAB_BY_FULFILLMENT = {
    FulfillmentStatus.PROCESSING: Tab.PROCESSING,
    FulfillmentStatus.SUSPENDED: Tab.PROCESSING,
    FulfillmentStatus.READY_FOR_SHIPMENT: Tab.TO_SHIP,
    FulfillmentStatus.READY_FOR_PICKUP: Tab.SENT,
    FulfillmentStatus.SENT: Tab.SENT,
    FulfillmentStatus.PICKED_UP: Tab.SENT,
    FulfillmentStatus.RETURNED: Tab.RETURNED,
    FulfillmentStatus.CANCELLED: Tab.CANCELLED,
}


def tab_of(status: str, fulfillment_status: str, superseded_by: str | None = None) -> Tab:
    """Words that Allegro has added since count as new work, so that nothing is overlooked."""
    if superseded_by:
        return Tab.HIDDEN
    if status == FormStatus.CANCELLED:
        return Tab.CANCELLED
    if status in (FormStatus.BOUGHT, FormStatus.FILLED_IN):
        return Tab.UNPAID
    return _TAB_BY_FULFILLMENT.get(fulfillment_status, Tab.NEW)  # type: ignore[call-overload,no-any-return]


class Flag(StrEnum):
    """What is unusual about an order."""

    SUM_DIFFERS = "sum_differs"
    UNMATCHED_LINE = "unmatched_line"
    SURCHARGE_APART = "surcharge_apart"
    FULFILLED_BY_ALLEGRO = "fulfilled_by_allegro"
    #: Cancelled when the seller had already sent it, or packed it.
    CANCELLED_LATE = "cancelled_late"
    #: The buyer changed the address after the seller's own edit, or after the order was sent.
    ADDRESS_CHANGED = "address_changed"
    #: Cancelled and then taken up again: its stock went back once and is not taken a second time.
    TAKEN_UP_AGAIN = "taken_up_again"
    #: Neither unpaid nor to be fulfilled nor cancelled, but what Allegro has added since.
    UNKNOWN_STATUS = "unknown_status"
    #: Something meant for Allegro was refused there.
    PUSH_REFUSED = "push_refused"


#: Not a matter for the seller: information only.
QUIET_FLAGS = frozenset({Flag.FULFILLED_BY_ALLEGRO})
#: What still asks for a deed when an order was cancelled.
LOUD_WHEN_CANCELLED = frozenset({Flag.CANCELLED_LATE, Flag.PUSH_REFUSED, Flag.UNKNOWN_STATUS})


def needs_attention(tab: str, flags: Collection[str]) -> bool:
    """Nobody packs what was cancelled or left behind, nor what One Fulfillment ships without our stock."""
    if tab == Tab.HIDDEN:
        return False
    if tab == Tab.CANCELLED:
        return any(flag in LOUD_WHEN_CANCELLED for flag in flags)
    moot = QUIET_FLAGS | {Flag.UNMATCHED_LINE} if Flag.FULFILLED_BY_ALLEGRO in flags else QUIET_FLAGS
    return any(flag not in moot for flag in flags)


class CancelledBy(StrEnum):
    """The form does not say it, the event does (facts.md 5.13)."""

    BUYER = "buyer"
    ALLEGRO = "allegro"
    SELLER = "seller"
    UNKNOWN = ""


class EventKind(StrEnum):
    """A line of an order's history."""

    PLACED = "placed"
    PAID = "paid"
    CHANGED = "changed"
    ADDRESS_CHANGED = "address_changed"
    MERGED = "merged"
    SURCHARGE = "surcharge"
    CANCELLED = "cancelled"
    TAKEN_UP_AGAIN = "taken_up_again"
    STOCK_RETURNED = "stock_returned"
    FULFILLMENT = "fulfillment"
    CARETAKER = "caretaker"
    PICKED = "picked"
    UNPICKED = "unpicked"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    SETTLED = "settled"
    UNSETTLED = "unsettled"
    HELD = "held"
    RELEASED = "released"
    EDITED = "edited"
    NOTE = "note"
    #: What was unusual is no longer a matter for the seller.
    DEALT_WITH = "dealt_with"
    ASSIGNED = "assigned"
    SHOP_STATUS = "shop_status"
    STATUS_ASKED = "status_asked"
    STATUS_SENT = "status_sent"
    SHIPMENT_ASKED = "shipment_asked"
    SHIPMENT_SENT = "shipment_sent"
    INVOICE_ASKED = "invoice_asked"
    INVOICE_SENT = "invoice_sent"
    REFUSED = "refused"
    PRINTED = "printed"
