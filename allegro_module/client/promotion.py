"""Promotion packages: which there are, and those of an offer (facts.md 6.11)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from allegro_module.client.payloads import Instant, Payload
from allegro_module.client.transport import Request, Transport, path_to

OPTIONS = "/sale/offers/{}/promo-options"


class Package(Payload, frozen=True):
    id: str
    name: str | None = None
    cycle_duration: str | None = None


class MarketplacePackages(Payload, frozen=True):
    """An offer takes one base package at most, extra ones as many as it likes."""

    marketplace_id: str | None = None
    base_packages: tuple[Package, ...] | None = ()
    extra_packages: tuple[Package, ...] | None = ()


class Packages(MarketplacePackages, frozen=True):
    additional_marketplaces: tuple[MarketplacePackages, ...] | None = ()


class PackageOfOffer(Payload, frozen=True):
    id: str | None = None
    valid_from: Instant | None = None
    valid_to: Instant | None = None


class _Pending(Payload, frozen=True):
    base_package: PackageOfOffer | None = None


class PromoOptions(Payload, frozen=True):
    """A change of the base package may wait for the end of its cycle in `pending_changes`."""

    base_package: PackageOfOffer | None = None
    extra_packages: tuple[PackageOfOffer, ...] | None = ()
    pending_changes: _Pending | None = None

    @property
    def base_ids(self) -> set[str]:
        pending = self.pending_changes and self.pending_changes.base_package
        return {each.id for each in (self.base_package, pending) if each and each.id}

    @property
    def extra_ids(self) -> set[str]:
        return {each.id for each in self.extra_packages or () if each.id}


class PromoModification(Payload, frozen=True):
    package_type: str
    package_id: str
    modification_type: str = "CHANGE"


class _Modifications(Payload, frozen=True):
    modifications: Sequence[PromoModification]


class PromotionResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def packages(self) -> Packages:
        """`GET /sale/offer-promotion-packages`."""
        return self._transport.get("/sale/offer-promotion-packages", Packages)

    def options(self, offer_id: str) -> PromoOptions:
        """`GET /sale/offers/{id}/promo-options`."""
        return self._transport.get(path_to(OPTIONS, offer_id), PromoOptions)

    def modify(self, offer_id: str, modifications: Sequence[PromoModification]) -> PromoOptions:
        """`POST /sale/offers/{id}/promo-options-modification`. Packages cost money: look before a repeat."""
        body = msgspec.json.encode(_Modifications(modifications))
        path = path_to(f"{OPTIONS}-modification", offer_id)
        return self._transport.send(Request("POST", path, body=body)).read(PromoOptions)
