"""What became of what we asked Allegro for? Operations under way, and creations whose answer was lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, Refused
from allegro_module.client.offers import OfferAnswer, OfferDetails, OperationState
from allegro_module.db.commands import Command, find_open_command
from allegro_module.db.offers import Offer
from allegro_module.domain.facts import Fact
from allegro_module.domain.offers import OfferState, Step
from allegro_module.domain.parameters import Parameter
from allegro_module.signals import announce
from allegro_module.sync.images import forget_uploads
from allegro_module.sync.objections import are_pictures_gone, problems_at_fields, rate_fields_of
from allegro_module.sync.offer_check import parameters_of
from allegro_module.sync.offer_claims import ClaimedOffer, take, take_and
from allegro_module.sync.offer_outcomes import (
    look_later,
    look_was_vain,
    remember_details,
    remember_loss,
    remember_refusal,
    search_later,
    send_later,
)
from allegro_module.sync.offer_search import ends_the_search, find_lost, read_lost

log = logging.getLogger(__name__)


def remember_answer(
    work: ClaimedOffer, answer: OfferAnswer, parameters: Sequence[Parameter] | None = None
) -> None:
    """Allegro has taken the offer: done at once, or accepted with an operation to follow (facts.md 6.2).

    `parameters` are the category's, where they are at hand.
    """
    if parameters is None and answer.operation_url is None:
        parameters = parameters_of(work.session, work.offer)
        work.session.rollback()
    with work.put() as offer:
        now = work.now()
        fact: Fact | None = None
        if answer.operation_url is None:
            fact = remember_details(offer, answer.details, parameters or (), now)
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
) -> ClaimedOffer | None:
    """1. Claim the offer.  2. Ask for its operation, then for its details.  3. Remember what Allegro decided.

    A finished operation does not mean a listed offer, and an accepted one may still fail: only the details
    count (facts.md 6.2, allegro-api #11874).
    """
    taken = take_and(
        session,
        offer_id,
        (OfferState.VERIFYING, OfferState.PLANNED),
        now,
        lambda offer: _read_verification(session, offer),
    )
    if taken is None:
        return None
    work, asked = taken
    try:
        found = _ask(api, asked)
    except Refused as refusal:
        _remember_refusal(work, refusal)
    except AllegroError as trouble:
        log.warning("offer %s is verified, but: %s", offer_id, trouble)
        with work.change() as offer:
            look_later(offer, now(), trouble=trouble)
    else:
        _remember_verification(work, found)
    return work


def _read_verification(session: Session, offer: Offer) -> Verification:
    command = find_open_command(session, offer.id)
    return Verification(offer.allegro_offer_id or "", command.location if command else None)


def _ask(api: AllegroClient, asked: Verification) -> OfferDetails | OperationState:
    """The state of the operation while it runs. Operations are forgotten after a while, offers are not."""
    if asked.operation_url is not None:
        try:
            operation = api.offers.operation(asked.operation_url)
            if operation.offer_id is None:
                return operation
        except Refused as refusal:
            if not refusal.is_missing:
                raise
    return api.offers.details(asked.allegro_offer_id)


def _remember_verification(work: ClaimedOffer, found: OfferDetails | OperationState) -> None:
    with work.change() as offer:
        now = work.now()
        fact: Fact | None = None
        if isinstance(found, OperationState):
            look_later(offer, now, found.retry_after)
        else:
            details = found
            _settle_commands(work.session, offer.id, "done", now)
            if are_pictures_gone(details.offer.objections):
                forget_uploads(work.session, offer.account_id)
            fact = remember_details(offer, details, parameters_of(work.session, offer), now)
    _tell(fact)


def _remember_refusal(work: ClaimedOffer, refusal: Refused) -> None:
    """A draft may simply disappear (allegro-api #11874), but one 404 does not prove it."""
    with work.change() as offer:
        now = work.now()
        fact: Fact | None = None
        _settle_commands(work.session, offer.id, "lost" if refusal.is_missing else "refused", now)
        if refusal.is_missing:
            search_later(offer, now)
        else:
            parameters = parameters_of(work.session, offer)
            problems = problems_at_fields(refusal.objections, parameters, rate_fields_of(offer))
            fact = remember_refusal(offer, problems, now, refusal.trace_id)
    _tell(fact)


def _settle_commands(session: Session, offer_id: int, outcome: str, now: datetime) -> None:
    session.execute(
        update(Command)
        .where(Command.offer_id == offer_id, Command.settled_at.is_(None))
        .values(outcome=outcome, settled_at=now)
    )


def look_for_lost_offer(
    session: Session, api: AllegroClient, offer_id: int, now: Callable[[], datetime]
) -> ClaimedOffer | None:
    """1. Claim the offer.  2. Look on Allegro for it.  3. Adopt what is found, or look later.

    Only when it was not found for a quarter of an hour may it be sent again, or is one that we knew told
    to be lost: the list lags, and a repeated creation makes a second offer (facts.md 6.2, 6.8).
    """
    work = take(session, offer_id, (OfferState.CHECKING,), now)
    if work is None:
        return None
    lost = read_lost(session, offer_id)
    try:
        details = find_lost(api, lost)
    except AllegroError as trouble:
        log.warning("looking for offer %s: %s", offer_id, trouble)
        with work.change() as offer:
            search_later(offer, now(), trouble)
    else:
        _remember_search(work, details)
    return work


def _remember_search(work: ClaimedOffer, details: OfferDetails | None) -> None:
    with work.change() as offer:
        now = work.now()
        fact: Fact | None = None
        if details is not None:
            log.info("offer %s was found on Allegro as %s", offer.id, details.offer.id)
            fact = _go_on(work.session, offer, details, now)
        elif not ends_the_search(offer, now):
            look_was_vain(offer, now)
        elif offer.allegro_offer_id is None:
            send_later(offer, now)
        else:
            fact = remember_loss(offer, now)
    _tell(fact)


def _go_on(session: Session, offer: Offer, details: OfferDetails, now: datetime) -> Fact | None:
    """Where it was before it was missed: with a change of what we knew, or with what Allegro made of it."""
    if offer.allegro_offer_id is not None and offer.step == Step.CREATING:
        offer.allegro_offer_id = details.offer.id
        send_later(offer, now)
        return None
    return remember_details(offer, details, parameters_of(session, offer), now)


def _tell(fact: Fact | None) -> None:
    """After the commit."""
    if fact is not None:
        announce(fact)
