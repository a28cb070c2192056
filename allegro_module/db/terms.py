"""Selling terms of an account as last read from Allegro: price lists, returns, complaints, producers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime


class TermKind(StrEnum):
    SHIPPING_RATE = "shipping_rate"
    RETURN_POLICY = "return_policy"
    IMPLIED_WARRANTY = "implied_warranty"
    WARRANTY = "warranty"
    RESPONSIBLE_PRODUCER = "responsible_producer"


class SellingTerm(Base):
    __tablename__ = "allegro_selling_term"
    __table_args__ = (UniqueConstraint("account_id", "kind", "allegro_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    kind: Mapped[TermKind] = mapped_column(String(24))
    allegro_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


def list_terms(session: Session, account_id: int, kind: TermKind | None = None) -> Sequence[SellingTerm]:
    statement = select(SellingTerm).where(SellingTerm.account_id == account_id)
    if kind is not None:
        statement = statement.where(SellingTerm.kind == kind)
    return session.scalars(statement.order_by(SellingTerm.kind, SellingTerm.name)).all()


def kinds_by_account(session: Session) -> dict[int, set[TermKind]]:
    """Which kinds of terms each account has at all."""
    found: dict[int, set[TermKind]] = {}
    for account_id, kind in session.execute(select(SellingTerm.account_id, SellingTerm.kind).distinct()):
        found.setdefault(account_id, set()).add(TermKind(kind))
    return found
