"""Delivery as a seller sees it: Allegro's methods, the seller's price lists, delivery settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flask import Response

from allegro_module.simulator.delivery_methods import Method, method, methods
from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import Call, Room, answer, iso

room = Room()
CURRENCIES = {"allegro-pl": "PLN", "allegro-cz": "CZK", "allegro-sk": "EUR", "allegro-hu": "HUF"}
TWINS = {"allegro-business-pl": "allegro-pl", "allegro-business-cz": "allegro-cz"}
MOST_LISTS = 250


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
    is_fulfillment: bool = False

    @property
    def marketplaces(self) -> list[str]:
        """Computed from the methods, as Allegro does."""
        names: dict[str, None] = {}
        for rate in self.rates:
            names |= dict.fromkeys(methods()[rate["deliveryMethod"]["id"]]["marketplaces"])
        return list(names)

    def features(self) -> dict[str, bool]:
        return {"managedByAllegro": self.managed_by_allegro, "isFulfillment": self.is_fulfillment}

    def as_row(self) -> dict[str, Any]:
        marketplaces = [{"id": name} for name in self.marketplaces]
        return {
            "id": self.id,
            "name": self.name,
            "features": self.features(),
            "marketplaces": marketplaces,
        }

    def as_json(self) -> dict[str, Any]:
        """What a POST and a PUT answer; a GET adds the features."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "dispatchCountry": self.dispatch_country,
            "rates": list(self.rates),
            "lastModified": self.last_modified,
        }


class DeliveryBook:
    """The price lists of all sellers; which methods Allegro gave up since the world began."""

    def __init__(self, seller_ids: Iterable[str] = ()) -> None:
        self.price_lists: dict[str, PriceList] = {}
        self.removed: set[str] = set()
        self.discontinued: set[str] = set()
        for seller_id in seller_ids:
            for price_list in first_price_lists(seller_id):
                self.add(price_list)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"removed": set(), "discontinued": set()} | state)

    def add(self, price_list: PriceList) -> None:
        self.price_lists[price_list.id] = price_list

    def of(self, seller_id: str) -> list[PriceList]:
        return [item for item in self.price_lists.values() if item.seller_id == seller_id]

    def find(self, list_id: str) -> PriceList | None:
        return self.price_lists.get(list_id)

    def change(self, list_id: str, now: datetime, **members: Any) -> PriceList:
        """As the seller does it on Allegro's pages; `name` and `rates` are what can change. KeyError."""
        old = self.price_lists[list_id]
        self.add(replace(old, last_modified=later(old.last_modified, now), **members))
        return self.price_lists[list_id]

    def fill(self, seller_id: str, count: int, now: datetime) -> int:
        """Make lists like the seller's first one until there are `count`; says how many were made."""
        own = self.of(seller_id)
        rates = own[0].rates if own else first_price_lists(seller_id)[0].rates
        for number in range(len(own) + 1, count + 1):
            name = f"Cennik {number}"
            new_id = own_id(seller_id, f"list {number}")
            self.add(PriceList(new_id, seller_id, name, rates, last_modified=iso(now)))
        return max(0, count - len(own))

    def give_legacy_rate(self, list_id: str, amount: str) -> None:
        """Let its answers carry `nextItemRate` again, as lists not yet converted did."""
        old = self.price_lists[list_id]
        rates = tuple(
            {**rate, "nextItemRate": {"amount": amount, "currency": rate["firstItemRate"]["currency"]}}
            for rate in old.rates
        )
        self.add(replace(old, rates=rates))

    def remove_method(self, method_id: str) -> None:
        """It is no longer told of at all, as when ids were exchanged on 2026-05-25 (#13373)."""
        self.removed.add(methods()[method_id]["id"])

    def discontinue_method(self, method_id: str) -> None:
        """It is told of on, but may not be used in price lists."""
        self.discontinued.add(methods()[method_id]["id"])

    def restore_method(self, method_id: str) -> None:
        self.removed.discard(method_id)
        self.discontinued.discard(method_id)

    def find_method(self, method_id: object) -> Method | None:
        """As it is now."""
        entry = methods().get(method_id) if isinstance(method_id, str) else None
        if entry is None or entry["id"] in self.removed:
            return None
        if entry["id"] in self.discontinued:
            return {
                **entry,
                "shippingRatesConstraints": {**entry["shippingRatesConstraints"], "allowed": False},
            }
        return entry

    def known_methods(self) -> list[Method]:
        return [entry for method_id in methods() if (entry := self.find_method(method_id)) is not None]


def later(last_modified: str, now: datetime) -> str:
    """The time of a change, after the one before in any case."""
    before = datetime.fromisoformat(last_modified)
    return iso(max(now, before + timedelta(milliseconds=1)))


def first_price_lists(seller_id: str) -> list[PriceList]:
    """What every company starts with: two of its own, a ready-made one, one for One Fulfillment."""

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
    ready = (
        rate("Allegro Paczkomaty InPost", "12.99", weight=None),
        rate("Allegro One Box, One Punkt", "9.99", weight=None),
        rate("Allegro Orlen Paczka", "9.99", weight=None),
    )
    fulfilled = (
        rate("Allegro Paczkomaty InPost", "11.99", weight=None),
        rate("Allegro Kurier DPD", "13.99", weight=None),
    )
    return [
        PriceList(own_id(seller_id, "default"), seller_id, "default", usual),
        PriceList(own_id(seller_id, "small"), seller_id, "Paczka do 1 kg", small),
        PriceList(
            own_id(seller_id, "ready"), seller_id, "Gotowy cennik Allegro", ready, managed_by_allegro=True
        ),
        PriceList(own_id(seller_id, "one"), seller_id, "One Fulfillment", fulfilled, is_fulfillment=True),
    ]


def own_id(seller_id: str, name: str) -> str:
    """An id that is the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"simulator/{seller_id}/{name}"))


@room.route("GET", "/sale/delivery-methods", app_token=True)
def list_methods(call: Call) -> Response:
    call.only_query(("marketplace",))
    marketplace = call.query.get("marketplace")
    known = call.world.delivery.known_methods()
    return answer({"deliveryMethods": [row for row in known if marketplace in (None, *row["marketplaces"])]})


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
