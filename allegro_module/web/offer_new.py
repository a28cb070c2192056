"""*Dodaj* of a product: from which account, and what the new offer begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.categories import has_parameters
from allegro_module.db.offer_templates import OfferTemplate, list_offer_templates
from allegro_module.db.offers import Offer, list_offers_of_product
from allegro_module.domain.offers import OfferState
from allegro_module.domain.permissions import Permission
from allegro_module.domain.shop import ShopProduct
from allegro_module.jobs.mapping import ring_fetch_mapped_parameters
from allegro_module.jobs.products import ring_match_product
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.clones import clone_offer
from allegro_module.sync.drafts import new_draft
from allegro_module.sync.offer_templates import apply_template
from allegro_module.sync.product_match import expect_match
from allegro_module.web.host import ProductOffer, offers_shown
from allegro_module.web.offer_facts import find_product
from allegro_module.web.security import requires

#: A draft so young that nobody has touched is the one of the first press of a double click.
SAME_PRESS = timedelta(seconds=10)
#: Values of the field `source`: with a row's id behind them.
TEMPLATE, COPY = "template:", "copy:"


@dataclass(frozen=True, slots=True)
class Start:
    """One account: what it sells of the product already, and what a new offer may begin with."""

    account: Account
    offers: Sequence[ProductOffer]
    templates: Sequence[tuple[str, str]]
    copies: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Source:
    """Both None: the defaults of new offers."""

    template: OfferTemplate | None = None
    copied: Offer | None = None


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/new", "new", new, methods=["GET"])
    page.add_url_rule("/new", "add", add, methods=["POST"])


@requires(Permission.LIST_OFFERS)
def new() -> str:
    return _page(current_runtime(), _product_asked_for(current_runtime()))


@requires(Permission.LIST_OFFERS)
def add() -> Response | str:
    """A new draft, and on to its form."""
    runtime = current_runtime()
    product = _product_asked_for(runtime)
    wanted = request.form.get("account", type=int)
    account = next((each for each in list_linked_accounts(runtime.session) if each.id == wanted), None)
    if account is None:
        return _page(runtime, product)
    offers = list_offers_of_product(runtime.session, product.sku)
    source = _source(runtime, account, offers, request.form.get("source", ""))
    return redirect(url_for("allegro.offers.edit", offer_id=_draft(runtime, product, account, source)), 303)


def _product_asked_for(runtime: Runtime) -> ShopProduct:
    product = find_product(runtime, request.args.get("sku", ""))
    if product is None:
        abort(404)
    return product


def _page(runtime: Runtime, product: ShopProduct) -> str:
    offers = list_offers_of_product(runtime.session, product.sku)
    accounts = list_linked_accounts(runtime.session)
    return render_template(
        "allegro/offers/new.html",
        product=product,
        starts=[_start(runtime, account, offers) for account in accounts],
    )


def _start(runtime: Runtime, account: Account, offers: Sequence[Offer]) -> Start:
    """Offers of other accounts may be copied too: their terms are found by name."""
    return Start(
        account,
        offers_shown(runtime, [each for each in offers if each.account_id == account.id]),
        [(f"{TEMPLATE}{each.id}", each.name) for each in list_offer_templates(runtime.session, account.id)],
        [(f"{COPY}{each.id}", f"{each.account.alias} · {each.external_id}") for each in offers],
    )


def _source(runtime: Runtime, account: Account, offers: Sequence[Offer], wanted: str) -> Source:
    """What is gone meanwhile: the defaults."""
    for each in list_offer_templates(runtime.session, account.id):
        if wanted == f"{TEMPLATE}{each.id}":
            return Source(template=each)
    return Source(copied=next((each for each in offers if wanted == f"{COPY}{each.id}"), None))


def _draft(runtime: Runtime, product: ShopProduct, account: Account, source: Source) -> int:
    """The id of a new draft; pressed twice makes one."""
    session, account_id = runtime.session, account.id
    copied_id = source.copied.id if source.copied else None
    if known := _just_made(runtime, product, account, copied_id):
        return known.id
    try:
        draft = _make(runtime, product, account, source)
        with session.no_autoflush:
            # Asked again with the external id in hand: whoever comes later than this takes the same one.
            known = _just_made(runtime, product, account, copied_id)
        if known is not None:
            session.rollback()
            return known.id
        is_expected = expect_match(draft)
        session.commit()
    except IntegrityError:
        # Somebody pressed it at the same moment and took the external id.
        session.rollback()
        if known := _just_made(runtime, product, session.get_one(Account, account_id), copied_id):
            return known.id
        raise
    if is_expected:
        ring_match_product(runtime, draft.id)
    if draft.category_id and not has_parameters(session, draft.account.environment, draft.category_id):
        ring_fetch_mapped_parameters(runtime, account_id)
    return draft.id


def _make(runtime: Runtime, product: ShopProduct, account: Account, source: Source) -> Offer:
    session, who, now = runtime.session, runtime.who()[:100], runtime.now(account.environment)
    if source.copied is not None:
        return clone_offer(session, source.copied, account, product, now, who)
    draft = new_draft(session, runtime.shop, product, account, now, who)
    if source.template is not None:
        apply_template(session, draft, source.template)
    return draft


def _just_made(
    runtime: Runtime, product: ShopProduct, account: Account, copied_id: int | None
) -> Offer | None:
    """Untouched, of the same person, begun with the same."""
    now, who = runtime.now(account.environment), runtime.who()[:100]
    drafts = [
        offer
        for offer in list_offers_of_product(runtime.session, product.sku)
        if (offer.account_id, offer.state, offer.changed_by, offer.cloned_from)
        == (account.id, OfferState.DRAFT, who, copied_id)
    ]
    young = [
        each for each in drafts if each.changed_at == each.created_at and now - each.created_at < SAME_PRESS
    ]
    return young[-1] if young else None
