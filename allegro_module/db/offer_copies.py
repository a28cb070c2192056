"""An offer as a worker holds it: read in one statement, changed apart from the session, written back.

A worker loads and writes the same row several times within a second: the session, which forgets everything at
each commit, would read it anew each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, bindparam, inspect, select, update
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base
from allegro_module.db.offers import NoSuchOffer, Offer

#: What no flow of offers needs of their account, secrets first of all.
LEFT_OUT = {"sealed_access_token", "sealed_refresh_token", "test_report", "refresh_claim"}


def _columns(kind: type[Base], left_out: set[str]) -> dict[str, Column[Any]]:
    """By the name of the attribute."""
    attributes = inspect(kind).column_attrs
    return {each.key: kind.__table__.c[each.columns[0].key] for each in attributes if each.key not in left_out}


_OFFER, _ACCOUNT = _columns(Offer, set()), _columns(Account, LEFT_OUT)
_OFFERS, _ACCOUNTS = Offer.__table__, Account.__table__
_ID = _OFFERS.c.id == bindparam("the_id")
#: Made once, as every offer asks them.
_READ = (
    select(*_OFFER.values(), *_ACCOUNT.values())
    .join_from(_OFFERS, _ACCOUNTS, _ACCOUNTS.c.id == _OFFERS.c.account_id)
    .where(_ID)
)
_KEEP = (
    update(Offer)
    .where(Offer.id == bindparam("the_id"), Offer.claim == bindparam("the_claim"))
    .values(claimed_until=bindparam("until"), version=Offer.version + 1)
    .returning(Offer.version)
)
_WRITE = update(Offer).where(Offer.id == bindparam("the_id"))


def read_copy(session: Session, offer_id: int) -> Offer:
    """The whole row with its account, of no session: nothing is read later. Raises NoSuchOffer."""
    row = session.connection().execute(_READ, {"the_id": offer_id}).one_or_none()
    if row is None:
        raise NoSuchOffer(offer_id)
    account = Account(**dict(zip(_ACCOUNT, row[len(_OFFER) :], strict=True)))
    return Offer(**dict(zip(_OFFER, row, strict=False)), account=account)


def values_of(copy: Offer) -> dict[str, Any]:
    return {name: getattr(copy, name) for name in _OFFER}


def keep_copy(session: Session, offer_id: int, claim: str, until: datetime) -> int | None:
    """Prolong our claim as the first statement of a transaction: the row's version, None when it is lost."""
    given = {"the_id": offer_id, "the_claim": claim, "until": until}
    version: int | None = session.connection().execute(_KEEP, given).scalar_one_or_none()
    return version


def write_copy(session: Session, copy: Offer, known: Mapping[str, Any]) -> None:
    """What differs from the values that are `known` to stand there, in a transaction that holds the claim."""
    changed = {name: value for name in _OFFER if (value := getattr(copy, name)) != known[name]}
    if changed:
        given = {_OFFER[name].key: value for name, value in changed.items()}
        session.connection().execute(_WRITE, {"the_id": copy.id, **given})
