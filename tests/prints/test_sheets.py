"""What stands on the paper of an order, and which orders are left out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from allegro_module.domain.prints import LeftOut
from allegro_module.domain.shop import Position, PositionKind
from allegro_module.prints.papers import from_json
from allegro_module.prints.picking import PickingList
from allegro_module.prints.sheets import reason_to_leave_out, to_sheet
from tests.prints.paper_builders import (
    NOW,
    a_company,
    a_mark,
    a_paper,
    a_product,
    a_row,
    an_order,
    cash_on_delivery,
    delivery_cost,
    deposit,
    goods,
    known,
    pln,
)

WATER = "Woda mineralna 1,5 l × 6"


def test_sums_name_goods_delivery_and_deposit_and_add_up() -> None:
    order = an_order(goods("WODA-06", WATER, 2, "14.90"), deposit(WATER, 2, "3.00"), delivery_cost("12.99"))

    sheet = to_sheet(a_row(), order, known())

    sums = [(row.name, row.value) for row in sheet.sums]
    assert sums == [("Towary", "29,80\u00a0zł"), ("Dostawa", "12,99\u00a0zł"), ("Kaucja", "6,00\u00a0zł")]
    assert (sheet.total, sheet.paid, sheet.to_collect) == ("48,79\u00a0zł", "48,79\u00a0zł", "")
    assert [line.name for line in sheet.lines] == [WATER, f"Kaucja: {WATER}", "Dostawa: Paczkomaty InPost"]
    assert sheet.pieces == "2"


def test_cash_on_delivery_is_told_to_the_grosz_and_nothing_is_paid() -> None:
    sheet = to_sheet(a_row(is_paid=False), cash_on_delivery(an_order()), known())

    assert (sheet.to_collect, sheet.paid, sheet.warnings) == ("62,98\u00a0zł", "", [])


def test_home_of_a_buyer_who_chose_a_locker_stays_off_the_paper() -> None:
    text = json.dumps(from_json(a_paper(an_order()).to_json()), ensure_ascii=False)

    assert "LOD117M" in text and "Źrebięca-Ćwikła" in text
    assert "Gęślarska" not in text and "allegromail" not in text


def test_courier_finds_the_whole_address() -> None:
    sheet = to_sheet(a_row(), cash_on_delivery(an_order()), known())

    assert list(sheet.delivery.recipient) == ["Łucja Źrebięca-Ćwikła", "ul. Gęślarska 12 m. 4", "90-001 Łódź"]
    assert sheet.delivery.phone == "+48 500 100 200"


def test_country_abroad_is_written_out() -> None:
    company = a_company()
    wish = replace(company, address=replace(company.address, country_code="SK"))

    assert to_sheet(a_row(), an_order(invoice=wish), known()).invoice.lines[-1] == "Słowacja"


def test_invoice_has_its_company_its_nip_and_the_numbers_given_to_it() -> None:
    row = a_row(invoice_number="FV/1/11/2026", ksef_number="8971234565-20261122-010080615740-E4")

    invoice = to_sheet(row, an_order(invoice=a_company()), known()).invoice

    assert list(invoice.lines) == ["Żółw i Spółka sp. z o.o.", "Ślężna 5", "53-301 Wrocław"]
    assert (invoice.tax_id, invoice.number) == ("8971234565", "FV/1/11/2026")
    assert invoice.ksef_number == "8971234565-20261122-010080615740-E4"


def test_line_tells_its_ean_why_it_is_cheaper_and_who_picked_it() -> None:
    line = goods(
        "BUR-0001", "Naszyjnik", price="49.99", list_price=pln("59.99"), discounts=("COUPON", "NEW_ONE")
    )
    about = known(a_product("BUR-0001"), mark_by_line={(482, "line-BUR-0001"): a_mark(482, "line-BUR-0001")})

    printed = to_sheet(a_row(), an_order(line), about).lines[0]

    assert (printed.ean, printed.struck, printed.why) == ("5901234123457", "59,99\u00a0zł", "kupon, NEW_ONE")
    assert printed.barcode is not None and (printed.is_picked, printed.picked_by) == (True, "ola.m")


def test_voucher_takes_from_the_total() -> None:
    voucher = Position(PositionKind.VOUCHER, "Laptop dla nauczyciela", 1, pln("-20.00"))

    sheet = to_sheet(a_row(), an_order(goods("LAP-1", "Laptop", price="50.00"), voucher), known())

    assert (sheet.sums[-1].value, sheet.total) == ("−20,00\u00a0zł", "30,00\u00a0zł")


def test_unpaid_order_warns_against_sending() -> None:
    sheet = to_sheet(a_row(is_paid=False, flags=["unmatched_line"]), an_order(), known())

    assert sheet.warnings == [
        "Jeszcze nieopłacone. Nie wysyłaj.",
        "Pozycja nie jest przypisana do produktu w sklepie.",
    ]


def test_paper_says_whether_allegro_was_asked() -> None:
    asked, silent = (
        to_sheet(a_row(), an_order(), known()),
        to_sheet(a_row(), an_order(), known(unchecked=[482])),
    )

    assert (asked.is_checked, asked.checked) == (True, "sprawdzono w Allegro o 14:32")
    assert (silent.is_checked, silent.checked) == (False, "nie sprawdzono w Allegro o 14:32")


def test_qr_leads_to_the_order_and_without_an_address_says_its_number() -> None:
    assert to_sheet(a_row(), an_order(), known()).qr.text.endswith("/config/orders/482")
    assert to_sheet(a_row(), an_order(), known(orders_url="")).qr.text == "BL-10482"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, None),
        ({"status": "CANCELLED"}, LeftOut.CANCELLED),
        ({"fulfillment_status": "CANCELLED"}, LeftOut.CANCELLED),
        ({"provider": "ALLEGRO"}, LeftOut.FULFILLED_BY_ALLEGRO),
        ({"held_because": "czekamy na towar"}, LeftOut.HELD),
        ({"fulfillment_status": "SUSPENDED"}, LeftOut.HELD),
        ({"held_until": NOW + timedelta(minutes=4)}, LeftOut.CANCEL_WINDOW),
        ({"held_until": NOW}, None),
        ({"superseded_by": "another"}, LeftOut.SUPERSEDED),
    ],
)
def test_what_must_not_be_packed_is_left_out(values: dict[str, Any], reason: LeftOut | None) -> None:
    assert reason_to_leave_out(a_row(**values), NOW) is reason


def test_picking_list_adds_pieces_up_and_says_for_which_orders() -> None:
    listed, about = (
        PickingList(),
        known(a_product("BUR-0001", "Żabka z bursztynu"), a_product("LEN-2", "Łyżka")),
    )
    listed.add(
        a_row(), an_order(goods("BUR-0001", "Oferta", 2), goods("LEN-2", "Oferta 2"), delivery_cost()), about
    )
    listed.add(a_row(483), an_order(goods("BUR-0001", "Inna oferta", 3), number="BL-10483"), about)

    first, second = listed.products()

    assert (first.name, first.pieces) == ("Łyżka", 1)
    assert (second.name, second.sku, second.pieces) == ("Żabka z bursztynu", "BUR-0001", 5)
    assert [(taken.number, taken.pieces) for taken in second.orders] == [("BL-10482", 2), ("BL-10483", 3)]
    assert listed.pieces == 6


def test_picking_list_leaves_out_what_is_picked_and_keeps_unassigned_goods_apart() -> None:
    listed = PickingList()
    about = known(mark_by_line={(482, "line-BUR-0001"): a_mark(482, "line-BUR-0001")})
    order = an_order(goods("BUR-0001", "Naszyjnik", 2), goods(None, "Torba"), goods(None, "Torba XL"))

    listed.add(a_row(), replace(order, number="BL-1"), about)

    assert [(each.name, each.sku, each.pieces) for each in listed.products()] == [
        ("Torba", "", 1),
        ("Torba XL", "", 1),
    ]
    assert listed.picked_before == 2


def test_what_the_notes_repeat_is_printed_once() -> None:
    said = {"message": "Proszę o wstążkę", "seller_note": "Stały klient"}
    alone = to_sheet(a_row(), an_order(notes="Proszę o wstążkę", **said), known())
    both = to_sheet(a_row(), an_order(notes="Proszę o wstążkę\nStały klient", **said), known())

    assert (alone.message, alone.notes, alone.seller_note) == ("Proszę o wstążkę", "", "Stały klient")
    assert (both.message, both.notes, both.seller_note) == ("", "Proszę o wstążkę\nStały klient", "")
