"""The buyer's side of orders: what buying, paying, joining, changing and cancelling do."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from allegro_module.simulator import delivery
from allegro_module.simulator.buyers import BUYERS, POINTS
from allegro_module.simulator.forms import (
    Address,
    Buyer,
    Delivery,
    EventType,
    Form,
    Invoice,
    Line,
    Payment,
    Status,
    Tax,
)

if TYPE_CHECKING:
    from allegro_module.simulator.offer_book import SoldOffer
    from allegro_module.simulator.world import World

UNPAID_DAYS = timedelta(days=7)


class Pay(StrEnum):
    CARD = "card"
    ON_DELIVERY = "cash_on_delivery"
    LATER = "later"


class Ship(StrEnum):
    COURIER = "courier"
    POINT = "pickup_point"


class Method(NamedTuple):
    name: str
    policy: str
    usual_cost: Decimal


# The cash-on-delivery twin of a method is a method of its own (#9753).
METHODS = {
    (Ship.COURIER, False): Method("Allegro Kurier DPD", "IN_ADVANCE", Decimal("13.99")),
    (Ship.COURIER, True): Method("Allegro Kurier DPD pobranie", "CASH_ON_DELIVERY", Decimal("18.99")),
    (Ship.POINT, False): Method("Allegro Paczkomaty InPost", "IN_ADVANCE", Decimal("11.99")),
    (Ship.POINT, True): Method("Allegro Paczkomaty InPost pobranie", "CASH_ON_DELIVERY", Decimal("15.99")),
}


@dataclass(frozen=True)
class Wishes:
    """What the buyer writes into the delivery form."""

    pay: Pay = Pay.CARD
    ship: Ship = Ship.COURIER
    invoice: Invoice | None = None
    message: str | None = None
    smart: bool = False


@dataclass(frozen=True)
class Item:
    offer_id: str
    quantity: int = 1


def buy(world: World, items: Sequence[Item], wishes: Wishes | None = None, buyer: Buyer = BUYERS[0]) -> Form:
    """Buy from one seller; without wishes the delivery form stays empty. ValueError says why it cannot be."""
    sold = _take_off_the_shelf(world, items)
    now = world.now()
    lines = [_line(world, offer, item.quantity, now) for offer, item in zip(sold, items, strict=True)]
    return place(world, sold[0].seller_id, lines, wishes, buyer)


def place(world: World, seller_id: str, lines: Sequence[Line], wishes: Wishes | None, buyer: Buyer) -> Form:
    """A new form with these lines, filled in when there are wishes."""
    form = _new_form(world, seller_id, lines, buyer)
    # "needless when the buyer goes straight through the form": but every order has at least one event.
    if wishes is None or not world.switches.missing_bought:
        world.orders.record(world, form, EventType.BOUGHT, world.now())
    if wishes is not None:
        fill(world, form, wishes)
    return form


def fill(world: World, form: Form, wishes: Wishes) -> None:
    """Fill the delivery form, for the first time or anew, and pay when that was wished."""
    _demand(form.is_unpaid, "only an unpaid purchase can be filled in")
    now = world.now()
    on_delivery = wishes.pay is Pay.ON_DELIVERY
    form.delivery = _delivery(world, form, wishes)
    form.payment = _payment(world, on_delivery, now)
    form.invoice, form.message = wishes.invoice, wishes.message
    form.status = Status.FILLED_IN
    if on_delivery:
        _make_ready(world, form, now)
        return
    _change(world, form, EventType.FILLED_IN, now)
    if wishes.pay is Pay.CARD:
        pay(world, form)


def pay(world: World, form: Form) -> None:
    """Pay a filled form by card."""
    if form.payment is None or not form.is_unpaid:
        raise ValueError("only a filled, unpaid form can be paid")
    now = world.now()
    form.payment.finished_at, form.payment.paid = now, form.total
    _make_ready(world, form, now)


def join(world: World, forms: Sequence[Form], wishes: Wishes) -> Form:
    """Fill one form for several unpaid purchases: same lines, a new form; the older ones are left behind."""
    _demand(len(forms) > 1, "two purchases at least are joined")
    _demand(all(form.is_unpaid for form in forms), "only unpaid purchases can be joined")
    _demand(
        len({(form.seller_id, form.buyer.id) for form in forms}) == 1,
        "purchases of one buyer from one seller are joined",
    )
    joined = _new_form(
        world, forms[0].seller_id, [line for form in forms for line in form.lines], forms[0].buyer
    )
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
    _change(world, form, EventType.BUYER_MODIFIED, now)


def cancel(world: World, form: Form) -> None:
    """The buyer cancels; the stock stays as it is (#4762)."""
    now = world.now()
    _demand(form.is_in_buyers_hands(now), "the buyer may no longer cancel this order")
    form.status = Status.CANCELLED
    _change(world, form, EventType.BUYER_CANCELLED, now)


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
    _change(world, form, EventType.AUTO_CANCELLED, world.now())


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


def _line(world: World, offer: SoldOffer, quantity: int, now: datetime) -> Line:
    return Line(
        world.uuid(),
        offer.id,
        offer.name,
        offer.external_id,
        tuple(offer.product_ids),
        quantity,
        offer.price,
        offer.currency,
        _tax(offer),
        now,
    )


def _tax(offer: SoldOffer) -> Tax | None:
    return Tax(**offer.tax) if offer.tax else None


def _new_form(world: World, seller_id: str, lines: Sequence[Line], buyer: Buyer) -> Form:
    # The part before the plus belongs to the buyer, the part after it to this order alone.
    email = f"{int(buyer.id):010x}+{world.hex_digits(9)}@allegromail.pl"
    form = Form(world.uuid(), seller_id, buyer, email, tuple(lines), world.hex_digits(8), world.now())
    world.orders.add(form)
    return form


def _delivery(world: World, form: Form, wishes: Wishes) -> Delivery:
    method = METHODS[wishes.ship, wishes.pay is Pay.ON_DELIVERY]
    method_id = delivery.method(method.name, method.policy)["id"]
    buyer = form.buyer
    point = POINTS[int(buyer.id) % len(POINTS)] if wishes.ship is Ship.POINT else None
    cost = Decimal("0.00") if wishes.smart else _cost(world, form, method_id, method.usual_cost)
    return Delivery(method_id, method.name, cost, buyer.home, point, wishes.smart, world.now())


def _cost(world: World, form: Form, method_id: str, usual: Decimal) -> Decimal:
    """What the price list of the first offer asks for a first item, else any list of the seller."""
    offer = world.offers.offers.get(form.lines[0].offer_id)
    own_list = (offer.content.delivery.get("shippingRates") or {}).get("id") if offer else None
    price_lists = sorted(world.delivery.of(form.seller_id), key=lambda known: known.id != own_list)
    rates = (rate for price_list in price_lists for rate in price_list.rates)
    amounts = (rate["firstItemRate"]["amount"] for rate in rates if rate["deliveryMethod"]["id"] == method_id)
    return Decimal(next(amounts, usual))


def _payment(world: World, on_delivery: bool, now: datetime) -> Payment:
    """Cash on delivery is "finished" with the form, yet never has a paid amount (#8274)."""
    if on_delivery:
        return Payment(world.uuid(), "CASH_ON_DELIVERY", "OFFLINE", finished_at=now)
    return Payment(world.uuid(), "ONLINE", "AF")


def _make_ready(world: World, form: Form, now: datetime) -> None:
    form.status = Status.READY_FOR_PROCESSING
    _change(world, form, EventType.READY_FOR_PROCESSING, now)
    if world.switches.doubled_ready:
        repeat_ready(world, form)


def _change(world: World, form: Form, event: EventType, now: datetime) -> None:
    """The buyer's data are other now: a new revision, and an event that tells it."""
    form.revision, form.updated_at = world.hex_digits(8), now
    world.orders.record(world, form, event, now)
