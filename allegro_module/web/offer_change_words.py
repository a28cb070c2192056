"""What can be given to many offers at once, and how far such a change is, in the words of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allegro_module.db.offer_changes import OPEN_STATES, ChangeState, ItemState, OfferChange, OfferChangeItem
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.offer_choices import HANDLING_TIMES
from allegro_module.domain.problems import from_json
from allegro_module.domain.pushes import Trouble
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.sync.change_outcomes import GONE, TOO_OLD
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import Label, sentence
from allegro_module.web.offer_words import handling_time_name

#: Columns of the offer row that the page can change, in the order of its choice.
FIELDS: Mapping[str, str] = {
    "shipping_rate_id": marked("Delivery price list"),
    "handling_time": marked("Handling time"),
    "responsible_producer_id": marked("Producer"),
    "responsible_person_id": marked("Responsible person"),
    "safety_text": marked("Safety information"),
}
KIND_BY_FIELD = {
    "shipping_rate_id": TermKind.SHIPPING_RATE,
    "responsible_producer_id": TermKind.RESPONSIBLE_PRODUCER,
    "responsible_person_id": TermKind.RESPONSIBLE_PERSON,
}
#: Chosen from a list; a safety text is written on its own page.
CHOSEN_FROM_A_LIST = tuple(name for name in FIELDS if name != "safety_text")
SHORT_TEXT = 60

WAITING = Label(marked("Waits to be sent"), "hourglass", "wait")
RUNNING = Label(marked("Allegro is changing the offers"), "arrow-repeat", "wait")
ALL_DONE = Label(marked("All offers changed"), "check-circle-fill", "ok")
PARTLY = Label(marked("Not all offers changed"), "exclamation-triangle-fill", "warn")
NONE_DONE = Label(marked("No offer changed"), "x-octagon-fill", "bad")
NOT_KNOWN = Label(marked("Result not known"), "question-circle-fill", "warn")

ITEM_CHANGED = Label(marked("Changed"), "check-circle-fill", "ok")
ITEM_REFUSED = Label(marked("Not changed"), "x-octagon-fill", "bad")
ITEM_OPEN = Label(marked("Under way"), "hourglass", "wait")

TROUBLES = {
    Trouble.UNAVAILABLE: marked("Allegro does not answer. We try again by ourselves; nothing is done twice."),
    Trouble.NOT_CONNECTED: marked("The account must be linked again; the change waits for it."),
    Trouble.SCOPE_MISSING: marked(
        "The permission sale:offers:write was not granted. Link the account again and allow it; "
        "the change waits for it."
    ),
    Trouble.BUSY: marked("Allegro is still busy with an earlier change. We try again by ourselves."),
    Trouble.UNEXPECTED: marked("Allegro answered in a way we do not know. The answer is in the log."),
    GONE: marked(
        "Allegro keeps the result of a change for 7 days, and it is gone now, so we cannot say which offers "
        "were changed. Try again: an offer that has the value already stays as it is."
    ),
    TOO_OLD: marked(
        "This change could not be sent for 6 days and was given up, so that it undoes nothing newer. "
        "Ask for it again if you still want it."
    ),
}


@dataclass(frozen=True, slots=True)
class Choices:
    """The values that offers may get, by field; `names` also of those that are no longer to be chosen."""

    options: Mapping[str, Sequence[tuple[str, str]]]
    names: Mapping[str, Mapping[str, str]]

    def is_known(self, field: str, value: str) -> bool:
        return value in dict(self.options.get(field, ()))

    def all(self, field: str) -> Sequence[tuple[str, str]]:
        """Also what offers may still have although none can get it any more."""
        return [*self.names[field].items()] if field in self.names else self.options[field]

    def words(self, field: str, value: str | None) -> str:
        if not value:
            return t("none")
        if field == "handling_time":
            return handling_time_name(value)
        return self.names.get(field, {}).get(value) or t("no longer on Allegro")


def choices_of(terms: Sequence[SellingTerm]) -> Choices:
    options: dict[str, Sequence[tuple[str, str]]] = {
        "handling_time": [(each, handling_time_name(each)) for each in HANDLING_TIMES]
    }
    names: dict[str, dict[str, str]] = {}
    for field, kind in KIND_BY_FIELD.items():
        known = [term for term in terms if term.kind == kind and term.allegro_id]
        names[field] = {term.known_id: term.name for term in known}
        options[field] = [
            (term.known_id, term.name)
            for term in known
            if term.state != TermState.GONE and not term.is_archived
        ]
    return Choices(options, names)


def field_words(field: str) -> str:
    return t(FIELDS[field]) if field in FIELDS else field


def value_words(change: OfferChange) -> str:
    if change.field == "handling_time":
        return handling_time_name(change.value)
    words = change.label or change.value
    return words if len(words) <= SHORT_TEXT else f"{words[:SHORT_TEXT]}…"


@dataclass(frozen=True, slots=True)
class Tally:
    """All commands of one change together; `done` is what has a result."""

    size: int
    succeeded: int
    failed: int
    is_running: bool
    state: Label
    troubles: Sequence[str]

    @property
    def done(self) -> int:
        return self.succeeded + self.failed

    @property
    def unknown(self) -> int:
        return self.size - self.done

    @property
    def is_repeatable(self) -> bool:
        return not self.is_running and self.succeeded < self.size


def tally(changes: Sequence[OfferChange]) -> Tally:
    size = sum(change.size for change in changes)
    succeeded = sum(change.succeeded for change in changes)
    is_running = any(change.state in OPEN_STATES for change in changes)
    return Tally(
        size=size,
        succeeded=succeeded,
        failed=sum(change.failed for change in changes),
        is_running=is_running,
        state=_state(changes, size, succeeded).translated(),
        troubles=list(dict.fromkeys(trouble_words(each.trouble) for each in changes if each.trouble)),
    )


def _state(changes: Sequence[OfferChange], size: int, succeeded: int) -> Label:
    states = {ChangeState(change.state) for change in changes}
    if states == {ChangeState.WAITING}:
        return WAITING
    if states & set(OPEN_STATES):
        return RUNNING
    if any(change.trouble == GONE for change in changes):
        return NOT_KNOWN
    if succeeded == size:
        return ALL_DONE
    return PARTLY if succeeded else NONE_DONE


def trouble_words(trouble: str) -> str:
    """A code of ours, else Allegro's own words."""
    known = {str(code): words for code, words in TROUBLES.items()}
    return t(known[trouble]) if trouble in known else trouble


@dataclass(frozen=True, slots=True)
class ItemRow:
    offer_id: int
    title: str
    allegro_offer_id: str | None
    reference: str
    state: Label
    reasons: Sequence[str]


def item_row(item: OfferChangeItem, *, is_running: bool) -> ItemRow:
    label = {
        ItemState.SUCCESS: ITEM_CHANGED,
        ItemState.FAIL: ITEM_REFUSED,
        ItemState.NEW: ITEM_OPEN if is_running else NOT_KNOWN,
    }[ItemState(item.state)]
    return ItemRow(
        offer_id=item.offer_id,
        title=item.offer.title or item.offer.sku,
        allegro_offer_id=item.offer.allegro_offer_id,
        reference=item.offer.external_id,
        state=label.translated(),
        reasons=list(dict.fromkeys(sentence(from_json(each)) for each in item.problems)),
    )
