"""The page *Zamówienia*: what came from Allegro, what became of it in the shop, when we last looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.cursors import Cursor, find_cursor
from allegro_module.db.failures import Failure, list_open_failures
from allegro_module.db.orders import Order, count_orders, list_orders
from allegro_module.domain.money import Money
from allegro_module.domain.orders import FormStatus
from allegro_module.domain.permissions import Permission
from allegro_module.domain.scopes import READ_ORDERS, missing
from allegro_module.domain.shop import ShopOrderId, ShopOrderView
from allegro_module.jobs.queue import ring_import
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.orders import Message
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.labels import Label, label_of_order, label_of_payment, word_of_flag
from allegro_module.web.security import requires
from allegro_module.web.ui import before_in_address, page_now, tell

PAGE_SIZE = 50
#: After *Importuj teraz* the page looks for the outcome this long.
WATCH_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """`address` leads to the shop's own page of the order; None before the shop has it."""

    number: str
    account_alias: str
    bought_at: datetime
    buyer_login: str
    total: Money
    payment: Label | None
    delivery: str
    state: Label
    shop_status: str
    address: str | None
    flags: Sequence[str]


@dataclass(frozen=True, slots=True)
class ImportState:
    """How far an account's orders have been read. `is_running`: somebody reads them right now."""

    account: Account
    last_success_at: datetime | None
    last_run_at: datetime | None
    message: str
    is_running: bool


def create_blueprint() -> Blueprint:
    page = Blueprint("orders", __name__, url_prefix="/orders")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("/import", "import_now", import_now, methods=["POST"])
    return page


@requires(Permission.VIEW)
def index() -> Response:
    runtime = current_runtime()
    before_id = before_in_address()
    imports = _imports(runtime)
    rows, next_before = _page_of_rows(runtime, before_id)
    return page_or_fragment(
        "allegro/orders/index.html",
        "allegro/orders/_imports.html",
        "allegro/orders/_list.html",
        rows=rows,
        before_id=before_id,
        next_before=next_before,
        total=count_orders(runtime.session),
        imports=imports,
        failures=_failures(runtime),
        has_accounts=bool(imports),
        watched=_watched(imports),
    )


@requires(Permission.HANDLE_ORDERS)
def import_now() -> Response:
    """Ring the worker; the page then looks for the outcome by itself."""
    runtime = current_runtime()
    working = [account for account in list_linked_accounts(runtime.session) if account.is_working]
    if not working:
        tell("warn", t("Nothing to import from."), t("No linked account is switched on and connected."))
        return redirect(url_for("allegro.orders.index"), 303)
    rung = [ring_import(runtime, account.id) for account in working]
    if all(rung):
        return redirect(url_for("allegro.orders.index", asked=_milliseconds(page_now())), 303)
    title = t("The queue does not answer, so the import could not be started now.")
    tell("warn", title, t("Nothing is lost: the orders wait at Allegro. Tell the shop's administrator."))
    return redirect(url_for("allegro.orders.index"), 303)


def _page_of_rows(runtime: Runtime, before_id: int | None) -> tuple[list[OrderRow], int | None]:
    """One more than shown tells whether there is a next page."""
    found = list_orders(runtime.session, before_id, PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    ids = [ShopOrderId(order.shop_order_id) for order in shown if order.shop_order_id]
    views = runtime.shop.orders(ids) if ids else {}
    alias_by_account = {account.id: account.alias for account in list_linked_accounts(runtime.session)}
    rows = [
        _row(
            order,
            views.get(ShopOrderId(order.shop_order_id or "")),
            alias_by_account.get(order.account_id, ""),
        )
        for order in shown
    ]
    return rows, shown[-1].id if len(found) > PAGE_SIZE else None


def _row(order: Order, view: ShopOrderView | None, alias: str) -> OrderRow:
    return OrderRow(
        number=order.number or order.checkout_form_id[:8],
        account_alias=alias,
        bought_at=order.bought_at,
        buyer_login=order.buyer_login,
        total=Money(order.total, order.currency),
        payment=_payment(order),
        delivery=order.delivery_method,
        state=label_of_order(order.status, order.fulfillment_status),
        shop_status=view.status if view else "",
        address=view.url if view else None,
        flags=[word_of_flag(flag) for flag in order.flags],
    )


def _payment(order: Order) -> Label | None:
    """Nothing is awaited for an order that was cancelled unpaid."""
    if order.status == FormStatus.CANCELLED and not order.is_paid:
        return None
    return label_of_payment(order.payment_type, order.is_paid)


def _imports(runtime: Runtime) -> list[ImportState]:
    states = []
    for account in list_linked_accounts(runtime.session):
        cursor = find_cursor(runtime.session, account.id)
        states.append(_import_state(account, cursor, runtime.now(account.environment)))
    return states


def _import_state(account: Account, cursor: Cursor | None, now: datetime) -> ImportState:
    if cursor is None:
        return ImportState(account, None, None, "", is_running=False)
    is_running = cursor.claim is not None and cursor.claimed_until is not None and cursor.claimed_until > now
    # The schedule does not even ask, so no run would say it.
    is_skipped = bool(missing(account.scopes, (READ_ORDERS,)))
    message = Message.SCOPE_MISSING if is_skipped else cursor.last_message
    return ImportState(account, cursor.last_success_at, cursor.last_run_at, message, is_running)


def _watched(imports: Sequence[ImportState]) -> int | None:
    """The time of *Importuj teraz* in milliseconds, as long as its outcome is still to come."""
    asked = request.args.get("asked", type=int)
    if asked is None:
        return None
    if not 0 <= _milliseconds(page_now()) - asked < WATCH_FOR // timedelta(milliseconds=1):
        return None
    asked_at = datetime.fromtimestamp(asked / 1000, UTC)
    working = [state for state in imports if state.account.is_working]
    is_done = all(
        state.last_run_at is not None and state.last_run_at >= asked_at and not state.is_running
        for state in working
    )
    return None if is_done else asked


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _failures(runtime: Runtime) -> Sequence[Failure]:
    return [failure for failure in list_open_failures(runtime.session) if failure.kind == "order"]
