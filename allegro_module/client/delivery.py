"""Delivery methods and the seller's price lists for them."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from allegro_module.client.payloads import Amount, Id, Payload
from allegro_module.client.transport import Request, Transport, path_to

SHIPPING_RATES = "/sale/shipping-rates"


class QuantityConstraint(Payload, frozen=True):
    max: int | None = None


class WeightConstraint(Payload, frozen=True):
    """In `unit`, of which there is only KILOGRAM."""

    supported: bool | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    unit: str | None = None


class RateConstraint(Payload, frozen=True):
    min: Decimal | None = None
    max: Decimal | None = None
    currency: str | None = None


class ShippingTime(Payload, frozen=True, omit_defaults=True):
    """ISO 8601 durations."""

    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


class TimeConstraint(Payload, frozen=True):
    default: ShippingTime | None = None
    customizable: bool | None = None


class RateConstraints(Payload, frozen=True):
    """What a price list may say of the method (facts.md 8.1)."""

    allowed: bool | None = None
    max_quantity_per_package: QuantityConstraint | None = None
    max_package_weight: WeightConstraint | None = None
    first_item_rate: RateConstraint | None = None
    shipping_time: TimeConstraint | None = None


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
    #: Announced for the list, and missing from its description (facts.md 8.2).
    last_modified: str | None = None


class _ShippingRatesList(Payload, frozen=True):
    shipping_rates: tuple[ShippingRatesEntry, ...]


class PackageWeight(Payload, frozen=True, omit_defaults=True):
    value: Decimal | None = None
    unit: str | None = None


class ShippingRate(Payload, frozen=True, omit_defaults=True):
    """The price is per package (facts.md 8.2)."""

    delivery_method: Id
    max_quantity_per_package: int | None = None
    max_package_weight: PackageWeight | None = None
    first_item_rate: Amount | None = None
    shipping_time: ShippingTime | None = None


class AnsweredRate(ShippingRate, frozen=True):
    """`next_item_rate` was removed on 2026-09-29 and must not be sent; an old list may still show it."""

    next_item_rate: Amount | None = None


class ShippingRates(Payload, frozen=True):
    id: str
    name: str
    rates: tuple[AnsweredRate, ...]
    type: str | None = None
    dispatch_country: str | None = None
    last_modified: str | None = None
    features: ShippingRatesFeatures | None = None


class ShippingRatesRequest(Payload, frozen=True, omit_defaults=True):
    """In a PUT `type` and `dispatch_country` must be the stored ones (facts.md 8.2)."""

    name: str
    rates: tuple[ShippingRate, ...]
    type: str | None = None
    dispatch_country: str | None = None


class _ShippingRatesReplacement(ShippingRatesRequest, frozen=True, kw_only=True):
    id: str


class DeliveryResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def methods(self, marketplace_id: str | None = None) -> tuple[DeliveryMethod, ...]:
        """`GET /sale/delivery-methods`."""
        query = [("marketplace", marketplace_id)] if marketplace_id else []
        return self._transport.get("/sale/delivery-methods", _DeliveryMethods, query).delivery_methods

    def shipping_rates_list(self) -> tuple[ShippingRatesEntry, ...]:
        """`GET /sale/shipping-rates`."""
        return self._transport.get(SHIPPING_RATES, _ShippingRatesList).shipping_rates

    def shipping_rates(self, shipping_rates_id: str) -> ShippingRates:
        """`GET /sale/shipping-rates/{id}`."""
        return self._transport.get(path_to(SHIPPING_RATES + "/{}", shipping_rates_id), ShippingRates)

    def create_shipping_rates(self, request: ShippingRatesRequest) -> ShippingRates:
        """`POST /sale/shipping-rates`: not idempotent, and none can be deleted; 422 over 250 of them."""
        body = msgspec.json.encode(request)
        return self._transport.send(Request("POST", SHIPPING_RATES, body=body)).read(ShippingRates)

    def replace_shipping_rates(self, shipping_rates_id: str, request: ShippingRatesRequest) -> ShippingRates:
        """`PUT /sale/shipping-rates/{id}`: the whole list."""
        path = path_to(SHIPPING_RATES + "/{}", shipping_rates_id)
        whole = _ShippingRatesReplacement(id=shipping_rates_id, **msgspec.structs.asdict(request))
        return self._transport.send(Request("PUT", path, body=msgspec.json.encode(whole))).read(ShippingRates)
