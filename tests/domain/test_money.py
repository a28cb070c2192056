"""Amounts as sellers type them, exact and never without a currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.money import Money, UnreadableAmount, read_amount, total

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("typed", ["1 234,50", "1234.5", "1234,50 zł", "1\u00a0234,50\u00a0zł", "1234.50PLN"])
def test_every_usual_way_to_write_an_amount_is_read(typed: str) -> None:
    assert read_amount(typed) == Decimal("1234.50")


@pytest.mark.parametrize("typed", ["", "abc", "12,3,4", "1e5", "-5", "+5", "NaN", "Infinity", "12 zł 50"])
def test_what_is_not_an_amount_is_refused(typed: str) -> None:
    with pytest.raises(UnreadableAmount):
        read_amount(typed)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Money(Decimal(1), "PLN") + Money(Decimal(1), "CZK")


@given(st.lists(AMOUNTS))
def test_a_total_is_the_exact_sum(amounts: list[Decimal]) -> None:
    assert total([Money(amount, "PLN") for amount in amounts], "PLN").amount == sum(amounts)


@given(AMOUNTS)
def test_an_amount_survives_the_polish_way_of_writing(amount: Decimal) -> None:
    assert read_amount(f"{amount:,.2f} zł".replace(",", " ").replace(".", ",")) == amount
