"""Asking what an offer would cost, while the seller goes on filling it in."""

from __future__ import annotations

from allegro_module.db.offers import NoSuchOffer, Offer, get_offer
from allegro_module.jobs.queue import enqueue
from allegro_module.jobs.running import job
from allegro_module.runtime import Runtime
from allegro_module.sync.fees import ask_fees, fees_are_stale, remember_asking


def ring_preview_fees(runtime: Runtime, offer: Offer) -> bool:
    """Commits. Without a queue the button in the panel still asks."""
    is_rung = enqueue(runtime, "preview_fees", offer.id)
    if is_rung:
        remember_asking(runtime.session, offer, runtime.now(offer.account.environment))
        runtime.session.commit()
    return is_rung


def preview_fees(offer_id: int) -> None:
    """What has been answered or deleted meanwhile needs nothing."""
    with job() as runtime:
        try:
            offer = get_offer(runtime.session, offer_id)
        except NoSuchOffer:
            return
        if offer.account.is_working and fees_are_stale(offer):
            api, now = runtime.api(offer.account), runtime.now(offer.account.environment)
            ask_fees(runtime.session, api, offer_id, now)
