"""What is to be done with each checkout form: a plan made of what Allegro says and what we remember."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import permutations

import msgspec

from allegro_module.client.checkout_forms import CheckoutForm, CheckoutFormStatus, FormFulfillment
from allegro_module.db.known_orders import KnownOrder
from allegro_module.domain.orders import CancelledBy, FormStatus, FulfillmentStatus
from allegro_module.domain.shop import OrderChangeKind
from allegro_module.sync.order_mapping import is_paid, revision_of
from allegro_module.sync.order_rows import buyer_id_of, fulfillment_of, is_ready

LONG_AGO = datetime.min.replace(tzinfo=UTC)
#: After our own write Allegro may show the old status for a moment (#9819).
ECHO = timedelta(minutes=2)
#: Nothing is left to be done with such an order.
FINISHED = frozenset(
    {
        FulfillmentStatus.SENT,
        FulfillmentStatus.READY_FOR_PICKUP,
        FulfillmentStatus.PICKED_UP,
        FulfillmentStatus.RETURNED,
    }
)
#: The goods are on their way, or in a parcel already.
PACKED = FINISHED | {FulfillmentStatus.READY_FOR_SHIPMENT}
SHIPPED = frozenset({FulfillmentStatus.SENT, FulfillmentStatus.READY_FOR_PICKUP, FulfillmentStatus.PICKED_UP})


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
    #: Finished before the account was linked, and only seen because something about it changed.
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Merges:
    """Purchases paid together: which form took over the lines of which (facts.md 5.1)."""

    superseded_by: Mapping[str, str] = field(default_factory=dict)
    #: Forms that are alive, by the lines that stand in them.
    _holders: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def is_held_elsewhere(self, line_item_id: str, form_id: str) -> bool:
        return any(
            holder != form_id and holder not in self.superseded_by
            for holder in self._holders.get(line_item_id, ())
        )

    def swallowed_by(self, form_id: str) -> tuple[str, ...]:
        return tuple(loser for loser, winner in self.superseded_by.items() if winner == form_id)


@dataclass(frozen=True, slots=True)
class _Claim:
    """One form's claim to its lines; the highest rank keeps them."""

    form_id: str
    buyer_id: str
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
        """A placed order gives way only to one that is to be fulfilled in its stead.

        A dead form yields only to one with all of its lines, and none to a part of itself: so whoever follows
        the forms that yield comes to larger or higher ones only, and never round in a circle.
        """
        if self.is_part_of(other):
            return True
        if other.is_part_of(self) or self.is_stranger_to(other):
            return False
        if not self.is_alive and not self.line_item_ids <= other.line_item_ids:
            return False
        return other.rank > self.rank and other.is_alive and (other.is_ready or not self.is_placed)

    def is_part_of(self, other: _Claim) -> bool:
        """Joined into it, whatever became of that since: the joined purchase may be cancelled already."""
        is_open = not (self.is_ready or self.is_placed)
        return is_open and self.line_item_ids < other.line_item_ids and not self.is_stranger_to(other)

    def is_stranger_to(self, other: _Claim) -> bool:
        """One buyer's purchases are joined, never two buyers'; where either is not said, the lines decide."""
        return bool(self.buyer_id and other.buyer_id) and self.buyer_id != other.buyer_id


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
    holders = {
        line_item_id: [claim.form_id for claim in claims if claim.is_alive]
        for line_item_id, claims in claims_by_line.items()
    }
    return Merges(_losers(rivals), holders)


def _losers(groups: Iterable[Sequence[_Claim]]) -> dict[str, str]:
    """Each with the best of those that it yields to."""
    betters: dict[str, list[_Claim]] = defaultdict(list)
    for rivals in groups:
        for claim, other in permutations(rivals, 2):
            if claim.yields_to(other):
                betters[claim.form_id].append(other)
    return {form_id: max(better, key=lambda claim: claim.rank).form_id for form_id, better in betters.items()}


def _claim_of_form(form: CheckoutForm, known: KnownOrder | None) -> _Claim:
    return _Claim(
        form_id=form.id,
        buyer_id=buyer_id_of(form),
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
        buyer_id=order.buyer_id,
        line_item_ids=frozenset(order.line_item_ids),
        # Left behind for another form, it holds its lines no longer, whatever becomes of that one.
        is_alive=order.status != FormStatus.CANCELLED and order.superseded_by is None,
        is_ready=order.status == FormStatus.READY_FOR_PROCESSING,
        is_placed=order.shop_order_id is not None,
        is_superseded=order.superseded_by is not None,
        changed_at=order.changed_at or LONG_AGO,
    )


def current_fulfillment(form: CheckoutForm, known: KnownOrder | None, now: datetime) -> str:
    """The seller's status as it is: just after our own write, what we wrote."""
    if known and known.fulfillment_set_at and now - known.fulfillment_set_at < ECHO:
        return known.fulfillment_status
    return fulfillment_of(form)


def is_unchanged(
    form: CheckoutForm, known: KnownOrder | None, now: datetime, canceller: CancelledBy | None = None
) -> bool:
    """Nothing that we remember is other now, or the form was read before what we remember."""
    if known is None:
        return False
    if form.updated_at and known.changed_at and form.updated_at < known.changed_at:
        return True
    fulfillment = current_fulfillment(form, known, now)
    return (
        known.changed_at == form.updated_at
        and known.revision == revision_of(form)
        and known.status == form.status
        and known.fulfillment_status == fulfillment
        and not (canceller and known.status == FormStatus.CANCELLED and not known.cancelled_by)
        and is_cancelled(form, fulfillment) is was_cancelled(known)
    )


def is_cancelled(form: CheckoutForm, fulfillment: str) -> bool:
    """By the buyer or Allegro, or by the seller, whose cancellation leaves the form's status as it was.

    What the seller says of an unpaid purchase does not keep the buyer from paying for it, and then it is to
    be fulfilled or refunded: until then it stays unpaid, its pieces held.
    """
    if form.status is CheckoutFormStatus.CANCELLED:
        return True
    return is_ready(form) and fulfillment == FulfillmentStatus.CANCELLED


def was_cancelled(known: KnownOrder) -> bool:
    """Dealt with already, stock included."""
    return known.status == FormStatus.CANCELLED or known.cancelled_by != CancelledBy.UNKNOWN


def is_other(form: CheckoutForm, before: CheckoutForm | None) -> bool:
    """The buyer or the platform did something that the shop should know."""
    return before is None or _buyers_part(form) != _buyers_part(before)


def _buyers_part(form: CheckoutForm) -> CheckoutForm:
    """Who ships it is the platform's word, the rest of `fulfillment` the seller's own."""
    shipper = FormFulfillment(provider=form.fulfillment.provider) if form.fulfillment else None
    return msgspec.structs.replace(form, fulfillment=shipper, updated_at=None, revision=None)


def bucket_of(
    form: CheckoutForm,
    known: KnownOrder | None,
    merges: Merges,
    fulfillment: str,
    before: CheckoutForm | None,
) -> Bucket:
    """`before` is the form as it was read last."""
    if form.id in merges.superseded_by:
        return Bucket.LEFT_BEHIND
    if known is None or known.shop_order_id is None:
        return Bucket.PLACE if is_ready(form) and not is_cancelled(form, fulfillment) else Bucket.REMEMBER
    if known.superseded_by:
        return Bucket.LEFT_BEHIND
    if is_cancelled(form, fulfillment) is not was_cancelled(known) or is_other(form, before):
        return Bucket.CHANGE
    # The seller's own status is the seller's doing; the shop is told what the buyer did.
    return Bucket.UNCHANGED if known.fulfillment_status == fulfillment else Bucket.REMEMBER


def change_kind(form: CheckoutForm, known: KnownOrder, fulfillment: str) -> OrderChangeKind:
    if is_cancelled(form, fulfillment) and not was_cancelled(known):
        return OrderChangeKind.CANCELLED
    if is_paid(form.payment) and not known.is_paid:
        return OrderChangeKind.PAID
    return OrderChangeKind.UPDATED
