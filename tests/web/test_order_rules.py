"""The page *Ustawienia zamówień*."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.audit import list_latest
from allegro_module.db.order_rules import find_rules, list_status_rules
from allegro_module.db.schedule import find_task
from allegro_module.domain.order_rules import DEFAULT_RULES, Customers, DeliveryVat
from allegro_module.domain.shop import Choice
from allegro_module.domain.status_suggestions import suggested
from allegro_module.web.history_words import ACTIONS
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account

PAGE = f"{SETTINGS}/orders/settings"
TYPED = {
    "reserves_stock": "1",
    "accepts_at_import": "1",
    "delivery_vat": "fixed",
    "delivery_vat_rate": "8,5 %",
    "goods_vat_rate": "23",
    "number_template": "{alias}/{year}/{number}",
    "notes_template": "Punkt: {pickup_point}\r\nNotatka: {seller_note}",
    "list_note": "seller",
    "customers": "matched",
    "customer_key": "phone",
    "customer_prefix": "al-",
    "customer_length": "25",
    "to_allegro-sent": "SENT",
    "to_allegro-new": "RETURNED",
    "to_shop-SENT": "sent",
    "to_shop-NEW": "no-such",
}


@pytest.fixture
def account_id(session: Session, host: Host) -> int:
    return a_linked_account(session, host).id


def test_page_shows_the_rules_with_examples(browser: FlaskClient, account_id: int) -> None:
    page = browser.get(PAGE).text

    assert "Ustawienia zamówień" in page
    assert "BL-10482" in page
    assert "GDA12M" in page
    assert "AL-44300127" in page
    assert "Kupujący nie może już wtedy sam anulować" in page


def test_without_an_account_the_way_to_one_is_shown(browser: FlaskClient) -> None:
    page = browser.get(PAGE).text

    assert "Przejdź do ustawień konta" in page
    assert "<textarea" not in page


def test_saved_rules_and_pairs_are_kept_and_told_to_the_log(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    answer = browser.post(PAGE, data={**TYPED, "account": account_id})

    session.rollback()
    rules = find_rules(session, account_id)
    assert answer.status_code == 303
    assert (rules.delivery_vat, rules.delivery_vat_rate) == (DeliveryVat.FIXED, Decimal("8.5"))
    assert rules.goods_vat_rate == 23
    assert (rules.number_template, rules.customer_prefix) == ("{alias}/{year}/{number}", "AL-")
    assert rules.notes_template == "Punkt: {pickup_point}\nNotatka: {seller_note}"
    assert (rules.customers, rules.accepts_at_import, rules.mails_buyers) == (Customers.MATCHED, True, False)
    # RETURNED is never sent, and what the shop does not know is left out.
    assert [(each.to_allegro, each.source, each.target) for each in list_status_rules(session)] == [
        (True, "sent", "SENT"),
        (False, "SENT", "sent"),
    ]
    entries = {entry.action: entry for entry in list_latest(session)}
    assert entries.keys() == {"order_rules_saved", "order_statuses_saved"}
    assert entries.keys() <= ACTIONS["orders"].keys()
    assert entries["order_rules_saved"].details["notes_template"] == "changed"
    assert entries["order_statuses_saved"].details == {"sent → Allegro": " → SENT", "Allegro SENT": " → sent"}


@pytest.mark.parametrize("typed", ["sto", "101", "8,555"])
def test_default_rate_of_goods_is_a_rate(browser: FlaskClient, account_id: int, typed: str) -> None:
    answer = browser.post(PAGE, data={**TYPED, "goods_vat_rate": typed, "account": account_id})

    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert answer.text.count("Wpisz stawkę liczbą") == 2


def test_saving_the_same_again_is_no_change(browser: FlaskClient, session: Session, account_id: int) -> None:
    for _ in range(2):
        browser.post(PAGE, data={**TYPED, "account": account_id})

    session.rollback()
    assert len(list_latest(session)) == 2
    assert "8,5" in browser.get(PAGE).text


def test_mistake_stands_at_its_field_and_nothing_typed_is_lost(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    wrong = {
        "number_template": "{alias}-{miasto}",
        "customer_length": "dużo",
        "delivery_vat_rate": "sto",
        "notes_template": "Własny <b>tekst</b>",
    }
    answer = browser.post(PAGE, data={**TYPED, **wrong, "account": account_id})

    session.rollback()
    assert answer.status_code == 422
    assert find_rules(session, account_id) == DEFAULT_RULES
    for text in ("Nie ma pola {miasto}", "Wpisz liczbę całkowitą od 20 do 50", "Wpisz stawkę liczbą"):
        assert answer.text.count(text) == 2
    for typed in ("{alias}-{miasto}", "dużo", "sto", "Własny &lt;b&gt;tekst&lt;/b&gt;"):
        assert typed in answer.text
    assert '<option value="SENT" selected' in answer.text


def test_example_is_made_of_what_was_typed_without_saving(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    typed = {"number_template": "X{day}-{number}", "notes_template": "Kto: {buyer_login}", "show": "1"}

    page = browser.post(PAGE, data={**TYPED, **typed, "account": account_id})

    session.rollback()
    assert page.status_code == 200
    assert "X21-10482" in page.text
    assert "Kto: anna_n" in page.text
    assert find_rules(session, account_id) == DEFAULT_RULES


def test_suggestion_fills_the_table_and_saves_nothing(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    page = browser.post(PAGE, data={"account": account_id, "number_template": "{x}", "suggest": "1"})

    session.rollback()
    assert page.status_code == 200
    assert '<option value="SENT" selected' in page.text
    assert "Jeszcze nie zapisano – naciśnij Zapisz." in page.text
    assert "{x}" in page.text
    assert list_status_rules(session) == []


def test_suggestion_reads_the_names_of_polish_shops() -> None:
    names = [
        "Oczekuje na płatność",
        "Nowe",
        "W realizacji",
        "Do wysłania",
        "Wysłane",
        "Zrealizowane",
        "Anulowane",
    ]
    to_allegro, to_shop = suggested([Choice(str(number), name) for number, name in enumerate(names)])

    assert to_allegro == {
        "2": "PROCESSING",
        "3": "READY_FOR_SHIPMENT",
        "4": "SENT",
        "5": "PICKED_UP",
        "6": "CANCELLED",
    }
    assert to_shop == {status: id for id, status in to_allegro.items()}


def test_each_account_has_rules_of_its_own(
    browser: FlaskClient, session: Session, host: Host, account_id: int
) -> None:
    other = a_linked_account(session, host, "len_outlet", environment="sandbox", alias="OU", seller_id="1002")

    browser.post(PAGE, data={**TYPED, "account": other.id})

    session.rollback()
    assert find_rules(session, account_id) == DEFAULT_RULES
    assert "OU/2026/10482" in browser.get(f"{PAGE}?account={other.id}").text
    assert browser.get(f"{PAGE}?account=999").status_code == 404


def test_settings_are_shut_without_the_right(browser: FlaskClient, host: Host, account_id: int) -> None:
    host.allowed = {"view", "handle_orders"}

    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, data={**TYPED, "account": account_id}).status_code == 403


def test_older_orders_are_asked_for_from_a_day(
    browser: FlaskClient, session: Session, account_id: int
) -> None:
    answer = browser.post(f"{PAGE}/history", data={"account": account_id, "since": "2026-01-05"})

    session.rollback()
    row = find_task(session, "import_history", account_id)
    assert answer.status_code == 303
    assert row is not None and not row.is_on
    assert [entry.action for entry in list_latest(session)] == ["history_imported"]
    # No queue in this test: the page says so, and waits for nothing.
    page = browser.get(answer.location).text
    assert "Powiadom administratora sklepu, a potem uruchom go ponownie" in page
    assert "Czeka w kolejce" not in page


@pytest.mark.parametrize(
    ("since", "sentence"),
    [
        ("", "Wybierz dzień."),
        ("wczoraj", "Wybierz dzień."),
        ("2026-11-22", "Wybierz dzień, który już był."),
        ("2024-01-01", "Wybierz 21.11.2025 albo późniejszy dzień"),
    ],
)
def test_day_that_makes_no_sense_is_refused(
    browser: FlaskClient, session: Session, account_id: int, since: str, sentence: str
) -> None:
    answer = browser.post(f"{PAGE}/history", data={"account": account_id, "since": since})

    session.rollback()
    assert answer.status_code == 422
    assert sentence in answer.text
    assert find_task(session, "import_history", account_id) is None


def test_run_of_the_history_import_is_shown(browser: FlaskClient, session: Session, account_id: int) -> None:
    browser.post(f"{PAGE}/history", data={"account": account_id, "since": "2026-01-05"})
    row = find_task(session, "import_history", account_id)
    assert row is not None
    row.started_at, row.progress_done, row.progress_total = NOW, 300, 1200
    session.commit()
    running = browser.get(f"{PAGE}?account={account_id}", headers={"X-Allegro-Fragment": "1"}).text
    row.finished_at, row.result = NOW + timedelta(minutes=1), "done"
    session.commit()

    assert "300 / 1200" in running
    assert "data-al-poll" in running
    assert "<form id" not in running
    assert "Zrobione" in browser.get(PAGE).text
