"""*Eksport CSV* of orders: those that were ticked, else all that the filters find, in a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from flask import Blueprint, Response, request, stream_with_context

from allegro_module.db.accounts import list_linked_accounts
from allegro_module.db.order_lists import find_orders, walk_orders
from allegro_module.db.orders import Order
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import current_runtime
from allegro_module.web.csv_files import BYTE_ORDER_MARK, csv_line
from allegro_module.web.formats import amount_to_edit, in_warsaw
from allegro_module.web.i18n import t
from allegro_module.web.labels import label_of_order
from allegro_module.web.order_list_bulk import ids_in, number_of
from allegro_module.web.order_list_filters import read_wish
from allegro_module.web.order_list_rows import payment_of
from allegro_module.web.security import requires


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/export.csv", "export", export, methods=["GET"])


@requires(Permission.HANDLE_ORDERS)
def export() -> Response:
    runtime = current_runtime()
    ids = ids_in(request.args)
    login_by_account = {each.id: each.login or "" for each in list_linked_accounts(runtime.session)}
    wanted = read_wish(runtime.who(), login_by_account).filter
    orders = find_orders(runtime.session, ids) if ids else walk_orders(runtime.session, wanted)
    response = Response(stream_with_context(_lines(orders, login_by_account)), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="allegro-zamowienia.csv"'
    return response


def _lines(orders: Iterable[Order], login_by_account: Mapping[int, str]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_line(_heads())
    for order in orders:
        yield csv_line(_cells(order, login_by_account.get(order.account_id, "")))


def _heads() -> list[str]:
    return [
        t("Order"),
        t("Number at Allegro"),
        t("Account"),
        t("Bought"),
        t("Buyer"),
        t("Login"),
        t("Pieces"),
        t("Value"),
        t("Currency"),
        t("Payment"),
        t("Delivery"),
        t("Pick-up point"),
        t("Country"),
        t("Send by"),
        t("State"),
        t("Invoice wanted"),
        t("Invoice number"),
        t("Caretaker"),
        t("Message"),
        t("Seller's note"),
    ]


def _cells(order: Order, login: str) -> list[str]:
    payment = payment_of(order)
    return [
        number_of(order),
        order.checkout_form_id,
        login,
        _time(order.bought_at),
        order.buyer_name,
        order.buyer_login,
        str(order.pieces),
        amount_to_edit(order.total),
        order.currency,
        payment.text if payment else "",
        order.delivery_method,
        order.pickup_point,
        order.country,
        _time(order.dispatch_to),
        label_of_order(order.status, order.fulfillment_status).text,
        t("yes") if order.wants_invoice else t("no"),
        order.invoice_number,
        order.caretaker,
        order.message,
        order.seller_note,
    ]


def _time(at: datetime | None) -> str:
    return in_warsaw(at).strftime("%Y-%m-%d %H:%M") if at else ""
