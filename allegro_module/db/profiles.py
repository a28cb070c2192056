"""Profiles: defaults for new offers, one row per account and scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime
from allegro_module.domain.profiles import Found, Layer, Scope, resolve
from allegro_module.domain.shop import ShopProduct


class Profile(Base):
    """`values` are named and shaped as `domain.profiles.FIELDS`; brands are kept in lower case."""

    __tablename__ = "allegro_profile"
    __table_args__ = (UniqueConstraint("account_id", "scope", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    scope: Mapped[Scope] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(100), default="")
    #: As people write it: the category's name, the brand, the product.
    label: Mapped[str] = mapped_column(String(255), default="")
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def layer(self) -> Layer:
        return Layer(Scope(self.scope), self.key, self.values)


def brand_key(brand: str) -> str:
    return " ".join(brand.split()).casefold()[:100]


def list_profiles(session: Session, account_id: int, scope: Scope | None = None) -> Sequence[Profile]:
    statement = select(Profile).where(Profile.account_id == account_id)
    if scope is not None:
        statement = statement.where(Profile.scope == scope)
    return session.scalars(statement.order_by(Profile.scope, Profile.label, Profile.id)).all()


def find_profile(session: Session, account_id: int, scope: Scope, key: str = "") -> Profile | None:
    return session.scalars(
        select(Profile).where(Profile.account_id == account_id, Profile.scope == scope, Profile.key == key)
    ).one_or_none()


def profiles_for(session: Session, account_id: int, products: Sequence[ShopProduct]) -> Sequence[Profile]:
    """All that could speak of any of these products, in one statement."""
    keys = {
        Scope.CATEGORY: {each.category_id for each in products if each.category_id},
        Scope.BRAND: {brand_key(each.brand) for each in products if each.brand},
        Scope.PRODUCT: {each.sku[:100] for each in products},
    }
    wanted = [(Profile.scope == scope) & Profile.key.in_(sorted(names)) for scope, names in keys.items()]
    statement = select(Profile).where(
        Profile.account_id == account_id, or_(Profile.scope == Scope.ACCOUNT, *wanted)
    )
    return session.scalars(statement).all()


def defaults_for(session: Session, account_id: int, product: ShopProduct) -> dict[str, Found]:
    """Each default of a new offer of this product, with the layer that it comes from."""
    return resolve([each.layer for each in profiles_for(session, account_id, [product])])
