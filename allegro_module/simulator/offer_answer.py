"""An offer as Allegro's answers show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.http import Call, iso
from allegro_module.simulator.images import address_of
from allegro_module.simulator.offer_book import Offer
from allegro_module.simulator.offer_rules import Content
from allegro_module.simulator.parameter_reading import items_of
from allegro_module.simulator.product_rules import Element

ABROAD = ("allegro-cz", "allegro-sk", "allegro-hu", "allegro-business-cz")


def offer_json(call: Call, offer: Offer) -> dict[str, Any]:
    """The whole offer, as a GET, a POST and a PATCH answer it."""
    content = offer.content
    home = call.world.catalogue.find_category(content.category_id)
    return {
        "id": offer.id,
        "name": content.name,
        "productSet": [_element_json(item, home, call.language) for item in content.elements],
        "parameters": [] if home is None else items_of(content.filled, home, call.language),
        "category": {"id": content.category_id},
        "images": [_address(call, name) for name in content.images],
        "description": content.description,
        "stock": content.stock,
        "sellingMode": _selling_mode(content),
        "publication": _publication(call, offer),
        "delivery": content.delivery,
        "afterSalesServices": content.after_sales,
        "additionalMarketplaces": _abroad(call, content),
        "validation": _validation(call, offer),
        "compatibilityList": None,
        "contact": None,
        "attachments": [],
        "fundraisingCampaign": None,
        "discounts": {"wholesalePriceList": None},
        "createdAt": iso(offer.created_at),
        "updatedAt": iso(offer.updated_at),
        "warnings": [],
        **{key: value for key, value in content.rest.items() if key != "additionalMarketplaces"},
        "aiCoCreatedContent": _ai_content(call, content),
    }


def _ai_content(call: Call, content: Content) -> dict[str, Any] | None:
    """Pictures declared as made with AI: by the offer, or when they were uploaded."""
    declared = [image["url"] for image in (content.rest["aiCoCreatedContent"] or {}).get("images") or ()]
    pictures = call.world.images.pictures
    uploaded = [_address(call, name) for name in content.images if name in pictures and pictures[name].is_ai]
    urls = dict.fromkeys([*declared, *uploaded])
    return {"images": [{"url": url} for url in urls]} if urls else None


def _address(call: Call, name: str) -> str:
    return name if "://" in name else address_of(call.request.host_url, name)


def _element_json(element: Element, home: Category | None, language: str) -> dict[str, Any]:
    product = element.product
    return {
        "product": {
            "id": product.id if product is not None else None,
            "publication": {"status": product.status} if product is not None else None,
            "parameters": [] if home is None else items_of(element.filled, home, language),
            "isAiCoCreated": False,
        },
        "quantity": {"value": element.quantity},
        **element.safety,
        "deposits": list(element.deposits),
    }


def _selling_mode(content: Content) -> dict[str, Any]:
    empty = {"price": None, "minimalPrice": None, "startingPrice": None}
    return empty | content.selling_mode


def _publication(call: Call, offer: Offer) -> dict[str, Any]:
    additional = [{"id": name} for name in _reached(call, offer.content)]
    return {
        **offer.content.publication,
        "status": offer.status,
        "endingAt": _iso(offer.ending_at),
        "endedBy": offer.ended_by,
        "marketplaces": {"base": {"id": call.owner.base_marketplace}, "additional": additional},
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def _reached(call: Call, content: Content) -> list[str]:
    """The marketplaces asked for to which the price list delivers; the others do not show the offer."""
    price_list = call.world.delivery.find((content.delivery.get("shippingRates") or {}).get("id", ""))
    reach = price_list.marketplaces if price_list is not None else []
    return [name for name in content.rest["additionalMarketplaces"] if name in reach]


def _abroad(call: Call, content: Content) -> dict[str, Any]:
    reached = _reached(call, content)
    return {
        name: {
            **part,
            "publication": {
                "state": "APPROVED" if name in reached else "NOT_REQUESTED",
                "refusalReasons": [],
            },
        }
        for name, part in _prices_abroad(content).items()
    }


def _prices_abroad(content: Content) -> dict[str, Any]:
    asked: Mapping[str, Any] = content.rest["additionalMarketplaces"]
    names = dict.fromkeys((*ABROAD, *asked))
    return {name: {"sellingMode": (asked.get(name) or {}).get("sellingMode")} for name in names}


def _validation(call: Call, offer: Offer) -> dict[str, Any]:
    return {
        "errors": [problem.as_json(call.language) for problem in offer.problems],
        "warnings": [],
        "validatedAt": _iso(offer.validated_at),
    }


def parts_json(offer: Offer, include: list[str]) -> dict[str, Any]:
    """Stock and price alone."""
    body: dict[str, Any] = {"id": offer.id}
    if "stock" in include:
        body["stock"] = {"available": offer.available}
    if "price" in include:
        body["sellingMode"] = {"price": offer.content.selling_mode.get("price")}
        body["additionalMarketplaces"] = _prices_abroad(offer.content)
    return body
