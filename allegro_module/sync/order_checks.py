"""What a checkout form must say before anything is kept of it; else it waits, set aside, for the seller."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.sync.order_rows import is_ready
from allegro_module.sync.order_times import is_plausible


def fault_of(form: CheckoutForm) -> str:
    """Why nothing can be made of it, without personal data; empty for a good form."""
    if not all(is_plausible(at) for at in _times(form)):
        return "a time of another century"
    # By its lines an order is known again and its stock booked once (facts.md 5.1).
    line_item_ids = {line.id for line in form.line_items}
    if "" in line_item_ids:
        return "a line without an id"
    if len(line_item_ids) < len(form.line_items):
        return "two lines with the same id"
    if is_ready(form) and not (form.summary and form.summary.total_to_pay):
        return "a form to be fulfilled without a total"
    return ""


def _times(form: CheckoutForm) -> Iterator[datetime]:
    """Those that orders are sorted, sought and compared by."""
    if form.updated_at:
        yield form.updated_at
    for line in form.line_items:
        if line.bought_at:
            yield line.bought_at
