"""An offer as a worker holds it: read in one statement, changed apart from the session, written back.

A worker loads and writes the same row several times within a second: the session, which forgets everything at
each commit, would read it anew each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Column, Row, Table, and_, bindparam, inspect, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Update

from allegro_module.db.accounts import Account
from allegro_module.db.among import among
from allegro_module.db.base import Base, free_if_dead
from allegro_module.db.offers import NoSuchOffer, Offer
from allegro_module.domain.offers import OfferState

T = TypeVar("T", bound=Base)

#: What no flow of offers needs of their account, secrets first of all.
LEFT_OUT = {"sealed_access_token", "sealed_refresh_token", "test_report", "refresh_claim"}


def _columns(kind: type[Base], left_out: set[str]) -> dict[str, Column[Any]]:
    """By the name of the attribute."""
    attributes = [each for each in inspect(kind).column_attrs if each.key not in left_out]
    return {each.key: cast(Table, kind.__table__).c[each.columns[0].key] for each in attributes}


_OFFERS, _ACCOUNTS = cast(Table, Offer.__table__), cast(Table, Account.__table__)
_OFFER, _ACCOUNT = _columns(Offer, set()), _columns(Account, LEFT_OUT)
_ID = _OFFERS.c.id == bindparam("the_id")
#: Made once, as every offer asks them.
_COPIES = select(*_OFFER.values(), *_ACCOUNT.values()).join_from(
    _OFFERS, _ACCOUNTS, _ACCOUNTS.c.id == _OFFERS.c.account_id
)
_READ = _COPIES.where(_ID)
_READ_ALL = _COPIES.where(among(_OFFERS.c.id, "ids"))
_KEEP = (
    update(_OFFERS)
    .where(_ID, _OFFERS.c.claim == bindparam("the_claim"))
    .values(claimed_until=bindparam("until"), version=_OFFERS.c.version + 1)
    .returning(_OFFERS.c.version)
)
_WRITE = update(_OFFERS).where(_ID)
_CLAIM_KNOWN = _WRITE.where(_OFFERS.c.version == bindparam("known"), _OFFERS.c.claim.is_(None)).values(
    version=_OFFERS.c.version + 1
)
_PUT = (
    _WRITE.where(_OFFERS.c.claim == bindparam("the_claim"))
    .values(version=_OFFERS.c.version + 1)
    .returning(_OFFERS.c.version)
)


def read_copy(session: Session, offer_id: int) -> Offer:
    """The whole row with its account, of no session: nothing is read later. Raises NoSuchOffer."""
    row = session.connection().execute(_READ, {"the_id": offer_id}).one_or_none()
    if row is None:
        raise NoSuchOffer(offer_id)
    return _copy(row)


def read_copies(session: Session, offer_ids: Sequence[int]) -> dict[int, Offer]:
    """Those that there are, by their ids, in one statement."""
    rows = session.connection().execute(_READ_ALL, {"ids": list(offer_ids)})
    return {copy.id: copy for copy in map(_copy, rows)}


def _copy(row: Row[Any]) -> Offer:
    return _made(Offer, dict(zip(_OFFER, row, strict=False)), account=_made(Account, _of_account(row)))


def _of_account(row: Row[Any]) -> dict[str, Any]:
    return dict(zip(_ACCOUNT, row[len(_OFFER) :], strict=True))


def _made(kind: type[T], values: Mapping[str, Any], **related: Any) -> T:
    """Past the attributes, which would note each value as a change: that takes longer than the statement."""
    made = kind()
    vars(made).update(values, **related)
    return made


def values_of(copy: Offer) -> dict[str, Any]:
    return dict(vars(copy))


def claim_offer(
    session: Session, offer_id: int, states: Sequence[OfferState], claim: str, now: datetime, until: datetime
) -> bool:
    """Take the offer for work: True when it is in one of `states` and nobody else works on it.

    The first statement of a transaction.
    """
    given = {"the_id": offer_id, "now": now, "the_claim": claim, "until": until}
    statement = _claim_in(tuple(states))
    if session.connection().execute(statement, given).rowcount == 1:
        return True
    free_if_dead(session, Offer.claim, offer_id)
    return session.connection().execute(statement, given).rowcount == 1


def claim_copy(session: Session, copy: Offer, changes: Mapping[str, Any]) -> bool:
    """Write the first changes, our claim among them: True while nobody has written to the row or holds it.

    The first statement of a transaction.
    """
    given = {**changes, "the_id": copy.id, "known": copy.version}
    return session.connection().execute(_CLAIM_KNOWN, given).rowcount == 1


@cache
def _claim_in(states: tuple[OfferState, ...]) -> Update:
    is_free = or_(_OFFERS.c.claim.is_(None), _OFFERS.c.claimed_until < bindparam("now"))
    return (
        update(_OFFERS)
        .where(and_(_ID, or_(*(_OFFERS.c.state == str(each) for each in states)), is_free))
        .values(claim=bindparam("the_claim"), claimed_until=bindparam("until"), version=_OFFERS.c.version + 1)
    )


def keep_copy(session: Session, offer_id: int, claim: str, until: datetime) -> int | None:
    """Prolong our claim as the first statement of a transaction: the row's version, None when it is lost."""
    given = {"the_id": offer_id, "the_claim": claim, "until": until}
    version: int | None = session.connection().execute(_KEEP, given).scalar_one_or_none()
    return version


def changes_of(copy: Offer, known: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the values that are `known` to stand there, by column."""
    now = vars(copy)
    return {column.key: now[name] for name, column in _OFFER.items() if now[name] != known[name]}


def write_copy(session: Session, offer_id: int, changes: Mapping[str, Any]) -> None:
    """In a transaction that holds the claim."""
    if changes:
        session.connection().execute(_WRITE, {"the_id": offer_id, **changes})


def put_copy(
    session: Session, offer_id: int, claim: str, until: datetime, changes: Mapping[str, Any]
) -> int | None:
    """`keep_copy` and `write_copy` in one statement."""
    given = {"claimed_until": until, **changes, "the_id": offer_id, "the_claim": claim}
    version: int | None = session.connection().execute(_PUT, given).scalar_one_or_none()
    return version
