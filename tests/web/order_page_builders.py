"""Orders with their content for tests of the order's page."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.db.accounts import Account
from allegro_module.db.orders import Order, OrderContent, put_in_tab
from allegro_module.domain.money import Money
from allegro_module.domain.orders import tab_of
from allegro_module.domain.shop import ShopOrderId, ShopProduct, Sku
from allegro_module.sync.order_mapping import Catalogue, to_shop_order
from allegro_module.sync.order_rows import fulfillment_of, printed, said_by
from tests.sync.order_builders import form, line, money
from tests.web.conftest import NOW, ORDERS, Host

RING, BOX = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
MESSAGE = "Czy pierścionek może być w zielonym pudełku? 🎁 <b>Dzięki</b>"


def a_form(**changes: Any) -> CheckoutForm:
    """A ring with a coupon and two boxes to a parcel locker, with an invoice for a company."""
    ring = line(
        id=RING,
        quantity=1,
        originalPrice=money("1249.00"),
        price=money("1199.00"),
        offer={"id": "17000000010", "name": "Pierścionek złoty z bursztynem", "external": {"id": "PZ-0142"}},
        discounts=[{"type": "COUPON"}],
        boughtAt="2026-11-21T08:38:00.000Z",
    )
    box = line(
        id=BOX,
        originalPrice=money("25.00"),
        price=money("25.00"),
        offer={"id": "17000000020", "name": "Pudełko upominkowe", "external": None},
        boughtAt="2026-11-21T08:38:00.000Z",
    )
    return form(
        **{
            "buyer": {
                "id": "70200101",
                "login": "jezynka_m",
                "email": "8awgqyk6a5+cub31c122@allegromail.pl",
                "firstName": "Marianna",
                "lastName": "Jeżynka",
            },
            "messageToSeller": MESSAGE,
            "payment": {
                "id": "p-1",
                "type": "ONLINE",
                "provider": "AF",
                "finishedAt": "2026-11-21T08:41:00.000Z",
                "paidAmount": money("1260.99"),
            },
            "delivery": {
                "address": {
                    "firstName": "Marianna",
                    "lastName": "Jeżynka",
                    "street": "Kasztanowa 12",
                    "city": "Przykładowo",
                    "zipCode": "00-000",
                    "countryCode": "PL",
                    "phoneNumber": "+48 500 000 111",
                },
                "method": {"id": "m-1", "name": "Allegro Paczkomaty InPost"},
                "pickupPoint": {
                    "id": "GDA57M",
                    "name": "Paczkomat GDA57M",
                    "address": {"street": "Bursztynowa 4", "city": "Gdańsk", "zipCode": "80-001"},
                },
                "cost": money("11.99"),
                "smart": True,
                "time": {"dispatch": {"to": "2026-11-21T14:00:00.000Z"}},
            },
            "invoice": {
                "required": True,
                "address": {
                    "street": "Kasztanowa 12",
                    "city": "Przykładowo",
                    "zipCode": "00-000",
                    "countryCode": "PL",
                    "company": {
                        "name": "Pracownia Jeżynka sp. z o.o.",
                        "ids": [{"type": "PL_NIP", "value": "5250001122"}],
                    },
                },
            },
            "lineItems": [ring, box],
            "summary": {"totalToPay": money("1260.99")},
            "fulfillment": {"status": "READY_FOR_SHIPMENT", "provider": {"id": "SELLER"}},
            "updatedAt": "2026-11-21T08:41:00.000Z",
            **changes,
        }
    )


def stock_the_shop(host: Host) -> None:
    for sku, name in (("PZ-0142", "Pierścionek złoty"), ("PU-0009", "Pudełko upominkowe, zielone")):
        host.shop.add_product(
            ShopProduct(
                Sku(sku),
                name,
                Money(Decimal("25.00"), "PLN"),
                Decimal(23),
                images=[f"{sku}.jpg"],
                url=f"/products/{sku}",
            )
        )


def a_stored_order(
    session: Session, host: Host, account: Account, bought: CheckoutForm | None = None, **changes: Any
) -> Order:
    """As the import leaves it: our row, the form, and the order in the shop. Committed."""
    stock_the_shop(host)
    bought = bought or a_form()
    # Not the simulator's seller: only our own row is needed.
    number = len(host.shop.orders_by_id) + 1
    catalogue = Catalogue({}, {"PZ-0142": "PZ-0142"}, {})
    made = to_shop_order(bought, account.login or "", f"BL-{10000 + number}", catalogue)
    host.shop.orders_by_id[ShopOrderId(f"shop-{number}")] = made
    order = Order(
        account_id=account.id,
        checkout_form_id=bought.id,
        shop_order_id=f"shop-{number}",
        number=made.number,
        fulfillment_status=fulfillment_of(bought),
        imported_at=NOW - timedelta(hours=4),
        **said_by(bought),
    )
    for name, value in changes.items():
        setattr(order, name, value)
    session.add(order)
    session.flush()
    session.add(OrderContent(order_id=order.id, form=printed(bought)[1]))
    put_in_tab(session, order, tab_of(order.status, order.fulfillment_status), list(made.flags))
    session.commit()
    return order


def page_of(order: Order) -> str:
    return f"{ORDERS}/{order.id}"
