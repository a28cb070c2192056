"""How often Allegro may be asked: its limits, and who goes first when they are near (facts.md 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class Lane(StrEnum):
    """Whose call it is; the later ones leave room for those before them."""

    ORDERS = "orders"
    LISTING = "listing"
    BULK = "bulk"


#: Of a minute's or an hour's budget a lane leaves the rest to those before it.
SHARE = {Lane.ORDERS: 1.0, Lane.LISTING: 0.9, Lane.BULK: 0.7}
#: Budgets of a second are too small to be divided.
DIVIDED_FROM = 100


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` within any `seconds`; counted for the application or for each seller."""

    name: str
    calls: int
    seconds: int
    of_seller: bool = True

    def calls_of(self, lane: Lane) -> int:
        return self.calls if self.calls < DIVIDED_FROM else int(self.calls * SHARE[lane])


#: Over it the Client ID is blocked for a minute (facts.md 3.1).
ALL_CALLS = Limit("all", 9000, 60, of_seller=False)
OFFER_WRITES = (Limit("offer-writes", 2490, 60), Limit("offer-writes-hourly", 74_700, 3600))
#: Method, path, limits; the figures stand in facts.md 3.2.
LIMITS: tuple[tuple[str, re.Pattern[str], tuple[Limit, ...]], ...] = (
    ("GET", re.compile(r"/sale/product-offers/[^/]+"), (Limit("offer-reads", 3500, 60),)),
    ("POST", re.compile(r"/sale/product-offers"), OFFER_WRITES),
    ("PATCH", re.compile(r"/sale/product-offers/[^/]+"), OFFER_WRITES),
    ("POST", re.compile(r"/pricing/offer-fee-preview"), (Limit("fee-previews", 25, 1),)),
    ("GET", re.compile(r"/sale/matching-categories"), (Limit("matching-categories", 5, 1),)),
    ("GET", re.compile(r"/order/carriers"), (Limit("shipments", 50, 1),)),
    ("GET", re.compile(r"/order/checkout-forms/[^/]+/shipments"), (Limit("shipments", 50, 1),)),
    ("POST", re.compile(r"/order/checkout-forms/[^/]+/shipments"), (Limit("shipments", 50, 1),)),
)


def limits_of(method: str, path: str) -> tuple[Limit, ...]:
    """Those that a request counts in."""
    for each, pattern, limits in LIMITS:
        if each == method and pattern.fullmatch(path):
            return (ALL_CALLS, *limits)
    return (ALL_CALLS,)


class Governor(Protocol):
    """Gives each request its turn, in the name of one application and one seller."""

    def wait_for_turn(self, method: str, path: str) -> None:
        """Answers when the request may go out and has been counted.

        Raises Unavailable, sure that nothing has happened, when that would take too long.
        """

    def cool_down(self, pause: timedelta | None) -> None:
        """Allegro has answered 429: nobody asks under this Client ID for a while."""
