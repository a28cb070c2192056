"""Fetching an account's dictionaries: selling terms, delivery methods, lists that the offer form offers.

Pages read the copy only; nobody waits for Allegro while a form is shown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer_group

from allegro_module.client import AllegroClient
from allegro_module.client.errors import NotConnected, Reason, Refused, Unexpected
from allegro_module.db.accounts import Account
from allegro_module.db.base import changes_one_row
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.sync.delivery_methods import fetch_methods
from allegro_module.sync.dictionaries import READ, fetch_dictionary
from allegro_module.sync.term_doors import DOORS, Held
from allegro_module.sync.term_states import Known, known_terms, lose, save_list, take_held

log = logging.getLogger(__name__)

#: A price list is read again after this, where the list of them does not say when it was changed. An hour
#: short of a day: the refresh runs once a day, and must not find it a second too young.
READ_FOR = timedelta(hours=23)
Progress = Callable[[int, int | None], None]
T = TypeVar("T")


@dataclass(slots=True)
class _Refresh:
    session: Session
    api: AllegroClient
    account_id: int
    environment: str
    now: datetime
    progress: Progress | None
    done: int = 0
    total: int | None = None
    counts: dict[TermKind, int] = field(default_factory=dict)

    def step(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def fetch_terms(
    session: Session,
    api: AllegroClient,
    account: Account,
    now: datetime,
    progress: Progress | None = None,
    *,
    with_contents: bool = True,
) -> dict[TermKind, int]:
    """How many there are of each kind that Allegro let us read.

    1. Read one dictionary, with no transaction open.  2. Save it in a transaction of its own.  3. On to the
    next, and to each price list that is new or has changed (unless without contents).  What Allegro refuses,
    or is suddenly empty, stays as it was: absence is not evidence.     Raises NotConnected, Unavailable.
    """
    account_id, environment = account.id, account.environment
    session.rollback()
    run = _Refresh(session, api, account_id, environment, now, progress)
    wanted = _fetch_price_lists(run)
    run.total = len(TermKind) + 1 + len(READ) + (len(wanted) if with_contents else 0)
    run.step()
    for kind in TermKind:
        if kind is not TermKind.SHIPPING_RATE:
            _fetch_kind(run, kind)
            run.step()
    _or_stays("delivery methods", lambda: fetch_methods(session, api, environment, now))
    run.step()
    for name in READ:
        _or_stays(name, partial(fetch_dictionary, session, api, account_id, name, now))
        run.step()
    for allegro_id in wanted if with_contents else ():
        _fetch_price_list(run, allegro_id)
        run.step()
    return run.counts


def fetch_whole(session: Session, api: AllegroClient, term: SellingTerm, now: datetime) -> None:
    """One that is on Allegro, with all that it says. Raises AllegroError; one that is not there is GONE."""
    term_id, kind, allegro_id, version = term.id, TermKind(term.kind), term.allegro_id, term.version
    session.rollback()
    if allegro_id is None:
        return
    try:
        held = DOORS[kind].read(api, allegro_id)
    except Refused as refusal:
        if not refusal.is_missing:
            raise
        held = None
    _save_one(session, term_id, version, held, now)


def _fetch_price_lists(run: _Refresh) -> Sequence[str]:
    """Allegro's ids of those that have to be read whole."""
    listed = _fetch_kind(run, TermKind.SHIPPING_RATE)
    stale = _stale_price_lists(run, listed)
    return [held.id for held in listed if held.id in stale]


def _fetch_kind(run: _Refresh, kind: TermKind) -> Sequence[Held]:
    known = known_terms(run.session, run.account_id, kind)
    run.session.rollback()
    listed = _or_stays(kind, lambda: DOORS[kind].list(run.api)) or ()
    if listed:
        _save_kind(run, kind, listed, known)
        run.counts[kind] = len(listed)
    return listed


def _save_kind(run: _Refresh, kind: TermKind, listed: Sequence[Held], known: Known) -> None:
    """Once more when somebody else has just made the same rows."""
    try:
        save_list(run.session, run.account_id, kind, listed, known, run.now)
        run.session.commit()
    except IntegrityError:
        run.session.rollback()
        save_list(run.session, run.account_id, kind, listed, known, run.now)
        run.session.commit()


def _stale_price_lists(run: _Refresh, listed: Collection[Held]) -> set[str]:
    """Never read whole, changed since by Allegro's own mark, or without a mark and read long ago."""
    rows = run.session.execute(
        select(
            SellingTerm.allegro_id,
            SellingTerm.last_modified,
            SellingTerm.fetched_at,
            SellingTerm.base.is_(None).label("is_unread"),
        ).where(
            SellingTerm.account_id == run.account_id,
            SellingTerm.kind == TermKind.SHIPPING_RATE,
            SellingTerm.allegro_id.is_not(None),
        )
    ).all()
    run.session.rollback()
    marks = {held.id: held.last_modified for held in listed}
    return {
        row.allegro_id
        for row in rows
        if row.is_unread
        or (
            marks[row.allegro_id] != row.last_modified
            if marks.get(row.allegro_id)
            else row.fetched_at <= run.now - READ_FOR
        )
    }


def _fetch_price_list(run: _Refresh, allegro_id: str) -> None:
    session = run.session
    row = session.execute(
        select(SellingTerm.id, SellingTerm.version).where(
            SellingTerm.account_id == run.account_id,
            SellingTerm.kind == TermKind.SHIPPING_RATE,
            SellingTerm.allegro_id == allegro_id,
        )
    ).one_or_none()
    session.rollback()
    if row is None:
        return
    door = DOORS[TermKind.SHIPPING_RATE]
    held = _or_stays(f"price list {allegro_id}", lambda: door.read(run.api, allegro_id))
    if held is not None:
        _save_one(session, row.id, row.version, held, run.now)


def _save_one(session: Session, term_id: int, version: int, held: Held | None, now: datetime) -> None:
    """Unless the row has changed since Allegro was asked: what a push knows is newer."""
    is_unchanged = changes_one_row(
        session,
        update(SellingTerm)
        .where(SellingTerm.id == term_id, SellingTerm.version == version)
        .values(fetched_at=now),
    )
    if is_unchanged:
        term = session.get_one(SellingTerm, term_id, populate_existing=True, options=[undefer_group("whole")])
        if held is None:
            lose(term)
        else:
            take_held(term, held)
    session.commit()


def _or_stays(what: str, read: Callable[[], T]) -> T | None:
    """None when Allegro refuses it to this account: what we know stays."""
    try:
        return read()
    except (Refused, Unexpected) as trouble:
        log.warning("%s: what is known stays: %s", what, trouble)
        return None
    except NotConnected as refusal:
        if refusal.reason is not Reason.SCOPE_MISSING:
            raise
        log.warning("%s: what is known stays: %s", what, refusal)
        return None
