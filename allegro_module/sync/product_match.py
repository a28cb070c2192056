"""Finding the catalogue's product by the offer's EAN, and what the seller decides about it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError
from allegro_module.client.products import SearchMode
from allegro_module.db.categories import find_category
from allegro_module.db.offers import Offer, get_offer
from allegro_module.db.product_matches import keep_match
from allegro_module.domain.gtin import gtin_fault
from allegro_module.domain.offers import EDITABLE_STATES, ProductMatch
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopAdapter, ShopProduct, Sku
from allegro_module.sync.catalogue import (
    Found,
    catalogue_of,
    refresh_product,
    requirement_answers,
    search_products,
)
from allegro_module.sync.categories import refresh_parameters
from allegro_module.sync.category_parameters import parameters_in
from allegro_module.sync.drafts import choose_category

log = logging.getLogger(__name__)

#: A product that the seller named, or wants none of.
OWN_CHOICES = (ProductMatch.CHOSEN, ProductMatch.DECLINED)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked up: the code counts only while the offer still bears it."""

    offer_id: int
    environment: str
    gtin: str


def expect_match(offer: Offer) -> bool:
    """The EAN is new: what another one found counts no longer. True when it is to be looked up.

    A product that Allegro sells already is never taken off by itself: it cannot be unlinked (facts.md 4.3).
    """
    if not may_be_matched(offer):
        return False
    offer.product_id = None
    offer.product_match = ProductMatch.SEARCHING if _is_searchable(offer.gtin) else ProductMatch.UNKNOWN
    return offer.product_match is ProductMatch.SEARCHING


def may_be_matched(offer: Offer) -> bool:
    """Nobody has decided yet, here or at Allegro."""
    return (
        offer.product_match not in OWN_CHOICES
        and offer.allegro_offer_id is None
        and offer.state in EDITABLE_STATES
    )


def _is_searchable(gtin: str) -> bool:
    return bool(gtin.strip()) and gtin_fault(gtin) is None


def match_by_gtin(
    session: Session, api: AllegroClient, shop: ShopAdapter, offer_id: int, now: datetime
) -> ProductMatch:
    """Look the offer's EAN up; the form may be open meanwhile, so what it saves is left alone.

    1. Ask the catalogue.  2. One product: learn all of it, and of its category, which an offer without one
    takes.  3. Remember the outcome, unless the seller has decided or changed the EAN in the meantime.
    """
    offer = get_offer(session, offer_id)
    sought = Sought(offer_id, offer.account.environment, offer.gtin)
    if not may_be_matched(offer) or not _is_searchable(offer.gtin):
        session.rollback()
        return offer.product_match
    session.rollback()
    try:
        match, product_id = _look(session, api, sought, now)
        values = _more_values(session, api, shop, sought, product_id, now) if product_id else {}
    except AllegroError as trouble:
        log.warning("the product of offer %s was not looked up: %s", offer_id, trouble)
        match, product_id, values = ProductMatch.FAILED, None, {}
    session.rollback()
    keep_match(session, offer_id, sought.gtin, {"product_match": match, "product_id": product_id, **values})
    session.commit()
    return match


def _look(
    session: Session, api: AllegroClient, sought: Sought, now: datetime
) -> tuple[ProductMatch, str | None]:
    gtin = SearchMode.GTIN
    found = search_products(session, api, sought.environment, sought.gtin, gtin, "", "", now)
    match, product_id = outcome_of(found)
    if product_id:
        refresh_product(session, api, sought.environment, product_id, now)
    return match, product_id


def outcome_of(found: Found) -> tuple[ProductMatch, str | None]:
    """Of a search by EAN."""
    if not found.products:
        return ProductMatch.NONE, None
    if len(found.products) > 1:
        return ProductMatch.SEVERAL, None
    return ProductMatch.FOUND, found.products[0].allegro_id


def _more_values(
    session: Session, api: AllegroClient, shop: ShopAdapter, sought: Sought, product_id: str, now: datetime
) -> dict[str, Any]:
    """Category and answers that the product brings. Raises AllegroError."""
    offer = get_offer(session, sought.offer_id)
    # What follows must not be written by the session: the open form would be overtaken (`version`).
    session.expunge(offer)
    offer.product_id = product_id
    wanted = _category_to_take(session, offer)
    sku = offer.sku
    session.rollback()
    if wanted:
        refresh_parameters(session, api, sought.environment, wanted, now)
    product = shop.products([Sku(sku)]).get(Sku(sku))
    return taken(session, offer, wanted, product)


def _category_to_take(session: Session, offer: Offer) -> str | None:
    content = catalogue_of(session, offer) or {}
    wanted: str | None = (content.get("category") or {}).get("id")
    return None if offer.category_id else wanted


def taken(
    session: Session, offer: Offer, category_id: str | None, product: ShopProduct | None
) -> dict[str, Any]:
    """Columns that change with the offer's product; `offer` may be none of the session's."""
    before = offer.category_id
    category = find_category(session, offer.account.environment, category_id) if category_id else None
    if category_id and category is not None and category.is_leaf:
        choose_category(session, offer, category_id, product)
    wanted = required_answers(session, offer)
    missing = {key: dict(answer) for key, answer in wanted.items() if not offer.parameters.get(key)}
    values: dict[str, Any] = {}
    if offer.category_id != before:
        values["category_id"] = offer.category_id
    if missing or values:
        values["parameters"] = {**offer.parameters, **missing}
    return values


def required_answers(session: Session, offer: Offer) -> Mapping[str, Mapping[str, Any]]:
    """What the product demands of its offers, as far as their category asks for it."""
    if not offer.category_id:
        return {}
    category = find_category(session, offer.account.environment, offer.category_id)
    parameters = parameters_in(category) if category is not None else ()
    return requirement_answers(catalogue_of(session, offer), parameters)


def choose_product(session: Session, offer: Offer, product_id: str, product: ShopProduct | None) -> None:
    """The seller's choice, into the row: an offer without a category takes the product's.

    What Allegro objected to of the product or its features stood against the data before.
    """
    offer.product_id, offer.product_match = product_id, ProductMatch.CHOSEN
    offer.product_status = ""
    offer.more_products = [each for each in offer.more_products or () if each["product_id"] != product_id]
    values = taken(session, offer, _category_to_take(session, offer), product)
    offer.parameters = values.get("parameters", offer.parameters)
    offer.remember_problems([each for each in offer.problems if not _is_about_product(each)])


def _is_about_product(problem: Problem) -> bool:
    return "products" in problem.params or problem.field in ("gtin", "product_id")
