"""Texts of a price list ↔ values of the wire: what cannot be read stays as typed, for the rules to name."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from allegro_module.domain.money import UnreadableAmount, WrongCurrency, read_amount

_HOUR = Decimal(24)
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:0+[MS])?)?")
_BLANKS = ("\u00a0", "\u202f", "\u2009", " ", "\t")
_WEIGHT_UNIT = "kg"


def wire_amount(typed: str, currency: str) -> str:
    """In PLN „9,50”, „9,50 zł”, „1 250” → 9.50, 9.50, 1250.00."""
    try:
        amount = read_amount(typed.strip(), currency)
    except UnreadableAmount:
        return typed
    return _with_decimals(amount, 2)


def is_other_money(typed: str, currency: str) -> bool:
    """An amount whose unit is not that of `currency`."""
    try:
        read_amount(typed, currency)
    except WrongCurrency:
        return True
    except UnreadableAmount:
        return False
    return False


def wire_weight(typed: str) -> str:
    """„1,5”, „1,5 kg” → 1.500."""
    weight = number_of(_bare(typed).lower().removesuffix(_WEIGHT_UNIT))
    return typed if weight is None else _with_decimals(weight, 3)


def wire_quantity(typed: str) -> int | str:
    bare = _bare(typed)
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 10 else typed


def wire_time(days: str, before: str = "") -> str:
    """„2” days → PT48H; `before` stays as Allegro wrote it when it is the same time."""
    number = number_of(_bare(days))
    if number is None or number != number.quantize(Decimal("0.01")):
        return days
    hours = number * _HOUR
    if hours != hours.to_integral_value() or hours > 9999:
        return days
    return before if before and hours_of(before) == int(hours) else f"PT{int(hours)}H"


def days_text(duration: str) -> str:
    """PT48H → „2”, PT36H → „1,5”; what is no duration stays as it is."""
    hours = hours_of(duration)
    return duration if hours is None else plain(Decimal(hours) / _HOUR)


def hours_of(duration: str) -> int | None:
    """P2D and PT48H are the same; None for what is neither."""
    found = _DURATION.fullmatch(duration)
    if not duration or found is None or duration in ("P", "PT"):
        return None
    return int(found[1] or 0) * 24 + int(found[2] or 0)


def amount_text(amount: str, currency: str = "PLN") -> str:
    """9.50 → „9,50”; whole crowns and forints without decimals."""
    number = number_of(amount)
    if number is None:
        return amount
    if currency in ("CZK", "HUF") and number == number.to_integral_value():
        return plain(number)
    return _with_decimals(number, 2).replace(".", ",")


def weight_text(weight: str) -> str:
    """1.000 → „1,00”, 0.125 → „0,125”."""
    number = number_of(weight)
    if number is None:
        return weight
    return (
        f"{number:.3f}"[:-1] if number * 100 == (number * 100).to_integral_value() else f"{number:.3f}"
    ).replace(".", ",")


def plain(number: Decimal) -> str:
    """Without needless zeros: 31.500 → „31,5”."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def number_of(text: str) -> Decimal | None:
    """A number that is not negative, written with digits and one comma or dot; None for anything else."""
    bare = text.replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{0,12})?|\.[0-9]{1,12}", bare):
        return None
    try:
        return Decimal(bare)
    except InvalidOperation:
        return None


def _bare(text: str) -> str:
    for blank in _BLANKS:
        text = text.replace(blank, "")
    return text


def _with_decimals(number: Decimal, places: int) -> str:
    """As many decimals as Allegro writes, or more where more were typed: nothing is rounded away unseen."""
    short = number.quantize(Decimal(1).scaleb(-places)) if abs(number) < 10**12 else number
    return f"{short if short == number else number:f}"
