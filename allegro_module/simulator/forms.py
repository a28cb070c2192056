"""What an order is made of: checkout forms, their lines, and how the api words them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from allegro_module.simulator.http import iso, money

Json = dict[str, object]

# After these the buyer may neither cancel nor change the address by himself.
OUT_OF_BUYERS_HANDS = ("PROCESSING", "READY_FOR_SHIPMENT", "READY_FOR_PICKUP", "SENT", "PICKED_UP")
BUYERS_DAYS = timedelta(days=3)


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


@dataclass(frozen=True)
class Tax:
    rate: str
    subject: str | None = None
    exemption: str | None = None


@dataclass(frozen=True)
class Address:
    first_name: str
    last_name: str
    street: str
    city: str
    zip_code: str
    phone: str | None = None
    company: str | None = None
    country: str = "PL"

    def place(self, zip_name: str) -> Json:
        """Allegro says zipCode everywhere but in the buyer's own address, where it says postCode."""
        return {
            "street": self.street,
            "city": self.city,
            zip_name: self.zip_code,
            "countryCode": self.country,
        }


@dataclass(frozen=True)
class Buyer:
    id: str
    login: str
    home: Address
    guest: bool = False
    language: str = "pl-PL"


@dataclass(frozen=True)
class Line:
    id: str
    offer_id: str
    name: str
    external_id: str | None
    product_ids: tuple[str, ...]
    quantity: int
    price: Decimal
    currency: str
    tax: Tax | None
    bought_at: datetime

    @property
    def total(self) -> Decimal:
        return self.price * self.quantity

    def for_event(self) -> Json:
        return {
            "id": self.id,
            "offer": {"id": self.offer_id, "name": self.name, "external": self._external()},
            "quantity": self.quantity,
            "originalPrice": money(self.price, self.currency),
            "price": money(self.price, self.currency),
            "boughtAt": iso(self.bought_at),
        }

    def as_json(self) -> Json:
        offer = {
            "id": self.offer_id,
            "name": self.name,
            "external": self._external(),
            "productSet": self._products(),
        }
        return {
            **self.for_event(),
            "offer": offer,
            "reconciliation": None,
            "selectedAdditionalServices": [],
            "vouchers": [],
            "tax": self._tax(),
            "deposit": None,
            "discounts": [],
            "serialNumbers": None,
        }

    def _external(self) -> Json | None:
        return {"id": self.external_id} if self.external_id else None

    def _products(self) -> Json | None:
        products = [{"id": product_id, "quantity": 1} for product_id in self.product_ids]
        return {"products": products} if products else None

    def _tax(self) -> Json | None:
        tax = self.tax
        return {"rate": tax.rate, "subject": tax.subject, "exemption": tax.exemption} if tax else None


@dataclass(frozen=True)
class PickupPoint:
    id: str
    name: str
    description: str
    street: str
    city: str
    zip_code: str

    def as_json(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "address": {
                "street": self.street,
                "zipCode": self.zip_code,
                "city": self.city,
                "countryCode": "PL",
            },
        }


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

    def as_json(self, currency: str) -> Json:
        return {
            "address": self._address(),
            "method": {"id": self.method_id, "name": self.method_name},
            "pickupPoint": self.point.as_json() if self.point else None,
            "cost": money(self.cost, currency),
            "time": self._time(),
            "smart": self.smart,
            "cancellation": None,
            "calculatedNumberOfPackages": 1,
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

    def as_json(self, currency: str) -> Json:
        return {
            "id": self.id,
            "type": self.type,
            "provider": self.provider,
            "finishedAt": iso(self.finished_at) if self.finished_at else None,
            "paidAmount": money(self.paid, currency) if self.paid is not None else None,
            "reconciliation": None,
            "features": [],
        }


@dataclass(frozen=True)
class Invoice:
    """An invoice wish: for a company when there is a NIP, else for a person."""

    address: Address
    company: str | None = None
    nip: str | None = None

    def as_json(self) -> Json:
        company = {
            "name": self.company,
            "ids": [{"type": "PL_NIP", "value": self.nip}],
            "vatPayerStatus": "ACTIVE",
            "taxId": self.nip,
        }
        person = {"firstName": self.address.first_name, "lastName": self.address.last_name}
        return {
            **self.address.place("zipCode"),
            "company": company if self.nip else None,
            "naturalPerson": None if self.nip else person,
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

    def is_in_buyers_hands(self, now: datetime) -> bool:
        """May the buyer still cancel or change the address by himself?"""
        return (
            self.status is not Status.CANCELLED
            and self.joined_into is None
            and self.fulfillment not in OUT_OF_BUYERS_HANDS
            and now - self.bought_at <= BUYERS_DAYS
            and not (self.invoice and self.invoice.nip)
        )

    def for_event(self) -> Json:
        buyer: Json = {
            "id": self.buyer.id,
            "email": self.email,
            "login": self.buyer.login,
            "guest": self.buyer.guest,
            "preferences": {"language": self.buyer.language},
        }
        return {
            "seller": {"id": self.seller_id},
            "buyer": buyer,
            "lineItems": [line.for_event() for line in self.lines],
            "checkoutForm": {"id": self.id, "revision": self.revision},
            "marketplace": {"id": self.marketplace},
        }

    def as_json(self) -> Json:
        return {
            "id": self.id,
            "messageToSeller": self.message,
            "buyer": self._buyer(),
            "payment": self.payment.as_json(self.currency) if self.payment else None,
            "status": self.status,
            "fulfillment": self._fulfillment(),
            "delivery": self.delivery.as_json(self.currency) if self.delivery else None,
            "invoice": self._invoice(),
            "lineItems": [line.as_json() for line in self.lines],
            "surcharges": [],
            "codBookedPayments": [],
            "note": None,
            "marketplace": {"id": self.marketplace},
            "summary": {"totalToPay": money(self.total, self.currency)},
            "updatedAt": iso(self.updated_at),
            "revision": self.revision,
        }

    def _buyer(self) -> Json:
        home = self.buyer.home
        return {
            "id": self.buyer.id,
            "email": self.email,
            "login": self.buyer.login,
            "firstName": home.first_name,
            "lastName": home.last_name,
            "companyName": home.company,
            "guest": self.buyer.guest,
            "personalIdentity": None,
            "phoneNumber": home.phone,
            "preferences": {"language": self.buyer.language},
            "address": home.place("postCode"),
        }

    def _fulfillment(self) -> Json:
        return {
            "status": self.fulfillment,
            "shipmentSummary": {"lineItemsSent": "NONE"},
            "provider": {"id": self.provider},
        }

    def _invoice(self) -> Json:
        address = self.invoice.as_json() if self.invoice else None
        return {"required": self.invoice is not None, "address": address, "dueDate": None, "features": []}
