"""A run over an account's orders: claim its cursor, work, say what came of it, give the claim back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Unavailable
from allegro_module.db.accounts import Account, is_account_working
from allegro_module.db.cursors import claim_cursor, end_run, find_cursor
from allegro_module.db.failures import list_open_subjects
from allegro_module.db.order_rules import find_rules
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.order_desk import LEASE, Desk, LostClaim, Saved
from allegro_module.sync.order_failures import FAILURE_KIND
from allegro_module.sync.order_plan import Bucket

log = logging.getLogger(__name__)

#: Told after each page: how many forms are dealt with, of how many as far as it is known.
Progress = Callable[[int, int | None], None]


class Message(StrEnum):
    """What stands on the cursor after a run; source texts for the pages."""

    NOTHING_NEW = "Nothing new."
    IMPORTED = "Orders imported."
    SET_ASIDE = "Some orders were set aside."
    UNAVAILABLE = "Allegro cannot be reached."
    NOT_CONNECTED = "The account is not connected."
    SCOPE_MISSING = "The seller has not granted orders:read."
    UNEXPECTED = "Allegro's answer was not understood."
    TAKEN_OVER = "Another process reads the order journal."
    NOT_LINKED = "The account was never linked."
    RESTING = "The account was switched off, or its link ended."
    CRASHED = "The import was interrupted."


@dataclass(slots=True)
class ImportOutcome:
    """What one run did; `trouble` is why it ended early, in English, for the log and the command line."""

    message: Message = Message.NOTHING_NEW
    trouble: str = ""
    events: int = 0
    saved: Saved = field(default_factory=Saved)
    progress: Progress | None = field(default=None, repr=False, compare=False)

    def add(self, saved: Saved, total: int | None = None) -> None:
        self.saved.add(saved)
        if self.progress:
            self.progress(self.saved.forms, total)

    @property
    def placed(self) -> int:
        return self.saved.counts[Bucket.PLACE]

    @property
    def changed(self) -> int:
        return self.saved.counts[Bucket.CHANGE]

    @property
    def is_complete(self) -> bool:
        return self.message in (Message.NOTHING_NEW, Message.IMPORTED, Message.SET_ASIDE)

    def __str__(self) -> str:
        counts = self.saved.counts
        noted = counts[Bucket.REMEMBER] + counts[Bucket.LEFT_BEHIND] + counts[Bucket.NOT_OURS]
        text = (
            f"{self.placed} new, {self.changed} changed, {noted} noted, {counts[Bucket.UNCHANGED]} unchanged"
        )
        extras = [(self.saved.set_aside, "set aside"), (self.saved.missing, "no longer at Allegro")]
        text += "".join(f", {count} {what}" for count, what in extras if count)
        return f"{text}; {self.trouble or self.message}" if not self.is_complete else text


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of an account's orders stands."""

    position: str | None
    started_at: datetime
    reconciled_until: datetime | None


#: Buckets that are no news.
QUIET = frozenset({Bucket.UNCHANGED, Bucket.NOT_OURS})
Work = Callable[[Desk, Place, ImportOutcome], None]


@dataclass(frozen=True, slots=True)
class Run:
    """What every run needs."""

    session: Session
    shop: ShopAdapter
    account: Account
    now: Callable[[], datetime]
    progress: Progress | None = None
    is_history: bool = False
    #: Some forms alone, so that it says nothing of how up to date the shop is.
    is_partial: bool = False

    def carry_out(self, work: Work) -> ImportOutcome:
        """Whatever happens stands on the cursor's row, and the claim is given back."""
        outcome = ImportOutcome(Message.CRASHED, progress=self.progress)
        begun = self._begin()
        if isinstance(begun, Message):
            outcome.message = begun
            return outcome
        desk, place = begun
        try:
            work(desk, place, outcome)
            outcome.message = _message_of(outcome.saved)
        except LostClaim:
            is_working = is_account_working(desk.session, desk.account_id)
            outcome.message = Message.TAKEN_OVER if is_working else Message.RESTING
        except AllegroError as error:
            outcome.message, outcome.trouble = _message_of_error(error), str(error)
        finally:
            _end(desk, outcome, is_partial=self.is_partial or self.is_history)
        return outcome

    def _begin(self) -> tuple[Desk, Place] | Message:
        session, account = self.session, self.account
        account_id, alias, name = account.id, account.alias, account.login or account.alias
        cursor = find_cursor(session, account_id)
        cursor_id = cursor.id if cursor else None
        # Ends the reading transaction: the next one begins with a write.
        session.commit()
        if cursor is None or cursor_id is None:
            return Message.NOT_LINKED
        claim, moment = new_claim(), self.now()
        if not claim_cursor(session, cursor_id, claim, moment, moment + LEASE):
            session.rollback()
            return Message.TAKEN_OVER
        session.refresh(cursor)
        place = Place(cursor.position, cursor.started_at, cursor.reconciled_until)
        failed = list_open_subjects(session, account_id, FAILURE_KIND)
        desk = Desk(
            *(session, self.shop, account_id, name, alias, cursor_id, claim, self.now, cursor.started_at),
            rules=find_rules(session, account_id),
            is_history=self.is_history,
            set_aside_before=set(failed),
        )
        session.commit()
        return desk, place


def _end(desk: Desk, outcome: ImportOutcome, *, is_partial: bool) -> None:
    try:
        desk.session.rollback()
        succeeded_at = desk.now() if outcome.is_complete and not is_partial else None
        end_run(desk.session, desk.cursor_id, desk.claim or "", outcome.message, succeeded_at)
        desk.session.commit()
    except SQLAlchemyError:
        # The claim runs out by itself; what ended the run is worth more than this.
        log.warning("the claim of cursor %s could not be given back", desk.cursor_id)


def _message_of(saved: Saved) -> Message:
    if saved.set_aside:
        return Message.SET_ASIDE
    has_news = any(count for bucket, count in saved.counts.items() if bucket not in QUIET)
    return Message.IMPORTED if has_news else Message.NOTHING_NEW


def _message_of_error(error: AllegroError) -> Message:
    if isinstance(error, Unavailable):
        return Message.UNAVAILABLE
    if isinstance(error, NotConnected):
        return Message.SCOPE_MISSING if error.reason is Reason.SCOPE_MISSING else Message.NOT_CONNECTED
    return Message.UNEXPECTED
