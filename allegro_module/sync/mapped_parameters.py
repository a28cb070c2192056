"""Parameters of categories in use, fetched before somebody waits for them; drafts that waited are filled."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Refused, Unexpected
from allegro_module.db.categories_in_use import (
    Unanswered,
    list_in_use,
    list_mapped_without_parameters,
    list_unanswered_drafts,
)
from allegro_module.db.offers import Offer, claim_edit
from allegro_module.domain.shop import ShopAdapter, ShopProduct, Sku
from allegro_module.sync.categories import FRESH_FOR, refresh_parameters
from allegro_module.sync.drafts import choose_category

log = logging.getLogger(__name__)

#: Products asked of the shop at once.
BATCH = 200


def fetch_mapped_parameters(
    session: Session, api: AllegroClient, shop: ShopAdapter, environment: str, now: datetime
) -> int:
    """Those that the mapping lacks; how many were fetched. Raises NotConnected, Unavailable: others wait."""
    missing = list_mapped_without_parameters(session, environment)
    return _fetch(session, api, shop, environment, missing, now)


def refresh_parameters_in_use(
    session: Session, api: AllegroClient, shop: ShopAdapter, environment: str, now: datetime
) -> int:
    """Those of the mapping and of offers that are missing or a day old. Raises as the one above."""
    stale = list_in_use(session, environment, now - FRESH_FOR)
    return _fetch(session, api, shop, environment, stale, now)


def _fetch(
    session: Session,
    api: AllegroClient,
    shop: ShopAdapter,
    environment: str,
    category_ids: Sequence[str],
    now: datetime,
) -> int:
    """Each is committed; one that Allegro does not give holds up no other."""
    fetched = 0
    try:
        for category_id in category_ids:
            try:
                refresh_parameters(session, api, environment, category_id, now)
                fetched += 1
            except (Refused, Unexpected) as trouble:
                log.warning("the parameters of category %s were not fetched: %s", category_id, trouble)
    finally:
        session.rollback()
        fill_drafts(session, shop, environment)
    return fetched


def fill_drafts(session: Session, shop: ShopAdapter, environment: str) -> int:
    """Drafts that were made before the parameters came, and that nobody has answered since; commits each."""
    waiting = list_unanswered_drafts(session, environment)
    filled = 0
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        products = shop.products(list({Sku(each.sku) for each in batch}))
        session.rollback()
        for each in batch:
            product = products.get(Sku(each.sku))
            filled += product is not None and _fill(session, each, product)
    return filled


def _fill(session: Session, draft: Unanswered, product: ShopProduct) -> bool:
    """A draft that the seller has saved meanwhile is his."""
    if not claim_edit(session, draft.offer_id, draft.version):
        session.rollback()
        return False
    offer = session.get_one(Offer, draft.offer_id, populate_existing=True)
    is_filled = bool(
        offer.category_id and choose_category(session, offer, offer.category_id, product).guessed
    )
    if is_filled:
        session.commit()
    else:
        session.rollback()
    return is_filled
