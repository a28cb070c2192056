"""How complete the GPSR data of the shop's products are: counted by a job, as the shop may have thousands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.profiles import brand_key, profiles_for
from allegro_module.db.safety import find_coverage, list_book, safety_of_offers, save_coverage
from allegro_module.db.terms import SellingTerm, list_terms
from allegro_module.domain.producers import from_wire
from allegro_module.domain.profiles import SAFETY_FIELDS, Layer, Scope, resolve
from allegro_module.domain.safety import Book, Gap, gaps
from allegro_module.domain.shop import ProductQuery, ShopAdapter, ShopProduct
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.sync.draft_values import Kind, unasked_term

PAGE = 200
#: So many products that lack something are named, and so many brands.
LACKING_MAX = 100
BRANDS_MAX = 500
#: A count that has said nothing for so long has died.
SILENT_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LackingProduct:
    sku: str
    name: str
    brand: str
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand of the shop's: its products, and how many of them lack something.

    `by_name`: the producer at Allegro whom new offers of it take because he bears its name."""

    name: str
    count: int
    lacking: int
    by_name: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    total: int = 0
    complete: int = 0
    #: Products whose producer no one chose: a new offer takes him by the brand's name.
    by_name: int = 0
    by_missing: Mapping[str, int] = field(default_factory=dict)
    products: Sequence[LackingProduct] = ()
    #: By `brand_key`, those with most products first.
    brands: Mapping[str, Brand] = field(default_factory=dict)
    counted_at: datetime | None = None
    #: Products looked at by the count under way; None while there is none.
    done: int | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What an offer of a product would say; `by_name` is a producer taken by the brand's name."""

    product: ShopProduct
    values: Mapping[str, Any]
    by_name: str = ""


@dataclass(slots=True)
class _Tally:
    total: int = 0
    complete: int = 0
    by_name: int = 0
    by_missing: Counter[str] = field(default_factory=Counter)
    products: list[dict[str, Any]] = field(default_factory=list)
    brands: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, found: _Found, missing: Sequence[Gap]) -> None:
        product = found.product
        self.total += 1
        self.complete += not missing
        self.by_name += bool(found.by_name)
        self.by_missing.update(str(each) for each in missing)
        if product.brand and brand_key(product.brand):
            fresh = {"name": product.brand[:100], "count": 0, "lacking": 0, "by_name": ""}
            brand = self.brands.setdefault(brand_key(product.brand), fresh)
            brand["count"] += 1
            brand["lacking"] += bool(missing)
            brand["by_name"] = brand["by_name"] or found.by_name
        if missing and len(self.products) < LACKING_MAX:
            named = {"sku": product.sku, "name": product.name, "brand": product.brand or ""}
            self.products.append({**named, "missing": [str(each) for each in missing]})

    def as_json(self) -> dict[str, Any]:
        brands = sorted(self.brands.items(), key=lambda item: (-item[1]["count"], item[0]))
        return {
            "total": self.total,
            "complete": self.complete,
            "by_name": self.by_name,
            "by_missing": dict(self.by_missing),
            "products": self.products,
            "brands": dict(brands[:BRANDS_MAX]),
        }


def coverage(session: Session, shop: ShopAdapter, account_id: int, clock: Callable[[], datetime]) -> Coverage:
    """Count anew and remember the outcome; what stands there stays shown until the count is finished.

    1. Say that a count is under way.  2. Look at the shop's products in pages, saying how far it is.
    3. Remember.
    """
    say(session, account_id, clock(), 0)
    session.commit()
    tally = _Tally()
    for page in _pages(shop):
        # Read for each page: what a session knew is stale after a commit.
        book = _book(_usable(session, account_id))
        for found in _values_of(session, account_id, page):
            tally.add(found, gaps(found.values, book))
        say(session, account_id, clock(), tally.total)
        session.commit()
    save_coverage(session, account_id, tally.as_json(), clock())
    session.commit()
    return stored_coverage(session, account_id, clock())


def say(session: Session, account_id: int, now: datetime, done: int | None) -> None:
    """How far the count is; None: it is not, or no longer, under way. The caller commits."""
    data, counted_at = find_coverage(session, account_id)
    kept = {name: value for name, value in data.items() if name != "under_way"}
    if done is not None:
        kept["under_way"] = {"done": done, "at": now.isoformat()}
    save_coverage(session, account_id, kept, counted_at or now)


def stored_coverage(session: Session, account_id: int, now: datetime) -> Coverage:
    data, counted_at = find_coverage(session, account_id)
    is_counted = "total" in data
    return Coverage(
        total=data.get("total", 0),
        complete=data.get("complete", 0),
        by_name=data.get("by_name", 0),
        by_missing=data.get("by_missing", {}),
        products=[LackingProduct(**each) for each in data.get("products", ())],
        brands={key: Brand(**each) for key, each in data.get("brands", {}).items()},
        counted_at=counted_at if is_counted else None,
        done=_done(data.get("under_way"), now),
    )


def _done(under_way: Mapping[str, Any] | None, now: datetime) -> int | None:
    if not under_way or now - datetime.fromisoformat(under_way["at"]) > SILENT_AFTER:
        return None
    return int(under_way["done"])


def _pages(shop: ShopAdapter) -> Iterator[Sequence[ShopProduct]]:
    after = None
    while True:
        page = shop.find_products(ProductQuery(limit=PAGE), after)
        yield page.items
        if page.after is None:
            return
        after = page.after


def _usable(session: Session, account_id: int) -> list[SellingTerm]:
    """Hidden ones too: what names them already still holds."""
    terms = list_book(session, account_id)
    return [term for term in terms if term.allegro_id and term.state != TermState.GONE]


def _book(usable: Sequence[SellingTerm]) -> Book:
    producers = [term for term in usable if term.kind == TermKind.RESPONSIBLE_PRODUCER]
    return Book(
        producers={term.known_id for term in producers},
        persons={term.known_id for term in usable if term.kind == TermKind.RESPONSIBLE_PERSON},
        producers_outside_eu={
            term.known_id
            for term in producers
            if from_wire(TermKind(term.kind), term.content or term.base).is_outside_eu
        },
    )


def _values_of(session: Session, account_id: int, products: Sequence[ShopProduct]) -> Iterator[_Found]:
    """What an offer of each product would say: its defaults, then what its newest offer says."""
    layers = [profile.layer for profile in profiles_for(session, account_id, products)]
    layer_by_place = {(layer.scope, layer.key): layer for layer in layers}
    # As `new_draft` reads them, so that both take the same one.
    producers = list_terms(session, account_id, TermKind.RESPONSIBLE_PRODUCER)
    offers = safety_of_offers(session, account_id, [product.sku for product in products])
    for product in products:
        found = resolve(_layers_of(product, layer_by_place))
        values = {name: found[name].value for name in SAFETY_FIELDS if name in found}
        own = {name: value for name, value in offers.get(product.sku, {}).items() if value}
        named = {name: value for name, value in {**values, **own}.items() if value}
        yield _with_unasked(product, named, producers)


def _with_unasked(product: ShopProduct, named: dict[str, Any], producers: Sequence[SellingTerm]) -> _Found:
    """With the producer whom a new draft takes where nobody names one."""
    if "responsible_producer_id" in named:
        return _Found(product, named)
    unasked = unasked_term(TermKind.RESPONSIBLE_PRODUCER, producers, product.brand)
    by_name = unasked.value if unasked.source.kind is Kind.BRAND_NAME else ""
    return _Found(product, {**named, "responsible_producer_id": unasked.value}, by_name)


def _layers_of(product: ShopProduct, layer_by_place: Mapping[tuple[Scope, str], Layer]) -> list[Layer]:
    places = [
        (Scope.ACCOUNT, ""),
        (Scope.CATEGORY, product.category_id or ""),
        (Scope.BRAND, brand_key(product.brand or "")),
        (Scope.PRODUCT, product.sku[:100]),
    ]
    return [layer_by_place[place] for place in places if place in layer_by_place]
