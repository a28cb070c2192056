"""Offer templates: named sets of choices with which a new offer may begin (*Zapisz jako szablon*)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime


class OfferTemplate(Base):
    """`values` by column of the offer, without what belongs to one product (title, EAN, pictures, …)."""

    __tablename__ = "allegro_offer_template"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    name: Mapped[str] = mapped_column(String(100))
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(100), default="")


def list_offer_templates(session: Session, account_id: int) -> Sequence[OfferTemplate]:
    statement = select(OfferTemplate).where(OfferTemplate.account_id == account_id)
    return session.scalars(statement.order_by(OfferTemplate.name)).all()


def find_offer_template(session: Session, account_id: int, name: str) -> OfferTemplate | None:
    return session.scalars(
        select(OfferTemplate).where(OfferTemplate.account_id == account_id, OfferTemplate.name == name)
    ).one_or_none()
