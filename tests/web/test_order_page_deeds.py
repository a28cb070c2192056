"""Deeds of the order's page: each one request, once however often it is sent, with nothing typed lost."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.order_events import list_events
from allegro_module.db.order_rules import StatusRule
from allegro_module.db.orders import LineMark, Order, OrderContent, StockBooking
from allegro_module.db.pushes import Push, list_pushes
from allegro_module.domain.orders import Flag
from allegro_module.domain.shop import Invoice, ShopOrderId
from tests.sync.order_builders import line
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.order_page_builders import BOX, RING, a_form, a_stored_order, page_of

PDF = b"%PDF-1.7 invoice"


@pytest.fixture
def account(host: Host, session: Session) -> Account:
    return a_linked_account(session, host)


@pytest.fixture
def order(host: Host, session: Session, account: Account) -> Order:
    return a_stored_order(session, host, account)


def told(session: Session, order: Order) -> list[str]:
    """Kinds in the history, oldest first."""
    session.rollback()
    return [str(each.kind) for each in reversed(list_events(session, order.id))]


def recipient(page: str) -> dict[str, str]:
    """All fields of the edit form as a browser would send them."""
    fields = [each.split(">")[0] for each in page.split("<input")[1:] if "recipient." in each.split(">")[0]]
    found = {each.split('name="')[1].split('"')[0]: each.split('value="')[1].split('"')[0] for each in fields}
    country = page.split('name="recipient.country_code"')[1].split(" selected")[0].rpartition('value="')[2]
    return {**found, "recipient.country_code": country.rstrip('"')}


def test_every_deed_leads_back_to_the_page(order: Order, browser: FlaskClient) -> None:
    for deed in ("caretaker", "confirm", "settle", "hold", "release"):
        answer = browser.post(f"{page_of(order)}/{deed}", data={"on": "1"})

        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(page_of(order))


def test_assign_me_names_the_caretaker_once(session: Session, order: Order, browser: FlaskClient) -> None:
    for _ in range(2):
        browser.post(f"{page_of(order)}/caretaker")

    assert told(session, order) == ["caretaker"]
    assert "Przypisz mnie" not in browser.get(page_of(order)).text


def test_a_tick_names_who_picked_the_line_and_the_first_stays(
    session: Session, host: Host, order: Order, browser: FlaskClient
) -> None:
    for _ in range(2):
        browser.post(f"{page_of(order)}/pick", data={"line": RING, "on": "1"})
        host.now += timedelta(minutes=1)

    page = browser.get(page_of(order)).text
    mark = session.get(LineMark, (order.id, RING))

    assert mark is not None
    assert mark.picked_at == NOW
    assert "skompletowane 1 z 2" in page
    assert "skompletowane przez: anna.k" in page
    assert told(session, order) == ["picked"]


def test_a_tick_can_be_taken_back_and_answers_scripts_with_the_lines_only(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    browser.post(f"{page_of(order)}/pick", data={"line": RING, "on": "1"})

    answer = browser.post(
        f"{page_of(order)}/pick", data={"line": RING, "on": "0"}, headers={"X-Allegro-Fragment": "1"}
    ).text

    assert answer.lstrip().startswith("<section")
    assert "skompletowane 0 z 2" in answer
    assert told(session, order) == ["picked", "unpicked"]


def test_a_line_of_another_order_cannot_be_ticked(order: Order, browser: FlaskClient) -> None:
    data = {"line": "33333333-1111-4111-8111-111111111111", "on": "1"}

    assert browser.post(f"{page_of(order)}/pick", data=data).status_code == 404


def test_a_hold_says_why_until_it_is_released(session: Session, order: Order, browser: FlaskClient) -> None:
    browser.post(f"{page_of(order)}/hold", data={"because": "czeka na <kolor>"})
    held = browser.get(page_of(order)).text
    browser.post(f"{page_of(order)}/release")

    assert "Wysyłka wstrzymana." in held
    assert "czeka na &lt;kolor&gt;" in held
    assert "Wznów wysyłkę" in held
    assert "Wysyłka wstrzymana." not in browser.get(page_of(order)).text
    assert told(session, order) == ["held", "released"]


def test_confirming_a_new_order_tells_allegro_once(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    bought = a_form(fulfillment={"status": "NEW", "provider": {"id": "SELLER"}})
    order = a_stored_order(session, host, account, bought)
    for _ in range(2):
        browser.post(f"{page_of(order)}/confirm", data={"on": "1"})

    assert [push.payload["status"] for push in list_pushes(session, order.id)] == ["PROCESSING"]
    assert told(session, order).count("confirmed") == 1


def test_the_shops_status_is_set_and_passed_on_by_the_table(
    host: Host, session: Session, order: Order, browser: FlaskClient
) -> None:
    session.add(StatusRule(to_allegro=True, source="sent", target="SENT"))
    session.commit()

    assert "„Wysłane” przekaże Allegro status „Wysłane”." in browser.get(page_of(order)).text
    browser.post(f"{page_of(order)}/shop-status", data={"shop_status": "sent"})

    assert host.shop.statuses == {ShopOrderId("shop-1"): "sent"}
    assert [push.payload["status"] for push in list_pushes(session, order.id)] == ["SENT"]
    assert "Wyślemy do Allegro status „Wysłane”." in browser.get(page_of(order)).text


def test_a_status_that_allegro_does_not_take_is_refused_with_a_sentence(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    for status in ("RETURNED", "SUSPENDED", "nonsense"):
        page = browser.post(f"{page_of(order)}/status", data={"status": status}, follow_redirects=True).text

        assert "ten ustawia tylko Allegro" in page
    assert list_pushes(session, order.id) == []


def test_a_tracking_number_of_some_lines_is_kept_for_allegro(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    data = {"carrier_id": "DPD", "waybill": " 6200 1234 ", "line_item_ids": [RING]}
    browser.post(f"{page_of(order)}/shipment", data=data)

    push = list_pushes(session, order.id)[0]
    page = browser.get(page_of(order)).text

    assert push.payload["waybill"] == "62001234"
    assert push.payload["line_item_ids"] == [RING]
    assert "62001234" in page
    assert "Czeka na wysłanie" in page


def test_all_lines_ticked_are_the_whole_order(session: Session, order: Order, browser: FlaskClient) -> None:
    data = {"carrier_id": "DPD", "waybill": "1", "line_item_ids": [BOX, RING]}
    browser.post(f"{page_of(order)}/shipment", data=data)

    assert list_pushes(session, order.id)[0].payload["line_item_ids"] == []


def test_a_wrong_tracking_number_keeps_what_was_typed(order: Order, browser: FlaskClient) -> None:
    data = {"carrier_id": "OTHER", "waybill": "x" * 70, "carrier_name": "Rowerem", "line_item_ids": [BOX]}
    answer = browser.post(f"{page_of(order)}/shipment", data=data)

    assert answer.status_code == 422
    assert "x" * 70 in answer.text
    assert "Rowerem" in answer.text
    assert "najwyżej 64 znaków" in answer.text
    assert 'href="#f-waybill"' in answer.text
    assert f'value="{BOX}" checked' in answer.text
    assert f'value="{RING}" checked' not in answer.text


def test_an_uploaded_invoice_waits_for_allegro_with_its_ksef_number(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    data = {"number": "FV 12/2026", "ksef_number": "525-KSEF-1", "pdf": (io.BytesIO(PDF), "f.pdf")}
    browser.post(f"{page_of(order)}/invoice", data=data)

    page = browser.get(page_of(order)).text

    assert session.scalars(select(Push)).one().document == PDF
    for words in ("FV 12/2026", "525-KSEF-1", "Czeka na wysłanie"):
        assert words in page


def test_a_file_that_is_no_pdf_is_refused_and_the_number_stays(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    data = {"number": "FV 12/2026", "pdf": (io.BytesIO(b"MZ"), "f.pdf")}
    answer = browser.post(f"{page_of(order)}/invoice", data=data)

    assert answer.status_code == 422
    assert "Wybierz fakturę w pliku PDF." in answer.text
    assert 'value="FV 12/2026"' in answer.text
    assert list_pushes(session, order.id) == []


class Office:
    """The shop's own invoicing."""

    def issue(self, shop_order_id: ShopOrderId) -> Invoice:
        return Invoice(f"FV {shop_order_id}", PDF, "KSEF-9")


def test_the_shops_own_invoice_is_issued_and_sent(
    host: Host, session: Session, order: Order, browser: FlaskClient
) -> None:
    before = browser.get(page_of(order)).text
    host.runtime.invoicing = Office()
    with_office = browser.get(page_of(order)).text
    browser.post(f"{page_of(order)}/own-invoice")

    assert "Wystaw i wyślij" not in before
    assert "Wystaw i wyślij" in with_office
    assert [push.payload["number"] for push in list_pushes(session, order.id)] == ["FV shop-1"]
    assert "KSEF-9" in browser.get(page_of(order)).text


def test_a_product_is_found_and_assigned_to_a_line_and_its_stock_is_taken(
    host: Host, session: Session, order: Order, browser: FlaskClient
) -> None:
    found = browser.get(f"{page_of(order)}?line={BOX}&q=zielone").text
    browser.post(f"{page_of(order)}/product", data={"line": BOX, "sku": "PU-0009"})

    assert 'value="PU-0009"' in found
    assert session.get(StockBooking, (BOX, "sell")) is not None
    assert Flag.UNMATCHED_LINE not in session.get_one(Order, order.id, populate_existing=True).flags
    assert "Przypisano produkt PU-0009" in browser.get(page_of(order)).text
    assert [each.order.positions[1].sku for each in host.shop.changes] == ["PU-0009"]


def test_a_product_that_the_shop_lacks_is_not_assigned(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    answer = browser.post(f"{page_of(order)}/product", data={"line": BOX, "sku": "XX-1"})

    assert answer.status_code == 422
    assert "Sklep nie ma produktu o SKU „XX-1”" in answer.text
    assert told(session, order) == []


def test_edit_mode_changes_the_recipient_for_the_shop(
    host: Host, session: Session, order: Order, browser: FlaskClient
) -> None:
    sent = recipient(browser.get(f"{page_of(order)}/edit").text)
    sent["recipient.street"] = "Nowa 5"
    answer = browser.post(f"{page_of(order)}/edit", data=sent)
    page = browser.get(page_of(order)).text
    edits = session.get_one(Order, order.id, populate_existing=True).edits
    browser.post(f"{page_of(order)}/restore")

    assert answer.status_code == 303
    assert edits == {"recipient.street": "Nowa 5"}
    assert "Nowa 5" in page
    assert "Zmieniono dane odbiorcy: ulica i numer." in page
    streets = [each.order.delivery.address.street for each in host.shop.changes]  # type: ignore[union-attr]
    assert streets == ["Nowa 5", "Kasztanowa 12"]


def test_wrong_values_of_edit_mode_stand_at_their_fields_and_are_not_lost(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    sent = recipient(browser.get(f"{page_of(order)}/edit").text)
    sent |= {"recipient.post_code": "80831", "recipient.phone": "brak", "recipient.city": ""}
    answer = browser.post(f"{page_of(order)}/edit", data=sent)

    assert answer.status_code == 422
    for words in ("00-000, na przykład", "Wpisz telefon cyframi", "Uzupełnij to pole", 'value="80831"'):
        assert words in answer.text
    assert session.get_one(Order, order.id, populate_existing=True).edits == {}


def test_two_admins_who_edit_the_same_field_are_told(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    mine = recipient(browser.get(f"{page_of(order)}/edit").text)
    theirs = {**mine, "recipient.street": "Ich 1", "recipient.city": "Sopot"}
    browser.post(f"{page_of(order)}/edit", data=theirs)
    answer = browser.post(f"{page_of(order)}/edit", data={**mine, "recipient.street": "Moja 2"})
    again = recipient(answer.text)
    browser.post(f"{page_of(order)}/edit", data=again)

    assert answer.status_code == 409
    assert "Ich 1" in answer.text
    assert 'value="Moja 2"' in answer.text
    saved = session.get_one(Order, order.id, populate_existing=True).edits
    assert saved["recipient.street"] == "Moja 2"


def test_the_note_of_another_admin_is_not_overwritten_unseen(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    browser.post(f"{page_of(order)}/note", data={"shown": "", "seller_note": "Zielone pudełko"})
    answer = browser.post(f"{page_of(order)}/note", data={"shown": "", "seller_note": "Kokarda"})

    assert answer.status_code == 409
    assert "Zielone pudełko" in answer.text
    assert "Kokarda" in answer.text
    assert session.get_one(Order, order.id, populate_existing=True).seller_note == "Zielone pudełko"
    assert told(session, order) == ["note"]


def test_a_flag_that_was_dealt_with_goes(session: Session, order: Order, browser: FlaskClient) -> None:
    order.flags = [Flag.ADDRESS_CHANGED, Flag.UNMATCHED_LINE]
    session.commit()
    browser.post(f"{page_of(order)}/deal-with", data={"flag": Flag.ADDRESS_CHANGED})
    browser.post(f"{page_of(order)}/deal-with", data={"flag": Flag.UNMATCHED_LINE})

    assert session.get_one(Order, order.id, populate_existing=True).flags == [Flag.UNMATCHED_LINE]
    assert "Załatwiono: " in browser.get(page_of(order)).text


def test_a_refused_push_is_sent_again(session: Session, order: Order, browser: FlaskClient) -> None:
    browser.post(f"{page_of(order)}/status", data={"status": "SENT"})
    push = list_pushes(session, order.id)[0]
    push.state, push.trouble = "refused", "cap"  # type: ignore[assignment]
    session.commit()
    browser.post(f"{page_of(order)}/pushes/{push.id}/retry")

    assert session.get_one(Push, push.id, populate_existing=True).state == "waiting"
    assert browser.post(f"{page_of(order)}/pushes/4711/retry").status_code == 404


def test_reading_again_without_allegro_says_so_and_loses_nothing(
    host: Host, session: Session, order: Order, browser: FlaskClient
) -> None:
    page = browser.post(f"{page_of(order)}/read-again", follow_redirects=True).text

    assert "al-note-warn" in page or "al-note-bad" in page
    assert session.get(OrderContent, order.id) is not None


def test_a_line_whose_stock_was_taken_keeps_its_product(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    order = a_stored_order(session, host, account, a_form(lineItems=[line(id=RING)]))
    session.add(StockBooking(line_item_id=RING, kind="sell", order_id=order.id, sku="PZ-0142", quantity=2))
    session.commit()
    answer = browser.post(f"{page_of(order)}/product", data={"line": RING, "sku": "PU-0009"})

    assert answer.status_code == 422
    assert session.get(LineMark, (order.id, RING)) is None


@pytest.mark.parametrize(
    ("deed", "data"), [("status", {"status": "CANCELLED"}), ("shop-status", {"shop_status": "sent"})]
)
def test_cancelling_at_allegro_is_asked_about_first(
    session: Session, order: Order, browser: FlaskClient, deed: str, data: dict[str, str]
) -> None:
    session.add(StatusRule(to_allegro=True, source="sent", target="CANCELLED"))
    session.commit()
    question = browser.post(f"{page_of(order)}/{deed}", data=data, follow_redirects=True).text
    pushed = list_pushes(session, order.id)
    session.rollback()
    browser.post(f"{page_of(order)}/{deed}", data={**data, "understood": "1"})

    for words in ("Stan magazynowy wróci sam", "Pieniądze nie wrócą", "nie dostanie od nas wiadomości"):
        assert words in question
    assert f'action="{page_of(order)}/{deed}"' in question
    assert pushed == []
    assert [push.payload["status"] for push in list_pushes(session, order.id)] == ["CANCELLED"]


def test_a_tracking_number_in_letters_of_no_label_is_refused(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    answer = browser.post(f"{page_of(order)}/shipment", data={"carrier_id": "DPD", "waybill": "ŁÓDŹ12"})

    assert answer.status_code == 422
    assert "litery bez polskich znaków" in answer.text
    assert list_pushes(session, order.id) == []


def test_a_country_that_does_not_exist_is_refused(
    session: Session, order: Order, browser: FlaskClient
) -> None:
    sent = recipient(browser.get(f"{page_of(order)}/edit").text) | {"recipient.country_code": "QQ"}
    answer = browser.post(f"{page_of(order)}/edit", data=sent)

    assert answer.status_code == 422
    assert "Wybierz kraj z listy." in answer.text


def test_the_deeds_that_change_nothing_in_sight_are_told(order: Order, browser: FlaskClient) -> None:
    mine = browser.post(f"{page_of(order)}/caretaker", follow_redirects=True).text
    note = browser.post(
        f"{page_of(order)}/note", data={"shown": "", "seller_note": "Kokarda"}, follow_redirects=True
    ).text
    found = browser.post(
        f"{page_of(order)}/product", data={"line": BOX, "sku": "PU-0009"}, follow_redirects=True
    ).text

    assert "Teraz to Ty zajmujesz się" in mine
    assert "Notatka zapisana." in note
    assert "Produkt PU-0009 jest przypisany." in found
    assert "Przypisano produkt PU-0009 do pozycji Pudełko upominkowe." in found
