"""Katalog: the list of products and the page of one, with its tabs."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from allegro_module.demo.formats import typed_amount
from allegro_module.demo.models import Category, Product, db, matches

PER_PAGE = 20

pages = Blueprint("products", __name__, url_prefix="/backend/products")


class PriceField(StringField):
    """Reads „1 249,00” and „1249.00”; keeps what was typed when it is neither."""

    def process_data(self, value: Any) -> None:
        self.data = value

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else typed_amount(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        bare = "".join(str(valuelist[0]).split()).replace(",", ".") if valuelist else ""
        if not bare:
            self.data = None
            return
        try:
            self.data = Decimal(bare).quantize(Decimal("0.01"))
        except InvalidOperation:
            self.data = None
            raise ValueError("Wpisz kwotę, na przykład 1249,00.") from None

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not 0 <= self.data <= Decimal(10_000_000):
            raise ValidationError("Wpisz kwotę od 0 do 10 000 000 zł.")


class BasicForm(FlaskForm):
    name = StringField("Nazwa", [InputRequired("Wpisz nazwę produktu."), Length(max=200)])
    category_id = SelectField("Kategoria")
    brand = StringField("Marka", [Length(max=80)])
    gtin = StringField("EAN / ISBN", [Length(max=14)])
    mpn = StringField("Kod producenta", [Length(max=40)])
    description = TextAreaField("Opis (HTML)")


class PriceForm(FlaskForm):
    price = PriceField("Cena brutto", [InputRequired("Wpisz cenę, na przykład 1249,00.")])
    purchase_price = PriceField("Cena zakupu")
    vat_rate = SelectField(
        "Stawka VAT", choices=[SelectChoice(rate, f"{rate}%") for rate in ("23", "8", "5", "0")]
    )
    stock = IntegerField(
        "Stan magazynowy",
        [InputRequired("Wpisz liczbę sztuk."), NumberRange(-10_000, 1_000_000, "Wpisz liczbę sztuk.")],
    )
    weight_grams = IntegerField("Waga", [Optional(), NumberRange(0, 1_000_000, "Wpisz wagę w gramach.")])


@pages.get("")
def index() -> str:
    text = request.args.get("q", "").strip()
    category = request.args.get("category", "")
    page = max(1, request.args.get("page", 1, type=int))
    wanted = select(Product)
    if text:
        wanted = wanted.where(matches(text))
    if category:
        wanted = wanted.where(Product.category_id == category)
    found = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = db.session.scalars(
        wanted.options(joinedload(Product.category), selectinload(Product.images))
        .order_by(Product.name)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return render_template(
        "shop/products.html",
        rows=rows,
        found=found,
        page=page,
        pages=-(-found // PER_PAGE),
        text=text,
        category=category,
        categories=_categories(),
    )


@pages.route("/<sku>", methods=["GET", "POST"])
def basic(sku: str) -> ResponseReturnValue:
    product = _get(sku)
    form = BasicForm(obj=product)
    form.category_id.choices = [SelectChoice(each.id, each.name) for each in _categories()]
    if form.validate_on_submit():
        form.populate_obj(product)
        product.gtin = product.gtin or None
        product.mpn = product.mpn or None
        return _saved(product, "products.basic")
    return render_template("shop/product_basic.html", product=product, form=form, tab="basic")


@pages.route("/<sku>/price", methods=["GET", "POST"])
def price(sku: str) -> ResponseReturnValue:
    product = _get(sku)
    form = PriceForm(obj=product)
    if form.validate_on_submit():
        form.populate_obj(product)
        product.vat_rate = int(product.vat_rate)
        return _saved(product, "products.price")
    return render_template("shop/product_price.html", product=product, form=form, tab="price")


@pages.get("/<sku>/pictures")
def pictures(sku: str) -> str:
    return render_template("shop/product_pictures.html", product=_get(sku), tab="pictures")


@pages.get("/<sku>/options")
def options(sku: str) -> ResponseReturnValue:
    return redirect(url_for("products.allegro", sku=sku))


@pages.get("/<sku>/options/allegro")
def allegro(sku: str) -> str:
    return render_template("shop/product_allegro.html", product=_get(sku), tab="options")


def _get(sku: str) -> Product:
    product = db.session.scalar(select(Product).where(Product.sku == sku))
    return product or abort(404)


def _categories() -> list[Category]:
    return list(db.session.scalars(select(Category).order_by(Category.name)))


def _saved(product: Product, endpoint: str) -> ResponseReturnValue:
    db.session.commit()
    flash("Zapisano.")
    return redirect(url_for(endpoint, sku=product.sku))
