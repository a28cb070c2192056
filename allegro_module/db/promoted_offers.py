"""Offers that have become active and are to be promoted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState

MOST = 200


def list_offers_to_promote(session: Session, now: datetime, account_id: int) -> Sequence[int]:
    """Active ones with a time to be looked at, which nothing but promotion gives them; oldest first."""
    statement = select(Offer.id).where(Offer.account_id == account_id, _is_due(now))
    return session.scalars(statement.order_by(Offer.id).limit(MOST)).all()


def has_offers_to_promote(session: Session, now: datetime) -> bool:
    statement = (
        select(Offer.id)
        .join(Account, Account.id == Offer.account_id)
        .where(_is_due(now), Account.is_enabled, Account.state == LinkState.CONNECTED)
    )
    return session.scalar(statement.limit(1)) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    return (Offer.state == OfferState.ACTIVE) & (Offer.next_look_at <= now)
