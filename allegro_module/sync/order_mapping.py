"""From Allegro's checkout form to the shop's order: nothing dropped, nothing bent, nothing guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from allegro_module.client.checkout_forms import CheckoutForm, CheckoutFormStatus, FormBuyer
from allegro_module.client.payloads import to_wire
from allegro_module.domain.order_rules import DEFAULT_RULES, OrderRules
from allegro_module.domain.order_texts import customer_for, notes_of, number_of
from allegro_module.domain.orders import BY_ALLEGRO, Flag
from allegro_module.domain.shop import CheckoutFormId, ShopOrder
from allegro_module.sync.order_money import Unreadable, currency_of, total_of
from allegro_module.sync.order_payments import is_paid, payment_of, payment_type
from allegro_module.sync.order_persons import buyer_of, delivery_of, invoice_of
from allegro_module.sync.order_positions import Catalogue, bill_of, sku_candidates

__all__ = [
    "Catalogue",
    "Unreadable",
    "bought_at",
    "currency_of",
    "is_paid",
    "number_of",
    "payment_type",
    "revision_of",
    "sku_candidates",
    "to_shop_order",
    "total_of",
    "without_nul",
]


def to_shop_order(
    form: CheckoutForm,
    account: str,
    number: str,
    catalogue: Catalogue,
    supersedes: Sequence[str] = (),
    rules: OrderRules = DEFAULT_RULES,
) -> ShopOrder:
    """The order as the shop gets it. The total is Allegro's, never bent: a sum that differs is a flag.

    Raises Unreadable, which says what cannot be read.
    """
    if form.status is CheckoutFormStatus.READY_FOR_PROCESSING and not form.line_items:
        raise Unreadable("a form to be fulfilled without any line")
    currency = currency_of(form)
    bill = bill_of(form, currency, total_of(form), catalogue, rules)
    is_ours = not _is_shipped_by_allegro(form)
    buyer, invoice = buyer_of(form.buyer or FormBuyer()), invoice_of(form.invoice)
    order = ShopOrder(
        checkout_form_id=CheckoutFormId(form.id),
        account=account,
        number=number,
        marketplace=form.marketplace.id if form.marketplace else "",
        bought_at=bought_at(form),
        buyer=buyer,
        positions=bill.positions,
        total=bill.total,
        delivery=delivery_of(form.delivery, currency),
        payment=payment_of(form, currency, bill.paid_by_voucher),
        invoice=invoice,
        customer=customer_for(buyer, invoice, rules),
        message=form.message_to_seller or "",
        seller_note=(form.note and form.note.text) or "",
        supersedes=tuple(CheckoutFormId(each) for each in supersedes),
        flags=(*bill.flags, *(() if is_ours else (Flag.FULFILLED_BY_ALLEGRO,))),
        is_shipped_by_seller=is_ours,
    )
    notes = notes_of(order, rules.notes_template)
    return replace(order, notes=notes) if notes else order


def _is_shipped_by_allegro(form: CheckoutForm) -> bool:
    """One Fulfillment packs it, so the seller must not (facts.md 5.5, #12848)."""
    provider = form.fulfillment and form.fulfillment.provider
    return bool(provider and provider.id == BY_ALLEGRO)


def bought_at(form: CheckoutForm) -> datetime:
    """The last purchase of the form. Raises Unreadable when no time is known at all."""
    moments = [line.bought_at for line in form.line_items if line.bought_at]
    latest = max(moments, default=form.updated_at)
    if latest is None:
        raise Unreadable("a form without any time")
    return latest


def revision_of(form: CheckoutForm) -> str:
    """Changes when the buyer's data change (facts.md 5.4); without one, the time of the last change."""
    return form.revision or (to_wire(form.updated_at) if form.updated_at else "")


def without_nul(form: CheckoutForm) -> CheckoutForm:
    """The form with every text as a database can keep it: PostgreSQL refuses the character NUL."""
    # Looking through the printed form takes a fraction of the time of walking through it.
    if "\\x00" not in repr(form):
        return form
    return msgspec.convert(_cleaned(msgspec.to_builtins(form)), CheckoutForm)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list | tuple) else value
