"""Writing the forms of a page: shop orders, rows, stock, counts of the tabs, history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from allegro_module.db.known_orders import (
    KnownOrder,
    add_contents,
    add_orders,
    change_order_rows,
    locked_orders,
    renew_contents,
)
from allegro_module.db.order_events import add_events
from allegro_module.db.orders import change_tab_counts, counted_in, list_orders_by_id
from allegro_module.domain.facts import Fact, OrderChanged, OrderPlaced
from allegro_module.domain.order_edits import edited
from allegro_module.domain.orders import BY_ALLEGRO, EventKind, FulfillmentStatus, Tab
from allegro_module.domain.shop import OrderChange, OrderChangeKind, ShopOrder, ShopOrderId
from allegro_module.sync.order_desk import REASON_BY_CANCELLER, Desk
from allegro_module.sync.order_entries import (
    Entry,
    finish_flags,
    judge_changed,
    judge_placed,
    notes_of_merges,
    shop_order_id_of,
)
from allegro_module.sync.order_intentions import ask_status
from allegro_module.sync.order_mapping import bought_at, number_of, to_shop_order
from allegro_module.sync.order_plan import FINISHED, Bucket
from allegro_module.sync.order_rows import is_ready, is_unpaid, provider_of
from allegro_module.sync.order_stock import KEPT, LEFT, Ledger
from allegro_module.sync.status_mapping import shop_statuses_for

#: The seller has not begun with it yet.
NOT_BEGUN = ("", FulfillmentStatus.NEW)
#: What only a new row says; what the seller does to it later is his.
BLANK: dict[str, Any] = {
    "fulfillment_set_at": None,
    "held_because": "",
    "caretaker": "",
    "is_confirmed": False,
    "is_settled": False,
    "invoice_number": "",
    "ksef_number": "",
    "shipments": 0,
}


def write_entries(desk: Desk, entries: Sequence[Entry], ledger: Ledger) -> Sequence[Fact]:
    """The shop's side first: our rows name its orders."""
    session = desk.session
    notes_of_merges(entries)
    facts = [
        *_place(desk, [entry for entry in entries if entry.bucket is Bucket.PLACE]),
        *_change(desk, [entry for entry in entries if entry.bucket is Bucket.CHANGE]),
    ]
    for entry in entries:
        _move_stock(desk, entry, ledger)
        if entry.is_fulfillment_other and entry.known:
            entry.note(EventKind.FULFILLMENT, before=entry.known.fulfillment_status, now=entry.fulfillment)
    counts = _write_rows(desk, entries)
    counts.update(_supersede_others(desk, entries))
    ledger.write(session, desk.shop)
    add_events(session, [row for entry in entries for row in _event_rows(desk, entry)])
    _tell_statuses(desk, entries)
    _accept(desk, entries)
    change_tab_counts(session, desk.account_id, counts)
    return facts


def _place(desk: Desk, entries: Sequence[Entry]) -> Sequence[Fact]:
    """Make shop orders of the forms."""
    if not entries:
        return []
    facts = []
    orders = [_shop_order(desk, entry, _number(desk, entry)) for entry in entries]
    shop_order_ids = desk.shop.place_orders(orders)
    for entry, order in zip(entries, orders, strict=True):
        judge_placed(entry, order)
        entry.shop_order_id = shop_order_ids[order.checkout_form_id]
        facts.append(
            OrderPlaced(
                desk.account,
                order.checkout_form_id,
                entry.shop_order_id,
                order.number,
                desk.rules.mails_buyers,
            )
        )
    return facts


def _change(desk: Desk, entries: Sequence[Entry]) -> Sequence[Fact]:
    """Tell the shop what became of placed orders."""
    changes = []
    for entry in entries:
        assert entry.known is not None
        kind = judge_changed(entry, entry.known)
        order = _shop_order(desk, entry, entry.number)
        finish_flags(entry, order)
        is_cancelled = kind is OrderChangeKind.CANCELLED
        reason = REASON_BY_CANCELLER[entry.cancelled_by] if is_cancelled else ""
        changes.append(OrderChange(shop_order_id_of(entry), kind, order, reason))
    if changes:
        desk.shop.change_orders(changes)
    mails = desk.rules.mails_buyers
    return [
        OrderChanged(desk.account, each.order.checkout_form_id, each.shop_order_id, each.kind, mails)
        for each in changes
    ]


def _number(desk: Desk, entry: Entry) -> str:
    form = entry.form
    marketplace = form.marketplace.id if form.marketplace else ""
    return number_of(desk.alias, entry.id, desk.rules, bought_at(form), desk.account, marketplace)


def _shop_order(desk: Desk, entry: Entry, number: str) -> ShopOrder:
    form = entry.form
    supersedes = entry.merges.swallowed_by(form.id)
    order = to_shop_order(form, desk.account, number, entry.catalogue, supersedes, desk.rules)
    return edited(order, entry.edits, desk.rules)


def _move_stock(desk: Desk, entry: Entry, ledger: Ledger) -> None:
    form, known = entry.form, entry.known
    lines = [line.id for line in form.line_items]
    gone = [each for each in known.line_item_ids if each not in lines] if known else []
    if entry.is_cancelled:
        if returned := ledger.let_go(entry.id, _held_here(entry, [*lines, *gone])):
            entry.note(EventKind.STOCK_RETURNED, pieces=returned)
        return
    # A line that has left the form and stands in no other was taken out of the purchase.
    if returned := ledger.let_go(entry.id, _held_here(entry, gone)):
        entry.note(EventKind.STOCK_RETURNED, pieces=returned)
    if entry.bucket is Bucket.LEFT_BEHIND:
        return
    is_ours = provider_of(form) != BY_ALLEGRO
    if entry.order and is_ready(form):
        had_left = desk.is_history and entry.bucket is Bucket.PLACE and entry.fulfillment in FINISHED
        if is_ours and not had_left:
            ledger.sell(entry.id, entry.order)
        else:
            ledger.keep(entry.id, entry.order, LEFT if is_ours else KEPT)
    elif is_unpaid(form) and is_ours and desk.rules.reserves_stock:
        ledger.reserve(entry.id, form, entry.catalogue)


def _held_here(entry: Entry, line_item_ids: Sequence[str]) -> list[str]:
    """Lines that stand in no other living form."""
    return [each for each in line_item_ids if not entry.merges.is_held_elsewhere(each, entry.form.id)]


def _write_rows(desk: Desk, entries: Sequence[Entry]) -> Counter[str]:
    """Answers by how much the counts of the tabs change."""
    session, now = desk.session, desk.now()
    counts: Counter[str] = Counter()
    new, changed = [], []
    for entry in entries:
        row = entry.row()
        counts.update(counted_in(row["tab"], row["needs_attention"]))
        if entry.known is None:
            base = {"id": entry.id, "account_id": desk.account_id, "checkout_form_id": entry.form.id}
            new.append({**base, "imported_at": now, **row, **BLANK})
        else:
            counts.subtract(counted_in(entry.known.tab, entry.known.needs_attention))
            changed.append({"of_id": entry.id, **row})
    add_orders(session, new)
    change_order_rows(session, changed)
    add_contents(session, [_content(entry) for entry in entries if entry.known is None])
    renew_contents(session, [_content(entry) for entry in entries if entry.known])
    return counts


def _content(entry: Entry) -> dict[str, Any]:
    return {"order_id": entry.id, "form": entry.content}


def _supersede_others(desk: Desk, entries: Sequence[Entry]) -> Counter[str]:
    """Hide orders outside the page that were paid together with one in it; answers as `_write_rows`."""
    losers = _losers_outside(entries)
    fresh = locked_orders(desk.session, desk.account_id, [order.id for order in losers])
    counts: Counter[str] = Counter()
    rows, events = [], []
    for loser in losers:
        order = fresh.get(loser.checkout_form_id, loser)
        winner = entries[0].merges.superseded_by[order.checkout_form_id]
        counts.subtract(counted_in(order.tab, order.needs_attention))
        rows.append(
            {"of_id": order.id, "superseded_by": winner, "tab": Tab.HIDDEN.value, "needs_attention": False}
        )
        events.append(_event_row(desk, order.id, EventKind.MERGED, {"into": winner}))
    change_order_rows(desk.session, rows)
    add_events(desk.session, events)
    return counts


def _losers_outside(entries: Sequence[Entry]) -> list[KnownOrder]:
    merges, relatives = entries[0].merges, entries[0].relatives
    in_page = {entry.form.id for entry in entries}
    return [
        relatives[form_id]
        for form_id, winner in merges.superseded_by.items()
        if form_id not in in_page and relatives[form_id].superseded_by != winner
    ]


def _event_rows(desk: Desk, entry: Entry) -> list[dict[str, Any]]:
    return [_event_row(desk, entry.id, kind, params) for kind, params in entry.events]


def _event_row(desk: Desk, order_id: int, kind: EventKind, params: dict[str, Any]) -> dict[str, Any]:
    return {"order_id": order_id, "at": desk.now(), "who": "", "kind": kind, "params": params}


def _tell_statuses(desk: Desk, entries: Sequence[Entry]) -> None:
    """What the seller did at Allegro, in the shop's own statuses."""
    moved = {
        ShopOrderId(entry.shop_order_id): entry.fulfillment
        for entry in entries
        if entry.shop_order_id
        if entry.is_fulfillment_other or (entry.known is None and entry.fulfillment not in NOT_BEGUN)
    }
    if moved and (statuses := shop_statuses_for(desk.session, moved)):
        desk.shop.set_statuses(statuses)


def _accept(desk: Desk, entries: Sequence[Entry]) -> None:
    """*Przyjmij* at import: with PROCESSING the buyer can no longer cancel by himself (facts.md 5.5)."""
    if not desk.rules.accepts_at_import or desk.is_history:
        return
    waiting = [
        entry.id
        for entry in entries
        if entry.bucket is Bucket.PLACE
        and entry.fulfillment in NOT_BEGUN
        and provider_of(entry.form) != BY_ALLEGRO
    ]
    for order in list_orders_by_id(desk.session, waiting):
        ask_status(
            desk.session, order, FulfillmentStatus.PROCESSING, "", desk.now(), not_before=order.held_until
        )
