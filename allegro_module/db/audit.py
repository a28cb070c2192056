"""Audit log: who changed which setting or link, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, BigKey, UtcDateTime

MOST_SUBJECTS = 200


class AuditEntry(Base):
    """`details` names what changed, old and new; secrets appear as "changed" only."""

    __tablename__ = "allegro_audit"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(200), default="")
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """`actions`: None means all of them; `but_actions` are left out."""

    subject: str = ""
    actions: Collection[str] | None = None
    but_actions: Collection[str] = ()


EVERYTHING = AuditFilter()


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


def list_latest(
    session: Session, limit: int = 50, before_id: int | None = None, wanted: AuditFilter = EVERYTHING
) -> Sequence[AuditEntry]:
    """Newest first; with `before_id` those older than it."""
    statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(AuditEntry.id < before_id)
    if wanted.subject:
        statement = statement.where(AuditEntry.subject == wanted.subject)
    if wanted.actions is not None:
        statement = statement.where(AuditEntry.action.in_(wanted.actions))
    if wanted.but_actions:
        statement = statement.where(AuditEntry.action.not_in(wanted.but_actions))
    return session.scalars(statement).all()


def list_subjects(session: Session) -> Sequence[str]:
    """Logins, aliases and Client IDs that entries are about."""
    return session.scalars(
        select(AuditEntry.subject)
        .where(AuditEntry.subject != "")
        .distinct()
        .order_by(AuditEntry.subject)
        .limit(MOST_SUBJECTS)
    ).all()
