"""The page of orders: rows, paging, the state of the import, what was set aside."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.cursors import Cursor
from allegro_module.db.failures import set_aside
from allegro_module.db.orders import Order, put_in_tab
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.orders import tab_of
from allegro_module.domain.shop import ShopOrderId, ShopOrderView
from tests.web.conftest import NOW, ORDERS, SETTINGS, Host, a_linked_account


def an_order(session: Session, account: Account, number: int = 1, **changes: object) -> Order:
    """Stands in the tab that its statuses ask for, and is counted there."""
    order = Order(
        account_id=account.id,
        checkout_form_id=f"29738e61-7f6a-11e8-ac45-{number:012d}",
        shop_order_id=str(number),
        number=f"BL-{10000 + number}",
        status="READY_FOR_PROCESSING",
        fulfillment_status="NEW",
        tab="",
        needs_attention=False,
        buyer_login="jezynka_m",
        payment_type="ONLINE",
        is_paid=True,
        delivery_method="Paczkomat",
        total=Decimal("1260.99"),
        currency="PLN",
        bought_at=NOW - timedelta(hours=4),
        imported_at=NOW,
    )
    for name, value in changes.items():
        setattr(order, name, value)
    session.add(order)
    tab = tab_of(order.status, order.fulfillment_status, order.superseded_by)
    put_in_tab(session, order, tab, order.flags or [])
    session.commit()
    return order


def a_cursor(session: Session, account: Account, **changes: object) -> Cursor:
    cursor = Cursor(account_id=account.id, started_at=NOW - timedelta(days=2))
    for name, value in changes.items():
        setattr(cursor, name, value)
    session.add(cursor)
    session.commit()
    return cursor


@pytest.fixture
def account(host: Host, session: Session) -> Account:
    return a_linked_account(session, host)


def show_in_shop(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        host.shop,
        "orders",
        lambda ids: {
            each: ShopOrderView(ShopOrderId(each), each, "Spakowane", f"/orders/{each}") for each in ids
        },
    )


def test_an_order_shows_what_a_seller_needs(
    host: Host, session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_in_shop(host, monkeypatch)
    an_order(session, account, flags=["unmatched_line"])

    page = browser.get(ORDERS).text

    assert 'href="/orders/1"' in page
    assert ">BL-10001</a>" in page
    for words in ("dziś, 10:30", "jezynka_m", "1\u00a0260,99\u00a0zł", "Opłacone", "Paczkomat", "Nowe"):
        assert words in page
    assert "sklep: Spakowane" in page
    assert "Nierozpoznana pozycja" in page


def test_a_purchase_that_waits_for_its_payment_stands_among_the_unpaid(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_order(session, account, shop_order_id=None, status="FILLED_IN", is_paid=False)

    page = browser.get(f"{ORDERS}?tab=unpaid").text

    assert "BL-10001" in page
    assert "Oczekuje na płatność" in page.split("data-al-row")[1]
    assert "BL-10001" not in browser.get(ORDERS).text


def test_a_cancelled_order_awaits_no_payment(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_order(session, account, status="CANCELLED", is_paid=False)

    row = browser.get(f"{ORDERS}?tab=cancelled").text.split("data-al-row")[1].split("</tr>")[0]

    assert "Anulowane" in row
    assert "Oczekuje na płatność" not in row


def test_a_buyers_login_cannot_smuggle_markup(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_order(session, account, buyer_login="<script>alert(1)</script>")

    assert "<script>alert" not in browser.get(ORDERS).text


def test_pages_are_walked_by_key(session: Session, account: Account, browser: FlaskClient) -> None:
    for number in range(1, 56):
        an_order(session, account, number)
    first = browser.get(ORDERS).text

    older = first.split('rel="next" href="')[1].split('"')[0]
    second = browser.get(older).text

    assert first.count("data-al-row") == 50
    assert "BL-10055" in first
    assert second.count("data-al-row") == 5
    assert "BL-10005" in second
    assert 'rel="next"' not in second
    assert "Najnowsze" in second


def test_without_an_account_the_way_to_link_one_is_shown(browser: FlaskClient) -> None:
    page = browser.get(ORDERS).text

    assert "Nie ma jeszcze powiązanego konta." in page
    assert f'href="{SETTINGS}"' in page
    assert "Importuj teraz" not in page


def test_an_empty_list_says_when_orders_come(account: Account, browser: FlaskClient) -> None:
    assert "Nowe zamówienia pobieramy co minutę" in browser.get(ORDERS).text


def test_the_last_import_is_told(session: Session, account: Account, browser: FlaskClient) -> None:
    a_cursor(session, account, last_success_at=NOW - timedelta(seconds=40))

    assert "40 sekund temu" in browser.get(ORDERS).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_enabled": False}, "Wyłączone"),
        ({"state": LinkState.NEEDS_RECONNECT}, "Czeka na połączenie"),
    ],
)
def test_an_account_that_does_not_import_says_why(
    host: Host, session: Session, browser: FlaskClient, changes: dict[str, object], words: str
) -> None:
    a_linked_account(session, host, **changes)

    assert words in browser.get(ORDERS).text.split('id="imports"')[1].split("</div>")[0]


def test_orders_set_aside_are_listed_with_their_reason(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    set_aside(
        session, account.id, "order", "29738e61", "the shop refused it", NOW, NOW + timedelta(minutes=5)
    )
    session.commit()

    page = browser.get(ORDERS).text

    assert "Odłożone zamówienia" in page
    assert "29738e61" in page
    assert "the shop refused it" in page
    assert "1 próba" in page
    assert "Ponów teraz" in page


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The queue of a worker that only listens: ids of the accounts it was asked to import for."""
    rung: list[int] = []
    monkeypatch.setattr(
        "allegro_module.web.orders.ring_import", lambda runtime, account_id: rung.append(account_id) or True
    )
    return rung


def test_import_now_rings_the_worker_for_each_working_account(
    host: Host, session: Session, account: Account, browser: FlaskClient, queue: list[int]
) -> None:
    a_linked_account(
        session, host, "off", application=account.application, alias="OF", seller_id="2", is_enabled=False
    )

    page = browser.post(f"{ORDERS}/import", follow_redirects=True).text

    assert queue == [account.id]
    assert "Trwa import…" in page
    assert "data-al-poll" in page


def test_the_page_stops_asking_once_the_import_has_run(
    host: Host, session: Session, account: Account, browser: FlaskClient, queue: list[int]
) -> None:
    cursor = a_cursor(session, account, last_run_at=NOW - timedelta(minutes=1))
    asked = browser.post(f"{ORDERS}/import").headers["Location"]
    still = browser.get(asked).text
    cursor.last_run_at = cursor.last_success_at = NOW + timedelta(seconds=2)
    session.commit()
    host.now += timedelta(seconds=3)

    done = browser.get(asked, headers={"X-Allegro-Fragment": "1"}).text

    assert "data-al-poll" in still
    assert "data-al-poll" not in done
    assert "przed chwilą" in done


def test_the_page_does_not_ask_for_ever(
    host: Host, account: Account, browser: FlaskClient, queue: list[int]
) -> None:
    asked = browser.post(f"{ORDERS}/import").headers["Location"]
    host.now += timedelta(minutes=3)

    assert "data-al-poll" not in browser.get(asked).text


def test_a_queue_that_is_down_is_told_and_nothing_is_lost(account: Account, browser: FlaskClient) -> None:
    page = browser.post(f"{ORDERS}/import", follow_redirects=True).text

    assert "Kolejka zadań nie odpowiada" in page
    assert "zamówienia czekają na Allegro" in page


def test_import_now_without_a_working_account_says_so(
    host: Host, session: Session, browser: FlaskClient, queue: list[int]
) -> None:
    a_linked_account(session, host, is_enabled=False)

    page = browser.post(f"{ORDERS}/import", follow_redirects=True).text

    assert "Nie ma skąd importować." in page
    assert queue == []


def test_a_made_up_time_in_the_address_does_no_harm(account: Account, browser: FlaskClient) -> None:
    assert browser.get(f"{ORDERS}?asked=99999999999999999999&before=x").status_code == 200
    assert browser.get(f"{ORDERS}?before=99999999999999999999").status_code == 404


def test_a_state_that_allegro_invents_later_is_shown_as_another_one(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_order(session, account, fulfillment_status="LOST_IN_SPACE")

    assert "Inny stan (LOST_IN_SPACE)" in browser.get(ORDERS).text
