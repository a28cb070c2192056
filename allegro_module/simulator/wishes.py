"""What a buyer writes into the delivery form: how to pay, where to send, for whom the invoice is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from allegro_module.simulator import delivery_methods
from allegro_module.simulator.buyers import points_of
from allegro_module.simulator.forms import Delivery, Form, Payment
from allegro_module.simulator.markets import Ship, method_to
from allegro_module.simulator.persons import Address, Invoice

if TYPE_CHECKING:
    from allegro_module.simulator.world import World

TERM = timedelta(days=30)


class Pay(StrEnum):
    CARD = "card"
    ON_DELIVERY = "cash_on_delivery"
    LATER = "later"
    TRANSFER = "wire_transfer"
    SPLIT = "split_payment"
    TERM = "extended_term"


# Type and provider of each; LATER is a card that waits.
KINDS = {
    Pay.CARD: ("ONLINE", "AF"),
    Pay.LATER: ("ONLINE", "AF"),
    Pay.ON_DELIVERY: ("CASH_ON_DELIVERY", "OFFLINE"),
    Pay.TRANSFER: ("WIRE_TRANSFER", "PAYU"),
    Pay.SPLIT: ("SPLIT_PAYMENT", "P24"),
    Pay.TERM: ("EXTENDED_TERM", "EPT"),
}
PAID_AT_ONCE = (Pay.CARD, Pay.SPLIT)
# Ready although nobody has paid yet.
READY_UNPAID = (Pay.ON_DELIVERY, Pay.TERM)


@dataclass(frozen=True)
class Wishes:
    """Without a recipient the parcel goes to the buyer's own address."""

    pay: Pay = Pay.CARD
    ship: Ship = Ship.COURIER
    invoice: Invoice | None = None
    message: str | None = None
    smart: bool = False
    recipient: Address | None = None
    features: tuple[str, ...] = ()
    packages: int = 1


def delivery_of(world: World, form: Form, wishes: Wishes, now: datetime) -> Delivery:
    buyer = form.buyer
    country = buyer.home.country
    method = method_to(country, wishes.ship, wishes.pay is Pay.ON_DELIVERY)
    method_id = delivery_methods.method(method.name, method.policy)["id"]
    points = points_of(country)
    point = points[int(buyer.id) % len(points)] if _is_collected(method.name) else None
    cost = Decimal("0.00") if wishes.smart else _cost(world, form, method_id, method.usual_cost)
    address = wishes.recipient or buyer.home
    return Delivery(method_id, method.name, cost, address, point, wishes.smart, now, packages=wishes.packages)


def _is_collected(method_name: str) -> bool:
    return "Paczkomaty" in method_name or "Punkty" in method_name


def _cost(world: World, form: Form, method_id: str, usual: Decimal) -> Decimal:
    """What the price list of the first offer asks for a first item, else any list of the seller."""
    offer = world.offers.offers.get(form.lines[0].offer_id)
    own_list = (offer.content.delivery.get("shippingRates") or {}).get("id") if offer else None
    price_lists = sorted(world.delivery.of(form.seller_id), key=lambda known: known.id != own_list)
    rates = (rate for price_list in price_lists for rate in price_list.rates)
    amounts = (rate["firstItemRate"]["amount"] for rate in rates if rate["deliveryMethod"]["id"] == method_id)
    return Decimal(next(amounts, usual))


def payment_of(world: World, wishes: Wishes, now: datetime) -> Payment:
    """Cash on delivery is "finished" with the form, yet never has a paid amount (#8274)."""
    finished_at = now if wishes.pay is Pay.ON_DELIVERY else None
    return Payment(world.uuid(), *KINDS[wishes.pay], finished_at=finished_at, features=wishes.features)


def invoice_of(wishes: Wishes, now: datetime) -> Invoice | None:
    """A purchase on a term names the day by which it is to be paid."""
    if wishes.pay is not Pay.TERM:
        return wishes.invoice
    if wishes.invoice is None or not wishes.invoice.is_for_company:
        raise ValueError("an extended term is given to companies only")
    return replace(wishes.invoice, due_date=(now + TERM).date().isoformat())
