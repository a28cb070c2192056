"""Szybkie wystawienie po EAN: looked up in the background, looked through, made once, followed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.db.quick_lists import QuickList
from allegro_module.domain.money import Money
from allegro_module.domain.offers import OfferState, ProductMatch, Wanted
from allegro_module.domain.quick import Item, Readiness, from_stored, to_stored
from allegro_module.domain.shop import ShopProduct, Sku
from allegro_module.jobs.quick import make_quick_offers, prepare_quick_list
from tests.web.conftest import SETTINGS, Host
from tests.web.offer_builders import an_account_of_the_simulator, some_terms

QUICK = f"{SETTINGS}/quick"
SONY = "661aafc4-c0ec-5876-9e69-ec4a4ae6e7cb"


def a_product(sku: str, gtin: str | None, name: str = "Słuchawki Sony WH-1000XM5") -> ShopProduct:
    return ShopProduct(sku=Sku(sku), name=name, price=Money(Decimal("1299.00"), "PLN"), gtin=gtin)


HEADPHONES = a_product("WH-1", "4548736132542")
NECKLACE = a_product("AMB-46", "5901234123990", "Naszyjnik Ambra")
NO_EAN = a_product("BEZ-EAN", None, "Torba bez EAN")
UNKNOWN_EAN = a_product("NOWY", "5907700000130", "Nowość")
#: Its product has no safety data, and the account of the tests has no producer as a default.
MUG = a_product("KUBEK", "5904002003500", "Kubek Morze")
GOODS = (HEADPHONES, NECKLACE, NO_EAN, UNKNOWN_EAN, MUG)


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    for product in GOODS:
        host.shop.add_product(product, pieces=7)
    account = an_account_of_the_simulator(session, host)
    some_terms(session, account)
    return account


def started(browser: FlaskClient, session: Session, codes: str) -> int:
    assert browser.post(QUICK, data={"codes": codes}).status_code == 303
    return session.scalars(select(QuickList.id).order_by(QuickList.id.desc())).first() or 0


def items_of(session: Session, list_id: int) -> list[Item]:
    """As the job left them: the session of the test is that of the requests, and remembers what they read."""
    session.rollback()
    return from_stored(session.get_one(QuickList, list_id).items)


def readiness(session: Session, list_id: int) -> list[str]:
    return [each.readiness for each in items_of(session, list_id)]


def pressed(browser: FlaskClient, session: Session, list_id: int, action: str, **fields: str) -> int:
    """Of the first row; the code of the answer."""
    session.rollback()
    version = str(session.get_one(QuickList, list_id).version)
    data = {"version": version, "row.0": "1", "price.0": "1199,50", "quantity.0": "3", **fields}
    return browser.post(f"{QUICK}/{list_id}", data={**data, "action": action}).status_code


def made(session: Session) -> list[Offer]:
    session.rollback()
    return list(session.scalars(select(Offer).order_by(Offer.id)))


def test_what_was_typed_and_ticked_stays_while_products_are_searched(
    account: Account, browser: FlaskClient
) -> None:
    sent = {"action": "search", "q": "Ambra", "sku": "NOWY", "codes": "WH-1\nnie ma"}

    page = browser.post(QUICK, data=sent, follow_redirects=True).text

    assert "NOWY\nWH-1\nnie ma</textarea>" in page
    assert 'value="AMB-46"' in page


def test_a_list_that_is_too_long_stays_as_typed_and_is_told_at_its_field(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    codes = "\n".join(f"KOD-{number}" for number in range(201))

    answer = browser.post(QUICK, data={"codes": codes})

    assert answer.status_code == 422
    assert "Jedna lista mieści 200 towarów. Część wierszy zostaw na kolejną listę." in answer.text
    assert f' autofocus="">\n{codes}</textarea>' in answer.text
    assert session.scalars(select(QuickList)).all() == []


def test_all_that_was_typed_stays_while_products_are_searched_however_much_it_is(
    account: Account, browser: FlaskClient
) -> None:
    codes = "\n".join(f"KOD-{number}-{'X' * 50}" for number in range(300))

    page = browser.post(QUICK, data={"action": "search", "q": "Ambra", "codes": codes}).text

    assert f"{codes}</textarea>" in page


def test_each_row_says_what_can_be_done_with_it(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    codes = [*(each.sku for each in GOODS), "nie ma"]
    list_id = started(browser, session, "\n".join(codes))
    assert "Szukam w katalogu Allegro…" in browser.get(f"{QUICK}/{list_id}").text

    prepare_quick_list(list_id)

    assert readiness(session, list_id) == [
        Readiness.READY,
        Readiness.SEVERAL,
        Readiness.NO_GTIN,
        Readiness.NO_PRODUCT,
        Readiness.INCOMPLETE,
        Readiness.UNKNOWN,
    ]
    page = browser.get(f"{QUICK}/{list_id}").text
    assert "Słuchawki bezprzewodowe Sony WH-1000XM5 czarne" in page
    assert 'value="1299,00"' in page
    assert "Bez EAN nie ma szybkiego wystawienia: użyj pełnego formularza." in page
    assert made(session) == []


def test_an_ean_finds_the_product_of_the_shop(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    list_id = started(browser, session, "4548736132542")

    prepare_quick_list(list_id)

    assert items_of(session, list_id)[0].sku == "WH-1"


def test_a_product_typed_by_its_sku_and_its_ean_is_offered_once(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    list_id = started(browser, session, "WH-1\n4548736132542")

    prepare_quick_list(list_id)

    assert readiness(session, list_id) == [Readiness.READY, Readiness.TWICE]
    assert "Już na liście" in browser.get(f"{QUICK}/{list_id}").text


def test_an_offer_holds_product_price_pieces_and_defaults_and_nothing_else(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    list_id = started(browser, session, "WH-1")
    prepare_quick_list(list_id)

    assert pressed(browser, session, list_id, "list") == 303
    make_quick_offers(list_id)

    (offer,) = made(session)
    assert (offer.state, offer.wanted, offer.is_quick) == (OfferState.WAITING, Wanted.LIST, True)
    assert (offer.product_id, offer.product_match) == (SONY, ProductMatch.FOUND)
    assert (offer.price, offer.quantity) == (Decimal("1199.50"), 3)
    assert (offer.title, offer.images, offer.description_html) == ("", [], "")
    assert offer.parameters == {"11323": {"values_ids": ["11323_1"]}}
    assert offer.shipping_rate_id == "shipping_rate-1"
    assert (offer.responsible_producer_id, offer.safety_text) == (None, "")
    assert "Utworzone oferty: 1 z 1" in browser.get(f"{QUICK}/{list_id}").text


@pytest.mark.parametrize(
    ("action", "state", "wanted"),
    [("keep", OfferState.DRAFT, Wanted.LIST), ("draft", OfferState.WAITING, Wanted.DRAFT)],
)
def test_drafts_are_made_here_or_at_allegro(
    session: Session,
    account: Account,
    browser: FlaskClient,
    action: str,
    state: OfferState,
    wanted: Wanted,
) -> None:
    list_id = started(browser, session, "WH-1")
    prepare_quick_list(list_id)

    pressed(browser, session, list_id, action)
    make_quick_offers(list_id)

    assert [(each.state, each.wanted) for each in made(session)] == [(state, wanted)]


def test_pressed_twice_in_two_tabs_and_made_by_two_workers_each_product_is_listed_once(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    list_id = started(browser, session, "WH-1")
    prepare_quick_list(list_id)
    data = {"version": "3", "row.0": "1", "price.0": "1", "quantity.0": "1", "action": "list"}
    session.rollback()
    data["version"] = str(session.get_one(QuickList, list_id).version)

    for _ in range(2):
        browser.post(f"{QUICK}/{list_id}", data=data)
    for _ in range(2):
        make_quick_offers(list_id)

    assert len(made(session)) == 1


def test_a_price_that_is_none_is_kept_as_typed_and_stops_the_list(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    list_id = started(browser, session, "WH-1")
    prepare_quick_list(list_id)

    status = pressed(browser, session, list_id, "list", **{"price.0": "tanio", "quantity.0": "0"})

    assert status == 422
    page = browser.get(f"{QUICK}/{list_id}").text
    assert 'value="tanio"' in page
    assert page.count('aria-invalid="true"') == 2
    make_quick_offers(list_id)
    assert made(session) == []


def test_what_has_an_offer_is_not_ticked_by_itself(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    first = started(browser, session, "WH-1")
    prepare_quick_list(first)
    pressed(browser, session, first, "keep")
    make_quick_offers(first)

    second = started(browser, session, "WH-1")
    prepare_quick_list(second)

    session.rollback()
    (item,) = from_stored(session.get_one(QuickList, second).items)
    assert (item.readiness, item.is_ticked, item.offer_id) == (
        Readiness.LISTED,
        False,
        made(session)[0].id,
    )


def test_what_allegro_did_not_answer_is_asked_once_more(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    list_id = started(browser, session, "WH-1\nBEZ-EAN")
    host.simulator.faults.status("GET /sale/products", 503, times=10)
    prepare_quick_list(list_id)
    assert readiness(session, list_id)[0] == Readiness.FAILED

    host.simulator.faults.clear()
    pressed(browser, session, list_id, "again")
    prepare_quick_list(list_id)

    assert readiness(session, list_id)[0] == Readiness.READY


def test_a_hundred_rows_cost_no_more_statements_than_ten(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    list_id = started(browser, session, "WH-1")
    prepare_quick_list(list_id)
    session.rollback()
    quick = session.get_one(QuickList, list_id)
    (item,) = from_stored(quick.items)
    counts = []
    browser.get(f"{QUICK}/{list_id}")

    for size in (10, 100):
        quick.items = to_stored([replace(item, sku=f"WH-{number}") for number in range(size)])
        session.commit()
        counts.append(_statements(host, browser, f"{QUICK}/{list_id}"))

    assert counts[0] == counts[1] <= 8


def _statements(host: Host, browser: FlaskClient, address: str) -> int:
    count = 0

    def listen(*_: object) -> None:
        nonlocal count
        count += 1

    engine = host.runtime.db.engine
    event.listen(engine, "before_cursor_execute", listen)
    assert browser.get(address).status_code == 200
    event.remove(engine, "before_cursor_execute", listen)
    return count
