"""Drafts: an offer prefilled from a product of the shop and the terms of the account."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.categories import NoSuchCategory, find_category
from allegro_module.db.offers import Offer, list_external_ids
from allegro_module.db.terms import list_terms
from allegro_module.domain.offers import OfferState, external_id_for
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.selling_formats import read_price, read_quantity
from allegro_module.domain.shop import ShopAdapter, ShopProduct
from allegro_module.sync.answer_guesses import guess_answers, keep_answers, without_faults
from allegro_module.sync.category_parameters import parameters_in
from allegro_module.sync.draft_values import draft_values
from allegro_module.sync.mapped_answers import mapped_answers


def new_draft(
    session: Session, shop: ShopAdapter, product: ShopProduct, account: Account, now: datetime, who: str
) -> Offer:
    """A row for the seller to complete, added to the session; the caller commits.

    Its external id is the SKU, or SKU~2 and so on: two drafts made at once may get the same, then the second
    commit fails with IntegrityError.
    """
    pieces = shop.stock([product.sku]).get(product.sku, 0)
    values = draft_values(session, account, product, pieces, list_terms(session, account.id))
    category_id = values.pop("category_id").value
    offer = Offer(
        account=account,
        sku=product.sku,
        external_id=external_id_for(product.sku, list_external_ids(session, account.id, product.sku)),
        currency=product.price.currency,
        parameters={},
        state=OfferState.DRAFT,
        state_since=now,
        created_at=now,
        changed_at=now,
        changed_by=who,
        **{name: copy.deepcopy(each.value) for name, each in values.items()},
    )
    offer.price = read_price(offer.price_text, offer.currency)
    offer.quantity = read_quantity(offer.quantity_text)
    if category_id is not None:
        _choose_mapped(session, offer, category_id, product)
    session.add(offer)
    return offer


def _choose_mapped(session: Session, offer: Offer, category_id: str, product: ShopProduct) -> None:
    """A category that Allegro has dropped since it was mapped stays for the seller to choose."""
    category = find_category(session, offer.account.environment, category_id)
    if category is not None and category.is_leaf:
        choose_category(session, offer, category_id, product)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What choosing a category did to the answers: how many were kept and how many guessed."""

    kept: int
    guessed: int


def choose_category(session: Session, offer: Offer, category_id: str, product: ShopProduct | None) -> Chosen:
    """Set the category, keep the answers that fit there, take those of the mapping and guess the others.

    The category's parameters have been fetched (`sync.categories.refresh_parameters`). Raises NoSuchCategory.
    """
    category = find_category(session, offer.account.environment, category_id)
    if category is None:
        raise NoSuchCategory(category_id)
    parameters = parameters_in(category)
    kept = keep_answers(parameters, offer.parameters or {})
    guessed = _answers_for(session, offer, category_id, parameters, product) if product is not None else {}
    guessed = {key: answer for key, answer in guessed.items() if key not in kept}
    offer.category_id = category_id
    offer.parameters = {**kept, **guessed}
    return Chosen(len(kept), len(guessed))


def _answers_for(
    session: Session, offer: Offer, category_id: str, parameters: Sequence[Parameter], product: ShopProduct
) -> dict[str, dict[str, Any]]:
    """What was settled or learned counts more than what the words look like."""
    mapped = mapped_answers(session, offer.account.environment, category_id, parameters, product)
    return without_faults(parameters, {**guess_answers(parameters, product), **mapped})
