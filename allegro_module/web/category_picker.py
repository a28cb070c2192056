"""The category picker as its templates show it: suggestions, favourites, last used, a search, the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from allegro_module.db.categories import (
    Category,
    find_category,
    find_successor,
    has_tree,
    list_categories,
    list_children,
    search_leaves,
)
from allegro_module.db.category_uses import list_favourites, list_last_used
from allegro_module.db.offers import Offer
from allegro_module.domain.category_lock import is_category_locked
from allegro_module.domain.shop import ShopProduct
from allegro_module.domain.texts import marked
from allegro_module.runtime import Runtime
from allegro_module.sync.category_suggestions import Reason, Suggestion, known_suggestions
from allegro_module.web.formats import by_alphabet
from allegro_module.web.offer_facts import find_product

FOUND_AT_MOST = 30
LAST_USED = 5
REASONS = {
    Reason.PRODUCT: marked("the chosen product is there"),
    Reason.GTIN: marked("products with this EAN are there"),
    Reason.MAPPING: marked("mapped to the shop's category"),
    Reason.TITLE: marked("fits the title"),
}


@dataclass(frozen=True, slots=True)
class Picker:
    """`trail` leads from the root to the level that is open; `found` is None without a search.

    `suggestions` that Allegro was not asked for yet are those known here; `gone` is the offer's category when
    Allegro has deleted it, `successor` what Allegro names in its place.
    """

    has_tree: bool
    text: str
    found: Sequence[Category] | None
    is_cut: bool
    trail: Sequence[Category]
    children: Sequence[Category]
    chosen_id: str | None
    suggestions: Sequence[Suggestion]
    has_asked: bool
    title: str
    favourites: Sequence[Category]
    last_used: Sequence[Category]
    gone: Category | None
    successor: Category | None
    is_locked: bool

    @property
    def favourite_ids(self) -> frozenset[str]:
        return frozenset(each.allegro_id for each in self.favourites)

    @property
    def level(self) -> str | None:
        """The category whose children are shown."""
        return self.trail[-1].allegro_id if self.trail else None

    @property
    def asks_by_itself(self) -> bool:
        """A page with script asks Allegro at once where the seller has nothing to go by."""
        return not (self.has_asked or self.chosen_id or self.suggestions)


def picker_of(runtime: Runtime, offer: Offer, suggestions: Sequence[Suggestion] | None = None) -> Picker:
    """`suggestions` as Allegro has just answered; else those that are known here."""
    session, environment = runtime.session, offer.account.environment
    product = find_product(runtime, offer.sku)
    now = runtime.now(environment)
    parent_id = request.args.get("parent") or None
    text = _wanted(session, offer, product, parent_id)
    # One more than shown tells whether the search must be narrowed.
    found = search_leaves(session, environment, text, FOUND_AT_MOST + 1) if text else None
    trail = _trail(session, environment, parent_id)
    children = list_children(session, environment, trail[-1].allegro_id if trail else None)
    chosen = find_category(session, environment, offer.category_id) if offer.category_id else None
    gone = chosen if chosen is not None and chosen.is_gone else None
    favourites = list_favourites(session, environment)
    known = known_suggestions(session, offer, product.category_id if product else None, now)
    return Picker(
        has_tree=has_tree(session, environment),
        text=text,
        found=by_path(found[:FOUND_AT_MOST]) if found is not None else None,
        is_cut=found is not None and len(found) > FOUND_AT_MOST,
        trail=trail,
        children=sorted(children, key=lambda each: by_alphabet(each.name)),
        chosen_id=offer.category_id,
        suggestions=known if suggestions is None else suggestions,
        has_asked=suggestions is not None,
        title=offer.title or (product.name if product else ""),
        favourites=by_path(_open(session, environment, favourites)),
        last_used=_open(session, environment, list_last_used(session, environment, LAST_USED)),
        gone=gone,
        successor=find_successor(session, gone) if gone is not None else None,
        is_locked=is_category_locked(offer.first_listed_at, now),
    )


def by_path(found: Sequence[Category]) -> list[Category]:
    """The database knows the order of plain letters only."""
    return sorted(found, key=lambda each: by_alphabet(each.path))


def _open(session: Session, environment: str, ids: Sequence[str]) -> list[Category]:
    """Those that still take offers, in the order of the ids."""
    rows = {each.allegro_id: each for each in list_categories(session, environment, ids)} if ids else {}
    return [rows[each] for each in ids if each in rows and rows[each].is_leaf]


def _wanted(session: Session, offer: Offer, product: ShopProduct | None, parent_id: str | None) -> str:
    """What is searched for; at first what the shop calls the product's category."""
    if "q" in request.args or parent_id is not None or offer.category_id:
        return request.args.get("q", "").strip()[:100]
    name = (product.category_name or "") if product else ""
    return name if search_leaves(session, offer.account.environment, name, 1) else ""


def _trail(session: Session, environment: str, category_id: str | None) -> list[Category]:
    trail: list[Category] = []
    while category_id is not None and all(each.allegro_id != category_id for each in trail):
        found = find_category(session, environment, category_id)
        if found is None:
            break
        trail.insert(0, found)
        category_id = found.parent_id
    return trail
