"""Sprzedaż → Zamówienia: the list of orders and the page of one."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from allegro_module.demo.models import ORDER_STATUSES, Order, Product, db

PER_PAGE = 25
LAST_PAGE = 1_000_000
LARGEST_ID = 2**31 - 1
COLUMNS = (Order.number, Order.buyer_login, Order.buyer_name, Order.checkout_form_id)

pages = Blueprint("orders", __name__, url_prefix="/backend/orders")


@pages.get("")
def index() -> str:
    text = request.args.get("q", "").strip()
    status = request.args.get("status", "")
    page = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    wanted = select(Order)
    if text:
        wanted = wanted.where(or_(*(column.icontains(text, autoescape=True) for column in COLUMNS)))
    if status in ORDER_STATUSES:
        wanted = wanted.where(Order.status == status)
    found = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    newest_first = wanted.order_by(Order.bought_at.desc(), Order.id.desc())
    rows = db.session.scalars(newest_first.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return render_template(
        "shop/orders.html",
        rows=rows,
        found=found,
        page=page,
        pages=-(-found // PER_PAGE),
        text=text,
        status=status,
        statuses=ORDER_STATUSES,
    )


@pages.get("/<int:order_id>")
def show(order_id: int) -> str:
    order = _get(order_id)
    skus = [line.sku for line in order.lines if line.sku]
    known = db.session.scalars(select(Product).where(Product.sku.in_(skus)))
    return render_template(
        "shop/order.html",
        order=order,
        products={product.sku: product for product in known},
        statuses=ORDER_STATUSES,
    )


@pages.post("/<int:order_id>/status")
def change_status(order_id: int) -> ResponseReturnValue:
    order = _get(order_id)
    status = request.form.get("status", "")
    if status not in ORDER_STATUSES:
        abort(400)
    order.status = status
    db.session.commit()
    flash(f"Status zamówienia: {ORDER_STATUSES[status]}.")
    return redirect(url_for("orders.show", order_id=order.id))


def _get(order_id: int) -> Order:
    if order_id > LARGEST_ID:
        abort(404)
    return db.session.get(Order, order_id) or abort(404)
