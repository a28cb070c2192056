"""What the row remembers after each answer about an offer, and what of it the host is told.

Each function changes the row within a transaction of `ClaimedOffer.change` and gives the claim back; the fact
it answers is announced after the commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from allegro_module.client.errors import AllegroError, Busy, NotConnected, Reason, Unavailable
from allegro_module.client.offers import OfferDetails, OfferStatus, ProductOffer
from allegro_module.db.offers import Offer
from allegro_module.domain.facts import Fact, OfferEnded, OfferListed, OfferRefused
from allegro_module.domain.offers import OfferState, ProductMatch, Step, Trouble, Wanted
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.pauses import BEFORE_ASKING, BEFORE_SEARCHING, BEFORE_SENDING, SELDOM, pause_after
from allegro_module.domain.problems import Problem
from allegro_module.domain.scopes import READ_OFFERS, missing
from allegro_module.sync.objections import rate_fields_of
from allegro_module.sync.offer_claims import leave
from allegro_module.sync.offer_reading import ended_by, starts_at, to_outcome
from allegro_module.sync.promotion import promotion_due_at

#: A change of status is never seen at once (facts.md 6.3).
RESUMED_AFTER = timedelta(minutes=2)


def enter(offer: Offer, state: OfferState, now: datetime) -> None:
    """Change the state and count looks anew; the same state again changes nothing."""
    if offer.state != state:
        offer.become(state, now)
        offer.looks = 0


def remember_details(
    offer: Offer, details: OfferDetails, parameters: Sequence[Parameter], now: datetime
) -> Fact | None:
    """Allegro has the offer: what was wanted has come about, was refused, or takes its time."""
    was, asked = offer.allegro_status, _asked_to_be_active(offer)
    wanted = Wanted(offer.wanted or Wanted.LIST)
    outcome = to_outcome(details.offer, parameters, wanted, now, rate_fields_of(offer))
    _note_details(offer, details.offer, outcome.status, now)
    state = outcome.state
    if state is None and offer.wanted == Wanted.END and _had_time(offer, now):
        state, outcome = OfferState.ACTIVE, replace(outcome, problems=[Problem("not_ended")])
    # Changes of status come through later (facts.md 6.3).
    if state is None or (state is OfferState.ENDED and asked and not _had_time(offer, now)):
        look_later(offer, now)
        return None
    _keep_wire(offer, details, outcome.status)
    if state is OfferState.REFUSED:
        return remember_refusal(offer, outcome.problems, now, details.trace_id)
    _finish(offer, state, outcome.problems, now, details.trace_id)
    offer.step = Step.DONE
    if state is OfferState.PLANNED:
        offer.next_look_at = starts_at(details.offer)
    if state is OfferState.ACTIVE:
        return _remember_active(offer, now, was)
    is_news = state is OfferState.ENDED and (asked or was != OfferStatus.ENDED)
    return OfferEnded(_name(offer), offer.sku, details.offer.id, offer.ended_by) if is_news else None


def _asked_to_be_active(offer: Offer) -> bool:
    """By what is on its way: a change of an active offer does not ask."""
    publication = (offer.sending or {}).get("publication") or {}
    return publication.get("status") == OfferStatus.ACTIVE


def _note_details(offer: Offer, details: ProductOffer, status: str, now: datetime) -> None:
    offer.allegro_offer_id = details.id
    offer.allegro_status = status
    offer.synced_at = now
    offer.create_sent_at = None
    offer.ended_by = ended_by(details)[:40] if status == OfferStatus.ENDED else ""
    first = next(iter(details.product_set or ()), None)
    product = first.product if first else None
    if product is None:
        return
    # The card that Allegro found or made; it may be another one tomorrow (facts.md 6.4).
    if product.publication and product.publication.status:
        offer.product_status = product.publication.status
    if product.id and not offer.product_id and offer.product_match != ProductMatch.DECLINED:
        offer.product_id, offer.product_match = product.id, ProductMatch.FOUND


def _keep_wire(offer: Offer, details: OfferDetails, status: str) -> None:
    """What was on its way stands there now, unless a change failed late."""
    has_failed = offer.sent is not None and status == OfferStatus.ACTIVE and details.offer.objections
    stands = offer.sent if has_failed else offer.sending or offer.sent
    if stands is not None:
        offer.sent = standing(stands, status)
    offer.sending = None
    offer.live = dict(details.content)


def standing(body: Mapping[str, Any], status: str) -> dict[str, Any]:
    """Without the order to be active; what has begun has no planned start any more (facts.md 6.3)."""
    has_begun = status in (OfferStatus.ACTIVE, OfferStatus.ENDED)
    gone = {"status", "startingAt"} if has_begun else {"status"}
    publication = {name: each for name, each in (body.get("publication") or {}).items() if name not in gone}
    return {**body, "publication": publication}


def _remember_active(offer: Offer, now: datetime, was: str) -> Fact | None:
    offer.listed_at = offer.listed_at or now
    offer.first_listed_at = offer.first_listed_at or now
    offer.next_look_at = promotion_due_at(offer, now)
    if was == OfferStatus.ACTIVE:
        return None
    return OfferListed(_name(offer), offer.sku, offer.allegro_offer_id or "")


def _had_time(offer: Offer, now: datetime) -> bool:
    """Long enough for a change of status to have come through."""
    return offer.state == OfferState.VERIFYING and now - offer.state_since >= RESUMED_AFTER


def remember_refusal(
    offer: Offer, problems: Sequence[Problem], now: datetime, trace_id: str | None = None
) -> Fact:
    """The seller has to correct something."""
    offer.create_sent_at = None
    offer.sending = None
    _finish(offer, OfferState.REFUSED, problems, now, trace_id)
    return OfferRefused(_name(offer), offer.sku, tuple(problems))


def remember_loss(offer: Offer, now: datetime) -> Fact:
    """Allegro has the offer no more; listed again, it will be a new one."""
    offer.allegro_offer_id = None
    offer.allegro_status = ""
    offer.sent = offer.live = None
    return remember_refusal(offer, [Problem("listing_lost")], now)


def _finish(
    offer: Offer,
    state: OfferState,
    problems: Sequence[Problem],
    now: datetime,
    trace_id: str | None = None,
) -> None:
    enter(offer, state, now)
    offer.remember_problems(problems)
    offer.problems_at = now if problems else None
    offer.trace_id = (trace_id or "")[:100]
    offer.trouble = ""
    leave(offer)


def look_later(
    offer: Offer, now: datetime, wished: timedelta | None = None, trouble: AllegroError | None = None
) -> None:
    """Allegro verifies the offer: ask again after a while, however long it takes (facts.md 6.2)."""
    enter(offer, OfferState.VERIFYING, now)
    offer.step = Step.VERIFYING
    offer.trouble = _word(trouble) or _hindrance(offer)
    has_patience = now - offer.state_since <= timedelta(minutes=offer.account.wait_minutes)
    if not offer.trouble and not has_patience:
        offer.trouble = Trouble.SLOW
    pauses = BEFORE_ASKING if has_patience else (SELDOM,)
    pause = pause_after(pauses, offer.looks, wished or _wish(trouble))
    offer.looks += 1
    leave(offer, now + pause)


def search_later(offer: Offer, now: datetime, trouble: AllegroError | None = None) -> None:
    """The answer of the creation was lost, or the offer cannot be read: look for it, again and again."""
    # A look that failed is none; it is repeated after the longest pause.
    tries = len(BEFORE_SEARCHING) if trouble and offer.state == OfferState.CHECKING else 0
    enter(offer, OfferState.CHECKING, now)
    if hindrance := _word(trouble) or _hindrance(offer):
        offer.trouble = hindrance
    leave(offer, now + pause_after(BEFORE_SEARCHING, tries or offer.looks, _wish(trouble)))


def look_was_vain(offer: Offer, now: datetime) -> None:
    offer.looks += 1
    search_later(offer, now)


def send_later(offer: Offer, now: datetime, trouble: AllegroError | None = None) -> None:
    """Nothing was created; the whole is tried again."""
    tries = offer.looks
    enter(offer, OfferState.WAITING, now)
    offer.step = Step.QUEUED
    offer.create_sent_at = None
    offer.trouble = _word(trouble)
    offer.looks = tries + 1 if trouble else 0
    leave(offer, now + pause_after(BEFORE_SENDING, tries, _wish(trouble)) if trouble else now)


def _wish(trouble: AllegroError | None) -> timedelta | None:
    return trouble.retry_after if isinstance(trouble, Unavailable) else None


def _word(trouble: AllegroError | None) -> str:
    if trouble is None:
        return ""
    if isinstance(trouble, Unavailable):
        return Trouble.UNAVAILABLE
    if isinstance(trouble, NotConnected):
        return Trouble.SCOPE_MISSING if trouble.reason is Reason.SCOPE_MISSING else Trouble.NOT_CONNECTED
    return Trouble.BUSY if isinstance(trouble, Busy) else Trouble.UNEXPECTED


def _hindrance(offer: Offer) -> str:
    """What is known to stand in the way of the next look."""
    return Trouble.SCOPE_MISSING if missing(offer.account.scopes, (READ_OFFERS,)) else ""


def _name(offer: Offer) -> str:
    return offer.account.login or offer.account.alias
