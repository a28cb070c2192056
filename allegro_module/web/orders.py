"""The page *Zamówienia*: orders by tabs and filters, whether the shop has them all, what was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from allegro_module.db.accounts import get_account, list_linked_accounts
from allegro_module.db.order_lists import Source, list_choices, list_orders, list_sources
from allegro_module.db.orders import Order, tab_counts
from allegro_module.domain.permissions import Permission
from allegro_module.domain.shop import Sku
from allegro_module.jobs.queue import enqueue, ring_import
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web import (
    order_list_bulk,
    order_list_csv,
    order_list_failures,
    order_list_filters,
    order_list_waybills,
)
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.labels import country_name, marketplace_name
from allegro_module.web.order_list_filters import Wish, read_wish
from allegro_module.web.order_list_head import import_states, milliseconds, watched
from allegro_module.web.order_list_rows import OrderRow, rows
from allegro_module.web.security import requires
from allegro_module.web.thumbnails import thumbnail
from allegro_module.web.ui import head, page_now, tell


@dataclass(frozen=True, slots=True)
class ListPage:
    """`newer` and `older` lead to other pages of the same list; None where there is none."""

    rows: Sequence[OrderRow]
    newer: str | None
    older: str | None


def create_blueprint() -> Blueprint:
    page = Blueprint("orders", __name__, url_prefix="/orders")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("/import", "import_now", import_now, methods=["POST"])
    page.add_url_rule("/import/<int:account_id>/missing", "import_missing", import_missing, methods=["POST"])
    page.add_url_rule("/picture", "picture", picture, methods=["GET"])
    for part in (order_list_bulk, order_list_waybills, order_list_csv, order_list_failures):
        part.add_rules(page)
    return page


@requires(Permission.VIEW)
def index() -> FlaskResponse:
    runtime = current_runtime()
    sources = list_sources(runtime.session)
    wish = read_wish(runtime.who(), {source.account.id for source in sources})
    imports = import_states(runtime, sources)
    asked = watched(imports)
    counts = tab_counts(runtime.session, _counted_accounts(wish))
    return page_or_fragment(
        "allegro/orders/index.html",
        "allegro/orders/_imports.html",
        "allegro/orders/_list.html",
        wish=wish,
        listing=_page(runtime, wish, sources),
        tabs=order_list_filters.tabs(wish, counts),
        has_orders=any(counts.values()),
        imports=imports,
        lacks_status_pairs=not any(source.has_status_pairs for source in sources),
        query=request.query_string.decode("ascii", "replace"),
        failures=order_list_failures.failure_rows(runtime, sources) if head().set_aside else [],
        watched=asked,
        poll_address=wish.address(asked=asked) if asked else None,
        **_filters(runtime, wish, sources),
    )


def _counted_accounts(wish: Wish) -> list[int] | None:
    return None if wish.filter.account_id is None else [wish.filter.account_id]


def _page(runtime: Runtime, wish: Wish, sources: Sequence[Source]) -> ListPage:
    """One more than shown tells whether there is a next page."""
    found = list_orders(runtime.session, wish.filter, wish.place, wish.size + 1, wish.by_dispatch)
    shown = found[: wish.size]
    older = _older(wish, shown[-1]) if len(found) > wish.size else None
    return ListPage(rows(runtime, shown, sources), wish.address() if wish.place else None, older)


def _older(wish: Wish, last: Order) -> str:
    due = last.dispatch_to.isoformat() if wish.by_dispatch and last.dispatch_to else None
    return wish.address(before=last.id, due=due)


def _filters(runtime: Runtime, wish: Wish, sources: Sequence[Source]) -> dict[str, Any]:
    choices = list_choices(runtime.session)
    alias_by_account = {source.account.id: source.account.alias for source in sources}
    return {
        "chips": order_list_filters.chips(wish, alias_by_account),
        "accounts": [source.account for source in sources],
        "delivery_methods": choices.delivery_methods,
        "countries": [(code, country_name(code)) for code in choices.countries],
        "marketplaces": [(key, marketplace_name(key)) for key in choices.marketplaces],
        "payments": [(str(key), t(words)) for key, words in order_list_filters.NAME_BY_PAYMENT.items()],
        "caretakers": [(key, t(words)) for key, words in order_list_filters.NAME_BY_CARETAKER.items()],
        "marks": [(key, t(words)) for key, words in order_list_filters.NAME_BY_MARK.items()],
        "sizes": order_list_filters.SIZES,
        "is_sortable": wish.tab in order_list_filters.OPEN_TABS,
        "empty_words": t(order_list_filters.EMPTY_BY_TAB.get(wish.tab, "")) if wish.tab != "all" else "",
    }


@requires(Permission.VIEW)
def picture() -> FlaskResponse:
    """A small copy of a product's first picture."""
    runtime = current_runtime()
    sku = Sku(request.args.get("sku", "").replace("\0", ""))
    product = runtime.shop.products([sku]).get(sku) if sku else None
    content = thumbnail(runtime, product.images[0]) if product and product.images else None
    if content is None:
        abort(404)
    return FlaskResponse(content, mimetype="image/jpeg")


@requires(Permission.HANDLE_ORDERS)
def import_now() -> Response:
    """Ring the worker; the page then looks for the outcome by itself."""
    runtime = current_runtime()
    back = order_list_bulk.way_back(request.form.get("back", ""))
    working = [account for account in list_linked_accounts(runtime.session) if account.is_working]
    if not working:
        tell("warn", t("Nothing to import from."), t("No linked account is switched on and connected."))
        return redirect(back, 303)
    rung = [ring_import(runtime, account.id) for account in working]
    if all(rung):
        asked = milliseconds(page_now())
        return redirect(f"{back}{'&' if '?' in back else '?'}asked={asked}", 303)
    _tell_no_queue()
    return redirect(back, 303)


@requires(Permission.HANDLE_ORDERS)
def import_missing(account_id: int) -> Response:
    """What the proof misses, the slower pass over changed orders finds."""
    runtime = current_runtime()
    account = get_account(runtime.session, account_id)
    if enqueue(runtime, "reconcile_orders", account.id):
        tell("ok", t("The missing orders are being fetched."), t("They appear here within a few minutes."))
    else:
        _tell_no_queue()
    return redirect(url_for("allegro.orders.index"), 303)


def _tell_no_queue() -> None:
    title = t("The queue does not answer, so the import could not be started now.")
    tell("warn", title, t("Nothing is lost: the orders wait at Allegro. Tell the shop's administrator."))
