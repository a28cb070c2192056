"""*Pobierz*: asking for a print, watching it, the PDF and the same paper as a page."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.db.accounts import get_account
from allegro_module.db.orders import Order, OrderContent
from allegro_module.db.prints import Print
from allegro_module.domain.permissions import Permission
from allegro_module.jobs.printing import make_print_now
from allegro_module.prints.papers import from_json
from allegro_module.web import prints
from tests.prints.paper_builders import a_product
from tests.prints.reading import text_of
from tests.sync.order_builders import form, line
from tests.web.conftest import NOW, ORDERS, Host, a_linked_account
from tests.web.test_orders_page import an_order

PRINTS = f"{ORDERS}/prints"
NASTY = '<script>alert("x")</script> #read("/etc/passwd")'


@pytest.fixture
def order(session: Session, host: Host) -> Order:
    """Of two rings, with a message that would be a script."""
    host.shop.add_product(a_product("PZ-0142", "Pierścionek z „żółtym” bursztynem"))
    order = an_order(session, a_linked_account(session, host), fulfillment_status="PROCESSING")
    a_content(session, order, messageToSeller=NASTY)
    return order


def a_content(session: Session, order: Order, **changes: object) -> None:
    made = form(lineItems=[line(id=f"line-{order.id}")], **changes)
    session.add(OrderContent(order_id=order.id, form=msgspec.json.encode(made).decode()))
    session.commit()


def ask(browser: FlaskClient, *order_ids: int, kind: str = "a4") -> str:
    """The address of the page that watches."""
    answer = browser.post(PRINTS, data={"kind": kind, "order": [str(each) for each in order_ids]})
    assert answer.status_code == 303
    return answer.location


def made_by_the_worker(host: Host, address: str) -> tuple[bytes | None, dict[str, Any]]:
    """The document, and the paper it was made of."""
    print_id = int(address.rpartition("/")[2])
    with host.app.app_context():
        assert make_print_now(host.runtime, print_id)
        made = host.runtime.session.get_one(Print, print_id)
        return made.document, from_json(made.paper or "")


def test_print_is_asked_for_made_and_opened(host: Host, browser: FlaskClient, order: Order) -> None:
    address = ask(browser, order.id)
    waiting = browser.get(address).text
    made_by_the_worker(host, address)

    page, document = browser.get(address).text, browser.get(f"{address}/document")

    assert "data-al-poll" in waiting and "W kolejce" in waiting
    assert "Wydruk zamówienia A4 – 1 zamówienie" in page
    assert "data-al-poll" not in page and "Otwórz PDF" in page
    assert (document.mimetype, document.data[:5]) == ("application/pdf", b"%PDF-")
    assert "inline" in document.headers["Content-Disposition"]
    assert "Zam%C3%B3wienia%2021.11.2026%2014.30.pdf" in document.headers["Content-Disposition"]
    assert 'filename="Zamowienia 21.11.2026 14.30.pdf"' in document.headers["Content-Disposition"]
    assert document.headers["Content-Security-Policy"] == prints.PDF_POLICY
    assert document.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", ["a4", "small", "picking"])
def test_page_shows_the_same_values_as_the_pdf(
    host: Host, browser: FlaskClient, order: Order, kind: str
) -> None:
    address = ask(browser, order.id, kind=kind)
    document, paper = made_by_the_worker(host, address)
    printed = without_blanks(text_of(document))

    text = without_blanks(unescape(browser.get(f"{address}/html").text))

    for value in (*_values(paper["sheets"], kind), *_values(paper["products"], kind)):
        assert without_blanks(value) in text and without_blanks(value) in printed, value


def _values(found: list[dict[str, Any]], kind: str) -> list[str]:
    """Of sheets or products; on a small print only what it has room for."""
    small = ("number", "message")
    names = {"a4": (*small, "total", "paid", "bought", "checked"), "small": small}
    values = [str(each[name]) for each in found for name in names.get(kind, ("name", "sku", "pieces"))]
    skus = [line["sku"] for each in found for line in each.get("lines", ())]
    return [value for value in [*values, *skus] if value]


def without_blanks(text: str) -> str:
    """Lines may break anywhere."""
    return "".join(text.split())


def test_what_a_buyer_writes_is_text_on_the_page(host: Host, browser: FlaskClient, order: Order) -> None:
    address = ask(browser, order.id)
    made_by_the_worker(host, address)

    page = browser.get(f"{address}/html").text

    assert NASTY not in page and NASTY in unescape(page)


def test_without_a_queue_the_page_says_so_and_the_browser_can_print(
    browser: FlaskClient, order: Order
) -> None:
    address = ask(browser, order.id)

    page, paper = browser.get(address).text, browser.get(f"{address}/html").text

    assert "Kolejka zadań nie odpowiada" in page and f"{address}/html" in page
    assert order.number in paper and "nie sprawdzono w Allegro o 14:30" in paper
    assert browser.get(f"{address}/document").status_code == 404


def test_orders_left_out_are_named_with_the_reason(
    host: Host, browser: FlaskClient, session: Session, order: Order
) -> None:
    held = an_order(session, get_account(session, order.account_id), 2, held_because="czekamy na towar")
    a_content(session, held)
    address = ask(browser, order.id, held.id)
    made_by_the_worker(host, address)

    page = browser.get(address).text

    assert "Pominięto 1 zamówienie" in page and f"<strong>{held.number}</strong> – wysyłka wstrzymana" in page


def test_page_says_which_orders_are_not_accepted_yet(
    host: Host, browser: FlaskClient, session: Session, order: Order
) -> None:
    order.fulfillment_status = "NEW"
    session.commit()
    address = ask(browser, order.id)

    page = browser.get(address).text

    assert "Zamówienie nie jest jeszcze przyjęte." in page and order.number in page
    assert "<details><summary>Pokaż" not in page


def test_many_orders_not_accepted_yet_are_counted_and_their_numbers_folded(
    browser: FlaskClient, session: Session, order: Order
) -> None:
    account = get_account(session, order.account_id)
    fresh = [an_order(session, account, place, fulfillment_status="NEW") for place in range(2, 8)]

    page = browser.get(ask(browser, order.id, *(each.id for each in fresh))).text

    assert "6 z 7 zamówień nie jest jeszcze przyjętych." in page
    assert f"<summary>Pokaż ich numery</summary>{fresh[0].number}, {fresh[1].number}" in page


def test_print_without_a_compiler_leads_to_the_browser(
    browser: FlaskClient, session: Session, order: Order
) -> None:
    address = ask(browser, order.id)
    print_ = session.get_one(Print, int(address.rpartition("/")[2]))
    print_.state, print_.trouble = "done", "no_compiler"
    session.commit()

    page = browser.get(address).text

    assert (
        "nie są w tym sklepie włączone" in page
        and "Otwórz PDF" not in page
        and "Drukuj z przeglądarki" in page
    )


def test_print_that_a_living_worker_makes_is_only_watched(
    browser: FlaskClient, session: Session, order: Order
) -> None:
    address = ask(browser, order.id)
    print_ = session.get_one(Print, int(address.rpartition("/")[2]))
    print_.state, print_.done = "making", 1
    print_.claim, print_.claimed_until = new_claim(), NOW + timedelta(minutes=1)
    session.commit()

    page = browser.get(address).text

    assert "Kolejka zadań nie odpowiada" not in page and "Składamy plik PDF." in page


def test_print_is_gone_after_a_day(host: Host, browser: FlaskClient, order: Order) -> None:
    address = ask(browser, order.id)
    made_by_the_worker(host, address)
    host.now += timedelta(days=1, seconds=1)

    assert [browser.get(f"{address}{path}").status_code for path in ("", "/document", "/html")] == [404] * 3


def test_nothing_chosen_is_said_on_the_list(browser: FlaskClient, order: Order) -> None:
    answer = browser.post(PRINTS, data={"kind": "a4"}, follow_redirects=True)

    assert "Zaznacz zamówienia do wydruku." in answer.text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"kind": "poster", "order": "1"}, 400),
        ({"kind": "a4", "order": "x"}, 400),
        ({"kind": "a4", "order": "9" * 30}, 400),
        ({"kind": "a4", "order": "4711"}, 404),
    ],
)
def test_what_no_page_of_ours_sends_is_refused(
    browser: FlaskClient, order: Order, data: dict[str, str], status: int
) -> None:
    assert browser.post(PRINTS, data=data).status_code == status


def test_print_asks_for_the_right_to_handle_orders(host: Host, browser: FlaskClient, order: Order) -> None:
    address = ask(browser, order.id)
    host.allowed.remove(str(Permission.HANDLE_ORDERS))

    answers = [browser.get(f"{address}{path}").status_code for path in ("", "/document", "/html")]

    assert [*answers, browser.post(PRINTS, data={"kind": "a4", "order": "1"}).status_code] == [403] * 4


@pytest.mark.parametrize("print_id", [4711, 2**31, 2**70])
def test_unknown_print_is_not_found(browser: FlaskClient, order: Order, print_id: int) -> None:
    assert browser.get(f"{PRINTS}/{print_id}").status_code == 404


def test_file_name_in_plain_letters_keeps_its_l() -> None:
    names = prints._file_names("Małe wydruki 21.11.2026 14.30.pdf")

    assert names["filename"] == "Male wydruki 21.11.2026 14.30.pdf"
    assert names["filename*"] == "UTF-8''Ma%C5%82e%20wydruki%2021.11.2026%2014.30.pdf"
