"""Facts: what has happened, as announced to the host by signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allegro_module.domain.problems import Problem


@dataclass(frozen=True, slots=True)
class OfferListed:
    account: str
    sku: str
    allegro_offer_id: str


@dataclass(frozen=True, slots=True)
class OfferRefused:
    account: str
    sku: str
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class OfferEnded:
    account: str
    sku: str
    allegro_offer_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """`may_mail_buyer` is False unless the seller wants it: Allegro writes to its buyers itself (#13038)."""

    account: str
    checkout_form_id: str
    shop_order_id: str
    number: str
    may_mail_buyer: bool = False


@dataclass(frozen=True, slots=True)
class OrderChanged:
    account: str
    checkout_form_id: str
    shop_order_id: str
    kind: str
    may_mail_buyer: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    account: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionRestored:
    account: str


Fact = (
    OfferListed | OfferRefused | OfferEnded | OrderPlaced | OrderChanged | ConnectionLost | ConnectionRestored
)
