"""What is made ready before an offer is sent: its description, and the pictures of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.offers import get_offer
from allegro_module.domain.description_sections import Section
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopAdapter, Sku
from allegro_module.sync.attachments import ensure_uploaded
from allegro_module.sync.description_templates import (
    description_problems,
    extra_refs,
    find_any_picture,
    rendered,
)
from allegro_module.sync.images import FileRefused, find_upload, prepared, remember_upload, upload
from allegro_module.sync.offer_claims import ClaimedOffer
from allegro_module.sync.offer_mapping import Uploaded


@dataclass(frozen=True, slots=True)
class Content:
    """`refs` are the offer's own pictures, then those that only the description needs."""

    sections: Sequence[Section] = ()
    refs: Sequence[str] = ()
    own: int = 0
    problems: Sequence[Problem] = ()
    #: Ids of `Attachment` rows with safety information.
    files: Sequence[int] = ()


NO_CONTENT = Content()


def make_content(session: Session, shop: ShopAdapter, offer_id: int) -> Content:
    offer = get_offer(session, offer_id)
    product = shop.products([Sku(offer.sku)]).get(Sku(offer.sku))
    sections = rendered(session, offer, product)
    refs = [*offer.images, *extra_refs(sections, offer.images)]
    problems = description_problems(sections, offer.images)
    files = () if offer.is_before_gpsr else tuple(offer.safety_attachments)
    return Content(sections, refs, len(offer.images), problems, files)


def upload_files(work: ClaimedOffer, api: AllegroClient, content: Content) -> tuple[str, ...]:
    """Allegro's ids of the files with safety information. Raises FileRefused, AllegroError."""
    if not content.files:
        return ()
    answers = ensure_uploaded(work.session, api, content.files, work.now)
    if problems := [each for each in answers if isinstance(each, Problem)]:
        raise FileRefused(problems)
    return tuple(each for each in answers if isinstance(each, str))


def upload_pictures(
    work: ClaimedOffer, api: AllegroClient, shop: ShopAdapter, account_id: int, content: Content
) -> Uploaded:
    """Their addresses at Allegro; the page follows by `images_done`. Raises FileRefused, AllegroError."""
    locations: list[str] = []
    for number, ref in enumerate(content.refs):
        picture = prepared(find_any_picture(work.session, shop, ref), number)
        # The adapter may have read through our session.
        work.session.rollback()
        location = find_upload(work.session, account_id, picture, work.now())
        expires_at = None
        if location is None:
            location, expires_at = upload(api, picture, number, work.now())
        with work.change() as offer:
            offer.images_done = number + 1
            if expires_at is not None:
                remember_upload(work.session, account_id, picture.content_hash, location, expires_at)
        locations.append(location)
    return _uploaded(locations, content)


def _uploaded(locations: Sequence[str], content: Content) -> Uploaded:
    """A picture of the description that is an own one under another name is not listed twice."""
    own = locations[: content.own]
    extra = [each for each in dict.fromkeys(locations[content.own :]) if each not in own]
    by_ref: Mapping[str, str] = dict(zip(content.refs, locations, strict=True))
    return Uploaded(own=tuple(own), extra=tuple(extra), url_by_ref=by_ref)
