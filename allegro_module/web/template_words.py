"""Words of the pages of description templates: layouts, placeholders, what an import changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allegro_module.domain.description_placeholders import ATTRIBUTE, ATTRIBUTES, BLOCKS, DESCRIPTION
from allegro_module.domain.description_sections import Image, Layout, Section, Text
from allegro_module.domain.profiles import Scope
from allegro_module.domain.shop import ShopProduct
from allegro_module.web.i18n import marked, n, t

LAYOUTS = {
    Layout.TEXT: (marked("Text"), ("text-left",)),
    Layout.IMAGE: (marked("Picture"), ("image",)),
    Layout.TEXT_IMAGE: (marked("Text and picture"), ("text-left", "image")),
    Layout.IMAGE_TEXT: (marked("Picture and text"), ("image", "text-left")),
    Layout.IMAGE_IMAGE: (marked("Two pictures"), ("image", "image")),
    Layout.TEXT_TEXT: (marked("Two texts"), ("text-left", "text-left")),
}
PLACEHOLDERS = {
    "name": marked("product's name"),
    "brand": marked("brand"),
    "sku": "SKU",
    "ean": "EAN",
    "mpn": marked("producer's code"),
    "price": marked("price"),
    "category": marked("shop's category"),
    "weight": marked("weight"),
    ATTRIBUTES: marked("list of all attributes"),
    DESCRIPTION: marked("product's own description"),
}
SCOPES = {
    Scope.ACCOUNT: marked("account %(alias)s"),
    Scope.CATEGORY: marked("category “%(label)s” (%(alias)s)"),
    Scope.BRAND: marked("brand “%(label)s” (%(alias)s)"),
    Scope.PRODUCT: marked("product “%(label)s” (%(alias)s)"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """`insert` is what comes into the text at the cursor."""

    written: str
    words: str
    insert: str


def chips(product: ShopProduct | None) -> list[Chip]:
    known = [_chip(name, t(words)) for name, words in PLACEHOLDERS.items()]
    names = [] if product is None else list(product.attributes)[:20]
    return [*known, *(_chip(f"{ATTRIBUTE}{name}", t("attribute")) for name in names)]


def _chip(name: str, words: str) -> Chip:
    written = f"{{{name}}}"
    return Chip(written, words, f"<p>{written}</p>" if name in BLOCKS else written)


def layout_choices() -> list[tuple[str, str, Sequence[str]]]:
    return [(str(layout), t(words), icons) for layout, (words, icons) in LAYOUTS.items()]


def layout_words(layout: Layout) -> str:
    return t(LAYOUTS[layout][0])


def place_words(number: int, place: int, count: int) -> str:
    """„Sekcja 2, lewa strona”."""
    if count == 1:
        return t("Section %(number)s", number=number + 1)
    return (
        t("Section %(number)s, left", number=number + 1)
        if place == 0
        else t("Section %(number)s, right", number=number + 1)
    )


def profile_words(scope: Scope, alias: str, label: str) -> str:
    return t(SCOPES[scope], alias=alias, label=label)


def change_words(changes: Mapping[str, int]) -> list[str]:
    """What an import changed or left out, one sentence for each kind."""
    sentences = {
        "pictures": n(
            "%(num)s picture left out: choose it in a section.",
            "%(num)s pictures left out: choose them in sections.",
            changes.get("pictures", 0),
        ),
        "links": n(
            "%(num)s link became plain text.", "%(num)s links became plain text.", changes.get("links", 0)
        ),
        "tables": n(
            "%(num)s table became paragraphs.", "%(num)s tables became paragraphs.", changes.get("tables", 0)
        ),
        "headings": n(
            "%(num)s smaller heading became h2.",
            "%(num)s smaller headings became h2.",
            changes.get("headings", 0),
        ),
        "looks": n(
            "%(num)s tag of looks removed, its words kept.",
            "%(num)s tags of looks removed, their words kept.",
            changes.get("looks", 0),
        ),
        "attributes": n(
            "%(num)s tag lost its colours, classes and the like.",
            "%(num)s tags lost their colours, classes and the like.",
            changes.get("attributes", 0),
        ),
        "scripts": n(
            "%(num)s script or the like removed.",
            "%(num)s scripts or the like removed.",
            changes.get("scripts", 0),
        ),
    }
    return [words for kind, words in sentences.items() if changes.get(kind)]


@dataclass(frozen=True, slots=True)
class Start:
    key: str
    name: str
    words: str
    sections: tuple[Section, ...]


def starts() -> list[Start]:
    """What a new template may begin with."""
    body = Section((Text("<p>{description}</p>"),))
    header = Section((Text("<h1>{name}</h1><p><b>{brand}</b></p>"), Image("{image_1}")))
    words_of_shop = t("Write here what buyers should know of your shop.")
    why, features = t("Why buy from us"), t("Features")
    footer = Section((Text(f"<h2>{why}</h2><p>{words_of_shop}</p>"),))
    facts = Section((Image("{image_2}"), Text(f"<h2>{features}</h2><p>{{attributes}}</p>")))
    return [
        Start(
            "full",
            t("Header + description + footer"),
            t("Name with the first picture, the product's description, a few words of your shop."),
            (header, body, footer),
        ),
        Start(
            "facts",
            t("Description with features and pictures"),
            t("Name, description, then the second picture beside the list of attributes, two more pictures."),
            (header, body, facts, Section((Image("{image_3}"), Image("{image_4}")))),
        ),
        Start("empty", t("Empty"), t("One text with the product's description."), (body,)),
    ]
