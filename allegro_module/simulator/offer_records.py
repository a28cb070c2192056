"""What others are told of an offer: events of its life, and what a purchase takes over from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class OfferEvent:
    id: str
    type: str
    occurred_at: datetime
    seller_id: str
    offer_id: str
    external_id: str | None
    ended_by: str | None = None


@dataclass(frozen=True)
class SoldOffer:
    """What a purchase takes over from an offer."""

    id: str
    seller_id: str
    name: str
    external_id: str | None
    price: Decimal
    currency: str
    tax: Mapping[str, str] | None
    product_ids: Sequence[str]
