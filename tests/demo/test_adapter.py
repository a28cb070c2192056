"""The demo's adapter keeps the contract, and does it in few statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from allegro_module import (
    Address,
    Buyer,
    CheckoutFormId,
    InvoiceWish,
    LineItemId,
    Money,
    OrderChange,
    OrderChangeKind,
    Payment,
    PaymentType,
    PickupPoint,
    ProductQuery,
    Sku,
    StockKind,
    StockMove,
)
from allegro_module.demo.adapter import DemoShop
from allegro_module.demo.models import Order, OrderLine, Product, db
from allegro_module.testing import ShopAdapterContract, an_order, an_order_of_every_kind

BOWL = Sku("DOM-KUB-001")


class TestDemoShop(ShopAdapterContract):
    @pytest.fixture
    def sku(self) -> Sku:
        return BOWL

    def commit(self) -> None:
        db.session.commit()


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_page_of_orders_is_placed_with_a_handful_of_statements(shop: DemoShop) -> None:
    orders = [an_order(f"form-{number:05}", BOWL) for number in range(100)]

    with counted_statements() as first:
        placed = shop.place_orders(orders)
    with counted_statements() as second:
        again = shop.place_orders(orders)

    assert again == placed
    assert len(set(placed.values())) == 100
    assert len(first) <= 4
    assert len(second) == 1
    assert db.session.scalar(select(func.count()).select_from(OrderLine)) == 200


def test_many_stock_moves_are_booked_with_one_statement(shop: DemoShop) -> None:
    skus = [Sku(sku) for sku in db.session.scalars(select(Product.sku))]
    before = shop.stock(skus)

    with counted_statements() as seen:
        shop.book_stock(
            [StockMove(StockKind.SELL, sku, 1, LineItemId(f"{sku}-{n}")) for sku in skus for n in range(3)]
        )
    db.session.commit()

    assert len(seen) == 1
    assert shop.stock(skus) == {sku: max(0, pieces - 3) for sku, pieces in before.items()}


def test_an_order_keeps_what_allegro_said_to_the_grosz(shop: DemoShop) -> None:
    invoice = InvoiceWish(Address(company="Żuraw sp. z o.o.", street="Grobla 5", city="Gdańsk"), "5832751234")
    order = replace(an_order("form-exact", BOWL, quantity=3), invoice=invoice)

    placed = shop.place_orders([order])
    db.session.commit()
    row = db.session.get_one(Order, int(placed[order.checkout_form_id]))

    assert [(line.kind, line.sku, line.quantity, line.unit_price) for line in row.lines] == [
        ("goods", BOWL, 3, Decimal("49.99")),
        ("delivery", None, 1, Decimal("12.99")),
    ]
    assert sum(line.value for line in row.lines) == row.total == Decimal("162.96")
    assert row.bought_at == datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    assert row.pickup_point_id == "GDA01M"
    assert row.delivery_address == "Łucja Żak\nDługa 1\n80-831 Gdańsk"
    assert (row.invoice_tax_id, row.invoice_address) == ("5832751234", "Żuraw sp. z o.o.\nGrobla 5\nGdańsk")
    assert (row.status, row.paid, row.to_collect) == ("new", row.total, None)


def test_a_courier_collects_the_whole_of_cash_on_delivery(shop: DemoShop) -> None:
    order = replace(an_order("form-cod", BOWL), payment=Payment("p", PaymentType.CASH_ON_DELIVERY))

    placed = shop.place_orders([order])
    row = db.session.get_one(Order, int(placed[order.checkout_form_id]))

    assert (row.status, row.to_collect) == ("new", order.total.amount)


def test_an_unknown_sku_is_kept_as_it_was_bought(shop: DemoShop) -> None:
    placed = shop.place_orders([an_order("form-strange", Sku("NIE-MA-TAKIEGO"))])
    row = db.session.get_one(Order, int(placed[CheckoutFormId("form-strange")]))

    assert row.lines[0].sku == "NIE-MA-TAKIEGO"


def test_payment_and_cancellation_move_the_status(shop: DemoShop) -> None:
    unpaid = replace(an_order("form-unpaid", BOWL), payment=Payment("p", PaymentType.ONLINE))
    other = an_order("form-other", BOWL)
    ids = shop.place_orders([unpaid, other])
    before = [view.status for view in shop.orders(list(ids.values())).values()]

    shop.change_orders(
        [
            OrderChange(ids[unpaid.checkout_form_id], OrderChangeKind.PAID, an_order("form-unpaid", BOWL)),
            OrderChange(ids[other.checkout_form_id], OrderChangeKind.CANCELLED, other, "BUYER_CANCELLED"),
        ]
    )
    db.session.commit()
    after = shop.orders([ids[unpaid.checkout_form_id], ids[other.checkout_form_id]])

    assert sorted(before) == ["Nowe", "Oczekuje na płatność"]
    assert [after[ids[each.checkout_form_id]].status for each in (unpaid, other)] == ["Nowe", "Anulowane"]
    assert db.session.get_one(Order, int(ids[other.checkout_form_id])).status_note == "BUYER_CANCELLED"


def test_a_change_replaces_the_lines_and_keeps_the_sellers_status(shop: DemoShop) -> None:
    order = an_order("form-lines", BOWL)
    shop_order_id = shop.place_orders([order])[order.checkout_form_id]
    row = db.session.get_one(Order, int(shop_order_id))
    row.status = "processing"
    db.session.commit()

    changed = replace(order, positions=order.positions[:1], total=Money(Decimal("49.99"), "PLN"))
    shop.change_orders([OrderChange(shop_order_id, OrderChangeKind.UPDATED, changed)])
    db.session.commit()

    assert (row.status, row.total, len(row.lines)) == ("processing", Decimal("49.99"), 1)


def test_purchases_paid_together_leave_one_order_to_send(shop: DemoShop) -> None:
    older = an_order("form-older", BOWL)
    older_id = shop.place_orders([older])[older.checkout_form_id]

    shop.place_orders([replace(an_order("form-newer", BOWL), supersedes=[older.checkout_form_id])])
    db.session.commit()

    assert shop.orders([older_id])[older_id].status == "Połączone"


def test_nothing_is_committed_by_the_adapter(shop: DemoShop, app: Flask) -> None:
    shop.place_orders([an_order("form-rolled-back", BOWL)])
    shop.book_stock([StockMove(StockKind.SELL, BOWL, 1, LineItemId("l"))])
    db.session.rollback()

    assert db.session.scalar(select(func.count()).select_from(Order)) == 0
    assert shop.stock([BOWL]) == {BOWL: 52}


@pytest.mark.parametrize("text", ["granatowy", "GRANATOWY", "dom-kub-001", "5907700002349"])
def test_a_product_is_found_by_a_part_of_its_name_sku_or_ean(shop: DemoShop, text: str) -> None:
    found = shop.find_products(ProductQuery(text=text), None)

    assert BOWL in [product.sku for product in found.items]


def test_empty_batches_do_nothing(shop: DemoShop) -> None:
    assert shop.place_orders([]) == {}
    shop.book_stock([])
    shop.change_orders([])
    assert shop.orders([]) == {}
    assert shop.products([]) == {}


def test_no_text_of_a_buyer_is_too_long_for_the_tables(shop: DemoShop) -> None:
    long = "ż" * 400
    plain = an_order("form-long", BOWL)
    assert plain.delivery and plain.payment
    address = Address(long, long, long, long, long, long, long, long)
    order = replace(
        plain,
        account="a" * 128,
        buyer=Buyer("1" * 50, long, long, long, long, phone=long),
        delivery=replace(
            plain.delivery,
            method_name=long,
            address=address,
            pickup_point=PickupPoint("p" * 50, long, address, long),
        ),
        invoice=InvoiceWish(address, long),
        positions=[replace(each, name=long) for each in plain.positions],
        message=long,
    )

    placed = shop.place_orders([order])
    shop.change_orders([OrderChange(placed[order.checkout_form_id], OrderChangeKind.CANCELLED, order, long)])
    db.session.commit()

    row = db.session.get_one(Order, int(placed[order.checkout_form_id]))
    assert (row.buyer_login, row.lines[0].name) == ("ż" * 255, "ż" * 300)
    assert (row.buyer_id, row.pickup_point_id) == ("1" * 50, "p" * 50)
    assert (row.message, row.status_note) == (long, long)


def test_everything_that_explains_an_order_is_kept(shop: DemoShop) -> None:
    order = replace(an_order_of_every_kind("form-rich", BOWL), is_shipped_by_seller=False)
    payment = Payment(
        "p", PaymentType.ONLINE, "P24", compensation=Money(Decimal("5.00"), "PLN"), features=("ALLEGRO_PAY",)
    )

    placed = shop.place_orders([replace(order, payment=payment)])
    db.session.commit()
    row = db.session.get_one(Order, int(placed[order.checkout_form_id]))

    assert [line.kind for line in row.lines] == [str(each.kind) for each in order.positions]
    assert sum(line.value for line in row.lines) == row.total == Decimal("108.97")
    assert (row.lines[0].discounts, row.lines[0].compensation) == ("CAMPAIGN, COUPON", Decimal("5.00"))
    assert (row.customer_symbol, row.is_one_off, row.is_shipped_by_seller) == ("AL-44", True, False)
    assert (row.notes, row.message) == (order.notes, order.message)
    assert (row.payment_provider, row.payment_features) == ("P24", "ALLEGRO_PAY")
