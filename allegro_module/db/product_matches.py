"""Offers whose product is to be looked up or looked at again; the outcome of a look-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from allegro_module.db.base import changes_one_row
from allegro_module.db.catalogue import CatalogueProduct
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import EDITABLE_STATES, OfferState, ProductMatch

#: What a look-up may still decide.
UNDECIDED = (
    ProductMatch.UNKNOWN,
    ProductMatch.SEARCHING,
    ProductMatch.FOUND,
    ProductMatch.SEVERAL,
    ProductMatch.NONE,
    ProductMatch.FAILED,
)
#: To be tried again: the catalogue did not answer, or the bell was not heard.
UNSETTLED = (ProductMatch.SEARCHING, ProductMatch.FAILED)


def keep_match(session: Session, offer_id: int, gtin: str, values: Mapping[str, Any]) -> bool:
    """False when the seller has decided, changed the EAN or chosen a category in the meantime.

    The version stays: the form that is open saves none of these columns, and must not be overtaken.
    """
    wish = update(Offer).where(
        Offer.id == offer_id,
        Offer.gtin == gtin,
        Offer.product_match.in_(UNDECIDED),
        Offer.state.in_(EDITABLE_STATES),
        Offer.allegro_offer_id.is_(None),
    )
    if "category_id" in values:
        wish = wish.where(Offer.category_id.is_(None))
    return changes_one_row(session, wish.values(dict(values)))


def list_unsettled(session: Session, account_id: int, limit: int) -> Sequence[int]:
    """Offers of the account whose EAN is still to be looked up, the oldest first."""
    statement = (
        select(Offer.id)
        .where(
            Offer.account_id == account_id,
            Offer.state.in_((OfferState.DRAFT, OfferState.REFUSED)),
            Offer.product_match.in_(UNSETTLED),
        )
        .order_by(Offer.id)
    )
    return session.scalars(statement.limit(limit)).all()


def list_proposed(session: Session, account_id: int, before: datetime, limit: int) -> Sequence[str]:
    """Products that Allegro was still verifying when it was last asked, longer ago than `before`."""
    statement = (
        select(Offer.product_id)
        .join(
            CatalogueProduct,
            CatalogueProduct.allegro_id == Offer.product_id,
            isouter=True,
        )
        .where(
            Offer.account_id == account_id,
            Offer.product_status == "PROPOSED",
            Offer.product_id.is_not(None),
            or_(CatalogueProduct.id.is_(None), CatalogueProduct.fetched_at < before),
        )
        .distinct()
    )
    return [each for each in session.scalars(statement.limit(limit)) if each]


def remember_status(session: Session, account_id: int, product_id: str, status: str) -> None:
    """Of every offer of the account that sells the product; no version, as sellers do not write it."""
    session.execute(
        update(Offer)
        .where(Offer.account_id == account_id, Offer.product_id == product_id)
        .values(product_status=status[:20]),
        execution_options={"synchronize_session": False},
    )


def count_active_of_product(session: Session, account_id: int, product_id: str, but: int) -> int:
    """Other active offers of the account that sell the product."""
    statement = select(func.count(Offer.id)).where(
        Offer.account_id == account_id,
        Offer.state == OfferState.ACTIVE,
        Offer.product_id == product_id,
        Offer.id != but,
    )
    return session.scalar(statement) or 0
