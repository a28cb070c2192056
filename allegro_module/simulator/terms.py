"""A seller's conditions: returns, complaints, guarantees, tax settings, who answers for safety (GPSR)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from allegro_module.simulator.delivery import own_id
from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import Call, Room, answer, bad_parameter
from allegro_module.simulator.tax_settings import COUNTRIES, settings_of

room = Room()
PAGE = 60


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


def _page(call: Call, book: Mapping[str, Condition]) -> list[Condition]:
    call.only_query(("limit", "offset"))
    limit = call.whole_number("limit", PAGE, 1, PAGE)
    offset = call.whole_number("offset", 0, 0, PAGE - 1)
    own = [item for item in book.values() if item.seller_id == call.owner.id]
    return own[offset : offset + limit]


def _single(call: Call, book: Mapping[str, Condition], item_id: str, code: str) -> Response:
    """Someone else's is as good as none."""
    item = book.get(item_id)
    if item is None or item.seller_id != call.owner.id:
        raise refusal(404, code, call.request.path, name=item_id)
    return answer(item.as_json())


@room.route("GET", "/after-sales-service-conditions/return-policies", scope="sale:settings:read")
def list_return_policies(call: Call) -> Response:
    page = _page(call, call.world.terms.return_policies)
    return answer({"count": len(page), "returnPolicies": [item.as_json() for item in page]})


@room.route("GET", "/after-sales-service-conditions/return-policies/<item_id>", scope="sale:settings:read")
def get_return_policy(call: Call, item_id: str) -> Response:
    return _single(call, call.world.terms.return_policies, item_id, "ReturnPolicyNotFoundException")


@room.route("GET", "/after-sales-service-conditions/implied-warranties", scope="sale:settings:read")
def list_implied_warranties(call: Call) -> Response:
    page = _page(call, call.world.terms.implied_warranties)
    return answer({"count": len(page), "impliedWarranties": [item.as_row() for item in page]})


@room.route("GET", "/after-sales-service-conditions/implied-warranties/<item_id>", scope="sale:settings:read")
def get_implied_warranty(call: Call, item_id: str) -> Response:
    return _single(call, call.world.terms.implied_warranties, item_id, "ImpliedWarrantyNotFoundException")


@room.route("GET", "/after-sales-service-conditions/warranties", scope="sale:settings:read")
def list_warranties(call: Call) -> Response:
    page = _page(call, call.world.terms.warranties)
    return answer({"count": len(page), "warranties": [item.as_row() for item in page]})


@room.route("GET", "/after-sales-service-conditions/warranties/<item_id>", scope="sale:settings:read")
def get_warranty(call: Call, item_id: str) -> Response:
    return _single(call, call.world.terms.warranties, item_id, "WarrantyNotFoundException")


def _parties(call: Call, book: Mapping[str, Party], name: str, data: str, farthest: int) -> Response:
    call.only_query(("limit", "offset"))
    limit = call.whole_number("limit", 1000, 1, 1000)
    offset = call.whole_number("offset", 0, 0, farthest)
    own = [item for item in book.values() if item.seller_id == call.owner.id]
    page = [{"id": item.id, "name": item.name, data: item.data} for item in own[offset : offset + limit]]
    return answer({name: page, "count": len(page), "totalCount": len(own)})


@room.route("GET", "/sale/responsible-producers", scope="sale:settings:read")
def list_producers(call: Call) -> Response:
    return _parties(call, call.world.terms.producers, "responsibleProducers", "producerData", 50_000)


@room.route("GET", "/sale/responsible-persons", scope="sale:settings:read")
def list_persons(call: Call) -> Response:
    return _parties(call, call.world.terms.persons, "responsiblePersons", "personalData", 16_000)


@room.route("GET", "/sale/tax-settings")
def get_tax_settings(call: Call) -> Response:
    call.only_query(("category.id", "countryCode"))
    category_id = call.query.get("category.id")
    if category_id is None:
        raise bad_parameter("category.id", "is required", 400)
    countries = tuple(call.query.getlist("countryCode")) or COUNTRIES
    for country in countries:
        if country not in COUNTRIES:
            raise bad_parameter("countryCode", "is not a country with tax settings", 400)
    category = call.world.catalogue.find_category(category_id)
    if category is None:
        raise refusal(404, "CATEGORY_NOT_EXISTS", call.request.path, metadata={"categoryId": category_id})
    return answer(settings_of(category.tax, countries, call.language))
