"""Selling terms to Allegro: each wish that is due is sent, once, whatever happens on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, NotConnected, Refused, Unavailable
from allegro_module.db.accounts import Account, list_working_accounts
from allegro_module.db.terms import SellingTerm, list_due_terms
from allegro_module.domain.problems import Problem
from allegro_module.domain.terms import PRICE_LISTS_MAX, TermKind, TermState
from allegro_module.sync.faults import put_aside
from allegro_module.sync.guarantee_files import name_by_allegro, names_own_file
from allegro_module.sync.term_claims import (
    ClaimedTerm,
    Errand,
    TermClaimLost,
    adopt,
    give_up,
    leave,
    refuse,
    settle,
    take,
    try_later,
)
from allegro_module.sync.term_doors import DOORS, Held
from allegro_module.sync.term_objections import problems_of
from allegro_module.sync.term_states import SENT_NAME, known_terms, take_held

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

#: How soon a guarantee looks again whether Allegro has its file.
LOOK_FOR_FILE_AGAIN = timedelta(seconds=10)
#: One may be the fault of one term, two are Allegro's.
FAILURES_IN_A_ROW = 2


class Outcome(Enum):
    """What one term's turn says of the account's other terms."""

    HEARD = "heard"
    #: No answer, or an error of Allegro's own.
    FAILED = "failed"
    #: The account is not connected, or Allegro wants less of us.
    STOP = "stop"


@dataclass(slots=True)
class TermCounts:
    """What one run did; `conflicts` wait for the seller's choice, `refused` for his correction."""

    done: int = 0
    later: int = 0
    conflicts: int = 0
    gone: int = 0
    refused: int = 0

    @property
    def for_the_seller(self) -> int:
        return self.conflicts + self.gone + self.refused

    def __str__(self) -> str:
        counts = [
            (self.done, "sent"),
            (self.later, "to try later"),
            (self.conflicts, "changed on both sides"),
            (self.gone, "not on Allegro any more"),
            (self.refused, "refused"),
        ]
        return ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to send"


def push_terms(
    session: Session,
    api_of: Callable[[Account], AllegroClient],
    clock_of: Callable[[str], Clock],
    term_ids: Collection[int] | None = None,
    waits_its_turn: bool = True,
) -> TermCounts:
    """Send what is due, of all terms or of these; with `waits_its_turn` off, back-offs are not waited for.

    An account that cannot be reached is left alone until the next run: at once when Allegro says so, after
    two answers in a row that never came or were an error of its own.
    """
    run = _Run(session, api_of, waits_its_turn)
    clocks = {account.id: clock_of(account.environment) for account in list_working_accounts(session)}
    session.rollback()
    for account_id, now in clocks.items():
        _push_account(run, account_id, now, term_ids)
    return run.counts


@dataclass(frozen=True, slots=True)
class _Run:
    session: Session
    api_of: Callable[[Account], AllegroClient]
    waits_its_turn: bool
    counts: TermCounts = field(default_factory=TermCounts)


def _push_account(run: _Run, account_id: int, now: Clock, term_ids: Collection[int] | None) -> None:
    due = list_due_terms(run.session, now(), account_id, term_ids, waits_its_turn=run.waits_its_turn)
    run.session.rollback()
    failed_in_a_row = 0
    for term_id in due:
        outcome = Outcome.HEARD
        try:
            outcome = _push(run, term_id, now)
        except TermClaimLost:
            log.warning("term %s was taken over or taken back while it was being sent", term_id)
        except Exception as fault:
            put_aside(run.session, log, f"term {term_id}", fault)
        failed_in_a_row = failed_in_a_row + 1 if outcome is Outcome.FAILED else 0
        if outcome is Outcome.STOP or failed_in_a_row == FAILURES_IN_A_ROW:
            return


def _push(run: _Run, term_id: int, now: Clock) -> Outcome:
    work = take(run.session, term_id, now, waits_its_turn=run.waits_its_turn)
    if work is None:
        return Outcome.HEARD
    errand = _begin(work)
    outcome = _deliver(run, work, errand) if errand is not None else Outcome.HEARD
    _count(run, term_id)
    return outcome


def _begin(work: ClaimedTerm) -> Errand | None:
    """None when nothing is left to be done."""
    with work.change() as term:
        if term.state != TermState.WAITING or term.content is None:
            leave(term)
            return None
        if names_own_file(term.content) and not _has_its_file(work, term):
            return None
        kind, content = TermKind(term.kind), dict(term.content)
        if term.allegro_id is not None:
            return Errand(term.account_id, kind, term.allegro_id, content)
        name = str(content.get("name", ""))
        sent_names = (term.details.get(SENT_NAME, name), name) if term.create_sent_at else ()
        return Errand(term.account_id, kind, "", content, sent_names)


def _has_its_file(work: ClaimedTerm, term: SellingTerm) -> bool:
    """A guarantee waits for its PDF; what becomes of that is the business of its own job."""
    problem = name_by_allegro(work.session, term)
    if problem is None and term.content is not None and not names_own_file(term.content):
        return True
    if problem is not None:
        term.state = TermState.REFUSED
        term.remember_problems([problem])
    term.next_try_at = None if problem else work.now() + LOOK_FOR_FILE_AGAIN
    leave(term)
    return False


def _deliver(run: _Run, work: ClaimedTerm, errand: Errand) -> Outcome:
    """Send it, or remember why not."""
    api = run.api_of(work.session.get_one(Account, errand.account_id))
    work.session.rollback()
    try:
        if errand.allegro_id:
            _change(work, api, errand)
        else:
            _create(work, api, errand)
    except AllegroError as trouble:
        try_later(work, trouble)
        return _outcome_of(trouble)
    return Outcome.HEARD


def _outcome_of(trouble: AllegroError) -> Outcome:
    if isinstance(trouble, NotConnected) or (isinstance(trouble, Unavailable) and trouble.status == 429):
        return Outcome.STOP
    return Outcome.FAILED if isinstance(trouble, Unavailable) else Outcome.HEARD


def _change(work: ClaimedTerm, api: AllegroClient, errand: Errand) -> None:
    """Look first: what has changed there meanwhile is not written over, what holds already not sent again."""
    door = DOORS[errand.kind]
    held = _asked(work, errand, errand.content, lambda: door.read(api, errand.allegro_id))
    if held is None:
        return
    with work.change() as term:
        take_held(term, held)
        term.fetched_at = work.now()
        if term.content is None or term.state != TermState.WAITING:
            leave(term)
            return
        content = dict(term.content)
    answer = _asked(work, errand, content, lambda: door.replace(api, errand.allegro_id, content))
    if answer is not None:
        settle(work, answer, content)


def _create(work: ClaimedTerm, api: AllegroClient, errand: Errand) -> None:
    """1. After a try in doubt, look for it by its name.  2. Commit that it is being sent.  3. Send it."""
    found = _find(work, api, errand) if errand.sent_names else None
    if found is not None:
        adopt(work, found)
        return
    if _is_full(work, errand):
        refuse(work, [Problem("price_lists_full", params={"max": str(PRICE_LISTS_MAX)})])
        return
    with work.change() as term:
        content = dict(term.content or errand.content)
        term.create_sent_at = work.now()
        term.details = {**term.details, SENT_NAME: content.get("name", "")}
    answer = _asked(work, errand, content, lambda: DOORS[errand.kind].create(api, content))
    if answer is not None:
        settle(work, answer, content)


def _asked(
    work: ClaimedTerm, errand: Errand, content: Mapping[str, Any], ask: Callable[[], Held]
) -> Held | None:
    """None when Allegro has refused, which is remembered: for the seller to correct, or as gone."""
    try:
        return ask()
    except Refused as refusal:
        if refusal.is_missing and errand.allegro_id:
            give_up(work)
        else:
            refuse(work, problems_of(errand.kind, content, refusal))
        return None


def _find(work: ClaimedTerm, api: AllegroClient, errand: Errand) -> Held | None:
    """One of that name which is not known to us can only be ours."""
    door = DOORS[errand.kind]
    listed = door.list(api)
    known = known_terms(work.session, errand.account_id, errand.kind)
    work.session.rollback()
    for held in listed:
        if held.id not in known and held.name in errand.sent_names:
            return held if held.content is not None else door.read(api, held.id)
    return None


def _is_full(work: ClaimedTerm, errand: Errand) -> bool:
    """By what we know: Allegro need not be asked to say no, and no price list can be deleted."""
    if errand.kind is not TermKind.SHIPPING_RATE:
        return False
    counted = work.session.scalar(
        select(func.count(SellingTerm.id)).where(
            SellingTerm.account_id == errand.account_id,
            SellingTerm.kind == errand.kind,
            SellingTerm.allegro_id.is_not(None),
            SellingTerm.state != TermState.GONE,
        )
    )
    work.session.rollback()
    return (counted or 0) >= PRICE_LISTS_MAX


def _count(run: _Run, term_id: int) -> None:
    state = run.session.scalar(select(SellingTerm.state).where(SellingTerm.id == term_id))
    run.session.rollback()
    counts = run.counts
    if state == TermState.WAITING:
        counts.later += 1
    elif state == TermState.CONFLICT:
        counts.conflicts += 1
    elif state == TermState.REFUSED:
        counts.refused += 1
    elif state == TermState.GONE:
        counts.gone += 1
    elif state == TermState.SAME:
        counts.done += 1
