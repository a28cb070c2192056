"""Lines and sums of an order as its page shows them: product, price and why, stock, who picked it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allegro_module.db.line_marks import list_marks
from allegro_module.db.orders import LineMark, Order, list_bookings
from allegro_module.domain.money import Money, total
from allegro_module.domain.orders import BY_ALLEGRO
from allegro_module.domain.shop import Position, PositionKind, ProductQuery, ShopOrder, ShopProduct, Sku
from allegro_module.runtime import Runtime
from allegro_module.web.i18n import t
from allegro_module.web.order_words import (
    SUMS,
    name_of_position,
    words_of_discounts,
    words_of_stock,
)

FOUND_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Line:
    """`left` are the pieces that the shop can still sell; None when it does not know the product."""

    position: Position
    name: str
    product: ShopProduct | None
    why: str
    stock: str
    left: int | None
    mark: LineMark | None

    @property
    def is_goods(self) -> bool:
        return self.position.kind is PositionKind.GOODS

    @property
    def is_unmatched(self) -> bool:
        return self.is_goods and self.position.sku is None

    @property
    def picked_at(self) -> datetime | None:
        return self.mark.picked_at if self.mark else None

    @property
    def short_name(self) -> str:
        """What the history calls it: „PZ-0142, 1 szt.”."""
        pieces = t("%(count)s pcs", count=self.position.quantity)
        return f"{self.position.sku or self.position.name}, {pieces}"


@dataclass(frozen=True, slots=True)
class Sums:
    """`difference`: what Allegro asks for less what the lines add up to; None when they agree."""

    parts: Sequence[tuple[str, Money]]
    total: Money
    paid: Money | None
    compensation: Money | None
    to_collect: Money | None
    difference: Money | None


@dataclass(frozen=True, slots=True)
class ProductSearch:
    """A product is looked for, to be assigned to a line."""

    line_item_id: str
    text: str
    found: Sequence[ShopProduct]


def lines_of(runtime: Runtime, order: Order, content: ShopOrder) -> list[Line]:
    """Two statements of ours, two questions to the shop, however many lines."""
    skus = list({each.sku for each in content.positions if each.sku})
    products = runtime.shop.products(skus) if skus else {}
    left = runtime.shop.stock(skus) if skus else {}
    ids = [each.line_item_id for each in content.positions if each.line_item_id]
    booked: dict[str, set[str]] = {}
    for booking in list_bookings(runtime.session, ids) if ids else ():
        booked.setdefault(booking.line_item_id, set()).add(booking.kind)
    marks = list_marks(runtime.session, [order.id])
    return [
        Line(
            position=each,
            name=name_of_position(each),
            product=products.get(each.sku) if each.sku else None,
            why=words_of_discounts(each),
            stock=_stock_words(order, each, booked.get(each.line_item_id or "", set())),
            left=left.get(each.sku) if each.sku else None,
            mark=marks.get((order.id, each.line_item_id or "")),
        )
        for each in content.positions
    ]


def _stock_words(order: Order, position: Position, kinds: set[str]) -> str:
    if position.kind is not PositionKind.GOODS:
        return ""
    if order.provider == BY_ALLEGRO:
        return t("from Allegro's warehouse")
    return words_of_stock(kinds) or t("stock not touched")


def sums_of(content: ShopOrder) -> Sums:
    currency = content.total.currency
    values: dict[PositionKind, list[Money]] = {}
    for each in content.positions:
        values.setdefault(each.kind, []).append(each.value)
    parts = [(t(SUMS[kind]), total(values[kind], currency)) for kind in SUMS if kind in values]
    difference = content.total - total([each.value for each in content.positions], currency)
    payment = content.payment
    return Sums(
        parts=parts,
        total=content.total,
        paid=payment.paid if payment else None,
        compensation=_compensation(content),
        to_collect=content.to_collect,
        difference=difference if difference.amount else None,
    )


def _compensation(content: ShopOrder) -> Money | None:
    """What Allegro adds: the payment says it for the whole order, else the lines for themselves."""
    if content.payment and content.payment.compensation:
        return content.payment.compensation
    of_lines = [each.compensation for each in content.positions if each.compensation]
    added = total(of_lines, content.total.currency)
    return added if added.amount != Decimal(0) else None


def names_of_lines(lines: Sequence[Line]) -> Mapping[str, str]:
    return {each.position.line_item_id: each.short_name for each in lines if each.position.line_item_id}


def titles_of_lines(lines: Sequence[Line]) -> Mapping[str, str]:
    return {each.position.line_item_id: each.name for each in lines if each.position.line_item_id}


def search_product(runtime: Runtime, lines: Sequence[Line], line_item_id: str, text: str) -> ProductSearch:
    """Empty text looks for the name that the offer had."""
    of_line = [each for each in lines if each.is_goods and each.position.line_item_id == line_item_id]
    wanted = (text.strip() or "".join(each.position.name for each in of_line[:1]))[:100]
    query = ProductQuery(wanted, limit=FOUND_AT_MOST)
    found = runtime.shop.find_products(query, None).items if of_line else ()
    return ProductSearch(line_item_id, wanted, found)


def picture_of(runtime: Runtime, sku: str) -> str | None:
    product = runtime.shop.products([Sku(sku)]).get(Sku(sku))
    return product.images[0] if product and product.images else None
