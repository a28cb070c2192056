"""What selling costs, and how often one may ask."""

from __future__ import annotations

from typing import Any

import pytest

from allegro_module.simulator import World
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import BOOK, RING, SERVICE, a_ring, faults, listed


def preview(seller: Caller, marketplace: str | None = None, **changes: Any) -> Any:
    offer: dict[str, Any] = {
        "name": "Pierścionek złoty z bursztynem",
        "category": {"id": RING},
        "sellingMode": {"format": "BUY_NOW", "price": {"amount": "200.00", "currency": "PLN"}},
    }
    body = {"offer": {**offer, **changes}, "marketplaceId": marketplace}
    return seller.call("POST", "/pricing/offer-fee-preview", json=body)


def test_commission_hangs_on_category_and_price(seller: Caller) -> None:
    ring, book = preview(seller).json, preview(seller, category={"id": BOOK}).json

    assert ring["commissions"] == [
        {
            "name": "Prowizja od sprzedaży",
            "type": "commissionFee",
            "fee": {"amount": "27.00", "currency": "PLN"},
        }
    ]
    assert book["commissions"][0]["fee"]["amount"] == "19.00"
    assert ring["quotes"] == book["quotes"] == []


def test_promotion_is_quoted_by_cycle(seller: Caller) -> None:
    quotes = preview(seller, promotion={"emphasized10d": True, "departmentPage": True}).json["quotes"]

    assert [(quote["type"], quote["fee"]["amount"], quote["cycleDuration"]) for quote in quotes] == [
        ("emphasized10dFee", "24.90", "PT240H"),
        ("departmentPageFee", "49.00", "PT240H"),
    ]


def test_other_marketplace_has_its_own_money(seller: Caller) -> None:
    price = {"price": {"amount": "1000", "currency": "CZK"}}

    fees = preview(seller, "allegro-cz", sellingMode=price, promotion={"emphasized1d": True}).json

    assert fees["commissions"][0]["fee"] == {"amount": "135.00", "currency": "CZK"}
    assert fees["quotes"][0]["fee"] == {"amount": "22.62", "currency": "CZK"}


def test_auction_pays_of_its_starting_price_and_advertisement_for_its_place(seller: Caller) -> None:
    start = {"format": "AUCTION", "startingPrice": {"amount": "100.00", "currency": "PLN"}}
    advertised = {"format": "ADVERTISEMENT", "price": {"amount": "100.00", "currency": "PLN"}}

    auction = preview(seller, sellingMode=start).json
    advertisement = preview(seller, category={"id": SERVICE}, sellingMode=advertised).json

    assert auction["commissions"][0]["fee"]["amount"] == "13.50"
    assert advertisement["commissions"] == []
    assert [quote["type"] for quote in advertisement["quotes"]] == ["listingFee"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"category": {}}, ("MissedCategoryIdException", "offer.category")),
        ({"category": {"id": "1"}}, ("CATEGORY_NOT_EXISTS", "offer.category.id")),
        ({"category": {"id": "5"}}, ("INVALID_CATEGORY_ID", "offer.category.id")),
        ({"sellingMode": {}}, ("ConstraintViolationException.Price", "offer.sellingMode.price")),
    ],
)
def test_preview_needs_a_category_and_a_price(
    seller: Caller, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    answer = preview(seller, **changes)

    assert answer.status_code == 422
    assert faults(answer) == [fault]


def test_twenty_five_previews_a_second(seller: Caller, other_seller: Caller, world: World) -> None:
    seen = [preview(seller).status_code for _ in range(26)]

    assert seen == [200] * 25 + [429]
    assert preview(other_seller).status_code == 200
    world.clock.advance(1)
    assert preview(seller).status_code == 200


def test_running_promotion_is_quoted_for_own_offers(
    seller: Caller, other_seller: Caller, world: World
) -> None:
    offer_id = listed(seller, world, a_ring(seller))
    wishes = [("BASE", "emphasized10d"), ("EXTRA", "departmentPage")]
    rows = [{"modificationType": "CHANGE", "packageType": a, "packageId": b} for a, b in wishes]
    path = f"/sale/offers/{offer_id}/promo-options-modification"
    seller.call("POST", path, json={"modifications": rows})

    quotes = seller.get(f"/pricing/offer-quotes?offer.id={offer_id}").json

    assert quotes["count"] == 2
    assert quotes["quotes"][0] == {
        "enabled": True,
        "fee": {"amount": "24.90", "currency": "PLN"},
        "name": "Wyróżnienie",
        "nextDate": "2026-11-30T12:00:03.000Z",
        "offer": {"id": offer_id},
        "type": "emphasized10dFee",
    }
    assert other_seller.get(f"/pricing/offer-quotes?offer.id={offer_id}").json["count"] == 0


def test_twenty_offers_are_quoted_at_once(seller: Caller) -> None:
    query = "&".join(f"offer.id={number}" for number in range(21))

    assert codes(seller.get(f"/pricing/offer-quotes?{query}")) == ["IllegalQueryParameterException"]
