"""Many orders at once, for measuring: no stock moves, all else is as if people had bought."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from allegro_module.simulator.accounts import Seller
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Pay, Ship, Wishes, place
from allegro_module.simulator.forms import Form, Invoice, Line, Tax

if TYPE_CHECKING:
    from allegro_module.simulator.world import World

SPACING = timedelta(milliseconds=10)


class Ware(NamedTuple):
    """What a line tells of an offer."""

    id: str
    name: str
    external_id: str | None
    price: Decimal
    currency: str


def place_many(world: World, seller: Seller, count: int) -> list[Form]:
    """`count` orders of one to four lines, of each kind of payment and delivery, over the seller's offers."""
    wares = wares_of(world, seller)
    return [_order(world, seller, wares, number, count) for number in range(count)]


def _order(world: World, seller: Seller, wares: list[Ware], number: int, count: int) -> Form:
    buyer = BUYERS[number % len(BUYERS)]
    bought_at = world.now() - SPACING * (count - number)
    lines = [
        Line(
            world.uuid(),
            *(ware.id, ware.name, ware.external_id, ()),
            quantity=1 + number % 3,
            price=ware.price,
            currency=ware.currency,
            tax=Tax("23.00", "GOODS"),
            bought_at=bought_at,
        )
        for ware in world.random.sample(wares, min(1 + number % 4, len(wares)))
    ]
    company = number % 5 == 0
    wishes = Wishes(
        pay=Pay.ON_DELIVERY if number % 4 == 3 else Pay.CARD,
        ship=Ship.POINT if number % 2 else Ship.COURIER,
        invoice=Invoice(buyer.home, "Biuro Nowak sp. z o.o.", "5252674798") if company else None,
        message="Proszę zapakować na prezent." if number % 7 == 0 else None,
        smart=number % 3 == 0,
    )
    return place(world, seller.id, lines, wishes, buyer)


def wares_of(world: World, seller: Seller) -> list[Ware]:
    offers = world.offers.active(seller.id)
    if offers:
        return [
            Ware(offer.id, offer.name, offer.external_id, offer.price, offer.currency) for offer in offers
        ]
    return [
        Ware(
            f"{17_000_000_000 + number}",
            f"Towar próbny numer {number}",
            f"PROBA-{number:03d}",
            Decimal(number),
            "PLN",
        )
        for number in range(10, 60)
    ]
