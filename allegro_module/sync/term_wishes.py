"""What a seller wants of the terms of an account: written into rows, which `term_pushes` then sends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from allegro_module.db.terms import SellingTerm
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.domain.three_way import is_same

LONGEST_NAME = 255
LONGEST_WHO = 100


def wish_term(
    session: Session,
    account_id: int,
    kind: TermKind,
    content: Mapping[str, Any],
    who: str,
    now: datetime,
    term: SellingTerm | None = None,
) -> SellingTerm:
    """A new term, or another content for this one; a wish for what Allegro holds already is dropped.

    While both sides differ from `base` the state stays CONFLICT: the seller has to choose first.
    Raises ValueError for one that Allegro keeps itself.
    """
    if term is None:
        term = SellingTerm(
            account_id=account_id, kind=kind, details={}, state=TermState.WAITING, tries=0, fetched_at=now
        )
        session.add(term)
    _refuse_managed(term)
    _sign(term, who, now)
    if term.base is not None and is_same(term.base, content) and term.state != TermState.CONFLICT:
        _agree(term)
    else:
        _want(term, content)
    session.flush()
    return term


def drop_wish(term: SellingTerm, who: str, now: datetime) -> None:
    """What Allegro holds is good enough; one that never reached it is deleted."""
    session = object_session(term)
    if term.allegro_id is None and session is not None:
        session.delete(term)
        return
    _sign(term, who, now)
    _take_theirs(term)
    _agree(term)


def settle_conflict(term: SellingTerm, content: Mapping[str, Any], who: str, now: datetime) -> None:
    """`content` is what the seller chose of both sides: sent, unless Allegro holds just that."""
    _sign(term, who, now)
    _take_theirs(term)
    if is_same(term.base, content):
        _agree(term)
    else:
        term.state = TermState.WAITING
        _want(term, content)


def try_again(term: SellingTerm, now: datetime) -> None:
    """What Allegro has refused goes to it once more as it stands; what waits goes now."""
    if term.state == TermState.REFUSED:
        term.state = TermState.WAITING
    term.remember_problems([])
    _wait_no_longer(term)
    term.changed_at = now


def archive_term(term: SellingTerm, is_archived: bool, who: str, now: datetime) -> None:
    """Hidden from choices, or shown again; nothing changes on Allegro."""
    _sign(term, who, now)
    term.is_archived = is_archived


def name_taken(
    session: Session, account_id: int, kind: TermKind, name: str, but: SellingTerm | None = None
) -> bool:
    """Names are unique by a rule of ours: a creation whose answer was lost is found again by its name.

    No name at all is never taken.
    """
    wanted = _key(name)
    if not wanted:
        return False
    rows = session.execute(
        select(SellingTerm.id, SellingTerm.name, SellingTerm.content).where(
            SellingTerm.account_id == account_id,
            SellingTerm.kind == kind,
            SellingTerm.state != TermState.GONE,
        )
    )
    return any(
        wanted in (_key(row.name), _key((row.content or {}).get("name", "")))
        for row in rows
        if but is None or row.id != but.id
    )


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _refuse_managed(term: SellingTerm) -> None:
    if term.details and term.is_managed:
        raise ValueError(f"term {term.id} is kept by Allegro")


def _want(term: SellingTerm, content: Mapping[str, Any]) -> None:
    term.content = dict(content)
    if term.allegro_id is None:
        term.name = str(content.get("name", ""))[:LONGEST_NAME]
    if term.state not in (TermState.CONFLICT, TermState.GONE):
        term.state = TermState.WAITING
    term.remember_problems([])
    _wait_no_longer(term)


def _take_theirs(term: SellingTerm) -> None:
    if term.theirs is not None:
        term.base = term.theirs
        term.name = str(term.theirs.get("name", term.name))[:LONGEST_NAME]
    term.theirs = None


def _agree(term: SellingTerm) -> None:
    term.content = None
    if term.state != TermState.GONE:
        term.state = TermState.SAME
    term.remember_problems([])
    _wait_no_longer(term)


def _wait_no_longer(term: SellingTerm) -> None:
    term.trouble = ""
    term.tries = 0
    term.next_try_at = None


def _sign(term: SellingTerm, who: str, now: datetime) -> None:
    term.changed_at = now
    term.changed_by = who[:LONGEST_WHO]
