"""Money: a decimal amount that never travels without its currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

MINOR_UNITS = {"PLN": 2, "EUR": 2, "CZK": 2, "HUF": 2}


class UnreadableAmount(ValueError):
    """The text is not an amount of money."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"

    def rounded(self) -> Money:
        """The same money to a hundredth, halves away from zero."""
        return Money(self.amount.quantize(Decimal("0.01"), ROUND_HALF_UP), self.currency)

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")


def zero(currency: str) -> Money:
    return Money(Decimal("0.00"), currency)


def total(parts: list[Money], currency: str) -> Money:
    """Sum of `parts`, zero in `currency` when there are none."""
    return sum(parts, zero(currency))


def read_amount(text: str) -> Decimal:
    """Read what a seller types: „1 234,50”, „1234.5”, „1234,50 zł”.

    Raises UnreadableAmount.
    """
    bare = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").lower()
    for unit in ("pln", "zł", "kč", "czk", "eur", "€", "huf", "ft"):
        bare = bare.removesuffix(unit)
    try:
        amount = Decimal(bare.replace(",", "."))
    except InvalidOperation:
        raise UnreadableAmount(text) from None
    if not amount.is_finite() or bare[:1] in ("+", "-") or "e" in bare:
        raise UnreadableAmount(text)
    return amount
