"""„Wystaw podobną”: for which account and product, then the new draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.audit import record
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.permissions import Permission
from allegro_module.domain.shop import ProductQuery, ShopProduct
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.clones import OFFERS_PER_PRODUCT, clone_offer, count_of_product, left_behind
from allegro_module.web.i18n import n, t
from allegro_module.web.offer_facts import find_product
from allegro_module.web.offer_words import field_name
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

FOUND_AT_MOST = 20
LONGEST_KEY = 32


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>/similar", "similar", choose, methods=["GET"])
    page.add_url_rule("/<int:offer_id>/similar", "make_similar", make, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Choice:
    """An account, and what speaks against one more offer of the product there."""

    account: Account
    warning: str


@requires(Permission.LIST_OFFERS)
def choose(offer_id: int) -> str:
    """The page's key makes of two clicks one draft."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    text = request.args.get("q", "").replace("\0", "").strip()[:100]
    return render_template(
        "allegro/offers/similar.html",
        offer=offer,
        choices=[_choice(runtime, offer, each) for each in _accounts(runtime, offer)],
        text=text,
        found=_found(runtime, offer, text) if text else [],
        key=uuid4().hex,
    )


def _accounts(runtime: Runtime, offer: Offer) -> Sequence[Account]:
    """Its own first; ids of categories and products hold within one environment only."""
    known = list_linked_accounts(runtime.session)
    here = [each for each in known if each.environment == offer.account.environment]
    return sorted(here, key=lambda each: (each.id != offer.account_id, each.id))


def _choice(runtime: Runtime, offer: Offer, account: Account) -> Choice:
    count = count_of_product(runtime.session, account.id, offer.sku)
    if count < OFFERS_PER_PRODUCT:
        return Choice(account, "")
    words = n(
        "%(num)s offer of this product is there already.",
        "%(num)s offers of this product are there already.",
        count,
    )
    rule = t("Allegro allows %(max)s offers of one new product per account.", max=OFFERS_PER_PRODUCT)
    return Choice(account, f"{words} {rule}")


def _found(runtime: Runtime, offer: Offer, text: str) -> list[ShopProduct]:
    page = runtime.shop.find_products(ProductQuery(text, limit=FOUND_AT_MOST), None)
    return [each for each in page.items if each.sku != offer.sku]


@requires(Permission.LIST_OFFERS)
def make(offer_id: int) -> Response:
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    account_id = request.form.get("account", type=int)
    account = next((each for each in _accounts(runtime, offer) if each.id == account_id), None)
    if account is None:
        abort(404)
    sku = request.form.get("sku", "").replace("\0", "") or offer.sku
    product = find_product(runtime, sku)
    if product is None and sku != offer.sku:
        abort(404)
    key = request.form.get("key", "")[:LONGEST_KEY]
    known = _made_before(runtime, offer_id, key)
    if known is None:
        known = _make(runtime, offer, account, product, key)
    return redirect(url_for("allegro.offers.edit", offer_id=known), 303)


def _made_before(runtime: Runtime, offer_id: int, key: str) -> int | None:
    if not key:
        return None
    return runtime.session.scalar(
        select(Offer.id).where(Offer.batch == key, Offer.cloned_from == offer_id).limit(1)
    )


def _make(runtime: Runtime, offer: Offer, account: Account, product: ShopProduct | None, key: str) -> int:
    session, offer_id = runtime.session, offer.id
    now, who = runtime.now(account.environment), runtime.who()[:100]
    pieces = max(runtime.shop.stock([product.sku]).get(product.sku, 0), 0) if product is not None else 0
    try:
        clone = clone_offer(session, offer, account, product, now, who, pieces)
        with session.no_autoflush:
            # Asked again with the external id in hand: whoever comes later than this takes the same one.
            known = _made_before(runtime, offer_id, key)
        if known is not None:
            session.rollback()
            return known
        clone.batch = key or None
        session.flush()
        details = {"title": offer.title or offer.sku, "reference": clone.external_id}
        record(session, now, who, "offer_cloned", account.login or account.alias, details)
        lost = left_behind(offer, clone)
        session.commit()
    except IntegrityError:
        # The same page sent twice at the same moment: the other one took the external id.
        session.rollback()
        known = _made_before(runtime, offer_id, key)
        if known is None:
            raise
        return known
    _tell(clone, lost, is_other_product=clone.sku != offer.sku)
    return clone.id


def _tell(clone: Offer, lost: Sequence[str], *, is_other_product: bool) -> None:
    title = t("This is a new draft with the reference %(reference)s.", reference=clone.external_id)
    told = [t("Nothing has been sent to Allegro.")]
    if is_other_product:
        told.append(t("Title, code, price, pictures and description are those of the chosen product."))
    if lost:
        names = dict.fromkeys(field_name(name.removesuffix("_text")) for name in lost)
        told.append(t("Not carried over to this account: %(names)s.", names=", ".join(names)))
    tell("warn" if lost else "ok", title, " ".join(told))
