"""ShopAdapterContract: the tests that a host runs against its own adapter.

    class TestMyShop(ShopAdapterContract):
        @pytest.fixture
        def shop(self): return MyShop(...)
        @pytest.fixture
        def sku(self): return Sku("A-SKU-WITH-AT-LEAST-5-PIECES-AND-A-PICTURE")
        def commit(self): db.session.commit()

Needs nothing but a test runner that collects `test_` methods and gives them fixtures by name (pytest).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from allegro_module.domain.money import Money, total
from allegro_module.domain.shop import (
    Address,
    Buyer,
    CheckoutFormId,
    Customer,
    Delivery,
    InvoiceWish,
    LineItemId,
    OrderChange,
    OrderChangeKind,
    Payment,
    PaymentType,
    PickupPoint,
    Position,
    PositionKind,
    ProductQuery,
    ShopAdapter,
    ShopOrder,
    Sku,
    StockKind,
    StockMove,
)


def an_order(form_id: str, sku: Sku | None, quantity: int = 1) -> ShopOrder:
    """A paid order of one kind of goods, sent to a parcel locker."""
    positions: Sequence[Position] = (
        Position(
            kind=PositionKind.GOODS,
            name="Zażółć gęślą jaźń",
            quantity=quantity,
            unit_price=Money(Decimal("49.99"), "PLN"),
            vat_rate=Decimal(23),
            sku=sku,
            line_item_id=LineItemId(f"line-{form_id}"),
            offer_id="18402771214",
        ),
        Position(
            kind=PositionKind.DELIVERY,
            name="Paczkomat",
            quantity=1,
            unit_price=Money(Decimal("12.99"), "PLN"),
            vat_rate=Decimal(23),
        ),
    )
    address = Address(
        first_name="Łucja",
        last_name="Żak",
        street="Długa 1",
        city="Gdańsk",
        post_code="80-831",
        phone="500100200",
    )
    amount = total([position.value for position in positions], "PLN")
    return ShopOrder(
        checkout_form_id=CheckoutFormId(form_id),
        account="BL",
        number=f"BL-{form_id}",
        marketplace="allegro-pl",
        bought_at=datetime(2026, 11, 21, 10, 0, tzinfo=UTC),
        buyer=Buyer(
            id="44", login="lucja", email="a1b2+c3d4@allegromail.pl", first_name="Łucja", last_name="Żak"
        ),
        positions=positions,
        total=amount,
        delivery=Delivery(
            method_id="method",
            method_name="Paczkomat",
            cost=Money(Decimal("12.99"), "PLN"),
            address=address,
            pickup_point=PickupPoint(id="GDA01M", name="Paczkomat GDA01M", address=address),
        ),
        payment=Payment(id="payment", type=PaymentType.ONLINE, paid=amount, is_paid=True),
        message="Proszę o wstążkę",
    )


def an_order_of_every_kind(form_id: str, sku: Sku) -> ShopOrder:
    """As rich as Allegro makes them: all kinds of positions, three persons, a customer, long texts."""
    plain = an_order(form_id, sku, quantity=2)
    line = plain.positions[0].line_item_id
    rich = (
        replace(
            plain.positions[0],
            list_price=Money(Decimal("59.99"), "PLN"),
            discounts=("CAMPAIGN", "COUPON"),
            compensation=Money(Decimal("5.00"), "PLN"),
        ),
        _extra(PositionKind.SERVICE, "Pakowanie na prezent", "9.00", line, Decimal(23)),
        _extra(PositionKind.DEPOSIT, "Kaucja", "0.50", line, quantity=2),
        _extra(PositionKind.VOUCHER, "NOTEBOOKS_FOR_TEACHERS", "-20.00", line),
        _extra(PositionKind.SURCHARGE, "Surcharge", "6.00"),
        plain.positions[1],
    )
    return replace(
        plain,
        positions=rich,
        total=total([each.value for each in rich], "PLN"),
        message="<b>Proszę</b> \U0001f381 שלום\n" + "ż" * 5000,
        notes="Punkt: GDA01M\nNotatka: gratis",
        customer=Customer("AL-44", is_one_off=True),
        invoice=InvoiceWish(Address(company="Żuraw sp. z o.o.", city="Gdańsk"), "5832751234"),
    )


def _extra(
    kind: PositionKind,
    name: str,
    price: str,
    line: LineItemId | None = None,
    vat_rate: Decimal | None = None,
    quantity: int = 1,
) -> Position:
    return Position(kind, name, quantity, Money(Decimal(price), "PLN"), vat_rate, line_item_id=line)


class ShopAdapterContract:
    """What Allegro's flows rely on. Fixtures `shop` and `sku` and the method `commit` come from the host."""

    def commit(self) -> None:
        """Commit the host's session."""
        raise NotImplementedError

    def test_a_product_is_found_by_its_sku(self, shop: ShopAdapter, sku: Sku) -> None:
        found = shop.products([sku, Sku("no-such-sku")])

        assert list(found) == [sku]
        assert found[sku].sku == sku
        assert found[sku].price.amount > 0

    def test_products_are_searched_page_by_page(self, shop: ShopAdapter, sku: Sku) -> None:
        seen: list[Sku] = []
        after: str | None = None
        while True:
            page = shop.find_products(ProductQuery(limit=7), after)
            seen += [product.sku for product in page.items]
            if page.after is None:
                break
            after = page.after

        assert sku in seen
        assert len(seen) == len(set(seen))

    def test_a_picture_is_read(self, shop: ShopAdapter, sku: Sku) -> None:
        first = shop.products([sku])[sku].images[0]

        assert shop.read_image(first)[:3] in (b"\xff\xd8\xff", b"\x89PN", b"RIF")

    def test_an_order_is_placed_once_however_often_it_is_given(self, shop: ShopAdapter, sku: Sku) -> None:
        order = an_order("form-once", sku)
        first = shop.place_orders([order])
        self.commit()

        again = shop.place_orders([order, an_order("form-other", sku)])
        self.commit()

        assert again[order.checkout_form_id] == first[order.checkout_form_id]
        assert len(set(again.values())) == 2

    def test_placing_an_order_moves_no_stock(self, shop: ShopAdapter, sku: Sku) -> None:
        before = shop.stock([sku])[sku]
        shop.place_orders([an_order("form-stock", sku)])
        self.commit()

        assert shop.stock([sku])[sku] == before

    def test_a_line_that_matches_no_product_is_kept(self, shop: ShopAdapter) -> None:
        placed = shop.place_orders([an_order("form-unknown", None)])
        self.commit()

        assert shop.orders(list(placed.values())).keys() == set(placed.values())

    def test_a_sale_takes_pieces_and_a_return_gives_them_back(self, shop: ShopAdapter, sku: Sku) -> None:
        before = shop.stock([sku])[sku]
        line = LineItemId("line-sale")

        shop.book_stock([StockMove(StockKind.SELL, sku, 2, line)])
        self.commit()
        after_sale = shop.stock([sku])[sku]
        shop.book_stock([StockMove(StockKind.RETURN, sku, 2, line)])
        self.commit()

        assert (after_sale, shop.stock([sku])[sku]) == (before - 2, before)

    def test_a_reservation_is_consumed_by_its_sale(self, shop: ShopAdapter, sku: Sku) -> None:
        before = shop.stock([sku])[sku]
        line = LineItemId("line-reserved")

        shop.book_stock([StockMove(StockKind.RESERVE, sku, 1, line)])
        self.commit()
        reserved = shop.stock([sku])[sku]
        shop.book_stock([StockMove(StockKind.SELL, sku, 1, line, was_reserved=True)])
        self.commit()

        assert (reserved, shop.stock([sku])[sku]) == (before - 1, before - 1)

    def test_a_released_reservation_can_be_sold_again(self, shop: ShopAdapter, sku: Sku) -> None:
        before = shop.stock([sku])[sku]
        line = LineItemId("line-released")

        shop.book_stock([StockMove(StockKind.RESERVE, sku, 1, line)])
        shop.book_stock([StockMove(StockKind.RELEASE, sku, 1, line, was_reserved=True)])
        self.commit()

        assert shop.stock([sku])[sku] == before

    def test_an_order_can_be_cancelled(self, shop: ShopAdapter, sku: Sku) -> None:
        order = an_order("form-cancelled", sku)
        shop_order_id = shop.place_orders([order])[order.checkout_form_id]
        self.commit()
        before = shop.orders([shop_order_id])[shop_order_id].status

        shop.change_orders([OrderChange(shop_order_id, OrderChangeKind.CANCELLED, order, "BUYER_CANCELLED")])
        self.commit()

        assert shop.orders([shop_order_id])[shop_order_id].status != before

    def test_a_changed_address_reaches_the_order(self, shop: ShopAdapter, sku: Sku) -> None:
        order = an_order("form-changed", sku)
        shop_order_id = shop.place_orders([order])[order.checkout_form_id]
        self.commit()

        changed = replace(order, message="Nowy adres")
        shop.change_orders([OrderChange(shop_order_id, OrderChangeKind.UPDATED, changed)])
        self.commit()

        assert shop_order_id in shop.orders([shop_order_id])

    def test_a_status_of_the_vocabulary_can_be_set(self, shop: ShopAdapter, sku: Sku) -> None:
        order = an_order("form-status", sku)
        shop_order_id = shop.place_orders([order])[order.checkout_form_id]
        self.commit()

        for status in shop.vocabulary().order_statuses:
            shop.set_statuses({shop_order_id: status.id})
            self.commit()

            view = shop.orders([shop_order_id])[shop_order_id]
            assert (view.status_id, view.status) == (status.id, status.name)

    def test_a_status_of_an_unknown_order_is_left_out(self, shop: ShopAdapter) -> None:
        shop.set_statuses({})

    def test_an_order_with_every_kind_of_position_is_taken(self, shop: ShopAdapter, sku: Sku) -> None:
        order = an_order_of_every_kind("form-rich", sku)

        shop_order_id = shop.place_orders([order])[order.checkout_form_id]
        self.commit()

        assert shop.orders([shop_order_id])[shop_order_id].number == order.number

    def test_an_order_without_a_delivery_form_is_taken(self, shop: ShopAdapter, sku: Sku) -> None:
        bare = replace(an_order("form-bare", sku), delivery=None, payment=None, message="")

        placed = shop.place_orders([bare])
        self.commit()

        assert bare.checkout_form_id in placed

    def test_customers_of_both_kinds_are_taken(self, shop: ShopAdapter, sku: Sku) -> None:
        one_off = replace(an_order("form-one-off", sku), customer=Customer("AL-44"))
        known = [
            replace(an_order(f"form-known-{number}", sku), customer=Customer("AL-45", is_one_off=False))
            for number in (1, 2)
        ]

        placed = shop.place_orders([one_off, *known])
        self.commit()

        assert len(set(placed.values())) == 3

    def test_what_allegro_itself_ships_moves_no_stock(self, shop: ShopAdapter, sku: Sku) -> None:
        before = shop.stock([sku])[sku]
        order = replace(an_order("form-fulfilled", sku), is_shipped_by_seller=False)

        shop_order_id = shop.place_orders([order])[order.checkout_form_id]
        shop.change_orders([OrderChange(shop_order_id, OrderChangeKind.UPDATED, order)])
        self.commit()

        assert shop.stock([sku])[sku] == before

    def test_a_product_assigned_later_reaches_the_order(self, shop: ShopAdapter, sku: Sku) -> None:
        before = shop.stock([sku])[sku]
        unmatched = an_order("form-assigned", None)
        shop_order_id = shop.place_orders([unmatched])[unmatched.checkout_form_id]
        self.commit()

        # Its stock comes as a move of its own: a change of an order moves none.
        matched = an_order("form-assigned", sku)
        shop.change_orders([OrderChange(shop_order_id, OrderChangeKind.UPDATED, matched)])
        self.commit()
        shop.change_orders([OrderChange(shop_order_id, OrderChangeKind.UPDATED, matched)])
        self.commit()

        assert shop.orders([shop_order_id])[shop_order_id].number == matched.number
        assert shop.stock([sku])[sku] == before

    def test_a_change_leaves_the_status_that_the_seller_set(self, shop: ShopAdapter, sku: Sku) -> None:
        order = an_order("form-kept", sku)
        shop_order_id = shop.place_orders([order])[order.checkout_form_id]
        statuses = shop.vocabulary().order_statuses
        if statuses:
            shop.set_statuses({shop_order_id: statuses[-1].id})
        self.commit()
        before = shop.orders([shop_order_id])[shop_order_id].status

        changed = replace(order, message="Nowa wiadomość")
        shop.change_orders([OrderChange(shop_order_id, OrderChangeKind.UPDATED, changed)])
        self.commit()

        assert shop.orders([shop_order_id])[shop_order_id].status == before
