"""Amounts as sellers type them, exact and never without a currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.money import Money, UnreadableAmount, WrongCurrency, read_amount, total

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("typed", ["1 234,50", "1234.5", "1234,50 zł", "1\u00a0234,50\u00a0zł", "1234.50PLN"])
def test_every_usual_way_to_write_an_amount_is_read(typed: str) -> None:
    assert read_amount(typed, "PLN") == Decimal("1234.50")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abc",
        "12,3,4",
        "1e5",
        "-5",
        "+5",
        "NaN",
        "Infinity",
        "12 zł 50",
        "5 zł zł",
        "٩",
        "1_000",
        ",",
        "zł",
    ],
)
def test_what_is_not_an_amount_is_refused(typed: str) -> None:
    with pytest.raises(UnreadableAmount):
        read_amount(typed, "PLN")


@pytest.mark.parametrize(("typed", "currency"), [("9,99 EUR", "PLN"), ("9,99 zł", "EUR"), ("9,99 zł", None)])
def test_amount_in_other_money_is_not_taken_for_ours(typed: str, currency: str | None) -> None:
    with pytest.raises(WrongCurrency):
        read_amount(typed, currency)


@pytest.mark.parametrize(
    ("typed", "currency"), [("9 €", "EUR"), ("9 Kč", "CZK"), ("9 Ft", "HUF"), ("9", None)]
)
def test_each_money_takes_its_own_unit(typed: str, currency: str | None) -> None:
    assert read_amount(typed, currency) == 9


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Money(Decimal(1), "PLN") + Money(Decimal(1), "CZK")


@given(st.lists(AMOUNTS))
def test_a_total_is_the_exact_sum(amounts: list[Decimal]) -> None:
    assert total([Money(amount, "PLN") for amount in amounts], "PLN").amount == sum(amounts)


@given(AMOUNTS)
def test_an_amount_survives_the_polish_way_of_writing(amount: Decimal) -> None:
    assert read_amount(f"{amount:,.2f} zł".replace(",", " ").replace(".", ","), "PLN") == amount
