"""Offers for tests: one ready to be listed, and the world's view of what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer, get_offer
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.offers import Wanted
from allegro_module.domain.shop import ShopProduct
from allegro_module.simulator import World
from allegro_module.simulator.offer_book import Offer as ListedOffer
from allegro_module.sync.categories import refresh_parameters
from allegro_module.sync.drafts import choose_category, new_draft
from allegro_module.sync.offers import ask_for
from allegro_module.sync.terms import fetch_terms
from tests.memory_shop import RING, MemoryShop

RINGS = "123428"


def a_draft(
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    now: datetime,
    product: ShopProduct = RING,
    category_id: str = RINGS,
    **changes: Any,
) -> int:
    """A draft of the product that lacks nothing, unless `changes` take something away; its id."""
    if not session.scalar(select(exists().where(SellingTerm.account_id == account.id))):
        fetch_terms(session, api, account, now)
    environment = account.environment
    session.rollback()
    refresh_parameters(session, api, environment, category_id, now)
    offer = new_draft(session, shop, product, account, now, "anna")
    choose_category(session, offer, category_id, product)
    offer.safety_text = "Nie połykać."
    for name, value in changes.items():
        setattr(offer, name, value)
    session.commit()
    offer_id = offer.id
    session.rollback()
    return offer_id


def ask(session: Session, offer_id: int, now: datetime, wanted: Wanted = Wanted.LIST) -> int:
    """The seller presses „Zapisz i Wystaw”, or another button."""
    ask_for(get_offer(session, offer_id), wanted, now, "anna")
    session.commit()
    return offer_id


def read(session: Session, offer_id: int, value: Callable[[Offer], Any]) -> Any:
    """Something of the row, without leaving a transaction open."""
    found = value(get_offer(session, offer_id))
    session.rollback()
    return found


def on_allegro(world: World) -> list[ListedOffer]:
    return list(world.offers.offers.values())
