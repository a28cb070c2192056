"""The lines of an order: what was bought, for how much, and what comes with it or makes it cheaper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allegro_module.simulator.http import iso, money
from allegro_module.simulator.persons import Json

DISCOUNTS = (
    "BUNDLE",
    "UNIT_PERCENTAGE_DISCOUNT",
    "WHOLESALE_PRICE_LIST",
    "LARGE_ORDER_DISCOUNT",
    "TURNOVER_DISCOUNT",
    "COUPON",
    "CAMPAIGN",
)


@dataclass(frozen=True)
class Tax:
    rate: str
    subject: str | None = None
    exemption: str | None = None

    def as_json(self) -> Json:
        return {"rate": self.rate, "subject": self.subject, "exemption": self.exemption}


@dataclass(frozen=True)
class Service:
    """An additional service, priced per piece."""

    id: str
    name: str
    price: Decimal
    quantity: int = 1

    def as_json(self, currency: str) -> Json:
        return {
            "definitionId": self.id,
            "name": self.name,
            "price": money(self.price, currency),
            "quantity": self.quantity,
        }


@dataclass(frozen=True)
class Voucher:
    """What a state programme pays of the line."""

    code: str
    value: Decimal
    status: str = "ACTIVE"

    def as_json(self, currency: str) -> Json:
        return {
            "code": self.code,
            "type": "NOTEBOOKS_FOR_TEACHERS",
            "status": self.status,
            "externalTransactionId": f"MEN-{self.code}",
            "value": money(self.value, currency),
        }


@dataclass(frozen=True)
class Compensation:
    """What Allegro pays the seller of a line: on the billing account or into the wallet."""

    value: Decimal
    type: str
    quantity: int

    def as_json(self, currency: str) -> Json:
        return {"value": money(self.value, currency), "type": self.type, "quantity": self.quantity}


@dataclass(frozen=True)
class Line:
    """`price` is what the buyer pays per piece, `original_price` what it was before discounts."""

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
    original_price: Decimal | None = None
    discounts: tuple[str, ...] = ()
    deposit: Decimal | None = None
    services: tuple[Service, ...] = ()
    vouchers: tuple[Voucher, ...] = ()
    compensation: Compensation | None = None

    @property
    def total(self) -> Decimal:
        """What the line adds to the sum: pieces with their deposits, services, less what vouchers pay."""
        per_piece = self.price + (self.deposit or 0)
        services = sum(service.price * service.quantity for service in self.services)
        paid_by_state = sum(voucher.value for voucher in self.vouchers if voucher.status == "ACTIVE")
        return per_piece * self.quantity + services - paid_by_state

    def for_event(self) -> Json:
        original = self.price if self.original_price is None else self.original_price
        return {
            "id": self.id,
            "offer": {"id": self.offer_id, "name": self.name, "external": self._external()},
            "quantity": self.quantity,
            "originalPrice": money(original, self.currency),
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
        currency = self.currency
        return {
            **self.for_event(),
            "offer": offer,
            "reconciliation": self.compensation.as_json(currency) if self.compensation else None,
            "selectedAdditionalServices": [service.as_json(currency) for service in self.services],
            "vouchers": [voucher.as_json(currency) for voucher in self.vouchers],
            "tax": self.tax.as_json() if self.tax else None,
            "deposit": {"price": money(self.deposit, currency)} if self.deposit is not None else None,
            "discounts": [{"type": kind} for kind in self.discounts],
            "serialNumbers": None,
        }

    def _external(self) -> Json | None:
        return {"id": self.external_id} if self.external_id else None

    def _products(self) -> Json | None:
        products = [{"id": product_id, "quantity": 1} for product_id in self.product_ids]
        return {"products": products} if products else None
