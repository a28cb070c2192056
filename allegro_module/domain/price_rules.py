"""Price of an offer by a rule: the shop's price × factor + addition, a round ending, and a margin kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

from allegro_module.domain.marketplaces import BASE, MARKETPLACES, currency_of
from allegro_module.domain.money import MINOR_UNITS, Money, UnreadableAmount, read_amount
from allegro_module.domain.problems import Problem
from allegro_module.domain.selling_formats import PRICE_MAX, PRICE_MIN

CENT = Decimal("0.01")
FACTOR_MAX = Decimal(1000)
ADDITION_MAX = Decimal(1_000_000)
#: Over this no purchase price is divided by what is left: at 100 per cent nothing is.
MARGIN_MAX = Decimal(95)


class Rounding(StrEnum):
    NONE = "none"
    #: x,99; crowns end in 9, forints in 90.
    NINES = "99"
    #: x,00; forints end in 0 or 5, as all of theirs do.
    WHOLE = "00"


@dataclass(frozen=True, slots=True)
class PriceRule:
    """`min_margin` in per cent of the price: (price - purchase price) / price, both gross."""

    factor: Decimal = Decimal(1)
    addition: Decimal = Decimal(0)
    rounding: Rounding = Rounding.NONE
    min_margin: Decimal | None = None


#: Currency and rounding → (step, ending): prices are step × n + ending. Facts.md 6.6: whole crowns, forints
#: in fives.
_GRID = {
    ("CZK", Rounding.NONE): (Decimal(1), Decimal(0)),
    ("CZK", Rounding.NINES): (Decimal(10), Decimal(9)),
    ("CZK", Rounding.WHOLE): (Decimal(1), Decimal(0)),
    ("HUF", Rounding.NONE): (Decimal(5), Decimal(0)),
    ("HUF", Rounding.NINES): (Decimal(100), Decimal(90)),
    ("HUF", Rounding.WHOLE): (Decimal(5), Decimal(0)),
}
_OTHER_GRID = {
    Rounding.NONE: (CENT, Decimal(0)),
    Rounding.NINES: (Decimal(1), Decimal("0.99")),
    Rounding.WHOLE: (Decimal(1), Decimal(0)),
}


def price_by(
    rule: PriceRule, price: Money, purchase_price: Money | None = None, currency: str | None = None
) -> Money:
    """What the offer costs, in `currency` (the factor is then the rate of exchange as well).

    Always rounded up, so that rounding never takes a part of the margin; within Allegro's limits. A purchase
    price in other money says nothing of the margin.
    """
    amount = price.amount * rule.factor + rule.addition
    currency = currency or price.currency
    if rule.min_margin is not None and purchase_price is not None and purchase_price.currency == currency:
        amount = max(amount, purchase_price.amount / (1 - rule.min_margin / 100))
    return Money(_rounded_up(max(amount, PRICE_MIN), currency, rule.rounding), currency)


def _rounded_up(amount: Decimal, currency: str, rounding: Rounding) -> Decimal:
    step, ending = _GRID.get((currency, rounding), _OTHER_GRID[rounding])
    steps = ((amount - ending) / step).to_integral_value(ROUND_CEILING)
    return min(max(steps, Decimal(0)) * step + ending, PRICE_MAX).quantize(CENT)


def rule_of(stored: Mapping[str, Any]) -> PriceRule:
    """As `domain.profiles` keeps it; `price_rule_problems` has found nothing wrong with it."""
    margin = stored.get("min_margin")
    return PriceRule(
        factor=Decimal(stored.get("factor") or 1),
        addition=Decimal(stored.get("addition") or 0),
        rounding=Rounding(stored.get("rounding") or Rounding.NONE),
        min_margin=Decimal(margin) if margin else None,
    )


def read_decimal(text: str) -> Decimal | None:
    """„1,10”, „-2.00”, „2,00 zł” in whatever money; None for what is no plain number."""
    found = (_number_in(text, currency) for currency in (None, *MINOR_UNITS))
    return next((number for number in found if number is not None), None)


def _number_in(text: str, currency: str | None) -> Decimal | None:
    """None for an amount in other money, too; without a currency no unit is taken."""
    bare = text.strip().removeprefix("-")
    try:
        amount = read_amount(bare, currency)
    except UnreadableAmount:
        return None
    return -amount if text.strip().startswith("-") else amount


def price_rule_problems(stored: Mapping[str, Any], field: str) -> Iterator[Problem]:
    """What is wrong with a rule whose numbers are texts as typed, at `field`.factor and so on."""
    factor = _number(stored, "factor", Decimal(1))
    if factor is None or not 0 < factor <= FACTOR_MAX or factor != round(factor, 4):
        yield Problem("price_factor", f"{field}.factor", {"max": str(FACTOR_MAX)})
    addition = _number(stored, "addition", Decimal(0), _currency_at(field))
    if addition is None or abs(addition) > ADDITION_MAX or addition != round(addition, 2):
        yield Problem("price_addition", f"{field}.addition", {"max": str(ADDITION_MAX)})
    if (stored.get("rounding") or Rounding.NONE) not in set(Rounding):
        yield Problem("price_rounding", f"{field}.rounding")
    margin = _number(stored, "min_margin", Decimal(0))
    if margin is None or not 0 <= margin <= MARGIN_MAX or margin != round(margin, 2):
        yield Problem("price_margin", f"{field}.min_margin", {"max": str(MARGIN_MAX)})


def _currency_at(field: str) -> str:
    """A rule of one marketplace stands at a field that ends in its name."""
    marketplace = field.rpartition(".")[2]
    return currency_of(marketplace if marketplace in MARKETPLACES else BASE)


def _number(
    stored: Mapping[str, Any], name: str, empty: Decimal, currency: str | None = None
) -> Decimal | None:
    text = str(stored.get(name) or "").strip()
    return _number_in(text, currency) if text else empty
