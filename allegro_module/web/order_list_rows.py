"""Rows of the order list as its template shows them: who bought what, send by when, what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for

from allegro_module.db.order_lists import HOME, Source, skus_by_order, troubles_by_order
from allegro_module.db.orders import Order
from allegro_module.domain.money import Money
from allegro_module.domain.order_rules import DEFAULT_RULES, ListNote
from allegro_module.domain.orders import BY_ALLEGRO, QUIET_FLAGS, Flag, FormStatus, Tab
from allegro_module.domain.shop import ShopOrderId, ShopOrderView, ShopProduct, Sku
from allegro_module.runtime import Runtime
from allegro_module.sync.order_deeds import NO_REASON
from allegro_module.web.formats import WARSAW, in_warsaw, time_element
from allegro_module.web.i18n import t
from allegro_module.web.labels import (
    HELD,
    Label,
    country_name,
    label_of_flag,
    label_of_order,
    label_of_payment,
)
from allegro_module.web.ui import may_open

#: So many pictures of an order; more would push the rest of the row away.
MOST_PICTURES = 3
#: A deadline that is so near is red.
NEAR = timedelta(hours=4)
#: There the parcel has gone, or never will.
CLOSED_TABS = (Tab.SENT, Tab.RETURNED, Tab.CANCELLED, Tab.HIDDEN)


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Warning:
    """What asks for the seller, and why."""

    label: Label
    because: str = ""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """`address` is our page of the order, `shop_address` the shop's own; None where there is none."""

    id: int
    number: str
    alias: str
    bought_at: datetime
    buyer_name: str
    buyer_login: str
    caretaker: str
    tags: Sequence[str]
    pictures: Sequence[Picture]
    further: int
    pieces: int
    total: Money
    payment: Label | None
    delivery: str
    pickup_point: str
    deadline: Label | None
    is_late: bool
    state: Label
    shop_status: str
    warnings: Sequence[Warning]
    note: str
    address: str | None
    shop_address: str | None
    can_be_accepted: bool


@dataclass(frozen=True, slots=True)
class Around:
    """What a page of orders needs besides their rows, read for all of them together."""

    sources: Mapping[int, Source]
    views: Mapping[ShopOrderId, ShopOrderView]
    skus: Mapping[int, Sequence[str]]
    products: Mapping[Sku, ShopProduct]
    troubles: Mapping[int, str]


def rows(runtime: Runtime, orders: Sequence[Order], sources: Sequence[Source]) -> list[OrderRow]:
    around = _read_around(runtime, orders, sources)
    now_by_account = {source.account.id: runtime.now(source.account.environment) for source in sources}
    return [
        _row(order, around, now_by_account.get(order.account_id) or runtime.wall_clock()) for order in orders
    ]


def _read_around(runtime: Runtime, orders: Sequence[Order], sources: Sequence[Source]) -> Around:
    """Two statements at most, and two calls of the shop."""
    ids = [ShopOrderId(order.shop_order_id) for order in orders if order.shop_order_id]
    skus = skus_by_order(runtime.session, [order.id for order in orders]) if orders else {}
    wanted = {Sku(sku) for found in skus.values() for sku in found[:MOST_PICTURES]}
    refused = [order.id for order in orders if Flag.PUSH_REFUSED in order.flags]
    return Around(
        sources={source.account.id: source for source in sources},
        views=runtime.shop.orders(ids) if ids else {},
        skus=skus,
        products=runtime.shop.products(wanted) if wanted else {},
        troubles=troubles_by_order(runtime.session, refused) if refused else {},
    )


def _row(order: Order, around: Around, now: datetime) -> OrderRow:
    view = around.views.get(ShopOrderId(order.shop_order_id or ""))
    source = around.sources.get(order.account_id)
    skus = around.skus.get(order.id, ())
    return OrderRow(
        id=order.id,
        number=order.number or order.checkout_form_id[:8],
        alias=source.account.alias if source else "",
        bought_at=order.bought_at,
        buyer_name=order.buyer_name,
        buyer_login=order.buyer_login,
        caretaker=order.caretaker,
        tags=list(_tags(order)),
        pictures=[_picture(around.products[Sku(sku)]) for sku in _shown(skus, around.products)],
        further=max(len(skus) - MOST_PICTURES, 0),
        pieces=order.pieces,
        total=Money(order.total, order.currency),
        payment=payment_of(order),
        delivery=order.delivery_method,
        pickup_point=order.pickup_point,
        deadline=deadline(order, now),
        is_late=order.dispatch_to is not None and order.dispatch_to <= now and _is_open(order),
        state=label_of_order(order.status, order.fulfillment_status),
        shop_status=view.status if view else "",
        warnings=list(_warnings(order, around.troubles.get(order.id, ""), now)),
        note=_note(order, (source and source.list_note) or DEFAULT_RULES.list_note),
        address=url_for("allegro.order.show", order_id=order.id) if may_open("allegro.order.show") else None,
        shop_address=view.url if view else None,
        can_be_accepted=order.tab == Tab.NEW and not order.is_confirmed and order.provider != BY_ALLEGRO,
    )


def _shown(skus: Sequence[str], products: Collection[Sku]) -> list[str]:
    return [sku for sku in skus[:MOST_PICTURES] if sku in products]


def _picture(product: ShopProduct) -> Picture:
    address = url_for("allegro.orders.picture", sku=product.sku) if product.images else ""
    return Picture(product.name, address)


def payment_of(order: Order) -> Label | None:
    """Nothing is awaited for an order that was cancelled unpaid."""
    if order.status == FormStatus.CANCELLED and not order.is_paid:
        return None
    return label_of_payment(order.payment_type, order.is_paid)


def _is_open(order: Order) -> bool:
    return order.tab not in CLOSED_TABS and order.provider != BY_ALLEGRO


def deadline(order: Order, now: datetime) -> Label | None:
    """Red when near or gone by, filled on its day, quiet before; plain once the parcel has gone."""
    at = order.dispatch_to
    if at is None:
        return None
    words = time_element(at, now)
    if not _is_open(order):
        return Label(words, "calendar3", "off")
    if at - now <= NEAR:
        return Label(words, "alarm", "bad")
    is_today = in_warsaw(at).date() == in_warsaw(now).date()
    return Label(words, "alarm", "warn") if is_today else Label(words, "calendar3", "off")


def _tags(order: Order) -> Iterator[str]:
    if order.is_smart:
        yield "Smart!"
    if order.wants_invoice:
        yield t("Invoice")
    if order.message:
        yield t("Message")
    if order.country and order.country != HOME:
        yield country_name(order.country)
    if order.has_deposit:
        yield t("Deposit")
    if order.provider == BY_ALLEGRO:
        yield t("Packed by Allegro")


def _warnings(order: Order, trouble: str, now: datetime) -> Iterator[Warning]:
    if order.held_until is not None and order.held_until > now and _is_open(order):
        clock = order.held_until.astimezone(WARSAW).strftime("%H:%M")
        label = Label(t("On hold until %(clock)s", clock=clock), HELD.icon, HELD.tone)
        yield Warning(label, t("until then the buyer may cancel by himself"))
    if order.held_because:
        yield Warning(HELD.translated(), "" if order.held_because == NO_REASON else order.held_because)
    for flag in order.flags:
        if flag not in QUIET_FLAGS:
            yield Warning(label_of_flag(flag), trouble if flag == Flag.PUSH_REFUSED else "")


def _note(order: Order, which: str) -> str:
    if which == ListNote.BUYER:
        return order.message
    return order.seller_note if which == ListNote.SELLER else ""
