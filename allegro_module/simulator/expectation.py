"""What a client that missed nothing must have in the end: counts and sums over a seller's forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from allegro_module.simulator.forms import Form, Status

if TYPE_CHECKING:
    from allegro_module.simulator.world import World


@dataclass(frozen=True)
class Expectation:
    """`ready` are the forms to be fulfilled, One Fulfillment's among them; amounts by currency are theirs.

    `superseded` were left behind when purchases were joined, `silent` are those no event tells of.
    """

    forms: int
    by_status: dict[str, int]
    by_marketplace: dict[str, int]
    by_payment: dict[str, int]
    ready_ids: frozenset[str]
    superseded_ids: frozenset[str]
    cancelled_ids: frozenset[str]
    silent_ids: frozenset[str]
    one_fulfillment: int
    with_surcharge: int
    with_invoice: int
    lines: int
    events: int
    totals: dict[str, Decimal]
    surcharges: dict[str, Decimal]
    #: Pieces by offer in ready orders that the seller ships himself.
    pieces: dict[str, int]

    @property
    def ready(self) -> int:
        return len(self.ready_ids)

    @property
    def superseded(self) -> int:
        return len(self.superseded_ids)

    def as_json(self) -> dict[str, object]:
        """Numbers only; the ids would be long."""
        return {
            "forms": self.forms,
            "by_status": self.by_status,
            "by_marketplace": self.by_marketplace,
            "by_payment": self.by_payment,
            "ready": self.ready,
            "superseded": self.superseded,
            "cancelled": len(self.cancelled_ids),
            "silent": len(self.silent_ids),
            "one_fulfillment": self.one_fulfillment,
            "with_surcharge": self.with_surcharge,
            "with_invoice": self.with_invoice,
            "lines": self.lines,
            "events": self.events,
            "totals": {currency: f"{amount:.2f}" for currency, amount in self.totals.items()},
            "surcharges": {currency: f"{amount:.2f}" for currency, amount in self.surcharges.items()},
        }


def expected_of(world: World, seller_id: str, forms: Iterable[Form] | None = None) -> Expectation:
    """Of all forms of the seller, or of these."""
    chosen = world.orders.of(seller_id) if forms is None else list(forms)
    ids = {form.id for form in chosen}
    told = [event.form.id for event in world.orders.journal(seller_id) if event.form.id in ids]
    ready = [form for form in chosen if form.status is Status.READY_FOR_PROCESSING]
    return Expectation(
        forms=len(chosen),
        by_status=dict(Counter(form.status.value for form in chosen)),
        by_marketplace=dict(Counter(form.marketplace for form in chosen)),
        by_payment=dict(Counter(form.payment.type for form in ready if form.payment)),
        ready_ids=frozenset(form.id for form in ready),
        superseded_ids=frozenset(form.id for form in chosen if form.joined_into),
        cancelled_ids=frozenset(form.id for form in chosen if form.status is Status.CANCELLED),
        silent_ids=frozenset(ids - set(told)),
        one_fulfillment=sum(form.provider == "ALLEGRO" for form in ready),
        with_surcharge=sum(bool(form.surcharges) for form in ready),
        with_invoice=sum(form.invoice is not None for form in ready),
        lines=sum(len(form.lines) for form in ready),
        events=len(told),
        totals=_summed((form.currency, form.total) for form in ready),
        surcharges=_summed(
            (form.currency, paid.paid) for form in ready for paid in form.surcharges if paid.paid
        ),
        pieces=_pieces(ready),
    )


def _summed(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums


def _pieces(ready: Iterable[Form]) -> dict[str, int]:
    pieces: Counter[str] = Counter()
    for form in ready:
        if form.provider == "SELLER":
            for line in form.lines:
                pieces[line.offer_id] += line.quantity
    return dict(pieces)
