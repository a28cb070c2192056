"""Product safety of an account: its book of producers and persons, who uses them, how complete it all is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, union_all, update
from sqlalchemy.orm import Session, undefer_group

from allegro_module.db.base import upsert
from allegro_module.db.dictionaries import Dictionary
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.offers import OfferState
from allegro_module.domain.producers import KINDS
from allegro_module.domain.profiles import SAFETY_FIELDS

COVERAGE = "safety_coverage"
#: The column of an offer, and the field of a profile, that names an entry of the kind.
FIELD_BY_KIND = {
    TermKind.RESPONSIBLE_PRODUCER: "responsible_producer_id",
    TermKind.RESPONSIBLE_PERSON: "responsible_person_id",
}


def list_book(session: Session, account_id: int) -> Sequence[SellingTerm]:
    """Producers and persons with their contents, whatever their state."""
    statement = select(SellingTerm).where(SellingTerm.account_id == account_id, SellingTerm.kind.in_(KINDS))
    by_name = statement.order_by(SellingTerm.kind.desc(), SellingTerm.name, SellingTerm.id)
    return session.scalars(by_name.options(undefer_group("whole"))).all()


def offers_by_party(session: Session, account_id: int) -> dict[tuple[str, str], int]:
    """(field, id at Allegro) → how many offers name it."""
    counted = []
    for field in FIELD_BY_KIND.values():
        column = getattr(Offer, field)
        named = select(literal(field), column, func.count()).where(
            Offer.account_id == account_id, column.is_not(None)
        )
        counted.append(named.group_by(column))
    return {(field, id): count for field, id, count in session.execute(union_all(*counted))}


def safety_of_offers(
    session: Session, account_id: int, skus: Collection[str]
) -> dict[str, Mapping[str, Any]]:
    """By SKU what its newest offer says of safety."""
    columns = [getattr(Offer, name) for name in SAFETY_FIELDS]
    statement = select(Offer.sku, *columns).where(Offer.account_id == account_id, Offer.sku.in_(skus))
    rows = session.execute(statement.order_by(Offer.id)).all()
    return {row[0]: dict(zip(SAFETY_FIELDS, row[1:], strict=True)) for row in rows}


def _unlisted(account_id: int, field: str, allegro_id: str) -> tuple[ColumnElement[bool], ...]:
    """Drafts that nothing of is, or may be, at Allegro."""
    return (
        Offer.account_id == account_id,
        getattr(Offer, field) == allegro_id,
        Offer.state.in_((OfferState.DRAFT, OfferState.REFUSED)),
        Offer.allegro_offer_id.is_(None),
        Offer.create_sent_at.is_(None),
    )


def count_drafts(session: Session, account_id: int, field: str, allegro_id: str) -> int:
    counted = select(func.count(Offer.id)).where(*_unlisted(account_id, field, allegro_id))
    return session.scalar(counted) or 0


def move_drafts(session: Session, account_id: int, field: str, gone: str, kept: str) -> None:
    session.execute(
        update(Offer)
        .where(*_unlisted(account_id, field, gone))
        .values({field: kept, "version": Offer.version + 1}),
        execution_options={"synchronize_session": False},
    )


def find_coverage(session: Session, account_id: int) -> tuple[dict[str, Any], datetime | None]:
    """What the last count found, and when; empty before the first."""
    found = session.execute(
        select(Dictionary.data, Dictionary.fetched_at).where(
            Dictionary.account_id == account_id, Dictionary.name == COVERAGE
        )
    ).one_or_none()
    return (found[0], found[1]) if found else ({}, None)


def save_coverage(session: Session, account_id: int, data: Mapping[str, Any], at: datetime) -> None:
    row = {"account_id": account_id, "name": COVERAGE, "data": dict(data), "fetched_at": at}
    upsert(session, Dictionary, ["account_id", "name"], [row])
