"""The shop's pages: closed to strangers, safe against forged forms, and they say what is in the shop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from allegro_module import InvoiceWish, Payment, PaymentType, Sku
from allegro_module.demo import create_app
from allegro_module.demo.adapter import DemoShop
from allegro_module.demo.models import Order, Product, db
from allegro_module.testing import an_order, an_order_of_every_kind
from tests.demo.conftest import PASSWORD, log_in, token_of

NBSP = "\u00a0"
CLOSED = [
    "/backend/",
    "/backend/products",
    "/backend/products/DOM-KUB-001",
    "/backend/products/DOM-KUB-001/price",
    "/backend/orders",
    "/backend/orders/1",
    "/backend/pictures/DOM-KUB-001-1.jpg",
    "/backend/apps",
    "/backend/allegro/config",
]


@pytest.fixture
def seller(client: FlaskClient) -> FlaskClient:
    return log_in(client)


@pytest.fixture
def order_id(client: FlaskClient) -> Iterator[int]:
    with client.application.app_context():
        order = replace(
            an_order("form-page", Sku("BIL-NASZ-001"), quantity=2),
            payment=Payment("p", PaymentType.CASH_ON_DELIVERY),
            message="Proszę <b>szybko</b>",
        )
        assert order.delivery is not None and order.delivery.address is not None
        order = replace(order, invoice=InvoiceWish(order.delivery.address, tax_id="5832751234"))
        placed = DemoShop(db).place_orders([order])
        db.session.commit()
        yield int(placed[order.checkout_form_id])


@pytest.mark.parametrize("address", CLOSED)
def test_a_stranger_is_sent_to_the_login_page(client: FlaskClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login?next=/backend/")


def test_after_login_the_seller_is_where_he_wanted_to_be(client: FlaskClient) -> None:
    form = {"username": "admin", "password": PASSWORD, "csrf_token": token_of(client, "/login")}

    answer = client.post("/login?next=/backend/products?q%3Dkubek", data=form)

    assert answer.headers["Location"] == "/backend/products?q=kubek"


@pytest.mark.parametrize(
    "target", ["https://example.com/", "//example.com", "/\\example.com", "javascript:1"]
)
def test_login_never_leads_to_a_foreign_server(client: FlaskClient, target: str) -> None:
    form = {"username": "admin", "password": PASSWORD, "csrf_token": token_of(client, "/login")}

    answer = client.post("/login", query_string={"next": target}, data=form)

    assert answer.headers["Location"] == "/backend/"


@pytest.mark.parametrize(("user", "password"), [("admin", "zły"), ("kto", PASSWORD), ("", "")])
def test_a_wrong_password_opens_nothing(client: FlaskClient, user: str, password: str) -> None:
    form = {"username": user, "password": password, "csrf_token": token_of(client, "/login")}

    client.post("/login", data=form)

    assert client.get("/backend/").status_code == 302


@pytest.mark.parametrize(
    "address", ["/login", "/logout", "/backend/products/DOM-KUB-001/price", "/backend/orders/1/status"]
)
def test_a_form_without_its_token_is_refused(seller: FlaskClient, address: str) -> None:
    answer = seller.post(address, data={"stock": "1", "status": "done"})

    assert answer.status_code == 400
    assert "stracił ważność" in answer.text


@pytest.mark.parametrize("address", [*CLOSED[:4], "/backend/orders", "/backend/apps", "/backend/nic"])
def test_no_page_holds_inline_script_or_style_or_a_foreign_address(seller: FlaskClient, address: str) -> None:
    answer = seller.get(address)

    assert " style=" not in answer.text and "<style" not in answer.text and " onclick=" not in answer.text
    assert all("src=" in tag.split(">")[0] for tag in answer.text.split("<script")[1:])
    assert 'href="http' not in answer.text and 'src="http' not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert '<html lang="pl"' in answer.text


def test_the_catalogue_is_searched(seller: FlaskClient) -> None:
    found = seller.get("/backend/products?q=kubek").text

    assert "Kubek ceramiczny Bałtyk granatowy 350 ml" in found
    assert "Obrus" not in found.split("</form>")[-1]


def test_price_and_stock_are_changed_as_they_are_typed_in_poland(seller: FlaskClient) -> None:
    address = "/backend/products/DOM-KUB-001/price"
    form = {"price": "1 249,50", "purchase_price": "", "vat_rate": "8", "stock": "7", "weight_grams": "410"}

    answer = seller.post(address, data={**form, "csrf_token": token_of(seller, address)})

    assert answer.status_code == 302
    with seller.application.app_context():
        product = db.session.scalars(select(Product).where(Product.sku == "DOM-KUB-001")).one()
        assert (str(product.price), product.purchase_price, product.vat_rate, product.stock) == (
            "1249.50",
            None,
            8,
            7,
        )


def test_a_price_that_is_none_is_named_and_kept_as_typed(seller: FlaskClient) -> None:
    address = "/backend/products/DOM-KUB-001/price"
    form = {"price": "abc", "vat_rate": "23", "stock": "7"}

    answer = seller.post(address, data={**form, "csrf_token": token_of(seller, address)})

    assert "Wpisz kwotę, na przykład 1249,00." in answer.text
    assert 'value="abc"' in answer.text


def test_the_product_page_has_the_tab_of_allegro(seller: FlaskClient) -> None:
    answer = seller.get("/backend/products/DOM-KUB-001/options", follow_redirects=True)

    assert answer.status_code == 200
    assert "Dodatkowe opcje" in answer.text
    assert 'class="al"' in answer.text


def test_the_order_page_shows_lines_delivery_payment_buyer_and_invoice(
    seller: FlaskClient, order_id: int
) -> None:
    page = seller.get(f"/backend/orders/{order_id}").text

    for expected in (
        "BIL-NASZ-001",
        f"49,99{NBSP}zł",
        f"99,98{NBSP}zł",
        "GDA01M",
        "80-831 Gdańsk",
        "Do pobrania przy odbiorze",
        f"112,97{NBSP}zł",
        "a1b2+c3d4@allegromail.pl",
        "5832751234",
        "Proszę &lt;b&gt;szybko&lt;/b&gt;",
    ):
        assert expected in page, expected


def test_the_order_list_shows_the_order(seller: FlaskClient, order_id: int) -> None:
    assert "BL-form-page" in seller.get("/backend/orders?q=lucja").text
    assert "BL-form-page" in seller.get("/backend/").text
    assert "BL-form-page" not in seller.get("/backend/orders?status=sent").text


def test_the_seller_moves_an_order_on(seller: FlaskClient, order_id: int) -> None:
    token = token_of(seller, f"/backend/orders/{order_id}")

    seller.post(f"/backend/orders/{order_id}/status", data={"status": "sent", "csrf_token": token})

    assert db.session.scalar(select(Order.status).where(Order.id == order_id)) == "sent"


@pytest.mark.parametrize(
    "address", ["/backend/products/NIE-MA", "/backend/orders/999", "/backend/pictures/nie-ma.jpg"]
)
def test_what_does_not_exist_is_said_in_the_shops_own_page(seller: FlaskClient, address: str) -> None:
    answer = seller.get(address)

    assert answer.status_code == 404
    assert "Nie ma takiej strony" in answer.text


def test_the_plugins_settings_open_inside_the_shops_layout(seller: FlaskClient) -> None:
    answer = seller.get("/backend/allegro/config", follow_redirects=True)

    assert answer.status_code == 200
    assert "host-bar" in answer.text


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    bare = {"ALLEGRO_ENCRYPTION_KEYS": "", "SHOP_SECRET_KEY": "", "SHOP_ADMIN_PASSWORD": ""}
    from_environment = {**bare, "SHOP_HOME": str(tmp_path), "SHOP_DATABASE_URL": ""}
    first, second = (secrets_of(from_environment) for _ in range(2))

    assert first == second
    assert all(first.values())
    for name in ("keys", "secret-key", "admin-password"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def secrets_of(environment: dict[str, str]) -> dict[str, str]:
    config = create_app(environment).config
    return {key: config[key] for key in ("ALLEGRO_ENCRYPTION_KEYS", "SECRET_KEY", "SHOP_ADMIN_PASSWORD")}


@pytest.mark.parametrize("address", ["/99999999999999999999", "/9999999999"])
def test_a_number_no_order_can_have_is_not_found(seller: FlaskClient, address: str) -> None:
    assert seller.get(f"/backend/orders{address}").status_code == 404


def test_a_page_far_behind_the_last_one_is_empty(seller: FlaskClient) -> None:
    assert seller.get("/backend/orders?page=99999999999999999999").status_code == 200


def test_a_rich_order_is_shown_whole(seller: FlaskClient) -> None:
    with seller.application.app_context():
        order = replace(an_order_of_every_kind("form-rich", Sku("BIL-NASZ-001")), is_shipped_by_seller=False)
        placed = DemoShop(db).place_orders([order])
        db.session.commit()
        page = seller.get(f"/backend/orders/{placed[order.checkout_form_id]}").text

    for expected in (
        "kaucja",
        "bon",
        "dopłata",
        "rabat: CAMPAIGN, COUPON",
        f"przed rabatem 59,99{NBSP}zł",
        "AL-44",
        "(jednorazowy)",
        "Notatka: gratis",
        "Wysyła Allegro (One Fulfillment)",
    ):
        assert expected in page, expected
    assert "Oznacz jako wysłane" not in page
    assert "wysyła Allegro" in seller.get("/backend/orders").text


def test_a_parcel_marks_the_order_as_sent(seller: FlaskClient, order_id: int) -> None:
    token = token_of(seller, f"/backend/orders/{order_id}")
    address = f"/backend/orders/{order_id}/shipment"

    missing = seller.post(
        address, data={"carrier": "DPD", "waybill": " ", "csrf_token": token}, follow_redirects=True
    )
    sent = seller.post(
        address, data={"carrier": "DPD", "waybill": "000123", "csrf_token": token}, follow_redirects=True
    )

    assert "Wybierz przewoźnika i wpisz numer przesyłki." in missing.text
    assert "Wysłane: DPD 000123." in sent.text
    assert db.session.scalar(select(Order.waybill).where(Order.id == order_id)) == "000123"
    assert "BL-form-page" in seller.get("/backend/orders?q=000123").text


def test_an_invoice_is_issued_once_as_a_pdf(seller: FlaskClient, order_id: int) -> None:
    token = token_of(seller, f"/backend/orders/{order_id}")
    address = f"/backend/orders/{order_id}/invoice"
    before = seller.get(f"{address}.pdf").status_code

    for _ in range(2):
        page = seller.post(address, data={"csrf_token": token}, follow_redirects=True).text
    file = seller.get(f"{address}.pdf")

    assert before == 404
    assert f"FV/{order_id}/2026" in page
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    assert b"NIP 5832751234" in file.data
