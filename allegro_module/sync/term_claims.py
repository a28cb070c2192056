"""A wished-for term that one worker alone works on: its short transactions, and how each ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, undefer_group

from allegro_module.claims import new_claim
from allegro_module.client.errors import AllegroError, Busy, NotConnected, Unavailable
from allegro_module.db.terms import SellingTerm, claim_term, keep_term
from allegro_module.domain.pauses import BEFORE_PUSHING, pause_after
from allegro_module.domain.problems import Problem
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.domain.three_way import is_same
from allegro_module.sync.push_claims import CLAIM_LASTS, UNTIL_CONNECTED, code_of, may_have_happened
from allegro_module.sync.term_doors import Held
from allegro_module.sync.term_states import LONGEST_NAME, SENT_NAME, agree, lose

log = logging.getLogger(__name__)


class TermClaimLost(Exception):
    """Another worker took the wish over, or the seller took it back while it was being sent."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What of the row is needed between the transactions."""

    account_id: int
    kind: TermKind
    allegro_id: str
    content: dict[str, Any]
    #: A creation may have come to something that we lost sight of: these are the names to look for.
    sent_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimedTerm:
    session: Session
    term_id: int
    claim: str
    now: Callable[[], datetime]

    @contextmanager
    def change(self) -> Iterator[SellingTerm]:
        """One transaction: a write that proves and prolongs the claim, then the changes, then the commit.

        Nothing read from the row outlives it. Raises TermClaimLost.
        """
        session = self.session
        try:
            if not keep_term(session, self.term_id, self.claim, self.now() + CLAIM_LASTS):
                raise TermClaimLost(self.term_id)
            yield session.get_one(
                SellingTerm, self.term_id, populate_existing=True, options=[undefer_group("whole")]
            )
            session.commit()
        except BaseException:
            session.rollback()
            raise


def take(
    session: Session, term_id: int, now: Callable[[], datetime], *, waits_its_turn: bool
) -> ClaimedTerm | None:
    """Claim the wish, unless somebody works on it or has just dealt with it."""
    session.rollback()
    claim, at = new_claim(), now()
    is_ours = claim_term(session, term_id, claim, at, at + CLAIM_LASTS, waits_its_turn=waits_its_turn)
    session.commit()
    return ClaimedTerm(session, term_id, claim, now) if is_ours else None


def leave(term: SellingTerm) -> None:
    """Give the claim back."""
    term.claim = None
    term.claimed_until = None


def settle(work: ClaimedTerm, held: Held, sent: dict[str, Any]) -> None:
    """Allegro has what was sent, and answers with it; what the seller wished for since still waits."""
    with work.change() as term:
        _know(term, held, work.now())
        wish = term.content
        if held.content is not None:
            agree(term, held.content)
        if wish is not None and not is_same(wish, sent):
            term.content = wish
            term.state = TermState.WAITING
        leave(term)


def adopt(work: ClaimedTerm, held: Held) -> None:
    """A creation whose answer was lost has been found; what differs from the wish is sent as a change."""
    with work.change() as term:
        _know(term, held, work.now())
        wish = term.content
        if held.content is not None and (wish is None or is_same(wish, held.content)):
            agree(term, held.content)
        else:
            term.base, term.create_sent_at, term.next_try_at = held.content, None, None
        leave(term)


def _know(term: SellingTerm, held: Held, now: datetime) -> None:
    term.allegro_id = held.id
    term.name = held.name[:LONGEST_NAME]
    term.details = {
        **{name: value for name, value in term.details.items() if name != SENT_NAME},
        **held.details,
    }
    term.last_modified = held.last_modified
    term.fetched_at = now


def refuse(work: ClaimedTerm, problems: Sequence[Problem]) -> None:
    with work.change() as term:
        term.state = TermState.REFUSED
        term.remember_problems(problems)
        term.trouble = ""
        term.create_sent_at = None
        term.next_try_at = None
        leave(term)
        log.warning(
            "term %s (%s) was refused: %s", term.id, term.kind, ", ".join(each.code for each in problems)
        )


def give_up(work: ClaimedTerm) -> None:
    """It is not on Allegro any more; what was typed stays."""
    with work.change() as term:
        lose(term)
        leave(term)


def try_later(work: ClaimedTerm, trouble: AllegroError) -> None:
    """Nothing is blamed on the seller because Allegro was away; what may have happened is looked for next."""
    log.log(
        logging.WARNING if isinstance(trouble, Unavailable | NotConnected | Busy) else logging.ERROR,
        "term %s: %s",
        work.term_id,
        trouble,
    )
    with work.change() as term:
        term.trouble = code_of(trouble)
        if trouble.method == "POST" and not may_have_happened(trouble):
            term.create_sent_at = None
        if isinstance(trouble, NotConnected):
            term.next_try_at = work.now() + UNTIL_CONNECTED
        else:
            wished = trouble.retry_after if isinstance(trouble, Unavailable) else None
            term.next_try_at = work.now() + pause_after(BEFORE_PUSHING, term.tries, wished)
            term.tries += 1
        leave(term)
