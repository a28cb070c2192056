"""Allegro's delivery methods per environment, discontinued ones too: an old price list may still hold one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, UtcDateTime
from allegro_module.domain.price_lists import DeliveryMethod, method_from_json


class DeliveryMethodRow(Base):
    """`data` is a `DeliveryMethod` as JSON; `gone_at` is when Allegro stopped listing it."""

    __tablename__ = "allegro_delivery_method"
    __table_args__ = (UniqueConstraint("environment", "allegro_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    allegro_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def list_delivery_methods(session: Session, environment: str) -> Sequence[DeliveryMethod]:
    """By name; those that Allegro no longer lists are marked as such."""
    rows = session.execute(
        select(DeliveryMethodRow.data, DeliveryMethodRow.gone_at)
        .where(DeliveryMethodRow.environment == environment)
        .order_by(DeliveryMethodRow.name, DeliveryMethodRow.id)
    )
    return [method_from_json({**data, "is_gone": gone_at is not None}) for data, gone_at in rows]
