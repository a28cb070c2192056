"""Money: a decimal amount that never travels without its currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINOR_UNITS = {"PLN": 2, "EUR": 2, "CZK": 2, "HUF": 2}


_OWNER_BY_UNIT = {
    **dict.fromkeys(("pln", "zł"), "PLN"),
    **dict.fromkeys(("eur", "€"), "EUR"),
    **dict.fromkeys(("czk", "kč"), "CZK"),
    **dict.fromkeys(("huf", "ft"), "HUF"),
}
_BLANKS = re.compile("[ \t\u00a0\u2009\u202f]")
_NUMBER = re.compile(r"[0-9]+([.,][0-9]*)?|[.,][0-9]+")


class UnreadableAmount(ValueError):
    """The text is not an amount of money."""


class WrongCurrency(UnreadableAmount):
    """The text is an amount of other money."""


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


def read_amount(text: str, currency: str | None = None) -> Decimal:
    """Read what a seller types: „1 234,50”, „1234.5”, in PLN „1234,50 zł” as well; a unit only of `currency`.

    Raises UnreadableAmount; WrongCurrency for an amount in other money.
    """
    bare = _BLANKS.sub("", text).lower()
    unit, owner = next(
        ((unit, owner) for unit, owner in _OWNER_BY_UNIT.items() if bare.endswith(unit)), ("", currency)
    )
    number = bare.removesuffix(unit)
    if not _NUMBER.fullmatch(number):
        raise UnreadableAmount(text)
    if owner != currency:
        raise WrongCurrency(text)
    return Decimal(number.replace(",", "."))
