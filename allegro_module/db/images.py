"""Pictures uploaded to Allegro: the same bytes are not sent again while Allegro still has them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime


class UploadedImage(Base):
    __tablename__ = "allegro_uploaded_image"
    __table_args__ = (UniqueConstraint("account_id", "content_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    content_hash: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(500))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


def images_by_hash(session: Session, account_id: int, hashes: Collection[str]) -> dict[str, UploadedImage]:
    rows = session.scalars(
        select(UploadedImage).where(
            UploadedImage.account_id == account_id, UploadedImage.content_hash.in_(hashes)
        )
    )
    return {row.content_hash: row for row in rows}
