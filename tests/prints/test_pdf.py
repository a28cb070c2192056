"""The PDF: its text as a viewer gives it back, whatever buyers write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from allegro_module.prints import pdf
from allegro_module.prints.papers import Paper
from allegro_module.prints.picking import PickingList
from allegro_module.prints.words import headings
from tests.prints.paper_builders import (
    a_company,
    a_paper,
    a_product,
    a_row,
    an_order,
    cash_on_delivery,
    delivery_cost,
    deposit,
    goods,
    known,
)
from tests.prints.reading import pages_of, text_of

MARKUP = '#read("/etc/passwd") *b* _i_ \\ $x$ <b>y</b> = h // k'
WATER = "Woda mineralna"


def shown_values(paper: Paper, *names: str) -> Sequence[str]:
    return [str(getattr(sheet, name)) for sheet in paper.sheets for name in names if getattr(sheet, name)]


def test_a4_has_every_value_of_the_order() -> None:
    order = an_order(
        goods("BUR-0001", "Zażółć gęślą jaźń"),
        deposit(WATER, 2),
        delivery_cost(),
        invoice=a_company(),
        notes="Uwaga!",
    )
    paper = a_paper(order, cash_on_delivery(replace(order, number="BL-10483")))

    text = text_of(pdf.compile_pdf("a4", paper.to_json())).replace("\u00a0", " ")

    for value in shown_values(
        paper, "number", "send_until", "total", "to_collect", "paid", "notes", "payment"
    ):
        assert value.replace("\u00a0", " ") in text
    for value in (
        "Zażółć gęślą jaźń",
        "LOD117M",
        "Łucja Źrebięca-Ćwikła",
        "8971234565",
        "Kaucja",
        "5901234123457",
    ):
        assert value in text
    assert text.count("WYDRUKOWANO") + text.count("Wydrukowano") == 2


def test_each_order_begins_on_a_page_of_its_own() -> None:
    paper = a_paper(an_order(), an_order(number="BL-10483"), kind="small")

    pages = pages_of(pdf.compile_pdf("small", paper.to_json()))

    assert [page.split()[0] for page in pages] == ["BL-10482", "BL-10483"]


@pytest.mark.parametrize("kind", ["a4", "small"])
def test_what_buyers_write_stays_text(kind: str) -> None:
    order = an_order(goods(None, MARKUP), number="BL-1", message=MARKUP, seller_note=MARKUP)

    text = text_of(pdf.compile_pdf(kind, a_paper(order, kind=kind).to_json()))

    # Lines may break anywhere in it.
    assert text.replace(" ", "").count(MARKUP.replace(" ", "")) == 3
    assert "root:" not in text


def test_message_of_5000_characters_goes_over_pages_and_loses_nothing() -> None:
    words = " ".join(f"słowo{place}" for place in range(480))
    order = an_order(message=f"{words}\n{'x' * 600}\n😀 שלום Київ\u0007")

    pages = pages_of(pdf.compile_pdf("small", a_paper(order, kind="small").to_json()))

    text = " ".join(pages)
    assert len(order.message) > 4500 and len(pages) > 1
    assert all(f"słowo{place}" in text for place in range(480))
    assert text.count("x") >= 600


def test_signs_that_the_fonts_lack_are_left_out_of_the_pdf() -> None:
    order = an_order(message="Proszę 🎁👩‍👩‍👧 szybko ❤️ ✅ dziękuję 👍🏽 1️⃣ ☎")

    text = text_of(pdf.compile_pdf("small", a_paper(order, kind="small").to_json()))

    assert "Proszę szybko ❤ dziękuję 1 ☎" in text


def test_picking_list_names_products_and_orders_and_no_buyer() -> None:
    listed, about = PickingList(), known(a_product("BUR-0001", "Naszyjnik „Żuraw”"))
    listed.add(a_row(), an_order(goods("BUR-0001", "Oferta", 2)), about)
    paper = Paper("picking", "22.11.2026", headings(), products=listed.products(), orders=1, pieces=2)

    text = text_of(pdf.compile_pdf("picking", paper.to_json()))

    assert "Naszyjnik „Żuraw”" in text and "BL-10482 × 2" in text and "5901234123457" in text
    assert "Łucja" not in text


def test_parts_are_joined_in_their_order() -> None:
    parts = [pdf.compile_pdf("a4", a_paper(an_order(number=f"BL-{place}")).to_json()) for place in range(3)]

    joined = pages_of(pdf.join(parts))

    assert [f"BL-{place}" in page for place, page in enumerate(joined)] == [True] * 3


def test_document_that_cannot_be_made_says_so_without_anybodys_data() -> None:
    with pytest.raises(pdf.NotCompiled) as failure:
        pdf.compile_pdf("a4", '{"sheets": [{"number": "Łucja"}]}')

    assert "Łucja" not in str(failure.value)
