"""Buttons of the card *Produkt Allegro*; what was typed in the form stands in the row already."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from allegro_module.db.audit import record
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import ProductMatch
from allegro_module.jobs.products import ring_match_product
from allegro_module.runtime import Runtime
from allegro_module.sync.catalogue import catalogue_of
from allegro_module.sync.product_match import expect_match
from allegro_module.web import categories
from allegro_module.web.fragments import go
from allegro_module.web.offer_page import Shown
from allegro_module.web.offer_saved import Saved


def to_picker(saved: Saved) -> Response:
    saved.runtime.session.commit()
    return go(url_for("allegro.offers.products", offer_id=saved.offer.id))


def to_picker_of_set(saved: Saved) -> Response:
    saved.runtime.session.commit()
    return go(url_for("allegro.offers.products", offer_id=saved.offer.id, to="set"))


def decline(saved: Saved) -> Response:
    """*Nie łącz z katalogiem*; what Allegro sells already cannot be unlinked (facts.md 4.3)."""
    offer = saved.offer
    if offer.allegro_offer_id is None:
        forget_product(offer)
        offer.product_match = ProductMatch.DECLINED
        tell_audit(saved.runtime, offer, "product_declined")
    saved.runtime.session.commit()
    return saved.show(Shown(is_saved=True))


def forget_product(offer: Offer) -> None:
    offer.product_id, offer.product_status = None, ""
    offer.product_quantity, offer.more_products = 1, []


def match_again(saved: Saved) -> Response:
    """Look the EAN up, whatever was decided before."""
    runtime, offer = saved.runtime, saved.offer
    if offer.allegro_offer_id is None:
        offer.product_match = ProductMatch.UNKNOWN
    is_expected = expect_match(offer)
    runtime.session.commit()
    if is_expected:
        ring_match_product(runtime, offer.id)
    return saved.show(Shown(is_saved=True))


def make_multipack(saved: Saved) -> Response:
    """Two pieces to begin with: the field to change them appears."""
    saved.offer.product_quantity = 2
    saved.runtime.session.commit()
    return saved.show(Shown(is_saved=True))


def take_category(saved: Saved) -> Response:
    offer, session = saved.offer, saved.runtime.session
    category = (catalogue_of(session, offer) or {}).get("category") or {}
    if not category.get("id"):
        session.commit()
        return saved.show(Shown(is_saved=True))
    offer.category_id = category["id"]
    session.commit()
    return saved.show(Shown(categories.learn(saved.runtime, offer.id), is_saved=True))


def tell_audit(runtime: Runtime, offer: Offer, action: str, name: str = "") -> None:
    now = runtime.now(offer.account.environment)
    details = {"product": name} if name else {}
    record(runtime.session, now, runtime.who(), action, offer.external_id, details)


PRODUCT_ACTIONS = {
    "products": to_picker,
    "add_product": to_picker_of_set,
    "decline_product": decline,
    "match_product": match_again,
    "product_category": take_category,
    "multipack": make_multipack,
}
