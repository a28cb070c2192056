"""The naive import – one call, one look-up per row and one commit for each order – beside the plugin's.

Same server, same tables, the shop's included; the plugin imports more orders, as its pages are to be full.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import httpx2
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import get_account
from allegro_module.db.cursors import Cursor
from allegro_module.db.offers import Offer
from allegro_module.db.order_events import OrderEvent
from allegro_module.db.orders import Order, OrderContent, StockBooking, TabCount
from allegro_module.demo.models import Order as ShopOrder
from allegro_module.demo.models import OrderLine, Product
from allegro_module.domain.orders import EventKind
from allegro_module.sync.orders import import_orders
from bench.backlog_server import FORMS, a_backlog, render_patterns
from bench.pages import AGENT, PUBLIC, Rendered
from bench.server import answering
from bench.sizes import sizes
from bench.stores import Host, Store, a_store

NAIVE_ORDERS = 500
PLUGIN_ORDERS = 2_000
#: How many times faster the plugin is to be at least.
GOAL = {"sqlite": 15, "postgresql": 20}

Json = dict[str, Any]


@dataclass(frozen=True)
class Each:
    """Of one order."""

    seconds: float
    cpu_seconds: float

    @property
    def microseconds(self) -> float:
        return self.seconds * 1e6


def main() -> None:
    given = sizes(__doc__)
    rendered = render_patterns()
    for postgres in ("", *filter(None, [given.postgres])):
        kind, naive, plugin = compare(rendered, postgres, NAIVE_ORDERS, PLUGIN_ORDERS)
        print(
            f"naive import, {kind}: {naive.microseconds:.0f} µs an order, plugin {plugin.microseconds:.0f}, "
            f"{naive.seconds / plugin.seconds:.1f} times faster (goal {GOAL[kind]}), "
            f"by processor time {naive.cpu_seconds / plugin.cpu_seconds:.1f}"
        )


def compare(
    rendered: Rendered, postgres: str, naive_orders: int, plugin_orders: int
) -> tuple[str, Each, Each]:
    """The plugin runs before and after, as what else the machine does changes meanwhile."""
    _, before = _run(rendered, postgres, plugin_orders, _by_plugin)
    kind, naive = _run(rendered, postgres, naive_orders, _naively)
    _, after = _run(rendered, postgres, plugin_orders, _by_plugin)
    plugin = Each((before.seconds + after.seconds) / 2, (before.cpu_seconds + after.cpu_seconds) / 2)
    return kind, naive, plugin


def _run(
    rendered: Rendered, postgres: str, orders: int, work: Callable[[Host, str], None]
) -> tuple[str, Each]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as home,
        answering(a_backlog(rendered, orders)) as server,
        a_store(Path(home), postgres, rendered, server.url) as store,
        store.opened() as host,
    ):
        started, cpu_started = perf_counter(), process_time()
        work(host, server.url)
        each = Each((perf_counter() - started) / orders, (process_time() - cpu_started) / orders)
        _check(store, host, orders)
        return store.kind, each


def _check(store: Store, host: Host, orders: int) -> None:
    found = len(host.runtime.session.scalars(select(ShopOrder.id)).all())
    assert found == orders, f"{found} of {orders} orders in {store.kind}"


def _by_plugin(host: Host, url: str) -> None:
    session, account = host.runtime.session, get_account(host.runtime.session, 1)
    api = host.runtime.api(account)
    import_orders(session, api, host.runtime.shop, account, lambda: datetime.now(UTC))


def _naively(host: Host, url: str) -> None:
    session, position = host.runtime.session, ""
    headers = {"Accept": PUBLIC, "User-Agent": AGENT, "Authorization": "Bearer x"}
    with httpx2.Client(base_url=url, headers=headers) as http:
        while True:
            wanted = {"limit": "100", **({"from": position} if position else {})}
            events = http.get("/order/events", params=wanted).json()["events"]
            if not events:
                return
            for event in events:
                position = event["id"]
                form_id = event["order"]["checkoutForm"]["id"]
                _store(session, http.get(f"{FORMS}/{form_id}").json())
                session.get_one(Cursor, 1).position = position
                session.commit()


def _store(session: Session, form: Json) -> None:
    order = session.scalar(select(Order).where(Order.checkout_form_id == form["id"]))
    if order is None:
        order = Order(account_id=1, checkout_form_id=form["id"], imported_at=datetime.now(UTC))
        session.add(order)
    _fill(order, form)
    session.flush()
    content = session.get(OrderContent, order.id)
    if content is None:
        content = OrderContent(order_id=order.id)
        session.add(content)
    content.form = json.dumps(form, ensure_ascii=False)
    order.shop_order_id = str(_store_shop_order(session, order, form).id)
    order.number = f"BL-{order.id}"
    for line in form["lineItems"]:
        _book(session, order, line)
    _count(session, order)
    session.add(OrderEvent(order_id=order.id, at=order.imported_at, kind=EventKind.PLACED, params={}))


def _fill(order: Order, form: Json) -> None:
    buyer, delivery, total = form["buyer"], form["delivery"], form["summary"]["totalToPay"]
    order.revision, order.status = form["revision"], form["status"]
    order.fulfillment_status, order.tab = form["fulfillment"]["status"], "new"
    order.marketplace = form["marketplace"]["id"]
    order.buyer_id, order.buyer_login = buyer["id"], buyer["login"]
    order.buyer_name = f"{buyer['firstName']} {buyer['lastName']}"
    order.search = f"{buyer['login']} {order.buyer_name}".lower()
    order.payment_type = form["payment"]["type"]
    order.is_paid = form["payment"]["paidAmount"] is not None
    order.delivery_method, order.is_smart = delivery["method"]["name"], delivery["smart"]
    order.dispatch_to = datetime.fromisoformat(delivery["time"]["dispatch"]["to"])
    order.wants_invoice = form["invoice"]["required"]
    order.pieces = sum(line["quantity"] for line in form["lineItems"])
    order.message = form.get("messageToSeller") or ""
    order.total, order.currency = Decimal(total["amount"]), total["currency"]
    order.line_item_ids = [line["id"] for line in form["lineItems"]]
    order.bought_at = datetime.fromisoformat(form["lineItems"][0]["boughtAt"])
    order.changed_at = datetime.fromisoformat(form["updatedAt"])


def _store_shop_order(session: Session, order: Order, form: Json) -> ShopOrder:
    placed = session.scalar(select(ShopOrder).where(ShopOrder.checkout_form_id == form["id"]))
    if placed is None:
        placed = ShopOrder(
            checkout_form_id=form["id"], number=f"BL-{order.id}", source="Allegro", status="new"
        )
        session.add(placed)
    address = form["delivery"]["address"]
    placed.bought_at, placed.currency, placed.total = order.bought_at, order.currency, order.total
    placed.buyer_id, placed.buyer_login, placed.buyer_name = (
        order.buyer_id,
        order.buyer_login,
        order.buyer_name,
    )
    placed.buyer_email, placed.buyer_phone = form["buyer"]["email"], form["buyer"]["phoneNumber"] or ""
    placed.delivery_method, placed.delivery_phone = order.delivery_method, address["phoneNumber"] or ""
    placed.delivery_address = f"{address['street']}\n{address['zipCode']} {address['city']}"
    placed.pickup_point_id = placed.pickup_point = placed.invoice_tax_id = placed.invoice_address = ""
    placed.payment_type, placed.message, placed.seller_note = order.payment_type, order.message, ""
    session.flush()
    for position, line in enumerate(form["lineItems"], start=1):
        _store_line(session, placed, position, line)
    return placed


def _store_line(session: Session, placed: ShopOrder, position: int, line: Json) -> None:
    row = session.get(OrderLine, (placed.id, position))
    if row is None:
        row = OrderLine(order_id=placed.id, position=position)
        session.add(row)
    row.kind, row.name, row.quantity = "goods", line["offer"]["name"], line["quantity"]
    row.unit_price = Decimal(line["price"]["amount"])
    row.line_item_id, row.offer_id = line["id"], line["offer"]["id"]


def _book(session: Session, order: Order, line: Json) -> None:
    if session.get(StockBooking, (line["id"], "sell")) is not None:
        return
    offer = session.scalar(select(Offer).where(Offer.allegro_offer_id == line["offer"]["id"]))
    assert offer is not None
    product = session.scalar(select(Product).where(Product.sku == offer.sku))
    assert product is not None
    product.stock -= line["quantity"]
    session.add(
        StockBooking(
            line_item_id=line["id"],
            kind="sell",
            order_id=order.id,
            sku=offer.sku,
            quantity=line["quantity"],
        )
    )


def _count(session: Session, order: Order) -> None:
    count = session.get(TabCount, (order.account_id, order.tab))
    if count is None:
        count = TabCount(account_id=order.account_id, tab=order.tab, orders=0)
        session.add(count)
    count.orders += 1


if __name__ == "__main__":
    main()
