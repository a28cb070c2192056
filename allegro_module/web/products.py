"""Choosing the catalogue's product of an offer: search by EAN, name or code, kept for a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from allegro_module.client.errors import AllegroError
from allegro_module.db.catalogue import catalogue_products
from allegro_module.db.offers import Offer, claim_edit, get_offer
from allegro_module.domain.gtin import bare_gtin
from allegro_module.domain.offers import ProductMatch
from allegro_module.domain.permissions import Permission
from allegro_module.domain.products import PRODUCTS_MAX
from allegro_module.jobs.products import ring_match_product
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.catalogue import (
    Question,
    found_products,
    products_named,
    question_of,
    refresh_product,
    search_products,
)
from allegro_module.sync.categories import refresh_parameters
from allegro_module.sync.product_match import choose_product
from allegro_module.sync.product_sets import safety_at_first
from allegro_module.web.errors import note_of
from allegro_module.web.fragments import go, page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import find_product
from allegro_module.web.offer_product import read_card
from allegro_module.web.offer_product_actions import tell_audit
from allegro_module.web.offer_progress import is_running
from allegro_module.web.product_words import ShownProduct, shown_product
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

PAGE = "allegro/products/index.html"
FOUND = "allegro/products/_found.html"
CARD = "allegro/offers/_product.html"
NAME = "allegro/offers/_product_name.html"
MODES = ("GTIN", "MPN", "")
SET = "set"


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>/product", "product", product, methods=["GET"])
    page.add_url_rule("/<int:offer_id>/products", "products", products, methods=["GET"])
    page.add_url_rule("/<int:offer_id>/products", "choose_product", choose, methods=["POST"])
    page.add_url_rule("/<int:offer_id>/products/search", "search_products", search, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Picker:
    """`found` is None while the catalogue has not been asked; `named` are those that Allegro pointed at.

    `to` is "set" for a further product of a set; `taken` are the offer's products already.
    """

    question: Question
    typed: str
    to: str
    found: Sequence[ShownProduct] | None
    next_page: str | None
    named: Sequence[ShownProduct]
    taken: Sequence[str]
    category: str

    @property
    def is_for_set(self) -> bool:
        return self.to == SET


@requires(Permission.LIST_OFFERS)
def product(offer_id: int) -> Response:
    """The card, for the form that waits for it; `name=1`: only what the product is called."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    if not wants_fragment():
        return redirect(url_for("allegro.offers.edit", offer_id=offer_id, _anchor="offer-product"))
    card = read_card(runtime.session, offer)
    if card.is_unread:
        ring_match_product(runtime, offer_id)
    if "name" in request.args and card.product:
        return page_or_fragment(NAME, NAME, offer=offer, card=card)
    return page_or_fragment(CARD, CARD, offer=offer, card=card, is_settled=not card.is_waiting)


@requires(Permission.LIST_OFFERS)
def products(offer_id: int) -> Response:
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    if is_running(offer):
        return go(url_for("allegro.offers.edit", offer_id=offer_id))
    return page_or_fragment(PAGE, FOUND, offer=offer, picker=_picker(runtime, offer))


def _picker(runtime: Runtime, offer: Offer) -> Picker:
    session, environment = runtime.session, offer.account.environment
    typed, question = _asked(offer, request.args)
    found = None
    if question.phrase:
        found = found_products(session, environment, question, runtime.now(environment))
    rows = catalogue_products(session, environment, products_named(offer.problems))
    return Picker(
        question=question,
        typed=typed,
        to=SET if request.args.get("to") == SET else "",
        found=None if found is None else [shown_product(each.content) for each in found.products],
        next_page=found.next_page if found else None,
        named=[shown_product(each.content) for each in rows.values()],
        taken=_products_of(offer),
        category=offer.category_id or "",
    )


def _asked(offer: Offer, sent: MultiDict[str, str]) -> tuple[str, Question]:
    """What is searched for as typed and as asked; at first the offer's EAN, else its title.

    A further product of a set is another one, and words are no code: they are searched for as a name.
    """
    if "q" not in sent and sent.get("to") != SET:
        has_gtin = bool(offer.gtin.strip())
        sent = MultiDict({"q": offer.gtin if has_gtin else offer.title, "mode": "GTIN" if has_gtin else ""})
    typed = sent.get("q", "").strip()[:200]
    mode = sent.get("mode", "")
    if mode == "GTIN" and not bare_gtin(typed).rstrip("X").isdecimal():
        mode = ""
    category_id = sent.get("category", "")
    return typed, question_of(typed, mode if mode in MODES else "", category_id, sent.get("page", ""))


def _products_of(offer: Offer) -> list[str]:
    more = [each["product_id"] for each in offer.more_products or ()]
    return [offer.product_id, *more] if offer.product_id else more


@requires(Permission.LIST_OFFERS)
def search(offer_id: int) -> Response:
    """Ask the catalogue; the page then shows what is kept of the answer."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    typed, question = _asked(offer, request.form)
    address = url_for(
        "allegro.offers.products",
        offer_id=offer_id,
        q=typed,
        mode=question.mode,
        category=question.category_id or None,
        page=question.page or None,
        to=request.form.get("to") or None,
    )
    if not question.phrase:
        tell("warn", t("Type what is to be searched for."))
        return redirect(address, 303)
    account = offer.account
    environment = account.environment
    now = runtime.now(environment)
    try:
        with runtime.api_for_page(account) as api:
            search_products(
                runtime.session,
                api,
                environment,
                question.phrase,
                question.mode,
                question.category_id,
                question.page,
                now,
            )
    except AllegroError as error:
        note = note_of(error)
        tell(note.kind, note.title, note.text)
    return redirect(address, 303)


@requires(Permission.LIST_OFFERS)
def choose(offer_id: int) -> Response:
    """Learn all of the product, keep the choice, take its category where the offer has none."""
    runtime = current_runtime()
    product_id = request.form.get("product", "")[:64]
    is_for_set = request.form.get("to") == SET
    learn(runtime, offer_id, product_id)
    offer = get_offer(runtime.session, offer_id)
    if not catalogue_products(runtime.session, offer.account.environment, [product_id]):
        tell("warn", t("This product is not in the catalogue any more."), t("Search once more."))
        return redirect(
            url_for("allegro.offers.products", offer_id=offer_id, to=SET if is_for_set else None), 303
        )
    keep(runtime, offer, product_id, is_for_set=is_for_set)
    return redirect(url_for("allegro.offers.edit", offer_id=offer_id, _anchor="offer-product"), 303)


def learn(runtime: Runtime, offer_id: int, product_id: str) -> None:
    """Without an answer what the search told will do."""
    offer = get_offer(runtime.session, offer_id)
    account, has_category = offer.account, bool(offer.category_id)
    environment = account.environment
    now = runtime.now(environment)
    try:
        with runtime.api_for_page(account) as api:
            refresh_product(runtime.session, api, environment, product_id, now)
            row = catalogue_products(runtime.session, environment, [product_id]).get(product_id)
            if row is not None and row.category_id and not has_category:
                refresh_parameters(runtime.session, api, environment, row.category_id, now)
    except AllegroError as error:
        runtime.session.rollback()
        note = note_of(error)
        tell(note.kind, note.title, note.text)


def keep(runtime: Runtime, offer: Offer, product_id: str, *, is_for_set: bool = False) -> bool:
    """False, and a note, when the offer is on its way."""
    session, offer_id, sku = runtime.session, offer.id, offer.sku
    shop_product = find_product(runtime, sku)
    # The shop may be slow, so it is asked before the first write.
    safety = _safety(runtime, offer, product_id) if is_for_set else {}
    if not claim_edit(session, offer_id, offer.version):
        session.rollback()
        title = t("The offer is on its way to Allegro, so it cannot be changed now.")
        tell("warn", title, t("Wait for the outcome, then change it."))
        return False
    offer = session.get_one(Offer, offer_id, populate_existing=True)
    if is_for_set:
        _add_to_set(offer, product_id, safety)
    else:
        choose_product(session, offer, product_id, shop_product)
    offer.changed_at = runtime.now(offer.account.environment)
    offer.changed_by = runtime.who()[:100]
    tell_audit(runtime, offer, "product_chosen", product_id)
    session.commit()
    return True


def _safety(runtime: Runtime, offer: Offer, product_id: str) -> Mapping[str, Any]:
    account = offer.account
    row = catalogue_products(runtime.session, account.environment, [product_id]).get(product_id)
    return safety_at_first(runtime.session, runtime.shop, account, row.content) if row else {}


def _add_to_set(offer: Offer, product_id: str, safety: Mapping[str, Any]) -> None:
    """A product that is in it already is not added twice; the first one makes the set's beginning."""
    if product_id in _products_of(offer) or len(_products_of(offer)) >= PRODUCTS_MAX:
        return
    if offer.product_id is None:
        offer.product_id, offer.product_match = product_id, ProductMatch.CHOSEN
        return
    offer.more_products = [*(offer.more_products or ()), {"product_id": product_id, "quantity": 1, **safety}]
