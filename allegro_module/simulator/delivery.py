"""Delivery as a seller sees it: Allegro's methods, the seller's price lists, delivery settings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flask import Response

from allegro_module.simulator.catalogue import DATA
from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import Call, Room, answer

room = Room()
CURRENCIES = {"allegro-pl": "PLN", "allegro-cz": "CZK", "allegro-sk": "EUR", "allegro-hu": "HUF"}
TWINS = {"allegro-business-pl": "allegro-pl", "allegro-business-cz": "allegro-cz"}


@dataclass(frozen=True)
class PriceList:
    """A seller's price list in the model of 2026: typed, with a country of dispatch, priced per package."""

    id: str
    seller_id: str
    name: str
    rates: tuple[Mapping[str, Any], ...]
    type: str = "PHYSICAL"
    dispatch_country: str | None = "PL"
    managed_by_allegro: bool = False
    last_modified: str = "2026-09-14T08:00:00.000Z"

    @property
    def marketplaces(self) -> list[str]:
        """Computed from the methods, as Allegro does."""
        names: dict[str, None] = {}
        for rate in self.rates:
            names |= dict.fromkeys(methods()[rate["deliveryMethod"]["id"]]["marketplaces"])
        return list(names)

    def features(self) -> dict[str, bool]:
        return {"managedByAllegro": self.managed_by_allegro, "isFulfillment": False}

    def as_row(self) -> dict[str, Any]:
        marketplaces = [{"id": name} for name in self.marketplaces]
        return {
            "id": self.id,
            "name": self.name,
            "features": self.features(),
            "marketplaces": marketplaces,
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "dispatchCountry": self.dispatch_country,
            "rates": list(self.rates),
            "lastModified": self.last_modified,
            "features": self.features(),
        }


class DeliveryBook:
    """The price lists of all sellers."""

    def __init__(self, seller_ids: Iterable[str] = ()) -> None:
        self.price_lists: dict[str, PriceList] = {}
        for seller_id in seller_ids:
            for price_list in first_price_lists(seller_id):
                self.add(price_list)

    def add(self, price_list: PriceList) -> None:
        self.price_lists[price_list.id] = price_list

    def of(self, seller_id: str) -> list[PriceList]:
        return [price_list for price_list in self.price_lists.values() if price_list.seller_id == seller_id]

    def find(self, list_id: str) -> PriceList | None:
        return self.price_lists.get(list_id)


@cache
def methods() -> Mapping[str, Mapping[str, Any]]:
    """All delivery methods by id, discontinued ones too."""
    entries = json.loads((DATA / "delivery_methods.json").read_text("utf-8"))
    return {entry["id"]: entry for entry in entries}


def method(name: str, payment_policy: str = "IN_ADVANCE") -> Mapping[str, Any]:
    """KeyError when there is none of that name and way of paying."""
    for entry in methods().values():
        if entry["name"] == name and entry["paymentPolicy"] == payment_policy:
            return entry
    raise KeyError(name)


def first_price_lists(seller_id: str) -> list[PriceList]:
    """What every company starts with."""

    def rate(
        name: str, amount: str, policy: str = "IN_ADVANCE", weight: str | None = "10.000"
    ) -> dict[str, Any]:
        row: dict[str, Any] = {
            "deliveryMethod": {"id": method(name, policy)["id"]},
            "maxQuantityPerPackage": 10,
            "firstItemRate": {"amount": amount, "currency": "PLN"},
        }
        if weight is not None:
            row["maxPackageWeight"] = {"value": weight, "unit": "KILOGRAM"}
        return row

    usual = (
        rate("Allegro Paczkomaty InPost", "11.99"),
        rate("Allegro Paczkomaty InPost pobranie", "15.99", "CASH_ON_DELIVERY"),
        rate("Allegro Kurier DPD", "13.99"),
        rate("Allegro Kurier DPD pobranie", "18.99", "CASH_ON_DELIVERY"),
        rate("Odbiór osobisty", "0.00", weight=None),
    )
    small = (
        rate("Przesyłka polecona", "9.50", weight="1.000"),
        rate("Allegro Paczkomaty InPost", "10.99", weight="1.000"),
    )
    return [
        PriceList(own_id(seller_id, "default"), seller_id, "default", usual),
        PriceList(own_id(seller_id, "small"), seller_id, "Paczka do 1 kg", small),
    ]


def own_id(seller_id: str, name: str) -> str:
    """An id that is the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"simulator/{seller_id}/{name}"))


@room.route("GET", "/sale/delivery-methods", app_token=True)
def list_methods(call: Call) -> Response:
    call.only_query(("marketplace",))
    marketplace = call.query.get("marketplace")
    rows = [row for row in methods().values() if marketplace in (None, *row["marketplaces"])]
    return answer({"deliveryMethods": rows})


@room.route("GET", "/sale/shipping-rates", scope="sale:settings:read")
def list_price_lists(call: Call) -> Response:
    call.only_query(("marketplace",))
    marketplace = call.query.get("marketplace")
    lists = call.world.delivery.of(call.owner.id)
    return answer(
        {"shippingRates": [item.as_row() for item in lists if marketplace in (None, *item.marketplaces)]}
    )


@room.route("GET", "/sale/shipping-rates/<list_id>", scope="sale:settings:read")
def get_price_list(call: Call, list_id: str) -> Response:
    price_list = call.world.delivery.find(list_id)
    if price_list is None:
        raise refusal(404, "ShippingRatesNotFoundException", call.request.path, name=list_id)
    if price_list.seller_id != call.owner.id:
        raise refusal(403, "SHIPPING_RATES_ACCESS_DENIED", call.request.path, name=list_id)
    return answer(price_list.as_json())


@room.route("GET", "/sale/delivery-settings", scope="sale:settings:read")
def get_delivery_settings(call: Call) -> Response:
    call.only_query(("marketplace.id",))
    asked = call.query.get("marketplace.id", call.owner.base_marketplace)
    marketplace = TWINS.get(asked, asked)
    if marketplace not in CURRENCIES:
        raise refusal(422, "UnsupportedMarketplace", "marketplace.id", name=asked)
    settings: dict[str, Any] = {
        "marketplace": {"id": asked},
        "joinPolicy": {"strategy": "MAX"},
        "updatedAt": "2026-09-14T08:00:00.000Z",
    }
    if marketplace == "allegro-pl":
        settings["freeDelivery"] = {"amount": "300.00", "currency": "PLN"}
    return answer(settings)
