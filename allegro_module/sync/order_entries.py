"""One checkout form on its way into the tables: what it was, what it is, and what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from allegro_module.client.checkout_forms import CheckoutForm, CheckoutFormStatus, DeliveryAddress
from allegro_module.db.known_orders import KnownOrder
from allegro_module.domain.order_edits import RECIPIENT
from allegro_module.domain.orders import CancelledBy, EventKind, Flag, Tab, needs_attention, tab_of
from allegro_module.domain.shop import OrderChangeKind, ShopOrder, ShopOrderId
from allegro_module.sync.order_mapping import Catalogue, is_paid
from allegro_module.sync.order_plan import (
    PACKED,
    SHIPPED,
    Bucket,
    Merges,
    change_kind,
    is_cancelled,
    was_cancelled,
)
from allegro_module.sync.order_rows import (
    LASTING_FLAGS,
    is_ready,
    said_by,
    search_text,
    seller_note_of,
)


@dataclass(slots=True)
class Entry:
    """`before` is the form as it was read last; `fulfillment` is the seller's status as it counts now."""

    form: CheckoutForm
    content: str
    known: KnownOrder | None
    before: CheckoutForm | None
    fulfillment: str
    bucket: Bucket
    merges: Merges
    id: int = 0
    catalogue: Catalogue = field(default_factory=Catalogue)
    canceller: CancelledBy = CancelledBy.UNKNOWN
    #: Orders outside the page, by form.
    relatives: Mapping[str, KnownOrder] = field(default_factory=dict)
    order: ShopOrder | None = None
    shop_order_id: str | None = None
    number: str = ""
    flags: list[str] = field(default_factory=list)
    edits: Mapping[str, str] = field(default_factory=dict)
    events: list[tuple[EventKind, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.known:
            self.id, self.number = self.known.id, self.known.number
            self.shop_order_id, self.edits = self.known.shop_order_id, self.known.edits
            self.flags = [flag for flag in self.known.flags if flag != Flag.UNKNOWN_STATUS]

    @property
    def is_cancelled(self) -> bool:
        return is_cancelled(self.form, self.fulfillment)

    @property
    def is_cancelled_now(self) -> bool:
        return self.is_cancelled and not (self.known and was_cancelled(self.known))

    @property
    def is_taken_up_again(self) -> bool:
        return bool(self.shop_order_id and self.known and was_cancelled(self.known) and not self.is_cancelled)

    @property
    def superseded_by(self) -> str | None:
        if self.bucket is not Bucket.LEFT_BEHIND:
            return None
        return self.merges.superseded_by.get(self.form.id) or (self.known and self.known.superseded_by)

    @property
    def cancelled_by(self) -> CancelledBy:
        if not self.is_cancelled:
            return CancelledBy.UNKNOWN
        if self.known and self.known.cancelled_by:
            return CancelledBy(self.known.cancelled_by)
        if self.canceller or not is_ready(self.form):
            return self.canceller
        return CancelledBy.SELLER

    @property
    def tab(self) -> Tab:
        return tab_of(self.form.status, self.fulfillment, self.superseded_by)

    @property
    def is_fulfillment_other(self) -> bool:
        return self.known is not None and self.known.fulfillment_status != self.fulfillment

    def note(self, kind: EventKind, **params: Any) -> None:
        self.events.append((kind, params))

    def row(self) -> dict[str, Any]:
        """Our row but for what is only said once; the same columns for each."""
        skus = [each.sku for each in self.order.positions if each.sku] if self.order else []
        skus = skus or [sku for line in self.form.line_items if (sku := self.catalogue.sku_of(line))]
        tab, flags = self.tab.value, self._row_flags()
        return {
            **said_by(self.form),
            **self._total(),
            "fulfillment_status": self.fulfillment,
            "shop_order_id": self.shop_order_id,
            "number": self.number,
            "flags": flags,
            "tab": tab,
            "needs_attention": needs_attention(tab, flags),
            "superseded_by": self.superseded_by,
            "cancelled_by": self.cancelled_by.value,
            "edits": self.edits,
            "seller_note": seller_note_of(self.form, self.edits),
            "search": search_text(self.form, skus),
        }

    def _row_flags(self) -> list[str]:
        """A word that Allegro has added since: nobody but the seller can say what it asks for."""
        is_unknown = self.form.status is CheckoutFormStatus.UNKNOWN
        return [*self.flags, Flag.UNKNOWN_STATUS] if is_unknown else self.flags

    def _total(self) -> dict[str, Any]:
        """As the shop has it, where Allegro no longer says it: of a cancelled order it may not."""
        is_said = self.form.summary and self.form.summary.total_to_pay
        return {} if is_said or not self.order else {"total": self.order.total.amount}


def judge_placed(entry: Entry, order: ShopOrder) -> None:
    entry.order, entry.number = order, order.number
    entry.flags = [*order.flags, *(flag for flag in entry.flags if flag in LASTING_FLAGS)]
    if entry.known and is_paid(entry.form.payment):
        entry.note(EventKind.PAID)


def judge_changed(entry: Entry, known: KnownOrder) -> OrderChangeKind:
    """What became of a placed order, before its shop order is made anew: flags that last, its history."""
    kind = change_kind(entry.form, known, entry.fulfillment)
    flags = [flag for flag in entry.flags if flag in LASTING_FLAGS]
    noted = len(entry.events)
    if kind is OrderChangeKind.CANCELLED:
        flags = [flag for flag in flags if flag != Flag.TAKEN_UP_AGAIN]
        _note_cancelled(entry, known, flags)
    elif entry.is_taken_up_again:
        flags = [flag for flag in flags if flag != Flag.CANCELLED_LATE]
        _add(flags, Flag.TAKEN_UP_AGAIN)
        entry.note(EventKind.TAKEN_UP_AGAIN)
    if kind is OrderChangeKind.PAID:
        entry.note(EventKind.PAID)
    if _has_other_address(entry):
        _note_address(entry, known, flags)
    if _surcharges(entry.form) > (_surcharges(entry.before) if entry.before else 0):
        entry.note(EventKind.SURCHARGE)
    if len(entry.events) == noted:
        entry.note(EventKind.CHANGED)
    entry.flags = flags
    return kind


def finish_flags(entry: Entry, order: ShopOrder) -> None:
    entry.order = order
    entry.flags = [*order.flags, *(flag for flag in entry.flags if flag not in order.flags)]


def shop_order_id_of(entry: Entry) -> ShopOrderId:
    return ShopOrderId(entry.shop_order_id or "")


def _note_cancelled(entry: Entry, known: KnownOrder, flags: list[str]) -> None:
    by = entry.cancelled_by
    entry.note(EventKind.CANCELLED, by=by.value)
    is_packed = known.fulfillment_status in PACKED or known.shipments > 0
    if is_packed and by is not CancelledBy.SELLER:
        _add(flags, Flag.CANCELLED_LATE)


def _note_address(entry: Entry, known: KnownOrder, flags: list[str]) -> None:
    """The buyer's own word is newer than the seller's edit, which goes; what it said is nobody's history."""
    dropped = sorted(name for name in entry.edits if name.startswith(RECIPIENT))
    entry.edits = {name: value for name, value in entry.edits.items() if name not in dropped}
    entry.note(EventKind.ADDRESS_CHANGED, **({"dropped": dropped} if dropped else {}))
    if dropped or known.shipments > 0 or entry.fulfillment in SHIPPED:
        _add(flags, Flag.ADDRESS_CHANGED)


def _has_other_address(entry: Entry) -> bool:
    before = entry.before.delivery if entry.before else None
    after = entry.form.delivery
    if before is None or after is None or before.address is None:
        return False
    return _place(before.address) != _place(after.address) or before.pickup_point != after.pickup_point


def _place(address: DeliveryAddress | None) -> tuple[object, ...]:
    """Without the time of the change."""
    if address is None:
        return ()
    return (
        *(address.first_name, address.last_name, address.company_name, address.street),
        *(address.zip_code, address.city, address.country_code, address.phone_number),
    )


def _surcharges(form: CheckoutForm) -> int:
    return sum(each.paid_amount is not None for each in form.surcharges or ())


def _add(flags: list[str], flag: Flag) -> None:
    if flag not in flags:
        flags.append(flag)


def notes_of_merges(entries: Sequence[Entry]) -> None:
    """Purchases paid together, in the history of both sides."""
    for entry in entries:
        winner = entry.merges.superseded_by.get(entry.form.id)
        if winner and not (entry.known and entry.known.superseded_by):
            entry.note(EventKind.MERGED, into=winner)
        if swallowed := _newly_swallowed(entry):
            entry.note(EventKind.MERGED, forms=swallowed)


def _newly_swallowed(entry: Entry) -> list[str]:
    losers = entry.merges.swallowed_by(entry.form.id)
    return [
        form_id
        for form_id in losers
        if form_id not in entry.relatives or entry.relatives[form_id].superseded_by != entry.form.id
    ]
