"""Categories whose parameters we need: mapped ones and those of offers; drafts that wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category
from allegro_module.db.mappings import CategoryMapping
from allegro_module.db.offers import Offer
from allegro_module.domain.mappings import MappedBy
from allegro_module.domain.offers import OfferState


def list_mapped_without_parameters(session: Session, environment: str) -> Sequence[str]:
    """Leaves that the mapping names and whose parameters were never fetched."""
    statement = select(Category.allegro_id).where(
        Category.environment == environment,
        Category.is_leaf,
        Category.parameters_fetched_at.is_(None),
        Category.allegro_id.in_(_mapped(environment)),
    )
    return session.scalars(statement.order_by(Category.id)).all()


def list_in_use(session: Session, environment: str, fetched_until: datetime) -> Sequence[str]:
    """Leaves of the mapping and of offers that have not ended, unless fetched later than that."""
    of_offers = (
        select(Offer.category_id)
        .join(Account, Account.id == Offer.account_id)
        .where(
            Account.environment == environment,
            Offer.state != OfferState.ENDED,
            Offer.category_id.is_not(None),
        )
    )
    statement = select(Category.allegro_id).where(
        Category.environment == environment,
        Category.is_leaf,
        or_(Category.parameters_fetched_at.is_(None), Category.parameters_fetched_at <= fetched_until),
        or_(Category.allegro_id.in_(_mapped(environment)), Category.allegro_id.in_(of_offers)),
    )
    return session.scalars(statement.order_by(Category.id)).all()


def _mapped(environment: str) -> Select[str]:
    return select(CategoryMapping.category_id).where(
        CategoryMapping.environment == environment, CategoryMapping.mapped_by != MappedBy.SUGGESTED
    )


class Unanswered(NamedTuple):
    """`version` as the seller's page knows it (`claim_edit`)."""

    offer_id: int
    version: int
    sku: str


def list_unanswered_drafts(session: Session, environment: str) -> Sequence[Unanswered]:
    """Drafts in a mapped category whose parameters are known, without a single answer."""
    statement = (
        select(Offer.id, Offer.version, Offer.sku, Offer.parameters)
        .join(Account, Account.id == Offer.account_id)
        .join(
            Category,
            (Category.environment == Account.environment) & (Category.allegro_id == Offer.category_id),
        )
        .where(
            Account.environment == environment,
            Offer.state == OfferState.DRAFT,
            Category.parameters_fetched_at.is_not(None),
            Offer.category_id.in_(_mapped(environment)),
        )
        .order_by(Offer.id)
    )
    # PostgreSQL compares no JSON.
    return [Unanswered(row.id, row.version, row.sku) for row in session.execute(statement) if not row[3]]
