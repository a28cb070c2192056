"""Is the offer on Allegro after all? By the id we know, then by our external id."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Busy, Refused, Unexpected
from allegro_module.client.offers import ListedOffer, OfferDetails, ProductOffer
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.pauses import BEFORE_SEARCHING, pause_after

#: One look proves nothing, however late it comes: the list may lag just then.
VAIN_LOOKS = 3
LAST_LOOKS_APART = timedelta(minutes=1)
#: Both clocks may differ; an offer older than this was made by somebody else.
CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LostOffer:
    """An offer that may or may not exist on Allegro."""

    external_id: str
    allegro_offer_id: str | None
    sent_at: datetime
    known_ids: Collection[str]


def read_lost(session: Session, offer_id: int) -> LostOffer:
    """Leaves no transaction open."""
    offer = get_offer(session, offer_id)
    others = session.scalars(
        select(Offer.allegro_offer_id).where(
            Offer.account_id == offer.account_id, Offer.id != offer_id, Offer.allegro_offer_id.is_not(None)
        )
    )
    sent_at = offer.first_sent_at or offer.created_at
    lost = LostOffer(offer.external_id, offer.allegro_offer_id, sent_at, frozenset(filter(None, others)))
    session.rollback()
    return lost


def find_lost(api: AllegroClient, lost: LostOffer) -> OfferDetails | None:
    """The one we know, else the oldest that we may have made.

    Raises Busy while the list names one whose details cannot be read: neither found nor missing.
    """
    if lost.allegro_offer_id and (known := _find_details(api, lost.allegro_offer_id)):
        return known
    listed = [each for each in api.offers.find_by_external_id([lost.external_id]) if _may_be_ours(each, lost)]
    readable = [details for each in listed if (details := _find_details(api, each.id))]
    if len(readable) < len(listed):
        raise Busy(f"offer {lost.external_id} is listed, but cannot be read")
    ours = [each for each in readable if not _is_older(each.offer, lost)]
    return min(ours, key=lambda details: details.offer.created_at or lost.sent_at, default=None)


def _find_details(api: AllegroClient, allegro_offer_id: str) -> OfferDetails | None:
    try:
        return api.offers.details(allegro_offer_id)
    except Refused as refusal:
        if refusal.is_missing:
            return None
        raise Unexpected(f"cannot read offer {allegro_offer_id}", at=refusal.at) from refusal


def _may_be_ours(listed: ListedOffer, lost: LostOffer) -> bool:
    return listed.id not in lost.known_ids and listed.external_id in (None, lost.external_id)


def _is_older(details: ProductOffer, lost: LostOffer) -> bool:
    """External ids are not unique on Allegro: one that was there before is not ours."""
    return details.created_at is not None and details.created_at < lost.sent_at - CLOCKS_DIFFER


def ends_the_search(offer: Offer, now: datetime) -> bool:
    """Is this look in vain the last one? `next_look_at` still tells when the look before it was.

    The list of offers lags; one that was not found for `search_minutes` is not there (facts.md 6.8).
    """
    if offer.looks + 1 < VAIN_LOOKS or offer.next_look_at is None:
        return False
    look_before = offer.next_look_at - pause_after(BEFORE_SEARCHING, offer.looks)
    since = offer.create_sent_at or offer.state_since
    return (
        now - since >= timedelta(minutes=offer.account.search_minutes)
        and now - look_before >= LAST_LOOKS_APART
    )
