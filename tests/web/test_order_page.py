"""The order's page: what it shows, for whom, and in how many statements."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.order_events import OrderEvent, note_event
from allegro_module.db.orders import Order, OrderContent, StockBooking
from allegro_module.db.pushes import Push
from allegro_module.domain.orders import EventKind, Flag
from allegro_module.domain.pushes import PushKind, PushState
from allegro_module.web.order_flags import ADVICE
from allegro_module.web.order_words import SENTENCES, sentence_of_event
from tests.sync.order_builders import line, money
from tests.web.conftest import NOW, ORDERS, Host, a_linked_account
from tests.web.order_page_builders import BOX, MESSAGE, RING, a_form, a_stored_order, page_of


@pytest.fixture
def account(host: Host, session: Session) -> Account:
    return a_linked_account(session, host)


@pytest.fixture
def order(host: Host, session: Session, account: Account) -> Order:
    return a_stored_order(session, host, account)


def test_the_page_shows_the_whole_order(order: Order, browser: FlaskClient) -> None:
    page = browser.get(page_of(order)).text

    for words in ("Zamówienie BL-10001", "Wyślij dziś do 15:00", "konto bursztyn_i_len", "allegro.pl"):
        assert words in page
    for words in ("Marianna Jeżynka", "jezynka_m", "1. zamówienie", "GDA57M", "Kasztanowa 12"):
        assert words in page
    for words in (
        "Pracownia Jeżynka sp. z o.o.",
        "5250001122",
        "Do wystawienia",
        "Do wysłania",
        "Allegro Finance",
    ):
        assert words in page


def test_a_line_says_why_its_price_differs_and_where_the_product_is(
    order: Order, browser: FlaskClient
) -> None:
    page = browser.get(page_of(order)).text

    assert '<a href="/products/PZ-0142">Pierścionek złoty z bursztynem</a>' in page
    assert "<del>1\u00a0249,00\u00a0zł</del> kupon" in page
    assert "w magazynie zostało 5" in page
    assert "Dostawa: Allegro Paczkomaty InPost" in page


def test_a_line_says_what_the_order_did_to_the_stock(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    said = []
    for kind in ("", "reserve", "sell", "return"):
        if kind:
            session.add(
                StockBooking(line_item_id=RING, kind=kind, order_id=order.id, sku="PZ-0142", quantity=1)
            )
            session.commit()
        ring = browser.get(page_of(order)).text.split("PZ-0142 · ")[1]
        said.append(ring.split(" ·")[0])

    assert said == ["stan bez zmian", "zarezerwowane", "zdjęte ze stanu", "zwrócone na stan"]


def test_services_deposits_and_what_allegro_pays_stand_in_rows_of_their_own(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    bottle = line(id=RING, deposit={"price": money("0.50")}, reconciliation={"value": money("5.00")})
    bottle["selectedAdditionalServices"] = [{"name": "Pakowanie", "price": money("3.00"), "quantity": 1}]
    bought = a_form(lineItems=[bottle], summary={"totalToPay": money("195.99")})
    order = a_stored_order(session, host, account, bought)

    page = browser.get(page_of(order)).text

    for words in ("Kaucja: Pierścionek", "Usługa: Pakowanie", "Allegro dopłaca 5,00", "Kaucje", "Usługi"):
        assert words in page


def test_a_sum_that_differs_is_shown_with_what_to_do(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    order = a_stored_order(session, host, account, a_form(summary={"totalToPay": money("1250.99")}))

    page = browser.get(page_of(order)).text

    assert "\u221210,00\u00a0zł" in page
    assert "Do zapłaty wg Allegro" in page
    assert "zanim wystawisz fakturę" in page


def test_cash_on_delivery_says_what_to_collect(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    payment = {"id": "p", "type": "CASH_ON_DELIVERY", "finishedAt": "2026-11-21T08:40:00.000Z"}
    order = a_stored_order(session, host, account, a_form(payment=payment))

    page = browser.get(page_of(order)).text

    assert "Do pobrania" in page
    assert "za pobraniem" in page


def test_a_message_of_5000_characters_is_shown_whole_and_cannot_smuggle_markup(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    message = MESSAGE + "\u05e9\u05dc\u05d5\u05dd" * 1000 + "koniec"
    order = a_stored_order(session, host, account, a_form(messageToSeller=message))

    page = browser.get(page_of(order)).text

    assert "<b>Dzięki" not in page
    assert "🎁 &lt;b&gt;Dzięki" in page
    assert "koniec</p>" in page
    assert 'dir="auto"' in page


def test_the_time_in_which_the_buyer_may_cancel_is_told(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    order.held_until = NOW + timedelta(minutes=5)
    session.commit()

    assert "Kupujący może jeszcze anulować do 14:35." in browser.get(page_of(order)).text


def test_a_cancelled_order_says_by_whom_and_offers_no_sending(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    order = a_stored_order(session, host, account, a_form(status="CANCELLED"), cancelled_by="buyer")

    page = browser.get(page_of(order)).text

    assert "Anulowane przez kupującego." in page
    assert "Wstrzymaj wysyłkę" not in page
    assert "Wyślij dziś" not in page


def test_an_order_that_allegro_sends_is_only_shown(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    fulfillment = {"status": "PROCESSING", "provider": {"id": "ALLEGRO"}}
    order = a_stored_order(session, host, account, a_form(fulfillment=fulfillment))

    page = browser.get(page_of(order)).text

    assert "One Fulfillment" in page
    assert "z magazynu Allegro" in page
    assert "Dodaj numer przesyłki" not in page


def test_an_order_paid_in_another_one_leads_there(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    winner = a_stored_order(session, host, account)
    bought = a_form(id="bbbbbbbb-aaaa-4aaa-8aaa-aaaaaaaaaaaa", status="BOUGHT", delivery=None, payment=None)
    left = a_stored_order(session, host, account, bought, superseded_by=winner.checkout_form_id)

    assert f'href="{page_of(winner)}">Przejdź do zamówienia BL-10001' in browser.get(page_of(left)).text


def test_an_order_without_its_content_says_so_and_offers_to_read_it(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    session.delete(session.get(OrderContent, order.id))
    session.commit()

    page = browser.get(page_of(order)).text

    assert "Treści tego zamówienia nie ma u nas zapisanej." in page
    assert "Odczytaj ponownie z Allegro" in page
    assert "jezynka_m" in page


def test_the_buyers_third_order_is_known_by_the_buyers_id(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    orders = [
        a_stored_order(session, host, account, a_form(id=f"{number}aaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"))
        for number in range(3)
    ]

    assert "3. zamówienie" in browser.get(page_of(orders[2])).text


def test_a_refused_push_says_why_with_its_trace_and_can_be_tried_again(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    session.add(
        Push(
            account_id=order.account_id,
            order_id=order.id,
            kind=PushKind.STATUS,
            state=PushState.REFUSED,
            payload={"status": "SENT"},
            tries=3,
            trouble="cap",
            trace_id="9c1e-77",
            created_at=NOW,
        )
    )
    session.commit()

    page = browser.get(page_of(order)).text

    for words in ("Status: Wysłane", "Odrzucone przez Allegro", "nie przyjmuje więcej zmian", "9c1e-77"):
        assert words in page
    assert "/retry" in page


def test_the_history_tells_what_was_noted_and_what_the_row_knows(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    note_event(session, order.id, EventKind.PICKED, NOW, "tomek", line_item_id=RING)
    note_event(session, order.id, EventKind.SHOP_STATUS, NOW, "tomek", status_id="sent")
    session.commit()

    history = browser.get(page_of(order)).text.split('id="history"')[1]

    for words in (
        "Skompletowano: PZ-0142, 1 szt.",
        "Status w sklepie: Wysłane.",
        "Płatność zakończona: 1\u00a0260,99\u00a0zł.",
    ):
        assert words in history
    assert "Zamówienie utworzone w sklepie." in history


def test_every_kind_of_event_has_a_sentence(host: Host) -> None:
    with host.app.test_request_context():
        sentences = {kind: sentence_of_event(OrderEvent(kind=kind, params={}), {}, {}) for kind in EventKind}

    assert set(SENTENCES) == set(EventKind)
    assert all(sentence.endswith(".") and "%(" not in sentence for sentence in sentences.values())


def test_an_event_of_a_later_version_is_shown_by_its_name(host: Host) -> None:
    with host.app.test_request_context():
        assert sentence_of_event(OrderEvent(kind="teleported", params={}), {}, {}) == "teleported"


def test_every_flag_has_advice(session: Session, order: Order, browser: FlaskClient) -> None:
    order.flags = list(Flag)
    session.commit()

    head = browser.get(page_of(order)).text.split("<h1>")[1].split('aria-label="Przebieg')[0]

    assert set(ADVICE) == set(Flag)
    assert head.count('<div class="al-note') == len(Flag)


def test_who_may_only_look_finds_no_deeds_and_no_raw_data(
    host: Host, order: Order, browser: FlaskClient
) -> None:
    host.allowed = {"view"}

    page = browser.get(page_of(order)).text

    assert "Marianna Jeżynka" in page
    assert 'method="post"' not in page
    assert "kupujacy" not in page.split('id="technical"')[1]
    assert browser.get(f"{page_of(order)}/data").status_code == 403
    assert browser.post(f"{page_of(order)}/settle", data={"on": "1"}).status_code == 403


def test_an_order_that_does_not_exist_is_not_found(account: Account, browser: FlaskClient) -> None:
    assert browser.get(f"{ORDERS}/4711").status_code == 404
    assert browser.get(f"{ORDERS}/99999999999999999999").status_code == 404


def test_the_raw_data_are_shown_to_whoever_handles_orders(order: Order, browser: FlaskClient) -> None:
    answer = browser.get(f"{page_of(order)}/data")

    assert answer.mimetype == "text/plain"
    assert '"login": "jezynka_m"' in answer.text


def test_the_picture_of_a_line_is_the_products(order: Order, browser: FlaskClient) -> None:
    assert browser.get(f"{page_of(order)}/image/PZ-0142").mimetype == "image/jpeg"
    assert browser.get(f"{page_of(order)}/image/unknown").status_code == 404


def test_the_number_of_statements_does_not_grow_with_the_lines_and_allegro_is_not_asked(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    lines = [line(id=f"{number:08d}-1111-4111-8111-111111111111") for number in range(40)]
    small = a_stored_order(session, host, account)
    bought = a_form(id="cccccccc-aaaa-4aaa-8aaa-aaaaaaaaaaaa", lineItems=lines)
    large = a_stored_order(session, host, account, bought)
    addresses, host.runtime.http_transport = [page_of(small), page_of(large)], None
    browser.get(addresses[0])
    counts = []
    for address in addresses:
        statements: list[str] = []
        note = lambda *of_it: statements.append(of_it[2])  # noqa: B023, E731
        event.listen(host.runtime.db.engine, "before_cursor_execute", note)
        browser.get(address)
        event.remove(host.runtime.db.engine, "before_cursor_execute", note)
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert counts[0] <= 22


def test_an_amount_of_another_currency_is_shown_in_it(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    crowns = line(price=money("90.00", "CZK"), originalPrice=money("90.00", "CZK"))
    delivery = {"method": {"id": "m", "name": "Zásilkovna"}, "cost": money("13.99", "CZK")}
    bought = a_form(
        lineItems=[crowns],
        delivery=delivery,
        payment=None,
        summary={"totalToPay": money("193.99", "CZK")},
        marketplace={"id": "allegro-cz"},
    )
    order = a_stored_order(session, host, account, bought)

    page = browser.get(page_of(order)).text

    assert "193,99\u00a0Kč" in page
    assert "allegro.cz" in page
    assert order.total == Decimal("193.99")
    assert BOX not in page


def test_a_surcharge_apart_from_the_total_is_shown_with_its_amount(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    paid = {"id": "s-1", "type": "ONLINE", "paidAmount": money("12.50")}
    order = a_stored_order(session, host, account, a_form(surcharges=[paid]))

    page = browser.get(page_of(order)).text

    assert order.flags == [Flag.UNMATCHED_LINE, Flag.SURCHARGE_APART]
    assert "Kupujący dopłacił 12,50\u00a0zł po zakupie." in page
    assert "Dopłaty nie ma w poniższej sumie" in page
    assert page.count("<dt>Dopłata kupującego</dt><dd>12,50\u00a0zł") == 2


HANDS_ON = (
    "Znajdź produkt",
    "Nie rozpoznano",
    'role="checkbox" aria-checked="false" id="pick',
    "Tryb edycji",
    "Potwierdzone",
    "Wystaw i wyślij",
    "Dodaj numer przesyłki",
    "Oczekuje na płatność",
)


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ({"status": "CANCELLED", "payment": None}, {}),
        ({"fulfillment": {"status": "CANCELLED", "provider": {"id": "SELLER"}}}, {}),
        ({"fulfillment": {"status": "PROCESSING", "provider": {"id": "ALLEGRO"}}}, {}),
        ({"status": "BOUGHT", "payment": None}, {"superseded_by": "dddddddd-aaaa-4aaa-8aaa-aaaaaaaaaaaa"}),
    ],
)
def test_an_order_that_nobody_packs_here_offers_nothing_to_do(
    host: Host,
    session: Session,
    account: Account,
    browser: FlaskClient,
    form: dict[str, object],
    row: dict[str, str],
) -> None:
    host.runtime.invoicing = object()  # type: ignore[assignment]
    order = a_stored_order(session, host, account, a_form(**form), **row)

    page = browser.get(page_of(order)).text

    assert [words for words in HANDS_ON if words in page] == []


def test_an_unpaid_purchase_offers_neither_parcel_nor_status_nor_hold(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    order = a_stored_order(session, host, account, a_form(status="BOUGHT", payment=None))

    page = browser.get(page_of(order)).text

    assert "Kupujący wypełnia formularz" in page
    for words in ("Dodaj numer przesyłki", 'id="f-status"', "Wstrzymaj wysyłkę"):
        assert words not in page


def test_lines_that_are_not_recognised_are_counted(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    lines = [line(id=id_, offer={"id": id_[:8], "name": "Towar", "external": None}) for id_ in (RING, BOX)]
    order = a_stored_order(session, host, account, a_form(lineItems=lines))

    assert "Nierozpoznane pozycje: 2." in browser.get(page_of(order)).text
