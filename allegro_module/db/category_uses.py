"""Categories that sellers chose: last used and favourites, for the category picker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, UtcDateTime


class CategoryUse(Base):
    __tablename__ = "allegro_category_use"
    __table_args__ = (
        UniqueConstraint("environment", "category_id"),
        Index("ix_allegro_category_use_used_at", "environment", "used_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    category_id: Mapped[str] = mapped_column(String(64))
    #: None: a favourite that was never chosen.
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    uses: Mapped[int] = mapped_column(default=0)
    is_favourite: Mapped[bool] = mapped_column(default=False)


def remember_use(session: Session, environment: str, category_id: str, now: datetime) -> None:
    """The caller commits."""
    row = {
        "environment": environment,
        "category_id": category_id,
        "used_at": now,
        "uses": 1,
        "is_favourite": False,
    }
    again = {"used_at": now, "uses": CategoryUse.uses + 1}
    _insert_or(session, row, again)


def set_favourite(session: Session, environment: str, category_id: str, *, is_favourite: bool) -> None:
    """The caller commits."""
    row = {"environment": environment, "category_id": category_id, "uses": 0, "is_favourite": is_favourite}
    _insert_or(session, row, {"is_favourite": is_favourite})


def _insert_or(session: Session, row: dict[str, Any], change: dict[str, Any]) -> None:
    """One statement, so that two clicks at once do not trip over each other."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(CategoryUse)
        .values(**row)
        .on_conflict_do_update(index_elements=["environment", "category_id"], set_=change)
    )


def list_favourites(session: Session, environment: str) -> Sequence[str]:
    statement = select(CategoryUse.category_id).where(
        CategoryUse.environment == environment, CategoryUse.is_favourite
    )
    return session.scalars(statement.order_by(CategoryUse.id)).all()


def list_last_used(session: Session, environment: str, limit: int) -> Sequence[str]:
    """The latest first."""
    statement = select(CategoryUse.category_id).where(
        CategoryUse.environment == environment, CategoryUse.used_at.is_not(None)
    )
    return session.scalars(statement.order_by(CategoryUse.used_at.desc()).limit(limit)).all()
