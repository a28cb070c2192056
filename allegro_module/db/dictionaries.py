"""Small dictionaries of Allegro's that belong to an account: promotion packages, delivery settings, …"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime


class Dictionary(Base):
    """`name`: "promotion_packages", "delivery_settings", "deposit_types", "size_tables", …

    `data` is what we use of the answer.
    """

    __tablename__ = "allegro_dictionary"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    name: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


def find_dictionary(session: Session, account_id: int, name: str) -> dict[str, Any]:
    """Empty while it has not been fetched."""
    found = session.scalar(
        select(Dictionary.data).where(Dictionary.account_id == account_id, Dictionary.name == name)
    )
    return found or {}


def find_dictionaries(session: Session, account_id: int, names: Collection[str]) -> dict[str, dict[str, Any]]:
    """By name, those that were fetched."""
    rows = session.execute(
        select(Dictionary.name, Dictionary.data).where(
            Dictionary.account_id == account_id, Dictionary.name.in_(names)
        )
    )
    return {row.name: row.data for row in rows}
