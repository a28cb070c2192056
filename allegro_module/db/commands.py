"""Command: asked of Allegro, answer unknown yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, BigKey, UtcDateTime
from allegro_module.db.offers import Offer


class Command(Base):
    """An operation that runs at Allegro; `location` is where its outcome can be read (facts.md 6.2)."""

    __tablename__ = "allegro_command"
    __table_args__ = (Index("ix_allegro_command_offer_id", "offer_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    offer_id: Mapped[int] = mapped_column(ForeignKey(Offer.id))
    location: Mapped[str] = mapped_column(String(500))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20), default="")


def find_open_command(session: Session, offer_id: int) -> Command | None:
    return session.scalars(
        select(Command)
        .where(Command.offer_id == offer_id, Command.settled_at.is_(None))
        .order_by(Command.id.desc())
        .limit(1)
    ).one_or_none()


def list_open_commands(session: Session) -> Sequence[Command]:
    return session.scalars(select(Command).where(Command.settled_at.is_(None)).order_by(Command.id)).all()
