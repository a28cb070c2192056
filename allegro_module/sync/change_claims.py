"""A change of many offers that one worker alone works on, in short transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.db.offer_changes import ChangeState, OfferChange, claim_change, keep_change

#: Longer than any one step takes; each step begins anew.
CLAIM_LASTS = timedelta(minutes=5)
LONGEST_TROUBLE = 500


class ChangeClaimLost(Exception):
    """Another worker took the change over, because this one had been silent for too long."""


@dataclass(frozen=True, slots=True)
class ClaimedChange:
    session: Session
    change_id: int
    claim: str
    now: Callable[[], datetime]

    @contextmanager
    def change(self) -> Iterator[OfferChange]:
        """One transaction: a write that proves and prolongs the claim, then the changes, then the commit.

        Raises ChangeClaimLost.
        """
        session = self.session
        try:
            if not keep_change(session, self.change_id, self.claim, self.now() + CLAIM_LASTS):
                raise ChangeClaimLost(self.change_id)
            yield session.get_one(OfferChange, self.change_id, populate_existing=True)
            session.commit()
        except BaseException:
            session.rollback()
            raise


def take(session: Session, change_id: int, now: Callable[[], datetime]) -> ClaimedChange | None:
    """Claim the change, unless somebody works on it, or an earlier one has to go first."""
    session.rollback()
    claim, at = new_claim(), now()
    is_ours = claim_change(session, change_id, claim, at, at + CLAIM_LASTS)
    session.commit()
    return ClaimedChange(session, change_id, claim, now) if is_ours else None


def look_again(change: OfferChange, at: datetime, trouble: str = "") -> None:
    """Give the claim back until then."""
    change.looks += 1
    change.next_look_at = at
    change.trouble = trouble[:LONGEST_TROUBLE]
    change.claim = None
    change.claimed_until = None


def close(change: OfferChange, state: ChangeState, now: datetime, trouble: str = "") -> None:
    change.state = state
    change.finished_at = now
    change.trouble = trouble[:LONGEST_TROUBLE]
    change.next_look_at = None
    change.claim = None
    change.claimed_until = None
