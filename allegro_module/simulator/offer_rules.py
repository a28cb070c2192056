"""An offer's wishes judged as a whole: what it would be, and all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from allegro_module.simulator.background import Background, Wish
from allegro_module.simulator.content_rules import description_findings, image_findings, title_findings
from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.image_hosts import about
from allegro_module.simulator.images import name_in
from allegro_module.simulator.parameter_values import CV
from allegro_module.simulator.parameters import Filling
from allegro_module.simulator.product_rules import Element, Goods, examine_goods
from allegro_module.simulator.sale_rules import (
    days_and_hours,
    extra_findings,
    marketplace_findings,
    selling_findings,
    stock_findings,
    time_findings,
)
from allegro_module.simulator.seller_lists import settled_reference
from allegro_module.simulator.settlement_rules import location_of, settle_terms, tax_findings


@dataclass
class Content:
    """An offer as it would be: wishes with defaults in place, names turned into ids."""

    name: str | None
    category_id: str | None
    elements: list[Element]
    filled: dict[str, Filling]
    images: list[str]
    description: Mapping[str, Any] | None
    stock: dict[str, Any]
    selling_mode: dict[str, Any]
    publication: dict[str, Any]
    delivery: dict[str, Any]
    after_sales: dict[str, Any]
    rest: dict[str, Any] = field(default_factory=dict)

    @property
    def product_ids(self) -> list[str]:
        return [item.product.id for item in self.elements if item.product is not None]


@dataclass
class Verdict:
    content: Content
    findings: list[Finding]
    goods: Goods

    @property
    def faults(self) -> list[Finding]:
        """What is wrong, gaps apart."""
        return [item for item in self.findings if not item.gap]


def examine(wish: Wish, ground: Background) -> Verdict:
    """Judge an offer. `wish` is the whole of what its seller asked for so far."""
    goods = examine_goods(wish, ground)
    content = _content(wish, goods, ground)
    terms, term_findings = settle_terms(wish, ground, is_advertisement=_is_advertisement(content))
    content.delivery["shippingRates"] = terms.pop("shippingRates")
    content.after_sales = terms
    findings = [
        *goods.findings,
        *title_findings(content.name),
        *_image_findings(content, ground),
        *description_findings(content.description, content.images),
        *selling_findings(content.selling_mode, ground),
        *_format_findings(content, goods),
        *stock_findings(wish.get("stock"), content.selling_mode["format"]),
        *time_findings(wish, content.selling_mode["format"], ground),
        *marketplace_findings(wish.get("additionalMarketplaces") or {}, ground),
        *term_findings,
        *tax_findings(wish.get("taxSettings"), goods.category),
        *extra_findings(wish, goods.category, ground),
        *_count_findings(wish, ground),
    ]
    return Verdict(content, findings, goods)


def _content(wish: Wish, goods: Goods, ground: Background) -> Content:
    first = next((item.product for item in goods.elements if item.product is not None), None)
    publication, delivery = wish.get("publication") or {}, wish.get("delivery") or {}
    return Content(
        name=wish.get("name") or (first.name if first is not None else None),
        category_id=goods.category.id if goods.category is not None else None,
        elements=goods.elements,
        filled=goods.filled,
        images=_images(wish, goods, ground),
        description=wish.get("description") or (first.description if first is not None else None),
        stock={"unit": "UNIT", "available": 0, **(wish.get("stock") or {})},
        selling_mode={"format": "BUY_NOW", **(wish.get("sellingMode") or {})},
        publication={
            "duration": days_and_hours(publication.get("duration")),
            "startingAt": publication.get("startingAt"),
            "republish": publication.get("republish", False),
        },
        delivery={
            "handlingTime": days_and_hours(delivery.get("handlingTime") or "PT24H"),
            "additionalInfo": delivery.get("additionalInfo"),
            "shipmentDate": delivery.get("shipmentDate"),
        },
        after_sales={},
        rest=_rest(wish, ground),
    )


def _rest(wish: Wish, ground: Background) -> dict[str, Any]:
    return {
        "external": wish.get("external"),
        "language": wish.get("language") or "pl-PL",
        "location": location_of(wish),
        "payments": {"invoice": "VAT", **(wish.get("payments") or {})},
        "taxSettings": wish.get("taxSettings"),
        "messageToSellerSettings": wish.get("messageToSellerSettings"),
        "b2b": {"buyableOnlyByBusiness": False, **(wish.get("b2b") or {})},
        "additionalMarketplaces": wish.get("additionalMarketplaces") or {},
        "attachments": [{"id": item["id"]} for item in wish.get("attachments") or ()],
        "aiCoCreatedContent": wish.get("aiCoCreatedContent"),
        "sizeTable": settled_reference(ground.seller, "sizeTable", wish.get("sizeTable")),
        "additionalServices": settled_reference(
            ground.seller, "additionalServices", wish.get("additionalServices")
        ),
    }


def _images(wish: Wish, goods: Goods, ground: Background) -> list[str]:
    """Names of the offer's own pictures, then its products'; an address elsewhere stays as it is."""
    names = [_image(address, ground) for address in wish.get("images") or ()]
    for index, entry in enumerate(wish.get("productSet") or ()):
        asked = (entry.get("product") or {}).get("images")
        if asked is not None:
            names += [_image(address, ground) for address in asked]
        elif index < len(goods.elements):
            names += goods.elements[index].images
    return list(dict.fromkeys(names))


def _image(address: str, ground: Background) -> str:
    """A name for a picture of ours; one elsewhere keeps its address."""
    is_ours = "/img/" in address and address not in ground.images.hosted
    return name_in(address) if is_ours else address


def _image_findings(content: Content, ground: Background) -> list[Finding]:
    def is_there(name: str) -> bool:
        picture = ground.images.find(name, ground.now)
        owned = picture is None or picture.seller_id == ground.seller.id
        return owned and ground.images.has(name, ground.now)

    abroad = [name for name in content.images if "://" in name]
    found = [
        about(code, url, f"images[{content.images.index(url)}]")
        for url in abroad
        if (code := ground.images.fault_abroad(url)) is not None
    ]
    cards = {name for item in content.elements if not item.is_new for name in item.images}
    return found + image_findings(
        content.images, lambda name: name in abroad or name in cards or is_there(name)
    )


def _is_advertisement(content: Content) -> bool:
    return bool(content.selling_mode["format"] == "ADVERTISEMENT")


def _format_findings(content: Content, goods: Goods) -> list[Finding]:
    """Advertisements stand only where the category lets them, and in some nothing else does."""
    category, code = goods.category, CV + "CategorySellingRestrictions"
    if category is None:
        return []
    if _is_advertisement(content) and not category.options["advertisement"]:
        return [finding(code, "sellingMode.format", says="category.no_advertisements")]
    if category.advertisement_only and not _is_advertisement(content):
        return [finding(code, "sellingMode.format", says="category.only_advertisements")]
    return []


def _count_findings(wish: Wish, ground: Background) -> list[Finding]:
    """More offers than an account may have: drafts when one is made, live ones when one is to become so."""
    status, limits = (wish.get("publication") or {}).get("status", "ACTIVE"), ground.limits
    if ground.earlier is not None:
        return []
    if status == "INACTIVE":
        if ground.counts().drafts < limits.drafts:
            return []
        return [finding(CV + "MaxInactiveOffers", "publication.status", most=limits.drafts)]
    found, counts = [], ground.counts()
    if counts.live >= limits.live:
        code = "PublicationValidationException.MaxActiveOffers"
        found.append(finding(code, "publication.status", most=limits.live))
    if (wish.get("b2b") or {}).get("buyableOnlyByBusiness") and counts.for_business >= limits.for_business:
        path = "b2b.buyableOnlyByBusiness"
        found.append(finding("B2B_OFFER_LIMIT_EXCEEDED", path, most=limits.for_business))
    return found
