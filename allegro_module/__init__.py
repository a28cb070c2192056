"""Sell on Allegro from a Flask shop: what a host imports.

Names are loaded when first asked for: `python -m allegro_module.simulator` must not load the plugin.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from allegro_module.db.bulk import insert_rows
    from allegro_module.domain.facts import (
        ConnectionLost,
        OfferEnded,
        OfferListed,
        OfferRefused,
        OrderChanged,
        OrderPlaced,
    )
    from allegro_module.domain.money import Money
    from allegro_module.domain.permissions import Permission
    from allegro_module.domain.problems import Problem
    from allegro_module.domain.shop import (
        Address,
        Buyer,
        CheckoutFormId,
        Choice,
        Customer,
        Delivery,
        Invoice,
        InvoiceWish,
        Invoicing,
        LineItemId,
        OrderChange,
        OrderChangeKind,
        OrderRefused,
        Page,
        Payment,
        PaymentType,
        PickupPoint,
        Position,
        PositionKind,
        ProductQuery,
        ShopAdapter,
        ShopOrder,
        ShopOrderId,
        ShopOrderView,
        ShopProduct,
        Sku,
        StockKind,
        StockMove,
        Vocabulary,
    )
    from allegro_module.extension import Allegro
    from allegro_module.schema import alembic_include_object
    from allegro_module.settings import WrongSettings
    from allegro_module.signals import (
        connection_lost,
        connection_restored,
        offer_ended,
        offer_listed,
        offer_refused,
        order_changed,
        order_placed,
    )

_MODULES = (
    "allegro_module.extension",
    "allegro_module.schema",
    "allegro_module.settings",
    "allegro_module.domain.permissions",
    "allegro_module.domain.problems",
    "allegro_module.domain.money",
    "allegro_module.domain.shop",
    "allegro_module.domain.facts",
    "allegro_module.signals",
    "allegro_module.db.bulk",
)

__all__ = [
    "Address",
    "Allegro",
    "Buyer",
    "CheckoutFormId",
    "Choice",
    "ConnectionLost",
    "Customer",
    "Delivery",
    "Invoice",
    "InvoiceWish",
    "Invoicing",
    "LineItemId",
    "Money",
    "OfferEnded",
    "OfferListed",
    "OfferRefused",
    "OrderChange",
    "OrderChangeKind",
    "OrderChanged",
    "OrderPlaced",
    "OrderRefused",
    "Page",
    "Payment",
    "PaymentType",
    "Permission",
    "PickupPoint",
    "Position",
    "PositionKind",
    "Problem",
    "ProductQuery",
    "ShopAdapter",
    "ShopOrder",
    "ShopOrderId",
    "ShopOrderView",
    "ShopProduct",
    "Sku",
    "StockKind",
    "StockMove",
    "Vocabulary",
    "WrongSettings",
    "alembic_include_object",
    "connection_lost",
    "connection_restored",
    "insert_rows",
    "offer_ended",
    "offer_listed",
    "offer_refused",
    "order_changed",
    "order_placed",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            if name in vars(loaded := import_module(module)):
                # Kept, so that a host may write `allegro_module.StockKind.SELL` in a loop.
                return globals().setdefault(name, vars(loaded)[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
