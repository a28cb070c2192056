"""Mappings of the shop's categories, attributes and their values to Allegro's, per environment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from allegro_module.db.base import Base, UtcDateTime
from allegro_module.domain.mappings import MappedBy


class CategoryMapping(Base):
    __tablename__ = "allegro_category_mapping"
    __table_args__ = (UniqueConstraint("environment", "shop_category_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    shop_category_id: Mapped[str] = mapped_column(String(100))
    category_id: Mapped[str] = mapped_column(String(64))
    mapped_by: Mapped[MappedBy] = mapped_column(String(10))
    #: Offers in which the seller chose it.
    uses: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(100), default="")


class AttributeMapping(Base):
    """The shop's attribute answers this parameter; `attribute` as the shop writes it, compared caselessly."""

    __tablename__ = "allegro_attribute_mapping"
    __table_args__ = (
        UniqueConstraint(
            "environment", "category_id", "attribute_key", name="uq_allegro_attribute_mapping_key"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    #: "" for every category.
    category_id: Mapped[str] = mapped_column(String(64), default="")
    attribute: Mapped[str] = mapped_column(String(100))
    attribute_key: Mapped[str] = mapped_column(String(100))
    parameter_id: Mapped[str] = mapped_column(String(64))
    mapped_by: Mapped[MappedBy] = mapped_column(String(10))
    uses: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(100), default="")


class ValueMapping(Base):
    """The shop's value of a parameter → the answer, shaped as in `Offer.parameters`."""

    __tablename__ = "allegro_value_mapping"
    __table_args__ = (
        UniqueConstraint(
            "environment", "category_id", "parameter_id", "value_key", name="uq_allegro_value_mapping_key"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    category_id: Mapped[str] = mapped_column(String(64), default="")
    parameter_id: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(String(255))
    value_key: Mapped[str] = mapped_column(String(255))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    mapped_by: Mapped[MappedBy] = mapped_column(String(10))
    uses: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(100), default="")
