"""A push that one worker alone works on: its short transactions, and what is remembered at their end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.client.errors import (
    AllegroError,
    Busy,
    NotConnected,
    Objection,
    Reason,
    Refused,
    Unavailable,
)
from allegro_module.db.order_events import note_event
from allegro_module.db.orders import Order, put_in_tab
from allegro_module.db.pushes import Push, claim_push, keep_push
from allegro_module.domain.orders import EventKind, Flag
from allegro_module.domain.pauses import BEFORE_PUSHING, pause_after
from allegro_module.domain.pushes import PushKind, PushState, Trouble

log = logging.getLogger(__name__)

#: Longer than any one call takes; each step begins anew.
CLAIM_LASTS = timedelta(minutes=5)
#: A seller has to do something before it can go on: connect the account, grant a scope.
UNTIL_CONNECTED = timedelta(minutes=5)
LONGEST_TROUBLE = 500
CAP_CODE = "SellerOrdersStoreUnprocessableEntityException"


class PushClaimLost(Exception):
    """Another worker took the push over, because this one had been silent for too long."""


class PushRefused(Exception):
    """Only the seller can help: `trouble` is a code of ours."""

    def __init__(self, trouble: Trouble, trace_id: str | None = None) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.trace_id = trace_id


class PushPostponed(Exception):
    """Not now, as `trouble` says; nothing was sent."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Errand:
    """What of the rows is needed between the transactions."""

    kind: PushKind
    account_id: int
    form_id: str
    payload: Mapping[str, Any]
    remote_id: str
    #: An earlier try may have come to something that we lost sight of: look before sending.
    was_sent: bool
    #: Sent already; what is open is Allegro's verdict on it.
    is_done: bool


@dataclass(frozen=True, slots=True)
class ClaimedPush:
    session: Session
    push_id: int
    claim: str
    now: Callable[[], datetime]

    @contextmanager
    def change(self) -> Iterator[Push]:
        """One transaction: a write that proves and prolongs the claim, then the changes, then the commit.

        Nothing read from the rows outlives it. Raises PushClaimLost.
        """
        session = self.session
        try:
            if not keep_push(session, self.push_id, self.claim, self.now() + CLAIM_LASTS):
                raise PushClaimLost(self.push_id)
            yield session.get_one(Push, self.push_id, populate_existing=True)
            session.commit()
        except BaseException:
            session.rollback()
            raise

    def order_of(self, push: Push) -> Order:
        """Inside `change`: locked, as the import changes the same row."""
        return self.session.get_one(Order, push.order_id, populate_existing=True, with_for_update=True)


def take(
    session: Session, push_id: int, now: Callable[[], datetime], *, waits_its_turn: bool
) -> ClaimedPush | None:
    """Claim the push, unless somebody works on it or has just dealt with it."""
    session.rollback()
    claim, at = new_claim(), now()
    is_ours = claim_push(session, push_id, claim, at, at + CLAIM_LASTS, waits_its_turn=waits_its_turn)
    session.commit()
    return ClaimedPush(session, push_id, claim, now) if is_ours else None


def leave(push: Push, state: PushState, next_try_at: datetime | None = None) -> None:
    """Give the claim back; with `next_try_at` somebody has to look again then."""
    push.state = state
    push.next_try_at = next_try_at
    push.claim = None
    push.claimed_until = None


def finish(push: Push, now: datetime) -> None:
    leave(push, PushState.DONE)
    push.done_at = now
    push.trouble = ""
    push.trace_id = ""


def refuse(work: ClaimedPush, trouble: str, trace_id: str | None) -> None:
    """The seller sees it at the order, with Allegro's words and the trace-id."""
    with work.change() as push:
        leave(push, PushState.REFUSED)
        push.trouble = trouble[:LONGEST_TROUBLE]
        push.trace_id = (trace_id or "")[:100]
        order = work.order_of(push)
        put_in_tab(work.session, order, order.tab, sorted({*order.flags, Flag.PUSH_REFUSED}))
        note_event(
            work.session,
            order.id,
            EventKind.REFUSED,
            work.now(),
            push.created_by,
            kind=push.kind,
            trouble=push.trouble,
            trace_id=push.trace_id,
        )
        log.warning("push %s (%s) was refused, trace-id %s", push.id, push.kind, trace_id or "-")


def postpone(work: ClaimedPush, trouble: Trouble) -> None:
    with work.change() as push:
        _try_later(push, PushState.WAITING, trouble, work.now())


def remember_trouble(work: ClaimedPush, trouble: AllegroError, errand: Errand) -> None:
    """Nothing is blamed on the order because Allegro was away; what may have happened is looked for first."""
    log.log(
        logging.WARNING if isinstance(trouble, Unavailable | NotConnected | Busy) else logging.ERROR,
        "push %s: %s",
        work.push_id,
        trouble,
    )
    with work.change() as push:
        if errand.is_done:
            state = PushState.DONE
        elif errand.was_sent or may_have_happened(trouble):
            state = PushState.SENDING
        else:
            state = PushState.WAITING
        push.trace_id = (trouble.trace_id or "")[:100]
        if isinstance(trouble, NotConnected):
            push.trouble = code_of(trouble)
            leave(push, state, work.now() + UNTIL_CONNECTED)
        else:
            _try_later(push, state, code_of(trouble), work.now(), trouble)


def _try_later(
    push: Push, state: PushState, code: Trouble, now: datetime, trouble: AllegroError | None = None
) -> None:
    wished = trouble.retry_after if isinstance(trouble, Unavailable) else None
    push.trouble = code
    leave(push, state, now + pause_after(BEFORE_PUSHING, push.tries, wished))
    push.tries += 1


def may_have_happened(trouble: AllegroError) -> bool:
    if trouble.method in ("", "GET") or trouble.path.startswith("/auth/"):
        return False
    if isinstance(trouble, Unavailable):
        return not trouble.is_sure_nothing_happened
    return not isinstance(trouble, NotConnected | Busy)


def code_of(trouble: AllegroError) -> Trouble:
    if isinstance(trouble, NotConnected):
        return Trouble.SCOPE_MISSING if trouble.reason is Reason.SCOPE_MISSING else Trouble.NOT_CONNECTED
    if isinstance(trouble, Unavailable):
        return Trouble.UNAVAILABLE
    return Trouble.BUSY if isinstance(trouble, Busy) else Trouble.UNEXPECTED


def words_of(refusal: Refused) -> str:
    """Allegro's own, or our code where it has none: at the cap of an order all texts are null."""
    if refusal.is_missing:
        return Trouble.ORDER_GONE
    if any(each.code == CAP_CODE and not _has_words(each) for each in refusal.objections):
        return Trouble.CAP
    return " ".join(dict.fromkeys(each.text for each in refusal.objections)) or Trouble.UNEXPECTED


def _has_words(objection: Objection) -> bool:
    return bool(objection.user_message or objection.message or objection.details)
