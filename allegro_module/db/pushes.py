"""Pushes: rows that say what Allegro is to be told, written in the transaction of whoever wants it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, BigKey, UtcDateTime
from allegro_module.db.orders import Order
from allegro_module.domain.pushes import PushKind, PushState


class Push(Base):
    """`payload` by kind: {"status"}, {"carrier_id", "carrier_name", "waybill", "line_item_ids"} or
    {"number", "file_name"}.
    """

    __tablename__ = "allegro_push"
    __table_args__ = (
        Index("ix_allegro_push_due", "state", "next_try_at"),
        Index("ix_allegro_push_order_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    order_id: Mapped[int] = mapped_column(BigKey, ForeignKey(Order.id))
    kind: Mapped[PushKind] = mapped_column(String(10))
    state: Mapped[PushState] = mapped_column(String(10), default=PushState.WAITING)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: The PDF of an invoice.
    document: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    #: What Allegro calls it: the id of the shipment or the invoice, kept as soon as it is known.
    remote_id: Mapped[str] = mapped_column(String(255), default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Why it is not done yet, in Allegro's words or a code of ours; no personal data.
    trouble: Mapped[str] = mapped_column(String(500), default="")
    trace_id: Mapped[str] = mapped_column(String(100), default="")
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(100), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def list_pushes(session: Session, order_id: int) -> Sequence[Push]:
    """Newest first."""
    return session.scalars(select(Push).where(Push.order_id == order_id).order_by(Push.id.desc())).all()
