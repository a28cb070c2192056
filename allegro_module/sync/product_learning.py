"""Products that Allegro linked with an offer by itself: what the catalogue says of them, asked once."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, Refused, Unexpected
from allegro_module.db.base import upsert
from allegro_module.db.catalogue import CatalogueProduct, catalogue_products
from allegro_module.db.offers import Offer
from allegro_module.sync.catalogue import REQUIREMENTS, refresh_product

log = logging.getLogger(__name__)


def unread_products(session: Session, offer: Offer) -> list[str]:
    """The answer to a listing names a product by its id alone (`ProductOfferResponse`)."""
    if not offer.product_id:
        return []
    ids = [offer.product_id, *(each["product_id"] for each in offer.more_products or ())]
    known = catalogue_products(session, offer.account.environment, ids)
    return [each for each in ids if each not in known]


def learn_products(session: Session, api: AllegroClient, offer: Offer, now: datetime) -> None:
    """Each is committed; while Allegro is silent they wait for the next who asks."""
    environment, unread = offer.account.environment, unread_products(session, offer)
    session.rollback()
    for product_id in unread:
        try:
            refresh_product(session, api, environment, product_id, now)
        except (Refused, Unexpected) as trouble:
            log.warning("product %s was not read: %s", product_id, trouble)
            _remember_unnamed(session, environment, product_id, now)
        except AllegroError as trouble:
            log.warning("product %s waits to be read: %s", product_id, trouble)
            return


def _remember_unnamed(session: Session, environment: str, product_id: str, now: datetime) -> None:
    """So that it is not asked for again and again; after a day it counts as old."""
    row = {
        "environment": environment,
        "allegro_id": product_id,
        "name": "",
        "category_id": None,
        "content": {"id": product_id, REQUIREMENTS: None},
        "fetched_at": now,
    }
    upsert(session, CatalogueProduct, ["environment", "allegro_id"], [row])
    session.commit()
