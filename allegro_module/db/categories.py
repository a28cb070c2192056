"""Allegro's category tree and parameters, kept per environment and read again daily."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from allegro_module.db.base import Base, UtcDateTime

BETWEEN_NAMES = " › "
PATH_LENGTH = 1000


class NoSuchCategory(LookupError):
    """The category is not in our copy of the tree."""


class Category(Base):
    """`parameters` is Allegro's own JSON list of the category's parameters, empty until it was needed."""

    __tablename__ = "allegro_category"
    __table_args__ = (
        UniqueConstraint("environment", "allegro_id"),
        Index("ix_allegro_category_parent_id", "environment", "parent_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(String(16))
    allegro_id: Mapped[str] = mapped_column(String(64))
    parent_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    #: Names from the root down, joined by BETWEEN_NAMES.
    path: Mapped[str] = mapped_column(String(PATH_LENGTH), default="")
    is_leaf: Mapped[bool] = mapped_column(default=False)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Megabytes where brands are listed: read only when asked for (`sync.category_parameters`).
    parameters: Mapped[list[dict[str, Any]] | None] = deferred(mapped_column(JSON))
    parameters_fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: `GET /sale/tax-settings` for the category: subjects, rates per country, exemptions.
    taxes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    taxes_fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Requirements to come: [{"parameter_id", "from": ISO time, "is_required": true}].
    planned_changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: Where Allegro sends what was here, since the category was deleted; empty: nowhere.
    redirect_id: Mapped[str | None] = mapped_column(String(64))

    @property
    def is_gone(self) -> bool:
        return self.redirect_id is not None


def find_category(session: Session, environment: str, allegro_id: str) -> Category | None:
    return session.scalars(
        select(Category).where(Category.environment == environment, Category.allegro_id == allegro_id)
    ).one_or_none()


def find_successor(session: Session, category: Category) -> Category | None:
    """What Allegro names in the place of a deleted category, which may itself have been deleted since."""
    seen = {category.allegro_id}
    found: Category | None = category
    while found is not None and found.redirect_id and found.redirect_id not in seen:
        seen.add(found.redirect_id)
        found = find_category(session, category.environment, found.redirect_id)
    return found if found is not None and not found.is_gone else None


def list_categories(session: Session, environment: str, allegro_ids: Collection[str]) -> Sequence[Category]:
    statement = select(Category).where(
        Category.environment == environment, Category.allegro_id.in_(sorted(allegro_ids))
    )
    return session.scalars(statement.order_by(Category.path)).all()


def list_below(session: Session, environment: str, path: str) -> Sequence[Category]:
    """All whose path leads through this one."""
    return session.scalars(
        select(Category).where(
            Category.environment == environment,
            Category.path.startswith(f"{path}{BETWEEN_NAMES}", autoescape=True),
        )
    ).all()


def list_children(session: Session, environment: str, parent_id: str | None) -> Sequence[Category]:
    statement = select(Category).where(Category.environment == environment, Category.redirect_id.is_(None))
    statement = statement.where(
        Category.parent_id.is_(None) if parent_id is None else Category.parent_id == parent_id
    )
    return session.scalars(statement.order_by(Category.name)).all()


def search_leaves(session: Session, environment: str, text: str, limit: int = 20) -> Sequence[Category]:
    """Leaf categories whose path contains every word of the text."""
    statement = select(Category).where(Category.environment == environment, Category.is_leaf)
    for word in text.split()[:6]:
        # SQLite knows the capitals of plain letters only: „świece” would not find „Świece”.
        spellings = {word, word.lower(), word.capitalize()}
        statement = statement.where(
            or_(*(Category.path.icontains(each, autoescape=True) for each in sorted(spellings)))
        )
    return session.scalars(statement.order_by(Category.path).limit(limit)).all()


def has_tree(session: Session, environment: str) -> bool:
    return session.scalar(select(Category.id).where(Category.environment == environment).limit(1)) is not None


def has_parameters(session: Session, environment: str, allegro_id: str) -> bool:
    """They have been fetched, be it that there are none."""
    statement = select(Category.id).where(
        Category.environment == environment,
        Category.allegro_id == allegro_id,
        Category.parameters_fetched_at.is_not(None),
    )
    return session.scalar(statement) is not None
