"""The offers of all sellers: their lives, running operations, and the journal of what happened to them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from allegro_module.simulator.http import Problem
from allegro_module.simulator.offer_records import OfferEvent, SoldOffer
from allegro_module.simulator.offer_rules import Content
from allegro_module.simulator.sale_rules import PERIOD, moment_of

# State files of earlier versions look for `OfferEvent` here.
__all__ = ["LIVE", "Change", "Offer", "OfferBook", "OfferEvent", "Operation", "Past", "SoldOffer", "as_sold"]

LIVE = ("ACTIVE", "ACTIVATING")
ARCHIVED_AFTER = timedelta(days=60)
# LIST says 120 days, FAQ 60; the shorter one surprises a client sooner.
DRAFTS_LIVE = timedelta(days=60)
EVENTS_KEPT = timedelta(hours=24)
OPERATIONS_KEPT = timedelta(days=7)
PAST_KEPT = 12


@dataclass(frozen=True)
class Change:
    """What an operation will have done when it is finished; None leaves things as they are."""

    content: Content | None = None
    wish: Mapping[str, Any] | None = None
    sets_stock: bool = False
    status: str | None = None
    ended_by: str | None = None
    problems: tuple[Problem, ...] | None = None
    removes: bool = False


@dataclass(frozen=True)
class Operation:
    id: str
    offer_id: str
    started_at: datetime
    due_at: datetime
    change: Change
    finished: bool = False


class Past(NamedTuple):
    """How an offer looked from a moment on: the list shows this later than the details do."""

    since: datetime
    content: Content
    status: str
    started_at: datetime | None
    ending_at: datetime | None
    ended_at: datetime | None


@dataclass
class Offer:
    id: str
    seller_id: str
    wish: dict[str, Any]
    content: Content
    created_at: datetime
    updated_at: datetime
    status: str = "INACTIVE"
    ended_by: str | None = None
    problems: tuple[Problem, ...] = ()
    validated_at: datetime | None = None
    first_published_at: datetime | None = None
    started_at: datetime | None = None
    ending_at: datetime | None = None
    ended_at: datetime | None = None
    sold: int = 0
    operation_id: str | None = None
    past: list[Past] = field(default_factory=list)

    @property
    def available(self) -> int:
        return int(self.content.stock["available"])

    @property
    def external_id(self) -> str | None:
        return (self.content.rest.get("external") or {}).get("id")

    def remember(self, now: datetime) -> None:
        """Keep the present look for the lagging list."""
        look = Past(now, self.content, self.status, self.started_at, self.ending_at, self.ended_at)
        self.past = [*self.past, look][-PAST_KEPT:]

    def looked(self, moment: datetime) -> Past | None:
        """How it looked then; None if it was not there yet."""
        return next((look for look in reversed(self.past) if look.since <= moment), None)


@dataclass
class OfferBook:
    offers: dict[str, Offer] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    commands: dict[str, Any] = field(default_factory=dict)
    events: list[OfferEvent] = field(default_factory=list)
    last_event: int = 1_132_438_000

    def find(self, offer_id: str, seller_id: str) -> Offer | None:
        """The seller's own offer; someone else's is as good as none."""
        offer = self.offers.get(offer_id)
        return offer if offer is not None and offer.seller_id == seller_id else None

    def of(self, seller_id: str) -> Iterator[Offer]:
        return (offer for offer in self.offers.values() if offer.seller_id == seller_id)

    def add(self, offer: Offer) -> None:
        self.offers[offer.id] = offer
        offer.remember(offer.created_at)

    def remove(self, offer: Offer) -> None:
        del self.offers[offer.id]

    def begin(self, operation: Operation) -> None:
        """Start an operation; `settle` finishes it when its time has come."""
        self.operations[operation.id] = operation
        self.offers[operation.offer_id].operation_id = operation.id

    def is_busy(self, offer: Offer) -> bool:
        return offer.operation_id is not None

    def settle(self, now: datetime) -> None:
        """Do all that was due until now: operations, starts, ends, archiving."""
        due = [item for item in self.operations.values() if not item.finished and item.due_at <= now]
        for operation in sorted(due, key=lambda item: item.due_at):
            self._finish(operation)
        for offer in list(self.offers.values()):
            self._age(offer, now)
        self.events = [event for event in self.events if now - event.occurred_at < EVENTS_KEPT]
        self.operations = {
            key: item
            for key, item in self.operations.items()
            if not item.finished or now - item.due_at < OPERATIONS_KEPT
        }

    def _finish(self, operation: Operation) -> None:
        self.operations[operation.id] = replace(operation, finished=True)
        offer = self.offers.get(operation.offer_id)
        if offer is None:
            return
        offer.operation_id = None
        if operation.change.removes:
            self.remove(offer)
            return
        self.apply(offer, operation.change, operation.due_at)

    def apply(self, offer: Offer, change: Change, at: datetime) -> None:
        before = offer.content
        if change.content is not None:
            content = change.content
            if not change.sets_stock:
                content = replace(content, stock=before.stock)
            offer.content, offer.updated_at = content, at
            if content.publication["duration"] is None:
                offer.ending_at = None
        if change.wish is not None:
            offer.wish = {**deepcopy(dict(change.wish)), "stock": dict(offer.content.stock)}
        if change.problems is not None:
            offer.problems, offer.validated_at = change.problems, at
        self._tell_changes(offer, before, at)
        self._move(offer, change, at)
        offer.remember(at)

    def _tell_changes(self, offer: Offer, before: Content, at: datetime) -> None:
        after = offer.content
        if after is before or offer.status not in LIVE:
            return
        if after.stock != before.stock:
            self._tell("OFFER_STOCK_CHANGED", offer, at)
        if after.selling_mode != before.selling_mode:
            self._tell("OFFER_PRICE_CHANGED", offer, at)
        if _seen_by_buyers(after) != _seen_by_buyers(before):
            self._tell("OFFER_CHANGED", offer, at)

    def _move(self, offer: Offer, change: Change, at: datetime) -> None:
        if change.status == "ACTIVE" or (change.status is None and offer.status == "ACTIVATING"):
            # A planned start that was moved, or taken back: then it begins at once.
            self._publish(offer, at)
        elif change.status == "ENDED":
            self.end(offer, change.ended_by or "USER", at)
        elif offer.status in LIVE and offer.available == 0:
            self.end(offer, "EMPTY_STOCK", at)

    def _publish(self, offer: Offer, at: datetime) -> None:
        """Make it active, or leave it waiting for its planned start."""
        starting = moment_of(offer.content.publication["startingAt"] or "")
        if starting is not None and starting > at:
            offer.status = "ACTIVATING"
            return
        offer.status, offer.ended_by, offer.ended_at = "ACTIVE", None, None
        offer.started_at = at
        offer.first_published_at = offer.first_published_at or at
        match = PERIOD.fullmatch(offer.content.publication["duration"] or "")
        offer.ending_at = at + timedelta(hours=int(match.group(2) or 0)) if match else None
        self._tell("OFFER_ACTIVATED", offer, at)

    def end(self, offer: Offer, ended_by: str, at: datetime) -> None:
        self._tell("OFFER_ENDED", offer, at, ended_by)
        offer.status, offer.ended_by, offer.ended_at = "ENDED", ended_by, at

    def _age(self, offer: Offer, now: datetime) -> None:
        starting = moment_of(offer.content.publication["startingAt"] or "")
        if offer.status == "ACTIVATING" and starting is not None and starting <= now:
            self._publish(offer, starting)
            offer.remember(starting)
        elif offer.status == "ACTIVE" and offer.ending_at is not None and offer.ending_at <= now:
            self.end(offer, "EXPIRATION", offer.ending_at)
            offer.remember(now)
        elif offer.status == "ENDED" and offer.ended_at is not None and now - offer.ended_at > ARCHIVED_AFTER:
            self._tell("OFFER_ARCHIVED", offer, now)
            self.remove(offer)
        elif offer.status == "INACTIVE" and now - offer.updated_at > DRAFTS_LIVE:
            self.remove(offer)

    def _tell(self, kind: str, offer: Offer, at: datetime, ended_by: str | None = None) -> None:
        self.last_event += 1
        event_id = base64.b64encode(str(self.last_event).encode()).decode().rstrip("=")
        self.events.append(
            OfferEvent(event_id, kind, at, offer.seller_id, offer.id, offer.external_id, ended_by)
        )

    def active(self, seller_id: str) -> list[SoldOffer]:
        """What buyers see of a seller."""
        return [as_sold(offer) for offer in self.of(seller_id) if offer.status == "ACTIVE"]

    def sell(self, offer_id: str, quantity: int, now: datetime) -> SoldOffer:
        """Take pieces off the shelf; ValueError says why not."""
        self.settle(now)
        offer = self.offers.get(offer_id)
        if offer is None or offer.status != "ACTIVE":
            raise ValueError(f"offer {offer_id} is not active")
        if not 1 <= quantity <= offer.available:
            raise ValueError(f"offer {offer_id} has {offer.available} pieces, not {quantity}")
        self._set_stock(offer, offer.available - quantity)
        offer.sold += quantity
        self._tell("OFFER_STOCK_CHANGED", offer, now)
        if offer.available == 0:
            self.end(offer, "EMPTY_STOCK", now)
        offer.remember(now)
        return as_sold(offer)

    def _set_stock(self, offer: Offer, available: int) -> None:
        stock = {**offer.content.stock, "available": available}
        offer.content = replace(offer.content, stock=stock)
        offer.wish["stock"] = dict(stock)


def as_sold(offer: Offer) -> SoldOffer:
    price = offer.content.selling_mode.get("price") or offer.content.selling_mode["startingPrice"]
    return SoldOffer(
        offer.id,
        offer.seller_id,
        offer.content.name or "",
        offer.external_id,
        Decimal(price["amount"]),
        price["currency"],
        _tax(offer.content.rest.get("taxSettings")),
        offer.content.product_ids,
    )


def _tax(settings: Mapping[str, Any] | None) -> Mapping[str, str] | None:
    """The Polish rate of an offer, as an order's line tells it."""
    rates = (settings or {}).get("rates") or ()
    polish = next((rate["rate"] for rate in rates if rate["countryCode"] == "PL"), None)
    if settings is None or polish is None:
        return None
    return {"rate": polish} | {key: settings[key] for key in ("subject", "exemption") if settings.get(key)}


def _seen_by_buyers(content: Content) -> Content:
    """The content without what the journal keeps silent about (delivery) or tells by events of its own."""
    return replace(content, stock={}, selling_mode={}, delivery={})
