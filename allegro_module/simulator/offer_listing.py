"""The list of a seller's offers, which may lag behind, and the journal of what happened to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from flask import Response

from allegro_module.simulator.http import Call, Room, answer, bad_parameter, iso
from allegro_module.simulator.images import address_of
from allegro_module.simulator.offer_book import Offer, OfferEvent, Past
from allegro_module.simulator.sale_rules import FORMATS, STATUSES

room = Room()
EVENT_TYPES = (
    "OFFER_ACTIVATED",
    "OFFER_CHANGED",
    "OFFER_ENDED",
    "OFFER_STOCK_CHANGED",
    "OFFER_PRICE_CHANGED",
    "OFFER_ARCHIVED",
    "OFFER_BID_PLACED",
    "OFFER_BID_CANCELED",
    "OFFER_TRANSLATION_UPDATED",
    "OFFER_VISIBILITY_CHANGED",
    "OFFER_DELIVERY_COUNTRIES_BLOCKED",
)
MOST_EXTERNAL_IDS = 100
FARTHEST = 10_000_000
PRODUCTIZED = "productizationRequired"
Listed: TypeAlias = tuple[Offer, Past]


@room.route("GET", "/sale/offers", scope="sale:offers:read")
def list_offers(call: Call) -> Response:
    call.only_query((*FILTERS, PRODUCTIZED, "sort", "limit", "offset"))
    _check(call)
    limit = call.whole_number("limit", 20, 1, 1000, 400)
    offset = call.whole_number("offset", 0, 0, FARTHEST - 1, 400)
    if limit + offset > FARTHEST:
        raise bad_parameter("offset", f"and limit must stay within {FARTHEST}", 400)
    listed = [item for item in _visible(call) if _passes(item, call)]
    page = _sorted(listed, call.query.get("sort"))[offset : offset + limit]
    rows = [_row(call, *item) for item in page]
    return answer({"offers": rows, "count": len(rows), "totalCount": len(listed)})


def _visible(call: Call) -> list[Listed]:
    """The offers as they looked some time ago, newest first."""
    moment = call.now - timedelta(seconds=call.world.switches.list_lag_seconds)
    seen = ((offer, offer.looked(moment)) for offer in call.world.offers.of(call.owner.id))
    listed = [(offer, look) for offer, look in seen if look is not None]
    return sorted(listed, key=lambda item: item[0].id, reverse=True)


def _check(call: Call) -> None:
    query = call.query
    if len(query.getlist("external.id")) > MOST_EXTERNAL_IDS:
        raise bad_parameter("external.id", f"may be repeated {MOST_EXTERNAL_IDS} times", 400)
    for name, allowed in (("publication.status", STATUSES), ("sellingMode.format", FORMATS), ("sort", SORTS)):
        for value in query.getlist(name):
            if value not in allowed:
                raise bad_parameter(name, f"must be one of {', '.join(allowed)}", 400)
    for name in ("sellingMode.price.amount.gte", "sellingMode.price.amount.lte"):
        if name in query and _decimal(query[name]) is None:
            raise bad_parameter(name, "must be a number", 400)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _price(look: Past) -> Decimal:
    price = look.content.selling_mode.get("price") or {"amount": "0"}
    return Decimal(price["amount"])


def _external(look: Past) -> str | None:
    return (look.content.rest.get("external") or {}).get("id")


def _flag(text: str) -> bool:
    return text == "true"


def _reference(value: Mapping[str, Any] | None) -> str | None:
    return (value or {}).get("id")


def _same_reference(
    value: Callable[[Past], Mapping[str, Any] | None],
) -> Callable[[Offer, Past, list[str]], bool]:
    return lambda _, look, asked: _reference(value(look)) in asked


# Each filter of the list: whether an offer passes it, given the values asked for.
FILTERS: Mapping[str, Callable[[Offer, Past, list[str]], bool]] = {
    "offer.id": lambda offer, _, asked: offer.id in asked,
    "name": lambda _, look, asked: asked[0].casefold() in (look.content.name or "").casefold(),
    "publication.status": lambda _, look, asked: look.status in asked,
    "publication.marketplace": lambda _, __, asked: "allegro-pl" in asked,
    "category.id": lambda _, look, asked: look.content.category_id in asked,
    "external.id": lambda _, look, asked: _external(look) in asked,
    "sellingMode.price.amount.gte": lambda _, look, asked: _price(look) >= Decimal(asked[0]),
    "sellingMode.price.amount.lte": lambda _, look, asked: _price(look) <= Decimal(asked[0]),
    "sellingMode.format": lambda _, look, asked: look.content.selling_mode["format"] in asked,
    "sellingMode.priceAutomation.rule.id": lambda *_: False,
    "sellingMode.priceAutomation.rule.id.empty": lambda _, __, asked: _flag(asked[0]),
    "product.id.empty": lambda _, look, asked: (not look.content.product_ids) is _flag(asked[0]),
    "delivery.shippingRates.id": _same_reference(lambda look: look.content.delivery["shippingRates"]),
    "delivery.shippingRates.id.empty": lambda _, look, asked: (
        (_reference(look.content.delivery["shippingRates"]) is None) is _flag(asked[0])
    ),
    "afterSalesServices.returnPolicy.id": _same_reference(
        lambda look: look.content.after_sales["returnPolicy"]
    ),
    "b2b.buyableOnlyByBusiness": lambda _, look, asked: (
        bool(look.content.rest["b2b"]["buyableOnlyByBusiness"]) is _flag(asked[0])
    ),
    "fundraisingCampaign.id": lambda *_: False,
    "fundraisingCampaign.id.empty": lambda _, __, asked: _flag(asked[0]),
    "isFulfillment": lambda _, __, asked: not _flag(asked[0]),
}
ORDERS: Mapping[str, Callable[[Listed], Decimal]] = {
    "sellingMode.price.amount": lambda item: _price(item[1]),
    "stock.sold": lambda item: Decimal(item[0].sold),
    "stock.available": lambda item: Decimal(item[1].content.stock["available"]),
}
SORTS = (*ORDERS, *(f"-{name}" for name in ORDERS))


def _passes(item: Listed, call: Call) -> bool:
    query = call.query
    if PRODUCTIZED in query and _productized(item[1], call) is not _flag(query[PRODUCTIZED]):
        return False
    return all(passes(*item, query.getlist(name)) for name, passes in FILTERS.items() if name in query)


def _productized(look: Past, call: Call) -> bool:
    home = call.world.catalogue.find_category(look.content.category_id)
    return home is not None and home.options["offersWithProductPublicationEnabled"]


def _sorted(listed: list[Listed], sort: str | None) -> list[Listed]:
    if sort is None:
        return listed
    return sorted(listed, key=ORDERS[sort.removeprefix("-")], reverse=sort.startswith("-"))


def _row(call: Call, offer: Offer, look: Past) -> dict[str, Any]:
    content = look.content
    image = content.images[0] if content.images else None
    return {
        "id": offer.id,
        "name": content.name,
        "category": {"id": content.category_id},
        "primaryImage": {"url": address_of(call.request.host_url, image)} if image else None,
        "sellingMode": {"price": None, "minimalPrice": None, "startingPrice": None} | content.selling_mode,
        "saleInfo": {"currentPrice": None, "biddersCount": 0},
        "stock": {"available": content.stock["available"], "sold": offer.sold},
        "stats": {"watchersCount": 0, "visitsCount": 0},
        "publication": {
            "status": look.status,
            "startingAt": content.publication["startingAt"],
            "startedAt": _iso(look.started_at),
            "endingAt": _iso(look.ending_at),
            "endedAt": _iso(look.ended_at),
            "marketplaces": {"base": {"id": call.owner.base_marketplace}, "additional": []},
        },
        "afterSalesServices": content.after_sales,
        "additionalServices": None,
        "external": content.rest["external"],
        "delivery": {"shippingRates": content.delivery["shippingRates"]},
        "b2b": {"buyableOnlyByBusiness": content.rest["b2b"]["buyableOnlyByBusiness"]},
        "fundraisingCampaign": None,
        "isFulfillment": False,
        "additionalMarketplaces": {},
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


@room.route("GET", "/sale/offer-events", scope="sale:offers:read")
def list_events(call: Call) -> Response:
    """The last 24 hours, oldest first; an id that is no longer kept starts at the oldest."""
    call.only_query(("from", "limit", "type"))
    limit = call.whole_number("limit", 100, 1, 1000, 400)
    kinds = call.query.getlist("type")
    if not set(kinds) <= set(EVENT_TYPES):
        raise bad_parameter("type", "is not a type of offer event", 400)
    own = [event for event in call.world.offers.events if event.seller_id == call.owner.id]
    ids = [event.id for event in own]
    after = call.query.get("from")
    later = own[ids.index(after) + 1 :] if after in ids else own
    asked = [event for event in later if not kinds or event.type in kinds]
    return answer({"offerEvents": [_event_json(call, event) for event in asked[:limit]]})


def _event_json(call: Call, event: OfferEvent) -> dict[str, Any]:
    offer: dict[str, Any] = {"id": event.offer_id, "external": {"id": event.external_id}}
    if event.ended_by is not None:
        offer["publication"] = {"endedBy": event.ended_by}
    if event.type == "OFFER_PRICE_CHANGED":
        offer["marketplaces"] = [{"id": call.owner.base_marketplace, "changeType": "MANUAL"}]
    return {"id": event.id, "occurredAt": iso(event.occurred_at), "type": event.type, "offer": offer}
