"""Deeds of an order's page, one request each: caretaker, ticks, hold, statuses, note, product, read again."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from allegro_module.client.errors import AllegroError
from allegro_module.domain.order_edits import SELLER_NOTE
from allegro_module.domain.orders import FulfillmentStatus
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.sync import order_deeds as deeds
from allegro_module.sync.order_intentions import ask_status
from allegro_module.sync.order_refreshing import refresh_orders
from allegro_module.sync.status_mapping import fulfillment_for
from allegro_module.web.errors import note_of
from allegro_module.web.fragments import page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.order_life import is_handled_here
from allegro_module.web.order_showing import PAGE, Hand, hand, tell_outcome
from allegro_module.web.order_view import Clash, Typed, read_page
from allegro_module.web.order_words import status_word
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

LINES = "allegro/order/_lines.html"
HANDLING = "handling"


def add_rules(page: Blueprint) -> None:
    views = (
        caretaker,
        confirm,
        settle,
        pick,
        hold,
        release,
        deal_with,
        product,
        shop_status,
        status,
        note,
        read_again,
    )
    for view in views:
        rule = f"/<int:order_id>/{view.__name__.replace('_', '-')}"
        page.add_url_rule(rule, view.__name__, view, methods=["POST"])
    page.add_url_rule("/<int:order_id>/cancel", "cancel", cancel, methods=["GET"])


@requires(Permission.HANDLE_ORDERS)
def caretaker(order_id: int) -> Response:
    held = hand(order_id)
    deeds.assign_caretaker(held.session, held.order, held.who, held.now)
    tell("ok", t("You take care of this order now."))
    return held.done(HANDLING)


@requires(Permission.HANDLE_ORDERS)
def confirm(order_id: int) -> Response:
    held = hand(order_id)
    tell_outcome(deeds.confirm(held.session, held.order, _is_on(), held.who, held.now))
    return held.done(HANDLING)


@requires(Permission.HANDLE_ORDERS)
def settle(order_id: int) -> Response:
    held = hand(order_id)
    deeds.settle(held.session, held.order, _is_on(), held.who, held.now)
    return held.done(HANDLING)


@requires(Permission.HANDLE_ORDERS)
def pick(order_id: int) -> Response:
    """The tick of a line; with scripts only the list of lines is drawn anew."""
    held = hand(order_id)
    line_item_id = _line_of(held.order.line_item_ids)
    deeds.pick_line(held.session, held.order, line_item_id, _is_on(), held.who, held.now)
    if not wants_fragment():
        return held.done("lines")
    held.session.commit()
    page = read_page(held.runtime, held.order)
    return page_or_fragment(PAGE, LINES, view=page, order=page.order)


@requires(Permission.HANDLE_ORDERS)
def hold(order_id: int) -> Response:
    held = hand(order_id)
    deeds.hold(held.session, held.order, request.form.get("because", ""), held.who, held.now)
    return held.done()


@requires(Permission.HANDLE_ORDERS)
def release(order_id: int) -> Response:
    held = hand(order_id)
    deeds.release_hold(held.session, held.order, held.who, held.now)
    return held.done()


@requires(Permission.HANDLE_ORDERS)
def deal_with(order_id: int) -> Response:
    held = hand(order_id)
    deeds.deal_with(held.session, held.order, request.form.get("flag", ""), held.who, held.now)
    return held.done()


@requires(Permission.HANDLE_ORDERS)
def product(order_id: int) -> Response:
    """Assign a product to a line that was not recognised."""
    held = hand(order_id)
    line_item_id, sku = _line_of(held.order.line_item_ids), request.form.get("sku", "")
    problem = deeds.assign_product(
        held.session, held.runtime.shop, held.order, line_item_id, sku, held.who, held.now
    )
    if problem is not None:
        return held.refuse(Typed("product", {"line": line_item_id, "sku": sku}, problems=[problem]))
    tell("ok", t("Product %(sku)s is assigned.", sku=sku))
    return held.done("lines")


@requires(Permission.HANDLE_ORDERS)
def shop_status(order_id: int) -> Response:
    held = hand(order_id)
    wanted = request.form.get("shop_status", "")
    meant = fulfillment_for(held.session, wanted)
    if _is_question(held, meant):
        return _ask_cancelling(held, shop_status=wanted)
    outcome = deeds.set_shop_status(held.session, held.runtime.shop, held.order, wanted, held.who, held.now)
    tell_outcome(outcome)
    return held.done(HANDLING)


@requires(Permission.HANDLE_ORDERS)
def status(order_id: int) -> Response:
    """The status at Allegro."""
    held = hand(order_id)
    try:
        wanted = FulfillmentStatus(request.form.get("status", ""))
    except ValueError:
        tell_outcome(Problem("status_not_sendable", "status"))
        return held.back(HANDLING)
    if _is_question(held, wanted):
        return _ask_cancelling(held)
    tell_outcome(ask_status(held.session, held.order, wanted, held.who, held.now))
    return held.done(HANDLING)


@requires(Permission.HANDLE_ORDERS)
def note(order_id: int) -> Response:
    """The seller's note; one that somebody has changed meanwhile is not overwritten unseen."""
    held = hand(order_id)
    typed = request.form.get(SELLER_NOTE, "").replace("\r\n", "\n").strip()
    saved = held.order.seller_note
    if request.form.get("shown", "").replace("\r\n", "\n").strip() != saved.strip() and typed != saved:
        clash = Clash(t("Seller's note"), typed, saved)
        return held.refuse(Typed("note", {SELLER_NOTE: typed}, clashes=[clash]), status=409)
    values = {SELLER_NOTE: typed}
    problems = deeds.edit_order(held.session, held.runtime.shop, held.order, values, held.who, held.now)
    if problems:
        return held.refuse(Typed("note", values, problems=problems))
    tell("ok", t("The note is saved."))
    return held.done(HANDLING)


@requires(Permission.HANDLE_ORDERS)
def read_again(order_id: int) -> Response:
    """Ask Allegro for the order now."""
    held = hand(order_id)
    clock = held.runtime.clock(held.account.environment)
    try:
        with held.runtime.api_for_page(held.account) as api:
            lost = refresh_orders(held.session, api, held.runtime.shop, held.account, [held.order], clock)
    except AllegroError as error:
        told = note_of(error)
        tell(told.kind, told.title, told.text)
        return held.back()
    if lost:
        tell("warn", t("The order could not be read at Allegro."), t("It may be older than a year."))
    else:
        tell("ok", t("The order was read at Allegro again."))
    return held.back()


@requires(Permission.HANDLE_ORDERS)
def cancel(order_id: int) -> str:
    """What cancelling does and what it does not; `?shop_status=…` is the shop's word for it."""
    held = hand(order_id)
    in_shop = request.args.get("shop_status", "")
    return render_template(
        "allegro/order/cancel.html",
        order=held.order,
        cancelled=status_word(FulfillmentStatus.CANCELLED),
        address=url_for(f"allegro.order.{'shop_status' if in_shop else 'status'}", order_id=order_id),
        field="shop_status" if in_shop else "status",
        value=in_shop or FulfillmentStatus.CANCELLED.value,
    )


def _is_question(held: Hand, wanted: FulfillmentStatus | None) -> bool:
    """An order is not cancelled by a slip of the mouse."""
    is_new = wanted is FulfillmentStatus.CANCELLED and is_handled_here(held.order)
    return is_new and request.form.get("understood") != "1"


def _ask_cancelling(held: Hand, shop_status: str | None = None) -> Response:
    address = url_for("allegro.order.cancel", order_id=held.order.id, shop_status=shop_status)
    return redirect(address, 303)


def _is_on() -> bool:
    return request.form.get("on") == "1"


def _line_of(line_item_ids: list[str]) -> str:
    """404 for a line that is not the order's."""
    line_item_id = request.form.get("line", "")
    if line_item_id not in line_item_ids:
        abort(404)
    return line_item_id
