"""Rotating encryption keys: what is sealed is sealed anew with the newest key, while the shop runs on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from allegro_module.db.accounts import Account, Application
from allegro_module.db.audit import record
from allegro_module.db.base import changes_one_row
from allegro_module.db.links import LinkAttempt
from allegro_module.sealing import Seal, SealBroken

Column = InstrumentedAttribute[Any]

#: Everything that is sealed.
SEALED: tuple[Column, ...] = (
    Application.sealed_client_secret,
    Account.sealed_access_token,
    Account.sealed_refresh_token,
    LinkAttempt.sealed_verifier,
)
PAGE = 100
#: A device code lives an hour (facts.md 2.2), the way over the consent page ten minutes.
ATTEMPTS_LAST = timedelta(hours=1)
#: A row that is changed under our hands again and again is left to the next run.
TRIES = 5


class Outcome(Enum):
    RESEALED = auto()
    ALREADY_NEW = auto()
    UNREADABLE = auto()


@dataclass(frozen=True, slots=True)
class Rotation:
    """`unreadable` names what no key opens: whose it is, and the column."""

    resealed: int = 0
    already_new: int = 0
    unreadable: tuple[str, ...] = ()


def rotate_keys(session: Session, seal: Seal, who: str, now: datetime) -> Rotation:
    """Seal what is sealed with an older key anew. May be repeated, also after a kill.

    1. Read each row.  2. Change it only if it still holds what was read, else read it again: a pair renewed
    in the meantime stays.  3. Commit, go on with the next row.  4. Note it all in the audit log.
    """
    outcomes = [
        (column, row_id, _rotate(session, seal, column, row_id))
        for column in SEALED
        for row_id in _row_ids(session, column, now)
    ]
    count = Counter(outcome for _, _, outcome in outcomes)
    unreadable = [
        _name(session, column, row_id)
        for column, row_id, outcome in outcomes
        if outcome is Outcome.UNREADABLE
    ]
    session.rollback()
    done = Rotation(count[Outcome.RESEALED], count[Outcome.ALREADY_NEW], tuple(unreadable))
    details = {
        "resealed": str(done.resealed),
        "already_new": str(done.already_new),
        "unreadable": ", ".join(unreadable),
    }
    record(session, now, who, "keys_rotated", "", details)
    session.commit()
    return done


def _row_ids(session: Session, column: Column, now: datetime) -> Iterator[int]:
    key, last = column.class_.id, 0
    rows = select(key).where(column.is_not(None), column != "").order_by(key).limit(PAGE)
    if column.class_ is LinkAttempt:
        # One that has ended is opened by nobody any more.
        rows = rows.where(LinkAttempt.outcome == "", LinkAttempt.begun_at > now - ATTEMPTS_LAST)
        rows = rows.where(or_(LinkAttempt.user_code != "", LinkAttempt.used_at.is_(None)))
    while True:
        row_ids = list(session.scalars(rows.where(key > last)))
        session.rollback()
        if not row_ids:
            return
        yield from row_ids
        last = row_ids[-1]


def _rotate(session: Session, seal: Seal, column: Column, row_id: int) -> Outcome:
    kind = column.class_
    for _ in range(TRIES):
        sealed = session.scalar(select(column).where(kind.id == row_id))
        session.rollback()
        if sealed is None or seal.is_newest(sealed):
            return Outcome.ALREADY_NEW
        try:
            anew = seal.close(seal.open(sealed))
        except SealBroken:
            return Outcome.UNREADABLE
        is_ours = changes_one_row(
            session, update(kind).where(kind.id == row_id, column == sealed).values({column.key: anew})
        )
        session.commit()
        if is_ours:
            return Outcome.RESEALED
    return Outcome.ALREADY_NEW


def _name(session: Session, column: Column, row_id: int) -> str:
    row = session.scalars(select(column.class_).where(column.class_.id == row_id)).one()
    match row:
        case Application():
            whose = f"application {row.client_id}"
        case Account():
            whose = f"account {row.login or row.alias}"
        case _:
            whose = f"link attempt {row_id}"
    return f"{whose} ({column.key.removeprefix('sealed_')})"
