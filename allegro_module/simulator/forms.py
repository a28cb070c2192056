"""What an order is made of: checkout forms, their delivery and payments, and how the api words them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from allegro_module.simulator.http import iso, money
from allegro_module.simulator.lines import Line, Tax
from allegro_module.simulator.papers import Paper, Shipment
from allegro_module.simulator.persons import Address, Buyer, Invoice, Json, PickupPoint

__all__ = [
    "Address",
    "Buyer",
    "Delivery",
    "EventType",
    "Form",
    "Invoice",
    "Json",
    "Line",
    "Payment",
    "PickupPoint",
    "Status",
    "Tax",
]

# After these the buyer may neither cancel nor change the address by himself.
OUT_OF_BUYERS_HANDS = ("PROCESSING", "READY_FOR_SHIPMENT", "READY_FOR_PICKUP", "SENT", "PICKED_UP")
BUYERS_DAYS = timedelta(days=3)
# Where a purchase may be taken back for five minutes whatever the seller did (2026-06-17, #13597), no longer.
SHORT_REGRET = ("allegro-cz", "allegro-business-cz", "allegro-sk", "allegro-hu")
REGRET = timedelta(minutes=5)


class Status(StrEnum):
    BOUGHT = "BOUGHT"
    FILLED_IN = "FILLED_IN"
    READY_FOR_PROCESSING = "READY_FOR_PROCESSING"
    CANCELLED = "CANCELLED"


class EventType(StrEnum):
    BOUGHT = "BOUGHT"
    FILLED_IN = "FILLED_IN"
    READY_FOR_PROCESSING = "READY_FOR_PROCESSING"
    BUYER_CANCELLED = "BUYER_CANCELLED"
    FULFILLMENT_STATUS_CHANGED = "FULFILLMENT_STATUS_CHANGED"
    BUYER_MODIFIED = "BUYER_MODIFIED"
    AUTO_CANCELLED = "AUTO_CANCELLED"


@dataclass
class Delivery:
    method_id: str
    method_name: str
    cost: Decimal
    address: Address
    point: PickupPoint | None
    smart: bool
    chosen_at: datetime
    address_modified_at: datetime | None = None
    cancelled_at: datetime | None = None
    packages: int = 1

    def as_json(self, currency: str) -> Json:
        cancelled = {"date": iso(self.cancelled_at)} if self.cancelled_at else None
        return {
            "address": self._address(),
            "method": {"id": self.method_id, "name": self.method_name},
            "pickupPoint": self.point.as_json() if self.point else None,
            "cost": money(self.cost, currency),
            "time": self._time(),
            "smart": self.smart,
            "cancellation": cancelled,
            "calculatedNumberOfPackages": self.packages,
        }

    def _address(self) -> Json:
        person = {"firstName": self.address.first_name, "lastName": self.address.last_name}
        modified = self.address_modified_at
        return {
            **person,
            **self.address.place("zipCode"),
            "companyName": self.address.company,
            "phoneNumber": self.address.phone,
            "modifiedAt": iso(modified) if modified else None,
        }

    def _time(self) -> Json:
        dispatch = {"from": iso(self.chosen_at), "to": iso(self.chosen_at + timedelta(days=1))}
        arrival = {
            "from": iso(self.chosen_at + timedelta(days=2)),
            "to": iso(self.chosen_at + timedelta(days=3)),
        }
        return {**arrival, "guaranteed": None, "dispatch": dispatch}


@dataclass
class Payment:
    id: str
    type: str
    provider: str
    finished_at: datetime | None = None
    paid: Decimal | None = None
    features: tuple[str, ...] = ()
    compensation: Decimal | None = None

    def as_json(self, currency: str) -> Json:
        added = self.compensation
        return {
            "id": self.id,
            "type": self.type,
            "provider": self.provider,
            "finishedAt": iso(self.finished_at) if self.finished_at else None,
            "paidAmount": money(self.paid, currency) if self.paid is not None else None,
            "reconciliation": money(added, currency) if added is not None else None,
            "features": list(self.features),
        }


@dataclass(frozen=True)
class Booking:
    """Cash that a carrier collected and booked."""

    payment_id: str
    shipment_id: str | None
    amount: Decimal
    paid_at: datetime

    def as_json(self, currency: str) -> Json:
        return {
            "paymentId": self.payment_id,
            "shipmentId": self.shipment_id,
            "paidAmount": money(self.amount, currency),
            "paidAt": iso(self.paid_at),
        }


@dataclass
class Form:
    """A checkout form: one seller's lines from one delivery form."""

    id: str
    seller_id: str
    buyer: Buyer
    email: str
    lines: tuple[Line, ...]
    revision: str
    updated_at: datetime
    marketplace: str = "allegro-pl"
    status: Status = Status.BOUGHT
    fulfillment: str = "NEW"
    provider: str = "SELLER"
    delivery: Delivery | None = None
    payment: Payment | None = None
    invoice: Invoice | None = None
    message: str | None = None
    operations: int = field(default=0, compare=False)
    joined_into: str | None = None
    note: str | None = None
    surcharges: tuple[Payment, ...] = ()
    bookings: tuple[Booking, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    papers: tuple[Paper, ...] = ()
    has_external_papers: bool = False
    # The seller's status that readers still see, and until when (#9819).
    shown_fulfillment: tuple[str, datetime] | None = None
    # What a control call made unreadable, see spoiling.py.
    spoilt: tuple[tuple[str, object], ...] = ()
    is_hushed: bool = False

    @property
    def currency(self) -> str:
        return self.lines[0].currency

    @cached_property
    def bought_at(self) -> datetime:
        return max(line.bought_at for line in self.lines)

    @property
    def total(self) -> Decimal:
        cost = self.delivery.cost if self.delivery else Decimal(0)
        return sum((line.total for line in self.lines), cost)

    @property
    def is_unpaid(self) -> bool:
        return self.status in (Status.BOUGHT, Status.FILLED_IN) and self.joined_into is None

    @property
    def lines_sent(self) -> str:
        """How many lines have a tracking number."""
        sent = {line_id for shipment in self.shipments for line_id in shipment.line_ids}
        if not sent:
            return "NONE"
        return "ALL" if all(line.id in sent for line in self.lines) else "SOME"

    def is_in_buyers_hands(self, now: datetime) -> bool:
        """May the buyer still change the address by himself, and where no other rule holds, cancel?"""
        return (
            self.status is not Status.CANCELLED
            and self.joined_into is None
            and self.fulfillment not in OUT_OF_BUYERS_HANDS
            and not self.shipments
            and not self.buyer.guest
            and now - self.bought_at <= BUYERS_DAYS
            and not (self.invoice and self.invoice.is_for_company)
        )

    def may_be_cancelled(self, now: datetime) -> bool:
        if self.marketplace not in SHORT_REGRET:
            return self.is_in_buyers_hands(now)
        return (
            self.status is not Status.CANCELLED
            and self.joined_into is None
            and now - self.bought_at <= REGRET
        )

    def for_event(self, revision: str) -> Json:
        return {
            "seller": {"id": self.seller_id},
            "buyer": self.buyer.for_event(self.email),
            "lineItems": [line.for_event() for line in self.lines],
            "checkoutForm": {"id": self.id, "revision": revision},
            "marketplace": {"id": self.marketplace},
        }

    def as_json(self) -> Json:
        currency = self.currency
        return {
            "id": self.id,
            "messageToSeller": self.message,
            "buyer": self.buyer.as_json(self.email),
            "payment": self.payment.as_json(currency) if self.payment else None,
            "status": self.status,
            "fulfillment": self._fulfillment(),
            "delivery": self.delivery.as_json(currency) if self.delivery else None,
            "invoice": self._invoice(),
            "lineItems": [line.as_json() for line in self.lines],
            "surcharges": [payment.as_json(currency) for payment in self.surcharges],
            "codBookedPayments": [booking.as_json(currency) for booking in self.bookings],
            "note": {"text": self.note} if self.note else None,
            "marketplace": {"id": self.marketplace},
            "summary": {"totalToPay": money(self.total, currency)},
            "updatedAt": iso(self.updated_at),
            "revision": self.revision,
        }

    def _fulfillment(self) -> Json:
        return {
            "status": self.fulfillment,
            "shipmentSummary": {"lineItemsSent": self.lines_sent},
            "provider": {"id": self.provider},
        }

    def _invoice(self) -> Json:
        wish = self.invoice
        if wish is None:
            return {"required": False, "address": None, "dueDate": None, "features": []}
        features = list(wish.features)
        return {"required": True, "address": wish.as_json(), "dueDate": wish.due_date, "features": features}
