"""An offer that one worker alone works on, and the short transactions in which it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.db.offer_copies import (
    changes_of,
    claim_copy,
    claim_offer,
    keep_copy,
    put_copy,
    read_copy,
    values_of,
    write_copy,
)
from allegro_module.db.offers import NoSuchOffer, Offer
from allegro_module.domain.offers import OfferState

T = TypeVar("T")

#: Longer than any one step takes; each step begins anew.
CLAIM_LASTS = timedelta(minutes=5)


class ClaimLost(Exception):
    """Another worker took the offer over, because this one had been silent for too long."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The worker's copy of the row, and what of it the database is known to hold."""

    offer: Offer
    values: dict[str, Any]


@dataclass(slots=True)
class ClaimedOffer:
    session: Session
    offer_id: int
    claim: str
    now: Callable[[], datetime]
    _held: _Held | None = field(default=None, init=False)

    @property
    def offer(self) -> Offer:
        """As this worker left it, to be read between its transactions. Raises NoSuchOffer.

        Of no session: reading it opens no transaction, changing it outside `change` changes nothing.
        """
        if self._held is None:
            self._hold(read_copy(self.session, self.offer_id))
            self.session.rollback()
        assert self._held is not None
        return self._held.offer

    @contextmanager
    def change(self) -> Iterator[Offer]:
        """One transaction: a write that proves and prolongs the claim, then the changes, then the commit.

        Raises ClaimLost.
        """
        with self._transaction():
            until = self.now() + CLAIM_LASTS
            version = keep_copy(self.session, self.offer_id, self.claim, until)
            if version is None:
                raise ClaimLost(self.offer_id)
            offer = self._current(version, until)
            yield offer
            self._write()

    @contextmanager
    def put(self) -> Iterator[Offer]:
        """As `change`, in one statement: nothing may be read from the database before it has run.

        Rows that are added stand behind it. Raises ClaimLost.
        """
        offer, held = self.offer, self._held
        assert held is not None
        with self._transaction():
            yield offer
            changes, until = changes_of(offer, held.values), self.now() + CLAIM_LASTS
            version = put_copy(self.session, self.offer_id, self.claim, until, changes)
            if version is None:
                raise ClaimLost(self.offer_id)
            is_alone = version == offer.version + 1
            offer.version, offer.claimed_until = version, changes.get("claimed_until", until)
            self._hold(offer)
        if not is_alone:
            self.forget()

    def begin(self, deed: Callable[[Offer], T]) -> T:
        """The first changes, in the transaction that has just taken the claim, and its commit."""
        with self._transaction():
            offer = self._hold(read_copy(self.session, self.offer_id))
            done = deed(offer)
            self._write()
            return done

    def begin_with(self, copy: Offer, deed: Callable[[Offer], T]) -> tuple[bool, T]:
        """Claim and first changes in one statement; False when the row is no longer as the copy shows it."""
        with self._transaction():
            known = values_of(copy)
            copy.claim, copy.claimed_until = self.claim, self.now() + CLAIM_LASTS
            done = deed(copy)
            is_ours = claim_copy(self.session, copy, changes_of(copy, known))
            copy.version += 1
            self._hold(copy)
        return is_ours, done

    def forget(self) -> None:
        """What is known of the row holds no more."""
        self._held = None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            yield
            self.session.commit()
        except BaseException:
            self.forget()
            self.session.rollback()
            raise

    def _current(self, version: int, until: datetime) -> Offer:
        """Our copy, read anew when somebody else has written to the row since."""
        held = self._held
        if held is None or version != held.offer.version + 1:
            return self._hold(read_copy(self.session, self.offer_id))
        held.offer.version, held.offer.claimed_until = version, until
        self._hold(held.offer)
        return held.offer

    def _hold(self, offer: Offer) -> Offer:
        self._held = _Held(offer, values_of(offer))
        return offer

    def _write(self) -> None:
        if self._held is not None:
            write_copy(self.session, self.offer_id, changes_of(self._held.offer, self._held.values))
            self._hold(self._held.offer)


def take(
    session: Session, offer_id: int, states: Sequence[OfferState], now: Callable[[], datetime]
) -> ClaimedOffer | None:
    """Claim the offer if it is in one of the states and nobody works on it."""
    work = _claim(session, offer_id, states, now)
    session.commit()
    return work


def take_and(
    session: Session,
    offer_id: int,
    states: Sequence[OfferState],
    now: Callable[[], datetime],
    deed: Callable[[Offer], T],
    copy: Offer | None = None,
) -> tuple[ClaimedOffer, T] | None:
    """Claim the offer and begin with it, in one transaction.

    With a `copy` read a moment ago that is one statement, unless the row has changed since. `deed` reads
    and changes nothing but what it is given.
    """
    if copy is not None and copy.claim is None and copy.state in states:
        ours = ClaimedOffer(session, offer_id, new_claim(), now)
        is_ours, done = ours.begin_with(copy, deed)
        if is_ours:
            return ours, done
    work = _claim(session, offer_id, states, now)
    if work is not None:
        return work, work.begin(deed)
    session.rollback()
    return None


def _claim(
    session: Session, offer_id: int, states: Sequence[OfferState], now: Callable[[], datetime]
) -> ClaimedOffer | None:
    session.rollback()
    claim, at = new_claim(), now()
    taken = claim_offer(session, offer_id, states, claim, at, at + CLAIM_LASTS)
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
