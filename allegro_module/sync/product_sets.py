"""Further products of an offer: what the catalogue says of them, what is kept and sent of their safety."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.catalogue import catalogue_products
from allegro_module.db.offers import Offer
from allegro_module.db.profiles import defaults_for
from allegro_module.db.terms import TermKind, list_terms
from allegro_module.domain.gtin import bare_gtin
from allegro_module.domain.listing import Wish
from allegro_module.domain.money import Money
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.product_sets import Demand, SafetyChoice, SetProduct
from allegro_module.domain.shop import ProductQuery, ShopAdapter, ShopProduct, Sku
from allegro_module.sync.catalogue import Content, has_safety_data, requirement_answers
from allegro_module.sync.draft_values import own_files, unasked_term

#: The parameter of most categories, and what those of the others are called.
BRAND_ID, BRAND_NAME = "248811", "marka"
CANDIDATES = 5

Contents = Mapping[str, Content]


def contents_of_set(session: Session, offer: Offer) -> dict[str, Content]:
    """What our copy of the catalogue says of the further products, by id; nothing is read without any."""
    ids = [each["product_id"] for each in offer.more_products or ()]
    rows = catalogue_products(session, offer.account.environment, ids) if ids else {}
    return {key: row.content for key, row in rows.items()}


def set_products(offer: Offer, contents: Contents) -> list[SetProduct]:
    return [_set_product(each, contents.get(each["product_id"])) for each in offer.more_products or ()]


def _set_product(row: Mapping[str, Any], content: Content | None) -> SetProduct:
    return SetProduct(
        name=(content or {}).get("name") or row["product_id"],
        pieces=row["quantity"],
        producer_id=row.get("responsible_producer_id"),
        person_id=row.get("responsible_person_id"),
        safety=row.get("safety") or SafetyChoice.CATALOGUE,
        text=row.get("safety_text") or "",
        files=len(row.get("safety_attachments") or ()),
        is_safe=has_safety_data(content),
    )


def with_set(
    wish: Wish, offer: Offer, content: Content | None, contents: Contents, parameters: Sequence[Parameter]
) -> Wish:
    """The wish with all its products: `content` is the first one's, `contents` those of the others."""
    return replace(
        wish,
        product_pieces=1 if offer.product_quantity is None else offer.product_quantity,
        set_products=set_products(offer, contents),
        demands=list(_demands([content, *contents.values()], parameters)),
    )


def _demands(contents: Sequence[Content | None], parameters: Sequence[Parameter]) -> Iterator[Demand]:
    for content in contents:
        if wanted := requirement_answers(content, parameters):
            yield Demand((content or {}).get("name") or "", wanted)


# What a product that joins the set says at first -------------------------------------------------------


def safety_at_first(
    session: Session, shop: ShopAdapter, account: Account, content: Content
) -> dict[str, Any]:
    """Members of the row: by the account's rules for the shop's product with the EAN, else for the brand.

    Nothing where the catalogue has both already.
    """
    if has_safety_data(content):
        return {}
    product = _shops_product(shop, content) or _stand_in(content)
    found = {name: each.value for name, each in defaults_for(session, account.id, product).items()}
    producers = list_terms(session, account.id, TermKind.RESPONSIBLE_PRODUCER)
    producer = (
        found.get("responsible_producer_id")
        or unasked_term(TermKind.RESPONSIBLE_PRODUCER, producers, product.brand).value
    )
    files = own_files(session, account.id, found.get("safety_attachments") or ())
    return set_row_safety(
        {
            "responsible_producer_id": producer,
            "responsible_person_id": found.get("responsible_person_id"),
            "safety": _choice(found, has_files=bool(files)),
            "safety_text": found.get("safety_text") or "",
            "safety_attachments": [each.id for each in files],
        }
    )


def set_row_safety(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without the empty ones, so that equal rows look equal."""
    return {name: value for name, value in values.items() if value}


def _choice(found: Mapping[str, Any], *, has_files: bool) -> str:
    if found.get("is_before_gpsr"):
        return SafetyChoice.BEFORE.value
    if has_files:
        return SafetyChoice.FILES.value
    return SafetyChoice.TEXT.value if found.get("safety_text") else SafetyChoice.CATALOGUE.value


def _shops_product(shop: ShopAdapter, content: Content) -> ShopProduct | None:
    """The one with an EAN of the product's."""
    entries = [each for each in content.get("parameters") or () if (each.get("options") or {}).get("isGTIN")]
    codes = {bare_gtin(each) for entry in entries for each in _values(entry)}
    for code in codes:
        for product in shop.find_products(ProductQuery(text=code, limit=CANDIDATES), None).items:
            if bare_gtin(product.gtin or "") in codes:
                return product
    return None


def _stand_in(content: Content) -> ShopProduct:
    """For goods that the shop does not sell alone: the rules of their brand speak."""
    named = (each for each in content.get("parameters") or () if _is_brand(each))
    brand = next((text for entry in named for text in _values(entry)), None)
    return ShopProduct(Sku(""), content.get("name") or "", Money(Decimal(0), "PLN"), brand=brand)


def _is_brand(entry: Mapping[str, Any]) -> bool:
    return entry.get("id") == BRAND_ID or (entry.get("name") or "").casefold() == BRAND_NAME


def _values(entry: Mapping[str, Any]) -> list[str]:
    return [str(each) for each in entry.get("valuesLabels") or entry.get("values") or ()]
