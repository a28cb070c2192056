"""Checking an offer row against the rules, with our copies of categories and terms, and the pictures."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category, find_category
from allegro_module.db.offers import Offer
from allegro_module.db.terms import TermKind, list_terms
from allegro_module.domain.listing import (
    Goods,
    KnownTerms,
    Picture,
    Wish,
    problems_before_listing,
)
from allegro_module.domain.parameters import Parameter, read_parameters
from allegro_module.domain.problems import Problem
from allegro_module.domain.scopes import READ_SETTINGS, WRITE_OFFERS, missing
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.images import look_at_pictures
from allegro_module.sync.offer_mapping import origin_of


def check_offer(session: Session, shop: ShopAdapter, offer: Offer) -> list[Problem]:
    """What the seller has to correct first, the description aside; reads each picture once."""
    return check_with_pictures(session, offer, look_at_pictures(shop, offer.images))


def check_with_pictures(session: Session, offer: Offer, pictures: Sequence[Picture]) -> list[Problem]:
    wish, terms = to_wish(offer, pictures), find_terms(session, offer.account_id)
    return [
        *_scope_problems(offer.account, has_terms=terms is not None),
        *problems_before_listing(wish, find_goods(session, offer), terms),
    ]


def _scope_problems(account: Account, *, has_terms: bool) -> list[Problem]:
    """What the seller has not let us do, as far as an offer cannot do without."""
    needed = (WRITE_OFFERS,) if has_terms else (WRITE_OFFERS, READ_SETTINGS)
    return [scope_problem(name) for name in missing(account.scopes, needed)]


def scope_problem(name: str) -> Problem:
    return Problem("scope_not_granted", params={"scope": name})


def to_wish(offer: Offer, pictures: Sequence[Picture]) -> Wish:
    """Without the description, which is judged as it is sent (`description_problems`)."""
    return Wish(
        title=offer.title,
        gtin=offer.gtin,
        category_id=offer.category_id,
        price_text=offer.price_text,
        currency=offer.currency,
        quantity_text=offer.quantity_text,
        pictures=pictures,
        answers=offer.parameters,
        shipping_rate_id=offer.shipping_rate_id,
        return_policy_id=offer.return_policy_id,
        implied_warranty_id=offer.implied_warranty_id,
        responsible_producer_id=offer.responsible_producer_id,
        safety_text=offer.safety_text,
        is_before_gpsr=offer.is_before_gpsr,
        origin=origin_of(offer),
        has_own_origin=offer.location is not None,
        responsible_person_id=offer.responsible_person_id,
        safety_files=len(offer.safety_attachments or ()),
        duration=offer.duration,
        prices_abroad={
            name: wish.get("price_text") or "" for name, wish in (offer.marketplaces or {}).items()
        },
    )


def find_goods(session: Session, offer: Offer) -> Goods | None:
    """None for a category that is not in our copy of the tree."""
    if not offer.category_id:
        return None
    category = find_category(session, offer.account.environment, offer.category_id)
    if category is None:
        return None
    return Goods(category.is_leaf, None if category.parameters is None else parameters_in(category))


def parameters_of(session: Session, offer: Offer) -> Sequence[Parameter]:
    """Empty while they are not known."""
    goods = find_goods(session, offer)
    return (goods and goods.parameters) or ()


def parameters_in(category: Category) -> tuple[Parameter, ...]:
    return read_parameters(category.parameters or ())


def find_terms(session: Session, account_id: int) -> KnownTerms | None:
    """None while they have never been read from Allegro."""
    ids: dict[str, set[str]] = {}
    for term in list_terms(session, account_id):
        ids.setdefault(term.kind, set()).add(term.known_id)
    if not ids:
        return None
    return KnownTerms(
        shipping_rates=ids.get(TermKind.SHIPPING_RATE, set()),
        return_policies=ids.get(TermKind.RETURN_POLICY, set()),
        implied_warranties=ids.get(TermKind.IMPLIED_WARRANTY, set()),
        producers=ids.get(TermKind.RESPONSIBLE_PRODUCER, set()),
        persons=ids.get(TermKind.RESPONSIBLE_PERSON, set()),
    )
