"""Promotion packages: which there are, those of an offer, and changing them by cycles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Response

from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import Call, Members, Room, answer, iso
from allegro_module.simulator.offer_book import Offer
from allegro_module.simulator.parameters import Names

room = Room()
BASE = {"emphasized10d": timedelta(days=10), "emphasized1d": timedelta(days=1)}
EXTRA = {"departmentPage": timedelta(days=10)}
PACKAGES = {"BASE": BASE, "EXTRA": EXTRA}
NAMES = {
    "emphasized10d": Names("Wyróżnienie", "Emphasized"),
    "emphasized1d": Names("Elastyczne wyróżnienie", "Flexible emphasis"),
    "departmentPage": Names("Promowanie na stronie działu", "Department page"),
}
CHANGES = ("CHANGE", "REMOVE_WITH_END_OF_CYCLE", "REMOVE_NOW")
BODY: Members = {
    "modifications": {"modificationType": None, "packageType": None, "packageId": None},
    "additionalMarketplaces": {"marketplaceId": None, "modifications": None},
}


@dataclass(frozen=True)
class Package:
    """Set on an offer since `since`; renewed at the end of each cycle unless it `ends` with this one."""

    id: str
    since: datetime
    ends: datetime | None = None

    def next_cycle(self, now: datetime) -> datetime:
        cycle = {**BASE, **EXTRA}[self.id]
        return self.since + cycle * ((now - self.since) // cycle + 1)

    def as_json(self, now: datetime) -> dict[str, Any]:
        renewal = self.next_cycle(now)
        return {
            "id": self.id,
            "validFrom": iso(self.since),
            "validTo": iso(self.ends or renewal),
            "nextCycleDate": None if self.ends else iso(renewal),
        }


@dataclass(frozen=True)
class Promotion:
    """The packages of one offer; `pending` takes the place of `base` when the cycle of that one ends."""

    base: Package | None = None
    extra: Mapping[str, Package] = field(default_factory=dict)
    pending: Package | None = None

    def settled(self, now: datetime) -> Promotion:
        extra = {key: item for key, item in self.extra.items() if item.ends is None or item.ends > now}
        base, pending = self.base, self.pending
        if base is not None and base.ends is not None and base.ends <= now:
            base, pending = pending, None
        return Promotion(base, extra, pending)

    def as_json(self, now: datetime) -> dict[str, Any]:
        pending = {"basePackage": self.pending.as_json(self.pending.since)} if self.pending else None
        return {
            "basePackage": self.base.as_json(now) if self.base else None,
            "extraPackages": [item.as_json(now) for item in self.extra.values()],
            "pendingChanges": pending,
        }


@dataclass
class PromotionBook:
    """`purchases` are all changes ever asked for, as pairs of offer and package: each costs money."""

    offers: dict[str, Promotion] = field(default_factory=dict)
    purchases: list[tuple[str, str]] = field(default_factory=list)

    def of(self, offer_id: str, now: datetime) -> Promotion:
        return self.offers.get(offer_id, Promotion()).settled(now)


@room.route("GET", "/sale/offer-promotion-packages", app_token=True)
def list_packages(call: Call) -> Response:
    home = "allegro-pl" if call.seller is None else call.seller.base_marketplace
    return answer(_shelves(home, call.language) | {"additionalMarketplaces": []})


def _shelves(marketplace: str, language: str) -> dict[str, Any]:
    rows = {
        shelf: [
            {"id": key, "name": NAMES[key](language), "cycleDuration": f"P{cycle.days}D"}
            for key, cycle in packages.items()
        ]
        for shelf, packages in (("basePackages", BASE), ("extraPackages", EXTRA))
    }
    return {"marketplaceId": marketplace, **rows}


@room.route("GET", "/sale/offers/<offer_id>/promo-options", scope="sale:offers:read")
def get_options(call: Call, offer_id: str) -> Response:
    return answer(_json(call, _own(call, offer_id, 403)))


def _own(call: Call, offer_id: str, unknown: int) -> Offer:
    offer = call.world.offers.offers.get(offer_id)
    if offer is not None and offer.seller_id != call.owner.id:
        raise refusal(403, "OfferAccessDeniedException", call.request.path)
    if offer is None:
        raise refusal(unknown, "OfferNotFoundException", call.request.path, metadata={"offerId": offer_id})
    return offer


def _json(call: Call, offer: Offer) -> dict[str, Any]:
    promotion = call.world.promotion.of(offer.id, call.now)
    home = {"offerId": offer.id, "marketplaceId": call.owner.base_marketplace}
    return {**home, **promotion.as_json(call.now), "additionalMarketplaces": []}


@room.route("POST", "/sale/offers/<offer_id>/promo-options-modification", scope="sale:offers:write")
def modify_options(call: Call, offer_id: str) -> Response:
    body = call.json(BODY)
    offer = _own(call, offer_id, 422)
    if offer.status == "ENDED":
        raise refusal(422, "OFFER_ENDED", call.request.path)
    promotion = call.world.promotion.of(offer.id, call.now)
    wishes = body.get("modifications") or []
    for number, asked in enumerate(wishes):
        promotion = _modified(promotion, asked, f"modifications[{number}]", call.now)
    bought = [asked["packageId"] for asked in wishes if asked["modificationType"] == "CHANGE"]
    call.world.promotion.purchases += [(offer.id, package_id) for package_id in bought]
    call.world.promotion.offers[offer.id] = promotion
    return answer(_json(call, offer))


def _modified(promotion: Promotion, asked: Mapping[str, Any], path: str, now: datetime) -> Promotion:
    change, kind, key = (asked.get(name) for name in ("modificationType", "packageType", "packageId"))
    if change not in CHANGES:
        raise refusal(422, "VALIDATION_FAILED", f"{path}.modificationType", value=change)
    if kind not in PACKAGES:
        raise refusal(422, "VALIDATION_FAILED", f"{path}.packageType", value=kind)
    if key not in PACKAGES[kind] and not (kind == "BASE" and change != "CHANGE" and key is None):
        raise refusal(422, "VALIDATION_FAILED", f"{path}.packageId", value=key)
    if kind == "EXTRA":
        return replace(promotion, extra=_extra(promotion.extra, str(key), change, now))
    return _base(promotion, str(key), change, now)


def _extra(packages: Mapping[str, Package], key: str, change: str, now: datetime) -> Mapping[str, Package]:
    present = packages.get(key)
    if change == "CHANGE":
        return {**packages, key: replace(present, ends=None) if present else Package(key, now)}
    if present is not None and change == "REMOVE_WITH_END_OF_CYCLE":
        return {**packages, key: replace(present, ends=present.next_cycle(now))}
    return {name: item for name, item in packages.items() if name != key}


def _base(promotion: Promotion, key: str, change: str, now: datetime) -> Promotion:
    """Only one at a time: another one waits for the end of the cycle."""
    present = promotion.base
    if change == "REMOVE_NOW":
        return replace(promotion, base=None, pending=None)
    if present is None:
        return promotion if change != "CHANGE" else replace(promotion, base=Package(key, now))
    if change == "CHANGE" and present.id == key:
        return replace(promotion, base=replace(present, ends=None), pending=None)
    ends = present.next_cycle(now)
    pending = Package(key, ends) if change == "CHANGE" else None
    return replace(promotion, base=replace(present, ends=ends), pending=pending)
