"""Suggesting Allegro's category for each of the shop's that has none: by EAN, else by name."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.categories import MatchingCategory
from allegro_module.client.errors import Refused, Unexpected
from allegro_module.client.products import SearchMode
from allegro_module.db.categories import find_category
from allegro_module.db.mappings import CategoryMapping, list_category_mappings
from allegro_module.domain.gtin import gtin_fault
from allegro_module.domain.mappings import MappedBy
from allegro_module.domain.shop import Choice, ProductQuery, ShopAdapter, ShopProduct

log = logging.getLogger(__name__)

#: Products of a category that are asked for; each costs a call or two.
SAMPLE = 3
#: `matching-categories` takes five calls a second (facts.md 3.2).
PAUSE_SECONDS = 0.25
Progress = Callable[[int, int], None]


def suggest_categories(
    session: Session,
    api: AllegroClient,
    shop: ShopAdapter,
    environment: str,
    now: datetime,
    wait: Callable[[float], None],
    progress: Progress = lambda done, total: None,
) -> int:
    """How many suggestions were found; each is kept at once, so that a run that is cut short loses none.

    Categories that have a mapping, or a suggestion already, are left alone. Raises NotConnected, Unavailable.
    """
    mapped = {row.shop_category_id for row in list_category_mappings(session, environment)}
    open_ones = [each for each in shop.vocabulary().categories if each.id not in mapped]
    found = 0
    for number, category in enumerate(open_ones, start=1):
        sample = shop.find_products(ProductQuery(category_id=category.id, limit=SAMPLE), None).items
        session.rollback()
        suggestion, votes = _most_named(_candidates(api, category, sample, wait))
        if suggestion and _is_leaf(session, environment, suggestion):
            _keep(session, environment, category, suggestion, votes, now)
            found += 1
        progress(number, len(open_ones))
    return found


def _candidates(
    api: AllegroClient, category: Choice, sample: Sequence[ShopProduct], wait: Callable[[float], None]
) -> list[str]:
    """One vote for each product: its card in the catalogue speaks, else its name does."""
    votes = [vote for product in sample if (vote := _by_gtin(api, product) or _by_name(api, product, wait))]
    if votes:
        return votes
    wait(PAUSE_SECONDS)
    return [each.id for each in _matching(api, category.name)[:1]]


def _by_gtin(api: AllegroClient, product: ShopProduct) -> str | None:
    if not product.gtin or gtin_fault(product.gtin):
        return None
    try:
        cards = api.products.search(product.gtin, SearchMode.GTIN).products
    except (Refused, Unexpected) as trouble:
        log.warning("the catalogue could not be searched by an EAN: %s", trouble)
        return None
    named = [card.category.id for card in cards if card.category is not None]
    return named[0] if len(set(named)) == 1 else None


def _by_name(api: AllegroClient, product: ShopProduct, wait: Callable[[float], None]) -> str | None:
    wait(PAUSE_SECONDS)
    return next((each.id for each in _matching(api, product.name)), None)


def _matching(api: AllegroClient, name: str) -> Sequence[MatchingCategory]:
    try:
        return api.categories.matching_categories(name)
    except (Refused, Unexpected) as trouble:
        log.warning("no categories were suggested: %s", trouble)
        return ()


def _most_named(votes: Sequence[str]) -> tuple[str, int]:
    """With how many votes; of equally many the first."""
    return Counter(votes).most_common(1)[0] if votes else ("", 0)


def _is_leaf(session: Session, environment: str, category_id: str) -> bool:
    category = find_category(session, environment, category_id)
    session.rollback()
    return category is not None and category.is_leaf


def _keep(
    session: Session, environment: str, category: Choice, category_id: str, votes: int, now: datetime
) -> None:
    """Unless the seller has settled it meanwhile."""
    session.add(
        CategoryMapping(
            environment=environment,
            shop_category_id=category.id,
            category_id=category_id,
            mapped_by=MappedBy.SUGGESTED,
            uses=votes,
            changed_at=now,
        )
    )
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
