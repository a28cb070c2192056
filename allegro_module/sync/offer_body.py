"""The JSON of an offer as it would be sent: for sending, the preview, the comparison with Allegro's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from allegro_module.db.attachments import Attachment
from allegro_module.db.offers import Offer
from allegro_module.domain.description_sections import Section
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.catalogue import catalogue_of
from allegro_module.sync.offer_check import parameters_of
from allegro_module.sync.offer_content import make_content
from allegro_module.sync.offer_mapping import Uploaded, to_product_offer

#: In place of the address of a picture that has not been uploaded, and of a file's id.
REF = "ref:"


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a body is made of beside the row."""

    parameters: Sequence[Parameter]
    pictures: Uploaded
    sections: Sequence[Section]
    #: Allegro's ids of files with safety information, by `Attachment` row.
    file_ids: Mapping[int, str] = field(default_factory=dict)


def whole_body(
    session: Session, shop: ShopAdapter, offer: Offer, uploaded: Uploaded | None = None
) -> dict[str, Any]:
    """Exactly what would be sent to create the offer now.

    Without `uploaded` each picture's address is `ref:` and its ref, and so is the id of a file that Allegro
    does not have yet.
    """
    content = make_content(session, shop, offer.id)
    pictures = uploaded or _not_uploaded(content.refs, content.own, offer.ai_images or ())
    files = {each: _file_id(session, each) for each in content.files}
    ingredients = Ingredients(parameters_of(session, offer), pictures, content.sections, files)
    return body_of(session, offer, ingredients)


def body_of(
    session: Session, offer: Offer, ingredients: Ingredients, now: datetime | None = None
) -> dict[str, Any]:
    files = ingredients.file_ids
    request = to_product_offer(
        offer,
        ingredients.parameters,
        ingredients.pictures,
        ingredients.sections,
        [files[each] for each in offer.safety_attachments or () if each in files],
        file_ids=files,
        catalogue=catalogue_of(session, offer),
        now=now,
    )
    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(request))
    return body


def _not_uploaded(refs: Sequence[str], own: int, ai_made: Sequence[str]) -> Uploaded:
    address_by_ref = {ref: f"{REF}{ref}" for ref in refs}
    addresses = [address_by_ref[ref] for ref in refs]
    return Uploaded(
        own=tuple(addresses[:own]),
        extra=tuple(addresses[own:]),
        url_by_ref=address_by_ref,
        ai=tuple(address_by_ref[ref] for ref in refs if ref in ai_made),
    )


def _file_id(session: Session, attachment_id: int) -> str:
    row = session.get(Attachment, attachment_id)
    return (row and row.allegro_id) or f"{REF}{attachment_id}"
