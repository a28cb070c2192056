"""Deleting rows that are kept no longer, a few at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from allegro_module.db.alarms import Alarm
from allegro_module.db.audit import AuditEntry
from allegro_module.db.catalogue import ProductSearch
from allegro_module.db.links import LinkAttempt
from allegro_module.db.prints import Print

#: What is kept for a while, and by which time its age is told.
AGEING = {
    AuditEntry: AuditEntry.at,
    Alarm: Alarm.at,
    LinkAttempt: LinkAttempt.begun_at,
    Print: Print.created_at,
    ProductSearch: ProductSearch.fetched_at,
}


def delete_older(
    session: Session,
    kind: type[AuditEntry | Alarm | LinkAttempt | Print | ProductSearch],
    before: datetime,
    limit: int,
) -> int:
    """How many of the oldest rows went; fewer than `limit` when none is left."""
    oldest = select(kind.id).where(AGEING[kind] < before).order_by(kind.id).limit(limit)
    ids = list(session.scalars(oldest))
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        delete(kind).where(kind.id.in_(ids)), execution_options={"synchronize_session": False}
    )
    return result.rowcount if ids else 0
