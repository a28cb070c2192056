"""Queries of the offer list: a page by key, counts up to a limit; none of them walks through all offers.

A tab holds several states: each is read by its own index up to a page's length, then they are joined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, defer

from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.offers import OfferState
from allegro_module.domain.terms import TermKind, TermState

#: No tab counts further.
COUNTED_AT_MOST = 1_000
#: Whatever stands in the address, a database compares no longer text than this.
LONGEST_SEARCH = 100
#: Offers of one EAN or reference that a search answers.
MOST_HITS = 500
#: What a row of the list does not show.
UNSEEN = (
    Offer.parameters,
    Offer.description_html,
    Offer.description_sections,
    Offer.marketplaces,
    Offer.promotion,
    Offer.location,
    Offer.fees,
)


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """What the list shows. Empty fields ask for nothing; `ids` are the exact hits of a search."""

    states: Sequence[OfferState]
    account_id: int | None = None
    ids: Collection[int] | None = None
    words: Sequence[str] = ()
    category_id: str = ""
    shipping_rate_id: str = ""
    changed_since: datetime | None = None
    is_faulty: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page before ended; `changed_at` counts when the list is sorted by it."""

    id: int
    changed_at: datetime | None = None


class PriceList(NamedTuple):
    account_id: int
    allegro_id: str
    name: str


def list_page(
    session: Session, wanted: OfferFilter, place: Place | None, limit: int, by_change: bool = False
) -> Sequence[Offer]:
    """Newest first, or what was changed last; one statement, and no offset."""
    order = (Offer.changed_at.desc(), Offer.id.desc()) if by_change else (Offer.id.desc(),)
    conditions = [*_conditions(wanted), *_after(place, by_change)]
    parts = [
        _ids(select(Offer.id).where(*_in_state(wanted, state), *conditions).order_by(*order).limit(limit))
        for state in wanted.states
    ]
    statement = select(Offer).where(Offer.id.in_(union_all(*parts))).order_by(*order).limit(limit)
    return session.scalars(statement.options(*(defer(column) for column in UNSEEN))).all()


def _ids(statement: Select[int]) -> Select[int]:
    """As part of a union: SQLite knows no limit within one."""
    return select(statement.subquery().c.id)


def _in_state(wanted: OfferFilter, state: OfferState) -> Iterator[ColumnElement[bool]]:
    yield Offer.state == state
    # What was refused has errors, since whenever.
    if wanted.is_faulty and state != OfferState.REFUSED:
        yield Offer.problems_at.is_not(None)


def _conditions(wanted: OfferFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.account_id is not None:
        yield Offer.account_id == wanted.account_id
    if wanted.ids is not None:
        yield Offer.id.in_(wanted.ids)
    if wanted.category_id:
        yield Offer.category_id == wanted.category_id
    if wanted.shipping_rate_id:
        yield Offer.shipping_rate_id == wanted.shipping_rate_id
    if wanted.changed_since is not None:
        yield Offer.changed_at >= wanted.changed_since
    for word in wanted.words:
        yield Offer.title.icontains(word, autoescape=True)


def _after(place: Place | None, by_change: bool) -> Iterator[ColumnElement[bool]]:
    if place is None:
        return
    if by_change and place.changed_at is not None:
        # A bound of the index first, so that no database begins at the newest change again.
        yield Offer.changed_at <= place.changed_at
        yield or_(Offer.changed_at < place.changed_at, Offer.id < place.id)
    else:
        yield Offer.id < place.id


def find_exactly(session: Session, account_ids: Collection[int], text: str) -> list[int]:
    """Ids of the offers with this number, reference, SKU or EAN, newest first."""
    searched = text[:LONGEST_SEARCH]
    number = "".join(searched.split())
    alternatives = (
        and_(Offer.account_id.in_(account_ids), Offer.allegro_offer_id == number),
        and_(Offer.account_id.in_(account_ids), Offer.external_id == searched),
        Offer.sku == searched,
        Offer.gtin == number,
    )
    parts = [
        _ids(select(Offer.id).where(each).order_by(Offer.id.desc()).limit(MOST_HITS)) for each in alternatives
    ]
    found = set(session.scalars(union_all(*parts)))
    return sorted(found, reverse=True)[:MOST_HITS]


def count_states(session: Session, account_id: int | None = None) -> dict[OfferState, int]:
    """How many are in each state, at most one more than COUNTED_AT_MOST; one statement."""
    conditions = [] if account_id is None else [Offer.account_id == account_id]
    parts = []
    for state in OfferState:
        found = select(Offer.id).where(Offer.state == state, *conditions).limit(COUNTED_AT_MOST + 1)
        parts.append(select(literal(state.value), func.count()).select_from(found.subquery()))
    return {OfferState(name): count for name, count in session.execute(union_all(*parts))}


def list_price_lists(session: Session) -> list[PriceList]:
    """Of every account, hidden ones too, as old offers still have them; those gone from Allegro are not."""
    rows = session.execute(
        select(SellingTerm.account_id, SellingTerm.allegro_id, SellingTerm.name)
        .where(
            SellingTerm.kind == TermKind.SHIPPING_RATE,
            SellingTerm.allegro_id.is_not(None),
            SellingTerm.state != TermState.GONE,
        )
        .order_by(SellingTerm.account_id, SellingTerm.name)
    )
    return [PriceList(account_id, allegro_id or "", name) for account_id, allegro_id, name in rows]


def names_of_price_lists(found: Sequence[PriceList]) -> Mapping[tuple[int, str], str]:
    return {(each.account_id, each.allegro_id): each.name for each in found}
