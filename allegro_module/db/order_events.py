"""History of an order: what happened, when, and whose doing it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, ForeignKey, Index, String, Table, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, BigKey, UtcDateTime
from allegro_module.db.bulk import insert_rows
from allegro_module.db.orders import Order
from allegro_module.domain.orders import EventKind


class OrderEvent(Base):
    """`who` is empty for what the import or Allegro did. `params` hold no personal data."""

    __tablename__ = "allegro_order_event"
    __table_args__ = (Index("ix_allegro_order_event_order_id", "order_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigKey, ForeignKey(Order.id))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(100), default="")
    kind: Mapped[EventKind] = mapped_column(String(20))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


_EVENTS = cast(Table, OrderEvent.__table__)


def note_event(
    session: Session, order_id: int, kind: EventKind, at: datetime, who: str = "", /, **params: Any
) -> None:
    session.add(OrderEvent(order_id=order_id, kind=kind, at=at, who=who[:100], params=params))


def add_events(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Many at once; each row has order_id, at, who, kind and params."""
    insert_rows(session, _EVENTS, rows)


def list_events(session: Session, order_id: int) -> Sequence[OrderEvent]:
    """Newest first."""
    return session.scalars(
        select(OrderEvent).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id.desc()).limit(200)
    ).all()
