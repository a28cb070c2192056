"""Changes of many offers at once: one batch command of Allegro's, with a result per offer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, contains_eager, mapped_column, relationship

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, BigKey, UtcDateTime, changes_one_row, free_if_dead
from allegro_module.db.offers import Offer
from allegro_module.domain.accounts import LinkState


class ChangeState(StrEnum):
    WAITING = "waiting"
    #: Allegro works on it.
    RUNNING = "running"
    DONE = "done"
    #: Allegro refused the whole command, or its report is gone; the offers' own state decides.
    FAILED = "failed"


class ItemState(StrEnum):
    NEW = "new"
    SUCCESS = "success"
    FAIL = "fail"


OPEN_STATES = (ChangeState.WAITING, ChangeState.RUNNING)
#: A change that Allegro has not finished by then holds up no later one.
HOLDS_UP_FOR = timedelta(hours=2)


class NoSuchChange(LookupError):
    """There is no such change."""


class OfferChange(Base):
    """`command_id` is ours, so that the same command is never carried out twice (facts.md 6.9)."""

    __tablename__ = "allegro_offer_change"
    __table_args__ = (
        UniqueConstraint("command_id"),
        Index("ix_allegro_offer_change_due", "state", "next_look_at"),
        Index("ix_allegro_offer_change_batch", "batch"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    command_id: Mapped[str] = mapped_column(String(36))
    #: What was asked at once and needs several commands: the UUID of the first of them.
    batch: Mapped[str] = mapped_column(String(36))
    #: Column of the offer row and its new value: `shipping_rate_id`, `responsible_producer_id`, …
    field: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(Text)
    #: As the seller knows it: the price list's name.
    label: Mapped[str] = mapped_column(String(255), default="")
    #: How many offers, and how many of them Allegro has counted so far.
    size: Mapped[int] = mapped_column(default=0)
    succeeded: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    state: Mapped[ChangeState] = mapped_column(String(10), default=ChangeState.WAITING)
    trouble: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(String(100), default="")
    #: The intention: committed before the command goes out for the first time.
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looks: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    items: Mapped[list[OfferChangeItem]] = relationship(
        back_populates="change", cascade="all, delete-orphan", order_by="OfferChangeItem.id"
    )


class OfferChangeItem(Base):
    __tablename__ = "allegro_offer_change_item"
    __table_args__ = (UniqueConstraint("change_id", "offer_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    change_id: Mapped[int] = mapped_column(BigKey, ForeignKey(OfferChange.id, ondelete="CASCADE"))
    offer_id: Mapped[int] = mapped_column(ForeignKey(Offer.id))
    state: Mapped[ItemState] = mapped_column(String(10), default=ItemState.NEW)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    change: Mapped[OfferChange] = relationship(back_populates="items")
    offer: Mapped[Offer] = relationship()


def get_change(session: Session, change_id: int) -> OfferChange:
    """Raises NoSuchChange."""
    change = session.get(OfferChange, change_id)
    if change is None:
        raise NoSuchChange(change_id)
    return change


def list_batch(session: Session, batch: str) -> Sequence[OfferChange]:
    """All commands of what was asked at once."""
    statement = select(OfferChange).where(OfferChange.batch == batch)
    return session.scalars(statement.order_by(OfferChange.id)).all()


def list_batches(session: Session, before_id: int | None, limit: int) -> Sequence[OfferChange]:
    """The first command of each, newest first."""
    statement = select(OfferChange).where(OfferChange.command_id == OfferChange.batch)
    if before_id is not None:
        statement = statement.where(OfferChange.id < before_id)
    return session.scalars(statement.order_by(OfferChange.id.desc()).limit(limit)).all()


def list_rest(session: Session, batches: Sequence[str]) -> Sequence[OfferChange]:
    """The further commands of these."""
    return session.scalars(
        select(OfferChange).where(OfferChange.batch.in_(batches), OfferChange.command_id != OfferChange.batch)
    ).all()


def list_items(
    session: Session, batch: str, states: Sequence[ItemState], after_id: int, limit: int
) -> Sequence[OfferChangeItem]:
    """With their offers, as they were asked for."""
    return session.scalars(
        select(OfferChangeItem)
        .join(OfferChange, OfferChange.id == OfferChangeItem.change_id)
        .join(Offer, Offer.id == OfferChangeItem.offer_id)
        .where(OfferChange.batch == batch, OfferChangeItem.state.in_(states), OfferChangeItem.id > after_id)
        .options(contains_eager(OfferChangeItem.offer))
        .order_by(OfferChangeItem.id)
        .limit(limit)
    ).all()


def list_offers_not_changed(session: Session, batch: str) -> Sequence[int]:
    """Offers of finished commands that Allegro has not changed, or not told of."""
    return session.scalars(
        select(OfferChangeItem.offer_id)
        .join(OfferChange, OfferChange.id == OfferChangeItem.change_id)
        .where(
            OfferChange.batch == batch,
            OfferChange.state.not_in(OPEN_STATES),
            OfferChangeItem.state != ItemState.SUCCESS,
        )
        .order_by(OfferChangeItem.id)
    ).all()


def list_due_changes(session: Session, now: datetime, account_id: int) -> Sequence[int]:
    """Oldest first, those that somebody works on among them: he may have died."""
    statement = select(OfferChange.id).where(OfferChange.account_id == account_id, _is_due(now))
    return session.scalars(statement.order_by(OfferChange.id)).all()


def has_due_changes(session: Session, now: datetime) -> bool:
    statement = (
        select(OfferChange.id)
        .join(Account, Account.id == OfferChange.account_id)
        .where(_is_due(now), Account.is_enabled, Account.state == LinkState.CONNECTED)
    )
    return session.scalar(statement.limit(1)) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    is_time = or_(OfferChange.next_look_at.is_(None), OfferChange.next_look_at <= now)
    return OfferChange.state.in_(OPEN_STATES) & is_time


def claim_change(session: Session, change_id: int, claim: str, now: datetime, until: datetime) -> bool:
    """Take the change for work if it is due, as the first statement of a transaction.

    One of the same field that was asked for earlier goes first: commands keep no order among themselves.
    """
    free_if_dead(session, OfferChange.claim, change_id)
    earlier = aliased(OfferChange)
    is_overtaking = exists().where(
        earlier.account_id == OfferChange.account_id,
        earlier.field == OfferChange.field,
        earlier.batch != OfferChange.batch,
        earlier.id < OfferChange.id,
        earlier.state.in_(OPEN_STATES),
        or_(earlier.sent_at.is_(None), earlier.sent_at > now - HOLDS_UP_FOR),
    )
    return changes_one_row(
        session,
        update(OfferChange)
        .where(
            OfferChange.id == change_id,
            _is_due(now),
            or_(OfferChange.claim.is_(None), OfferChange.claimed_until < now),
            ~is_overtaking,
        )
        .values(claim=claim, claimed_until=until),
    )


def keep_change(session: Session, change_id: int, claim: str, until: datetime) -> bool:
    """Prolong our claim as the first statement of a transaction: False when somebody took over."""
    return changes_one_row(
        session,
        update(OfferChange)
        .where(OfferChange.id == change_id, OfferChange.claim == claim)
        .values(claimed_until=until),
    )
