"""Products that Allegro is still verifying: what has become of them, asked once a day."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Refused, Unexpected
from allegro_module.db.catalogue import find_catalogue_product
from allegro_module.db.product_matches import list_proposed, remember_status
from allegro_module.sync.catalogue import FRESH_FOR, refresh_product

log = logging.getLogger(__name__)

#: The catalogue slows down after some twenty questions (facts.md 3.2).
MOST_PRODUCTS = 20


def refresh_proposed(
    session: Session, api: AllegroClient, account_id: int, environment: str, now: datetime
) -> int:
    """How many were asked for; each is committed. Raises NotConnected, Unavailable: the others wait."""
    product_ids = list_proposed(session, account_id, now - FRESH_FOR, MOST_PRODUCTS)
    session.rollback()
    for product_id in product_ids:
        try:
            refresh_product(session, api, environment, product_id, now)
        except (Refused, Unexpected) as trouble:
            log.warning("product %s was not looked at: %s", product_id, trouble)
            continue
        known = find_catalogue_product(session, environment, product_id)
        status = ((known and known.content.get("publication")) or {}).get("status") or ""
        session.rollback()
        remember_status(session, account_id, product_id, status)
        session.commit()
    return len(product_ids)
