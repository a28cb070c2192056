"""Categories that sellers chose: last used and favourites, for the category picker."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
