"""What became of what we asked Allegro for? Operations under way, and creations whose answer was lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, Refused, Unexpected
from allegro_module.client.offers import ListedOffer, OfferAnswer, ProductOffer
from allegro_module.db.commands import Command, find_open_command
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.facts import Fact
from allegro_module.domain.offers import OfferState
from allegro_module.signals import announce
from allegro_module.sync.objections import problems_at_fields
from allegro_module.sync.offer_check import parameters_of
from allegro_module.sync.offer_claims import ClaimedOffer, take
from allegro_module.sync.offer_outcomes import (
    look_later,
    remember_details,
    remember_loss,
    remember_refusal,
    search_later,
    send_later,
)

log = logging.getLogger(__name__)

#: The list of offers lags; after this long without a find the creation has not happened (facts.md 6.8).
SEARCH_FOR = timedelta(minutes=15)
#: Both clocks may differ; an offer older than this was made by somebody else.
CLOCKS_DIFFER = timedelta(days=1)


def remember_answer(work: ClaimedOffer, answer: OfferAnswer) -> None:
    """Allegro has taken the offer: done at once, or accepted with an operation to follow (facts.md 6.2)."""
    with work.change() as offer:
        now = work.now()
        fact: Fact | None = None
        if answer.operation_url is None:
            fact = remember_details(offer, answer.offer, parameters_of(work.session, offer), now)
        else:
            offer.allegro_offer_id = answer.offer.id
            offer.create_sent_at = None
            work.session.add(
                Command(
                    account_id=offer.account_id,
                    offer_id=offer.id,
                    location=answer.operation_url,
                    asked_at=now,
                )
            )
            look_later(offer, now, answer.retry_after)
    _tell(fact)


@dataclass(frozen=True, slots=True)
class Verification:
    """What to ask for: an operation while it runs, then the offer itself."""

    allegro_offer_id: str
    operation_url: str | None


def look_at_verification(
    session: Session, api: AllegroClient, offer_id: int, now: Callable[[], datetime]
) -> None:
    """1. Claim the offer.  2. Ask for its operation, then for its details.  3. Remember what Allegro decided.

    A finished operation does not mean a listed offer, and an accepted one may still fail: only the details
    count (facts.md 6.2, allegro-api #11874).
    """
    work = take(session, offer_id, (OfferState.VERIFYING,), now)
    if work is None:
        return
    asked = _read_verification(session, offer_id)
    try:
        details = _ask(api, asked)
    except Refused as refusal:
        _remember_refusal(work, refusal)
    except AllegroError as trouble:
        log.warning("offer %s is verified, but: %s", offer_id, trouble)
        with work.change() as offer:
            look_later(offer, now(), trouble=trouble)
    else:
        _remember_verification(work, details)


def _read_verification(session: Session, offer_id: int) -> Verification:
    offer = get_offer(session, offer_id)
    command = find_open_command(session, offer_id)
    asked = Verification(offer.allegro_offer_id or "", command.location if command else None)
    session.rollback()
    return asked


def _ask(api: AllegroClient, asked: Verification) -> ProductOffer | None:
    """None while the operation runs. Operations are forgotten after a while, offers are not."""
    if asked.operation_url is not None:
        try:
            if api.offers.finished_offer_id(asked.operation_url) is None:
                return None
        except Refused as refusal:
            if not refusal.is_missing:
                raise
    return api.offers.offer(asked.allegro_offer_id)


def _remember_verification(work: ClaimedOffer, details: ProductOffer | None) -> None:
    with work.change() as offer:
        now = work.now()
        fact: Fact | None = None
        if details is None:
            look_later(offer, now)
        else:
            _settle_commands(work.session, offer.id, "done", now)
            fact = remember_details(offer, details, parameters_of(work.session, offer), now)
    _tell(fact)


def _remember_refusal(work: ClaimedOffer, refusal: Refused) -> None:
    """The draft of an accepted creation may simply disappear (allegro-api #11874)."""
    with work.change() as offer:
        now = work.now()
        _settle_commands(work.session, offer.id, "lost" if refusal.is_missing else "refused", now)
        if refusal.is_missing:
            fact = remember_loss(offer, now)
        else:
            parameters = parameters_of(work.session, offer)
            fact = remember_refusal(offer, problems_at_fields(refusal.objections, parameters), now)
    _tell(fact)


def _settle_commands(session: Session, offer_id: int, outcome: str, now: datetime) -> None:
    while (command := find_open_command(session, offer_id)) is not None:
        command.outcome = outcome
        command.settled_at = now
        session.flush()


@dataclass(frozen=True, slots=True)
class LostOffer:
    """An offer that may or may not exist on Allegro."""

    external_id: str
    sent_at: datetime
    known_ids: Collection[str]


def look_for_lost_offer(
    session: Session, api: AllegroClient, offer_id: int, now: Callable[[], datetime]
) -> None:
    """1. Claim the offer.  2. Look on Allegro for its external id.  3. Adopt what is found, or look later.

    Only when it was not found for a quarter of an hour may it be sent again: the list lags, and a creation
    that is repeated makes a second offer (facts.md 6.2, 6.8).
    """
    work = take(session, offer_id, (OfferState.CHECKING,), now)
    if work is None:
        return
    lost = _read_lost(session, offer_id, now())
    try:
        details = _find(api, lost)
    except AllegroError as trouble:
        log.warning("looking for offer %s: %s", offer_id, trouble)
        with work.change() as offer:
            search_later(offer, now(), trouble)
    else:
        _remember_search(work, details, lost.sent_at)


def _read_lost(session: Session, offer_id: int, now: datetime) -> LostOffer:
    offer = get_offer(session, offer_id)
    known = session.scalars(
        select(Offer.allegro_offer_id).where(
            Offer.account_id == offer.account_id, Offer.id != offer_id, Offer.allegro_offer_id.is_not(None)
        )
    )
    lost = LostOffer(offer.external_id, offer.create_sent_at or now, frozenset(filter(None, known)))
    session.rollback()
    return lost


def _find(api: AllegroClient, lost: LostOffer) -> ProductOffer | None:
    """The oldest that we may have made."""
    found = api.offers.find_by_external_id([lost.external_id])
    ours = [details for each in found if (details := _details_of_ours(api, each, lost))]
    return min(ours, key=lambda details: details.created_at or lost.sent_at, default=None)


def _details_of_ours(api: AllegroClient, listed: ListedOffer, lost: LostOffer) -> ProductOffer | None:
    """External ids are not unique on Allegro: one that was there before is not ours."""
    if listed.id in lost.known_ids or listed.external_id not in (None, lost.external_id):
        return None
    try:
        details = api.offers.offer(listed.id)
    except Refused as refusal:
        if refusal.is_missing:
            return None
        raise Unexpected(f"cannot read offer {listed.id}", at=refusal.at) from refusal
    is_older = details.created_at is not None and details.created_at < lost.sent_at - CLOCKS_DIFFER
    return None if is_older else details


def _remember_search(work: ClaimedOffer, details: ProductOffer | None, sent_at: datetime) -> None:
    with work.change() as offer:
        now = work.now()
        fact: Fact | None = None
        if details is not None:
            log.info("offer %s was found on Allegro as %s", offer.id, details.id)
            fact = remember_details(offer, details, parameters_of(work.session, offer), now)
        elif now - sent_at >= SEARCH_FOR:
            send_later(offer, now)
        else:
            search_later(offer, now)
    _tell(fact)


def _tell(fact: Fact | None) -> None:
    """After the commit."""
    if fact is not None:
        announce(fact)
