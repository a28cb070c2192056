"""What befalls an order after the purchase, beside what buyer and seller do by themselves."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from allegro_module.simulator.checkout import told
from allegro_module.simulator.forms import Booking, EventType, Form, Payment, Status

if TYPE_CHECKING:
    from allegro_module.simulator.world import World


def pay_surcharge(world: World, form: Form, amount: Decimal) -> Payment:
    """The buyer pays more for a finished order; told by one more READY_FOR_PROCESSING (facts: likely)."""
    if form.status is not Status.READY_FOR_PROCESSING or amount <= 0:
        raise ValueError("a surcharge is paid for an order that is ready, and above zero")
    now = world.now()
    surcharge = Payment(world.uuid(), "ONLINE", "AF", now, amount)
    form.surcharges = (*form.surcharges, surcharge)
    told(world, form, EventType.READY_FOR_PROCESSING, now)
    return surcharge


def receive_term_payment(world: World, form: Form) -> None:
    """The money of an extended term arrives: a second READY_FOR_PROCESSING."""
    payment = form.payment
    if payment is None or payment.type != "EXTENDED_TERM" or payment.finished_at is not None:
        raise ValueError("no extended term of this order waits for money")
    now = world.now()
    payment.finished_at, payment.paid = now, form.total
    told(world, form, EventType.READY_FOR_PROCESSING, now)


def book_cash(world: World, form: Form) -> None:
    """The carrier has collected the cash and booked it (since 2026-09-01, #13930); no event tells it."""
    payment = form.payment
    if payment is None or payment.type != "CASH_ON_DELIVERY" or form.bookings:
        raise ValueError("no cash of this order waits for booking")
    now = world.now()
    shipment = form.shipments[-1].id if form.shipments else None
    form.bookings = (Booking(payment.id, shipment, form.total, now),)
    form.updated_at = now


def cancel_delivery(world: World, form: Form) -> None:
    if form.delivery is None:
        raise ValueError("nothing is delivered yet")
    now = world.now()
    form.delivery, form.updated_at = replace(form.delivery, cancelled_at=now), now


def write_note(world: World, form: Form, text: str | None) -> None:
    """The seller's own note, which only the panel can write; no event tells it."""
    form.note, form.updated_at = text or None, world.now()


def forget(world: World, form: Form) -> None:
    """The form is 404 from now on, though its events stay."""
    del world.orders.forms[form.id]
    world.orders.unpaid.pop(form.id, None)
