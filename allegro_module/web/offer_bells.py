"""What is set going once an offer was saved: the look into the catalogue, the count of the fees."""

from __future__ import annotations

from allegro_module.db.offers import Offer
from allegro_module.jobs.fees import ring_preview_fees
from allegro_module.jobs.products import ring_match_product
from allegro_module.runtime import Runtime
from allegro_module.sync.fees import fees_are_stale, is_being_asked


def ring_after_saving(runtime: Runtime, offer_id: int, *, is_match_expected: bool) -> None:
    """After the commit; a queue that is down is no reason to tell: the offer is looked at again later."""
    if is_match_expected:
        ring_match_product(runtime, offer_id)


def ring_fees(runtime: Runtime, offer: Offer) -> None:
    """After the commit: the panel of the answer already says that Allegro is being asked."""
    now = runtime.now(offer.account.environment)
    if offer.account.is_working and fees_are_stale(offer) and not is_being_asked(offer, now):
        ring_preview_fees(runtime, offer)
