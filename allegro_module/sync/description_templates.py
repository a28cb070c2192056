"""The description of an offer: its template filled with the product, or its own text alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy.orm import Session

from allegro_module.db.description_templates import find_template, image_data, known_images
from allegro_module.db.offer_images import offer_image_data
from allegro_module.db.offer_images import our_number as kept_number
from allegro_module.db.offers import Offer
from allegro_module.domain.description_markup import markup_problem
from allegro_module.domain.description_placeholders import Values, filled, template_problems
from allegro_module.domain.description_sections import (
    Item,
    Section,
    Text,
    read_sections,
    refs_of,
    section_problems,
)
from allegro_module.domain.listing import IMAGES_MAX
from allegro_module.domain.money import Money
from allegro_module.domain.picture_addresses import is_address
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopAdapter, ShopProduct
from allegro_module.sync.descriptions import to_allegro_html
from allegro_module.sync.images import find_picture

#: Ref of a picture that was uploaded for templates.
OURS = "template:"
NO_BREAK = "\u00a0"
SIGNS = {"PLN": "zł", "CZK": "Kč", "EUR": "€", "HUF": "Ft"}
GRAMS = Decimal(1000)


def rendered(session: Session, offer: Offer, product: ShopProduct | None) -> tuple[Section, ...]:
    """The sections to send; without sections of its own and a template the description is the only one.

    `{image_2}` is the offer's second picture. They begin as those of the product; one that the seller has
    left out does not come back by a template.
    """
    stored = offer.description_sections
    if stored is None:
        template = find_template(session, offer.description_template_id)
        if template is None:
            own = to_allegro_html(offer.description_html)
            return (Section((Text(own),)),) if own else ()
        stored = template.sections
    sections = [_allowed(section) for section in read_sections(stored)]
    return with_known_pictures(session, filled(sections, values_of(offer, product)))


def _allowed(section: Section) -> Section:
    """Sections of a draft are kept with their mistakes; neither a page nor Allegro is given these."""
    return Section(tuple(allowed_item(item) for item in section.items))


def allowed_item(item: Item) -> Item:
    """What is not in Allegro's grammar yet as it would be converted, never as it was typed."""
    if isinstance(item, Text) and markup_problem(item.content, ""):
        return Text(to_allegro_html(item.content))
    return item


def previewed(session: Session, sections: Sequence[Section], product: ShopProduct) -> tuple[Section, ...]:
    """What a template, saved or not, would make of a new offer of this product."""
    return with_known_pictures(session, filled(sections, values_of_product(product)))


def with_known_pictures(session: Session, sections: Sequence[Section]) -> tuple[Section, ...]:
    """Without pictures of ours that have been deleted."""
    wanted = {number for ref in refs_of(sections) if (number := our_number(ref)) is not None}
    known = known_images(session, wanted) if wanted else set()
    made = (
        Section(
            tuple(
                item
                for item in section.items
                if isinstance(item, Text) or (our_number(item.ref) is None or our_number(item.ref) in known)
            )
        )
        for section in sections
    )
    return tuple(section for section in made if section.items)


def our_number(ref: str) -> int | None:
    """The id of the TemplateImage that a ref names."""
    bare = ref.removeprefix(OURS)
    return int(bare) if ref.startswith(OURS) and bare.isascii() and bare.isdigit() else None


def values_of_product(product: ShopProduct) -> Values:
    return Values(
        texts={
            "name": product.name,
            "brand": product.brand or "",
            "sku": product.sku,
            "ean": product.gtin or "",
            "mpn": product.mpn or "",
            "price": price_words(product.price),
            "category": product.category_name or "",
            "weight": weight_words(product.weight_kg),
        },
        attributes=product.attributes,
        description=to_allegro_html(product.description_html),
        images=product.images[:IMAGES_MAX],
    )


def values_of(offer: Offer, product: ShopProduct | None) -> Values:
    """The offer's own figures before the product's; a product that is gone says nothing more."""
    known = values_of_product(product) if product is not None else Values(texts={"name": offer.title})
    texts = {**known.texts, "sku": offer.sku}
    if offer.gtin.strip():
        texts["ean"] = offer.gtin.strip()
    if offer.price is not None:
        texts["price"] = price_words(Money(offer.price, offer.currency))
    description = to_allegro_html(offer.description_html)
    return replace(known, texts=texts, description=description, images=tuple(offer.images))


def price_words(price: Money) -> str:
    """„1 249,00 zł”; descriptions are read by buyers, in Polish."""
    whole = price.currency in ("CZK", "HUF") and price.amount == int(price.amount)
    written = f"{price.amount:,.0f}" if whole else f"{price.amount:,.2f}"
    spaced = written.replace(",", NO_BREAK).replace(".", ",")
    return f"{spaced}{NO_BREAK}{SIGNS.get(price.currency, price.currency)}"


def weight_words(weight_kg: Decimal | None) -> str:
    """„350 g”, „2,8 g”, „1,25 kg”."""
    if not weight_kg:
        return ""
    amount, unit = (weight_kg * GRAMS, "g") if weight_kg < 1 else (weight_kg, "kg")
    return f"{amount.normalize():f}".replace(".", ",") + NO_BREAK + unit


def description_problems(sections: Sequence[Section], images: Sequence[str]) -> list[Problem]:
    """What Allegro would refuse in the filled description, at the fields of the offer's form."""
    problems = [replace(problem, field="description") for problem in section_problems(sections)]
    extra = extra_refs(sections, images)
    if len(images) <= IMAGES_MAX < len(images) + len(extra):
        params = {"own": str(len(images)), "extra": str(len(extra)), "max": str(IMAGES_MAX)}
        problems.append(Problem("description_images_too_many", "images", params))
    return problems


def problems_of_description(offer: Offer, sections: Sequence[Section]) -> list[Problem]:
    """The same of an offer: mistakes in sections of its own stand at these, as they are written."""
    problems = description_problems(sections, offer.images)
    if offer.description_sections is None:
        return problems
    own = template_problems(read_sections(offer.description_sections))
    found = [each for each in own if each.code != "description_too_long"]
    said = {each.code for each in found}
    return [*found, *(each for each in problems if each.code not in said)]


def extra_refs(sections: Sequence[Section], images: Sequence[str]) -> list[str]:
    """Pictures of the description that are not the offer's own: they stand behind those (facts.md 6.5)."""
    own = set(images)
    return [ref for ref in refs_of(sections) if ref not in own]


def find_any_picture(session: Session, shop: ShopAdapter, ref: str) -> bytes | None:
    """The bytes of a picture of the shop or of ours; None when it is gone, or at an address elsewhere."""
    if (number := our_number(ref)) is not None:
        return image_data(session, number)
    if (number := kept_number(ref)) is not None:
        return offer_image_data(session, number)
    return None if is_address(ref) else find_picture(shop, ref)
