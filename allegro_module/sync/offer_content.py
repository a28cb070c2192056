"""What is made ready before an offer is sent: its description, and the pictures of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.description_sections import Section
from allegro_module.domain.picture_addresses import is_address
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopAdapter, Sku
from allegro_module.sync.attachments import ensure_uploaded
from allegro_module.sync.description_templates import (
    extra_refs,
    find_any_picture,
    problems_of_description,
    rendered,
)
from allegro_module.sync.images import (
    FileRefused,
    PreparedPicture,
    find_upload,
    prepared,
    remember_upload,
    upload,
)
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
    #: Refs of pictures that were made with AI, as the seller says (F10).
    ai_made: Collection[str] = ()
    #: Addresses that the offer shows at Allegro already: these uploads do not end.
    in_use: Collection[str] = ()


NO_CONTENT = Content()


def make_content(session: Session, shop: ShopAdapter, offer_id: int) -> Content:
    offer = get_offer(session, offer_id)
    product = shop.products([Sku(offer.sku)]).get(Sku(offer.sku))
    sections = rendered(session, offer, product)
    refs = [*offer.images, *extra_refs(sections, offer.images)]
    files = () if offer.is_before_gpsr else tuple(offer.safety_attachments)
    return Content(
        sections,
        refs,
        len(offer.images),
        problems_of_description(offer, sections),
        files,
        ai_made=frozenset(offer.ai_images or ()),
        in_use=_shown_at_allegro(offer),
    )


def _shown_at_allegro(offer: Offer) -> frozenset[str]:
    bodies: list[Mapping[str, Any]] = [offer.sent or {}, offer.live or {}]
    return frozenset(each for body in bodies for each in body.get("images") or () if isinstance(each, str))


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
        try:
            picture = _prepared(work, shop, ref, number, is_ai_made=ref in content.ai_made)
            location = find_upload(work.session, account_id, picture, work.now(), content.in_use)
            expires_at = None
            if location is None:
                location, expires_at = upload(api, picture, number, work.now())
        except FileRefused as refused:
            raise FileRefused(_where_it_stands(refused.problems, number - content.own)) from refused
        if expires_at is not None:
            # What is there already is passed over without a transaction: it takes no time.
            with work.change() as offer:
                offer.images_done = number + 1
                remember_upload(work.session, account_id, picture.content_hash, location, expires_at)
        locations.append(location)
    return _uploaded(locations, content)


def _prepared(
    work: ClaimedOffer, shop: ShopAdapter, ref: str, number: int, *, is_ai_made: bool
) -> PreparedPicture:
    if is_address(ref):
        return PreparedPicture(url=ref, is_ai_made=is_ai_made)
    picture = prepared(find_any_picture(work.session, shop, ref), number)
    # The adapter may have read through our session.
    work.session.rollback()
    return replace(picture, is_ai_made=is_ai_made)


def _where_it_stands(problems: Sequence[Problem], place: int) -> list[Problem]:
    """A picture that only the description needs has no tile: it is named by its place among those."""
    if place < 0:
        return list(problems)
    params = {"number": str(place + 1)}
    return [Problem("description_image_refused", "description", params, each.text) for each in problems]


def _uploaded(locations: Sequence[str], content: Content) -> Uploaded:
    """A picture of the description that is an own one under another name is not listed twice."""
    own = locations[: content.own]
    extra = [each for each in dict.fromkeys(locations[content.own :]) if each not in own]
    by_ref: Mapping[str, str] = dict(zip(content.refs, locations, strict=True))
    ai = dict.fromkeys(by_ref[ref] for ref in content.refs if ref in content.ai_made)
    return Uploaded(own=tuple(own), extra=tuple(extra), url_by_ref=by_ref, ai=tuple(ai))
