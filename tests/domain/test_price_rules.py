"""Prices by rule: never below what the rule says, never such as Allegro refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.marketplaces import MARKETPLACES, additional_to, currency_of
from allegro_module.domain.money import Money
from allegro_module.domain.price_rules import (
    PriceRule,
    Rounding,
    price_by,
    price_rule_problems,
    read_decimal,
    rule_of,
)
from allegro_module.domain.profile_values import kept_values, value_problems
from allegro_module.domain.profiles import Found, Layer, Scope, offered_pieces, resolve
from allegro_module.domain.selling_formats import PRICE_MAX, PRICE_MIN, price_problems

cents = st.decimals("0.01", "9999999.99", places=2)
currencies = st.sampled_from(["PLN", "CZK", "EUR", "HUF"])
rules = st.builds(
    PriceRule,
    factor=st.decimals("0.01", "50", places=4),
    addition=st.decimals("-100", "1000", places=2),
    rounding=st.sampled_from(Rounding),
    min_margin=st.none() | st.decimals("0", "95", places=2),
)


@given(rules, cents, st.none() | cents, currencies)
def test_a_price_by_rule_is_one_that_allegro_takes(
    rule: PriceRule, price: Decimal, bought: Decimal | None, currency: str
) -> None:
    purchase = Money(bought, currency) if bought is not None else None

    found = price_by(rule, Money(price, "PLN"), purchase, currency)

    assert found.currency == currency
    assert not [*price_problems(f"{found.amount:f}", currency)]


@given(rules, cents, cents, currencies)
def test_a_dearer_product_never_gets_a_lower_price(
    rule: PriceRule, one: Decimal, other: Decimal, currency: str
) -> None:
    low, high = sorted((one, other))

    assert price_by(rule, Money(low, currency)).amount <= price_by(rule, Money(high, currency)).amount


@given(rules, cents, cents, currencies)
def test_rounding_takes_nothing_of_the_rule_nor_of_the_margin(
    rule: PriceRule, price: Decimal, bought: Decimal, currency: str
) -> None:
    found = price_by(rule, Money(price, currency), Money(bought, currency)).amount

    assert found >= min(price * rule.factor + rule.addition, PRICE_MAX)
    assert PRICE_MIN <= found <= PRICE_MAX
    if rule.min_margin is not None and found < PRICE_MAX:
        assert (found - bought) / found * 100 >= rule.min_margin - Decimal("1e-20")


@pytest.mark.parametrize(
    ("price", "rounding", "currency", "expected"),
    [
        ("10.01", Rounding.NONE, "PLN", "10.01"),
        ("10.01", Rounding.NINES, "PLN", "10.99"),
        ("10.99", Rounding.NINES, "PLN", "10.99"),
        ("11.00", Rounding.NINES, "PLN", "11.99"),
        ("10.01", Rounding.WHOLE, "PLN", "11.00"),
        ("0.40", Rounding.NINES, "EUR", "1.99"),
        ("10.01", Rounding.NONE, "CZK", "11.00"),
        ("311", Rounding.NINES, "CZK", "319.00"),
        ("1001", Rounding.NONE, "HUF", "1005.00"),
        ("1001", Rounding.NINES, "HUF", "1090.00"),
    ],
)
def test_rounding_goes_up_to_the_ending_of_the_currency(
    price: str, rounding: Rounding, currency: str, expected: str
) -> None:
    found = price_by(PriceRule(rounding=rounding), Money(Decimal(price), currency))

    assert str(found.amount) == expected


def test_margin_is_a_part_of_the_price() -> None:
    rule = PriceRule(min_margin=Decimal(20))

    assert price_by(rule, Money(Decimal(90), "PLN"), Money(Decimal(80), "PLN")).amount == 100
    assert price_by(rule, Money(Decimal(120), "PLN"), Money(Decimal(80), "PLN")).amount == 120
    assert price_by(rule, Money(Decimal(90), "PLN"), Money(Decimal(80), "EUR")).amount == 90


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"factor": "1,1", "addition": "-2,50", "rounding": "99", "min_margin": "15"}, []),
        ({}, []),
        ({"factor": "0"}, ["p.factor"]),
        ({"factor": "abc", "addition": "1,234"}, ["p.factor", "p.addition"]),
        (
            {"factor": "1e3", "addition": "NaN", "min_margin": "96"},
            ["p.factor", "p.addition", "p.min_margin"],
        ),
        ({"rounding": "50"}, ["p.rounding"]),
        ({"addition": "--1"}, ["p.addition"]),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_at_its_field(typed: dict[str, str], fields: list[str]) -> None:
    assert [problem.field for problem in price_rule_problems(typed, "p")] == fields


@given(rules)
def test_a_rule_is_read_back_as_it_was_typed(rule: PriceRule) -> None:
    typed = {"factor": str(rule.factor).replace(".", ","), "addition": str(rule.addition)}
    typed["rounding"] = rule.rounding
    typed["min_margin"] = "" if not rule.min_margin else str(rule.min_margin)

    kept = kept_values({"price_rule": typed})["price_rule"]

    assert value_problems({"price_rule": typed}) == []
    assert rule_of(kept) == PriceRule(rule.factor, rule.addition, rule.rounding, rule.min_margin or None)


def test_marketplaces_count_in_the_money_of_their_country() -> None:
    assert {name: currency_of(name) for name in MARKETPLACES} == {
        "allegro-pl": "PLN",
        "allegro-cz": "CZK",
        "allegro-sk": "EUR",
        "allegro-hu": "HUF",
        "allegro-business-pl": "PLN",
        "allegro-business-cz": "CZK",
        "allegro-business-sk": "EUR",
        "allegro-business-hu": "HUF",
    }
    assert additional_to("allegro-business-cz") == [
        *("allegro-pl", "allegro-sk", "allegro-hu"),
        *("allegro-business-pl", "allegro-business-sk", "allegro-business-hu"),
    ]


# Layers


def test_nearest_layer_wins_and_a_brand_speaks_of_safety_only() -> None:
    layers = [
        Layer(Scope.PRODUCT, "A-1", {"invoice": "VAT_MARGIN"}),
        Layer(Scope.BRAND, "apart", {"invoice": "NO_INVOICE", "safety_text": "Marka"}),
        Layer(Scope.ACCOUNT, "", {"invoice": "VAT", "handling_time": "P2D", "safety_text": "Konto"}),
        Layer(Scope.CATEGORY, "rings", {"handling_time": "P3D", "safety_text": "Kategoria"}),
    ]

    assert resolve(layers) == {
        "invoice": Found("VAT_MARGIN", Scope.PRODUCT, "A-1"),
        "handling_time": Found("P3D", Scope.CATEGORY, "rings"),
        "safety_text": Found("Marka", Scope.BRAND, "apart"),
    }


@given(st.integers(-10, 10**6), st.none() | st.integers(0, 10**6), st.none() | st.integers(1, 10**6))
def test_pieces_are_the_stock_less_the_buffer_and_within_the_cap(
    stock: int, buffer: int | None, cap: int | None
) -> None:
    named = {"quantity_buffer": buffer, "quantity_cap": cap}
    values = {name: Found(value, Scope.ACCOUNT) for name, value in named.items() if value is not None}

    found = offered_pieces(stock, values)

    assert 0 <= found <= max(stock, 0)
    assert found == max(0, min(stock - (buffer or 0), stock if cap is None else cap))


@pytest.mark.parametrize(
    ("name", "value", "fields"),
    [
        ("handling_time", "P6D", ["handling_time"]),
        ("duration", "PT24H", ["duration"]),
        ("invoice", "", ["invoice"]),
        ("vat_rate", "22.00", ["vat_rate"]),
        ("shipping_rate_id", "x" * 65, ["shipping_rate_id"]),
        ("quantity_buffer", "2,5", ["quantity_buffer"]),
        ("quantity_buffer", "²", ["quantity_buffer"]),
        ("quantity_cap", "0", ["quantity_cap"]),
        ("quantity_cap", "9" * 30, ["quantity_cap"]),
        ("description_template_id", "x", ["description_template_id"]),
        ("description_template_id", "", []),
        ("safety_text", "x" * 5001, ["safety_text"]),
        ("marketplaces", {"allegro-de": {}}, ["marketplaces"]),
        ("marketplaces", {"allegro-cz": {"factor": "x"}}, ["marketplaces.allegro-cz.factor"]),
        ("marketplaces", {"allegro-cz": {}}, []),
        ("promotion", {"base": "x" * 70}, ["promotion"]),
        (
            "location",
            {"country": "PL", "province": "", "city": "", "post_code": "8070"},
            ["location.province", "location.city", "location.post_code"],
        ),
        ("location", {"country": "CZ", "province": "", "city": "Praha", "post_code": "110 00"}, []),
    ],
)
def test_bad_values_are_named_at_their_fields(name: str, value: object, fields: list[str]) -> None:
    assert [problem.field for problem in value_problems({name: value})] == fields


@pytest.mark.parametrize(
    ("rule", "field", "wrong"),
    [
        ({"addition": "2,00 zł"}, "price_rule", []),
        ({"addition": "2 Kč"}, "marketplaces.allegro-cz", []),
        ({"addition": "-2,00 EUR"}, "price_rule", ["price_rule.addition"]),
        ({"addition": "2 zł"}, "marketplaces.allegro-cz", ["marketplaces.allegro-cz.addition"]),
        ({"factor": "1,1 zł"}, "price_rule", ["price_rule.factor"]),
        ({"factor": "1_1", "addition": "٩"}, "price_rule", ["price_rule.factor", "price_rule.addition"]),
    ],
)
def test_an_addition_takes_the_unit_of_its_own_money_only(
    rule: dict[str, str], field: str, wrong: list[str]
) -> None:
    assert [each.field for each in price_rule_problems(rule, field)] == wrong
    if not wrong:
        assert read_decimal(rule["addition"]) == 2
