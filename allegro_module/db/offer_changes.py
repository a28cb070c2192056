"""Changes of many offers at once: one batch command of Allegro's, with a result per offer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, BigKey, UtcDateTime
from allegro_module.db.offers import Offer


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


class OfferChange(Base):
    """`command_id` is ours, so that the same command is never carried out twice (facts.md 6.9)."""

    __tablename__ = "allegro_offer_change"
    __table_args__ = (
        UniqueConstraint("command_id"),
        Index("ix_allegro_offer_change_due", "state", "next_look_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    command_id: Mapped[str] = mapped_column(String(36))
    #: Column of the offer row and its new value: `shipping_rate_id`, `responsible_producer_id`, …
    field: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(64))
    #: As the seller knows it: the price list's name.
    label: Mapped[str] = mapped_column(String(255), default="")
    state: Mapped[ChangeState] = mapped_column(String(10), default=ChangeState.WAITING)
    trouble: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(String(100), default="")
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
