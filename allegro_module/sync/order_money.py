"""Money of a checkout form: read to the grosz in the form's one currency, or refused with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.client.payloads import Amount
from allegro_module.domain.money import Money
from allegro_module.domain.shop import Position

ZERO = Decimal("0.00")
#: Our columns and the shop's hold hundredths; a larger amount is no purchase but nonsense.
MOST = Decimal(10) ** 10
DECIMALS = 2
CURRENCY_LENGTH = 3


class Unreadable(ValueError):
    """The form holds something that must not be guessed; the message says what, without personal data."""


def currency_of(form: CheckoutForm) -> str:
    """Never mixed within an order (facts.md 5.9). Raises Unreadable for a form that names none."""
    if form.summary and form.summary.total_to_pay:
        return _checked(form.summary.total_to_pay.currency)
    if not form.line_items:
        raise Unreadable("a form without lines and without a total")
    return _checked(form.line_items[0].price.currency)


@lru_cache(maxsize=32)
def _checked(currency: str) -> str:
    is_code = len(currency) == CURRENCY_LENGTH and currency.isascii() and currency.isalpha()
    if not is_code or currency != currency.upper():
        raise Unreadable("the currency is not a code of three letters")
    return currency


def total_of(form: CheckoutForm) -> Money | None:
    """What the buyer is to pay, as Allegro says; None where it says nothing. Raises Unreadable."""
    if not form.summary or not form.summary.total_to_pay:
        return None
    return read_money(form.summary.total_to_pay, currency_of(form), "the total")


def read_money(amount: Amount, currency: str, what: str, least: int | Decimal = 0) -> Money:
    """`what` names the place in a refusal: amounts below zero, too exact ones, a second currency."""
    value = amount.amount
    if amount.currency != currency:
        raise Unreadable(f"currencies are mixed: {what}")
    if not least <= value < MOST:
        raise Unreadable(f"not an amount that can be paid: {what}")
    # The usual text has two decimals already; trailing noughts say nothing.
    return Money(value if value.same_quantum(ZERO) else _in_hundredths(value, what), currency)


def _in_hundredths(value: Decimal, what: str) -> Decimal:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -DECIMALS:
        return value
    if value != value.quantize(ZERO):
        raise Unreadable(f"more than two decimals: {what}")
    return value.quantize(ZERO)


def read_correction(amount: Amount, currency: str, what: str) -> Money:
    """As `read_money`; what Allegro adds or takes back may be below zero."""
    return read_money(amount, currency, what, -MOST)


def sum_of(positions: Sequence[Position]) -> Decimal:
    return sum((each.unit_price.amount * each.quantity for each in positions), ZERO)
