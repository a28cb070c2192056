"""The picking list: what to take from the shelves for many orders at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from allegro_module.db.orders import Order
from allegro_module.domain.shop import Position, PositionKind, ShopOrder
from allegro_module.prints.barcodes import ean
from allegro_module.prints.papers import Product, Taken
from allegro_module.prints.sheets import Known

#: Behind the letters that they are made of, as in a Polish dictionary.
POLISH_ORDER = str.maketrans(
    {"ą": "a~", "ć": "c~", "ę": "e~", "ł": "l~", "ń": "n~", "ó": "o~", "ś": "s~", "ź": "z~", "ż": "z~~"}
)


@dataclass(slots=True)
class _Counted:
    name: str
    sku: str
    gtin: str
    pieces_by_order: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class PickingList:
    """Pieces of each product; those already ticked on their orders are counted apart."""

    picked_before: int = 0
    _by_key: dict[tuple[str, str], _Counted] = field(default_factory=dict)

    def add(self, row: Order, order: ShopOrder, known: Known) -> None:
        for position in order.positions:
            if position.kind is not PositionKind.GOODS:
                continue
            mark = known.mark_by_line.get((row.id, position.line_item_id or ""))
            if mark is not None and mark.picked_at is not None:
                self.picked_before += position.quantity
            else:
                self._count(order.number, position, known)

    def _count(self, number: str, position: Position, known: Known) -> None:
        # Goods of no known product are told apart by what was bought.
        key = (position.sku, "") if position.sku else ("", position.offer_id or position.name)
        counted = self._by_key.get(key)
        if counted is None:
            product = known.product_by_sku.get(position.sku) if position.sku else None
            name = product.name if product else position.name
            counted = _Counted(name, position.sku or "", known.gtin_of(position.sku))
            self._by_key[key] = counted
        counted.pieces_by_order[number] = counted.pieces_by_order.get(number, 0) + position.quantity

    @property
    def pieces(self) -> int:
        return sum(sum(each.pieces_by_order.values()) for each in self._by_key.values())

    def products(self) -> Sequence[Product]:
        """By name, as shelves are walked along; the same name by SKU."""
        found = sorted(self._by_key.values(), key=lambda each: (in_dictionary(each.name), each.sku))
        return [
            Product(
                name=each.name,
                sku=each.sku,
                ean=each.gtin,
                barcode=ean(each.gtin) if each.gtin else None,
                pieces=sum(each.pieces_by_order.values()),
                orders=[Taken(number, pieces) for number, pieces in each.pieces_by_order.items()],
            )
            for each in found
        ]


def in_dictionary(name: str) -> str:
    return name.casefold().translate(POLISH_ORDER)
