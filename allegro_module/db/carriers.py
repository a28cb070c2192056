"""Carriers: who can be named with a tracking number, as Allegro lists them (kept, facts.md 5.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, UtcDateTime, upsert


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


def keep_carriers(session: Session, environment: str, name_by_id: Mapping[str, str], now: datetime) -> None:
    """These and no others."""
    rows = [
        {"environment": environment, "id": each[:64], "name": name[:100], "fetched_at": now}
        for each, name in name_by_id.items()
    ]
    upsert(session, CarrierRow, ["environment", "id"], rows)
    session.execute(
        delete(CarrierRow).where(
            CarrierRow.environment == environment, CarrierRow.id.not_in([row["id"] for row in rows])
        )
    )
