"""How amounts, numbers and times are written: „1 234,50 zł”, „dziś, 14:32”."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from markupsafe import Markup

from allegro_module.domain.alphabet import by_alphabet as by_alphabet
from allegro_module.domain.money import Money
from allegro_module.web.i18n import language, n, t

WARSAW = ZoneInfo("Europe/Warsaw")
NO_BREAK = "\u00a0"
MINUS = "\u2212"
SIGN_BY_CURRENCY = {"PLN": "zł", "CZK": "Kč", "EUR": "€", "HUF": "Ft"}
#: Allegro takes whole crowns and forints only.
WHOLE_CURRENCIES = ("CZK", "HUF")
#: So young an age is told as an age.
RECENT = timedelta(minutes=2)
JUST_NOW_SECONDS = 5


def money(value: Money) -> str:
    pattern = "#,##0" if value.currency in WHOLE_CURRENCIES and value.amount % 1 == 0 else "#,##0.00"
    return (
        f"{_decimal(value.amount, pattern)}{NO_BREAK}{SIGN_BY_CURRENCY.get(value.currency, value.currency)}"
    )


def number(value: int | Decimal) -> str:
    return _decimal(Decimal(value), "#,##0.###")


def percent(value: Decimal) -> str:
    return f"{_decimal(value, '#,##0.##')}{NO_BREAK}%"


def amount_to_edit(value: Decimal | None) -> str:
    """An amount for a text field: „1234,50”; empty for None."""
    return "" if value is None else str(format_decimal(value, "0.00", locale=language()))


def _decimal(value: Decimal, pattern: str) -> str:
    return _written(str(value), pattern, language())


@lru_cache(4096)
def _written(digits: str, pattern: str, locale: str) -> str:
    """A page of two hundred features names the same few limits again and again."""
    return str(format_decimal(Decimal(digits), pattern, locale=locale)).replace("-", MINUS)


def in_warsaw(at: datetime) -> datetime:
    """At the very ends of the calendar there is no other zone's time; the time as it stands then."""
    try:
        return at.astimezone(WARSAW)
    except OverflowError:
        return at


def when(at: datetime, now: datetime) -> str:
    """„40 sekund temu”, „dziś, 14:32”, „wczoraj, 17:44”, „18.11, 09:12”, „18.11.2025, 09:12”."""
    if timedelta(0) <= now - at < RECENT:
        return _ago(now - at)
    there, here = in_warsaw(at), in_warsaw(now)
    clock = there.strftime("%H:%M")
    days = (there.date() - here.date()).days
    if days == 0:
        return t("today, %(clock)s", clock=clock)
    if days == -1:
        return t("yesterday, %(clock)s", clock=clock)
    if days == 1:
        return t("tomorrow, %(clock)s", clock=clock)
    return there.strftime("%d.%m, %H:%M" if there.year == here.year else "%d.%m.%Y, %H:%M")


def _ago(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    if seconds < JUST_NOW_SECONDS:
        return t("just now")
    if seconds < 60:
        return n("%(num)s second ago", "%(num)s seconds ago", seconds)
    return n("%(num)s minute ago", "%(num)s minutes ago", seconds // 60)


def time_element(at: datetime | None, now: datetime) -> Markup:
    """A `<time>` that people read as `when` says; a dash for None."""
    if at is None:
        return Markup("–")
    exact = in_warsaw(at).isoformat(timespec="seconds")
    return Markup('<time datetime="{}" class="al-nowrap">{}</time>').format(exact, when(at, now))


def offer_number(allegro_offer_id: str) -> str:
    """„18 402 771 214”: Allegro's offer number in groups of three, from the right."""
    digits = allegro_offer_id[::-1]
    return NO_BREAK.join(digits[start : start + 3] for start in range(0, len(digits), 3))[::-1]
