"""What the filters of the offer list offer: price lists of the accounts, categories of the offers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Integer, Select, String, and_, func, literal, null, select, union_all
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session

from allegro_module.db.categories import Category
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.terms import TermKind, TermState


class PriceList(NamedTuple):
    account_id: int
    allegro_id: str
    name: str


class UsedCategory(NamedTuple):
    """`name` and `path` are empty where our copy of the tree has it not."""

    allegro_id: str
    name: str
    path: str


class Choices(NamedTuple):
    price_lists: Sequence[PriceList]
    categories: Sequence[UsedCategory]


def list_choices(session: Session, environments: Collection[str], most_categories: int) -> Choices:
    """One statement, however many there are."""
    rows = session.execute(union_all(_price_lists(), _categories(environments, most_categories))).all()
    price_lists = [PriceList(row[0], row[1] or "", row[2]) for row in rows if row[0] is not None]
    categories = [UsedCategory(row[1] or "", row[2] or "", row[3] or "") for row in rows if row[0] is None]
    used = {each.allegro_id: each for each in categories}
    return Choices(
        sorted(price_lists, key=lambda each: (each.account_id, each.name)),
        sorted(used.values(), key=lambda each: (each.name.casefold(), each.path, each.allegro_id)),
    )


def _price_lists() -> Select[int, str | None, str, str | None]:
    """Of every account, hidden ones too, as old offers still have them; those gone from Allegro are not."""
    return select(
        SellingTerm.account_id, SellingTerm.allegro_id, SellingTerm.name, as_type(null(), String)
    ).where(
        SellingTerm.kind == TermKind.SHIPPING_RATE,
        SellingTerm.allegro_id.is_not(None),
        SellingTerm.state != TermState.GONE,
    )


def _categories(environments: Collection[str], most: int) -> Select[int, str | None, str, str | None]:
    """Each is found in the index behind the one before, so that it does not count how many offers it has."""
    first = select(func.min(Offer.category_id).label("id"), literal(1).label("place"))
    used = first.cte("used", recursive=True)
    following = select(func.min(Offer.category_id)).where(Offer.category_id > used.c.id).correlate(used)
    is_open = and_(used.c.id.is_not(None), used.c.place < most)
    used = used.union_all(select(following.scalar_subquery(), used.c.place + 1).where(is_open))
    is_it = and_(Category.allegro_id == used.c.id, Category.environment.in_(environments))
    return (
        select(as_type(null(), Integer), used.c.id, Category.name, Category.path)
        .select_from(used.outerjoin(Category, is_it))
        .where(used.c.id.is_not(None))
    )


def names_of_price_lists(found: Sequence[PriceList]) -> Mapping[tuple[int, str], str]:
    return {(each.account_id, each.allegro_id): each.name for each in found}
