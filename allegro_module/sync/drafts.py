"""Drafts: an offer prefilled from a product of the shop and the terms of the account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.categories import NoSuchCategory, find_category
from allegro_module.db.offers import Offer, list_external_ids
from allegro_module.db.terms import SellingTerm, TermKind, list_terms
from allegro_module.domain.listing import IMAGES_MAX, read_price, read_quantity
from allegro_module.domain.offers import OfferState, external_id_for
from allegro_module.domain.shop import ShopAdapter, ShopProduct
from allegro_module.domain.titles import fit_title
from allegro_module.sync.answer_guesses import guess_answers, keep_answers
from allegro_module.sync.descriptions import to_allegro_html
from allegro_module.sync.offer_check import parameters_in
from allegro_module.sync.offer_mapping import to_tax_rate

DEFAULT_NAME = "default"


def new_draft(
    session: Session, shop: ShopAdapter, product: ShopProduct, account: Account, now: datetime, who: str
) -> Offer:
    """A row for the seller to complete, added to the session; the caller commits.

    Its external id is the SKU, or SKU~2 and so on: two drafts made at once may get the same, then the second
    commit fails with IntegrityError.
    """
    offer = Offer(
        account=account,
        sku=product.sku,
        external_id=external_id_for(product.sku, list_external_ids(session, account.id, product.sku)),
        title=fit_title(product.name, _additions(product)),
        gtin=(product.gtin or "")[:40],
        images=list(product.images[:IMAGES_MAX]),
        description_html=to_allegro_html(product.description_html),
        vat_rate=to_tax_rate(str(product.vat_rate)) if product.vat_rate is not None else "",
        parameters={},
        state=OfferState.DRAFT,
        state_since=now,
        created_at=now,
        changed_at=now,
        changed_by=who,
    )
    _set_price_and_quantity(offer, product, shop.stock([product.sku]).get(product.sku, 0))
    _choose_terms(offer, list_terms(session, account.id), product)
    session.add(offer)
    return offer


def _additions(product: ShopProduct) -> list[str]:
    """What may lengthen a name that is too short for a title."""
    return [text for text in (product.brand, product.category_name, *product.attributes.values()) if text]


def _set_price_and_quantity(offer: Offer, product: ShopProduct, pieces: int) -> None:
    offer.currency = product.price.currency
    offer.price_text = f"{product.price.amount:.2f}".replace(".", ",")
    offer.price = read_price(offer.price_text, offer.currency)
    offer.quantity_text = str(max(pieces, 0))
    offer.quantity = read_quantity(offer.quantity_text)


def _choose_terms(offer: Offer, terms: Sequence[SellingTerm], product: ShopProduct) -> None:
    by_kind: dict[str, list[SellingTerm]] = {}
    for term in terms:
        by_kind.setdefault(term.kind, []).append(term)
    offer.shipping_rate_id = _default(by_kind.get(TermKind.SHIPPING_RATE, ()))
    offer.return_policy_id = _default(by_kind.get(TermKind.RETURN_POLICY, ()))
    offer.implied_warranty_id = _default(by_kind.get(TermKind.IMPLIED_WARRANTY, ()))
    producers = by_kind.get(TermKind.RESPONSIBLE_PRODUCER, ())
    offer.responsible_producer_id = _default(producers) or _producer_of(producers, product.brand)


def _default(terms: Sequence[SellingTerm]) -> str | None:
    """The only one, else the one named `default`: what Allegro itself would take (facts.md 6.2)."""
    if len(terms) == 1:
        return terms[0].allegro_id
    return next((term.allegro_id for term in terms if term.name.casefold() == DEFAULT_NAME), None)


def _producer_of(producers: Sequence[SellingTerm], brand: str | None) -> str | None:
    """The one that bears the product's brand in its name."""
    named = [each for each in producers if brand and brand.casefold() in each.name.casefold()]
    return named[0].allegro_id if len(named) == 1 else None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What choosing a category did to the answers: how many were kept and how many guessed."""

    kept: int
    guessed: int


def choose_category(session: Session, offer: Offer, category_id: str, product: ShopProduct | None) -> Chosen:
    """Set the category, keep the answers that fit there and guess the others.

    The category's parameters have been fetched (`sync.categories.refresh_parameters`). Raises NoSuchCategory.
    """
    category = find_category(session, offer.account.environment, category_id)
    if category is None:
        raise NoSuchCategory(category_id)
    parameters = parameters_in(category)
    kept = keep_answers(parameters, offer.parameters or {})
    guesses = guess_answers(parameters, product) if product is not None else {}
    guessed = {key: answer for key, answer in guesses.items() if key not in kept}
    offer.category_id = category_id
    offer.parameters = {**kept, **guessed}
    return Chosen(len(kept), len(guessed))
