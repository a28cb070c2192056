"""What is made ready before an offer is sent: its description, and the pictures of both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.description_sections import Section
from allegro_module.domain.listing import picture_problem
from allegro_module.domain.picture_addresses import is_address
from allegro_module.domain.problems import Problem
from allegro_module.domain.product_sets import SafetyChoice
from allegro_module.domain.shop import ShopAdapter, ShopProduct, Sku
from allegro_module.sync.attachments import attachments_of, ensure_uploaded
from allegro_module.sync.description_templates import (
    extra_refs,
    find_any_picture,
    problems_of_description,
    rendered,
)
from allegro_module.sync.images import (
    FileRefused,
    PreparedPicture,
    declared_hash,
    prepared,
    remember_upload,
    upload,
)
from allegro_module.sync.offer_claims import ClaimedOffer
from allegro_module.sync.offer_mapping import Uploaded
from allegro_module.sync.offer_runs import Run


@dataclass(frozen=True, slots=True)
class Content:
    """`refs` are the offer's own pictures, then those that only the description needs."""

    sections: Sequence[Section] = ()
    refs: Sequence[str] = ()
    own: int = 0
    problems: Sequence[Problem] = ()
    #: Ids of `Attachment` rows with safety information, the offer's own first, then those of its set.
    files: Sequence[int] = ()
    #: Refs of pictures that were made with AI, as the seller says (F10).
    ai_made: Collection[str] = ()
    #: Addresses that the offer shows at Allegro already: these uploads do not end.
    in_use: Collection[str] = ()


NO_CONTENT = Content()


def make_content(session: Session, shop: ShopAdapter, offer_id: int) -> Content:
    offer = get_offer(session, offer_id)
    return content_of(session, offer, lambda sku: shop.products([Sku(sku)]).get(Sku(sku)))


def content_of(session: Session, offer: Offer, product_of: Callable[[str], ShopProduct | None]) -> Content:
    """The product is asked for only where the description speaks of it."""
    speaks = offer.description_sections is not None or offer.description_template_id is not None
    sections = rendered(session, offer, product_of(offer.sku) if speaks else None)
    refs = [*offer.images, *extra_refs(sections, offer.images)]
    return Content(
        sections,
        refs,
        len(offer.images),
        problems_of_description(offer, sections),
        tuple(_files(offer)),
        ai_made=frozenset(offer.ai_images or ()),
        in_use=_shown_at_allegro(offer),
    )


def _files(offer: Offer) -> list[int]:
    own = () if offer.is_before_gpsr else offer.safety_attachments or ()
    rows = [each for each in offer.more_products or () if each.get("safety") == SafetyChoice.FILES]
    further = [each for row in rows for each in row.get("safety_attachments") or ()]
    return list(dict.fromkeys([*own, *further]))


def _shown_at_allegro(offer: Offer) -> frozenset[str]:
    bodies: list[Mapping[str, Any]] = [offer.sent or {}, offer.live or {}]
    return frozenset(each for body in bodies for each in body.get("images") or () if isinstance(each, str))


def upload_files(work: ClaimedOffer, api: AllegroClient, content: Content) -> dict[int, str]:
    """Allegro's ids of the files with safety information, by row. Raises FileRefused, AllegroError."""
    if not content.files:
        return {}
    answers = ensure_uploaded(work.session, api, content.files, work.now)
    if problems := [each for each in answers if isinstance(each, Problem)]:
        raise FileRefused(problems)
    found = attachments_of(work.session, content.files).values()
    ids = {each.id: each.allegro_id for each in found if each.allegro_id}
    work.session.rollback()
    return ids


def upload_pictures(
    work: ClaimedOffer, api: AllegroClient, run: Run, account_id: int, content: Content
) -> Uploaded:
    """Their addresses at Allegro; the page follows by `images_done`. Raises FileRefused, AllegroError."""
    hashes = _hashes(work, run, content)
    known = run.uploads(account_id, hashes.values(), work.now(), content.in_use)
    locations: list[str] = []
    for number, ref in enumerate(content.refs):
        # What is there already is passed over without a transaction: it takes no time.
        location = known.get(hashes[ref])
        if location is None:
            with _placed(content, number):
                picture = _prepared(work, run.shop, ref, number, is_ai_made=ref in content.ai_made)
                location, expires_at = upload(api, picture, number, work.now())
            with work.change() as offer:
                offer.images_done = number + 1
                remember_upload(work.session, account_id, picture.content_hash, location, expires_at)
            known[picture.content_hash] = location
        locations.append(location)
    return _uploaded(locations, content)


def _hashes(work: ClaimedOffer, run: Run, content: Content) -> dict[str, str]:
    """By ref, of the bytes as they are sent. Raises FileRefused."""
    found: dict[str, str] = {}
    for number, ref in enumerate(content.refs):
        seen, is_ai_made = run.seen(ref), ref in content.ai_made
        with _placed(content, number):
            if problem := picture_problem(seen.picture, number):
                raise FileRefused([problem])
            found[ref] = (
                declared_hash(seen.bare_hash, is_ai_made)
                if seen.bare_hash
                else _prepared(work, run.shop, ref, number, is_ai_made=is_ai_made).content_hash
            )
    return found


@contextmanager
def _placed(content: Content, number: int) -> Iterator[None]:
    try:
        yield
    except FileRefused as refused:
        raise FileRefused(_where_it_stands(refused.problems, number - content.own)) from refused


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
