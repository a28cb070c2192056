"""Pictures that the seller added to offers from the disk; those of the shop's products stay in the shop."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from allegro_module.db.base import Base, UtcDateTime
from allegro_module.db.offer_templates import OfferTemplate
from allegro_module.db.offers import Offer

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


def find_offer_image_by_hash(session: Session, sha256: str) -> OfferImage | None:
    return session.scalars(select(OfferImage).where(OfferImage.sha256 == sha256)).one_or_none()


def list_ids_before(session: Session, before: datetime) -> list[int]:
    return list(session.scalars(select(OfferImage.id).where(OfferImage.created_at < before)))


def refs_of_offers(session: Session) -> Iterator[str]:
    """Of all pictures of ours that an offer or a template of offers still names."""
    uses = select(Offer.images, Offer.description_sections)
    for images, sections in session.execute(uses.execution_options(yield_per=1000)):
        yield from images or ()
        yield from _refs_in(sections or ())
    for values in session.scalars(select(OfferTemplate.values)):
        yield from _refs_in(values)


def _refs_in(stored: Any) -> Iterator[str]:
    """Wherever they stand in what was stored."""
    if isinstance(stored, str):
        if stored.startswith(OURS):
            yield stored
    elif isinstance(stored, dict):
        for value in stored.values():
            yield from _refs_in(value)
    elif isinstance(stored, list | tuple):
        for value in stored:
            yield from _refs_in(value)
