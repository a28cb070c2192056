"""Quick list by EAN: looking the products up, then making one offer of each that the seller ticked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, Refused, Unexpected
from allegro_module.client.products import SearchMode
from allegro_module.db.accounts import Account
from allegro_module.db.categories import find_category
from allegro_module.db.offers import Offer
from allegro_module.db.quick_lists import QuickList, change_list, offers_by_sku
from allegro_module.domain.gtin import gtin_fault
from allegro_module.domain.offers import ProductMatch, Wanted
from allegro_module.domain.problems import from_json, to_json
from allegro_module.domain.quick import Deed, Item, Readiness, from_stored, to_stored
from allegro_module.domain.selling_formats import read_price, read_quantity
from allegro_module.domain.shop import ProductQuery, ShopAdapter, ShopProduct, Sku
from allegro_module.sync.catalogue import (
    Content,
    catalogue_of,
    given_by_product,
    requirement_answers,
    search_products,
)
from allegro_module.sync.categories import refresh_parameters
from allegro_module.sync.category_parameters import find_parameters
from allegro_module.sync.drafts import choose_category, new_draft
from allegro_module.sync.offer_check import check_with_pictures
from allegro_module.sync.offers import ask_for

log = logging.getLogger(__name__)

WANTED = {Deed.DRAFT: Wanted.DRAFT, Deed.LIST: Wanted.LIST}


def start_list(session: Session, account_id: int, codes: Sequence[str], now: datetime, who: str) -> QuickList:
    """Added to the session; the caller commits and rings for `prepare_list`."""
    found = QuickList(
        account_id=account_id,
        batch=uuid4().hex,
        items=to_stored([Item(typed=code) for code in codes]),
        created_at=now,
        created_by=who[:100],
    )
    session.add(found)
    return found


@dataclass(frozen=True, slots=True)
class Desk:
    """What a run works with."""

    session: Session
    shop: ShopAdapter
    list_id: int
    account_id: int
    environment: str
    now: datetime


def desk_of(session: Session, shop: ShopAdapter, quick: QuickList, now: datetime) -> Desk:
    return Desk(session, shop, quick.id, quick.account_id, quick.account.environment, now)


def prepare_list(desk: Desk, api: AllegroClient) -> None:
    """Look up what waits, item after item; each is remembered, so that a killed run goes on where it was.

    Allegro's silence ends the run: what is left is marked as such, and the seller asks once more.
    """
    version, items = _read(desk)
    products = _products(desk, items)
    offers = offers_by_sku(desk.session, desk.account_id, [each.sku for each in products.values()])
    desk.session.rollback()
    is_silent = False
    for place, item in enumerate(items):
        if item.readiness != Readiness.WAITING:
            continue
        product = products.get(item.typed)
        if product is None:
            items[place] = replace(item, readiness=Readiness.UNKNOWN)
            continue
        known = replace(item, sku=product.sku, name=product.name, gtin=product.gtin or "")
        if any(each.sku == product.sku for each in items[:place]):
            items[place] = replace(known, readiness=Readiness.TWICE)
            continue
        try:
            items[place] = (
                replace(known, readiness=Readiness.FAILED)
                if is_silent
                else (_looked_up(desk, api, known, product, offers.get(product.sku)))
            )
        except (Refused, Unexpected) as trouble:
            log.warning("EAN of %s was not looked up: %s", product.sku, trouble)
            items[place] = replace(known, readiness=Readiness.FAILED)
        except AllegroError as trouble:
            log.warning("the quick list waits: %s", trouble)
            is_silent = True
            items[place] = replace(known, readiness=Readiness.FAILED)
        desk.session.rollback()
        if not change_list(desk.session, desk.list_id, version, items=to_stored(items)):
            desk.session.rollback()
            return
        desk.session.commit()
        version += 1
    change_list(desk.session, desk.list_id, version, items=to_stored(items), prepared_at=desk.now)
    desk.session.commit()


def _read(desk: Desk) -> tuple[int, list[Item]]:
    quick = desk.session.get_one(QuickList, desk.list_id, populate_existing=True)
    found = quick.version, from_stored(quick.items)
    desk.session.rollback()
    return found


def _products(desk: Desk, items: Sequence[Item]) -> Mapping[str, ShopProduct]:
    """By what was typed: a SKU, else the EAN of a product."""
    typed = [each.typed for each in items]
    known = desk.shop.products([Sku(each) for each in typed])
    found = {each: known[Sku(each)] for each in typed if Sku(each) in known}
    for each in typed:
        if each not in found and gtin_fault(each) is None:
            page = desk.shop.find_products(ProductQuery(text=each, limit=5), None)
            fitting = [product for product in page.items if (product.gtin or "") == each]
            found |= {each: fitting[0]} if fitting else {}
    desk.session.rollback()
    return found


def _looked_up(
    desk: Desk, api: AllegroClient, item: Item, product: ShopProduct, offer_id: int | None
) -> Item:
    """Raises AllegroError."""
    if not item.gtin.strip():
        return replace(item, readiness=Readiness.NO_GTIN)
    if gtin_fault(item.gtin) is not None:
        return replace(item, readiness=Readiness.WRONG_GTIN)
    found = search_products(desk.session, api, desk.environment, item.gtin, SearchMode.GTIN, "", "", desk.now)
    if len(found.products) != 1:
        return replace(item, readiness=Readiness.SEVERAL if found.products else Readiness.NO_PRODUCT)
    product_id, category_id = found.products[0].allegro_id, found.products[0].category_id
    desk.session.rollback()
    if category_id:
        refresh_parameters(desk.session, api, desk.environment, category_id, desk.now)
    return _tried(desk, replace(item, product_id=product_id), product, offer_id)


def _tried(desk: Desk, item: Item, product: ShopProduct, offer_id: int | None) -> Item:
    """As the offer would be, made on trial and taken back."""
    session = desk.session
    with session.no_autoflush:
        offer = _offer(desk, item, product, batch="", who="")
        problems = check_with_pictures(session, offer, [])
        item = replace(
            item,
            currency=offer.currency,
            price_text=offer.price_text,
            quantity_text=offer.quantity_text,
            problems=[to_json(each) for each in problems],
            offer_id=offer_id,
        )
    session.rollback()
    needed = [each for each in problems if each.field not in ("price", "quantity") and not each.is_warning]
    if offer_id is not None:
        return replace(item, readiness=Readiness.LISTED)
    if needed:
        return replace(item, readiness=Readiness.INCOMPLETE)
    return replace(item, readiness=Readiness.READY, is_ticked=True)


def _offer(desk: Desk, item: Item, product: ShopProduct, batch: str, who: str) -> Offer:
    """A draft that holds product, price, pieces and the defaults, added to the session."""
    account = desk.session.get_one(Account, desk.account_id)
    offer = new_draft(desk.session, desk.shop, product, account, desk.now, who)
    # Known before the row is written, as an offer made on trial never is.
    offer.account_id = account.id
    offer.is_quick, offer.batch = True, batch or None
    offer.product_id, offer.product_match = item.product_id, ProductMatch.FOUND
    offer.title = offer.description_html = ""
    offer.images, offer.description_template_id = [], None
    offer.price_text = item.price_text or offer.price_text
    offer.quantity_text = item.quantity_text or offer.quantity_text
    offer.price = read_price(offer.price_text, offer.currency)
    offer.quantity = read_quantity(offer.quantity_text)
    _take_from_catalogue(desk, offer, product, catalogue_of(desk.session, offer) or {})
    return offer


def _take_from_catalogue(desk: Desk, offer: Offer, product: ShopProduct, content: Content) -> None:
    """The product's category; of the features only the offer's own, and those that the product demands."""
    category_id = (content.get("category") or {}).get("id")
    category = find_category(desk.session, desk.environment, category_id) if category_id else None
    if category is not None and category.is_leaf:
        if offer.category_id != category_id:
            choose_category(desk.session, offer, category.allegro_id, product)
        parameters = find_parameters(category, has_product=True) or ()
        own = {each.id for each in parameters if not each.describes_product}
        demanded = requirement_answers(content, parameters)
        kept = {key: answer for key, answer in offer.parameters.items() if key in own}
        offer.parameters = {**kept, **{key: dict(answer) for key, answer in demanded.items()}}
    offer.product_status = (content.get("publication") or {}).get("status") or ""
    if "safety" in given_by_product(offer, content):
        offer.responsible_producer_id = offer.responsible_person_id = None
        offer.safety_text, offer.safety_attachments = "", []


def make_offers(desk: Desk, who: str, ring: Callable[[int], object]) -> None:
    """One offer of each ticked item; an item and its offer are remembered together, so that none has two.

    `ring` is told of each offer that is on its way. Another run of the same list ends this one.
    """
    version, items = _read(desk)
    quick = desk.session.get_one(QuickList, desk.list_id)
    batch, asked, is_open = quick.batch, quick.deed, quick.asked_at is not None and quick.made_at is None
    desk.session.rollback()
    if not is_open:
        return
    deed = Deed(asked)
    wanted = [place for place, each in enumerate(items) if each.is_ticked and each.made_id is None]
    products = desk.shop.products([Sku(items[place].sku) for place in wanted])
    desk.session.rollback()
    for place in wanted:
        product = products.get(Sku(items[place].sku))
        if product is None:
            items[place] = replace(items[place], is_ticked=False, readiness=Readiness.UNKNOWN)
            continue
        if not change_list(desk.session, desk.list_id, version):
            desk.session.rollback()
            return
        version += 1
        offer = _offer(desk, items[place], product, batch, who)
        is_asked = _ask(offer, deed, items[place], desk.now, who)
        desk.session.flush()
        items[place] = replace(items[place], made_id=offer.id)
        desk.session.get_one(QuickList, desk.list_id, populate_existing=True).items = to_stored(items)
        offer_id = offer.id
        desk.session.commit()
        if is_asked:
            ring(offer_id)
    change_list(desk.session, desk.list_id, version, items=to_stored(items), made_at=desk.now)
    desk.session.commit()


def _ask(offer: Offer, deed: Deed, item: Item, now: datetime, who: str) -> bool:
    """One that lacks something stays a draft here, with what it lacks."""
    needed = [each for each in map(from_json, item.problems) if each.field not in ("price", "quantity")]
    if deed is Deed.KEEP or (deed is Deed.LIST and any(not each.is_warning for each in needed)):
        offer.remember_problems(needed)
        return False
    return ask_for(offer, WANTED[deed], now, who)
