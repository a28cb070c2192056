"""How an order is paid (facts.md 5.6)."""

from __future__ import annotations

from collections.abc import Sequence

from allegro_module.client.checkout_forms import CheckoutForm, FormPayment
from allegro_module.domain.money import Money
from allegro_module.domain.shop import Payment, PaymentType
from allegro_module.sync.order_money import ZERO, read_correction, read_money
from allegro_module.sync.order_times import plausible


def is_paid(payment: FormPayment | None) -> bool:
    """Cash on delivery is finished with the form, yet nothing is paid (facts.md 5.6)."""
    return bool(
        payment
        and payment.type != PaymentType.CASH_ON_DELIVERY
        and payment.finished_at is not None
        and payment.paid_amount is not None
    )


def payment_type(payment: FormPayment) -> PaymentType:
    """Allegro may add kinds at any time."""
    try:
        return PaymentType(payment.type or "")
    except ValueError:
        return PaymentType.OTHER


def payment_of(form: CheckoutForm, currency: str, vouchers: Sequence[str] = ()) -> Payment | None:
    """`vouchers` paid a part of a total that holds the whole price. Raises Unreadable."""
    payment = form.payment
    if payment is None:
        return None
    kind, added = payment_type(payment), payment.reconciliation
    paid = read_money(payment.paid_amount, currency, "what was paid") if payment.paid_amount else None
    if kind is PaymentType.CASH_ON_DELIVERY and paid is None:
        paid = _collected(form, currency)
    return Payment(
        id=payment.id or "",
        type=kind,
        provider=payment.provider or "",
        paid=paid,
        finished_at=plausible(payment.finished_at),
        is_paid=is_paid(payment),
        compensation=read_correction(added, currency, "a compensation") if added else None,
        features=(*(payment.features or ()), *vouchers),
    )


def _collected(form: CheckoutForm, currency: str) -> Money | None:
    """What couriers have handed over so far (`codBookedPayments`, since 2026-09-01, #13930)."""
    booked = [each.paid_amount for each in form.cod_booked_payments or () if each.paid_amount]
    if not booked:
        return None
    return sum((read_money(each, currency, "what was collected") for each in booked), Money(ZERO, currency))
