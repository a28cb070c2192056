"""Completeness: how many orders Allegro has for a span of time, how many the shop has, which are missing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime


class Completeness(Base):
    """One proof: READY_FOR_PROCESSING forms bought from `since` until `until`, superseded ones left out."""

    __tablename__ = "allegro_completeness"
    __table_args__ = (Index("ix_allegro_completeness_account_id", "account_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    at_allegro: Mapped[int]
    in_shop: Mapped[int]
    #: Ids of forms that Allegro has and the shop lacks, at most a hundred.
    missing: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: The other way round.
    unknown: Mapped[list[str]] = mapped_column(JSON, default=list)

    @property
    def is_complete(self) -> bool:
        return not self.missing


def find_latest_proof(session: Session, account_id: int) -> Completeness | None:
    return session.scalars(
        select(Completeness)
        .where(Completeness.account_id == account_id)
        .order_by(Completeness.id.desc())
        .limit(1)
    ).one_or_none()
