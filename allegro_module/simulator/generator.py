"""Thousands of orders that live as real ones do: joined, cancelled, paid late, dearer than first thought.

Each story is a generator function that does something and yields how long it waits before it goes on; all
stories run side by side by the simulated clock, so that the journal mixes them as it does in life.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from allegro_module.simulator import aftermath, checkout
from allegro_module.simulator.accounts import Seller
from allegro_module.simulator.bulk import Ware, wares_of
from allegro_module.simulator.buyers import BUYERS, COMPANY, FOREIGNERS, GUEST, IDENTIFIED, company_invoice
from allegro_module.simulator.checkout import Pay, Ship, Wishes
from allegro_module.simulator.expectation import Expectation, expected_of
from allegro_module.simulator.extras import Extras
from allegro_module.simulator.forms import Form
from allegro_module.simulator.journal_tricks import hush
from allegro_module.simulator.lines import Line, Tax
from allegro_module.simulator.markets import MARKETS
from allegro_module.simulator.orders import change_fulfillment
from allegro_module.simulator.persons import Buyer, Invoice
from allegro_module.simulator.shipments import ship

if TYPE_CHECKING:
    from allegro_module.simulator.world import World

Waits = Iterator[timedelta]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class Fair:
    """Where the stories happen: one seller's shelves, a dice of their own, the forms that came of them."""

    world: World
    seller: Seller
    dice: Random
    wares: list[Ware]
    forms: list[Form] = field(default_factory=list)

    def chance(self, percent: float) -> bool:
        return self.dice.random() * 100 < percent

    def buyer(self) -> Buyer:
        """One of many: the people of buyers.py under thousands of ids, a tenth of them abroad."""
        kinds: tuple[Buyer, ...] = BUYERS
        if self.chance(10):
            kinds = FOREIGNERS
        elif self.chance(6):
            kinds = (GUEST, COMPANY, IDENTIFIED)
        model = self.dice.choice(kinds)
        number = self.dice.randrange(100_000)
        return replace(model, id=f"{71_000_000 + number}", login=f"{model.login}_{number}")

    def lines(self, buyer: Buyer, most: int = 4) -> list[Line]:
        count = min(self.dice.choice((1, 1, 1, 1, 2, 2, 3, most)), len(self.wares))
        return [self._line(ware, buyer) for ware in self.dice.sample(self.wares, count)]

    def _line(self, ware: Ware, buyer: Buyer) -> Line:
        market = MARKETS[buyer.marketplace]
        line = Line(
            self.world.uuid(),
            *(ware.id, ware.name, ware.external_id, ()),
            quantity=self.dice.choice((1, 1, 1, 2, 3)),
            price=market.price(ware.price),
            currency=market.currency,
            tax=Tax("23.00", "GOODS"),
            bought_at=self.world.now(),
        )
        return self._extras().on(line) if self.chance(15) else line

    def _extras(self) -> Extras:
        kinds = (
            Extras(discounts=("COUPON",), percent_off=10),
            Extras(discounts=("CAMPAIGN",), percent_off=15, paid_by_allegro="WALLET"),
            Extras(discounts=("CAMPAIGN",), percent_off=15, paid_by_allegro="BILLING"),
            Extras(discounts=("BUNDLE", "COUPON"), percent_off=5),
            Extras(services=("GIFT_WRAP",)),
            Extras(deposit=Decimal("0.50")),
            Extras(without_tax=True),
            Extras(without_external=True),
        )
        return self.dice.choice(kinds)

    def wishes(self, buyer: Buyer, pay: Pay | None = None) -> Wishes:
        dice = self.dice
        return Wishes(
            pay=pay or self._pay(buyer),
            ship=dice.choice((Ship.POINT, Ship.POINT, Ship.COURIER, Ship.LETTER)),
            invoice=self._invoice(buyer),
            message="Proszę zapakować na prezent." if self.chance(12) else None,
            smart=buyer.home.country == "PL" and self.chance(40),
            recipient=replace(buyer.home, first_name="Odbiorca") if self.chance(8) else None,
            features=("ALLEGRO_PAY",) if self.chance(10) else (),
            packages=dice.choice((1, 1, 1, 2)),
        )

    def _pay(self, buyer: Buyer) -> Pay:
        if buyer.home.country == "SK" or not self.chance(20):
            return Pay.CARD
        return self.dice.choice((Pay.ON_DELIVERY, Pay.ON_DELIVERY, Pay.SPLIT))

    def _invoice(self, buyer: Buyer) -> Invoice | None:
        if not self.chance(18):
            return None
        return company_invoice(buyer) if self.chance(60) else Invoice(buyer.home)

    def place(self, buyer: Buyer, wishes: Wishes | None, provider: str = "SELLER") -> Form:
        form = checkout.place(self.world, self.seller.id, self.lines(buyer), wishes, buyer, provider)
        self.forms.append(form)
        return form

    def minutes(self, most: int) -> timedelta:
        return MINUTE * self.dice.randint(1, most)


def ordinary(fair: Fair) -> Waits:
    buyer = fair.buyer()
    fair.place(buyer, fair.wishes(buyer))
    yield from ()


def one_fulfillment(fair: Fair) -> Waits:
    buyer = fair.dice.choice(BUYERS)
    form = fair.place(buyer, fair.wishes(buyer, Pay.CARD), "ALLEGRO")
    yield fair.minutes(600)
    change_fulfillment(fair.world, form, "SENT", fair.world.now())


def paid_late(fair: Fair) -> Waits:
    buyer = fair.buyer()
    form = fair.place(buyer, fair.wishes(buyer, Pay.LATER))
    yield fair.minutes(20)
    if fair.chance(40):
        checkout.fill(fair.world, form, fair.wishes(buyer, Pay.TRANSFER))
        yield fair.minutes(240)
    checkout.pay(fair.world, form)


def never_paid(fair: Fair) -> Waits:
    buyer = fair.buyer()
    fair.place(buyer, None if fair.chance(50) else fair.wishes(buyer, Pay.LATER))
    yield from ()


def joined(fair: Fair) -> Waits:
    buyer = fair.buyer()
    bought = []
    for _ in range(fair.dice.choice((2, 2, 3))):
        bought.append(fair.place(buyer, None if fair.chance(60) else fair.wishes(buyer, Pay.LATER)))
        yield fair.minutes(15)
    fair.forms.append(checkout.join(fair.world, bought, fair.wishes(buyer)))


def cancelled(fair: Fair) -> Waits:
    """By the buyer, before he paid or after; who has no account cannot."""
    buyer = fair.dice.choice((*BUYERS, *FOREIGNERS))
    form = fair.place(
        buyer, replace(fair.wishes(buyer, fair.dice.choice((Pay.CARD, Pay.LATER))), invoice=None)
    )
    yield MINUTE * 4
    checkout.cancel(fair.world, form)


def surcharged(fair: Fair) -> Waits:
    buyer = fair.buyer()
    form = fair.place(buyer, fair.wishes(buyer, Pay.CARD))
    yield fair.minutes(120)
    aftermath.pay_surcharge(fair.world, form, Decimal(fair.dice.randint(100, 3000)) / 100)


def moved(fair: Fair) -> Waits:
    """The address is changed, or an invoice asked for, after the purchase."""
    buyer = fair.dice.choice(BUYERS)
    form = fair.place(buyer, replace(fair.wishes(buyer, Pay.CARD), invoice=None))
    yield fair.minutes(60)
    if fair.chance(60):
        checkout.change(fair.world, form, replace(buyer.home, street="ul. Nowa 1", city="Sopot"))
    else:
        checkout.change(fair.world, form, invoice=company_invoice(buyer))


def on_a_term(fair: Fair) -> Waits:
    form = fair.place(COMPANY, replace(fair.wishes(COMPANY, Pay.TERM), invoice=company_invoice(COMPANY)))
    yield fair.minutes(600)
    aftermath.receive_term_payment(fair.world, form)


def worked_on(fair: Fair) -> Waits:
    """The seller packs it in the panel."""
    buyer = fair.buyer()
    form = fair.place(buyer, fair.wishes(buyer, Pay.CARD))
    yield fair.minutes(60)
    change_fulfillment(fair.world, form, "PROCESSING", fair.world.now())
    yield fair.minutes(600)
    waybill = f"62{fair.world.next_number('waybill'):022d}"
    ship(fair.world, form, {"carrierId": "INPOST", "waybill": waybill}, fair.world.now())
    change_fulfillment(fair.world, form, "SENT", fair.world.now())


def doubled(fair: Fair) -> Waits:
    buyer = fair.buyer()
    form = fair.place(buyer, fair.wishes(buyer))
    yield fair.minutes(30)
    checkout.repeat_ready(fair.world, form)


def unheard(fair: Fair) -> Waits:
    """An order of which the journal says nothing at all."""
    buyer = fair.buyer()
    hush(fair.world, fair.place(buyer, fair.wishes(buyer)))
    yield from ()


# Stories and how many of a thousand they are.
STORIES: tuple[tuple[Callable[[Fair], Waits], int], ...] = (
    (ordinary, 660),
    (one_fulfillment, 30),
    (paid_late, 60),
    (never_paid, 30),
    (joined, 50),
    (cancelled, 40),
    (surcharged, 25),
    (moved, 25),
    (on_a_term, 10),
    (worked_on, 40),
    (doubled, 25),
    (unheard, 5),
)


def generate(world: World, seller: Seller, count: int, seed: int = 1, days: float = 1) -> Expectation:
    """`count` stories spread over the last `days`, the same for the same seed; no stock is moved.

    Some stories place several forms; what they would do after now, they do not do any more. The answer
    tells what must be found of the forms that were placed.
    """
    fair = Fair(world, seller, Random(seed), wares_of(world, seller))
    end, offset = world.now(), world.clock.offset_seconds
    stories, weights = zip(*STORIES, strict=True)
    chosen = fair.dice.choices(stories, weights, k=count)
    starts = sorted(end - timedelta(days=days) * fair.dice.random() for _ in range(count))
    try:
        _run(fair, list(zip(starts, chosen, strict=True)), end, offset)
    finally:
        world.clock.offset_seconds = offset
    checkout.cancel_unpaid(world, end)
    return expected_of(world, seller.id, fair.forms)


def _run(
    fair: Fair, plan: list[tuple[datetime, Callable[[Fair], Waits]]], end: datetime, offset: float
) -> None:
    """Tell all stories by the clock, up to the end."""
    clock = fair.world.clock
    waiting = [(start, number, story(fair)) for number, (start, story) in enumerate(plan)]
    heapq.heapify(waiting)
    while waiting and waiting[0][0] <= end:
        moment, number, story = heapq.heappop(waiting)
        clock.offset_seconds = offset - (end - moment).total_seconds()
        pause = next(story, None)
        if pause is not None:
            heapq.heappush(waiting, (moment + pause, number, story))
