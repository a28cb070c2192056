"""*Szybkie wystawienie po EAN*: products of the shop become offers of the catalogue's products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from allegro_module.db.accounts import list_linked_accounts
from allegro_module.db.audit import record
from allegro_module.db.quick_lists import QuickList, change_list, list_latest_lists
from allegro_module.domain.permissions import Permission
from allegro_module.domain.quick import ITEMS_MAX, Deed, Item, Readiness, from_stored, read_codes, to_stored
from allegro_module.domain.shop import ProductQuery, ShopProduct
from allegro_module.jobs.quick import ring_make_quick_offers, ring_prepare_quick_list
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.quick import start_list
from allegro_module.web.account_choice import chosen_account, needed_account
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import n, t
from allegro_module.web.quick_view import ListView, errors_of, list_view
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

START = "allegro/quick/index.html"
PAGE = "allegro/quick/show.html"
LIST = "allegro/quick/_list.html"
FOUND_MAX = 50
LATEST = 10


def create_blueprint() -> Blueprint:
    page = Blueprint("quick", __name__, url_prefix="/quick")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("", "start", start, methods=["POST"])
    page.add_url_rule("/<int:list_id>", "show", show, methods=["GET"])
    page.add_url_rule("/<int:list_id>", "ask", ask, methods=["POST"])
    return page


@requires(Permission.LIST_OFFERS)
def index() -> str:
    """Codes typed in lines, or products found in the shop and ticked; `sku` leads here from the product."""
    return _start_page(request.args.get("q", ""), request.args.getlist("sku"))


def _start_page(text: str, codes: Sequence[str], errors: Sequence[str] = ()) -> str:
    runtime, text = current_runtime(), text.strip()[:100]
    found = runtime.shop.find_products(ProductQuery(text=text, limit=FOUND_MAX + 1), None) if text else None
    products: Sequence[ShopProduct] = found.items if found else ()
    return render_template(
        START,
        account=chosen_account(runtime.session),
        accounts=list_linked_accounts(runtime.session),
        text=text,
        codes="\n".join(codes),
        errors=errors,
        products=products[:FOUND_MAX],
        is_cut=len(products) > FOUND_MAX,
        has_searched=found is not None,
        lists=list_latest_lists(runtime.session, LATEST),
        most=ITEMS_MAX,
    )


@requires(Permission.LIST_OFFERS)
def start() -> Response:
    """*Szukaj* and a list that is too long bring the form back with all that was typed and ticked."""
    runtime = current_runtime()
    account = needed_account(runtime.session)
    codes = list(dict.fromkeys([*request.form.getlist("sku"), *read_codes(request.form.get("codes", ""))]))
    if request.form.get("action") == "search":
        return make_response(_start_page(request.form.get("q", ""), codes))
    if not codes:
        tell("warn", t("Type or tick what is to be listed."))
        return redirect(url_for("allegro.quick.index", account=account.id), 303)
    if len(codes) > ITEMS_MAX:
        most = n("One list takes %(num)s product.", "One list takes %(num)s products.", ITEMS_MAX)
        errors = [most, t("Keep some of these lines for another list.")]
        return make_response(_start_page(request.form.get("q", ""), codes, [" ".join(errors)]), 422)
    now = runtime.now(account.environment)
    quick = start_list(runtime.session, account.id, codes, now, runtime.who())
    runtime.session.commit()
    _warn_of_queue(ring_prepare_quick_list(runtime, quick.id))
    return redirect(url_for("allegro.quick.show", list_id=quick.id), 303)


def _warn_of_queue(is_rung: bool) -> None:
    if not is_rung:
        title = t("The queue does not answer, so the work begins later.")
        tell("warn", title, t("Nothing is lost. Tell the shop's administrator."))


@requires(Permission.LIST_OFFERS)
def show(list_id: int) -> Response:
    runtime = current_runtime()
    quick = _get(runtime, list_id)
    return _page(quick, list_view(runtime.session, quick))


def _get(runtime: Runtime, list_id: int) -> QuickList:
    return runtime.session.get(QuickList, list_id) or abort(404)


def _page(quick: QuickList, view: ListView, status: int = 200) -> Response:
    return page_or_fragment(PAGE, LIST, status=status, quick=quick, view=view)


@requires(Permission.LIST_OFFERS)
def ask(list_id: int) -> Response:
    """What was typed is kept in any case; the list is made once, whatever is pressed how often."""
    runtime = current_runtime()
    quick = _get(runtime, list_id)
    if quick.prepared_at is None or quick.asked_at is not None:
        return redirect(url_for("allegro.quick.show", list_id=list_id), 303)
    items = [_typed(place, item, request.form) for place, item in enumerate(from_stored(quick.items))]
    wanted = request.form.get("action", "")
    if wanted == "again":
        return _look_again(runtime, quick, items)
    ticked = [each for each in items if each.is_ticked]
    is_faulty = any(errors_of(each) for each in ticked)
    deed = next((each for each in Deed if each == wanted), None)
    version = request.form.get("version", -1, int)
    is_ours = change_list(runtime.session, list_id, version, items=to_stored(items))
    if is_ours and deed is not None and ticked and not is_faulty:
        return _make(runtime, quick, deed, len(ticked))
    runtime.session.commit()
    if not is_ours:
        tell("warn", t("This list was changed in another tab; this is how it is now."))
        return redirect(url_for("allegro.quick.show", list_id=list_id), 303)
    quick = runtime.session.get_one(QuickList, list_id, populate_existing=True)
    if not ticked:
        tell("warn", t("Tick at least one product."))
    elif is_faulty:
        tell("bad", t("Correct the marked prices and pieces."))
    return _page(quick, list_view(runtime.session, quick), status=422)


def _typed(place: int, item: Item, sent: MultiDict[str, str]) -> Item:
    """A row without fields of its own stays as it is."""
    if not item.is_makeable:
        return item
    return replace(
        item,
        is_ticked=f"row.{place}" in sent,
        price_text=sent.get(f"price.{place}", item.price_text).strip()[:40],
        quantity_text=sent.get(f"quantity.{place}", item.quantity_text).strip()[:40],
    )


def _make(runtime: Runtime, quick: QuickList, deed: Deed, count: int) -> Response:
    now, list_id = runtime.now(quick.account.environment), quick.id
    quick = runtime.session.get_one(QuickList, list_id, populate_existing=True)
    quick.deed, quick.asked_at, quick.created_by = str(deed), now, runtime.who()[:100]
    details = {"offers": str(count), "deed": str(deed)}
    record(runtime.session, now, runtime.who(), "quick_listed", quick.account.login or "", details)
    runtime.session.commit()
    is_rung = ring_make_quick_offers(runtime, list_id)
    _warn_of_queue(is_rung)
    if is_rung:
        begun = n("%(num)s offer is being made.", "%(num)s offers are being made.", count)
        tell("ok", begun, t("The list shows what became of it."))
    return redirect(url_for("allegro.quick.show", list_id=list_id), 303)


def _look_again(runtime: Runtime, quick: QuickList, items: Sequence[Item]) -> Response:
    """Only what Allegro did not answer."""
    again = [
        replace(each, readiness=Readiness.WAITING) if each.readiness == Readiness.FAILED else each
        for each in items
    ]
    version = request.form.get("version", -1, int)
    change_list(runtime.session, quick.id, version, items=to_stored(again), prepared_at=None)
    runtime.session.commit()
    _warn_of_queue(ring_prepare_quick_list(runtime, quick.id))
    return redirect(url_for("allegro.quick.show", list_id=quick.id), 303)
