"""The desk at which an account's orders are written: who holds it, by which rules, what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from allegro_module.db.cursors import keep_cursor, lock_cursor
from allegro_module.domain.order_rules import DEFAULT_RULES, OrderRules
from allegro_module.domain.orders import CancelledBy
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.order_plan import Bucket

#: Longer than reading a page may take; renewed by each.
LEASE = timedelta(minutes=5)
#: So many orders set aside are named; beyond that they are counted.
MOST_NAMED = 1000

#: Runs inside the page's transaction: the place in the journal moves together with its orders.
Mark = Callable[[], None]


class LostClaim(Exception):
    """Another process reads this journal now, or the account does not work any more."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the pages of one account are written, one page at a time whoever writes.

    `claim` is that of the one process that imports; None for who only reads some forms again.
    """

    session: Session
    shop: ShopAdapter
    account_id: int
    #: As facts and shop orders name the account.
    account: str
    alias: str
    cursor_id: int
    claim: str | None
    now: Callable[[], datetime]
    #: When the account was linked: of orders bought before, finished ones are none of ours.
    started_at: datetime
    rules: OrderRules = DEFAULT_RULES
    #: The seller asked for old orders: those that are finished come without stock moves.
    is_history: bool = False
    #: Forms set aside earlier: one that goes well now is no failure any more.
    set_aside_before: set[str] = field(default_factory=set)
    #: Who cancelled, by form: the events say it, the forms do not (facts.md 5.13).
    cancelled_by: dict[str, CancelledBy] = field(default_factory=dict)

    def hold(self) -> None:
        """The first statement of a page's transaction, an UPDATE: pages of an account are written in turn.

        On SQLite it takes the write lock as well. Raises LostClaim.
        """
        if self.claim is None:
            lock_cursor(self.session, self.cursor_id)
        elif not keep_cursor(self.session, self.cursor_id, self.claim, self.now() + LEASE):
            self.session.rollback()
            raise LostClaim


@dataclass(slots=True)
class Saved:
    """What became of the forms of a page; `named` are forms set aside, with the reasons."""

    counts: Counter[Bucket] = field(default_factory=Counter)
    set_aside: int = 0
    missing: int = 0
    named: dict[str, str] = field(default_factory=dict)

    def add(self, other: Saved) -> None:
        self.counts += other.counts
        self.set_aside += other.set_aside
        self.missing += other.missing
        if len(self.named) < MOST_NAMED:
            self.named |= other.named

    @property
    def forms(self) -> int:
        return self.counts.total() + self.set_aside + self.missing


def put_aside(form_id: str, reason: str) -> Saved:
    return Saved(set_aside=1, named={form_id: reason})


#: What the types of events say about a cancellation, in the words that the shop gets as the reason.
REASON_BY_CANCELLER: Mapping[CancelledBy, str] = {
    CancelledBy.BUYER: "BUYER_CANCELLED",
    CancelledBy.ALLEGRO: "AUTO_CANCELLED",
    CancelledBy.SELLER: "SELLER_CANCELLED",
    CancelledBy.UNKNOWN: "",
}
