"""Orders as they come, for the tests of prints: rows beside the shop's orders, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from allegro_module.db.orders import LineMark, Order
from allegro_module.domain.money import Money, total
from allegro_module.domain.orders import FormStatus, FulfillmentStatus
from allegro_module.domain.shop import (
    Address,
    Buyer,
    CheckoutFormId,
    Delivery,
    InvoiceWish,
    LineItemId,
    Payment,
    PaymentType,
    PickupPoint,
    Position,
    PositionKind,
    ShopOrder,
    ShopProduct,
    Sku,
)
from allegro_module.prints.papers import Paper
from allegro_module.prints.sheets import Known, checked_words, to_sheet
from allegro_module.prints.words import headings, moment

NOW = datetime(2026, 11, 22, 13, 32, tzinfo=UTC)
PERSON = Address(
    first_name="Łucja",
    last_name="Źrebięca-Ćwikła",
    street="ul. Gęślarska 12 m. 4",
    city="Łódź",
    post_code="90-001",
    phone="+48 500 100 200",
)
LOCKER = PickupPoint(
    id="LOD117M",
    name="Paczkomat LOD117M",
    address=Address(street="Piotrkowska 217", city="Łódź", post_code="90-451"),
    description="przy wejściu do parku",
)


def pln(amount: str) -> Money:
    return Money(Decimal(amount), "PLN")


def goods(sku: str | None, name: str, quantity: int = 1, price: str = "49.99", **changes: Any) -> Position:
    return Position(
        kind=PositionKind.GOODS,
        name=name,
        quantity=quantity,
        unit_price=pln(price),
        sku=Sku(sku) if sku else None,
        line_item_id=LineItemId(str(changes.pop("line", f"line-{sku or name}"))),
        offer_id=f"offer-{sku or name}",
        **changes,
    )


def delivery_cost(price: str = "12.99") -> Position:
    return Position(PositionKind.DELIVERY, "Paczkomaty InPost", 1, pln(price))


def deposit(name: str, quantity: int, price: str = "0.50") -> Position:
    return Position(PositionKind.DEPOSIT, name, quantity, pln(price))


def an_order(*positions: Position, number: str = "BL-10482", **changes: Any) -> ShopOrder:
    positions = positions or (goods("BUR-0001", "Naszyjnik z bursztynu „Zażółć gęślą jaźń”"), delivery_cost())
    amount = total([each.value for each in positions], "PLN")
    order = ShopOrder(
        checkout_form_id=CheckoutFormId("form"),
        account="BL",
        number=number,
        marketplace="allegro-pl",
        bought_at=datetime(2026, 11, 21, 20, 5, tzinfo=UTC),
        buyer=Buyer(
            id="44",
            login="lucja_z_lodzi",
            email="a1b2+c3d4@allegromail.pl",
            first_name="Łucja",
            last_name="Źrebięca-Ćwikła",
        ),
        positions=positions,
        total=amount,
        delivery=Delivery(
            method_id="method",
            method_name="Allegro Paczkomaty InPost",
            cost=pln("12.99"),
            address=PERSON,
            pickup_point=LOCKER,
            is_smart=True,
            dispatch_to=datetime(2026, 11, 24, 22, 59, tzinfo=UTC),
        ),
        payment=Payment(id="p", type=PaymentType.ONLINE, provider="PAYU", paid=amount, is_paid=True),
    )
    return replace(order, **changes)


def cash_on_delivery(order: ShopOrder) -> ShopOrder:
    return replace(
        order,
        payment=Payment(id="p", type=PaymentType.CASH_ON_DELIVERY),
        delivery=replace(
            order.delivery, pickup_point=None, method_name="Kurier DPD pobranie", is_smart=False
        ),  # type: ignore[type-var]
    )


def a_company() -> InvoiceWish:
    address = Address(
        company="Żółw i Spółka sp. z o.o.", street="Ślężna 5", city="Wrocław", post_code="53-301"
    )
    return InvoiceWish(address=address, tax_id="8971234565")


def a_row(order_id: int = 482, **changes: Any) -> Order:
    values: dict[str, Any] = {
        "id": order_id,
        "account_id": 1,
        "number": f"BL-{10_000 + order_id}",
        "status": FormStatus.READY_FOR_PROCESSING,
        "fulfillment_status": FulfillmentStatus.PROCESSING,
        "is_paid": True,
        "flags": [],
        "invoice_number": "",
        "ksef_number": "",
        "held_because": "",
        "provider": "SELLER",
    }
    return Order(**{**values, **changes})


def a_product(
    sku: str, name: str = "Naszyjnik z bursztynu", gtin: str | None = "5901234123457"
) -> ShopProduct:
    return ShopProduct(Sku(sku), name, pln("49.99"), gtin=gtin)


def a_mark(order_id: int, line: str, who: str = "ola.m") -> LineMark:
    return LineMark(order_id=order_id, line_item_id=line, sku="", picked_at=NOW, picked_by=who)


def known(*products: ShopProduct, **changes: Any) -> Known:
    values: dict[str, Any] = {
        "checked_at": NOW,
        "account_by_id": {1: "bursztyn_i_len (BL)"},
        "product_by_sku": {product.sku: product for product in products},
        "orders_url": "https://bursztyn-i-len.example/backend/allegro/config/orders",
    }
    return Known(**{**values, **changes})


def a_paper(
    *orders: ShopOrder, kind: str = "a4", about: Known | None = None, row: Order | None = None
) -> Paper:
    about = about or known(a_product("BUR-0001"))
    return Paper(
        kind=kind,
        printed=moment(NOW),
        words=headings(),
        sheets=[to_sheet(row or a_row(), order, about) for order in orders],
        orders=len(orders),
        checked=checked_words(NOW, is_checked=True),
    )
