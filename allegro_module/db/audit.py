"""Audit log: who changed which setting or link, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, BigKey, UtcDateTime


class AuditEntry(Base):
    """`details` names what changed, old and new; secrets appear as "changed" only."""

    __tablename__ = "allegro_audit"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(200), default="")
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


def record(
    session: Session,
    now: datetime,
    who: str,
    action: str,
    subject: str,
    details: Mapping[str, str] | None = None,
) -> None:
    session.add(
        AuditEntry(at=now, who=who[:100], action=action, subject=subject[:200], details=dict(details or {}))
    )


def list_latest(session: Session, limit: int = 50) -> Sequence[AuditEntry]:
    return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)).all()
