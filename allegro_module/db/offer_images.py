"""Pictures that the seller added to offers from the disk; those of the shop's products stay in the shop."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from allegro_module.db.base import Base, UtcDateTime

#: Ref in `Offer.images` of a row here: `upload:12`. A ref that begins with https:// is an address.
OURS = "upload:"


class OfferImage(Base):
    __tablename__ = "allegro_offer_image"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    data: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def ref(self) -> str:
        return f"{OURS}{self.id}"


def our_number(ref: str) -> int | None:
    """The id of the OfferImage that a ref names."""
    bare = ref.removeprefix(OURS)
    return int(bare) if ref.startswith(OURS) and bare.isascii() and bare.isdigit() else None


def offer_images(session: Session, ids: Collection[int]) -> dict[int, OfferImage]:
    """Without their bytes."""
    return {row.id: row for row in session.scalars(select(OfferImage).where(OfferImage.id.in_(ids)))}


def offer_image_data(session: Session, image_id: int) -> bytes | None:
    return session.scalars(select(OfferImage.data).where(OfferImage.id == image_id)).one_or_none()
