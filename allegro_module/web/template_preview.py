"""The preview of a description template on a product of the shop, saved or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from allegro_module.domain.description_placeholders import PICTURE_REF, has_description
from allegro_module.domain.description_sections import Image, Item, Section, Text, size_of
from allegro_module.domain.listing import DESCRIPTION_BYTES_MAX, IMAGES_MAX
from allegro_module.domain.shop import ProductQuery, ShopProduct, Sku
from allegro_module.runtime import Runtime
from allegro_module.sync.description_templates import (
    allowed_item,
    description_problems,
    our_number,
    previewed,
)
from allegro_module.web.sentences import sentence

#: So many products the picker suggests.
SUGGESTED = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as the preview shows it: markup that has been checked, or a picture's address."""

    html: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    product: ShopProduct | None
    sections: Sequence[Sequence[Shown]]
    size: int
    size_max: int
    pictures: int
    problems: Sequence[str]
    uses_description: bool


def preview_of(runtime: Runtime, sections: Sequence[Section], product: ShopProduct | None) -> Preview:
    """Without a product the template as it stands."""
    safe = [Section(tuple(allowed_item(item) for item in section.items)) for section in sections]
    made = previewed(runtime.session, safe, product) if product else tuple(safe)
    images = list(product.images[:IMAGES_MAX]) if product else []
    return Preview(
        product=product,
        sections=[[_shown(item, product, images) for item in section.items] for section in made],
        size=size_of(made),
        size_max=DESCRIPTION_BYTES_MAX,
        pictures=sum(isinstance(item, Image) for section in made for item in section.items),
        problems=list(dict.fromkeys(map(sentence, description_problems(made, images)))) if product else [],
        uses_description=has_description(sections),
    )


def _shown(item: Item, product: ShopProduct | None, images: Sequence[str]) -> Shown:
    if isinstance(item, Text):
        return Shown(html=item.content)
    return Shown(address=picture_address(item.ref, product, images))


def picture_address(ref: str, product: ShopProduct | None, images: Sequence[str]) -> str:
    """Where our page shows the picture; empty for one that the product does not have."""
    number = our_number(ref)
    if number is not None:
        return url_for("allegro.templates.image", image_id=number)
    found = PICTURE_REF.fullmatch(ref)
    place = int(found[1].removeprefix("image_")) - 1 if found else _place(ref, images)
    if product is None or not 0 <= place < len(images):
        return ""
    return url_for("allegro.templates.product_image", sku=product.sku, place=place)


def _place(ref: str, images: Sequence[str]) -> int:
    return images.index(ref) if ref in images else -1


def pick_product(runtime: Runtime, wanted: str) -> ShopProduct | None:
    """By its SKU, else the first that the shop finds; the shop's first of all when nothing was typed."""
    text = wanted.strip()[:100]
    known = runtime.shop.products([Sku(text)]) if text else {}
    if Sku(text) in known:
        return known[Sku(text)]
    return next(iter(runtime.shop.find_products(ProductQuery(text, limit=1), None).items), None)


def suggestions(runtime: Runtime) -> Mapping[str, str]:
    """SKU → name, for the picker."""
    page = runtime.shop.find_products(ProductQuery(limit=SUGGESTED), None)
    return {product.sku: product.name for product in page.items}
