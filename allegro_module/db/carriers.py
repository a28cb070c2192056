"""Carriers: who can be named with a tracking number, as Allegro lists them (kept, facts.md 5.10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, UtcDateTime


class CarrierRow(Base):
    __tablename__ = "allegro_carrier"

    environment: Mapped[str] = mapped_column(String(16), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


def list_carriers(session: Session, environment: str) -> Sequence[CarrierRow]:
    return session.scalars(
        select(CarrierRow).where(CarrierRow.environment == environment).order_by(CarrierRow.name)
    ).all()
