"""The buyer's side of orders: what buying, paying, joining, changing and cancelling do."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.extras import NO_EXTRAS, Extras
from allegro_module.simulator.forms import EventType, Form, Status
from allegro_module.simulator.lines import Line, Tax
from allegro_module.simulator.markets import MARKETS, Ship
from allegro_module.simulator.persons import Address, Buyer, Invoice
from allegro_module.simulator.wishes import (
    PAID_AT_ONCE,
    READY_UNPAID,
    Pay,
    Wishes,
    delivery_of,
    invoice_of,
    payment_of,
)

if TYPE_CHECKING:
    from allegro_module.simulator.offer_book import SoldOffer
    from allegro_module.simulator.world import World

__all__ = ["Item", "Pay", "Ship", "Wishes", "buy", "cancel", "change", "fill", "join", "pay", "place"]

UNPAID_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class Item:
    offer_id: str
    quantity: int = 1
    extras: Extras = NO_EXTRAS


def buy(
    world: World,
    items: Sequence[Item],
    wishes: Wishes | None = None,
    buyer: Buyer = BUYERS[0],
    provider: str = "SELLER",
) -> Form:
    """Buy from one seller; without wishes the delivery form stays empty. ValueError says why it cannot be."""
    sold = _take_off_the_shelf(world, items)
    lines = [_line(world, offer, item, buyer) for offer, item in zip(sold, items, strict=True)]
    return place(world, sold[0].seller_id, lines, wishes, buyer, provider)


def place(
    world: World,
    seller_id: str,
    lines: Sequence[Line],
    wishes: Wishes | None,
    buyer: Buyer,
    provider: str = "SELLER",
) -> Form:
    """A new form with these lines, filled in when there are wishes; provider ALLEGRO is One Fulfillment."""
    form = _new_form(world, seller_id, lines, buyer, provider)
    # "needless when the buyer goes straight through the form": but every order has at least one event.
    if wishes is None or not world.switches.missing_bought:
        world.orders.record(world, form, EventType.BOUGHT, form.updated_at)
    if wishes is not None:
        fill(world, form, wishes)
    return form


def fill(world: World, form: Form, wishes: Wishes) -> None:
    """Fill the delivery form, for the first time or anew, and pay when that was wished."""
    _demand(form.is_unpaid, "only an unpaid purchase can be filled in")
    now = world.now()
    invoice, way = invoice_of(wishes, now), delivery_of(world, form, wishes, now)
    form.delivery, form.invoice, form.message = way, invoice, wishes.message
    form.payment = payment_of(world, wishes, now)
    form.status = Status.FILLED_IN
    if wishes.pay in READY_UNPAID:
        make_ready(world, form, now)
        return
    told(world, form, EventType.FILLED_IN, now)
    if wishes.pay in PAID_AT_ONCE:
        pay(world, form)


def pay(world: World, form: Form, amount: Decimal | None = None) -> None:
    """Pay a filled form, in full unless an amount is given; Allegro adds to the wallet what it promised."""
    if form.payment is None or not form.is_unpaid:
        raise ValueError("only a filled, unpaid form can be paid")
    now = world.now()
    form.payment.finished_at, form.payment.paid = now, form.total if amount is None else amount
    form.payment.compensation = _added_to_wallet(form)
    make_ready(world, form, now)


def _added_to_wallet(form: Form) -> Decimal | None:
    promised = [line.compensation for line in form.lines if line.compensation]
    values = [compensation.value for compensation in promised if compensation.type == "WALLET"]
    return sum(values, Decimal(0)) if values else None


def join(world: World, forms: Sequence[Form], wishes: Wishes) -> Form:
    """Fill one form for several unpaid purchases: same lines, a new form; the older ones are left behind."""
    _demand(len(forms) > 1, "two purchases at least are joined")
    _demand(all(form.is_unpaid for form in forms), "only unpaid purchases can be joined")
    _demand(
        len({(form.seller_id, form.buyer.id, form.provider, form.currency) for form in forms}) == 1,
        "purchases of one buyer from one seller are joined",
    )
    first = forms[0]
    lines = [line for form in forms for line in form.lines]
    joined = _new_form(world, first.seller_id, lines, first.buyer, first.provider)
    for form in forms:
        form.joined_into = joined.id
    fill(world, joined, wishes)
    return joined


def change(world: World, form: Form, address: Address | None = None, invoice: Invoice | None = None) -> None:
    """The buyer changes the address, or asks for an invoice, after the purchase."""
    now = world.now()
    if form.delivery is None or not form.is_in_buyers_hands(now):
        raise ValueError("the buyer may no longer change this order")
    if address is not None:
        form.delivery = replace(form.delivery, address=address, address_modified_at=now)
    form.invoice = invoice or form.invoice
    told(world, form, EventType.BUYER_MODIFIED, now)


def cancel(world: World, form: Form) -> None:
    """The buyer cancels; the stock stays as it is (#4762)."""
    now = world.now()
    _demand(form.may_be_cancelled(now), "the buyer may no longer cancel this order")
    form.status = Status.CANCELLED
    told(world, form, EventType.BUYER_CANCELLED, now)


def cancel_unpaid(world: World, now: datetime) -> None:
    """Cancel what was not paid within a week."""
    unpaid = world.orders.unpaid
    for form_id in list(unpaid):
        form = world.orders.forms[form_id]
        if not form.is_unpaid:
            del unpaid[form_id]
        elif now - form.bought_at > UNPAID_DAYS:
            auto_cancel(world, form)


def auto_cancel(world: World, form: Form) -> None:
    _demand(form.is_unpaid, "only an unpaid purchase is cancelled by itself")
    form.status = Status.CANCELLED
    told(world, form, EventType.AUTO_CANCELLED, world.now())


def repeat_ready(world: World, form: Form) -> None:
    """Say once more that an order is ready, as the journal does at times (#2589)."""
    _demand(form.status is Status.READY_FOR_PROCESSING, "the order is not ready for processing")
    world.orders.record(world, form, EventType.READY_FOR_PROCESSING, world.now())


def _demand(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)


def _take_off_the_shelf(world: World, items: Sequence[Item]) -> list[SoldOffer]:
    """Sell all of the items, one seller's, or none."""
    _demand(bool(items), "nothing is bought")
    before = deepcopy(world.offers) if len(items) > 1 else world.offers
    try:
        sold = [world.offers.sell(item.offer_id, item.quantity, world.now()) for item in items]
        _demand(len({offer.seller_id for offer in sold}) == 1, "a purchase is made from one seller")
    except ValueError:
        world.offers = before
        raise
    return sold


def _line(world: World, offer: SoldOffer, item: Item, buyer: Buyer) -> Line:
    """What the offer costs on the marketplace of the buyer."""
    market = MARKETS[buyer.marketplace]
    is_abroad = market.currency != offer.currency and offer.currency == "PLN"
    line = Line(
        world.uuid(),
        offer.id,
        offer.name,
        offer.external_id,
        tuple(offer.product_ids),
        item.quantity,
        market.price(offer.price) if is_abroad else offer.price,
        market.currency if is_abroad else offer.currency,
        Tax(**offer.tax) if offer.tax else None,
        world.now(),
    )
    return line if item.extras == NO_EXTRAS else item.extras.on(line)


def _new_form(world: World, seller_id: str, lines: Sequence[Line], buyer: Buyer, provider: str) -> Form:
    # The part before the plus belongs to the buyer, the part after it to this order alone.
    email = f"{int(buyer.id):010x}+{world.hex_digits(9)}@allegromail.pl"
    form = Form(
        world.uuid(),
        seller_id,
        buyer,
        email,
        tuple(lines),
        world.hex_digits(8),
        world.now(),
        marketplace=buyer.marketplace,
        provider=provider,
    )
    world.orders.add(form)
    return form


def make_ready(world: World, form: Form, now: datetime) -> None:
    form.status = Status.READY_FOR_PROCESSING
    told(world, form, EventType.READY_FOR_PROCESSING, now)
    if world.switches.doubled_ready:
        repeat_ready(world, form)


def told(world: World, form: Form, event: EventType, now: datetime) -> None:
    """The buyer's data are other now: a new revision, and an event that tells it."""
    form.revision, form.updated_at = world.hex_digits(8), now
    world.orders.record(world, form, event, now)
