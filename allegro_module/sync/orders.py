"""Importing orders: from Allegro's event journal into the shop's database, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.client.orders import EVENTS_PER_PAGE, OrderEvent, OrderEventType
from allegro_module.db.accounts import Account
from allegro_module.db.cursors import mark_reconciled, move_cursor
from allegro_module.db.failures import list_due_failures
from allegro_module.domain.orders import CancelledBy
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.order_desk import Desk, Mark
from allegro_module.sync.order_failures import FAILURE_KIND
from allegro_module.sync.order_pages import save_page
from allegro_module.sync.order_reading import BUYERS_EVENTS, FormList, FormReader, Found, contains
from allegro_module.sync.order_runs import ImportOutcome, Message, Place, Progress, Run

__all__ = ["ImportOutcome", "Message", "import_forms", "import_orders", "reconcile_orders"]

#: The slower pass looks again at what it saw last: changes become visible late.
LOOK_BACK = timedelta(minutes=10)
#: Forms read in this run of which later events may say nothing new.
MOST_REMEMBERED = 2 * EVENTS_PER_PAGE
#: The form does not say who cancelled, the event does (facts.md 5.13).
CANCELLERS = {
    OrderEventType.BUYER_CANCELLED: CancelledBy.BUYER,
    OrderEventType.AUTO_CANCELLED: CancelledBy.ALLEGRO,
}


@dataclass(slots=True)
class Seen:
    """What tells a form read in this run from a later state of it."""

    revision: str | None
    updated_at: datetime | None


def import_orders(
    session: Session,
    api: AllegroClient,
    shop: ShopAdapter,
    account: Account,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> ImportOutcome:
    """Read the journal from the cursor on and bring the shop's orders up to date.

    1. Claim the cursor; held by another process → done.  2. Try again what was set aside and is due.
    3. Read a page of events; they are hints, so read the distinct forms they name whole.
    4. Save them; the cursor moves with the last page of its events.  5. On, until a page is not full.
    A crash anywhere replays harmlessly; Unavailable ends the run at the last complete page of events.
    """

    def work(desk: Desk, place: Place, outcome: ImportOutcome) -> None:
        reader = FormReader(api.orders)
        _retry_set_aside(desk, reader, outcome)
        _read_journal(desk, api, reader, place.position, outcome)

    return Run(session, shop, account, now, progress).carry_out(work)


def reconcile_orders(
    session: Session,
    api: AllegroClient,
    shop: ShopAdapter,
    account: Account,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> ImportOutcome:
    """The slower pass by `updatedAt`: finds what the journal never said (facts.md 5.2, #2945, #8623)."""

    def work(desk: Desk, place: Place, outcome: ImportOutcome) -> None:
        since = place.reconciled_until - LOOK_BACK if place.reconciled_until else place.started_at
        pages = FormList(api.orders, since)
        for page in pages.pages():
            outcome.add(save_page(desk, page, _reconciled(desk, pages.reached)), pages.total)

    return Run(session, shop, account, now, progress).carry_out(work)


def import_forms(
    session: Session,
    api: AllegroClient,
    shop: ShopAdapter,
    account: Account,
    form_ids: Sequence[str],
    now: Callable[[], datetime],
) -> ImportOutcome:
    """Read these forms and save them, whatever the journal says of them; its cursor stays."""

    def work(desk: Desk, place: Place, outcome: ImportOutcome) -> None:
        reader = FormReader(api.orders)
        for form_id in form_ids:
            outcome.add(save_page(desk, [reader.read_singly(form_id)]), len(form_ids))

    return Run(session, shop, account, now, is_partial=True).carry_out(work)


def _retry_set_aside(desk: Desk, reader: FormReader, outcome: ImportOutcome) -> None:
    due = [
        each.subject for each in list_due_failures(desk.session, desk.account_id, FAILURE_KIND, desk.now())
    ]
    desk.session.commit()
    for form_id in due:
        outcome.add(save_page(desk, [reader.read_singly(form_id)]))


def _read_journal(
    desk: Desk, api: AllegroClient, reader: FormReader, position: str | None, outcome: ImportOutcome
) -> None:
    read: dict[str, Seen] = {}
    while True:
        page = api.orders.events(position, EVENTS_PER_PAGE)
        # Whether `from` itself is answered again is nowhere promised (facts.md 5.2).
        events = [event for event in page if event.id != position]
        if not events:
            return
        outcome.events += len(events)
        _note_cancellers(desk, events)
        position = events[-1].id
        found = reader.read(_forms_to_read(events, read))
        for forms, is_last in _with_last(found):
            outcome.add(save_page(desk, forms, _moved(desk, position) if is_last else None))
            read |= {
                form.id: Seen(form.revision, form.updated_at)
                for form in forms
                if isinstance(form, CheckoutForm)
            }
        _forget_oldest(read)
        if len(page) < EVENTS_PER_PAGE:
            return


def _forget_oldest(read: dict[str, Seen]) -> None:
    """Memory does not grow with the backlog; a form that is forgotten is read once more at worst."""
    for form_id in list(islice(read, max(0, len(read) - MOST_REMEMBERED))):
        del read[form_id]


def _forms_to_read(events: Iterable[OrderEvent], read: Mapping[str, Seen]) -> dict[str, Sequence[OrderEvent]]:
    """Each form once, with the events that name it; not those that it contained when it was read before."""
    wanted: dict[str, list[OrderEvent]] = {}
    for event in events:
        form_id = event.checkout_form_id
        if form_id is not None and not _is_contained(read.get(form_id), event):
            wanted.setdefault(form_id, []).append(event)
    return {**wanted}


def _note_cancellers(desk: Desk, events: Iterable[OrderEvent]) -> None:
    for event in events:
        if event.type in CANCELLERS and (form_id := event.checkout_form_id):
            desk.cancelled_by[form_id] = CANCELLERS[event.type]


def _is_contained(seen: Seen | None, event: OrderEvent) -> bool:
    """By a form that has been saved a moment ago; what the seller did may show in it late (#9819)."""
    return seen is not None and event.type in BUYERS_EVENTS and contains(seen, event)


def _with_last(batches: Iterator[Sequence[Found]]) -> Iterator[tuple[Sequence[Found], bool]]:
    """Each batch, and whether it is the last; one empty batch when there is none."""
    waiting: Sequence[Found] = next(batches, [])
    for batch in batches:
        yield waiting, False
        waiting = batch
    yield waiting, True


def _moved(desk: Desk, position: str) -> Mark:
    def mark() -> None:
        move_cursor(desk.session, desk.cursor_id, desk.claim or "", position, desk.now())

    return mark


def _reconciled(desk: Desk, until: datetime | None) -> Mark | None:
    """By Allegro's own times, so that a clock that is wrong here skips nothing."""
    if until is None:
        return None
    reached = until

    def mark() -> None:
        mark_reconciled(desk.session, desk.cursor_id, desk.claim or "", reached)

    return mark
