"""Pictures uploaded to Allegro: the same bytes are not sent again while Allegro still has them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.among import among
from allegro_module.db.base import Base, UtcDateTime


class UploadedImage(Base):
    __tablename__ = "allegro_uploaded_image"
    __table_args__ = (UniqueConstraint("account_id", "content_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    content_hash: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(500))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Place(NamedTuple):
    location: str
    expires_at: datetime


# Made once, as every offer asks it.
_PLACES = select(UploadedImage.content_hash, UploadedImage.location, UploadedImage.expires_at).where(
    UploadedImage.account_id == bindparam("account_id"), among(UploadedImage.content_hash, "hashes")
)


def images_by_hash(session: Session, account_id: int, hashes: Collection[str]) -> dict[str, Place]:
    given = {"account_id": account_id, "hashes": sorted(set(hashes))}
    rows = session.connection().execute(_PLACES, given)
    return {each.content_hash: Place(each.location, each.expires_at) for each in rows}
