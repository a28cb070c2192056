"""Delivery methods and the seller's price lists for them."""

from __future__ import annotations

import msgspec

from allegro_module.client.payloads import Amount, Id, Payload
from allegro_module.client.transport import Transport, path_to


class RateConstraints(Payload, frozen=True):
    allowed: bool | None = None


class DeliveryMethod(Payload, frozen=True):
    """Tell them apart by id: names repeat, discontinued ones are listed too (facts.md 8.1)."""

    id: str
    name: str
    marketplaces: tuple[str, ...] | None = ()
    payment_policy: str | None = None
    allegro_endorsed: bool | None = None
    dispatch_country: str | None = None
    destination_country: str | None = None
    shipping_rates_constraints: RateConstraints | None = None


class _DeliveryMethods(Payload, frozen=True):
    delivery_methods: tuple[DeliveryMethod, ...]


class ShippingRatesFeatures(Payload, frozen=True):
    managed_by_allegro: bool | None = None
    is_fulfillment: bool | None = None


class ShippingRatesEntry(Payload, frozen=True):
    id: str
    name: str
    features: ShippingRatesFeatures | None = None
    marketplaces: tuple[Id, ...] | None = ()


class _ShippingRatesList(Payload, frozen=True):
    shipping_rates: tuple[ShippingRatesEntry, ...]


class PackageWeight(Payload, frozen=True):
    value: str | None = None
    unit: str | None = None


class ShippingTime(Payload, frozen=True):
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


class ShippingRate(Payload, frozen=True):
    """The price is per package (facts.md 8.2)."""

    delivery_method: Id
    max_quantity_per_package: int | None = None
    max_package_weight: PackageWeight | None = None
    first_item_rate: Amount | None = None
    shipping_time: ShippingTime | None = None


class ShippingRates(Payload, frozen=True):
    id: str
    name: str
    rates: tuple[ShippingRate, ...]
    type: str | None = None
    dispatch_country: str | None = None
    last_modified: str | None = None
    features: ShippingRatesFeatures | None = None


class DeliveryResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def methods(self, marketplace_id: str | None = None) -> tuple[DeliveryMethod, ...]:
        """`GET /sale/delivery-methods`."""
        query = [("marketplace", marketplace_id)] if marketplace_id else []
        return self._transport.get("/sale/delivery-methods", _DeliveryMethods, query).delivery_methods

    def shipping_rates_list(self) -> tuple[ShippingRatesEntry, ...]:
        """`GET /sale/shipping-rates`."""
        return self._transport.get("/sale/shipping-rates", _ShippingRatesList).shipping_rates

    def shipping_rates(self, shipping_rates_id: str) -> ShippingRates:
        """`GET /sale/shipping-rates/{id}`."""
        return self._transport.get(path_to("/sale/shipping-rates/{}", shipping_rates_id), ShippingRates)
