"""Our copy of a selling term meets what Allegro holds: agreed, still wished for, or changed on both sides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer_group

from allegro_module.db.term_uses import used_ids
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.domain.three_way import is_same
from allegro_module.sync.term_doors import DOORS, Held

LONGEST_NAME = 255
#: The name that a creation was sent with: its answer may be lost, and the seller may rename his wish.
SENT_NAME = "sent_name"

#: Allegro's id → version of our row, as they were before Allegro was asked.
Known = Mapping[str, int]


def known_terms(session: Session, account_id: int, kind: TermKind) -> Known:
    """To be read before Allegro is asked: what changes here meanwhile is newer than its answer."""
    rows = session.execute(
        select(SellingTerm.allegro_id, SellingTerm.version).where(
            SellingTerm.account_id == account_id,
            SellingTerm.kind == kind,
            SellingTerm.allegro_id.is_not(None),
        )
    )
    return {row.allegro_id: row.version for row in rows}


def save_list(
    session: Session, account_id: int, kind: TermKind, listed: Sequence[Held], known: Known, now: datetime
) -> None:
    """The whole list of a kind, in the caller's transaction; what it lacks is not on Allegro any more."""
    most = DOORS[kind].most_listed
    rows = _locked_rows(session, account_id, kind, now)
    pending = _names_under_way(session, account_id, kind)
    for held in listed:
        row = rows.get(held.id)
        if row is None and held.name not in pending:
            session.add(new_term(account_id, kind, held, now))
        elif row is not None and known.get(held.id) == row.version:
            take_held(row, held)
    ids = {held.id for held in listed}
    vanished = [row for each, row in rows.items() if each not in ids and known.get(each) == row.version]
    if most is None or len(listed) < most:
        _lose(session, account_id, kind, vanished)
    session.flush()


def new_term(account_id: int, kind: TermKind, held: Held, now: datetime) -> SellingTerm:
    return SellingTerm(
        account_id=account_id,
        kind=kind,
        allegro_id=held.id,
        name=held.name[:LONGEST_NAME],
        details=dict(held.details),
        base=held.content,
        last_modified=held.last_modified if held.content is not None else "",
        state=TermState.SAME,
        fetched_at=now,
    )


def take_held(term: SellingTerm, held: Held) -> None:
    """Columns are written only where something is new: a version that moves would disturb an open form."""
    _put(term, "details", {**term.details, **held.details})
    _put(term, "name", held.name[:LONGEST_NAME])
    if term.state == TermState.GONE:
        term.state = TermState.SAME if term.content is None else TermState.WAITING
    if held.content is not None:
        _take_content(term, held.content)
        _put(term, "last_modified", held.last_modified)
    elif term.content is None and (term.base or {}).get("name", held.name) != held.name:
        # Renamed there: what we have read before is out of date.
        term.base = None


def agree(term: SellingTerm, content: dict[str, Any]) -> None:
    """Both sides hold this."""
    _put(term, "base", content)
    for column in ("content", "theirs", "create_sent_at", "next_try_at"):
        _put(term, column, None)
    _put(term, "state", TermState.SAME)
    _put(term, "problems_json", [])
    _put(term, "trouble", "")
    _put(term, "tries", 0)


def _take_content(term: SellingTerm, theirs: dict[str, Any]) -> None:
    if term.content is None or is_same(term.content, theirs):
        agree(term, theirs)
    elif term.base is not None and is_same(term.base, theirs):
        _put(term, "theirs", None)
        if term.state == TermState.CONFLICT:
            term.state = TermState.WAITING
    else:
        _put(term, "theirs", theirs)
        _put(term, "state", TermState.CONFLICT)


def _put(term: SellingTerm, column: str, value: Any) -> None:
    if getattr(term, column) != value:
        setattr(term, column, value)


def _locked_rows(session: Session, account_id: int, kind: TermKind, now: datetime) -> dict[str, SellingTerm]:
    """A write first, which is what makes SQLite lock; PostgreSQL locks the rows.

    Price lists are read one by one, so their list says nothing of how old our copies are.
    """
    of_kind = (
        SellingTerm.account_id == account_id,
        SellingTerm.kind == kind,
        SellingTerm.allegro_id.is_not(None),
    )
    session.execute(
        update(SellingTerm)
        .where(*of_kind)
        .values(fetched_at=SellingTerm.fetched_at if kind is TermKind.SHIPPING_RATE else now),
        execution_options={"synchronize_session": False},
    )
    rows = session.scalars(
        select(SellingTerm)
        .where(*of_kind)
        .order_by(SellingTerm.id)
        .options(undefer_group("whole"))
        .execution_options(populate_existing=True)
    )
    return {row.known_id: row for row in rows}


def _names_under_way(session: Session, account_id: int, kind: TermKind) -> set[str]:
    """Of creations whose outcome is open: who looks for them must not find them taken."""
    rows = session.execute(
        select(SellingTerm.name, SellingTerm.details).where(
            SellingTerm.account_id == account_id,
            SellingTerm.kind == kind,
            SellingTerm.allegro_id.is_(None),
            SellingTerm.create_sent_at.is_not(None),
        )
    )
    return {name for row in rows for name in (row.name, row.details.get(SENT_NAME)) if name}


def _lose(session: Session, account_id: int, kind: TermKind, vanished: Collection[SellingTerm]) -> None:
    """Kept while somebody uses it or a wish would be lost with it."""
    if not vanished:
        return
    used = used_ids(session, account_id, kind, [row.known_id for row in vanished])
    for row in vanished:
        if row.known_id in used or row.content is not None:
            lose(row)
        else:
            session.delete(row)


def lose(term: SellingTerm) -> None:
    """Allegro has it no more."""
    _put(term, "state", TermState.GONE)
    _put(term, "next_try_at", None)
