"""What a run over many offers reads once for all of them.

A run is short; it forgets what it has read as soon as Allegro objects to anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.images import media_type_of
from allegro_module.db.categories import Category, find_category
from allegro_module.db.images import Place, images_by_hash
from allegro_module.db.offer_copies import read_copies
from allegro_module.db.offer_images import OfferImage, offer_images, our_number
from allegro_module.db.offers import Offer
from allegro_module.domain.listing import Goods, KnownTerms, Picture
from allegro_module.domain.picture_addresses import is_address
from allegro_module.domain.shop import ShopAdapter, ShopProduct, Sku
from allegro_module.sync.categories import fetch_parameters, parameters_are_fresh
from allegro_module.sync.description_templates import find_any_picture
from allegro_module.sync.images import PreparedPicture, look_at, still_there
from allegro_module.sync.offer_check import find_terms, goods_of
from allegro_module.sync.offer_claims import ClaimedOffer

#: Products asked of the shop at once.
PRODUCTS_AT_ONCE = 50


class Seen(NamedTuple):
    """A picture as it was found; `bare_hash` is that of the bytes as they are sent, empty if it cannot be."""

    picture: Picture
    bare_hash: str = ""


class _GoodsKey(NamedTuple):
    environment: str
    category_id: str
    has_product: bool


@dataclass(slots=True)
class Run:
    session: Session
    shop: ShopAdapter
    #: Of the offers to come, so that their products are asked for together.
    skus: Sequence[str] = ()
    #: Offers that were listed and have not been learned from yet.
    lessons: list[Offer] = field(default_factory=list, init=False)
    _goods: dict[_GoodsKey, Goods | None] = field(default_factory=dict, init=False)
    _terms: dict[int, KnownTerms | None] = field(default_factory=dict, init=False)
    _products: dict[str, ShopProduct | None] = field(default_factory=dict, init=False)
    _seen: dict[str, Seen] = field(default_factory=dict, init=False)
    _places: dict[tuple[int, str], Place] = field(default_factory=dict, init=False)
    _copies: dict[int, Offer] = field(default_factory=dict, init=False)

    def forget(self) -> None:
        for known in (self._goods, self._terms, self._products, self._seen, self._places, self._copies):
            known.clear()

    def read_ahead(self, offer_ids: Sequence[int]) -> None:
        """Offers whose turn comes next, each as it is now; leaves no transaction open."""
        self._copies = read_copies(self.session, offer_ids) if offer_ids else {}
        self.session.rollback()

    def take_copy(self, offer_id: int) -> Offer | None:
        """Once, as whoever takes it changes it."""
        return self._copies.pop(offer_id, None)

    def goods(self, work: ClaimedOffer, api: AllegroClient) -> Goods | None:
        """Of the offer's category, fetched anew when our copy is old. Raises AllegroError."""
        offer = work.offer
        if not offer.category_id:
            return None
        key = _GoodsKey(offer.account.environment, offer.category_id, bool(offer.product_id))
        if key not in self._goods:
            category = self._category(work, api, key)
            self._goods[key] = goods_of(category, has_product=key.has_product)
        return self._goods[key]

    def _category(self, work: ClaimedOffer, api: AllegroClient, key: _GoodsKey) -> Category | None:
        session, now = self.session, work.now()
        category = find_category(session, key.environment, key.category_id)
        if parameters_are_fresh(category, now):
            return category
        session.rollback()
        fetch_parameters(session, api, key.environment, key.category_id, now)
        # Answers may have moved to other parameters.
        work.forget()
        self._copies.clear()
        return find_category(session, key.environment, key.category_id)

    def terms(self, account_id: int) -> KnownTerms | None:
        if account_id not in self._terms:
            self._terms[account_id] = find_terms(self.session, account_id)
        return self._terms[account_id]

    def product(self, sku: str) -> ShopProduct | None:
        if sku not in self._products:
            place = self.skus.index(sku) if sku in self.skus else 0
            wanted = {Sku(each) for each in (sku, *self.skus[place : place + PRODUCTS_AT_ONCE])}
            found = self.shop.products(wanted)
            self._products.update({each: found.get(each) for each in wanted})
        return self._products[sku]

    def uploads(
        self, account_id: int, hashes: Collection[str], now: datetime, in_use: Collection[str]
    ) -> dict[str, str]:
        """Where Allegro still has these bytes, by their hash; leaves no transaction open.

        An upload that an offer uses (`in_use`) does not end.
        """
        if unknown := [each for each in hashes if (account_id, each) not in self._places]:
            found = images_by_hash(self.session, account_id, unknown)
            self.session.rollback()
            self._places.update({(account_id, each): place for each, place in found.items()})
        known = {each: place for each in hashes if (place := self._places.get((account_id, each)))}
        return still_there(known, now, in_use)

    def pictures(self, refs: Sequence[str]) -> list[Picture]:
        """In their order; those that are gone cannot be read, those at an address only Allegro looks at."""
        numbers = {number for ref in refs if ref not in self._seen and (number := our_number(ref))}
        kept = offer_images(self.session, numbers) if numbers else {}
        self._seen.update({row.ref: _kept(row) for row in kept.values()})
        return [self.seen(ref).picture for ref in refs]

    def seen(self, ref: str) -> Seen:
        """The adapter may read through our session."""
        if ref not in self._seen:
            self._seen[ref] = self._look(ref)
        return self._seen[ref]

    def _look(self, ref: str) -> Seen:
        if is_address(ref):
            return Seen(Picture(is_elsewhere=True), PreparedPicture(url=ref).content_hash)
        content = find_any_picture(self.session, self.shop, ref)
        picture = look_at(content) if content else Picture()
        if content and media_type_of(content):
            return Seen(picture, hashlib.sha256(content).hexdigest())
        return Seen(picture)


def _kept(row: OfferImage) -> Seen:
    return Seen(Picture(row.width, row.height, row.size), row.sha256 if row.media_type else "")
