"""Where an offer's pictures stand at Allegro already, as far as we know without asking."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from allegro_module.db.images import images_by_hash
from allegro_module.db.offers import Offer
from allegro_module.domain.picture_addresses import is_address
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.description_templates import find_any_picture
from allegro_module.sync.images import FileRefused, PreparedPicture, prepared
from allegro_module.sync.offer_body import REF
from allegro_module.sync.offer_content import Content, make_content
from allegro_module.sync.offer_mapping import Uploaded


def known_uploads(session: Session, shop: ShopAdapter, offer: Offer) -> Uploaded:
    """Of a picture that Allegro does not have the address is `ref:` and its ref."""
    content = make_content(session, shop, offer.id)
    hashes = {ref: _hash(session, shop, content, ref) for ref in content.refs}
    known = images_by_hash(session, offer.account_id, [each for each in hashes.values() if each])
    addresses = {
        ref: known[content_hash].location if content_hash in known else f"{REF}{ref}"
        for ref, content_hash in hashes.items()
    }
    return _uploaded(addresses, content)


def _hash(session: Session, shop: ShopAdapter, content: Content, ref: str) -> str:
    """Empty for a picture that cannot be sent as it is."""
    is_ai_made = ref in content.ai_made
    if is_address(ref):
        return PreparedPicture(url=ref, is_ai_made=is_ai_made).content_hash
    try:
        picture = prepared(find_any_picture(session, shop, ref), 0)
    except FileRefused:
        return ""
    return PreparedPicture(picture.content, picture.media_type, is_ai_made=is_ai_made).content_hash


def _uploaded(addresses: dict[str, str], content: Content) -> Uploaded:
    located: Sequence[str] = [addresses[ref] for ref in content.refs]
    own = located[: content.own]
    extra = [each for each in dict.fromkeys(located[content.own :]) if each not in own]
    ai = dict.fromkeys(addresses[ref] for ref in content.refs if ref in content.ai_made)
    return Uploaded(own=tuple(own), extra=tuple(extra), url_by_ref=addresses, ai=tuple(ai))
