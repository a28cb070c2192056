"""An offer that one worker alone works on, and the short transactions in which it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.db.offers import NoSuchOffer, Offer, claim_offer, keep_offer
from allegro_module.domain.offers import OfferState

#: Longer than any one step takes; each step begins anew.
CLAIM_LASTS = timedelta(minutes=5)


class ClaimLost(Exception):
    """Another worker took the offer over, because this one had been silent for too long."""


@dataclass(frozen=True, slots=True)
class ClaimedOffer:
    session: Session
    offer_id: int
    claim: str
    now: Callable[[], datetime]

    @contextmanager
    def change(self) -> Iterator[Offer]:
        """One transaction: a write that proves and prolongs the claim, then the changes, then the commit.

        Nothing read from the offer outlives it: attributes read afterwards would open another transaction.
        Raises ClaimLost.
        """
        session = self.session
        try:
            if not keep_offer(session, self.offer_id, self.claim, self.now() + CLAIM_LASTS):
                raise ClaimLost(self.offer_id)
            offer = session.get_one(Offer, self.offer_id, populate_existing=True)
            yield offer
            session.commit()
        except BaseException:
            session.rollback()
            raise


def take(
    session: Session, offer_id: int, states: Sequence[OfferState], now: Callable[[], datetime]
) -> ClaimedOffer | None:
    """Claim the offer if it is in one of the states and nobody works on it."""
    session.rollback()
    claim = new_claim()
    at = now()
    taken = claim_offer(session, offer_id, states, claim, at, at + CLAIM_LASTS)
    session.commit()
    return ClaimedOffer(session, offer_id, claim, now) if taken else None


def leave(offer: Offer, next_look_at: datetime | None = None) -> None:
    """Give the claim back; `next_look_at` is when somebody has to look again."""
    offer.claim = None
    offer.claimed_until = None
    offer.next_look_at = next_look_at


def state_of(session: Session, offer_id: int) -> OfferState:
    """As it is now; leaves no transaction open. Raises NoSuchOffer."""
    session.rollback()
    state = session.scalar(select(Offer.state).where(Offer.id == offer_id))
    session.rollback()
    if state is None:
        raise NoSuchOffer(offer_id)
    return OfferState(state)
