"""*Pobierz*: a print made with all that it works with; the job and the command line call it alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from allegro_module.db.accounts import Account, get_account
from allegro_module.db.orders import Order
from allegro_module.db.prints import find_print, list_orders_to_print
from allegro_module.prints.making import Doors, make_print
from allegro_module.runtime import Runtime
from allegro_module.sealing import SealBroken
from allegro_module.sync.order_refreshing import refresh_orders


def make_print_now(runtime: Runtime, print_id: int) -> bool:
    """False when there is nothing to do: it is made, thrown away, or another worker is at it."""
    print_ = find_print(runtime.session, print_id)
    if print_ is None:
        return False
    clock = runtime.clock(_environment(runtime, print_.order_ids))
    doors = Doors(runtime.shop, lambda account, orders: _refresh(runtime, account, orders), clock)
    return make_print(runtime.session, doors, print_id)


def _environment(runtime: Runtime, order_ids: Sequence[int]) -> str:
    first = list_orders_to_print(runtime.session, order_ids[:1])
    return get_account(runtime.session, first[0].account_id).environment if first else "production"


def _refresh(runtime: Runtime, account: Account, orders: Sequence[Order]) -> Collection[int]:
    """Of an account that is disconnected nothing can be read: the paper says so."""
    ids = {order.id for order in orders}
    if not account.is_working:
        return ids
    api, clock = runtime.api(account), runtime.clock(account.environment)
    try:
        return refresh_orders(runtime.session, api, runtime.shop, account, orders, clock)
    except SealBroken:
        runtime.session.rollback()
        return ids
