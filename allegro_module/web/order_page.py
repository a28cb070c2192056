"""The page of one order: everything about it in one place, and the seller's deeds beside it."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from allegro_module.db.orders import OrderContent
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import current_runtime
from allegro_module.web import order_deeds, order_edit, order_sending
from allegro_module.web.order_lines import picture_of
from allegro_module.web.order_showing import hand, show_order
from allegro_module.web.order_view import pretty
from allegro_module.web.security import requires
from allegro_module.web.thumbnails import thumbnail


def create_blueprint() -> Blueprint:
    page = Blueprint("order", __name__, url_prefix="/orders")
    page.add_url_rule("/<int:order_id>", "show", show, methods=["GET"])
    page.add_url_rule("/<int:order_id>/data", "data", data, methods=["GET"])
    page.add_url_rule("/<int:order_id>/image/<path:sku>", "image", image, methods=["GET"])
    for part in (order_deeds, order_sending, order_edit):
        part.add_rules(page)
    return page


@requires(Permission.VIEW)
def show(order_id: int) -> Response:
    """`?line=…&q=…` looks for the product of a line that was not recognised."""
    line_item_id = request.args.get("line")
    search = (line_item_id, request.args.get("q", "")) if line_item_id else None
    return show_order(hand(order_id), search=search)


@requires(Permission.HANDLE_ORDERS)
def data(order_id: int) -> FlaskResponse:
    """The checkout form as Allegro sent it last."""
    stored = current_runtime().session.get(OrderContent, order_id)
    if stored is None:
        abort(404)
    return FlaskResponse(pretty(stored.form), mimetype="text/plain")


@requires(Permission.VIEW)
def image(order_id: int, sku: str) -> FlaskResponse:
    """A small copy of the product's first picture."""
    runtime = current_runtime()
    ref = picture_of(runtime, sku)
    content = thumbnail(runtime, ref) if ref is not None else None
    if content is None:
        abort(404)
    return FlaskResponse(content, mimetype="image/jpeg")
