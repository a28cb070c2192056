"""Allegro's catalogue as far as we asked for it: products, answers of its slow search (facts.md 3.2, 6.4)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, UtcDateTime


class CatalogueProduct(Base):
    """`content` is Allegro's JSON of the product; its texts and pictures may be used on Allegro only."""

    __tablename__ = "allegro_catalogue_product"
    __table_args__ = (UniqueConstraint("environment", "allegro_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    allegro_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255), default="")
    category_id: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProductSearch(Base):
    """One question to the catalogue and the ids that answered it; `mode` is GTIN, MPN or empty for words."""

    __tablename__ = "allegro_product_search"
    __table_args__ = (
        UniqueConstraint(
            "environment", "mode", "phrase", "category_id", "page", name="uq_allegro_product_search_question"
        ),
        Index("ix_allegro_product_search_fetched_at", "fetched_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(4), default="")
    #: Spaces made single; in lower case unless it is a code.
    phrase: Mapped[str] = mapped_column(String(200))
    category_id: Mapped[str] = mapped_column(String(64), default="")
    page: Mapped[str] = mapped_column(String(100), default="")
    product_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    next_page: Mapped[str | None] = mapped_column(String(100))
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


def find_catalogue_product(session: Session, environment: str, product_id: str) -> CatalogueProduct | None:
    return session.scalars(
        select(CatalogueProduct).where(
            CatalogueProduct.environment == environment, CatalogueProduct.allegro_id == product_id
        )
    ).one_or_none()


def catalogue_products(
    session: Session, environment: str, product_ids: Collection[str]
) -> dict[str, CatalogueProduct]:
    """By Allegro's id, those that we know."""
    rows = session.scalars(
        select(CatalogueProduct).where(
            CatalogueProduct.environment == environment, CatalogueProduct.allegro_id.in_(product_ids)
        )
    )
    return {row.allegro_id: row for row in rows}


def find_search(
    session: Session, environment: str, mode: str, phrase: str, category_id: str, page: str
) -> ProductSearch | None:
    return session.scalars(
        select(ProductSearch).where(
            ProductSearch.environment == environment,
            ProductSearch.mode == mode,
            ProductSearch.phrase == phrase,
            ProductSearch.category_id == category_id,
            ProductSearch.page == page,
        )
    ).one_or_none()
