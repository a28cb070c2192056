"""Whose turn it is: offers whose outcome is open, and the doors to Allegro of their accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account, get_account, list_working_accounts
from allegro_module.db.offers import Offer, list_offers_to_settle
from allegro_module.domain.offers import OPEN_STATES, OfferState, Trouble

Clock = Callable[[], datetime]


class Turn(NamedTuple):
    offer_id: int
    account_id: int
    sku: str
    state: OfferState
    next_look_at: datetime | None
    environment: str


def _turns(session: Session, offer_ids: Sequence[int]) -> list[Turn]:
    rows = session.execute(
        select(Offer.id, Offer.account_id, Offer.sku, Offer.state, Offer.next_look_at, Account.environment)
        .join(Account)
        .where(Offer.id.in_(offer_ids))
        .order_by(Offer.id)
    ).all()
    session.rollback()
    return [Turn(*row[:3], OfferState(row.state), *row[4:]) for row in rows]


def open_turns(session: Session) -> list[Turn]:
    return _turns(session, list_offers_to_settle(session, None))


def due_turns(session: Session, clock_of: Callable[[str], Clock]) -> list[Turn]:
    """Each environment has its own clock."""
    environments = {account.environment for account in list_working_accounts(session)}
    nows = {name: clock_of(name)() for name in environments}
    candidates = list_offers_to_settle(session, max(nows.values())) if nows else []
    due = _turns(session, candidates)
    return [each for each in due if each.next_look_at is None or each.next_look_at <= nows[each.environment]]


def wake_waiting(session: Session, account_id: int, now: datetime) -> None:
    """Access is good again: what waited for Allegro is looked at in the next run, not after its pause.

    The version stays: a form that is open saves nothing of this.
    """
    session.execute(
        update(Offer)
        .where(
            Offer.account_id == account_id,
            Offer.state.in_(OPEN_STATES),
            Offer.trouble.in_((Trouble.UNAVAILABLE, Trouble.NOT_CONNECTED)),
            Offer.next_look_at > now,
        )
        .values(next_look_at=now),
        execution_options={"synchronize_session": False},
    )


def doors_of(
    session: Session,
    account_id: int,
    api_of: Callable[[Account], AllegroClient],
    clock_of: Callable[[str], Clock],
) -> tuple[AllegroClient, Clock]:
    account = get_account(session, account_id)
    doors = api_of(account), clock_of(account.environment)
    session.rollback()
    return doors
