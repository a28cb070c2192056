"""Catalogue: the products the demo shop starts with, read from catalogue.toml and written to its tables."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.demo.models import Category, Product, ProductImage

SOURCE = Path(__file__).with_name("catalogue.toml")
OWN_BRAND = "Bursztyn i Len"


class Picture(msgspec.Struct, frozen=True):
    """The recipe of a product's pictures: what is drawn, in which colours, how many views, how large."""

    motif: str
    colours: tuple[str, str]
    views: int
    size: tuple[int, int] = (1000, 1000)


class Article(msgspec.Struct, frozen=True):
    sku: str
    name: str
    category: str
    price: Decimal
    purchase_price: Decimal
    stock: int
    weight_grams: int
    attributes: dict[str, str]
    picture: Picture
    description: list[str]
    brand: str = OWN_BRAND
    gtin: str | None = None
    mpn: str | None = None
    vat_rate: int = 23

    @property
    def image_names(self) -> list[str]:
        return [f"{self.sku}-{view}.jpg" for view in range(1, self.picture.views + 1)]

    @property
    def description_html(self) -> str:
        return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in self.description)


@cache
def _source() -> dict[str, Any]:
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))


@cache
def articles() -> tuple[Article, ...]:
    return msgspec.convert(_source()["product"], tuple[Article, ...])


def fill_shop(session: Session) -> int:
    """Add what is missing, leave alone what the seller has changed; answer how many products were added."""
    known_categories = set(session.scalars(select(Category.id)))
    names = _source()["categories"]
    session.add_all(Category(id=key, name=names[key]) for key in names if key not in known_categories)
    session.flush()
    known = set(session.scalars(select(Product.sku)))
    missing = [article for article in articles() if article.sku not in known]
    session.add_all(_product(article) for article in missing)
    return len(missing)


def _product(article: Article) -> Product:
    return Product(
        sku=article.sku,
        name=article.name,
        category_id=article.category,
        brand=article.brand,
        gtin=article.gtin,
        mpn=article.mpn,
        price=article.price,
        purchase_price=article.purchase_price,
        vat_rate=article.vat_rate,
        stock=article.stock,
        weight_grams=article.weight_grams,
        attributes=article.attributes,
        description=article.description_html,
        images=[
            ProductImage(position=position, name=name)
            for position, name in enumerate(article.image_names, start=1)
        ],
    )
