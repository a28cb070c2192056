"""The demo shop's tables: made once, and brought up to date where an earlier version made them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from allegro_module.demo.adapter import DemoShop
from allegro_module.demo.database import missing_columns
from allegro_module.demo.models import Order, db
from allegro_module.domain.shop import Sku
from allegro_module.testing import an_order, an_order_of_every_kind
from tests.demo.conftest import make_app


def test_orders_of_an_earlier_version_stay_and_new_ones_have_more(tmp_path: Path, sqlite_url: str) -> None:
    older = make_app(tmp_path, sqlite_url)
    with older.app_context():
        DemoShop(db).place_orders([an_order("form-old", Sku("DOM-KUB-001"))])
        db.session.commit()
        for column in ("notes", "is_shipped_by_seller", "packages", "waybill"):
            db.session.execute(text(f"ALTER TABLE shop_order DROP COLUMN {column}"))
        db.session.execute(text("ALTER TABLE shop_order_line DROP COLUMN discounts"))
        db.session.commit()
        db.engine.dispose()

    newer = make_app(tmp_path, sqlite_url)
    with newer.app_context():
        assert missing_columns() == []
        DemoShop(db).place_orders([an_order_of_every_kind("form-new", Sku("DOM-KUB-001"))])
        db.session.commit()
        old, new = db.session.query(Order).order_by(Order.id)

        assert (old.number, old.notes, old.is_shipped_by_seller, old.packages) == (
            "BL-form-old",
            "",
            True,
            None,
        )
        assert new.notes.startswith("Punkt")
        db.engine.dispose()


def test_sqlite_knows_the_polish_letters_of_either_case(tmp_path: Path, sqlite_url: str) -> None:
    with make_app(tmp_path, sqlite_url).app_context():
        assert db.session.scalar(text("SELECT lower('ŚWIECA Żółta')")) == "świeca żółta"
        db.engine.dispose()
