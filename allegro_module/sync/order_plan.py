"""What is to be done with each checkout form: a plan made of what Allegro says and what we remember."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from allegro_module.client.checkout_forms import CheckoutForm, CheckoutFormStatus
from allegro_module.db.orders import Booking, KnownOrder
from allegro_module.domain.orders import FormStatus
from allegro_module.domain.shop import (
    LineItemId,
    OrderChangeKind,
    PositionKind,
    ShopOrder,
    Sku,
    StockKind,
    StockMove,
)
from allegro_module.sync.order_mapping import is_paid, revision_of

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Bucket(StrEnum):
    """Every form of a page ends in exactly one."""

    UNCHANGED = "unchanged"
    #: Make a shop order of it.
    PLACE = "place"
    #: Tell the shop what became of an order placed earlier.
    CHANGE = "change"
    #: Nothing for the shop yet, or nothing that concerns it: keep what Allegro says.
    REMEMBER = "remember"
    #: Its lines were paid in another form.
    LEFT_BEHIND = "left_behind"


@dataclass(frozen=True, slots=True)
class Merges:
    """Purchases paid together: which form took over the lines of which (facts.md 5.1)."""

    superseded_by: Mapping[str, str] = field(default_factory=dict)

    def swallowed_by(self, form_id: str) -> tuple[str, ...]:
        return tuple(loser for loser, winner in self.superseded_by.items() if winner == form_id)


@dataclass(frozen=True, slots=True)
class _Claim:
    """One form's claim to its lines; the highest rank keeps them."""

    form_id: str
    line_item_ids: frozenset[str]
    is_alive: bool
    is_ready: bool
    is_placed: bool
    is_superseded: bool
    changed_at: datetime

    @property
    def rank(self) -> tuple[bool, bool, int, bool, datetime, str]:
        return (
            self.is_alive,
            self.is_ready,
            len(self.line_item_ids),
            not self.is_superseded,
            self.changed_at,
            self.form_id,
        )

    def yields_to(self, other: _Claim) -> bool:
        """A placed order gives way only to one that is to be fulfilled in its stead."""
        return other.rank > self.rank and other.is_alive and (other.is_ready or not self.is_placed)


def merges_of(
    forms: Sequence[CheckoutForm], known: Mapping[str, KnownOrder], relatives: Iterable[KnownOrder]
) -> Merges:
    """`relatives` are orders outside the page that may hold lines of its forms."""
    claims = [_claim_of_form(form, known.get(form.id)) for form in forms]
    in_page = {claim.form_id for claim in claims}
    claims += [_claim_of_order(each) for each in relatives if each.checkout_form_id not in in_page]
    claims_by_line: dict[str, list[_Claim]] = defaultdict(list)
    for claim in claims:
        for line_item_id in claim.line_item_ids:
            claims_by_line[line_item_id].append(claim)
    rivals = [rivals for rivals in claims_by_line.values() if len(rivals) > 1]
    return Merges(_losers(rivals))


def _losers(groups: Iterable[Sequence[_Claim]]) -> dict[str, str]:
    superseded_by: dict[str, str] = {}
    for rivals in groups:
        best = max(rivals, key=lambda claim: claim.rank)
        for claim in rivals:
            if claim.yields_to(best):
                superseded_by[claim.form_id] = best.form_id
    return superseded_by


def _claim_of_form(form: CheckoutForm, known: KnownOrder | None) -> _Claim:
    return _Claim(
        form_id=form.id,
        line_item_ids=frozenset(line.id for line in form.line_items),
        is_alive=form.status is not CheckoutFormStatus.CANCELLED,
        is_ready=form.status is CheckoutFormStatus.READY_FOR_PROCESSING,
        is_placed=bool(known and known.shop_order_id),
        is_superseded=bool(known and known.superseded_by),
        changed_at=form.updated_at or LONG_AGO,
    )


def _claim_of_order(order: KnownOrder) -> _Claim:
    return _Claim(
        form_id=order.checkout_form_id,
        line_item_ids=frozenset(order.line_item_ids),
        is_alive=order.status != FormStatus.CANCELLED,
        is_ready=order.status == FormStatus.READY_FOR_PROCESSING,
        is_placed=order.shop_order_id is not None,
        is_superseded=order.superseded_by is not None,
        changed_at=order.changed_at or LONG_AGO,
    )


def is_unchanged(form: CheckoutForm, known: KnownOrder | None) -> bool:
    """Nothing that we remember is other now."""
    return (
        known is not None
        and known.revision == revision_of(form)
        and known.status == form.status
        and known.fulfillment_status == fulfillment_of(form)
    )


def bucket_of(form: CheckoutForm, known: KnownOrder | None, merges: Merges) -> Bucket:
    if is_unchanged(form, known):
        return Bucket.UNCHANGED
    if form.id in merges.superseded_by:
        return Bucket.LEFT_BEHIND
    if known is None or known.shop_order_id is None:
        is_ready = form.status is CheckoutFormStatus.READY_FOR_PROCESSING
        return Bucket.PLACE if is_ready else Bucket.REMEMBER
    if known.superseded_by:
        return Bucket.LEFT_BEHIND
    # The seller's own status is the seller's doing; the shop is told what the buyer did.
    is_buyers_doing = known.revision != revision_of(form) or known.status != form.status
    return Bucket.CHANGE if is_buyers_doing else Bucket.REMEMBER


def change_kind(form: CheckoutForm, known: KnownOrder) -> OrderChangeKind:
    if form.status is CheckoutFormStatus.CANCELLED and known.status != FormStatus.CANCELLED:
        return OrderChangeKind.CANCELLED
    if is_paid(form.payment) and not known.is_paid:
        return OrderChangeKind.PAID
    return OrderChangeKind.UPDATED


def fulfillment_of(form: CheckoutForm) -> str:
    return (form.fulfillment and form.fulfillment.status) or ""


def moves_to_sell(order: ShopOrder, bookings: Sequence[Booking]) -> list[StockMove]:
    """Each matched line is sold once, whichever form it stands in today."""
    sold = {booking.line_item_id for booking in bookings if booking.kind == StockKind.SELL}
    return [
        StockMove(StockKind.SELL, position.sku, position.quantity, position.line_item_id)
        for position in order.positions
        if position.kind is PositionKind.GOODS and position.sku and position.line_item_id
        if position.line_item_id not in sold
    ]


def moves_to_return(form: CheckoutForm, bookings: Sequence[Booking]) -> list[StockMove]:
    """What was sold by the form's lines and has not come back yet, as it was booked then."""
    lines = {line.id for line in form.line_items}
    returned = {booking.line_item_id for booking in bookings if booking.kind == StockKind.RETURN}
    return [
        StockMove(StockKind.RETURN, Sku(sold.sku), sold.quantity, LineItemId(sold.line_item_id))
        for sold in bookings
        if sold.kind == StockKind.SELL and sold.line_item_id in lines - returned
    ]
