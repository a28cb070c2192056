"""What the seller's templates make of an order: its number, {shop_notes}, the customer's symbol."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.order_edits import edited
from allegro_module.domain.order_rules import (
    DEFAULT_RULES,
    NUMBER_PLACEHOLDERS,
    CustomerKey,
    Customers,
    DeliveryVat,
    OrderRules,
    problems_with_rules,
)
from allegro_module.domain.order_texts import (
    LONGEST_NUMBER,
    NOTE_PLACEHOLDERS,
    customer_of,
    notes_of,
    number_of,
    symbol_of,
)
from allegro_module.domain.shop import Address, Buyer, InvoiceWish
from tests.domain.order_samples import a_shop_order

LATE = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
BUYER = Buyer(id="44", login="Łucja_Ż", email="a1b2+c3d4@allegromail.pl", phone="+48 500 100 200")


def codes(**changes: Any) -> list[tuple[str, str]]:
    rules = replace(DEFAULT_RULES, **changes)
    return [(each.field, each.code) for each in problems_with_rules(rules, NOTE_PLACEHOLDERS)]


def test_number_is_made_of_the_template_and_the_polish_day() -> None:
    rules = OrderRules(number_template="{alias}/{date}/{number}-{marketplace}")

    assert number_of("BL", 482) == "BL-10482"
    assert number_of("BL", 482, rules, LATE, marketplace="allegro-cz") == "BL/20261121/10482-allegro-cz"


def test_number_that_grows_too_long_falls_back_to_the_plain_one() -> None:
    assert number_of("BL", 1, OrderRules(number_template="{login}-{number}"), login="x" * 60) == "BL-10001"


@given(
    st.lists(st.sampled_from([*(f"{{{name}}}" for name in NUMBER_PLACEHOLDERS), "-", "A", "/"]), max_size=8),
    st.integers(1, 10**12),
)
def test_every_template_that_may_be_saved_tells_orders_apart(parts: list[str], order_id: int) -> None:
    rules = OrderRules(number_template="".join(parts))
    if codes(number_template=rules.number_template):
        return
    first, second = (
        number_of("BL", each, rules, LATE, "len", "allegro-pl") for each in (order_id, order_id + 1)
    )

    assert first != second
    assert len(first) <= LONGEST_NUMBER


def test_line_whose_placeholders_are_empty_is_left_out_with_its_words() -> None:
    order = a_shop_order(message="", seller_note=" gratis ", delivery=None)
    template = (
        "Wiadomość: {message_to_seller}\n\nNotatka: {seller_note}\n\n{pickup_point}\n\nNr {order_number}\n\n"
    )

    assert notes_of(order, template) == "Notatka: gratis\n\nNr BL-form-1"


def test_notes_have_what_integrators_know() -> None:
    order = a_shop_order(seller_note="gratis")
    template = (
        "{buyer_email} {buyer_login} {item_id} {message_to_seller} {seller_note} {pickup_point} {to_collect}"
    )

    assert notes_of(order, template).split() == [
        *("a1b2+c3d4@allegromail.pl", "lucja", "18402771214", "Proszę", "o", "wstążkę", "gratis"),
        *("GDA01M,", "Paczkomat", "GDA01M,", "Długa", "1,", "80-831", "Gdańsk"),
    ]


@given(st.text(max_size=300))
def test_no_message_is_harmed_or_taken_for_a_template(message: str) -> None:
    order = a_shop_order(message=message + "{buyer_email} <b>🎁</b> שלום", seller_note="")

    assert notes_of(order, "{message_to_seller}\n{seller_note}") == order.message.strip()


@given(
    st.lists(st.sampled_from([*(f"{{{name}}}" for name in NOTE_PLACEHOLDERS), " ", "\n", "x"]), max_size=20)
)
def test_notes_never_begin_end_or_gape_with_blank_lines(parts: list[str]) -> None:
    bare = a_shop_order(message="", seller_note="", delivery=None, payment=None, positions=())

    made = notes_of(bare, "".join(parts))

    assert not re.search(r"\n\s*\n\s*\n|^\n|\n$", made)
    assert "{" not in made


def test_sellers_edit_renews_the_notes_that_quote_it() -> None:
    order = a_shop_order(notes="stare")

    found = edited(order, {"seller_note": "nowa"}, OrderRules(notes_template="{seller_note}"))

    assert (found.seller_note, found.notes) == ("nowa", "nowa")
    assert edited(order, {"seller_note": "nowa"}).notes == "stare"


@pytest.mark.parametrize(
    ("key", "symbol"),
    [
        (CustomerKey.ID, "AL-44"),
        (CustomerKey.EMAIL, "AL-A1B2"),
        (CustomerKey.PHONE, "AL-500100200"),
    ],
)
def test_customer_is_known_by_the_chosen_key(key: CustomerKey, symbol: str) -> None:
    customer = customer_of(a_shop_order(buyer=BUYER), replace(DEFAULT_RULES, customer_key=key))

    assert customer is not None and (customer.symbol, customer.is_one_off) == (symbol, True)


@pytest.mark.parametrize("phone", ["500100200", "48500100200", "0048 500-100-200", "+48 (500) 100 200"])
def test_phone_is_the_same_with_its_prefix_or_without(phone: str) -> None:
    rules = replace(DEFAULT_RULES, customer_key=CustomerKey.PHONE)
    customer = customer_of(a_shop_order(buyer=replace(BUYER, phone=phone)), rules)

    assert customer is not None and customer.symbol == "AL-500100200"


def test_buyer_without_the_chosen_key_has_another_that_meets_nobody() -> None:
    rules = replace(DEFAULT_RULES, customer_key=CustomerKey.PHONE)

    customer = customer_of(a_shop_order(buyer=replace(BUYER, phone="")), rules)

    assert customer is not None and customer.symbol == "AL-ID.44"
    assert customer_of(a_shop_order(buyer=Buyer("", "", "")), rules) is None


def test_who_gives_a_tax_number_may_be_kept_and_all_others_are_one_off() -> None:
    firm = InvoiceWish(Address(company="Udix"), tax_id="5252674798")
    found = {
        rule: [
            customer.is_one_off
            for order in (a_shop_order(), a_shop_order(invoice=firm))
            if (customer := customer_of(order, replace(DEFAULT_RULES, customers=rule)))
        ]
        for rule in Customers
    }

    assert found == {
        Customers.ONE_OFF: [True, True],
        Customers.ONE_OFF_WITHOUT_TAX_ID: [True, False],
        Customers.MATCHED: [False, False],
    }


@given(
    st.text(min_size=1, max_size=80),
    st.text(min_size=1, max_size=80),
    st.from_regex(r"\A[A-Z0-9_.-]{0,10}\Z"),
    st.integers(20, 50),
)
def test_symbol_fits_and_two_buyers_never_share_one(one: str, other: str, prefix: str, length: int) -> None:
    first, second = symbol_of(one, prefix, length), symbol_of(other, prefix, length)

    assert re.fullmatch(r"[A-Z0-9_.-]+", first) and len(first) <= length and first.startswith(prefix)
    assert first == symbol_of(one, prefix, length)
    if one.casefold() != other.casefold():
        assert first != second


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"number_template": "{alias}"}, [("number_template", "number_placeholder_required")]),
        ({"number_template": "{number}{number}"}, [("number_template", "number_placeholder_twice")]),
        ({"number_template": "{number}{miasto}"}, [("number_template", "placeholder_unknown")]),
        ({"number_template": "{number} Łódź"}, [("number_template", "number_template_characters")]),
        ({"number_template": "{number" + "x" * 100}, [("number_template", "text_too_long")]),
        ({"notes_template": "{nic}"}, [("notes_template", "placeholder_unknown")]),
        ({"notes_template": "{ seller_note }"}, [("notes_template", "placeholder_braces")]),
        ({"notes_template": "a\x00"}, [("notes_template", "text_not_printable")]),
        ({"notes_template": "Uwagi: {seller_note}\n{tax_id}"}, []),
        ({"delivery_vat": DeliveryVat.FIXED}, [("delivery_vat_rate", "vat_rate_format")]),
        ({"customer_prefix": "ąć"}, [("customer_prefix", "customer_prefix_format")]),
        ({"customer_length": 5}, [("customer_length", "customer_length_range")]),
    ],
)
def test_rules_that_would_go_wrong_are_refused_at_the_field(
    changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert codes(**changes) == expected
