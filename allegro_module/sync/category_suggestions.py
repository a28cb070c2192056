"""Categories that suit one product: of its card in Allegro's catalogue, of the mapping, by the title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.products import SearchMode
from allegro_module.db.catalogue import find_catalogue_product
from allegro_module.db.categories import Category, list_categories
from allegro_module.db.mappings import find_category_mapping
from allegro_module.db.offers import Offer
from allegro_module.domain.gtin import gtin_fault
from allegro_module.sync.catalogue import found_products, question_of, search_products

#: `matching-categories` answers many for a vague title.
BY_TITLE_AT_MOST = 5


class Reason(StrEnum):
    PRODUCT = "product"
    GTIN = "gtin"
    MAPPING = "mapping"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Suggestion:
    category: Category
    reason: Reason


def known_suggestions(
    session: Session, offer: Offer, shop_category_id: str | None, now: datetime
) -> list[Suggestion]:
    """What we can tell without asking Allegro."""
    environment = offer.account.environment
    named: list[tuple[str | None, Reason]] = []
    if offer.product_id:
        product = find_catalogue_product(session, environment, offer.product_id)
        named.append((product.category_id if product else None, Reason.PRODUCT))
    if offer.gtin and not gtin_fault(offer.gtin):
        found = found_products(session, environment, question_of(offer.gtin, SearchMode.GTIN), now)
        named += [(each.category_id, Reason.GTIN) for each in (found.products if found else ())]
    if shop_category_id:
        mapping = find_category_mapping(session, environment, shop_category_id)
        named.append((mapping.category_id if mapping else None, Reason.MAPPING))
    return _leaves(session, environment, named)


def ask_for_suggestions(
    session: Session,
    api: AllegroClient,
    offer: Offer,
    title: str,
    shop_category_id: str | None,
    now: datetime,
) -> list[Suggestion]:
    """As `known_suggestions`, after asking the catalogue, and which suit the title. Raises AllegroError."""
    environment, gtin = offer.account.environment, offer.gtin
    session.rollback()
    if gtin and not gtin_fault(gtin):
        search_products(session, api, environment, gtin, SearchMode.GTIN, "", "", now)
    by_title = api.categories.matching_categories(title)[:BY_TITLE_AT_MOST] if title.strip() else ()
    session.rollback()
    known = known_suggestions(session, offer, shop_category_id, now)
    said = {each.category.allegro_id for each in known}
    others = _leaves(session, environment, [(each.id, Reason.TITLE) for each in by_title])
    return [*known, *(each for each in others if each.category.allegro_id not in said)]


def _leaves(
    session: Session, environment: str, named: Iterable[tuple[str | None, Reason]]
) -> list[Suggestion]:
    """Each category once, with the best reason; only those that take offers and are in our tree."""
    reasons: dict[str, Reason] = {}
    for category_id, reason in named:
        if category_id:
            reasons.setdefault(category_id, reason)
    rows: Sequence[Category] = list_categories(session, environment, reasons) if reasons else ()
    by_id = {row.allegro_id: row for row in rows if row.is_leaf and not row.is_gone}
    return [Suggestion(by_id[key], reason) for key, reason in reasons.items() if key in by_id]
