"""The page *Oferty*: the list, and *Dodaj* of a product, which makes a draft and opens its form."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.categories import has_parameters
from allegro_module.db.offers import Offer, count_by_state, list_offers, list_offers_of_product
from allegro_module.domain.offers import OPEN_STATES, OfferState
from allegro_module.domain.permissions import Permission
from allegro_module.domain.shop import ShopProduct
from allegro_module.jobs.mapping import ring_fetch_mapped_parameters
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.drafts import new_draft
from allegro_module.web import categories, offer_edit
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.offer_facts import find_product
from allegro_module.web.offer_views import PAGE_SIZE, STATES_BY_TAB, empty_words, rows, tabs
from allegro_module.web.security import requires
from allegro_module.web.ui import before_in_address


def create_blueprint() -> Blueprint:
    page = Blueprint("offers", __name__, url_prefix="/offers")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("/new", "new", new, methods=["GET", "POST"])
    offer_edit.add_rules(page)
    categories.add_rules(page)
    return page


@requires(Permission.VIEW)
def index() -> Response:
    runtime = current_runtime()
    tab = request.args.get("tab", "all")
    if tab not in STATES_BY_TAB:
        abort(404)
    before_id = before_in_address()
    # One more than shown tells whether there is a next page.
    found = list_offers(runtime.session, STATES_BY_TAB[tab], before_id, PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    counts = count_by_state(runtime.session)
    return page_or_fragment(
        "allegro/offers/index.html",
        "allegro/offers/_list.html",
        tab=tab,
        tabs=tabs(counts, tab),
        total=sum(counts.values()),
        rows=rows(runtime, shown),
        empty_words=empty_words(tab),
        before_id=before_id,
        next_before=shown[-1].id if len(found) > PAGE_SIZE else None,
        is_watched=any(offer.state in OPEN_STATES for offer in shown),
        has_accounts=bool(list_linked_accounts(runtime.session)),
    )


@requires(Permission.LIST_OFFERS)
def new() -> Response | str:
    """*Dodaj*: with one account straight to the form, with several the choice first."""
    runtime = current_runtime()
    product = find_product(runtime, request.args.get("sku", ""))
    if product is None:
        abort(404)
    accounts = list_linked_accounts(runtime.session)
    account = _chosen(accounts)
    if account is None:
        offers = list_offers_of_product(runtime.session, product.sku)
        return render_template(
            "allegro/offers/new.html",
            product=product,
            accounts=accounts,
            rows_by_account={each.id: _of_account(runtime, offers, each) for each in accounts},
        )
    return redirect(url_for("allegro.offers.edit", offer_id=_draft(runtime, product, account)), 303)


def _chosen(accounts: Sequence[Account]) -> Account | None:
    wanted = request.form.get("account", type=int)
    if request.method == "GET" and len(accounts) == 1:
        return accounts[0]
    return next((account for account in accounts if account.id == wanted), None)


def _of_account(runtime: Runtime, offers: Sequence[Offer], account: Account) -> Sequence[object]:
    return rows(runtime, [offer for offer in offers if offer.account_id == account.id])


def _draft(runtime: Runtime, product: ShopProduct, account: Account) -> int:
    """The id of the draft that waits to be completed, else of a new one: *Dodaj* pressed twice makes one."""
    session = runtime.session
    known = _open_draft(runtime, product, account)
    if known is not None:
        return known.id
    account_id, now = account.id, runtime.now(account.environment)
    try:
        draft = new_draft(session, runtime.shop, product, account, now, runtime.who()[:100])
        session.commit()
    except IntegrityError:
        # Somebody pressed it at the same moment and took the external id.
        session.rollback()
        account = session.get_one(Account, account_id)
        known = _open_draft(runtime, product, account)
        if known is not None:
            return known.id
        raise
    if draft.category_id and not has_parameters(session, account.environment, draft.category_id):
        ring_fetch_mapped_parameters(runtime, account_id)
    return draft.id


def _open_draft(runtime: Runtime, product: ShopProduct, account: Account) -> Offer | None:
    offers = list_offers_of_product(runtime.session, product.sku)
    drafts = (offer for offer in offers if offer.account_id == account.id and offer.state == OfferState.DRAFT)
    return next((offer for offer in drafts if offer.allegro_offer_id is None), None)
