"""Pictures that sellers add to offers: kept from the disk, looked at wherever they are, and tidied."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from allegro_module.client.images import media_type_of
from allegro_module.db.offer_images import (
    OfferImage,
    find_offer_image_by_hash,
    list_ids_before,
    offer_images,
    our_number,
    refs_of_offers,
)
from allegro_module.domain.listing import Picture
from allegro_module.domain.picture_addresses import is_address
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.images import find_picture, look_at
from allegro_module.sync.picture_files import file_name, file_problem

#: What no offer uses is kept as long, for pages that are still open and drafts that are being cloned.
KEPT = timedelta(days=2)
AT_ONCE = 200


def keep_offer_image(session: Session, name: str, data: bytes, now: datetime) -> OfferImage | Problem:
    """A row, flushed; the same picture again answers the row that is there."""
    bare = file_name(name)
    if not data:
        return Problem("template_image_unreadable", "images", {"name": bare})
    if problem := file_problem(bare, data, "images"):
        return problem
    digest = hashlib.sha256(data).hexdigest()
    if known := find_offer_image_by_hash(session, digest):
        known.created_at = now
        return known
    picture = look_at(data)
    row = OfferImage(
        name=bare,
        media_type=media_type_of(data) or "",
        sha256=digest,
        width=picture.width,
        height=picture.height,
        size=len(data),
        data=data,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def look_at_pictures(session: Session, shop: ShopAdapter, refs: Sequence[str]) -> list[Picture]:
    """In their order; those that are gone cannot be read, those at an address only Allegro looks at."""
    numbers = {ref: number for ref in refs if (number := our_number(ref)) is not None}
    kept = offer_images(session, numbers.values()) if numbers else {}
    return [_look(shop, ref, kept.get(numbers[ref]) if ref in numbers else None) for ref in refs]


def _look(shop: ShopAdapter, ref: str, kept: OfferImage | None) -> Picture:
    if kept is not None:
        return Picture(kept.width, kept.height, kept.size)
    if is_address(ref):
        return Picture(is_elsewhere=True)
    content = find_picture(shop, ref)
    return look_at(content) if content else Picture()


def tidy_offer_images(session: Session, now: datetime) -> int:
    """Deletes pictures that no offer refers to any more; answers how many."""
    old = list_ids_before(session, now - KEPT)
    in_use = {number for ref in refs_of_offers(session) if (number := our_number(ref))} if old else set()
    gone = [each for each in old if each not in in_use]
    for start in range(0, len(gone), AT_ONCE):
        some = gone[start : start + AT_ONCE]
        unused = delete(OfferImage).where(OfferImage.id.in_(some), OfferImage.created_at < now - KEPT)
        session.execute(unused, execution_options={"synchronize_session": False})
        session.commit()
    session.rollback()
    return len(gone)
