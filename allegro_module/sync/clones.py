"""„Wystaw podobną”: a new draft with another offer's content, for the same or another account or product."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer, list_external_ids
from allegro_module.db.term_uses import COLUMN_BY_KIND
from allegro_module.db.terms import SellingTerm, list_terms
from allegro_module.domain.marketplaces import BASE, currency_of, twin_of
from allegro_module.domain.offers import OPEN_STATES, OfferState, ProductMatch, external_id_for
from allegro_module.domain.product_sets import SafetyChoice
from allegro_module.domain.selling_formats import read_price, read_quantity
from allegro_module.domain.shop import ShopProduct
from allegro_module.sync.draft_values import Values, draft_values
from allegro_module.sync.promotion import is_asked_for

#: More offers of one new product are against Allegro's rules (facts.md 6.4).
OFFERS_PER_PRODUCT = 5
#: What belongs to the one row: who it is, how far it is, what Allegro told of it.
OWN_TO_ROW = frozenset(
    {
        *("id", "account_id", "sku", "external_id", "batch", "cloned_from", "version"),
        *("wanted", "state", "state_since", "step", "images_done", "images_total", "problems_json"),
        *("trouble", "claim", "claimed_until", "create_sent_at", "first_sent_at", "next_look_at", "looks"),
        *("allegro_offer_id", "allegro_status", "listed_at", "first_listed_at", "ended_by", "problems_at"),
        *("trace_id", "product_status", "sent", "sending", "live", "fees", "synced_at"),
        # Packages cost money: each offer is asked for its own.
        *("created_at", "changed_at", "changed_by", "starting_at", "promotion"),
    }
)
#: The seller's choices: all the other columns.
CONTENT = tuple(each.key for each in Offer.__mapper__.column_attrs if each.key not in OWN_TO_ROW)
TERM_COLUMNS = {column.key: kind for kind, column in COLUMN_BY_KIND.items()}
#: Kept at Allegro by each account, without a name that we know.
NAMELESS = ("additional_services_id", "size_table_id", "safety_attachments")
#: Of a further product of a set.
PARTIES = ("responsible_producer_id", "responsible_person_id")
#: What another product answers for itself.
OF_PRODUCT = ("title", "gtin", "price_text", "quantity_text", "images", "description_html")
PRICES = ("price_text", "starting_price_text", "minimal_price_text")
#: Settled by the country of the base marketplace.
OF_COUNTRY = ("vat_rate", "vat_rates_abroad", "vat_subject", "vat_exemption", "marketplaces", "deposits")


def clone_offer(
    session: Session,
    offer: Offer,
    account: Account,
    product: ShopProduct | None,
    now: datetime,
    who: str,
    pieces: int = 0,
) -> Offer:
    """Added to the session; the caller commits. `pieces` are the shop's of another product.

    None for the product, or the offer's own: all content is equal. Another account gets its own terms of the
    same names, else its defaults. Two made at once may get the same external id: then the second commit fails
    with IntegrityError.
    """
    sku = product.sku if product is not None else offer.sku
    content = {name: copy.deepcopy(getattr(offer, name)) for name in CONTENT}
    content |= _of_another_account(session, offer, account, product, pieces)
    if product is not None and sku != offer.sku:
        content |= _of_another_product(session, account, product, pieces)
    clone = Offer(
        account=account,
        sku=sku,
        external_id=external_id_for(sku, list_external_ids(session, account.id, sku)),
        cloned_from=offer.id,
        state=OfferState.DRAFT,
        state_since=now,
        created_at=now,
        changed_at=now,
        changed_by=who,
        **content,
    )
    clone.price = read_price(clone.price_text, clone.currency)
    clone.quantity = read_quantity(clone.quantity_text)
    session.add(clone)
    return clone


def left_behind(offer: Offer, clone: Offer) -> list[str]:
    """Columns that hold something in the offer, and something else in its clone."""
    paid = ["promotion"] if is_asked_for(offer.promotion or {}) else []
    if offer.account_id == clone.account_id:
        return paid
    return paid + [
        name
        for name in (*TERM_COLUMNS, *NAMELESS, *PRICES, *OF_COUNTRY)
        if getattr(offer, name)
        and getattr(offer, name) != getattr(clone, name)
        and not (name in TERM_COLUMNS and getattr(clone, name))
    ]


def count_of_product(session: Session, account_id: int, sku: str) -> int:
    """Offers of a product that stand on Allegro or are on their way there."""
    states = (OfferState.ACTIVE, OfferState.PLANNED, *OPEN_STATES)
    counted = select(func.count(Offer.id)).where(
        Offer.sku == sku, Offer.account_id == account_id, Offer.state.in_(states)
    )
    return session.scalar(counted) or 0


def _of_another_account(
    session: Session, offer: Offer, account: Account, product: ShopProduct | None, pieces: int
) -> dict[str, Any]:
    if account.id == offer.account_id:
        return {}
    terms = list_terms(session, account.id)
    defaults = draft_values(session, account, product, pieces, terms) if product is not None else {}
    found: dict[str, Any] = dict(_terms(session, offer, terms, defaults))
    found |= {name: _usual(name, defaults) for name in NAMELESS}
    found["more_products"] = _set_there(session, offer, terms)
    if twin_of(account.base_marketplace or BASE) != twin_of(offer.account.base_marketplace or BASE):
        found |= {name: _usual(name, defaults) for name in (*PRICES, *OF_COUNTRY)}
        found["currency"] = currency_of(account.base_marketplace or BASE)
    return found


def _terms(
    session: Session, offer: Offer, terms: Sequence[SellingTerm], defaults: Values
) -> Iterator[tuple[str, str | None]]:
    names = _names_of_terms(session, offer)
    for column, kind in TERM_COLUMNS.items():
        name = names.get(column)
        same = (each.allegro_id for each in terms if each.kind == kind and _folded(each.name) == name)
        usual = defaults[column].value if column in defaults and getattr(offer, column) else None
        yield column, next(same, None) or usual


def _set_there(session: Session, offer: Offer, terms: Sequence[SellingTerm]) -> list[dict[str, Any]]:
    """With the other account's producers and persons of the same names; files are each account's own."""
    rows = copy.deepcopy(offer.more_products or [])
    there = {(each.kind, _folded(each.name)): each.known_id for each in terms}
    here = list_terms(session, offer.account_id) if rows else ()
    twins = {each.known_id: there.get((each.kind, _folded(each.name))) for each in here}
    for row in rows:
        row.update({name: twins.get(row.get(name) or "") for name in PARTIES})
        row["safety_attachments"] = None
        if row.get("safety") == SafetyChoice.FILES:
            row["safety"] = None
    return [{name: value for name, value in row.items() if value} for row in rows]


def _names_of_terms(session: Session, offer: Offer) -> dict[str, str]:
    chosen = {column: getattr(offer, column) for column in TERM_COLUMNS if getattr(offer, column)}
    rows = session.execute(
        select(SellingTerm.kind, SellingTerm.allegro_id, SellingTerm.name).where(
            SellingTerm.account_id == offer.account_id, SellingTerm.allegro_id.in_(chosen.values())
        )
    )
    known = {(kind, allegro_id): _folded(name) for kind, allegro_id, name in rows}
    named = {column: known.get((TERM_COLUMNS[column], chosen[column])) for column in chosen}
    return {column: name for column, name in named.items() if name is not None}


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _usual(name: str, defaults: Mapping[str, Any]) -> Any:
    """What a new offer of that account would hold, else the column's own emptiness."""
    if name in defaults:
        return copy.deepcopy(defaults[name].value)
    column = Offer.__mapper__.columns[name]
    default = column.default.arg if column.default is not None else None  # type: ignore[attr-defined]
    return default(None) if callable(default) else default


def _of_another_product(
    session: Session, account: Account, product: ShopProduct, pieces: int
) -> dict[str, Any]:
    """Its own title, code, price, pictures and text; the offer's category, features and terms."""
    values = draft_values(session, account, product, pieces, list_terms(session, account.id))
    own = {name: copy.deepcopy(values[name].value) for name in OF_PRODUCT if name in values}
    return own | {
        "ai_images": [],
        "description_sections": None,
        "product_id": None,
        "product_match": ProductMatch.UNKNOWN,
        "product_quantity": 1,
        "more_products": [],
    }
