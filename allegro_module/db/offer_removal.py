"""The end of an offer's row, with all that belongs to it alone."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from allegro_module.db.commands import Command
from allegro_module.db.offer_changes import OfferChangeItem
from allegro_module.db.offers import Offer


def remove_offer(session: Session, offer: Offer) -> None:
    session.execute(delete(Command).where(Command.offer_id == offer.id))
    session.execute(delete(OfferChangeItem).where(OfferChangeItem.offer_id == offer.id))
    session.delete(offer)
