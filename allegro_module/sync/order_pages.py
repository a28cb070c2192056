"""One page of checkout forms in one transaction: our rows, the shop's orders, its stock, the cursor."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import InterfaceError, OperationalError

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.db.known_orders import (
    KnownOrder,
    known_orders,
    list_relatives,
    locked_orders,
    reserve_order_ids,
)
from allegro_module.db.orders import assigned_skus, forms_of, list_bookings
from allegro_module.domain.facts import Fact
from allegro_module.domain.orders import CancelledBy
from allegro_module.signals import announce
from allegro_module.sync.order_catalogue import catalogue_of
from allegro_module.sync.order_checks import fault_of
from allegro_module.sync.order_desk import Desk, LostClaim, Mark, Saved
from allegro_module.sync.order_entries import Entry
from allegro_module.sync.order_failures import note_refused, note_unusable, reason_of, resolve_failures
from allegro_module.sync.order_mapping import without_nul
from allegro_module.sync.order_plan import (
    FINISHED,
    Bucket,
    bucket_of,
    current_fulfillment,
    is_unchanged,
    merges_of,
)
from allegro_module.sync.order_reading import Found
from allegro_module.sync.order_rows import buyer_id_of, printed, read_content
from allegro_module.sync.order_saving import write_entries
from allegro_module.sync.order_stock import Ledger

log = logging.getLogger(__name__)


def save_page(desk: Desk, found: Sequence[Found], mark: Mark | None = None) -> Saved:
    """Write the page in one transaction; when that fails, order by order: a bad one holds nobody up.

    Raises LostClaim, and OperationalError when the database itself fails.
    """
    saved = note_unusable(desk, found)
    forms = _good_ones(desk, found, saved)
    try:
        saved.add(_save(desk, forms, mark))
    except OneItemsFault as fault:
        log.warning("a page of %d orders failed (%s): replaying it one by one", len(forms), fault)
        for form in forms:
            saved.add(_save_alone(desk, form))
        saved.add(_save(desk, [], mark))
    return saved


def _good_ones(desk: Desk, found: Sequence[Found], saved: Saved) -> Sequence[CheckoutForm]:
    """The others are set aside, each with what is wrong with it."""
    forms = [_storable(form) for form in found if isinstance(form, CheckoutForm)]
    faults = [fault_of(form) for form in forms]
    for form, fault in zip(forms, faults, strict=True):
        if fault:
            saved.add(note_refused(desk, form, fault))
    return [form for form, fault in zip(forms, faults, strict=True) if not fault]


class OneItemsFault(Exception):
    """Something in the page is bad; its reason holds no personal data."""


def _storable(form: CheckoutForm) -> CheckoutForm:
    """With an id that the database can be asked for; the rest is cleaned when it is to be written."""
    return without_nul(form) if "\0" in form.id else form


def _save(desk: Desk, forms: Sequence[CheckoutForm], mark: Mark | None) -> Saved:
    """Raises OneItemsFault when an order of the page cannot be written."""
    try:
        counts, facts = _write(desk, forms, mark)
        desk.session.commit()
    except LostClaim:
        desk.session.rollback()
        raise
    except (OperationalError, InterfaceError) as trouble:
        desk.session.rollback()
        # The statement's parameters are people's names and addresses.
        trouble.hide_parameters = True
        raise
    except Exception as fault:
        desk.session.rollback()
        raise OneItemsFault(reason_of(fault)) from None
    for fact in facts:
        announce(fact)
    return Saved(counts)


def _save_alone(desk: Desk, form: CheckoutForm) -> Saved:
    try:
        return _save(desk, [form], None)
    except OneItemsFault as fault:
        return note_refused(desk, form, str(fault))


def _write(
    desk: Desk, forms: Sequence[CheckoutForm], mark: Mark | None
) -> tuple[Counter[Bucket], Sequence[Fact]]:
    desk.hold()
    page = _look(desk, forms)
    facts = write_entries(desk, page.entries, page.ledger) if page.entries else ()
    resolve_failures(desk, [form.id for form in forms])
    if mark is not None:
        mark()
    counts = Counter(entry.bucket for entry in page.entries)
    counts[Bucket.NOT_OURS] += page.not_ours
    counts[Bucket.UNCHANGED] += len(forms) - len(page.entries) - page.not_ours
    return +counts, facts


@dataclass(slots=True)
class _Page:
    """What is to be written of a page."""

    entries: Sequence[Entry] = ()
    ledger: Ledger = field(default_factory=lambda: Ledger(()))
    not_ours: int = 0


def _look(desk: Desk, forms: Sequence[CheckoutForm]) -> _Page:
    """What we remember of the page; nothing but one query when nothing has changed."""
    session, now = desk.session, desk.now()
    known = known_orders(session, desk.account_id, [form.id for form in forms]) if forms else {}
    news = [form for form in forms if _is_news(desk, form, known.get(form.id))]
    ours = [form for form in news if form.id in known or not _is_old_news(desk, form)]
    if not ours:
        return _Page(not_ours=len(news))
    known |= locked_orders(session, desk.account_id, [known[form.id].id for form in ours if form.id in known])
    relatives, ledger = _surroundings(desk, ours, known)
    merges = merges_of(ours, known, relatives)
    before = _read_before(desk, [known[form.id] for form in ours if form.id in known])
    entries = []
    for form in ours:
        clean, content = printed(form)
        order = known.get(form.id)
        fulfillment = current_fulfillment(form, order, now)
        was = before.get(form.id)
        bucket = bucket_of(clean, order, merges, fulfillment, was)
        entries.append(Entry(clean, content, order, was, fulfillment, bucket, merges))
    _identify(desk, entries, relatives)
    return _Page(entries, ledger, len(news) - len(ours))


def _is_news(desk: Desk, form: CheckoutForm, known: KnownOrder | None) -> bool:
    return not is_unchanged(form, known, desk.now(), desk.cancelled_by.get(form.id))


def _is_old_news(desk: Desk, form: CheckoutForm) -> bool:
    """Bought and shipped before the link: in the shop it would be packed a second time."""
    if desk.is_history or current_fulfillment(form, None, desk.now()) not in FINISHED:
        return False
    moments = [line.bought_at for line in form.line_items if line.bought_at]
    return max(moments, default=desk.started_at) < desk.started_at


def _surroundings(
    desk: Desk, forms: Sequence[CheckoutForm], known: dict[str, KnownOrder]
) -> tuple[Sequence[KnownOrder], Ledger]:
    """Other orders that may hold lines of these, and what has been booked of the lines."""
    line_item_ids = {line.id for form in forms for line in form.line_items}
    orders = [known[form.id] for form in forms if form.id in known]
    line_item_ids.update(line_id for order in orders for line_id in order.line_item_ids)
    bookings = list_bookings(desk.session, line_item_ids)
    buyers = {buyer_id_of(form) for form in forms}
    relatives = list_relatives(desk.session, desk.account_id, buyers, {each.order_id for each in bookings})
    if winners := {order.superseded_by for order in orders if order.superseded_by}:
        relatives += known_orders(desk.session, desk.account_id, winners).values()
    return relatives, Ledger(bookings)


def _read_before(desk: Desk, orders: Iterable[KnownOrder]) -> dict[str, CheckoutForm]:
    """How placed orders looked when they were read last."""
    placed = {order.id: order.checkout_form_id for order in orders if order.shop_order_id}
    return {placed[key]: read_content(text) for key, text in forms_of(desk.session, list(placed)).items()}


def _identify(desk: Desk, entries: Sequence[Entry], relatives: Iterable[KnownOrder]) -> None:
    """Ids for new rows, products for the lines, who cancelled, whom the merges concern."""
    new = [entry for entry in entries if entry.known is None]
    for entry, id_ in zip(new, reserve_order_ids(desk.session, len(new)) if new else (), strict=True):
        entry.id = id_
    known = [entry.id for entry in entries if entry.known]
    catalogue = catalogue_of(
        desk.session,
        desk.shop,
        desk.account_id,
        [entry.form for entry in entries if entry.bucket is not Bucket.LEFT_BEHIND],
        assigned_skus(desk.session, known),
    )
    relative_by_form = {each.checkout_form_id: each for each in relatives}
    for entry in entries:
        entry.catalogue = catalogue
        entry.canceller = desk.cancelled_by.get(entry.form.id, CancelledBy.UNKNOWN)
        entry.relatives = relative_by_form
