"""The page *Oferty*: the list, and where the pages of one offer are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response

from allegro_module.db.offer_choices import list_choices, names_of_price_lists
from allegro_module.db.offer_lists import Listed, OfferFilter, count_states, find_exactly, list_page
from allegro_module.domain.offers import OPEN_STATES
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web import (
    categories,
    offer_deeds,
    offer_described,
    offer_edit,
    offer_fees,
    offer_new,
    offer_preview,
    offer_similar,
    offer_uploads,
    product_differences,
    products,
)
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.offer_filters import Wish, chips, empty_words, price_list_choices, read_wish, tabs
from allegro_module.web.offer_list_categories import ALL, MOST_CHOICES, choices_of, wanted_categories
from allegro_module.web.offer_views import PAGE_SIZE, OfferRow, rows
from allegro_module.web.security import requires
from allegro_module.web.ui import head


@dataclass(frozen=True, slots=True)
class ListPage:
    """`newer` and `older` lead to other pages of the same list; None where there is none.

    `is_cut`: older titles were not looked through yet.
    """

    rows: Sequence[OfferRow]
    newer: str | None
    older: str | None
    is_cut: bool
    is_watched: bool


def create_blueprint() -> Blueprint:
    page = Blueprint("offers", __name__, url_prefix="/offers")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    offer_new.add_rules(page)
    offer_edit.add_rules(page)
    offer_fees.add_rules(page)
    offer_deeds.add_rules(page)
    offer_uploads.add_rules(page)
    offer_preview.add_rules(page)
    offer_similar.add_rules(page)
    offer_described.add_rules(page)
    categories.add_rules(page)
    products.add_rules(page)
    product_differences.add_rules(page)
    return page


@requires(Permission.VIEW)
def index() -> Response:
    runtime = current_runtime()
    accounts = head().accounts
    wish = read_wish([account.id for account in accounts])
    counts = count_states(runtime.session, wish.account_id)
    hits = find_exactly(runtime.session, _searched(wish), wish.search) if wish.search else []
    most = ALL if "category" in wish.args else MOST_CHOICES
    known = list_choices(runtime.session, head().environments, most)
    price_lists = price_list_choices(known.price_lists, wish.account_id)
    category = wanted_categories(wish.args.get("category", ""), known.categories)
    wanted = wish.filter(hits, category, counts.newest)
    return page_or_fragment(
        "allegro/offers/index.html",
        "allegro/offers/_list.html",
        wish=wish,
        listing=_page(runtime, wish, wanted, names_of_price_lists(known.price_lists)),
        tabs=tabs(wish, counts.by_state),
        has_offers=any(counts.by_state.values()),
        empty_words=empty_words(wish.tab),
        accounts=accounts,
        price_lists=price_lists,
        category=category,
        categories=choices_of(known.categories),
        chips=chips(wish, {each.id: each.alias for each in accounts}, price_lists, category),
        query=request.query_string.decode("ascii", "replace"),
    )


def _searched(wish: Wish) -> list[int]:
    """Accounts whose offers are looked through."""
    return [each.id for each in head().accounts if wish.account_id in (None, each.id)]


def _page(
    runtime: Runtime, wish: Wish, wanted: OfferFilter, price_lists: Mapping[tuple[int, str], str]
) -> ListPage:
    """One more than shown tells whether there is a next page."""
    found = list_page(runtime.session, wanted, wish.place, PAGE_SIZE + 1, wish.by_change)
    shown = found[:PAGE_SIZE]
    is_cut = len(found) <= PAGE_SIZE and wanted.from_id > 1
    return ListPage(
        rows=rows(runtime, shown, price_lists),
        newer=wish.address() if wish.place else None,
        older=wish.address(before=wanted.from_id) if is_cut else _older(wish, found),
        is_cut=is_cut,
        is_watched=any(each.offer.state in OPEN_STATES for each in shown),
    )


def _older(wish: Wish, found: Sequence[Listed]) -> str | None:
    if len(found) <= PAGE_SIZE:
        return None
    last = found[PAGE_SIZE - 1].offer
    return wish.address(before=last.id, at=last.changed_at.isoformat() if wish.by_change else None)
