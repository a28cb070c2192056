"""Sprzedaż → Zamówienia: the list of orders and the page of one."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

import allegro_module as al
from allegro_module.demo.invoices import DemoInvoicing
from allegro_module.demo.models import ORDER_STATUSES, Order, Product, db

PER_PAGE = 25
LAST_PAGE = 1_000_000
LARGEST_ID = 2**31 - 1
COLUMNS = (
    Order.number,
    Order.buyer_login,
    Order.buyer_name,
    Order.customer_symbol,
    Order.waybill,
    Order.checkout_form_id,
)
OTHER_CARRIER = "OTHER"
#: As Allegro names them (`GET /order/carriers`).
CARRIERS = {
    "INPOST": "InPost",
    "DPD": "DPD",
    "DHL": "DHL",
    "POCZTA_POLSKA": "Poczta Polska",
    "UPS": "UPS",
    "GLS": "GLS",
    OTHER_CARRIER: "Inny przewoźnik",
}
LONGEST_WAYBILL = 64
KINDS = {
    "delivery": "dostawa",
    "service": "usługa dodatkowa",
    "deposit": "kaucja",
    "surcharge": "dopłata",
    "voucher": "bon",
}

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
        carriers=CARRIERS,
        kinds=KINDS,
    )


@pages.post("/<int:order_id>/status")
def change_status(order_id: int) -> ResponseReturnValue:
    order = _get(order_id)
    status = request.form.get("status", "")
    if status not in ORDER_STATUSES:
        abort(400)
    order.status = status
    # In the shop's own transaction: what is rolled back here is never told to Allegro.
    key = str(order.id)
    refused = _allegro().order_cancelled(key) if status == "cancelled" else None
    refused = refused or _allegro().order_status_changed(key, status)
    db.session.commit()
    return _told(order, f"Status zamówienia: {ORDER_STATUSES[status]}.", refused)


@pages.post("/<int:order_id>/shipment")
def ship(order_id: int) -> ResponseReturnValue:
    order = _get(order_id)
    carrier, waybill = request.form.get("carrier", ""), request.form.get("waybill", "").strip()
    if carrier not in CARRIERS or not waybill:
        flash("Wybierz przewoźnika i wpisz numer przesyłki.")
        return redirect(url_for("orders.show", order_id=order.id))
    order.status, order.carrier, order.waybill = "sent", CARRIERS[carrier], waybill[:LONGEST_WAYBILL]
    name = CARRIERS[carrier] if carrier == OTHER_CARRIER else ""
    refused = _allegro().order_shipped(str(order.id), carrier, waybill, carrier_name=name)
    refused = refused or _allegro().order_status_changed(str(order.id), order.status)
    db.session.commit()
    return _told(order, f"Wysłane: {CARRIERS[carrier]} {waybill}.", refused)


@pages.post("/<int:order_id>/invoice")
def issue_invoice(order_id: int) -> ResponseReturnValue:
    order = _get(order_id)
    invoice = DemoInvoicing(db).issue(al.ShopOrderId(str(order.id)))
    refused = _allegro().invoice_issued(str(order.id), invoice)
    db.session.commit()
    return _told(order, f"Faktura {invoice.number} wystawiona.", refused)


@pages.get("/<int:order_id>/invoice.pdf")
def invoice_file(order_id: int) -> Response:
    order = _get(order_id)
    if not order.invoice_number:
        abort(404)
    invoice = DemoInvoicing(db).issue(al.ShopOrderId(str(order.id)))
    return Response(invoice.pdf, mimetype="application/pdf")


def _told(order: Order, done: str, refused: al.Problem | None) -> ResponseReturnValue:
    flash(done)
    if refused is not None:
        flash("Allegro tego nie przyjmie. Powód stoi w historii zamówienia w panelu Allegro.")
    return redirect(url_for("orders.show", order_id=order.id))


def _allegro() -> al.Allegro:
    allegro: al.Allegro = current_app.extensions["shop_allegro"]
    return allegro


def _get(order_id: int) -> Order:
    if order_id > LARGEST_ID:
        abort(404)
    return db.session.get(Order, order_id) or abort(404)
