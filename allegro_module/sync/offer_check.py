"""Checking an offer row against the rules, with our copies of categories and terms, and the pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category, find_category
from allegro_module.db.dictionaries import find_dictionaries
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm, TermKind, ids_by_kind
from allegro_module.domain.listing import (
    Goods,
    KnownTerms,
    Picture,
    Wish,
    problems_before_listing,
)
from allegro_module.domain.marketplaces import BASE
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.problems import Problem
from allegro_module.domain.scopes import READ_SETTINGS, WRITE_OFFERS, missing
from allegro_module.domain.shop import ShopAdapter
from allegro_module.domain.taxes import Taxes, country_of
from allegro_module.sync.catalogue import catalogue_of, with_catalogue
from allegro_module.sync.category_parameters import find_parameters
from allegro_module.sync.offer_images import look_at_pictures
from allegro_module.sync.offer_mapping import origin_of, to_tax_rate
from allegro_module.sync.product_sets import Contents, contents_of_set, with_set
from allegro_module.sync.promotion import is_to_be_promoted

#: Lists of the account's that an offer may name something of.
LISTS = ("additional_services", "size_tables", "promotion_packages")


def check_offer(session: Session, shop: ShopAdapter, offer: Offer) -> list[Problem]:
    """What the seller has to correct first, the description aside; reads each picture once."""
    return check_with_pictures(session, offer, look_at_pictures(session, shop, offer.images))


def check_with_pictures(session: Session, offer: Offer, pictures: Sequence[Picture]) -> list[Problem]:
    goods, terms = find_goods(session, offer), find_terms(session, offer.account_id)
    contents = contents_of_set(session, offer)
    return check_with(offer, pictures, goods, terms, catalogue_of(session, offer), contents)


def check_with(
    offer: Offer,
    pictures: Sequence[Picture],
    goods: Goods | None,
    terms: KnownTerms | None,
    catalogue: Mapping[str, Any] | None,
    contents: Contents,
) -> list[Problem]:
    """By what has been read for it; `contents` are those of the further products."""
    parameters = (goods and goods.parameters) or ()
    wish = whole_wish(to_wish(offer, pictures), offer, catalogue, contents, parameters)
    return [*account_problems(offer.account, terms), *problems_before_listing(wish, goods, terms)]


def whole_wish(
    wish: Wish,
    offer: Offer,
    catalogue: Mapping[str, Any] | None,
    contents: Contents,
    parameters: Sequence[Parameter],
) -> Wish:
    """As it counts: with what the catalogue says of all its products."""
    bare = with_catalogue(wish, offer, catalogue, parameters)
    return with_set(bare, offer, catalogue, contents, parameters)


def account_problems(account: Account, terms: KnownTerms | None) -> list[Problem]:
    """What stands in the way of every offer: the kind of the account, what the seller has not let us do."""
    needed = (WRITE_OFFERS,) if terms is not None else (WRITE_OFFERS, READ_SETTINGS)
    found = [scope_problem(name) for name in missing(account.scopes, needed)]
    # Allegro takes offers by its API from companies only (facts.md 6.1).
    return [Problem("account_not_company"), *found] if account.is_company is False else found


def scope_problem(name: str) -> Problem:
    return Problem("scope_not_granted", params={"scope": name})


def to_wish(offer: Offer, pictures: Sequence[Picture], now: datetime | None = None) -> Wish:
    """Without the description, which is judged as it is sent (`description_problems`).

    The planned start is judged with `now` only: it may pass while the offer waits for a worker.
    """
    # What was asked for once is not judged any more: it is Allegro's.
    promotion = offer.promotion if is_to_be_promoted(offer.promotion or {}) else {}
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
        selling_format=offer.selling_format,
        starting_price_text=offer.starting_price_text,
        minimal_price_text=offer.minimal_price_text,
        starts_in=_starts_in(offer, now),
        taxes=taxes_of(offer),
        deposits=offer.deposits or (),
        prices_abroad={
            name: wish.get("price_text") or "" for name, wish in (offer.marketplaces or {}).items()
        },
        additional_services_id=offer.additional_services_id,
        size_table_id=offer.size_table_id,
        marketplace=offer.account.base_marketplace or BASE,
        base_package=promotion.get("base") or "",
        extra_packages=promotion.get("extra") or (),
    )


def taxes_of(offer: Offer) -> Taxes:
    """As they are sent."""
    return Taxes(
        country=country_of(offer.account.base_marketplace),
        rate=to_tax_rate(offer.vat_rate) if offer.vat_rate.strip() else "",
        abroad=offer.vat_rates_abroad or {},
        subject=offer.vat_subject,
        exemption=offer.vat_exemption,
    )


def _starts_in(offer: Offer, now: datetime | None) -> timedelta | None:
    """Nothing to be judged of one that has begun: from then on it cannot be changed (facts.md 6.3)."""
    if offer.starting_at is None or now is None or offer.first_listed_at is not None:
        return None
    return offer.starting_at - now


def find_goods(session: Session, offer: Offer) -> Goods | None:
    """None for a category that is not in our copy of the tree."""
    if not offer.category_id:
        return None
    category = find_category(session, offer.account.environment, offer.category_id)
    return goods_of(category, has_product=bool(offer.product_id))


def goods_of(category: Category | None, *, has_product: bool = False) -> Goods | None:
    if category is None:
        return None
    parameters = find_parameters(category, has_product=has_product)
    return Goods(category.is_leaf, parameters, category.taxes)


def parameters_of(session: Session, offer: Offer) -> Sequence[Parameter]:
    """Empty while they are not known."""
    goods = find_goods(session, offer)
    return (goods and goods.parameters) or ()


def find_terms(session: Session, account_id: int) -> KnownTerms | None:
    """None while they have never been read from Allegro."""
    ids = ids_by_kind(session, account_id)
    return _known(ids, find_dictionaries(session, account_id, LISTS)) if ids else None


def known_terms(
    terms: Sequence[SellingTerm], dictionaries: Mapping[str, Mapping[str, Any]]
) -> KnownTerms | None:
    """`dictionaries` are the account's, by name."""
    ids: dict[str, set[str]] = {}
    for term in terms:
        ids.setdefault(term.kind, set()).add(term.known_id)
    return _known(ids, dictionaries) if ids else None


def _known(ids: Mapping[str, set[str]], dictionaries: Mapping[str, Mapping[str, Any]]) -> KnownTerms:
    packages = dictionaries.get("promotion_packages") or {}
    return KnownTerms(
        shipping_rates=ids.get(TermKind.SHIPPING_RATE, set()),
        return_policies=ids.get(TermKind.RETURN_POLICY, set()),
        implied_warranties=ids.get(TermKind.IMPLIED_WARRANTY, set()),
        producers=ids.get(TermKind.RESPONSIBLE_PRODUCER, set()),
        persons=ids.get(TermKind.RESPONSIBLE_PERSON, set()),
        additional_services=_listed(dictionaries.get("additional_services")),
        size_tables=_listed(dictionaries.get("size_tables")),
        base_packages={name: _ids(kinds.get("base")) for name, kinds in packages.items()},
        extra_packages={name: _ids(kinds.get("extra")) for name, kinds in packages.items()},
    )


def _listed(dictionary: Mapping[str, Any] | None) -> set[str] | None:
    return _ids(dictionary["rows"]) if dictionary and "rows" in dictionary else None


def _ids(rows: Sequence[Mapping[str, Any]] | None) -> set[str]:
    return {each["id"] for each in rows or ()}
