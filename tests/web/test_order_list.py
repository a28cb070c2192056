"""The order list: tabs, filters, sorting and pages in the address; deadlines, warnings, proof, speed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.completeness import Completeness
from allegro_module.db.order_lists import OrderFilter, list_orders
from allegro_module.db.order_rules import StatusRule, save_rules
from allegro_module.db.orders import StockBooking
from allegro_module.db.pushes import Push
from allegro_module.domain.order_rules import ListNote, OrderRules
from allegro_module.domain.orders import ATTENTION
from allegro_module.domain.pushes import PushKind, PushState
from tests.web.browsing import words_of
from tests.web.conftest import NOW, ORDERS, Host, a_linked_account
from tests.web.test_orders_page import a_cursor, an_order, show_in_shop

EVERY_TAB = {
    "new": {},
    "processing": {"fulfillment_status": "PROCESSING"},
    "to_ship": {"fulfillment_status": "READY_FOR_SHIPMENT"},
    "sent": {"fulfillment_status": "SENT"},
    "returned": {"fulfillment_status": "RETURNED"},
    "cancelled": {"status": "CANCELLED"},
    "unpaid": {"status": "BOUGHT"},
    "attention": {"fulfillment_status": "SENT", "flags": ["sum_differs"]},
}


@pytest.fixture
def account(host: Host, session: Session) -> Account:
    return a_linked_account(session, host)


def numbers_in(page: str) -> list[str]:
    return re.findall(r'"Zaznacz: (BL-\d+)"', page)


def test_each_tab_shows_its_orders_and_how_many(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    for number, changes in enumerate(EVERY_TAB.values(), 1):
        an_order(session, account, number, **changes)

    for number, tab in enumerate(EVERY_TAB, 1):
        page = browser.get(f"{ORDERS}?tab={tab}").text
        expected = ["BL-10008", "BL-10004"] if tab == "sent" else [f"BL-{10000 + number}"]
        assert numbers_in(page) == expected, tab
    everything = browser.get(f"{ORDERS}?tab=all").text
    assert len(numbers_in(everything)) == len(EVERY_TAB)
    assert 'Wysłane <span class="al-count">2</span>' in everything
    assert 'Wymagają uwagi <span class="al-count al-count-bad">1</span>' in everything
    assert browser.get(f"{ORDERS}?tab=lost").status_code == 404


FILTERS = [
    ("q=je%C5%BCynk", {"search": "jeżynka marianna pz-0142"}),
    ("q=pz-0142+marianna", {"search": "jeżynka marianna pz-0142"}),
    ("q=bl-100NUMBER", {}),
    ("q=29738e61-7f6a-11e8-ac45-0000000000NUMBER", {}),
    ("delivery=Kurier+DPD", {"delivery_method": "Kurier DPD"}),
    ("caretaker=mine", {"caretaker": "anna.k"}),
    ("payment=CASH_ON_DELIVERY", {"payment_type": "CASH_ON_DELIVERY", "is_paid": False}),
    ("payment=unpaid", {"is_paid": False}),
    ("country=abroad", {"country": "CZ"}),
    ("country=CZ", {"country": "CZ"}),
    ("marketplace=allegro-cz", {"marketplace": "allegro-cz"}),
    ("since=2026-11-21", {"bought_at": NOW}),
    ("until=2026-11-19", {"bought_at": NOW - timedelta(days=2)}),
    ("invoice=1", {"wants_invoice": True}),
    ("smart=1", {"is_smart": True}),
    ("deposit=1", {"has_deposit": True}),
    ("message=1", {"message": "Na prezent"}),
    ("held=1", {"held_because": "adres"}),
    ("one=1", {"provider": "ALLEGRO"}),
]


def test_each_filter_finds_its_order_and_can_be_taken_away(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    common = {"bought_at": NOW - timedelta(days=1), "caretaker": "jan", "search": "lipowy"}
    an_order(session, account, 1, **common)
    for number, (query, changes) in enumerate(FILTERS, 2):
        order = an_order(session, account, number, **{**common, **changes})

        page = browser.get(f"{ORDERS}?{query.replace('NUMBER', f'{number:02}')}").text

        assert numbers_in(page) == [order.number], query
        assert "usuń filtr" in page
        session.delete(order)


def test_nobodys_orders_and_those_of_one_account_are_found(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    other = a_linked_account(
        session, host, "outlet", application=account.application, alias="OU", seller_id="2"
    )
    an_order(session, account, 1, caretaker="jan")
    an_order(session, other, 2)

    assert numbers_in(browser.get(f"{ORDERS}?caretaker=none").text) == ["BL-10002"]
    of_account = browser.get(f"{ORDERS}?account={account.id}").text
    assert numbers_in(of_account) == ["BL-10001"]
    assert 'Nowe <span class="al-count">1</span>' in of_account


def test_words_typed_by_a_seller_are_no_patterns(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_order(session, account, 1, search="100% bawełna")

    assert numbers_in(browser.get(f"{ORDERS}?q=%25").text) == ["BL-10001"]
    assert numbers_in(browser.get(f"{ORDERS}?q=_").text) == []
    assert browser.get(f"{ORDERS}?q=%00&since=yesterday&account=99999999999999999999").status_code == 200


def test_nothing_found_offers_to_look_among_all_and_to_clear(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_order(session, account)

    page = browser.get(f"{ORDERS}?q=nikt").text

    assert "Żadne zamówienie nie pasuje do filtrów." in page
    assert "Szukaj we wszystkich" in page
    assert "Nie ma zwrotów." in browser.get(f"{ORDERS}?tab=returned").text


def test_sorted_by_deadline_pages_go_on_where_the_last_ended(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    hours = [5, None, 1, 3, 3, None]
    for number, hour in enumerate(hours * 4, 1):
        at = None if hour is None else NOW + timedelta(hours=hour)
        an_order(session, account, number, dispatch_to=at)

    address, seen = f"{ORDERS}?sort=dispatch&size=20", []
    while address:
        page = browser.get(unquote(address)).text
        seen += numbers_in(page)
        address = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")

    assert len(seen) == len(set(seen)) == 24
    by_hour = [hours[(int(each[3:]) - 10001) % 6] for each in seen]
    assert by_hour == [1] * 4 + [3] * 8 + [5] * 4 + [None] * 8


DEADLINES: list[tuple[int, dict[str, object], str]] = [
    (-1, {}, "al-bad"),
    (2, {}, "al-bad"),
    (8, {}, "al-warn"),
    (30, {}, "al-off"),
    (-1, {"fulfillment_status": "SENT"}, "al-off"),
    (2, {"provider": "ALLEGRO"}, "al-off"),
]


def test_a_deadline_speaks_up_when_it_is_near(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    for number, (hours, changes, _) in enumerate(reversed(DEADLINES), 1):
        an_order(session, account, number, dispatch_to=NOW + timedelta(hours=hours), **changes)

    cells = browser.get(f"{ORDERS}?tab=all").text.split('data-label="Wyślij do"')[1:]

    assert [cell.split('class="al-state ')[1].split('"')[0] for cell in cells] == [
        tone for _, _, tone in DEADLINES
    ]
    assert ["po terminie" in cell for cell in cells] == [True, False, False, False, False, False]


def test_what_is_unusual_is_said_with_its_reason(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    marks = {
        "is_smart": True,
        "wants_invoice": True,
        "has_deposit": True,
        "country": "CZ",
        "message": "Prezent",
    }
    order = an_order(session, account, flags=["push_refused"], held_because="zmiana adresu", **marks)
    an_order(session, account, 2, held_until=NOW + timedelta(minutes=5), provider="ALLEGRO")
    an_order(session, account, 3, held_until=NOW + timedelta(minutes=5))
    refused = Push(
        account_id=account.id,
        order_id=order.id,
        kind=PushKind.SHIPMENT,
        state=PushState.REFUSED,
        payload={},
        trouble="numer przesyłki ma zły format",
        created_at=NOW,
    )
    session.add(refused)
    session.commit()

    words = words_of(browser.get(ORDERS))

    for each in ("Smart!", "Faktura", "Kaucja", "Czechy", "Wiadomość", "Pakuje Allegro"):
        assert each in words
    assert "Allegro odrzuciło zmianę numer przesyłki ma zły format" in words
    assert "Wstrzymane zmiana adresu" in words
    assert words.count("Wstrzymane do 14:35") == 1


def test_the_note_shown_is_the_one_chosen_in_the_settings(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_order(session, account, message="Na prezent", seller_note="Stały klient")

    shown = []
    for which in (ListNote.BUYER, ListNote.SELLER, ListNote.NONE):
        save_rules(session, account.id, OrderRules(list_note=which))
        session.commit()
        page = browser.get(ORDERS).text
        shown.append([each for each in ("Na prezent", "Stały klient") if each in page])

    assert shown == [["Na prezent"], ["Stały klient"], []]


def a_proof(session: Session, account: Account, **changes: object) -> None:
    proof = Completeness(
        account_id=account.id,
        at=NOW - timedelta(hours=1),
        since=NOW - timedelta(hours=25),
        until=NOW - timedelta(hours=1),
        at_allegro=143,
        in_shop=143,
        missing=[],
        unknown=[],
    )
    for name, value in changes.items():
        setattr(proof, name, value)
    session.add(proof)
    session.commit()


def test_the_head_proves_that_all_orders_are_there(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_cursor(session, account, last_success_at=NOW - timedelta(seconds=40))
    a_proof(session, account, in_shop=1, missing=["older"])
    a_proof(session, account)
    proved = words_of(browser.get(ORDERS))
    other = a_linked_account(
        session, host, "outlet", application=account.application, alias="OU", seller_id="2"
    )
    a_proof(session, other, at_allegro=21, in_shop=21, since=NOW - timedelta(days=31))

    words = words_of(browser.get(ORDERS))

    assert "Allegro 21 = sklep 21 komplet od 21.10, 15:30 do 21.11, 13:30" in words
    assert proved.count("sklep 143") == words.count("sklep 143") == 1
    assert "Pobrane 40 sekund temu . Allegro 143 = sklep 143 komplet z ostatnich 24 godzin" in words


def test_a_proof_that_later_orders_overtook_says_its_time_and_nothing_green(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    cursor = a_cursor(session, account, last_success_at=NOW - timedelta(seconds=40))
    a_proof(session, account, at=NOW - timedelta(hours=3))
    quiet = words_of(browser.get(ORDERS))
    cursor.moved_at = NOW - timedelta(hours=2)
    session.commit()
    overtaken = words_of(browser.get(ORDERS))
    a_proof(session, account, at=NOW - timedelta(minutes=30))
    cursor.moved_at = NOW - timedelta(minutes=5)
    session.commit()

    assert "komplet z ostatnich 24 godzin stan z dziś, 11:30" in quiet
    assert "Allegro 143 = sklep 143 stan z dziś, 11:30" in overtaken
    assert "komplet z ostatnich 24 godzin stan z dziś, 14:00" in words_of(browser.get(ORDERS))


NONSENSE = (
    *("since=yesterday", "until=2026-13-01", "account=999", "country=XX"),
    *("marketplace=ebay", "payment=SHELLS", "caretaker=eve", "held=9"),
)


def test_what_means_nothing_in_the_address_is_no_filter_and_dates_are_polish(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_order(session, account)

    for query in NONSENSE:
        page = browser.get(f"{ORDERS}?{query}").text
        assert numbers_in(page) == ["BL-10001"], query
        assert "usuń filtr" not in page, query
    chips = words_of(
        browser.get(f"{ORDERS}?since=2026-11-01&until=2026-11-22&marketplace=allegro-business-cz")
    )
    for each in ("od 01.11.2026", "do 22.11.2026", "Allegro Biznes Czechy"):
        assert each in chips


def test_statuses_that_are_not_tied_are_hinted_at_once_there_are_orders(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    hint = "Statusy sklepu nie są jeszcze połączone ze statusami Allegro."
    empty = browser.get(ORDERS).text
    an_order(session, account)
    before = browser.get(ORDERS).text
    session.add(StatusRule(to_allegro=True, source="packed", target="READY_FOR_SHIPMENT"))
    session.commit()

    assert "Zamówień wysłanych przed połączeniem konta nie pobieramy" in empty
    assert hint not in empty
    assert hint in before
    assert hint not in browser.get(ORDERS).text


def test_missing_orders_are_named_and_can_be_fetched(
    session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "allegro_module.web.orders.enqueue", lambda runtime, task, *ids: rung.append((task, *ids)) or True
    )
    a_proof(session, account, in_shop=142, missing=["29738e61-7f6a"])

    page = browser.get(ORDERS).text
    done = browser.post(f"{ORDERS}/import/{account.id}/missing", follow_redirects=True).text

    assert "brakuje 1 zamówienia" in page
    assert "29738e61-7f6a" in page
    assert "Pobieramy brakujące zamówienia." in done
    assert rung == [("reconcile_orders", account.id)]


Asked = tuple[str, tuple[object, ...]]


@contextmanager
def counted(host: Host) -> Iterator[list[Asked]]:
    asked: list[Asked] = []
    engine = host.runtime.db.engine

    def note(
        connection: object, cursor: object, statement: str, values: tuple[object, ...], *rest: object
    ) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_page_takes_few_statements_however_many_orders_it_shows(
    host: Host, session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_in_shop(host, monkeypatch)
    for number in range(1, 31):
        order = an_order(session, account, number)
        line = f"line-{number}"
        session.add(
            StockBooking(line_item_id=line, kind="sell", order_id=order.id, sku="PZ-0142", quantity=1)
        )
    session.commit()

    with counted(host) as asked:
        page = browser.get(ORDERS).text

    statements = [statement.lower() for statement, _ in asked]
    assert len(numbers_in(page)) == 30
    # The page's head; accounts with cursors and proofs; counts of the tabs, orders, choices of the filters,
    # products of the lines.
    assert len(statements) == 1 + 1 + 4
    assert not [each for each in statements if "count(allegro_order" in each or "count(*)" in each]


PLANS = [
    (OrderFilter(tab="sent"), "ix_allegro_order_tab"),
    (OrderFilter(tab="sent", account_id=1), "ix_allegro_order_tab"),
    (OrderFilter(tab=ATTENTION), "ix_allegro_order_attention"),
    (OrderFilter(account_id=1), ""),
    (OrderFilter(), ""),
]


def test_no_list_is_sorted_or_searched_whole(host: Host, session: Session) -> None:
    """By the plan: the database walks an index, or the key itself, and stops after a page."""
    for wanted, index in PLANS:
        with counted(host) as asked:
            list_orders(session, wanted, None, 51)

        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1])
        plan = " ".join(row[3] for row in rows)

        assert "TEMP B-TREE" not in plan
        assert index in plan


def test_pictures_of_what_was_bought_stand_in_the_row(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    order = an_order(session, account, pieces=3)
    skus = list(host.shop.products_by_sku)
    session.add(StockBooking(line_item_id="a", kind="sell", order_id=order.id, sku=skus[0], quantity=3))
    session.commit()

    page = browser.get(ORDERS).text

    assert "3 szt." in page
    assert "/orders/picture?sku=" in page
    assert browser.get(f"{ORDERS}/picture?sku={skus[0]}").mimetype == "image/jpeg"
    assert browser.get(f"{ORDERS}/picture?sku=nothing").status_code == 404
