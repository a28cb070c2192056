"""Deeds on ticked orders: accept, status, tracking numbers, file; and orders set aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.carriers import CarrierRow
from allegro_module.db.failures import Failure, set_aside
from allegro_module.db.orders import Order
from allegro_module.db.pushes import Push
from allegro_module.domain.permissions import Permission
from allegro_module.web.labels import words_of_failure
from tests.web.browsing import words_of
from tests.web.conftest import NOW, ORDERS, Host, a_linked_account
from tests.web.test_orders_page import an_order


@pytest.fixture
def account(host: Host, session: Session) -> Account:
    return a_linked_account(session, host)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the queue was asked for."""
    tasks: list[str] = []

    def enqueue(runtime: object, task: str, *args: int) -> bool:
        tasks.append(task)
        return True

    monkeypatch.setattr("allegro_module.web.order_list_bulk.enqueue", enqueue)
    return tasks


def pushes(session: Session) -> list[tuple[int, dict[str, object]]]:
    session.expire_all()
    return [(push.order_id, push.payload) for push in session.scalars(select(Push).order_by(Push.id))]


def test_ticked_orders_are_accepted_and_others_left_out_by_name(
    session: Session, account: Account, browser: FlaskClient, rung: list[str]
) -> None:
    fine = an_order(session, account, 1)
    held = an_order(session, account, 2, held_because="adres")
    waiting = an_order(session, account, 3, held_until=NOW + timedelta(minutes=4))
    allegros = an_order(session, account, 4, provider="ALLEGRO")
    an_order(session, account, 5)
    ids = [each.id for each in (fine, held, waiting, allegros)]

    sent = {"deed": "accept", "order": ids, "back": "tab=new&q="}
    page = browser.post(f"{ORDERS}/bulk", data=sent, follow_redirects=True)

    words = words_of(page)
    assert "Przyjęto 1 zamówienie." in words
    for each in (
        "BL-10002 – wstrzymane",
        "BL-10004 – realizuje Allegro",
        "BL-10003 – kupujący może anulować",
    ):
        assert each in words
    assert [(order_id, payload["status"]) for order_id, payload in pushes(session)] == [
        (fine.id, "PROCESSING")
    ]
    assert rung == ["push_orders"]


def test_orders_are_taken_care_of_by_whoever_pressed(
    session: Session, account: Account, browser: FlaskClient, rung: list[str]
) -> None:
    order = an_order(session, account, held_because="adres")

    page = browser.post(
        f"{ORDERS}/bulk", data={"deed": "caretaker", "order": order.id}, follow_redirects=True
    )

    session.expire_all()
    assert "Jesteś opiekunem 1 zamówienia." in page.text
    assert session.get_one(Order, order.id).caretaker == "anna.k"


def test_without_a_tick_nothing_happens_and_the_list_stays_as_it_was(
    account: Account, browser: FlaskClient
) -> None:
    sent = {"deed": "accept", "order": ["x", "-1", "99999999999999999999"], "back": "tab=sent&q=obrus&evil=1"}

    response = browser.post(f"{ORDERS}/bulk", data=sent)

    assert response.headers["Location"] == f"{ORDERS}?tab=sent&q=obrus"
    assert "Nie zaznaczono zamówień." in browser.get(ORDERS).text


def test_a_status_is_asked_for_after_saying_how_many_it_concerns(
    session: Session, account: Account, browser: FlaskClient, rung: list[str]
) -> None:
    first, second = an_order(session, account, 1), an_order(session, account, 2)
    allegros = an_order(session, account, 3, provider="ALLEGRO")
    ids = [first.id, second.id, allegros.id]

    question = browser.post(f"{ORDERS}/bulk", data={"deed": "status", "order": ids}, follow_redirects=True)
    unanswered = browser.post(f"{ORDERS}/status", data={"order": ids})
    done = browser.post(f"{ORDERS}/status", data={"order": ids, "status": "SENT"}, follow_redirects=True)

    assert "Dotyczy 2 zamówień." in question.text
    assert "BL-10003 – realizuje Allegro" in question.text
    assert 'value="RETURNED"' not in question.text
    assert unanswered.status_code == 422
    assert "Wybierz status." in unanswered.text
    assert "status „Wysłane” 2 zamówień" in done.text
    assert [payload["status"] for _, payload in pushes(session)] == ["SENT", "SENT"]


def a_carrier(session: Session, carrier_id: str, name: str) -> None:
    session.add(CarrierRow(environment="simulator", id=carrier_id, name=name, fetched_at=NOW))
    session.commit()


def test_tracking_numbers_are_added_row_by_row_and_a_wrong_one_stays_as_typed(
    session: Session, account: Account, browser: FlaskClient, rung: list[str]
) -> None:
    a_carrier(session, "DPD", "DPD")
    a_carrier(session, "INPOST", "InPost")
    a_carrier(session, "OTHER", "Inny")
    first = an_order(session, account, 1, delivery_method="Kurier DPD")
    second = an_order(session, account, 2)
    third = an_order(session, account, 3)
    ids = [first.id, second.id, third.id]

    page = browser.get(f"{ORDERS}/waybills", query_string={"order": ids, "back": "tab=new"})
    sent = {
        "order": ids,
        "back": "tab=new",
        "action": "add",
        f"carrier_id-{first.id}": "DPD",
        f"waybill-{first.id}": " 0000 123 ",
        f"carrier_id-{second.id}": "OTHER",
        f"waybill-{second.id}": "77 <b>",
        f"carrier_id-{third.id}": "INPOST",
        "pasted": "BL-77 620",
    }
    answer = browser.post(f"{ORDERS}/waybills", data=sent)

    assert '<option value="DPD" selected>' in page.text
    assert answer.status_code == 422
    assert "BL-10001" not in answer.text.split("<form")[1]
    assert "BL-10003" in answer.text.split("<form")[1]
    assert answer.text.count('<option value="INPOST" selected>') == 1
    assert "77 &lt;b&gt;" in answer.text
    assert ">\nBL-77 620</textarea>" in answer.text
    assert '<details class="al-card" open>' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Wysyłamy do Allegro 1 numer przesyłki." in answer.text
    assert [(order_id, payload["waybill"]) for order_id, payload in pushes(session)] == [
        (first.id, "0000123")
    ]

    sent[f"waybill-{second.id}"] = "77 B"
    sent[f"carrier_name-{second.id}"] = "Kurier z rowerem"
    sent["is_sent"] = "1"
    done = browser.post(f"{ORDERS}/waybills", data=sent)
    assert done.headers["Location"] == f"{ORDERS}?tab=new"
    assert [order_id for order_id, _ in pushes(session)] == [first.id, second.id, second.id, first.id]


def test_pasted_numbers_fill_the_rows(
    session: Session, account: Account, browser: FlaskClient, rung: list[str]
) -> None:
    first, second = an_order(session, account, 1), an_order(session, account, 2)
    lines = "bl-10001;6200 0001\nBL-10002\t6200 0002\n\nnonsense\nBL-99999 1"
    sent = {"order": [first.id, second.id], "action": "paste", "pasted": lines}

    page = browser.post(f"{ORDERS}/waybills", data=sent).text

    assert 'value="6200 0001"' in page
    assert 'value="6200 0002"' in page
    assert "Nie rozpoznano 2 wierszy: nonsense; BL-99999 1" in page
    assert ">\nnonsense\nBL-99999 1</textarea>" in page
    assert pushes(session) == []


def test_no_number_at_all_is_said_and_keeps_the_rows(
    session: Session, account: Account, browser: FlaskClient, rung: list[str]
) -> None:
    order = an_order(session, account)

    answer = browser.post(f"{ORDERS}/waybills", data={"order": order.id, "action": "add"})

    assert answer.status_code == 422
    assert "Nie wpisano żadnego numeru przesyłki." in answer.text
    assert browser.get(f"{ORDERS}/waybills?order=999").status_code == 404


def test_the_file_holds_what_the_filters_find_and_no_formula(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_order(session, account, 1, buyer_name='=HYPERLINK("x")', message="Proszę; „na prezent”\ndziękuję")
    an_order(session, account, 2, fulfillment_status="SENT")
    ticked = an_order(session, account, 3, buyer_name="Jeżynka")

    everything = browser.get(f"{ORDERS}/export.csv?tab=all").data.decode()
    new = browser.get(f"{ORDERS}/export.csv").data.decode()
    one = browser.get(f"{ORDERS}/export.csv?order={ticked.id}").data.decode()

    assert everything.startswith("\ufeffZamówienie;")
    assert all(number in everything for number in ("BL-10001", "BL-10002", "BL-10003"))
    assert "BL-10002" not in new
    assert "'=HYPERLINK" in new
    assert ";1260,99;PLN;" in one
    assert one.count("BL-") == 1


def test_what_was_set_aside_is_tried_again_at_once_and_its_data_are_shown(
    host: Host, session: Session, account: Account, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(
        "allegro_module.web.order_list_failures.ring_import",
        lambda runtime, account_id: rung.append(account_id) or True,
    )
    later = NOW + timedelta(hours=3)
    failure = set_aside(session, account.id, "order", "29738e61", "the shop refuses the order", NOW, later)
    failure.data = '{"buyer": {"login": "<jeżynka>"}}'
    session.commit()

    data = browser.get(f"{ORDERS}/failures/{failure.id}")
    done = browser.post(f"{ORDERS}/failures/{failure.id}/retry", follow_redirects=True)

    assert "&#34;login&#34;: &#34;&lt;jeżynka&gt;&#34;" in data.text
    assert "sklep nie przyjmuje tego zamówienia" in data.text
    assert "Ponawiamy zamówienie 29738e61." in done.text
    session.expire_all()
    assert session.get_one(Failure, failure.id).next_try_at == NOW
    assert rung == [account.id]
    assert browser.get(f"{ORDERS}/failures/99999999999").status_code == 404


def test_reasons_are_told_in_the_sellers_words(host: Host) -> None:
    told = {
        "currencies are mixed: the total": "kwoty w różnych walutach w jednym zamówieniu (suma do zapłaty)",
        "Allegro's answer cannot be read: not a whole number of pieces": "nie można odczytać odpowiedzi "
        "Allegro: brak liczby sztuk pozycji albo jest niemożliwa",
        "the warehouse is closed": "the warehouse is closed",
    }

    with host.app.test_request_context():
        assert {reason: words_of_failure(reason) for reason in told} == told


def test_who_may_only_look_changes_nothing_and_sees_no_raw_data(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    order = an_order(session, account)
    set_aside(session, account.id, "order", "29738e61", "the shop refuses the order", NOW, NOW)
    session.commit()
    host.allowed = {str(Permission.VIEW)}

    page = browser.get(ORDERS).text

    assert "BL-10001" in page
    assert "29738e61" in page
    for absent in ("data-al-pick", "al-bulk", "Importuj teraz", "Ponów teraz", "Pokaż dane"):
        assert absent not in page
    for path in ("bulk", "status", "waybills", "failures/1/retry", "import", f"import/{account.id}/missing"):
        assert browser.post(f"{ORDERS}/{path}", data={"order": order.id}).status_code == 403
    assert browser.get(f"{ORDERS}/failures/1").status_code == 403
