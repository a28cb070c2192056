"""Shop orders made anew of what is kept: forms, the seller's edits and products, the rules. Offline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.db.accounts import get_account
from allegro_module.db.order_rules import find_rules
from allegro_module.db.orders import (
    Order,
    assigned_skus,
    forms_of,
    list_bookings,
    put_in_tab,
    swallowed_forms,
)
from allegro_module.domain.order_edits import edited
from allegro_module.domain.orders import BY_ALLEGRO, FulfillmentStatus
from allegro_module.domain.shop import OrderChange, OrderChangeKind, ShopAdapter, ShopOrder, ShopOrderId
from allegro_module.sync.order_catalogue import catalogue_of
from allegro_module.sync.order_mapping import Catalogue, bought_at, number_of, to_shop_order
from allegro_module.sync.order_rows import LASTING_FLAGS, is_ready, is_unpaid, read_content, search_text
from allegro_module.sync.order_stock import Ledger


def shop_orders_of(session: Session, shop: ShopAdapter, orders: Sequence[Order]) -> dict[int, ShopOrder]:
    """By our id; a few statements for all of them. Orders whose form is not kept are left out."""
    made: dict[int, ShopOrder] = {}
    for account_id in dict.fromkeys(order.account_id for order in orders):
        mine = [order for order in orders if order.account_id == account_id]
        contents = forms_of(session, [order.id for order in mine])
        kept = {order: read_content(contents[order.id]) for order in mine if order.id in contents}
        made |= _make(session, shop, account_id, kept)
    return made


def rebuild_order(session: Session, shop: ShopAdapter, order: Order, now: datetime) -> ShopOrder | None:
    """The same for one, and its shop order, flags and stock follow; the caller commits.

    None when its form is not kept.
    """
    # What the caller has changed must be read with it.
    session.flush()
    content = forms_of(session, [order.id]).get(order.id)
    if content is None:
        return None
    form = read_content(content)
    catalogue = _catalogue(session, shop, order.account_id, {order: form})
    made = _make_with(session, order.account_id, {order: form}, catalogue)[order.id]
    _book(session, shop, order, form, made, catalogue)
    if order.shop_order_id:
        shop.change_orders([OrderChange(ShopOrderId(order.shop_order_id), OrderChangeKind.UPDATED, made)])
        lasting = [flag for flag in order.flags if flag in LASTING_FLAGS]
        put_in_tab(session, order, order.tab, [*made.flags, *lasting])
    order.search = search_text(form, [each.sku for each in made.positions if each.sku])
    return made


def _make(
    session: Session, shop: ShopAdapter, account_id: int, forms: dict[Order, CheckoutForm]
) -> dict[int, ShopOrder]:
    return _make_with(session, account_id, forms, _catalogue(session, shop, account_id, forms))


def _catalogue(
    session: Session, shop: ShopAdapter, account_id: int, forms: dict[Order, CheckoutForm]
) -> Catalogue:
    assigned = assigned_skus(session, [order.id for order in forms])
    return catalogue_of(session, shop, account_id, list(forms.values()), assigned)


def _make_with(
    session: Session, account_id: int, forms: dict[Order, CheckoutForm], catalogue: Catalogue
) -> dict[int, ShopOrder]:
    account, rules = get_account(session, account_id), find_rules(session, account_id)
    name = account.login or account.alias
    swallowed = swallowed_forms(session, [form.id for form in forms.values()])
    made = {}
    for order, form in forms.items():
        number = order.number or number_of(
            account.alias, order.id, rules, bought_at(form), name, order.marketplace
        )
        shop_order = to_shop_order(form, name, number, catalogue, swallowed.get(form.id, ()), rules)
        made[order.id] = edited(shop_order, order.edits, rules)
    return made


def _book(
    session: Session,
    shop: ShopAdapter,
    order: Order,
    form: CheckoutForm,
    made: ShopOrder,
    catalogue: Catalogue,
) -> None:
    """A line that has just got its product leaves the shelf, or is held there."""
    if order.superseded_by or order.provider == BY_ALLEGRO:
        return
    lines = [line.id for line in form.line_items]
    ledger = Ledger(list_bookings(session, lines))
    if order.shop_order_id and is_ready(form) and order.fulfillment_status != FulfillmentStatus.CANCELLED:
        ledger.sell(order.id, made)
    elif is_unpaid(form) and find_rules(session, order.account_id).reserves_stock:
        ledger.reserve(order.id, form, catalogue)
    ledger.write(session, shop)
