"""Pulpit and Aplikacje, and the pictures that all pages show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from allegro_module.demo.models import Order, Product, db
from allegro_module.demo.pictures import read_picture, read_thumbnail

FEW_PIECES = 5
A_DAY = timedelta(days=1)

pages = Blueprint("pages", __name__)


@pages.get("/")
def front() -> ResponseReturnValue:
    return redirect(url_for("pages.dashboard"))


@pages.get("/backend/")
def dashboard() -> str:
    since = datetime.now(UTC) - 7 * A_DAY
    recent = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Order.total), 0))
        .where(Order.bought_at >= since, Order.currency == "PLN")
        .where(Order.status.not_in(["cancelled", "merged"]))
    ).one()
    waiting = db.session.scalar(select(func.count()).where(Order.status.in_(["new", "processing"])))
    scarce = db.session.scalars(
        select(Product)
        .where(Product.stock - Product.reserved <= FEW_PIECES)
        .order_by(Product.stock - Product.reserved, Product.sku)
        .limit(6)
    )
    latest = db.session.scalars(select(Order).order_by(Order.bought_at.desc(), Order.id.desc()).limit(6))
    return render_template(
        "shop/dashboard.html",
        recent_count=recent[0],
        recent_value=recent[1],
        waiting=waiting,
        products=db.session.scalar(select(func.count()).select_from(Product)),
        scarce=scarce.all(),
        latest=latest.all(),
    )


@pages.get("/backend/apps")
def apps() -> str:
    return render_template("shop/apps.html")


@pages.get("/backend/pictures/<name>")
def picture(name: str) -> Response:
    read = read_thumbnail if "small" in request.args else read_picture
    try:
        jpeg = read(name, current_app.config["SHOP_HOME"] / "img")
    except KeyError:
        abort(404)
    response = Response(jpeg, mimetype="image/jpeg")
    response.cache_control.max_age = 24 * 3600
    response.cache_control.private = True
    return response
