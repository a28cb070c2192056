"""The page *Oferty*: the list, and where the pages of one offer are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response

from allegro_module.db.offer_lists import (
    count_states,
    find_exactly,
    list_page,
    list_price_lists,
    names_of_price_lists,
)
from allegro_module.db.offers import Offer
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
from allegro_module.web.offer_views import PAGE_SIZE, OfferRow, rows
from allegro_module.web.security import requires
from allegro_module.web.ui import head


@dataclass(frozen=True, slots=True)
class ListPage:
    """`newer` and `older` lead to other pages of the same list; None where there is none."""

    rows: Sequence[OfferRow]
    newer: str | None
    older: str | None
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
    price_lists = list_price_lists(runtime.session)
    choices = price_list_choices(price_lists, wish.account_id)
    return page_or_fragment(
        "allegro/offers/index.html",
        "allegro/offers/_list.html",
        wish=wish,
        listing=_page(runtime, wish, hits, names_of_price_lists(price_lists)),
        tabs=tabs(wish, counts),
        has_offers=any(counts.values()),
        empty_words=empty_words(wish.tab),
        accounts=accounts,
        price_lists=choices,
        chips=chips(wish, {each.id: each.alias for each in accounts}, choices),
        query=request.query_string.decode("ascii", "replace"),
    )


def _searched(wish: Wish) -> list[int]:
    """Accounts whose offers are looked through."""
    return [each.id for each in head().accounts if wish.account_id in (None, each.id)]


def _page(
    runtime: Runtime, wish: Wish, hits: Sequence[int], price_lists: Mapping[tuple[int, str], str]
) -> ListPage:
    """One more than shown tells whether there is a next page."""
    found = list_page(runtime.session, wish.filter(hits), wish.place, PAGE_SIZE + 1, wish.by_change)
    shown = found[:PAGE_SIZE]
    return ListPage(
        rows=rows(runtime, shown, price_lists),
        newer=wish.address() if wish.place else None,
        older=_older(wish, shown[-1]) if len(found) > PAGE_SIZE else None,
        is_watched=any(offer.state in OPEN_STATES for offer in shown),
    )


def _older(wish: Wish, last: Offer) -> str:
    return wish.address(before=last.id, at=last.changed_at.isoformat() if wish.by_change else None)
