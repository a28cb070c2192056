"""What uses a selling term: offers, and profiles that give it to new ones."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from allegro_module.db.offers import Offer
from allegro_module.db.profiles import list_profiles
from allegro_module.domain.terms import TermKind

COLUMN_BY_KIND: dict[TermKind, InstrumentedAttribute[str | None]] = {
    TermKind.SHIPPING_RATE: Offer.shipping_rate_id,
    TermKind.RETURN_POLICY: Offer.return_policy_id,
    TermKind.IMPLIED_WARRANTY: Offer.implied_warranty_id,
    TermKind.WARRANTY: Offer.warranty_id,
    TermKind.RESPONSIBLE_PRODUCER: Offer.responsible_producer_id,
    TermKind.RESPONSIBLE_PERSON: Offer.responsible_person_id,
}


def used_ids(session: Session, account_id: int, kind: TermKind, ids: Collection[str]) -> set[str]:
    """Those of Allegro's ids that an offer or a profile of the account names."""
    column = COLUMN_BY_KIND[kind]
    in_offers = session.scalars(select(column).where(Offer.account_id == account_id, column.in_(ids)))
    in_profiles = (each.values.get(column.key) for each in list_profiles(session, account_id))
    return {found for found in (*in_offers, *in_profiles) if found in ids}
