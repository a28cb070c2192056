"""Queries of the offer list: a page by key, counts up to a limit; none of them walks through all offers.

A tab holds several states: each is read by its own index up to a page's length, then they are joined. Words
are looked for in so many titles at a time (`TITLES_AT_ONCE`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, contains_eager, defer

from allegro_module.db.accounts import Account
from allegro_module.db.catalogue import CatalogueProduct
from allegro_module.db.containing import containing
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OfferState

#: No tab counts further.
COUNTED_AT_MOST = 1_000
#: Whatever stands in the address, a database compares no longer text than this.
LONGEST_SEARCH = 100
#: One page of a search by words looks through so many of the newest offers; the next one goes on from there.
TITLES_AT_ONCE = 5_000
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
    """What the list shows. Empty fields ask for nothing; `ids` are the exact hits of a search.

    No `category_ids` but an empty list: what was asked for is no category at all. `from_id`: none older.
    """

    states: Sequence[OfferState]
    account_id: int | None = None
    ids: Collection[int] | None = None
    words: Sequence[str] = ()
    from_id: int = 0
    category_ids: Collection[str] | None = None
    shipping_rate_id: str = ""
    changed_since: datetime | None = None
    is_faulty: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page before ended; `changed_at` counts when the list is sorted by it."""

    id: int
    changed_at: datetime | None = None


class Listed(NamedTuple):
    """`name` and `picture` are the catalogue's, where the offer sells a product of it that we know."""

    offer: Offer
    name: str | None
    picture: str | None


class Counts(NamedTuple):
    """`newest` is the largest id of all offers, 0 without any."""

    by_state: Mapping[OfferState, int]
    newest: int


def list_page(
    session: Session, wanted: OfferFilter, place: Place | None, limit: int, by_change: bool = False
) -> Sequence[Listed]:
    """Newest first, or what was changed last; one statement, and no offset."""
    order = (Offer.changed_at.desc(), Offer.id.desc()) if by_change else (Offer.id.desc(),)
    conditions = [*_conditions(wanted), *_after(place, by_change)]
    parts = [
        _ids(select(Offer.id).where(*_in_state(wanted, state), *conditions).order_by(*order).limit(limit))
        for state in wanted.states
    ]
    picture = CatalogueProduct.content[("images", 0, "url")].as_string()
    statement = (
        select(Offer, CatalogueProduct.name, picture)
        .join(Offer.account)
        .outerjoin(CatalogueProduct, _of_catalogue())
        .where(Offer.id.in_(union_all(*parts)))
        .options(contains_eager(Offer.account), *(defer(column) for column in UNSEEN))
    )
    return [Listed(*row) for row in session.execute(statement.order_by(*order).limit(limit))]


def _of_catalogue() -> ColumnElement[bool]:
    return and_(
        CatalogueProduct.environment == Account.environment, CatalogueProduct.allegro_id == Offer.product_id
    )


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
    if wanted.from_id:
        yield Offer.id >= wanted.from_id
    if wanted.category_ids is not None:
        yield Offer.category_id.in_(wanted.category_ids)
    if wanted.shipping_rate_id:
        yield Offer.shipping_rate_id == wanted.shipping_rate_id
    if wanted.changed_since is not None:
        yield Offer.changed_at >= wanted.changed_since
    for word in wanted.words:
        yield or_(containing(Offer.title.expression, word), _is_named_by_catalogue(word))


def _is_named_by_catalogue(word: str) -> ColumnElement[bool]:
    """What was listed by its EAN alone has no title of its own."""
    named = exists().where(
        Account.id == Offer.account_id, _of_catalogue(), containing(CatalogueProduct.name.expression, word)
    )
    return and_(Offer.title == "", named.correlate(Offer))


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


def count_states(session: Session, account_id: int | None = None) -> Counts:
    """How many are in each state, at most one more than COUNTED_AT_MOST; one statement."""
    conditions = [] if account_id is None else [Offer.account_id == account_id]
    parts = [select(literal(""), func.coalesce(func.max(Offer.id), 0))]
    for state in OfferState:
        found = select(Offer.id).where(Offer.state == state, *conditions).limit(COUNTED_AT_MOST + 1)
        parts.append(select(literal(state.value), func.count()).select_from(found.subquery()))
    counts = dict(session.execute(union_all(*parts)).all())
    return Counts({state: counts[state.value] for state in OfferState}, counts[""])
