"""What an order's page sends to Allegro: a tracking number, an invoice, and once more what was refused."""

from __future__ import annotations

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from allegro_module.db.pushes import Push
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.pushes import LARGEST_INVOICE, Waybill
from allegro_module.domain.shop import Invoice
from allegro_module.sync.order_intentions import ask_invoice, ask_shipment, issue_invoice, retry_push
from allegro_module.web.order_showing import hand, tell_outcome
from allegro_module.web.order_view import Typed
from allegro_module.web.security import requires


def add_rules(page: Blueprint) -> None:
    for rule, view in (("shipment", shipment), ("invoice", invoice), ("own-invoice", own_invoice)):
        page.add_url_rule(f"/<int:order_id>/{rule}", view.__name__, view, methods=["POST"])
    page.add_url_rule("/<int:order_id>/pushes/<int:push_id>/retry", "retry", retry, methods=["POST"])


@requires(Permission.HANDLE_ORDERS)
def shipment(order_id: int) -> Response:
    """A tracking number, of the whole order or of the ticked lines."""
    held = hand(order_id)
    sent, lines = request.form, request.form.getlist("line_item_ids")
    # All of them ticked is the whole order, which Allegro wants without a list (facts.md 5.10).
    some = () if set(lines) >= set(held.order.line_item_ids) else tuple(lines)
    waybill = Waybill(sent.get("carrier_id", ""), sent.get("waybill", ""), sent.get("carrier_name", ""), some)
    outcome = ask_shipment(held.session, held.order, waybill, held.who, held.now)
    if isinstance(outcome, Problem):
        return held.refuse(Typed("shipment", sent.to_dict(), lines, [outcome]))
    tell_outcome(outcome)
    return held.done("delivery")


@requires(Permission.HANDLE_ORDERS)
def invoice(order_id: int) -> Response:
    """An invoice made elsewhere, as a PDF."""
    held = hand(order_id)
    file = request.files.get("pdf")
    # One byte more than allowed is enough to know that it is too much.
    pdf = file.stream.read(LARGEST_INVOICE + 1) if file else b""
    number, ksef = request.form.get("number", "").strip(), request.form.get("ksef_number", "").strip()
    made = Invoice(number, pdf, ksef or None)
    outcome = ask_invoice(held.session, held.order, made, held.who, held.now)
    if isinstance(outcome, Problem):
        return held.refuse(Typed("invoice", request.form.to_dict(), problems=[outcome]))
    tell_outcome(outcome)
    return held.done("invoice")


@requires(Permission.HANDLE_ORDERS)
def own_invoice(order_id: int) -> Response:
    """*Wystaw i wyślij*: the shop's own invoicing issues it; asked again, it answers the same one."""
    held = hand(order_id)
    invoicing = held.runtime.invoicing
    if invoicing is None or not held.order.shop_order_id:
        abort(404)
    outcome = issue_invoice(held.session, invoicing, held.order, held.who, held.now)
    tell_outcome(outcome)
    return held.done("invoice")


@requires(Permission.HANDLE_ORDERS)
def retry(order_id: int, push_id: int) -> Response:
    held = hand(order_id)
    push = held.session.get(Push, push_id)
    if push is None or push.order_id != order_id:
        abort(404)
    retry_push(held.session, push, held.now)
    return held.done("pushes")
