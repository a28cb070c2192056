"""The card *Produkt Allegro* of the offer form: how the offer stands to Allegro's catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from allegro_module.db.offers import Offer
from allegro_module.db.product_matches import count_active_of_product
from allegro_module.db.terms import list_terms
from allegro_module.domain.offers import ProductMatch
from allegro_module.domain.problems import Problem
from allegro_module.domain.product_sets import FIRST_PIECES
from allegro_module.domain.products import PRODUCTS_MAX, SAME_PRODUCT_MAX
from allegro_module.runtime import current_runtime
from allegro_module.sync.catalogue import Content, accepted_categories, catalogue_of, products_named
from allegro_module.sync.product_match import may_be_matched
from allegro_module.sync.product_sets import contents_of_set
from allegro_module.web.forms.offer_product import pieces_as_typed
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_set import SetGround, SetItem, set_items
from allegro_module.web.offer_words import sentences_by_field
from allegro_module.web.product_words import ShownProduct, category_of, shown_product
from allegro_module.web.ui import Note


@dataclass(frozen=True, slots=True)
class ProductCard:
    """`product` is None while there is none; `other_category` is the product's, where the offer's is another.

    `is_unread`: Allegro named the product by its id, and the catalogue was not asked yet.
    `pieces` as typed. `disputed`: Allegro named products that the offer's own data do not agree with.
    """

    match: ProductMatch
    product: ShownProduct | None
    pieces: str
    pieces_errors: Sequence[str]
    more: Sequence[SetItem]
    set_errors: Sequence[str]
    note: Note | None
    is_waiting: bool
    is_unread: bool
    other_category: str
    disputed: Sequence[str]
    has_too_many: bool
    may_add: bool
    may_decline: bool
    has_gtin: bool

    @property
    def is_declined(self) -> bool:
        return self.match == ProductMatch.DECLINED

    @property
    def is_set(self) -> bool:
        return bool(self.more) or self.pieces != "1"


def product_card(facts: Facts) -> ProductCard:
    choices = facts.choices
    card = _card_of(current_runtime().session, facts.offer, facts.catalogue, facts.shown_problems)
    ground = SetGround(facts.offer, facts.contents, facts.terms, facts.shown_problems, facts.is_new)
    return replace(
        card,
        pieces=pieces_as_typed(choices.product_quantity, facts.shown_problems),
        more=set_items(current_runtime().session, ground, choices.more_products),
    )


def _card_of(
    session: Session, offer: Offer, content: Content | None, problems: Sequence[Problem]
) -> ProductCard:
    errors = sentences_by_field([each for each in problems if not each.is_warning])
    product = shown_product(content, offer.product_status) if content else None
    more = offer.more_products or ()
    is_waiting = offer.product_match == ProductMatch.SEARCHING and may_be_matched(offer)
    return ProductCard(
        match=ProductMatch(offer.product_match),
        product=product or _unknown(offer),
        pieces=pieces_as_typed(offer.product_quantity, problems),
        pieces_errors=errors.get(FIRST_PIECES, ()),
        more=(),
        set_errors=errors.get("more_products", ()),
        note=None if offer.product_id else _note(offer),
        is_waiting=is_waiting,
        is_unread=bool(offer.product_id) and content is None,
        other_category=_other_category(offer, content),
        disputed=disputed(offer),
        has_too_many=_has_too_many(session, offer),
        may_add=bool(offer.product_id) and len(more) + 1 < PRODUCTS_MAX,
        may_decline=offer.allegro_offer_id is None,
        has_gtin=bool(offer.gtin.strip()),
    )


def read_card(session: Session, offer: Offer) -> ProductCard:
    """For the form that waits for it, in place of the card that it has."""
    card = _card_of(session, offer, catalogue_of(session, offer), offer.problems)
    rows = offer.more_products or ()
    if not rows:
        return card
    terms = list_terms(session, offer.account_id)
    ground = SetGround(offer, contents_of_set(session, offer), terms, offer.problems, is_new=False)
    return replace(card, more=set_items(session, ground, rows))


def disputed(offer: Offer) -> list[str]:
    """Products that Allegro holds the first one's data against; those of the set are told in their places."""
    further = {each["product_id"] for each in offer.more_products or ()}
    return [each for each in products_named(offer.problems) if each not in further]


def _unknown(offer: Offer) -> ShownProduct | None:
    """Linked at Allegro, and never asked for yet: until then it is called as the offer."""
    content = {"id": offer.product_id, "name": offer.title or offer.sku}
    return replace(shown_product(content, offer.product_status), safety=None) if offer.product_id else None


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
