"""DemoShop: the ShopAdapter of the demo shop, the example to follow when you write your own.

Every method works in the host's session with a few statements for a whole batch, and none commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import joinedload, selectinload

import allegro_module as al
from allegro_module.demo.addresses import print_address
from allegro_module.demo.models import ORDER_STATUSES, Category, Order, OrderLine, Product, fitted, matches
from allegro_module.demo.pictures import read_picture

CURRENCY = "PLN"


class DemoShop:
    def __init__(self, db: SQLAlchemy) -> None:
        self._session = db.session

    def find_products(self, query: al.ProductQuery, after: str | None) -> al.Page[al.ShopProduct]:
        wanted = select(Product).order_by(Product.sku).limit(query.limit + 1)
        if query.text:
            wanted = wanted.where(matches(query.text))
        if query.category_id:
            wanted = wanted.where(Product.category_id == query.category_id)
        if after:
            wanted = wanted.where(Product.sku > after)
        rows = self._session.scalars(wanted.options(*WHOLE)).all()
        shown = rows[: query.limit]
        return al.Page(
            [_shop_product(row) for row in shown], shown[-1].sku if len(rows) > len(shown) else None
        )

    def products(self, skus: Collection[al.Sku]) -> Mapping[al.Sku, al.ShopProduct]:
        rows = self._session.scalars(select(Product).where(Product.sku.in_(skus)).options(*WHOLE))
        return {al.Sku(row.sku): _shop_product(row) for row in rows}

    def stock(self, skus: Collection[al.Sku]) -> Mapping[al.Sku, int]:
        rows = self._session.execute(
            select(Product.sku, Product.stock - Product.reserved).where(Product.sku.in_(skus))
        )
        return {al.Sku(sku): max(0, available) for sku, available in rows}

    def read_image(self, ref: str) -> bytes:
        return read_picture(ref, current_app.config["SHOP_HOME"] / "img")

    def vocabulary(self) -> al.Vocabulary:
        categories = self._session.execute(select(Category.id, Category.name).order_by(Category.name))
        attributes = {name for each in self._session.scalars(select(Product.attributes)) for name in each}
        return al.Vocabulary(
            categories=[al.Choice(id, name) for id, name in categories],
            attributes=[al.Choice(name, name) for name in sorted(attributes)],
            order_statuses=[al.Choice(id, name) for id, name in ORDER_STATUSES.items()],
        )

    def place_orders(self, orders: Sequence[al.ShopOrder]) -> Mapping[al.CheckoutFormId, al.ShopOrderId]:
        """Four statements for a page of new orders, one for a page that is here already."""
        known = self._order_ids(order.checkout_form_id for order in orders)
        new = {order.checkout_form_id: order for order in orders if order.checkout_form_id not in known}
        if new:
            al.insert_rows(
                self._session(), ORDERS, [fitted(Order, _placed_columns(order)) for order in new.values()]
            )
            ids = self._order_ids(new)
            self._write_lines({ids[form_id]: order for form_id, order in new.items()})
            # Purchases that were paid together in a newer order must not be sent twice.
            merged = [form_id for order in new.values() for form_id in order.supersedes]
            if merged:
                self._session.connection().execute(
                    update(Order).where(Order.checkout_form_id.in_(merged)).values(status="merged")
                )
            known |= ids
        return {form_id: al.ShopOrderId(str(id)) for form_id, id in known.items()}

    def book_stock(self, moves: Sequence[al.StockMove]) -> None:
        in_store: Counter[str] = Counter()
        reserved: Counter[str] = Counter()
        for move in moves:
            if move.kind is al.StockKind.RESERVE:
                reserved[move.sku] += move.quantity
            elif move.kind is al.StockKind.RELEASE or (move.kind is al.StockKind.SELL and move.was_reserved):
                reserved[move.sku] -= move.quantity
            if move.kind is al.StockKind.SELL:
                in_store[move.sku] -= move.quantity
            elif move.kind is al.StockKind.RETURN:
                in_store[move.sku] += move.quantity
        # Rows in one order everywhere, so that two workers never wait for each other in a circle.
        changes = [
            {"of_sku": sku, "in_store": in_store[sku], "reserving": reserved[sku]}
            for sku in sorted(in_store.keys() | reserved.keys())
        ]
        if changes:
            self._session.connection().execute(BOOK, changes)

    def change_orders(self, changes: Sequence[al.OrderChange]) -> None:
        if not changes:
            return
        connection = self._session.connection()
        orders = {int(change.shop_order_id): change.order for change in changes}
        renewed = [{"of_id": id, **fitted(Order, _columns(order))} for id, order in orders.items()]
        connection.execute(RENEW, renewed)
        connection.execute(delete(OrderLine).where(OrderLine.order_id.in_(orders)))
        self._write_lines(orders)
        cancelled = [
            {"of_id": int(change.shop_order_id), "note": change.reason}
            for change in changes
            if change.kind is al.OrderChangeKind.CANCELLED
        ]
        if cancelled:
            connection.execute(CANCEL, cancelled)
        paid = [int(change.shop_order_id) for change in changes if change.kind is al.OrderChangeKind.PAID]
        if paid:
            connection.execute(
                update(Order).where(Order.id.in_(paid), Order.status == "unpaid").values(status="new")
            )

    def set_statuses(self, statuses: Mapping[al.ShopOrderId, str]) -> None:
        rows = [
            {"of_id": int(id), "wanted": status}
            for id, status in statuses.items()
            if status in ORDER_STATUSES
        ]
        if rows:
            self._session.connection().execute(SET_STATUS, rows)

    def orders(self, ids: Collection[al.ShopOrderId]) -> Mapping[al.ShopOrderId, al.ShopOrderView]:
        rows = self._session.execute(
            select(Order.id, Order.number, Order.status).where(Order.id.in_([int(id) for id in ids]))
        )
        return {
            (key := al.ShopOrderId(str(id))): al.ShopOrderView(
                key, number, ORDER_STATUSES[status], url=f"/backend/orders/{id}", status_id=status
            )
            for id, number, status in rows
        }

    def _order_ids(self, form_ids: Iterable[al.CheckoutFormId]) -> dict[al.CheckoutFormId, int]:
        rows = self._session.connection().execute(IDS, {"form_ids": list(form_ids)})
        return {al.CheckoutFormId(form_id): id for form_id, id in rows}

    def _write_lines(self, orders: Mapping[int, al.ShopOrder]) -> None:
        rows = [fitted(OrderLine, row) for id, order in orders.items() for row in _line_columns(id, order)]
        al.insert_rows(self._session(), LINES, rows)


ORDERS, LINES = cast(Table, Order.__table__), cast(Table, OrderLine.__table__)
WHOLE = (joinedload(Product.category), selectinload(Product.images))
# Asked with every page of orders: made once, as SQLAlchemy takes longer over it than the database.
IDS = select(Order.checkout_form_id, Order.id).where(
    Order.checkout_form_id.in_(bindparam("form_ids", expanding=True))
)
BOOK = (
    update(Product)
    .where(Product.sku == bindparam("of_sku"))
    .values(
        stock=Product.stock + bindparam("in_store"),
        reserved=Product.reserved + bindparam("reserving"),
    )
)
RENEW = update(Order).where(Order.id == bindparam("of_id"))
SET_STATUS = RENEW.values(status=bindparam("wanted"))
CANCEL = RENEW.values(status="cancelled", status_note=bindparam("note"))


def _shop_product(row: Product) -> al.ShopProduct:
    return al.ShopProduct(
        sku=al.Sku(row.sku),
        name=row.name,
        price=al.Money(row.price, CURRENCY),
        vat_rate=Decimal(row.vat_rate),
        gtin=row.gtin,
        mpn=row.mpn,
        brand=row.brand,
        category_id=row.category_id,
        category_name=row.category.name,
        attributes=row.attributes,
        images=[image.name for image in row.images],
        purchase_price=None if row.purchase_price is None else al.Money(row.purchase_price, CURRENCY),
        weight_kg=None if row.weight_grams is None else Decimal(row.weight_grams).scaleb(-3),
        description_html=row.description,
        url=f"/backend/products/{row.sku}",
    )


def _placed_columns(order: al.ShopOrder) -> dict[str, Any]:
    waits = order.payment is not None and not order.payment.is_paid and order.to_collect is None
    return {
        "checkout_form_id": order.checkout_form_id,
        "number": order.number,
        "source": f"Allegro {order.account}",
        "status": "unpaid" if waits else "new",
        "bought_at": order.bought_at,
        **_columns(order),
    }


def _columns(order: al.ShopOrder) -> dict[str, Any]:
    """What a later change of the order brings anew."""
    buyer = order.buyer
    payment = order.payment or al.Payment("", al.PaymentType.OTHER)
    delivery = order.delivery or al.Delivery("", "", cost=al.Money(Decimal(0), order.total.currency))
    address = delivery.address or al.Address()
    point = delivery.pickup_point
    invoice = order.invoice or al.InvoiceWish(al.Address())
    return {
        "currency": order.total.currency,
        "total": order.total.amount,
        "to_collect": _amount(order.to_collect),
        "buyer_id": buyer.id,
        "buyer_login": buyer.login,
        "buyer_name": buyer.company or f"{buyer.first_name} {buyer.last_name}".strip(),
        "buyer_email": buyer.email,
        "buyer_phone": buyer.phone,
        "message": order.message,
        "seller_note": order.seller_note,
        "notes": order.notes,
        "customer_symbol": order.customer.symbol if order.customer else "",
        "is_one_off": order.customer is None or order.customer.is_one_off,
        "is_shipped_by_seller": order.is_shipped_by_seller,
        "delivery_method": delivery.method_name,
        "delivery_address": print_address(address),
        "delivery_phone": address.phone,
        "pickup_point_id": point.id if point else "",
        "pickup_point": f"{point.name}\n{print_address(point.address)}" if point else "",
        "dispatch_until": delivery.dispatch_to,
        "is_smart": delivery.is_smart,
        "packages": delivery.packages,
        "payment_type": payment.type.value,
        "paid": _amount(payment.paid),
        "paid_at": payment.finished_at,
        "payment_provider": payment.provider,
        "payment_features": ", ".join(payment.features),
        "compensation": _amount(payment.compensation),
        "invoice_tax_id": invoice.tax_id,
        "invoice_address": print_address(invoice.address),
        "invoice_due": invoice.due_at,
    }


def _line_columns(order_id: int, order: al.ShopOrder) -> list[dict[str, Any]]:
    return [
        {
            "order_id": order_id,
            "position": number,
            "kind": position.kind.value,
            "sku": position.sku,
            "name": position.name,
            "quantity": position.quantity,
            "unit_price": position.unit_price.amount,
            "list_price": _amount(position.list_price),
            "vat_rate": position.vat_rate,
            "line_item_id": position.line_item_id,
            "offer_id": position.offer_id,
            "discounts": ", ".join(position.discounts),
            "compensation": _amount(position.compensation),
        }
        for number, position in enumerate(order.positions, start=1)
    ]


def _amount(money: al.Money | None) -> Decimal | None:
    return money.amount if money else None
