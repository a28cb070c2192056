"""What the shop sells can be listed: codes are right, pictures are there and always the same."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from allegro_module.demo import motifs
from allegro_module.demo.catalogue import Article, articles
from allegro_module.demo.database import init_shop
from allegro_module.demo.models import Product, db
from allegro_module.demo.pictures import read_picture, read_thumbnail


def check_digit_is_right(gtin: str) -> bool:
    weighted = [int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(gtin)]
    return sum(weighted) % 10 == 0


def test_the_shop_sells_at_least_thirty_different_products() -> None:
    assert len(articles()) >= 30
    assert len({article.sku for article in articles()}) == len(articles())
    assert len({article.gtin for article in articles() if article.gtin}) == sum(
        1 for article in articles() if article.gtin
    )
    assert sum(1 for article in articles() if article.gtin is None) >= 2


@pytest.mark.parametrize("article", articles(), ids=lambda article: article.sku)
def test_a_product_can_be_listed(article: Article) -> None:
    if article.gtin:
        assert len(article.gtin) == 13
        assert article.gtin.startswith(("590", "503858", "97883"))
        assert check_digit_is_right(article.gtin)
    assert 12 <= len(article.name) <= 75
    assert article.price > article.purchase_price > 0
    assert 1 <= len(article.image_names) <= 4
    assert article.picture.motif in motifs.ALL
    assert "Stan" in article.attributes
    assert article.description_html.startswith("<p>")


def test_a_picture_is_large_enough_and_the_same_wherever_it_is_drawn(tmp_path: Path) -> None:
    once = read_picture("DOM-KUB-001-2.jpg", tmp_path / "one")
    again = read_picture("DOM-KUB-001-2.jpg", tmp_path / "other")

    assert once == again
    assert Image.open(io.BytesIO(once)).size == (1000, 1000)
    assert Image.open(io.BytesIO(once)).format == "JPEG"


def test_pictures_differ_from_each_other(tmp_path: Path) -> None:
    names = [name for article in articles()[:4] for name in article.image_names]
    drawn = {read_picture(name, tmp_path) for name in names}

    assert len(drawn) == len(names)


def test_one_picture_is_too_small_for_allegro(tmp_path: Path) -> None:
    small = [article for article in articles() if max(article.picture.size) < 500]
    picture = Image.open(io.BytesIO(read_picture(small[0].image_names[0], tmp_path)))

    assert len(small) == 1
    assert picture.size == (380, 300)


def test_a_picture_asked_for_by_many_at_once_is_whole_for_each(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda _: read_thumbnail("LEN-TOR-001-1.jpg", tmp_path), range(8)))

    assert len(set(read)) == 1
    assert Image.open(io.BytesIO(read[0])).size == (160, 160)


def test_a_picture_of_no_product_is_a_key_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        read_picture("../keys", tmp_path)


def test_filling_the_shop_again_leaves_the_sellers_changes_alone(app: Flask) -> None:
    product = db.session.scalars(select(Product).where(Product.sku == "DOM-KUB-001")).one()
    product.stock = 3
    db.session.delete(db.session.scalars(select(Product).where(Product.sku == "LEN-TOR-001")).one())
    db.session.commit()

    added = init_shop()

    assert added == 1
    assert product.stock == 3


def test_a_reset_brings_the_first_products_back(app: Flask) -> None:
    product = db.session.scalars(select(Product).where(Product.sku == "DOM-KUB-001")).one()
    product.stock = 3
    db.session.commit()
    db.session.remove()

    result = app.test_cli_runner().invoke(args=["shop", "init", "--reset"])

    assert result.exit_code == 0, result.output
    assert db.session.scalar(select(Product.stock).where(Product.sku == "DOM-KUB-001")) == 52
    assert db.session.scalar(select(func.count()).select_from(Product)) == len(articles())
