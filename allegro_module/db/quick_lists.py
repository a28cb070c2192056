"""Quick lists: products of the shop that are to be listed by EAN, from the first look-up to their offers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime, changes_one_row
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OfferState


class QuickList(Base):
    """`items` are `Item`s as JSON; the seller edits them between `prepared_at` and `asked_at`."""

    __tablename__ = "allegro_quick_list"
    __table_args__ = (UniqueConstraint("batch"), Index("ix_allegro_quick_list_account", "account_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    #: Its offers bear the same.
    batch: Mapped[str] = mapped_column(String(32))
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(100), default="")
    #: Every product has been looked up.
    prepared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: What is to become of the ticked ones, `domain.quick.Deed`.
    deed: Mapped[str] = mapped_column(String(10), default="")
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Each ticked one has its offer.
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    account: Mapped[Account] = relationship(lazy="joined")


def change_list(session: Session, list_id: int, version: int, **values: Any) -> bool:
    """Write as the first statement of the transaction; False when somebody has written since `version`."""
    return changes_one_row(
        session,
        update(QuickList)
        .where(QuickList.id == list_id, QuickList.version == version)
        .values(version=version + 1, **values),
    )


def list_latest_lists(session: Session, limit: int) -> Sequence[QuickList]:
    return session.scalars(select(QuickList).order_by(QuickList.id.desc()).limit(limit)).all()


def list_unfinished_lists(session: Session, account_id: int) -> Sequence[QuickList]:
    """Those that a job has still to bring on."""
    statement = select(QuickList).where(
        QuickList.account_id == account_id,
        or_(
            QuickList.prepared_at.is_(None),
            QuickList.asked_at.is_not(None) & QuickList.made_at.is_(None),
        ),
    )
    return session.scalars(statement.order_by(QuickList.id)).all()


def offers_by_sku(session: Session, account_id: int, skus: Collection[str]) -> Mapping[str, int]:
    """The newest offer of each SKU that has not ended."""
    rows = session.execute(
        select(Offer.sku, Offer.id)
        .where(Offer.account_id == account_id, Offer.sku.in_(skus), Offer.state != OfferState.ENDED)
        .order_by(Offer.id)
    )
    return {row.sku: row.id for row in rows}


def offers_of_batch(session: Session, batch: str) -> Mapping[int, Offer]:
    rows = session.scalars(select(Offer).where(Offer.batch == batch))
    return {row.id: row for row in rows}
