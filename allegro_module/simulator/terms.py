"""A seller's conditions: returns, complaints, guarantees, and who answers for safety (GPSR)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from allegro_module.simulator.delivery import own_id


@dataclass(frozen=True)
class Condition:
    """A return policy, complaint terms or a guarantee; `body` is what a GET of the single one adds."""

    id: str
    seller_id: str
    name: str
    body: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "seller": {"id": self.seller_id}, "name": self.name, **self.body}

    def as_row(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name}


@dataclass(frozen=True)
class Party:
    """A responsible producer or person; `data` holds trade name or name, address, contact."""

    id: str
    seller_id: str
    name: str
    data: Mapping[str, Any]


class TermsBook:
    """The conditions and parties of all sellers, by id."""

    def __init__(self, seller_ids: Iterable[str] = ()) -> None:
        self.return_policies: dict[str, Condition] = {}
        self.implied_warranties: dict[str, Condition] = {}
        self.warranties: dict[str, Condition] = {}
        self.producers: dict[str, Party] = {}
        self.persons: dict[str, Party] = {}
        for seller_id in seller_ids:
            self._furnish(seller_id)

    def change(self, kind: str, item_id: str, **members: Any) -> Any:
        """As the seller does it on Allegro's pages: `name`, and `body` of a condition or `data` of a party.

        KeyError when there is none of that id."""
        book: dict[str, Any] = getattr(self, kind)
        book[item_id] = replace(book[item_id], **members)
        return book[item_id]

    def delete(self, kind: str, item_id: str) -> None:
        """KeyError when there is none of that id."""
        del getattr(self, kind)[item_id]

    def _furnish(self, seller_id: str) -> None:
        """What every company starts with."""
        put(
            self.return_policies, Condition(own_id(seller_id, "returns"), seller_id, "Zwroty 30 dni", RETURNS)
        )
        put(
            self.implied_warranties,
            Condition(own_id(seller_id, "complaints"), seller_id, "Reklamacje standardowe", COMPLAINTS),
        )
        put(
            self.warranties,
            Condition(own_id(seller_id, "warranty"), seller_id, "Gwarancja 24 miesiące", WARRANTY),
        )
        for name, data in PRODUCERS.items():
            put(self.producers, Party(own_id(seller_id, name), seller_id, name, data))


def put(book: dict[str, Any], item: Condition | Party) -> None:
    book[item.id] = item


ADDRESS = {
    "name": "Magazyn zwrotów",
    "street": "ul. Mariacka 12",
    "postCode": "80-833",
    "city": "Gdańsk",
    "countryCode": "PL",
}
RETURNS: Mapping[str, Any] = {
    "isFulfillment": False,
    "availability": {"range": "FULL"},
    "withdrawalPeriod": "P30D",
    "returnCost": {"coveredBy": "BUYER"},
    "address": ADDRESS,
    "contact": {"phoneNumber": "583000000", "email": "zwroty@sklep.example"},
    "options": {
        "cashOnDeliveryNotAllowed": True,
        "freeAccessoriesReturnRequired": False,
        "refundLoweredByReceivedDiscount": False,
        "businessReturnAllowed": True,
        "collectBySellerOnly": False,
    },
}
COMPLAINTS: Mapping[str, Any] = {
    "individual": {"period": "P2Y"},
    "corporate": {"period": "P1Y"},
    "address": ADDRESS,
    "description": "Reklamacje rozpatrujemy w ciągu 14 dni.",
}
WARRANTY: Mapping[str, Any] = {
    "type": "SELLER",
    "individual": {"period": "P24M", "lifetime": False},
    "corporate": {"period": "P12M", "lifetime": False},
    "description": "Gwarancja sprzedawcy.",
}
PRODUCERS: Mapping[str, Mapping[str, Any]] = {
    "Pracownia Bursztyn i Len": {
        "tradeName": "Pracownia Bursztyn i Len",
        "address": {
            "countryCode": "PL",
            "street": "ul. Mariacka 12",
            "postalCode": "80-833",
            "city": "Gdańsk",
        },
        "contact": {"email": "bezpieczenstwo@pracownia.example", "phoneNumber": "+48583000000"},
    },
    "Tkalnia Żuławska": {
        "tradeName": "Tkalnia Żuławska sp. z o.o.",
        "address": {
            "countryCode": "PL",
            "street": "ul. Lniana 3",
            "postalCode": "82-100",
            "city": "Nowy Dwór",
        },
        "contact": {"formUrl": "https://tkalnia.example/kontakt"},
    },
}
