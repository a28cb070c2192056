"""Profiles: defaults for new offers, one row per account and scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime
from allegro_module.domain.profiles import FIELDS, Found, Layer, Scope, resolve
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


def set_default(
    session: Session, account_id: int, field: str, value: object, who: str, now: datetime
) -> Profile | None:
    """What a new offer of the account gets; None takes the default away. The caller commits.

    Without a row there is nothing to take away, and none is made.
    """
    if field not in FIELDS:
        raise ValueError(field)
    profile = find_profile(session, account_id, Scope.ACCOUNT)
    if profile is None and value is None:
        return None
    if profile is None:
        profile = Profile(account_id=account_id, scope=Scope.ACCOUNT, key="", values={})
        session.add(profile)
    kept = {name: each for name, each in profile.values.items() if name != field}
    profile.values = kept if value is None else {**kept, field: value}
    profile.changed_at, profile.changed_by = now, who[:100]
    return profile


def uses_of(session: Session, account_id: int, field: str) -> dict[str, list[Profile]]:
    """Value as text → the profiles that name it: what a price list or terms stand in as a default."""
    found: dict[str, list[Profile]] = {}
    for profile in list_profiles(session, account_id):
        if field in profile.values:
            found.setdefault(str(profile.values[field]), []).append(profile)
    return found
