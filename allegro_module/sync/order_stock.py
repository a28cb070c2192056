"""Stock moves of orders: each once by its (line item, kind), in the transaction of what caused it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.db.orders import Booking, add_bookings
from allegro_module.domain.shop import (
    LineItemId,
    Position,
    PositionKind,
    ShopAdapter,
    ShopOrder,
    Sku,
    StockKind,
    StockMove,
)
from allegro_module.sync.order_mapping import Catalogue, Unreadable

#: Bookings that move nothing, so that every line of a shop order has one and is known again.
#: Its goods never leave our shelf, as One Fulfillment ships them.
KEPT = "kept"
#: Its goods had left our shelf before the import.
LEFT = "left"
#: Sold before anybody knew what it is; moved when the seller has assigned a product.
UNMATCHED = "unmatched"


class Ledger:
    """What has happened to the lines of some forms, and what happens to them now."""

    def __init__(self, bookings: Iterable[Booking]) -> None:
        self._by_line: dict[str, dict[str, Booking]] = defaultdict(dict)
        for booking in bookings:
            self._by_line[booking.line_item_id][booking.kind] = booking
        self._moves: list[StockMove] = []
        self._rows: list[dict[str, Any]] = []

    def reserve(self, order_id: int, form: CheckoutForm, catalogue: Catalogue) -> None:
        """Hold the pieces of a purchase that is not paid: Allegro has subtracted them (facts.md 5.13)."""
        for line in form.line_items:
            if line.quantity < 1:
                raise Unreadable("a line without pieces")
            sku = catalogue.sku_of(line)
            if sku and not self._by_line[line.id]:
                self._move(order_id, StockMove(StockKind.RESERVE, sku, line.quantity, LineItemId(line.id)))

    def sell(self, order_id: int, order: ShopOrder) -> None:
        """Each line is sold once, whichever form it stands in today; a reservation becomes the sale.

        What One Fulfillment was to ship and the seller ships after all leaves the shelf like any other.
        """
        for position in _goods(order):
            line = self._by_line[position.line_item_id or ""]
            if StockKind.SELL in line or LEFT in line:
                continue
            was_reserved = self._is_reserved(line)
            if was_reserved and not _is_of(line[StockKind.RESERVE], position):
                self._move(order_id, _as(StockKind.RELEASE, line[StockKind.RESERVE]))
                was_reserved = False
            if position.sku is None:
                self._note(order_id, position, UNMATCHED)
                continue
            line_item_id = LineItemId(position.line_item_id or "")
            self._move(
                order_id,
                StockMove(StockKind.SELL, position.sku, position.quantity, line_item_id, was_reserved),
            )

    def keep(self, order_id: int, order: ShopOrder, because: str) -> None:
        """The goods are not ours to move (KEPT), or have left the shelf long ago (LEFT)."""
        for position in _goods(order):
            line = self._by_line[position.line_item_id or ""]
            if self._is_reserved(line):
                self._move(order_id, _as(StockKind.RELEASE, line[StockKind.RESERVE]))
            if StockKind.SELL not in line:
                self._note(order_id, position, because)

    def let_go(self, order_id: int, line_item_ids: Collection[str]) -> int:
        """Give back what the lines hold or took, as it was booked then; answers the pieces returned."""
        returned = 0
        for line_item_id in line_item_ids:
            line = self._by_line.get(line_item_id, {})
            if self._is_reserved(line):
                self._move(order_id, _as(StockKind.RELEASE, line[StockKind.RESERVE]))
            elif StockKind.SELL in line and StockKind.RETURN not in line:
                returned += line[StockKind.SELL].quantity
                self._move(order_id, _as(StockKind.RETURN, line[StockKind.SELL]))
        return returned

    def write(self, session: Session, shop: ShopAdapter) -> None:
        """The booking is the proof that the move has happened: both are in this transaction, or neither."""
        add_bookings(session, self._rows)
        if self._moves:
            shop.book_stock(self._moves)

    @staticmethod
    def _is_reserved(line: dict[str, Booking]) -> bool:
        return StockKind.RESERVE in line and StockKind.RELEASE not in line and StockKind.SELL not in line

    def _move(self, order_id: int, move: StockMove) -> None:
        self._moves.append(move)
        self._add(Booking(move.line_item_id, move.kind, move.sku, move.quantity, order_id))

    def _note(self, order_id: int, position: Position, kind: str) -> None:
        line_item_id = position.line_item_id or ""
        if kind not in self._by_line[line_item_id]:
            self._add(Booking(line_item_id, kind, position.sku or "", position.quantity, order_id))

    def _add(self, booking: Booking) -> None:
        self._by_line[booking.line_item_id][booking.kind] = booking
        self._rows.append(dict(zip(Booking._fields, booking, strict=True)))


def _goods(order: ShopOrder) -> Sequence[Position]:
    return [each for each in order.positions if each.kind is PositionKind.GOODS and each.line_item_id]


def _is_of(booking: Booking, position: Position) -> bool:
    return (booking.sku, booking.quantity) == (position.sku, position.quantity)


def _as(kind: StockKind, booking: Booking) -> StockMove:
    return StockMove(kind, Sku(booking.sku), booking.quantity, LineItemId(booking.line_item_id))
