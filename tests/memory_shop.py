"""MemoryShop: a whole shop in dictionaries, for tests of flows."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache

from PIL import Image

from allegro_module.domain.money import Money
from allegro_module.domain.shop import (
    CheckoutFormId,
    Choice,
    OrderChange,
    OrderRefused,
    Page,
    ProductQuery,
    ShopOrder,
    ShopOrderId,
    ShopOrderView,
    ShopProduct,
    Sku,
    StockKind,
    StockMove,
    Vocabulary,
)


@dataclass
class MemoryShop:
    """A ShopAdapter. What it was told lies open: `orders_by_id`, `moves`, `changes`.

    `bad_forms` are checkout forms it refuses to place.
    """

    products_by_sku: dict[Sku, ShopProduct] = field(default_factory=dict)
    pieces: dict[Sku, int] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    orders_by_id: dict[ShopOrderId, ShopOrder] = field(default_factory=dict)
    moves: list[StockMove] = field(default_factory=list)
    changes: list[OrderChange] = field(default_factory=list)
    bad_forms: dict[str, str] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)
    statuses: dict[ShopOrderId, str] = field(default_factory=dict)

    def add_product(self, product: ShopProduct, pieces: int = 5) -> ShopProduct:
        """Put a product on the shelf, with a picture for each reference that has none yet."""
        self.products_by_sku[product.sku] = product
        self.pieces[product.sku] = pieces
        for number, ref in enumerate(product.images):
            self.pictures.setdefault(ref, a_picture(colour=(40 * number % 256, 90, 120)))
        return product

    def find_products(self, query: ProductQuery, after: str | None) -> Page[ShopProduct]:
        words = query.text.lower()
        found = [
            product
            for sku, product in sorted(self.products_by_sku.items())
            if (after is None or sku > after)
            and any(words in text.lower() for text in (product.name, product.sku, product.gtin or ""))
            and query.category_id in (None, product.category_id)
        ]
        page = found[: query.limit]
        return Page(page, page[-1].sku if len(found) > query.limit else None)

    def products(self, skus: Collection[Sku]) -> Mapping[Sku, ShopProduct]:
        return {sku: self.products_by_sku[sku] for sku in skus if sku in self.products_by_sku}

    def stock(self, skus: Collection[Sku]) -> Mapping[Sku, int]:
        return {sku: self.pieces[sku] for sku in skus if sku in self.pieces}

    def read_image(self, ref: str) -> bytes:
        return self.pictures[ref]

    def vocabulary(self) -> Vocabulary:
        products = self.products_by_sku.values()
        categories = {each.category_id: each.category_name or "" for each in products if each.category_id}
        attributes = sorted({name for each in products for name in each.attributes})
        return Vocabulary(
            categories=[Choice(key, name) for key, name in sorted(categories.items())],
            attributes=[Choice(name, name) for name in attributes],
            order_statuses=[Choice("new", "Nowe"), Choice("sent", "Wysłane")],
        )

    def place_orders(self, orders: Sequence[ShopOrder]) -> Mapping[CheckoutFormId, ShopOrderId]:
        for order in orders:
            if order.checkout_form_id in self.bad_forms:
                raise OrderRefused(self.bad_forms[order.checkout_form_id])
        self.batches.append(len(orders))
        return {order.checkout_form_id: self._place(order) for order in orders}

    def _place(self, order: ShopOrder) -> ShopOrderId:
        known = self.id_of(order.checkout_form_id)
        if known is None:
            known = ShopOrderId(f"shop-{len(self.orders_by_id) + 1}")
            self.orders_by_id[known] = order
        return known

    def id_of(self, checkout_form_id: str) -> ShopOrderId | None:
        matches = (
            key for key, order in self.orders_by_id.items() if order.checkout_form_id == checkout_form_id
        )
        return next(matches, None)

    def book_stock(self, moves: Sequence[StockMove]) -> None:
        for move in moves:
            self.moves.append(move)
            self.pieces[move.sku] = self.pieces.get(move.sku, 0) + _effect(move)

    def change_orders(self, changes: Sequence[OrderChange]) -> None:
        for change in changes:
            self.changes.append(change)
            self.orders_by_id[change.shop_order_id] = change.order

    def set_statuses(self, statuses: Mapping[ShopOrderId, str]) -> None:
        self.statuses.update({key: status for key, status in statuses.items() if key in self.orders_by_id})

    def orders(self, ids: Collection[ShopOrderId]) -> Mapping[ShopOrderId, ShopOrderView]:
        names = {choice.id: choice.name for choice in self.vocabulary().order_statuses}
        return {
            key: ShopOrderView(
                key,
                self.orders_by_id[key].number,
                names[self.statuses.get(key, "new")],
                f"/orders/{key}",
                self.statuses.get(key, "new"),
            )
            for key in ids
            if key in self.orders_by_id
        }


def _effect(move: StockMove) -> int:
    """By how many pieces that can be sold the shelf grows."""
    if move.kind in (StockKind.RELEASE, StockKind.RETURN):
        return move.quantity
    return 0 if move.was_reserved else -move.quantity


@cache
def a_picture(
    width: int = 800, height: int = 600, colour: tuple[int, int, int] = (200, 120, 40), kind: str = "JPEG"
) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(written, kind)
    return written.getvalue()


RING = ShopProduct(
    sku=Sku("PZ-0142"),
    name="Pierścionek złoty z bursztynem bałtyckim",
    price=Money(Decimal("1249.00"), "PLN"),
    vat_rate=Decimal(23),
    gtin="5907700000130",
    mpn="PZ-BB-15",
    brand="Bursztyn i Len",
    category_id="pierscionki",
    category_name="Pierścionki",
    attributes={
        "Stan": "Nowy",
        "Materiał": "złoto żółte",
        "Próba złota": "585",
        "Kamień": "bursztyn",
        "Rozmiar": "15",
    },
    images=("ring-1", "ring-2", "ring-3"),
    weight_kg=Decimal("0.003"),
    description_html="<p>Klasyczny pierścionek ze złota próby 585.</p><p>Z <strong>bursztynem</strong>.</p>",
)


def a_product(sku: str = "PZ-0142", **changes: object) -> ShopProduct:
    """The ring, with another SKU and whatever else the test needs to be different."""
    return replace(RING, sku=Sku(sku), **changes)  # type: ignore[arg-type]


def a_shop(*products: ShopProduct, pieces: int = 5) -> MemoryShop:
    """A shop with these products, or with the ring alone."""
    shop = MemoryShop()
    for product in products or (RING,):
        shop.add_product(product, pieces)
    return shop
