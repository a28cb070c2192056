"""Offers that one command may change: an account's, on Allegro, found by words or by their present value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, lazyload, load_only

from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OfferState

#: Being listed or refused, an offer is the form's business.
STATES = (OfferState.ACTIVE, OfferState.ENDED)
#: Of an offer that has no value yet, in a filter.
NOTHING = "-"
#: So many ids stand in one statement.
MOST_IDS = 1000


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """`present` is the value of column `field` to look for; empty for any."""

    account_id: int
    field: str
    words: str = ""
    present: str = ""


def list_changeable(
    session: Session, wanted: OfferFilter, before_id: int | None, limit: int
) -> Sequence[Offer]:
    """Newest first, without what their rows keep of descriptions and pictures."""
    statement = (
        select(Offer)
        .where(*_conditions(wanted))
        .options(
            load_only(
                Offer.sku,
                Offer.external_id,
                Offer.title,
                Offer.state,
                Offer.allegro_offer_id,
                _column(wanted),
            ),
            lazyload(Offer.account),
        )
    )
    if before_id is not None:
        statement = statement.where(Offer.id < before_id)
    return session.scalars(statement.order_by(Offer.id.desc()).limit(limit)).all()


def count_changeable(session: Session, wanted: OfferFilter) -> int:
    return session.scalar(select(func.count(Offer.id)).where(*_conditions(wanted))) or 0


def ids_of_changeable(session: Session, wanted: OfferFilter) -> Sequence[int]:
    return session.scalars(select(Offer.id).where(*_conditions(wanted)).order_by(Offer.id.desc())).all()


def count_by_value(session: Session, account_id: int, field: str, offer_ids: Sequence[int]) -> dict[str, int]:
    """How many of these offers have which value of the column now; "" for none."""
    column: InstrumentedAttribute[str | None] = getattr(Offer, field)
    counts: dict[str, int] = {}
    for start in range(0, len(offer_ids), MOST_IDS):
        statement = (
            select(column, func.count(Offer.id))
            .where(
                Offer.account_id == account_id,
                Offer.allegro_offer_id.is_not(None),
                Offer.id.in_(offer_ids[start : start + MOST_IDS]),
            )
            .group_by(column)
        )
        for value, count in session.execute(statement):
            counts[value or ""] = counts.get(value or "", 0) + count
    return counts


def _conditions(wanted: OfferFilter) -> Iterator[ColumnElement[bool]]:
    yield Offer.account_id == wanted.account_id
    yield Offer.state.in_(STATES)
    yield Offer.allegro_offer_id.is_not(None)
    if wanted.present == NOTHING:
        yield or_(_column(wanted).is_(None), _column(wanted) == "")
    elif wanted.present:
        yield _column(wanted) == wanted.present
    yield from (_contains(word) for word in wanted.words.split())


def _contains(word: str) -> ColumnElement[bool]:
    columns = (Offer.title, Offer.sku, Offer.external_id)
    return or_(
        *(column.icontains(word, autoescape=True) for column in columns),
        Offer.allegro_offer_id == word,
    )


def _column(wanted: OfferFilter) -> InstrumentedAttribute[str | None]:
    column: InstrumentedAttribute[str | None] = getattr(Offer, wanted.field)
    return column
