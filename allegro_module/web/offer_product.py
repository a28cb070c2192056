"""The card *Produkt Allegro* of the offer form: how the offer stands to Allegro's catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from allegro_module.db.catalogue import catalogue_products
from allegro_module.db.offers import Offer
from allegro_module.db.product_matches import count_active_of_product
from allegro_module.domain.offers import ProductMatch
from allegro_module.domain.products import PRODUCTS_MAX, SAME_PRODUCT_MAX
from allegro_module.runtime import current_runtime
from allegro_module.sync.catalogue import Content, accepted_categories, catalogue_of, products_named
from allegro_module.sync.product_match import may_be_matched
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import Facts
from allegro_module.web.product_words import ShownProduct, category_of, shown_product
from allegro_module.web.ui import Note


@dataclass(frozen=True, slots=True)
class SetItem:
    product: ShownProduct
    quantity: int


@dataclass(frozen=True, slots=True)
class ProductCard:
    """`product` is None while there is none; `other_category` is the product's, where the offer's is another.

    `disputed`: Allegro named products that the offer's own data do not agree with.
    """

    match: ProductMatch
    product: ShownProduct | None
    quantity: int
    more: Sequence[SetItem]
    note: Note | None
    is_waiting: bool
    other_category: str
    disputed: Sequence[str]
    has_too_many: bool
    may_add: bool
    may_decline: bool
    has_gtin: bool

    @property
    def is_declined(self) -> bool:
        return self.match == ProductMatch.DECLINED


def product_card(facts: Facts) -> ProductCard:
    return card_of(current_runtime().session, facts.offer, facts.catalogue)


def card_of(session: Session, offer: Offer, content: Content | None) -> ProductCard:
    product = shown_product(content, offer.product_status) if content else None
    more = _more(session, offer)
    is_waiting = offer.product_match == ProductMatch.SEARCHING and may_be_matched(offer)
    return ProductCard(
        match=ProductMatch(offer.product_match),
        product=product or _unknown(offer),
        quantity=offer.product_quantity,
        more=more,
        note=None if offer.product_id else _note(offer),
        is_waiting=is_waiting,
        other_category=_other_category(offer, content),
        disputed=products_named(offer.problems),
        has_too_many=_has_too_many(session, offer),
        may_add=bool(offer.product_id) and len(more) + 1 < PRODUCTS_MAX,
        may_decline=offer.allegro_offer_id is None,
        has_gtin=bool(offer.gtin.strip()),
    )


def read_card(session: Session, offer: Offer) -> ProductCard:
    return card_of(session, offer, catalogue_of(session, offer))


def _unknown(offer: Offer) -> ShownProduct | None:
    """Chosen at Allegro, and never asked for yet."""
    return shown_product({"id": offer.product_id}, offer.product_status) if offer.product_id else None


def _more(session: Session, offer: Offer) -> list[SetItem]:
    ids = [each["product_id"] for each in offer.more_products or ()]
    rows = catalogue_products(session, offer.account.environment, ids) if ids else {}
    return [SetItem(_shown(each["product_id"], rows), each["quantity"]) for each in offer.more_products or ()]


def _shown(product_id: str, rows: Mapping[str, object]) -> ShownProduct:
    content = getattr(rows.get(product_id), "content", None)
    return shown_product(content or {"id": product_id})


def _other_category(offer: Offer, content: Content | None) -> str:
    if content is None or offer.category_id in (None, *accepted_categories(content)):
        return ""
    return category_of(content)


def _has_too_many(session: Session, offer: Offer) -> bool:
    """Allegro takes five offers of one new product at most (facts.md 3.3)."""
    if not offer.product_id:
        return False
    others = count_active_of_product(session, offer.account_id, offer.product_id, but=offer.id)
    return others >= SAME_PRODUCT_MAX


def _note(offer: Offer) -> Note | None:
    """Why there is no product, and what may be done."""
    if offer.product_match == ProductMatch.DECLINED:
        title = t("Not linked with the catalogue, as you wished.")
        return Note("info", title, t("Allegro will look for a product by the data of this offer."))
    if offer.product_match == ProductMatch.SEVERAL:
        return Note("warn", t("Several products have this EAN."), t("Choose the one that you sell."))
    if offer.product_match == ProductMatch.NONE:
        title = t("Allegro's catalogue has no product with this EAN.")
        return Note("info", title, t("Search by name, or list: Allegro makes a product of your data."))
    if offer.product_match == ProductMatch.FAILED:
        title = t("Allegro's catalogue does not answer.")
        return Note("info", title, t("We ask again by ourselves; you may go on."))
    if offer.product_match == ProductMatch.SEARCHING:
        return None
    if offer.gtin.strip():
        return Note("info", t("The product has not been looked for yet."))
    return Note(
        "info", t("Without an EAN we cannot find the product by ourselves."), t("Search by name or code.")
    )
