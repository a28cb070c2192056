"""Prints: documents of one or many orders, made by a job, kept for a day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.base import Base, UtcDateTime


class Print(Base):
    """`kind` and `state`: see `domain/prints.py`. `left_out`: order numbers with a code why ("held", …)."""

    __tablename__ = "allegro_print"
    __table_args__ = (Index("ix_allegro_print_state", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    order_ids: Mapped[list[int]] = mapped_column(JSON)
    left_out: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(12))
    done: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(String(300), default="")
    document: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(100), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
