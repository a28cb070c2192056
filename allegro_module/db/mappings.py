"""Mappings of the shop's categories, attributes and their values to Allegro's, per environment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, UtcDateTime
from allegro_module.domain.mappings import ANY_CATEGORY, MappedBy


class CategoryMapping(Base):
    __tablename__ = "allegro_category_mapping"
    __table_args__ = (UniqueConstraint("environment", "shop_category_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    shop_category_id: Mapped[str] = mapped_column(String(100))
    category_id: Mapped[str] = mapped_column(String(64))
    mapped_by: Mapped[MappedBy] = mapped_column(String(10))
    #: Offers in which the seller chose it; of a suggestion, products that spoke for it.
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


def key_of(text: str) -> str:
    """By which the shop's words are compared: capitals and blanks do not count."""
    return " ".join(text.split()).casefold()


def find_category_mapping(
    session: Session, environment: str, shop_category_id: str
) -> CategoryMapping | None:
    return session.scalars(
        select(CategoryMapping).where(
            CategoryMapping.environment == environment, CategoryMapping.shop_category_id == shop_category_id
        )
    ).one_or_none()


def list_category_mappings(session: Session, environment: str) -> Sequence[CategoryMapping]:
    return session.scalars(
        select(CategoryMapping).where(CategoryMapping.environment == environment).order_by(CategoryMapping.id)
    ).all()


def list_attribute_mappings(
    session: Session, environment: str, category_id: str | None = None
) -> Sequence[AttributeMapping]:
    """Of one category those for every category come first, so that its own may follow and count more."""
    statement = select(AttributeMapping).where(AttributeMapping.environment == environment)
    if category_id is not None:
        statement = statement.where(AttributeMapping.category_id.in_([ANY_CATEGORY, category_id]))
    return session.scalars(statement.order_by(AttributeMapping.category_id, AttributeMapping.id)).all()


def list_value_mappings(
    session: Session,
    environment: str,
    category_id: str | None = None,
    value_keys: Collection[str] | None = None,
) -> Sequence[ValueMapping]:
    """As `list_attribute_mappings`; of `value_keys` only when they are given."""
    statement = select(ValueMapping).where(ValueMapping.environment == environment)
    if category_id is not None:
        statement = statement.where(ValueMapping.category_id.in_([ANY_CATEGORY, category_id]))
    if value_keys is not None:
        statement = statement.where(ValueMapping.value_key.in_(sorted(value_keys)))
    return session.scalars(statement.order_by(ValueMapping.category_id, ValueMapping.id)).all()


def put_mapping(session: Session, row: CategoryMapping | AttributeMapping | ValueMapping) -> bool:
    """Keep the seller's word in place of whatever stands under the same key; False when it stood there so."""
    kind = type(row)
    keys = KEYS_BY_KIND[kind]
    found: Any = session.scalars(
        select(kind).where(*(getattr(kind, name) == getattr(row, name) for name in keys))
    ).one_or_none()
    if found is None:
        session.add(row)
        return True
    said = SAID_BY_KIND[kind]
    is_same = found.mapped_by == row.mapped_by and getattr(found, said) == getattr(row, said)
    if not is_same:
        for name in (said, "mapped_by", "changed_at", "changed_by"):
            setattr(found, name, getattr(row, name))
    return not is_same


#: Under what a mapping is found, and which column says what it is mapped to.
KEYS_BY_KIND: dict[type[Base], tuple[str, ...]] = {
    CategoryMapping: ("environment", "shop_category_id"),
    AttributeMapping: ("environment", "category_id", "attribute_key"),
    ValueMapping: ("environment", "category_id", "parameter_id", "value_key"),
}
SAID_BY_KIND: dict[type[Base], str] = {
    CategoryMapping: "category_id",
    AttributeMapping: "parameter_id",
    ValueMapping: "answer",
}
