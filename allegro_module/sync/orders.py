"""Importing orders: from Allegro's event journal into the shop's database, each once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.client import AllegroClient
from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Unavailable
from allegro_module.client.orders import EVENTS_PER_PAGE, OrderEvent, OrderEventType
from allegro_module.db.accounts import Account, is_account_working
from allegro_module.db.cursors import claim_cursor, end_run, find_cursor, mark_reconciled, move_cursor
from allegro_module.db.failures import list_due_failures, list_open_subjects
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.order_pages import FAILURE_KIND, LEASE, Desk, LostClaim, Mark, Saved, save_page
from allegro_module.sync.order_plan import Bucket
from allegro_module.sync.order_reading import FormList, FormReader, Found

log = logging.getLogger(__name__)

#: The slower pass looks again at what it saw last: changes become visible late.
LOOK_BACK = timedelta(minutes=10)
#: These tell of the buyer's data, which a form read a moment ago contains; others make us read it again.
BUYERS_EVENTS = frozenset(OrderEventType) - {
    OrderEventType.FULFILLMENT_STATUS_CHANGED,
    OrderEventType.UNKNOWN,
}


class Message(StrEnum):
    """What stands on the cursor after a run; source texts for the pages."""

    NOTHING_NEW = "Nothing new."
    IMPORTED = "Orders imported."
    SET_ASIDE = "Some orders were set aside."
    UNAVAILABLE = "Allegro cannot be reached."
    NOT_CONNECTED = "The account is not connected."
    SCOPE_MISSING = "The seller has not granted orders:read."
    UNEXPECTED = "Allegro's answer was not understood."
    TAKEN_OVER = "Another process reads the order journal."
    NOT_LINKED = "The account was never linked."
    RESTING = "The account was switched off, or its link ended."
    CRASHED = "The import was interrupted."


@dataclass(slots=True)
class ImportOutcome:
    """What one run did; `trouble` is why it ended early, in English, for the log and the command line."""

    message: Message = Message.NOTHING_NEW
    trouble: str = ""
    events: int = 0
    saved: Saved = field(default_factory=Saved)

    @property
    def placed(self) -> int:
        return self.saved.counts[Bucket.PLACE]

    @property
    def changed(self) -> int:
        return self.saved.counts[Bucket.CHANGE]

    @property
    def is_complete(self) -> bool:
        return self.message in (Message.NOTHING_NEW, Message.IMPORTED, Message.SET_ASIDE)

    def __str__(self) -> str:
        counts = self.saved.counts
        noted = counts[Bucket.REMEMBER] + counts[Bucket.LEFT_BEHIND]
        text = (
            f"{self.placed} new, {self.changed} changed, {noted} noted, {counts[Bucket.UNCHANGED]} unchanged"
        )
        extras = [(self.saved.set_aside, "set aside"), (self.saved.missing, "no longer at Allegro")]
        text += "".join(f", {count} {what}" for count, what in extras if count)
        return f"{text}; {self.trouble or self.message}" if not self.is_complete else text


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of an account's orders stands."""

    position: str | None
    started_at: datetime
    reconciled_until: datetime | None


@dataclass(slots=True)
class Seen:
    """What tells a form read in this run from a later state of it."""

    revision: str | None
    updated_at: datetime | None


Work = Callable[[Desk, Place, ImportOutcome], None]


def import_orders(
    session: Session, api: AllegroClient, shop: ShopAdapter, account: Account, now: Callable[[], datetime]
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

    return _run(session, shop, account, now, work)


def reconcile_orders(
    session: Session, api: AllegroClient, shop: ShopAdapter, account: Account, now: Callable[[], datetime]
) -> ImportOutcome:
    """The slower pass by `updatedAt`: finds what the journal never said (facts.md 5.2, #2945, #8623)."""

    def work(desk: Desk, place: Place, outcome: ImportOutcome) -> None:
        since = place.reconciled_until - LOOK_BACK if place.reconciled_until else place.started_at
        pages = FormList(api.orders, since)
        for page in pages.pages():
            outcome.saved.add(save_page(desk, page, _reconciled(desk, pages.reached)))

    return _run(session, shop, account, now, work)


def _run(
    session: Session, shop: ShopAdapter, account: Account, now: Callable[[], datetime], work: Work
) -> ImportOutcome:
    """Claim, work, and whatever happens say it on the cursor's row and give the claim back."""
    outcome = ImportOutcome(Message.CRASHED)
    begun = _begin(session, shop, account, now)
    if isinstance(begun, Message):
        outcome.message = begun
        return outcome
    desk, place = begun
    try:
        work(desk, place, outcome)
        outcome.message = _message_of(outcome.saved)
    except LostClaim:
        is_working = is_account_working(desk.session, desk.account_id)
        outcome.message = Message.TAKEN_OVER if is_working else Message.RESTING
    except AllegroError as error:
        outcome.message, outcome.trouble = _message_of_error(error), str(error)
    finally:
        _end(desk, outcome)
    return outcome


def _begin(
    session: Session, shop: ShopAdapter, account: Account, now: Callable[[], datetime]
) -> tuple[Desk, Place] | Message:
    account_id, alias, name = account.id, account.alias, account.login or account.alias
    cursor = find_cursor(session, account_id)
    cursor_id = cursor.id if cursor else None
    # Ends the reading transaction: the next one begins with a write.
    session.commit()
    if cursor is None or cursor_id is None:
        return Message.NOT_LINKED
    claim, moment = new_claim(), now()
    if not claim_cursor(session, cursor_id, claim, moment, moment + LEASE):
        session.rollback()
        return Message.TAKEN_OVER
    session.refresh(cursor)
    place = Place(cursor.position, cursor.started_at, cursor.reconciled_until)
    failed = list_open_subjects(session, account_id, FAILURE_KIND)
    session.commit()
    return Desk(session, shop, account_id, name, alias, cursor_id, claim, now, set(failed)), place


def _end(desk: Desk, outcome: ImportOutcome) -> None:
    try:
        desk.session.rollback()
        succeeded_at = desk.now() if outcome.is_complete else None
        end_run(desk.session, desk.cursor_id, desk.claim, outcome.message, succeeded_at)
        desk.session.commit()
    except SQLAlchemyError:
        # The claim runs out by itself; what ended the run is worth more than this.
        log.warning("the claim of cursor %s could not be given back", desk.cursor_id)


def _retry_set_aside(desk: Desk, reader: FormReader, outcome: ImportOutcome) -> None:
    due = [
        each.subject for each in list_due_failures(desk.session, desk.account_id, FAILURE_KIND, desk.now())
    ]
    desk.session.commit()
    for form_id in due:
        outcome.saved.add(save_page(desk, [reader.read_singly(form_id)]))


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
        position = events[-1].id
        found = _read_forms(reader, events, read)
        for forms, is_last in _with_last(found):
            outcome.saved.add(save_page(desk, forms, _moved(desk, position) if is_last else None))
            read |= {
                form.id: Seen(form.revision, form.updated_at)
                for form in forms
                if isinstance(form, CheckoutForm)
            }
        if len(page) < EVENTS_PER_PAGE:
            return


def _read_forms(
    reader: FormReader, events: Sequence[OrderEvent], read: Mapping[str, Seen]
) -> Iterator[Sequence[Found]]:
    wanted = _forms_to_read(events, read)
    stamps = [event.occurred_at for event in events if event.occurred_at]
    return reader.read(wanted, min(stamps, default=None), max(stamps, default=None))


def _forms_to_read(events: Iterable[OrderEvent], read: Mapping[str, Seen]) -> list[str]:
    """Each form once, but for those read a moment ago that contain the event already."""
    wanted: dict[str, None] = {}
    for event in events:
        form_id = event.checkout_form_id
        if form_id is not None and not _contains(read.get(form_id), event):
            wanted[form_id] = None
    return list(wanted)


def _contains(seen: Seen | None, event: OrderEvent) -> bool:
    if seen is None or event.type not in BUYERS_EVENTS:
        return False
    reference = event.order.checkout_form if event.order else None
    if reference and seen.revision and reference.revision == seen.revision:
        return True
    return bool(event.occurred_at and seen.updated_at and event.occurred_at <= seen.updated_at)


def _with_last(batches: Iterator[Sequence[Found]]) -> Iterator[tuple[Sequence[Found], bool]]:
    """Each batch, and whether it is the last; one empty batch when there is none."""
    waiting: Sequence[Found] = next(batches, [])
    for batch in batches:
        yield waiting, False
        waiting = batch
    yield waiting, True


def _moved(desk: Desk, position: str) -> Mark:
    def mark() -> None:
        move_cursor(desk.session, desk.cursor_id, desk.claim, position, desk.now())

    return mark


def _reconciled(desk: Desk, until: datetime | None) -> Mark | None:
    """By Allegro's own times, so that a clock that is wrong here skips nothing."""
    if until is None:
        return None
    reached = until

    def mark() -> None:
        mark_reconciled(desk.session, desk.cursor_id, desk.claim, reached)

    return mark


def _message_of(saved: Saved) -> Message:
    if saved.set_aside:
        return Message.SET_ASIDE
    has_news = any(count for bucket, count in saved.counts.items() if bucket is not Bucket.UNCHANGED)
    return Message.IMPORTED if has_news else Message.NOTHING_NEW


def _message_of_error(error: AllegroError) -> Message:
    if isinstance(error, Unavailable):
        return Message.UNAVAILABLE
    if isinstance(error, NotConnected):
        return Message.SCOPE_MISSING if error.reason is Reason.SCOPE_MISSING else Message.NOT_CONNECTED
    return Message.UNEXPECTED
