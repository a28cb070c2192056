"""What a new offer of a product would hold, and where each value comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.description_templates import find_template
from allegro_module.db.profiles import Profile, profiles_for
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.files import SAFETY
from allegro_module.domain.listing import IMAGES_MAX
from allegro_module.domain.marketplaces import currency_of
from allegro_module.domain.money import Money
from allegro_module.domain.offer_choices import HANDLING_TIME, INVOICE
from allegro_module.domain.price_rules import price_by, rule_of
from allegro_module.domain.profile_values import is_row_id
from allegro_module.domain.profiles import Found, Scope, offered_pieces, resolve
from allegro_module.domain.selling_formats import read_price
from allegro_module.domain.shop import ShopProduct
from allegro_module.domain.titles import fit_title
from allegro_module.sync.attachments import attachments_of
from allegro_module.sync.descriptions import to_allegro_html
from allegro_module.sync.mapped_answers import mapped_category
from allegro_module.sync.offer_mapping import to_tax_rate

DEFAULT_NAME = "default"
#: By column of the offer; a guarantee and a person are nobody's duty, so the only one is not taken unasked.
TERMS = {
    "shipping_rate_id": TermKind.SHIPPING_RATE,
    "return_policy_id": TermKind.RETURN_POLICY,
    "implied_warranty_id": TermKind.IMPLIED_WARRANTY,
    "responsible_producer_id": TermKind.RESPONSIBLE_PRODUCER,
}
#: Columns that take the value of a profile as it is, and what they hold without one.
PLAIN: Mapping[str, Any] = {
    "warranty_id": None,
    "handling_time": HANDLING_TIME,
    "invoice": INVOICE,
    "location": None,
    "duration": "",
    "is_republished": False,
    "description_template_id": None,
    "promotion": {},
    "responsible_person_id": None,
    "safety_text": "",
    "safety_attachments": [],
    "is_before_gpsr": False,
}


class Kind(StrEnum):
    PRODUCT = "product"
    MAPPING = "mapping"
    PROFILE = "profile"
    #: The only one of the account.
    ONLY = "only"
    #: The one named `default`, which Allegro itself would take (facts.md 6.2).
    NAMED_DEFAULT = "named_default"
    #: The producer who bears the product's brand in its name.
    BRAND_NAME = "brand_name"
    #: Nobody said anything: what Allegro takes without a word, or nothing.
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Source:
    """`scope` and `label` tell of a profile which one it is."""

    kind: Kind
    scope: Scope | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    value: Any
    source: Source


#: By column of the offer.
Values = dict[str, Value]
FROM_PRODUCT, FROM_MAPPING, FROM_NOBODY = Source(Kind.PRODUCT), Source(Kind.MAPPING), Source(Kind.NOBODY)


def draft_values(
    session: Session, account: Account, product: ShopProduct, pieces: int, terms: Sequence[SellingTerm]
) -> Values:
    """Nothing is written; `terms` are the account's, as `list_terms` answers."""
    profiles = profiles_for(session, account.id, [product])
    found = resolve([each.layer for each in profiles])
    sources = {name: _profile_source(each, profiles) for name, each in found.items()}
    category_id = mapped_category(session, account.environment, product)
    return {
        **_of_product(product),
        **_price_values(product, found, sources),
        "quantity_text": Value(
            str(offered_pieces(max(pieces, 0), found)),
            sources.get("quantity_cap") or sources.get("quantity_buffer") or FROM_PRODUCT,
        ),
        "vat_rate": _vat_rate(product, found, sources),
        **{name: _term(name, found, sources, terms, product) for name in TERMS},
        **_existing(session, account, {name: _plain(name, found, sources) for name in PLAIN}),
        "category_id": Value(category_id, FROM_MAPPING if category_id else FROM_NOBODY),
    }


def _profile_source(found: Found, profiles: Sequence[Profile]) -> Source:
    labels = {(Scope(each.scope), each.key): each.label for each in profiles}
    return Source(Kind.PROFILE, found.scope, labels.get((found.scope, found.key), "") or found.key)


def _of_product(product: ShopProduct) -> Values:
    values = {
        "title": fit_title(product.name, _additions(product)),
        "gtin": (product.gtin or "")[:40],
        "images": list(product.images[:IMAGES_MAX]),
        "description_html": to_allegro_html(product.description_html),
    }
    return {name: Value(value, FROM_PRODUCT if value else FROM_NOBODY) for name, value in values.items()}


def _additions(product: ShopProduct) -> list[str]:
    """What may lengthen a name that is too short for a title."""
    return [text for text in (product.brand, product.category_name, *product.attributes.values()) if text]


def _price_values(product: ShopProduct, found: Mapping[str, Found], sources: Mapping[str, Source]) -> Values:
    price = product.price
    rule = found.get("price_rule")
    if rule is not None and price.amount > 0:
        price = price_by(rule_of(rule.value), price, product.purchase_price)
    abroad = found.get("marketplaces")
    return {
        "price_text": Value(price_text(price.amount), sources.get("price_rule", FROM_PRODUCT)),
        "marketplaces": Value(
            prices_abroad(abroad.value if abroad else {}, price),
            sources.get("marketplaces", FROM_NOBODY),
        ),
    }


def prices_abroad(rules: Mapping[str, Mapping[str, Any]], price: Money) -> dict[str, dict[str, str]]:
    """As `Offer.marketplaces`: an empty rule, or no price yet, leaves it to Allegro."""
    return {name: {"price_text": _price_abroad(name, rule, price)} for name, rule in rules.items()}


def _price_abroad(marketplace: str, rule: Mapping[str, Any], price: Money) -> str:
    if not rule or read_price(price_text(price.amount), price.currency) is None:
        return ""
    currency = currency_of(marketplace)
    return price_text(price_by(rule_of(rule), price, currency=currency).amount, currency)


def price_text(amount: Decimal, currency: str = "PLN") -> str:
    """As a seller types it; whole crowns and forints are written whole."""
    written = f"{amount:.0f}" if currency in ("CZK", "HUF") else f"{amount:.2f}"
    return written.replace(".", ",")


def _vat_rate(product: ShopProduct, found: Mapping[str, Found], sources: Mapping[str, Source]) -> Value:
    if product.vat_rate is not None:
        return Value(to_tax_rate(str(product.vat_rate)), FROM_PRODUCT)
    rate = found.get("vat_rate")
    return Value(rate.value, sources["vat_rate"]) if rate else Value("", FROM_NOBODY)


def _plain(name: str, found: Mapping[str, Found], sources: Mapping[str, Source]) -> Value:
    """Empty of a profile means that the seller wants none, whatever farther layers say."""
    if name not in found:
        return Value(PLAIN[name], FROM_NOBODY)
    return Value(found[name].value or PLAIN[name], sources[name])


def _existing(session: Session, account: Account, values: Values) -> Values:
    """Without a template and files that are gone: an offer cannot have them."""
    template, files = values["description_template_id"], values["safety_attachments"]
    if template.value is not None and find_template(session, template.value) is None:
        template = Value(None, FROM_NOBODY)
    if files.value:
        there = [each.id for each in own_files(session, account.id, files.value)]
        kept = [each for each in files.value if each in there]
        files = Value(kept, files.source if kept else FROM_NOBODY)
    return {**values, "description_template_id": template, "safety_attachments": files}


def own_files(session: Session, account_id: int, ids: Iterable[Any]) -> list[Attachment]:
    """Those of the account that hold safety information."""
    numbers = [int(each) for each in ids if is_row_id(each)]
    files = attachments_of(session, numbers).values()
    return [each for each in files if each.account_id == account_id and each.kind == SAFETY]


def _term(
    name: str,
    found: Mapping[str, Found],
    sources: Mapping[str, Source],
    terms: Sequence[SellingTerm],
    product: ShopProduct,
) -> Value:
    """A profile's stays even when it is gone from Allegro: the form names it as such, and nothing else is
    chosen in its place unseen."""
    if name in found and found[name].value:
        return Value(found[name].value, sources[name])
    return unasked_term(TERMS[name], terms, product.brand)


def unasked_term(kind: TermKind, terms: Sequence[SellingTerm], brand: str | None) -> Value:
    """Where no profile names any; what is for One Fulfillment is not for goods that the seller sends."""
    known = [term for term in terms if term.kind == kind and not term.is_fulfillment]
    if len(known) == 1:
        return Value(known[0].allegro_id, Source(Kind.ONLY))
    for term in known:
        if term.name.casefold() == DEFAULT_NAME:
            return Value(term.allegro_id, Source(Kind.NAMED_DEFAULT))
    if kind is TermKind.RESPONSIBLE_PRODUCER and (producer := _producer_of(known, brand)):
        return Value(producer, Source(Kind.BRAND_NAME, label=brand or ""))
    return Value(None, FROM_NOBODY)


def _producer_of(producers: Sequence[SellingTerm], brand: str | None) -> str | None:
    named = [each for each in producers if brand and brand.casefold() in each.name.casefold()]
    return named[0].allegro_id if len(named) == 1 else None
