"""Rows of the offer list as its template shows them: state, why and what next, the shop beside Allegro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import url_for

from allegro_module.db.offer_lists import Listed
from allegro_module.db.offers import Offer
from allegro_module.domain.money import Money
from allegro_module.domain.offer_deeds import Deed, deeds_of
from allegro_module.domain.offers import OfferState
from allegro_module.domain.shop import ShopProduct, Sku
from allegro_module.runtime import Runtime
from allegro_module.web.formats import money
from allegro_module.web.labels import Label, label_of_offer_state
from allegro_module.web.offer_progress import story
from allegro_module.web.offer_words import problem_sentence

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class OfferRow:
    """`price` is None while what was typed is no amount; then `price_text` shows it.

    `picture` is an address, of ours or of Allegro's pictures; empty without any.
    `shop_price`, `difference` and `stock` are empty where the shop knows nothing of the product.
    """

    id: int
    title: str
    alias: str
    login: str
    allegro_offer_id: str | None
    reference: str
    price: Money | None
    price_text: str
    shop_price: str
    difference: str
    quantity_text: str
    stock: int | None
    state: Label
    story: str
    problem: str
    problem_at: datetime | None
    is_refused: bool
    picture: str
    has_product: bool
    has_safety: bool
    price_list: str
    changed_at: datetime
    public_url: str | None
    deeds: Sequence[Deed]


@dataclass(frozen=True, slots=True)
class Around:
    """What the shop and the terms say of a page of offers, read for all of them together."""

    products: Mapping[Sku, ShopProduct]
    stock: Mapping[Sku, int]
    #: Names by account and Allegro's id.
    price_lists: Mapping[tuple[int, str], str]


def rows(
    runtime: Runtime, found: Sequence[Listed], price_lists: Mapping[tuple[int, str], str] | None = None
) -> list[OfferRow]:
    """Two calls of the shop, however many offers."""
    skus = {Sku(each.offer.sku) for each in found}
    around = Around(
        products=runtime.shop.products(skus) if skus else {},
        stock=runtime.shop.stock(skus) if skus else {},
        price_lists=price_lists or {},
    )
    return [_row(runtime, each, around, runtime.now(each.offer.account.environment)) for each in found]


def _row(runtime: Runtime, listed: Listed, around: Around, now: datetime) -> OfferRow:
    offer = listed.offer
    product = around.products.get(Sku(offer.sku))
    price = None if offer.price is None else Money(offer.price, offer.currency)
    is_refused = offer.state == OfferState.REFUSED
    return OfferRow(
        id=offer.id,
        title=offer.title or (product.name if product else listed.name or offer.sku),
        alias=offer.account.alias,
        login=offer.account.login or "",
        allegro_offer_id=offer.allegro_offer_id,
        reference=offer.external_id,
        price=price,
        price_text=offer.price_text,
        shop_price=money(product.price) if product else "",
        difference=_difference(price, product),
        quantity_text=offer.quantity_text,
        stock=around.stock.get(Sku(offer.sku)) if product else None,
        state=label_of_offer_state(offer.state),
        story=story(offer, now),
        problem=_first_problem(offer),
        problem_at=offer.problems_at or (offer.state_since if is_refused else None),
        is_refused=is_refused,
        picture=_picture(listed, product),
        has_product=bool(offer.product_id or offer.product_status),
        has_safety=_has_safety(offer),
        price_list=around.price_lists.get((offer.account_id, offer.shipping_rate_id or ""), ""),
        changed_at=offer.changed_at,
        public_url=public_address(runtime, offer),
        deeds=_deeds(offer),
    )


def _picture(listed: Listed, product: ShopProduct | None) -> str:
    """What buyers see first: the offer's own, else the catalogue's; the shop's where there is neither."""
    ours = url_for("allegro.offers.image", offer_id=listed.offer.id)
    if listed.offer.images:
        return ours
    if urlsplit(listed.picture or "").scheme in ("http", "https"):
        return listed.picture or ""
    return ours if product and product.images else ""


def _deeds(offer: Offer) -> Sequence[Deed]:
    is_on_allegro = offer.allegro_offer_id is not None
    return deeds_of(offer.state, is_on_allegro=is_on_allegro, was_listed=offer.listed_at is not None)


def _difference(price: Money | None, product: ShopProduct | None) -> str:
    """„+24,00 zł” against the shop's own price; empty where they are equal or in two currencies."""
    if price is None or product is None or price.currency != product.price.currency:
        return ""
    more = price.amount - product.price.amount
    if not more:
        return ""
    return f"{'+' if more > 0 else ''}{money(Money(more, price.currency))}"


def _first_problem(offer: Offer) -> str:
    """What has to be corrected, before what Allegro only remarks."""
    found = sorted(offer.problems, key=lambda each: each.is_warning)
    return problem_sentence(found[0]) if found else ""


def _has_safety(offer: Offer) -> bool:
    """As far as the offer itself says; a product of the catalogue may bring more."""
    if offer.is_before_gpsr:
        return True
    return bool(offer.responsible_producer_id and (offer.safety_text or offer.safety_attachments))


def public_address(runtime: Runtime, offer: Offer) -> str | None:
    """The page buyers see; one that was never active has none."""
    if not offer.allegro_offer_id or offer.listed_at is None:
        return None
    return runtime.environment(offer.account.environment).offer_url(offer.allegro_offer_id)
