"""Allegro's marketplaces as buyers meet them: money, language, and how parcels go there."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Market:
    """`rate` is how much of the currency one złoty is, for ever."""

    id: str
    currency: str
    rate: Decimal
    country: str
    language: str

    def price(self, zlote: Decimal) -> Decimal:
        """What a price in złoty is here; forints come whole."""
        step = Decimal(1) if self.currency == "HUF" else CENT
        return zlote if self.currency == "PLN" else (zlote * self.rate).quantize(step)


MARKETS = {
    market.id: market
    for market in (
        Market("allegro-pl", "PLN", Decimal(1), "PL", "pl-PL"),
        Market("allegro-business-pl", "PLN", Decimal(1), "PL", "pl-PL"),
        Market("allegro-cz", "CZK", Decimal("5.8"), "CZ", "cs-CZ"),
        Market("allegro-business-cz", "CZK", Decimal("5.8"), "CZ", "cs-CZ"),
        Market("allegro-sk", "EUR", Decimal("0.235"), "SK", "sk-SK"),
        Market("allegro-hu", "HUF", Decimal(92), "HU", "hu-HU"),
    )
}


class Ship(StrEnum):
    COURIER = "courier"
    POINT = "pickup_point"
    LETTER = "letter"
    IN_PERSON = "in_person"


class Method(NamedTuple):
    name: str
    policy: str
    usual_cost: Decimal


def _before(name: str, cost: str) -> Method:
    return Method(name, "IN_ADVANCE", Decimal(cost))


def _on_delivery(name: str, cost: str) -> Method:
    return Method(name, "CASH_ON_DELIVERY", Decimal(cost))


# By country, way and whether the carrier collects the money: the twin of a method that does so is a method
# of its own (#9753). Costs are in the money of the country.
METHODS = {
    ("PL", Ship.COURIER, False): _before("Allegro Kurier DPD", "13.99"),
    ("PL", Ship.COURIER, True): _on_delivery("Allegro Kurier DPD pobranie", "18.99"),
    ("PL", Ship.POINT, False): _before("Allegro Paczkomaty InPost", "11.99"),
    ("PL", Ship.POINT, True): _on_delivery("Allegro Paczkomaty InPost pobranie", "15.99"),
    ("PL", Ship.LETTER, False): _before("Przesyłka polecona", "9.50"),
    ("PL", Ship.IN_PERSON, False): _before("Odbiór osobisty", "0.00"),
    ("PL", Ship.IN_PERSON, True): _on_delivery("Odbiór osobisty", "0.00"),
    ("CZ", Ship.POINT, False): _before("Allegro One Punkty, Czechy", "79.00"),
    ("CZ", Ship.POINT, True): _on_delivery("Allegro One Punkty, Czechy pobranie", "99.00"),
    ("SK", Ship.COURIER, False): _before("Kurier międzynarodowy, Słowacja", "4.99"),
    ("HU", Ship.COURIER, False): _before("DPD Węgry", "1990"),
    ("HU", Ship.COURIER, True): _on_delivery("DPD Węgry", "2490"),
}


def method_to(country: str, ship: Ship, on_delivery: bool) -> Method:
    """The asked way where it leads there, else the one that does; ValueError when none collects money."""
    ways = (ship, Ship.COURIER, Ship.POINT)
    for way in ways:
        if (country, way, on_delivery) in METHODS:
            return METHODS[country, way, on_delivery]
    raise ValueError(f"nothing is delivered to {country} with payment on delivery")
