"""Promotion packages: which there are, and those that an offer gets once it is active (facts.md 6.11)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, NotConnected, Refused, Unavailable
from allegro_module.client.promotion import (
    MarketplacePackages,
    Package,
    Packages,
    PromoModification,
    PromoOptions,
)
from allegro_module.db.accounts import Account, list_working_accounts
from allegro_module.db.offers import Offer
from allegro_module.db.promoted_offers import list_offers_to_promote
from allegro_module.domain.offers import OfferState
from allegro_module.domain.pauses import BEFORE_PUSHING, pause_after
from allegro_module.sync.faults import put_aside
from allegro_module.sync.offer_claims import ClaimedOffer, ClaimLost, leave, take
from allegro_module.sync.push_claims import UNTIL_CONNECTED, words_of

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
BASE, EXTRA = "BASE", "EXTRA"
#: Keys of `Offer.promotion` beside the wish: when it was sent first, how it ended, how often it was tried.
ASKED_AT, OUTCOME, TRIES = "asked_at", "outcome", "tries"
DONE, REFUSED = "done", "refused"
LONGEST_OUTCOME = 300


def to_dictionary(packages: Packages) -> dict[str, Any]:
    """As the dictionary "promotion_packages" keeps them: {"allegro-pl": {"base": […], "extra": […]}}."""
    every = [packages, *(packages.additional_marketplaces or ())]
    return {each.marketplace_id: _of_marketplace(each) for each in every if each.marketplace_id}


def _of_marketplace(packages: MarketplacePackages) -> dict[str, Any]:
    return {
        "base": _named(packages.base_packages or ()),
        "extra": _named(packages.extra_packages or ()),
    }


def _named(packages: Sequence[Package]) -> list[dict[str, str]]:
    return [
        {"id": each.id, "name": each.name or each.id, "cycle": each.cycle_duration or ""} for each in packages
    ]


def is_to_be_promoted(promotion: dict[str, Any]) -> bool:
    """A wish that was not brought to its end; each is carried out once, as it costs money."""
    return bool(_wished(promotion)) and OUTCOME not in promotion


def _wished(promotion: dict[str, Any]) -> list[PromoModification]:
    base, extra = promotion.get("base"), promotion.get("extra") or ()
    found = [PromoModification(BASE, str(base))] if base else []
    return found + [PromoModification(EXTRA, str(each)) for each in extra]


def is_asked_for(promotion: dict[str, Any]) -> bool:
    return bool(_wished(promotion))


@dataclass(slots=True)
class PromotionCounts:
    done: int = 0
    failed: int = 0
    later: int = 0


def apply_promotion(
    session: Session, api_of: Callable[[Account], AllegroClient], clock_of: Callable[[str], Clock]
) -> PromotionCounts:
    """Give the packages to offers that have just become active.

    1. Claim the offer.  2. Remember the intention.  3. Look which packages it has: one that is there already
    is not asked for again.  4. Ask for the missing ones.  5. Remember the outcome.
    """
    counts = PromotionCounts()
    clocks = {account.id: clock_of(account.environment) for account in list_working_accounts(session)}
    session.rollback()
    for account_id, now in clocks.items():
        due = list_offers_to_promote(session, now(), account_id)
        session.rollback()
        for offer_id in due:
            api = api_of(session.get_one(Account, account_id))
            session.rollback()
            if _promote_safely(session, api, offer_id, now, counts):
                break
    return counts


def _promote_safely(
    session: Session, api: AllegroClient, offer_id: int, now: Clock, counts: PromotionCounts
) -> bool:
    """True when the account cannot be reached."""
    try:
        return _promote(session, api, offer_id, now, counts)
    except ClaimLost:
        log.warning("offer %s was taken over by another worker", offer_id)
    except Exception as fault:
        put_aside(session, log, f"offer {offer_id}", fault)
    return False


def _promote(
    session: Session, api: AllegroClient, offer_id: int, now: Clock, counts: PromotionCounts
) -> bool:
    work = take(session, offer_id, (OfferState.ACTIVE,), now)
    if work is None:
        return False
    allegro_id, wished = _begin(work)
    if not allegro_id:
        return False
    try:
        missing = list(_missing(api.promotion.options(allegro_id), wished))
        if missing:
            api.promotion.modify(allegro_id, missing)
    except Refused as refusal:
        log.warning("offer %s: %s", offer_id, refusal)
        _finish(work, REFUSED, words_of(refusal))
        counts.failed += 1
    except AllegroError as trouble:
        log.warning("offer %s: %s", offer_id, trouble)
        _try_later(work, trouble)
        counts.later += 1
        return isinstance(trouble, Unavailable | NotConnected)
    else:
        _finish(work, DONE)
        counts.done += 1
    return False


def _begin(work: ClaimedOffer) -> tuple[str, Sequence[PromoModification]]:
    """Commit that packages may be bought from now on; an empty id when there is nothing to buy."""
    with work.change() as offer:
        if not is_to_be_promoted(offer.promotion) or not offer.allegro_offer_id:
            leave(offer)
            return "", ()
        asked_at = offer.promotion.get(ASKED_AT) or work.now().isoformat()
        offer.promotion = {**offer.promotion, ASKED_AT: asked_at}
        return offer.allegro_offer_id, _wished(offer.promotion)


def _missing(options: PromoOptions, wished: Sequence[PromoModification]) -> Iterator[PromoModification]:
    for each in wished:
        present = options.base_ids if each.package_type == BASE else options.extra_ids
        if each.package_id not in present:
            yield each


def _finish(work: ClaimedOffer, outcome: str, words: str = "") -> None:
    with work.change() as offer:
        kept = {name: value for name, value in offer.promotion.items() if name != TRIES}
        offer.promotion = {**kept, OUTCOME: outcome, "words": words[:LONGEST_OUTCOME]}
        leave(offer)


def _try_later(work: ClaimedOffer, trouble: AllegroError) -> None:
    with work.change() as offer:
        tries = int(offer.promotion.get(TRIES, 0))
        wished = trouble.retry_after if isinstance(trouble, Unavailable) else None
        pause = pause_after(BEFORE_PUSHING, tries, wished)
        offer.promotion = {**offer.promotion, TRIES: tries + 1}
        leave(offer, work.now() + (UNTIL_CONNECTED if isinstance(trouble, NotConnected) else pause))


def promotion_due_at(offer: Offer, now: datetime) -> datetime | None:
    """When an offer that has become active is to be promoted; None when there is nothing to do."""
    return now if is_to_be_promoted(offer.promotion) else None
