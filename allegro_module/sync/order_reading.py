"""Reading checkout forms whole: a hundred at a time from the list, singly what the list leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from allegro_module.client.checkout_forms import CheckoutForm, CheckoutFormStatus, UnreadableForm
from allegro_module.client.errors import Refused, Unexpected
from allegro_module.client.orders import (
    FORMS_PER_PAGE,
    LAST_FORM,
    FormFilter,
    OrderEvent,
    OrderEventType,
    OrdersResource,
)
from allegro_module.client.transport import path_to
from allegro_module.sync.order_times import plausible

#: A form may be stamped a little before the event that names it.
MARGIN = timedelta(seconds=15)
#: Up to so many are cheaper to ask for singly than to look for in further pages.
FEW = 10
#: Forms read before an event has named them; a limit for memory.
MOST_AHEAD = 2000
#: These tell of the buyer's data, whose revision stands in the form; the seller's leave it as it is.
BUYERS_EVENTS = frozenset(OrderEventType) - {
    OrderEventType.FULFILLMENT_STATUS_CHANGED,
    OrderEventType.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class MissingForm:
    """Named by an event, yet not at Allegro: not yet, or older than a year (facts.md 5.3)."""

    id: str


Found = CheckoutForm | UnreadableForm | MissingForm
#: Forms still to be found, with the events that name them.
Missing = dict[str, Sequence[OrderEvent]]


class Stamped(Protocol):
    """A form as far as it tells an earlier state of itself from a later one."""

    @property
    def revision(self) -> str | None: ...
    @property
    def updated_at(self) -> datetime | None: ...


def contains(form: Stamped, event: OrderEvent) -> bool:
    """The form was read after what the event tells of had happened."""
    reference = event.order.checkout_form if event.order else None
    is_buyers = event.type in BUYERS_EVENTS
    if is_buyers and reference and form.revision and reference.revision == form.revision:
        return True
    return bool(event.occurred_at and form.updated_at and event.occurred_at <= form.updated_at)


@dataclass(slots=True)
class FormList:
    """The list by the time of the last change (or of the purchase), oldest first, each page asked for once.

    A form that changes while we read moves to the end and shifts the others by one. So pages overlap by one
    form: when that is not where it should be, the list is read on from the time it has been read up to.
    """

    orders: OrdersResource
    since: datetime
    until: datetime | None = None
    by_purchase: bool = False
    status: CheckoutFormStatus | None = None
    is_at_end: bool = False
    #: The list has been read up to here.
    reached: datetime | None = None
    #: How many forms there are in all, as far as Allegro says.
    total: int | None = None
    begins: datetime = field(init=False)
    _offset: int = 0
    _last_id: str = ""

    def __post_init__(self) -> None:
        self.begins = self.since

    def next_page(self) -> Sequence[CheckoutForm | UnreadableForm]:
        page = self.orders.checkout_forms(self._filter(), self._offset, FORMS_PER_PAGE)
        if self.total is None:
            self.total = page.total_count
        forms = page.forms
        if self._last_id and (not forms or forms[0].id != self._last_id) and self._begin_again():
            return []
        self.is_at_end = len(forms) < FORMS_PER_PAGE
        stamps = [stamp for form in forms if (stamp := self._stamp(form))]
        self.reached = max([*stamps, *([self.reached] if self.reached else [])], default=None)
        unread = forms[1:] if self._last_id and forms and forms[0].id == self._last_id else forms
        self._go_on(forms)
        return unread

    def pages(self) -> Iterator[Sequence[CheckoutForm | UnreadableForm]]:
        while not self.is_at_end:
            yield self.next_page()

    def _filter(self) -> FormFilter:
        if self.by_purchase:
            return FormFilter(
                bought_since=self.since,
                bought_until=self.until,
                status=self.status,
                sort="lineItems.boughtAt",
            )
        return FormFilter(
            updated_since=self.since, updated_until=self.until, status=self.status, sort="updatedAt"
        )

    def _stamp(self, form: CheckoutForm | UnreadableForm) -> datetime | None:
        if not isinstance(form, CheckoutForm):
            return None
        if not self.by_purchase:
            return plausible(form.updated_at)
        # By which of its lines Allegro sorts a form is not said; the first is never too late.
        return min((at for line in form.line_items if (at := plausible(line.bought_at))), default=None)

    def _go_on(self, forms: Sequence[CheckoutForm | UnreadableForm]) -> None:
        if self.is_at_end:
            return
        self._last_id = forms[-1].id
        self._offset += FORMS_PER_PAGE - 1
        if self._offset + FORMS_PER_PAGE > LAST_FORM and not self._begin_again():
            self.is_at_end = True

    def _begin_again(self) -> bool:
        """A window that starts where this one has come to: Allegro shows 10,000 of each (#3500)."""
        if self.reached is None or self.reached <= self.since:
            return False
        self.since, self._offset, self._last_id = self.reached, 0, ""
        return True


@dataclass(slots=True)
class FormReader:
    """Finds the forms that one page of events after the other names; the list is read once for all."""

    orders: OrdersResource
    _list: FormList | None = None
    #: Read with others and not yet asked for.
    _ahead: dict[str, CheckoutForm | UnreadableForm] = field(default_factory=dict)

    def read(self, wanted: Mapping[str, Sequence[OrderEvent]]) -> Iterator[Sequence[Found]]:
        """Batches of at most a hundred, every wanted form in one of them, each read after its events.

        `wanted` are forms with the events that name them. Raises AllegroError.
        """
        missing = dict(wanted)
        batch: list[Found] = []
        for found in self._find(missing):
            batch.append(found)
            if len(batch) == FORMS_PER_PAGE:
                yield batch
                batch = []
        if batch:
            yield batch

    def _find(self, missing: Missing) -> Iterator[Found]:
        named = [event.occurred_at for events in missing.values() for event in events]
        stamps = [stamp for at in named if (stamp := plausible(at))]
        for form_id in [each for each in missing if each in self._ahead]:
            form = self._ahead.pop(form_id)
            # Read before its events were: it may have changed between the two.
            if isinstance(form, CheckoutForm) and all(contains(form, event) for event in missing[form_id]):
                del missing[form_id]
                yield form
        if stamps:
            yield from self._find_in_list(missing, min(stamps) - MARGIN, max(stamps) + MARGIN)
        for form_id in missing:
            yield self.read_singly(form_id)

    def _find_in_list(
        self, missing: Missing, since: datetime, until: datetime
    ) -> Iterator[CheckoutForm | UnreadableForm]:
        self._forget_before(since)
        if len(missing) == 1 and self._list is None:
            return
        while missing and self._is_worth_a_page(len(missing), since, until):
            if self._list is None:
                self._list = FormList(self.orders, since)
            for form in self._list.next_page():
                if form.id in missing:
                    del missing[form.id]
                    yield form
                else:
                    self._ahead[form.id] = form

    def _is_worth_a_page(self, count: int, since: datetime, until: datetime) -> bool:
        if self._list is None or self._list.reached is None:
            return self._list is None
        if self._list.is_at_end or self._list.begins > until:
            return False
        # Beyond the last event stand forms that changed again; later events will want most of them anyway.
        return self._list.reached <= until or (count > FEW and len(self._ahead) < MOST_AHEAD)

    def _forget_before(self, since: datetime) -> None:
        """The events have gone past these without naming them."""
        self._ahead = {
            form_id: form
            for form_id, form in self._ahead.items()
            if isinstance(form, CheckoutForm) and (form.updated_at or since) >= since
        }

    def read_singly(self, form_id: str) -> Found:
        """Raises AllegroError for trouble that does not concern the form, such as that of its token."""
        try:
            found = self.orders.find_form(form_id)
        except (Refused, Unexpected) as trouble:
            if trouble.path != path_to("/order/checkout-forms/{}", form_id):
                raise
            if isinstance(trouble, Refused) and trouble.is_missing:
                return MissingForm(form_id)
            return UnreadableForm(form_id, trouble.detail)
        if isinstance(found, UnreadableForm):
            return UnreadableForm(form_id, found.reason, found.raw)
        return found
