"""Section *Zdjęcia* of the offer form: tiles in the seller's order, and where our pages show a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from allegro_module.db.offer_images import our_number
from allegro_module.domain.listing import IMAGES_MAX, Picture
from allegro_module.domain.picture_addresses import domain_of, is_address
from allegro_module.sync.description_templates import extra_refs
from allegro_module.sync.description_templates import our_number as template_number
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_words import sentences_by_field


@dataclass(frozen=True, slots=True)
class PictureTile:
    """`number` counts those that are used, from 0; None for one that is left out.

    `is_added`: the seller's own, which is gone once it is left out.
    """

    ref: str
    address: str
    number: int | None
    words: str
    is_added: bool
    is_ai_made: bool
    errors: Sequence[str]

    @property
    def field(self) -> str:
        return "" if self.number is None else f"images.{self.number}"


@dataclass(frozen=True, slots=True)
class PicturesView:
    """`extra` are pictures of the description alone: they count with the offer's own."""

    tiles: Sequence[PictureTile]
    used: int
    extra: int
    most: int
    errors: Sequence[str]

    @property
    def room(self) -> int:
        return max(self.most - self.used - self.extra, 0)


def pictures_view(facts: Facts) -> PicturesView:
    errors = sentences_by_field([each for each in facts.shown_problems if not each.is_warning])
    used = list(facts.choices.images)
    others = [ref for ref in facts.refs if ref not in used]
    return PicturesView(
        tiles=[
            *(_tile(facts, ref, number, errors) for number, ref in enumerate(used)),
            *(_tile(facts, ref, None, errors) for ref in others),
        ],
        used=len(used),
        extra=len(extra_refs(facts.sections, used)),
        most=IMAGES_MAX,
        errors=errors.get("images", ()),
    )


def _tile(facts: Facts, ref: str, number: int | None, errors: Mapping[str, Sequence[str]]) -> PictureTile:
    return PictureTile(
        ref=ref,
        address=picture_address(facts.offer.id, facts.refs, ref),
        number=number,
        words=_words(ref, facts.pictures.get(ref, Picture())),
        is_added=our_number(ref) is not None or is_address(ref),
        is_ai_made=ref in facts.choices.ai_images,
        errors=() if number is None else errors.get(f"images.{number}", ()),
    )


def _words(ref: str, picture: Picture) -> str:
    """„1200 × 900 px”, or where it stands."""
    if is_address(ref):
        return t("from %(domain)s", domain=domain_of(ref))
    return f"{picture.width} × {picture.height} px" if picture.is_readable else ""


def picture_address(offer_id: int, refs: Sequence[str], ref: str) -> str:
    """Where our page shows it; empty for one that only Allegro fetches, and for one that is gone."""
    if (number := template_number(ref)) is not None:
        return url_for("allegro.templates.image", image_id=number)
    if (number := our_number(ref)) is not None:
        return url_for("allegro.offers.kept_image", image_id=number)
    if is_address(ref) or ref not in refs:
        return ""
    return url_for("allegro.offers.image", offer_id=offer_id, place=list(refs).index(ref))
