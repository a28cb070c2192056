"""Ending an offer, resuming it, deleting a draft: the seller's wish in the row, or the end of the row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.db.audit import record
from allegro_module.db.offer_removal import remove_offer
from allegro_module.db.offers import Offer, claim_edit
from allegro_module.domain.offer_deeds import WANTED_BY_DEED, Deed, deeds_of
from allegro_module.sync.offers import ask_for

ACTIONS = {
    Deed.END: "offer_end_asked",
    Deed.RESUME: "offer_resume_asked",
    Deed.DELETE: "offer_draft_deleted",
}


def deeds_now(offer: Offer) -> Sequence[Deed]:
    is_on_allegro = offer.allegro_offer_id is not None
    return deeds_of(offer.state, is_on_allegro=is_on_allegro, was_listed=offer.listed_at is not None)


def do(
    session: Session, offer: Offer, deed: Deed, now: datetime, who: str, pieces: int | None = None
) -> bool:
    """False when it cannot be done any more, as another click or another hand was first. The caller commits.

    `pieces` are what an ended offer is to be resumed with.
    """
    if deed not in deeds_now(offer) or not claim_edit(session, offer.id, offer.version):
        return False
    session.refresh(offer)
    details = {"title": offer.title or offer.sku, "reference": offer.external_id}
    if deed is Deed.RESUME:
        offer.quantity_text = str(pieces)
        offer.quantity = pieces
        details["quantity"] = str(pieces)
    record(session, now, who, ACTIONS[deed], offer.account.login or offer.account.alias, details)
    if deed is Deed.DELETE and offer.allegro_offer_id is None:
        remove_offer(session, offer)
        return True
    return ask_for(offer, WANTED_BY_DEED[deed], now, who)
