"""How an offer is sold: buy now or auction, its prices, pieces, time and taxes (facts.md 6.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from allegro_module.domain.marketplaces import MARKETPLACES, currency_of
from allegro_module.domain.money import UnreadableAmount, WrongCurrency, read_amount
from allegro_module.domain.offer_choices import AUCTION_DURATIONS, DURATIONS
from allegro_module.domain.problems import Problem

PRICE_MIN, PRICE_MAX = Decimal(1), Decimal(1_000_000_000)
QUANTITY_MAX = 1_000_000_000
DEPOSIT_PIECES_MAX = 1000
#: Allegro names no limit; a plan for longer than a draft's page is looked at is a slip of the pen.
START_MAX = timedelta(days=30)
#: A start that passes while the offer is on its way would be refused.
START_MIN = timedelta(minutes=1)
#: What an auction begins with where the offer says something that is none of its own.
AUCTION_DURATION = "P7D"
ONE_PIECE = "1"


class SellingFormat(StrEnum):
    BUY_NOW = "BUY_NOW"
    AUCTION = "AUCTION"


class Sale(Protocol):
    """The part of an offer that is judged here, texts as typed."""

    @property
    def selling_format(self) -> str: ...
    @property
    def price_text(self) -> str: ...
    @property
    def starting_price_text(self) -> str: ...
    @property
    def minimal_price_text(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def quantity_text(self) -> str: ...
    @property
    def duration(self) -> str: ...
    @property
    def starts_in(self) -> timedelta | None: ...
    @property
    def deposits(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def prices_abroad(self) -> Mapping[str, str]: ...


def sale_problems(sale: Sale) -> Iterator[Problem]:
    """In the order of the form."""
    if sale.selling_format == SellingFormat.AUCTION:
        yield from _auction_problems(sale)
    else:
        yield from price_problems(sale.price_text, sale.currency)
        yield from quantity_problems(sale.quantity_text)
        if sale.duration not in DURATIONS:
            yield Problem("choice_unknown", "duration")
    yield from _start_problems(sale.starts_in)
    yield from _deposit_problems(sale.deposits)
    yield from _abroad_problems(sale.prices_abroad)


def _auction_problems(sale: Sale) -> Iterator[Problem]:
    """Nothing but the starting price must be there; one piece is auctioned (facts.md 6.6)."""
    for problem in price_problems(sale.starting_price_text, sale.currency):
        is_missing = problem.code == "price_required"
        code = "starting_price_required" if is_missing else problem.code
        yield replace(problem, code=code, field="starting_price")
    yield from _higher_price(sale, sale.minimal_price_text, "minimal_price")
    yield from _higher_price(sale, sale.price_text, "price")
    yield from quantity_problems(sale.quantity_text)
    if read_quantity(sale.quantity_text) not in (None, 1):
        yield Problem("auction_one_piece", "quantity")
    if sale.duration not in AUCTION_DURATIONS:
        yield Problem("auction_duration", "duration")


def fitting_duration(selling_format: str, duration: str) -> str:
    """The same where the format has it, else the one that sellers choose most."""
    if selling_format == SellingFormat.AUCTION:
        return duration if duration in AUCTION_DURATIONS else AUCTION_DURATION
    return duration if duration in DURATIONS else DURATIONS[0]


def _higher_price(sale: Sale, text: str, field: str) -> Iterator[Problem]:
    """An optional price of an auction, which is not below the one that it starts from."""
    if not text.strip():
        return
    wrong = list(price_problems(text, sale.currency))
    yield from (replace(problem, field=field) for problem in wrong)
    least = read_price(sale.starting_price_text, sale.currency)
    price = read_price(text, sale.currency)
    if least is not None and price is not None and price < least:
        yield Problem("price_below_starting", field)


def price_problems(text: str, currency: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem("price_required", "price")
        return
    try:
        price = read_amount(text, currency)
    except WrongCurrency:
        yield Problem("price_wrong_currency", "price", {"currency": currency})
        return
    except UnreadableAmount:
        yield Problem("price_not_a_number", "price", {"value": text.strip()})
        return
    if price < PRICE_MIN:
        yield Problem("price_too_low", "price", {"min": str(PRICE_MIN), "currency": currency})
    elif price > PRICE_MAX:
        yield Problem("price_too_high", "price", {"max": str(PRICE_MAX), "currency": currency})
    elif price != price.quantize(Decimal("0.01")):
        yield Problem("price_too_precise", "price")
    elif currency == "CZK" and price != int(price):
        yield Problem("price_not_whole", "price")
    elif currency == "HUF" and price % 5:
        yield Problem("price_not_in_fives", "price")


def read_price(text: str, currency: str) -> Decimal | None:
    """None when `price_problems` finds any."""
    return (
        None if any(price_problems(text, currency)) else read_amount(text, currency).quantize(Decimal("0.01"))
    )


def quantity_problems(text: str) -> Iterator[Problem]:
    bare = text.replace(" ", "").replace("\u00a0", "")
    if not bare:
        yield Problem("quantity_required", "quantity")
    elif not (bare.isascii() and bare.isdigit()):
        yield Problem("quantity_not_whole", "quantity", {"value": text.strip()})
    elif int(bare) < 1:
        yield Problem("quantity_too_small", "quantity")
    elif int(bare) > QUANTITY_MAX:
        yield Problem("quantity_too_large", "quantity")


def read_quantity(text: str) -> int | None:
    """None when `quantity_problems` finds any."""
    if any(quantity_problems(text)):
        return None
    return int(text.replace(" ", "").replace("\u00a0", ""))


def _start_problems(starts_in: timedelta | None) -> Iterator[Problem]:
    if starts_in is None:
        return
    if starts_in < START_MIN:
        yield Problem("start_in_the_past", "starting_at")
    elif starts_in > START_MAX:
        yield Problem("start_too_late", "starting_at", {"days": str(START_MAX.days)})


def _deposit_problems(deposits: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """A number of pieces that is no number is kept as it was typed."""
    for deposit in deposits:
        pieces = deposit.get("quantity")
        if not isinstance(pieces, int) or not 1 <= pieces <= DEPOSIT_PIECES_MAX:
            yield Problem("deposit_pieces", f"deposits.{deposit['id']}", {"max": str(DEPOSIT_PIECES_MAX)})


def _abroad_problems(prices: Mapping[str, str]) -> Iterator[Problem]:
    for marketplace, text in prices.items():
        if marketplace not in MARKETPLACES:
            yield Problem("choice_unknown", f"marketplaces.{marketplace}")
        elif text.strip():
            for problem in price_problems(text, currency_of(marketplace)):
                yield replace(problem, field=f"marketplaces.{marketplace}")
