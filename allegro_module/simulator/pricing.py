"""What selling costs: the preview of an offer's fees, and the cycles of promotion that are running.

The figures are ours, of the size that Allegro's price list has; they hold for ever, so that tests can count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response

from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.findings import Finding, finding, refuse
from allegro_module.simulator.http import Call, Members, Room, answer, bad_parameter, iso, money
from allegro_module.simulator.markets import MARKETS
from allegro_module.simulator.offer_book import Offer
from allegro_module.simulator.parameters import Names
from allegro_module.simulator.promotion import BASE, EXTRA, NAMES, Package

room = Room()
SECOND = timedelta(seconds=1)
MOST_OFFERS = 20
BODY: Members = {"offer": None, "classifiedsPackages": None, "marketplaceId": None}
#: Percent of the price, by the root of the tree that the category stands under.
COMMISSIONS = {
    "ea5b98dd-4b6f-4bd0-8c80-22c2629132d0": Decimal("13.5"),
    "5": Decimal("12"),
    "38d588fd-7e9c-4c42-a4ae-6831775eca45": Decimal("9.5"),
    "42540aec-367a-4e5e-b411-17c09b08e41f": Decimal("7"),
}
USUAL_COMMISSION = Decimal(11)
LEAST_COMMISSION = Decimal("0.30")
#: Złoty for one cycle.
PACKAGES = {
    "emphasized10d": Decimal("24.90"),
    "emphasized1d": Decimal("3.90"),
    "departmentPage": Decimal("49.00"),
}
ADVERTISEMENT = Decimal("9.90")
COMMISSION_NAME = Names("Prowizja od sprzedaży", "Sales commission")
LISTING_NAME = Names("Opłata za wystawienie", "Listing fee")


@room.route("POST", "/pricing/offer-fee-preview", scope="sale:offers:read")
def preview(call: Call) -> Response:
    most = call.world.switches.fee_previews_per_second
    call.world.limits.count("fee preview", call.owner.id, call.now, most, SECOND)
    body = call.json(BODY)
    offer = body.get("offer") or {}
    category = call.world.catalogue.find_category((offer.get("category") or {}).get("id"))
    market_id = body.get("marketplaceId") or call.owner.base_marketplace
    price = _price(offer.get("sellingMode") or {})
    refuse(422, _findings(offer, category, market_id, price))
    assert category is not None
    assert price is not None
    currency = MARKETS[market_id].currency
    is_advertisement = (offer.get("sellingMode") or {}).get("format") == "ADVERTISEMENT"
    commissions = [] if is_advertisement else [_commission(call, category, price, currency)]
    quotes = list(_quotes(call, offer, market_id, is_advertisement=is_advertisement))
    return answer({"commissions": commissions, "quotes": quotes})


def _price(mode: Mapping[str, Any]) -> Decimal | None:
    """What the commission is taken of: an auction's least price."""
    for name in ("price", "minimalPrice", "startingPrice"):
        try:
            return Decimal((mode.get(name) or {})["amount"])
        except (KeyError, TypeError, InvalidOperation):
            continue
    return None


def _findings(
    offer: Mapping[str, Any], category: Category | None, market_id: str, price: Decimal | None
) -> Iterator[Finding]:
    asked = (offer.get("category") or {}).get("id")
    if asked is None:
        yield finding("MissedCategoryIdException", "offer.category")
    elif category is None:
        yield finding("CATEGORY_NOT_EXISTS", "offer.category.id", metadata={"categoryId": asked})
    elif not category.leaf:
        yield finding("INVALID_CATEGORY_ID", "offer.category.id", metadata={"categoryId": asked})
    if price is None or price <= 0:
        code = "ConstraintViolationException.Price"
        yield finding(code, "offer.sellingMode.price", says="price.missing")
    if market_id not in MARKETS:
        yield finding("UnsupportedMarketplace", "marketplaceId", name=market_id)


def _commission(call: Call, category: Category, price: Decimal, currency: str) -> dict[str, Any]:
    root = call.world.catalogue.path(category.id)[0]
    fee = max(price * COMMISSIONS.get(root.id, USUAL_COMMISSION) / 100, LEAST_COMMISSION)
    return {"name": COMMISSION_NAME(call.language), "type": "commissionFee", "fee": money(fee, currency)}


def _quotes(
    call: Call, offer: Mapping[str, Any], market_id: str, *, is_advertisement: bool
) -> Iterator[dict[str, Any]]:
    market = MARKETS[market_id]
    promotion = offer.get("promotion") or {}
    for key, cycle in {**BASE, **EXTRA}.items():
        if promotion.get(key):
            yield {
                "name": NAMES[key](call.language),
                "type": f"{key}Fee",
                "fee": money(market.price(PACKAGES[key]), market.currency),
                "cycleDuration": f"PT{cycle.days * 24}H",
            }
    if is_advertisement:
        fee = money(market.price(ADVERTISEMENT), market.currency)
        yield {
            "name": LISTING_NAME(call.language),
            "type": "listingFee",
            "fee": fee,
            "cycleDuration": "PT240H",
        }


@room.route("GET", "/pricing/offer-quotes", scope="billing:read")
def list_quotes(call: Call) -> Response:
    call.only_query(("offer.id",))
    ids = call.query.getlist("offer.id")
    if not 1 <= len(ids) <= MOST_OFFERS:
        raise bad_parameter("offer.id", f"must be given 1 to {MOST_OFFERS} times", 400)
    offers = (call.world.offers.find(offer_id, call.owner.id) for offer_id in ids)
    quotes = [quote for offer in offers if offer is not None for quote in _running(call, offer)]
    return answer({"count": len(quotes), "quotes": quotes})


def _running(call: Call, offer: Offer) -> Iterator[dict[str, Any]]:
    promotion = call.world.promotion.of(offer.id, call.now)
    market = MARKETS[call.owner.base_marketplace]
    packages: list[Package] = [*promotion.extra.values()]
    if promotion.base is not None:
        packages.insert(0, promotion.base)
    for package in packages:
        yield {
            "enabled": package.ends is None,
            "fee": money(market.price(PACKAGES[package.id]), market.currency),
            "name": NAMES[package.id](call.language),
            "nextDate": iso(package.next_cycle(call.now)),
            "offer": {"id": offer.id},
            "type": f"{package.id}Fee",
        }
