"""What a delivery price list must be, and how its typed texts are read."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.price_list_rules import price_list_problems
from allegro_module.domain.price_list_texts import (
    amount_text,
    days_text,
    weight_text,
    wire_amount,
    wire_quantity,
    wire_time,
    wire_weight,
)
from allegro_module.domain.price_lists import DeliveryMethod, Group, group_of, twin_key

COURIER = DeliveryMethod(
    "dpd",
    "Allegro Kurier DPD",
    marketplaces=("allegro-pl",),
    dispatch_country="PL",
    destination_country="PL",
    max_quantity=500,
    takes_weight=True,
    min_weight=Decimal("0.001"),
    max_weight=Decimal("31.5"),
    min_rate=Decimal(0),
    max_rate=Decimal("19.99"),
    takes_time=True,
)
CASH = replace(COURIER, id="cash", name="Allegro Kurier DPD pobranie", is_cash_on_delivery=True)
CZECH = replace(COURIER, id="czech", name="Allegro One, Czechy", destination_country="CZ", currency="CZK")
HUNGARY = replace(
    COURIER, id="hu", name="DPD Węgry", destination_country="HU", currency="HUF", max_rate=Decimal(5000)
)
PICKUP = DeliveryMethod("pickup", "Odbiór osobisty", ("allegro-pl",), max_rate=Decimal(0))
METHODS = (COURIER, CASH, CZECH, HUNGARY, PICKUP)


def rate(method: str = "dpd", amount: str = "13.99", currency: str = "PLN", **more: Any) -> dict[str, Any]:
    return {
        "deliveryMethod": {"id": method},
        "maxQuantityPerPackage": 10,
        "firstItemRate": {"amount": amount, "currency": currency},
        **more,
    }


def weighs(value: str) -> dict[str, Any]:
    return {"maxPackageWeight": {"value": value, "unit": "KILOGRAM"}}


def content(*rates: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {"name": "Paczka", "type": "PHYSICAL", "dispatchCountry": "PL", "rates": list(rates), **head}


def codes(body: dict[str, Any], methods: tuple[DeliveryMethod, ...] = METHODS, **more: Any) -> dict[str, str]:
    return {each.field: each.code for each in price_list_problems(body, methods, **more)}


def test_a_list_within_all_limits_has_no_problems() -> None:
    czech, hungary = rate("czech", "19.00", "CZK"), rate("hu", "1995.00", "HUF")

    assert codes(content(rate(**weighs("1.000")), rate("pickup", "0.00"), czech, hungary)) == {}


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ({"name": " "}, {"name": "required"}),
        ({"name": "x" * 65}, {"name": "text_too_long"}),
        ({"name": "Paczka (kopia)"}, {"name": "price_list_name_character"}),
        ({"name": "do_domu"}, {"name": "price_list_name_character"}),
        ({"type": ""}, {"type": "required"}),
        ({"dispatchCountry": None}, {"dispatch_country": "required"}),
        ({"dispatchCountry": "XX"}, {"dispatch_country": "country_code_format"}),
        ({"rates": []}, {"rates": "price_list_empty"}),
        ({"type": "ELECTRONIC", "dispatchCountry": None}, {}),
    ],
)
def test_the_head_is_checked_at_its_fields(head: dict[str, Any], expected: dict[str, str]) -> None:
    assert codes(content(rate(), **head)) == expected


def test_type_and_country_stay_as_they_are_on_allegro() -> None:
    changed = content(rate("pickup", "0"), type="PHYSICAL", dispatchCountry="CZ")

    assert codes(changed, base=content()) == {"dispatch_country": "price_list_country_fixed"}
    assert codes(content(rate(), type="ELECTRONIC"), base=content()) == {"type": "price_list_type_fixed"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"is_gone": True}, "method_gone"),
        ({"is_allowed": False}, "method_not_allowed"),
        ({"dispatch_country": "CZ"}, "method_wrong_country"),
        ({"id": "another"}, "method_unknown"),
    ],
)
def test_a_method_that_cannot_be_sent_is_named_at_its_row(changes: dict[str, Any], expected: str) -> None:
    assert codes(content(rate()), (replace(COURIER, **changes),)) == {"rates.dpd": expected}


@pytest.mark.parametrize(
    ("row", "part", "expected"),
    [
        (rate(amount=""), "dpd.first", "method_price_required"),
        (rate(amount="tanio"), "dpd.first", "delivery_price_not_a_number"),
        (rate(amount="20.00"), "dpd.first", "method_price_too_high"),
        (rate(amount="9.999"), "dpd.first", "price_too_precise"),
        (rate(amount="9,99 EUR"), "dpd.first", "price_wrong_currency"),
        (rate(currency="EUR"), "dpd.first", "price_wrong_currency"),
        (rate("czech", "9.50", "CZK"), "czech.first", "price_not_whole"),
        (rate("hu", "1999.00", "HUF"), "hu.first", "price_not_in_fives"),
        (rate(maxQuantityPerPackage=0), "dpd.quantity", "quantity_too_small"),
        (rate(maxQuantityPerPackage=501), "dpd.quantity", "method_quantity_too_large"),
        (rate(maxQuantityPerPackage="dużo"), "dpd.quantity", "quantity_not_whole"),
        (rate(maxQuantityPerPackage=""), "dpd.quantity", "quantity_required"),
        (rate(**weighs("32.000")), "dpd.weight", "weight_too_large"),
        (rate(**weighs("0.000")), "dpd.weight", "weight_too_small"),
        (rate(**weighs("1.0005")), "dpd.weight", "weight_too_precise"),
        (rate(**weighs("ciężka")), "dpd.weight", "weight_not_a_number"),
        (rate("pickup", "0.00", **weighs("1.000")), "pickup.weight", "method_takes_no_weight"),
        (rate(shippingTime={"from": "PT24H", "to": ""}), "dpd.time_to", "time_half"),
        (rate(shippingTime={"from": "PT72H", "to": "P2D"}), "dpd.time_to", "time_upside_down"),
        (rate(shippingTime={"from": "rano", "to": "PT24H"}), "dpd.time_from", "time_not_days"),
    ],
)
def test_each_limit_is_named_at_its_field(row: dict[str, Any], part: str, expected: str) -> None:
    assert codes(content(row)) == {f"rates.{part}": expected}


def test_a_method_and_its_twin_paid_at_the_door_weigh_the_same() -> None:
    rows = rate(**weighs("1.000")), rate("cash", **weighs("2.000"))

    assert codes(content(*rows)) == {"rates.cash.weight": "weight_differs_from_twin"}
    assert codes(content(rows[0], rate("cash", **weighs("1.0")))) == {}
    assert twin_key(CZECH) != twin_key(COURIER)


@given(
    st.decimals(0, 40, places=3),
    st.integers(-5, 600),
    st.one_of(st.none(), st.decimals(0, 40, places=4)),
    st.sampled_from([COURIER, CZECH, HUNGARY]),
)
def test_what_passes_the_rules_is_within_every_limit(
    amount: Decimal, quantity: int, weight: Decimal | None, method: DeliveryMethod
) -> None:
    more = {} if weight is None else weighs(str(weight))
    row = rate(method.id, str(amount), method.currency, maxQuantityPerPackage=quantity, **more)

    steps = {"PLN": Decimal("0.01"), "CZK": Decimal(1), "HUF": Decimal(5)}
    is_price_right = amount % steps[method.currency] == 0 and amount <= (method.max_rate or 0)
    is_weight_right = weight is None or (
        Decimal("0.001") <= weight <= Decimal("31.5") and weight % Decimal("0.001") == 0
    )
    assert (codes(content(row)) == {}) == (is_price_right and is_weight_right and 1 <= quantity <= 500)


@given(st.text(max_size=12))
def test_no_typed_text_is_lost_or_breaks_the_rules(typed: str) -> None:
    amount, weight, time = wire_amount(typed, "PLN"), wire_weight(typed), wire_time(typed)
    row = rate(amount=amount, maxQuantityPerPackage=wire_quantity(typed), **weighs(weight))

    price_list_problems(content({**row, "shippingTime": {"from": time, "to": time}}, name=typed), METHODS)

    assert wire_amount(amount, "PLN") == amount
    assert wire_weight(weight) == weight


def test_prices_are_read_as_sellers_type_them() -> None:
    assert [wire_amount(text, "PLN") for text in ("9,5", "9.50", "9,50 zł", "1\u00a0250", "9,999")] == [
        "9.50",
        "9.50",
        "9.50",
        "1250.00",
        "9.999",
    ]
    assert (wire_amount("dziewięć", "PLN"), wire_quantity("10 szt"), wire_quantity("1 0")) == (
        "dziewięć",
        "10 szt",
        10,
    )
    assert (amount_text("9.50"), amount_text("89.00", "CZK")) == ("9,50", "89")
    assert (wire_weight("1,5 kg"), weight_text("1.000"), weight_text("0.125")) == ("1.500", "1,00", "0,125")


def test_times_are_typed_in_days_and_keep_allegros_way_of_writing() -> None:
    assert (wire_time("2"), wire_time("1,5"), wire_time("2", before="P2D")) == ("PT48H", "PT36H", "P2D")
    assert (days_text("PT48H"), days_text("P1DT12H"), days_text("PT0S")) == ("2", "1,5", "0")
    assert wire_time("jutro") == "jutro"


def test_methods_stand_in_the_group_a_seller_looks_for() -> None:
    assert group_of(COURIER, "PL") is Group.PREPAID
    assert group_of(CASH, "PL") is Group.ON_DELIVERY
    assert group_of(PICKUP, "PL") is Group.PICKUP
    assert group_of(CZECH, "PL") is Group.ABROAD
    assert group_of(replace(PICKUP, marketplaces=("allegro-sk",)), "PL") is Group.ABROAD
