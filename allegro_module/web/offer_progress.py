"""How far a listing is: the steps of „Zapisz i Wystaw” as the page and the list show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OPEN_STATES, OfferState, Step, Trouble, Wanted
from allegro_module.web.formats import time_element, when
from allegro_module.web.i18n import marked, n, t
from allegro_module.web.labels import Label, label_of_offer_state
from allegro_module.web.offer_words import field_name

TROUBLES = {
    Trouble.UNAVAILABLE: marked("Allegro does not answer. We try again by ourselves."),
    Trouble.NOT_CONNECTED: marked("The account must be linked again; the offer waits for it."),
    Trouble.SCOPE_MISSING: marked(
        "The permission sale:offers:read was not granted, so what became of the offer cannot be read. "
        "Link the account again and allow it; the offer waits for it."
    ),
    Trouble.BUSY: marked("Allegro is still busy with the previous change. We try again by ourselves."),
    Trouble.UNEXPECTED: marked("Allegro answered in a way we do not know. The answer is in the log."),
    Trouble.SLOW: marked("Allegro has been verifying for longer than usual. We go on looking."),
    Trouble.UNCHANGED: marked("Nothing has changed since it was sent, so nothing was sent."),
}
CREATION, CHANGE = marked("Creating the offer"), marked("Sending the change")
#: Wishes that send nothing but themselves, and drafts.
DEEDS = {
    Wanted.DRAFT: marked("Saving the draft on Allegro"),
    Wanted.END: marked("Ending the offer"),
    Wanted.RESUME: marked("Resuming the offer"),
    Wanted.DELETE: marked("Deleting the draft"),
}
BARE = (Wanted.END, Wanted.RESUME, Wanted.DELETE)
#: The steps of the page, in order; the position of the current one by state.
PICTURES, CREATING, VERIFYING, ACTIVE = range(1, 5)


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """`how` is done, now or open, as `macros/status.html` draws it."""

    how: str
    title: str
    text: str = ""
    has_bar: bool = False
    at: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """`spoken` is what a screen reader hears when it changes."""

    is_running: bool
    heading: str
    state: Label
    steps: Sequence[ProgressStep]
    images_done: int
    images_total: int
    trouble: str
    spoken: str


def is_running(offer: Offer) -> bool:
    return offer.state in OPEN_STATES


def progress(offer: Offer, now: datetime) -> Progress:
    steps = _steps(offer, _position(offer), now)
    current = next((step for step in steps if step.how == "now"), steps[-1])
    return Progress(
        is_running=is_running(offer),
        heading=_deed(offer) if offer.wanted in DEEDS else t("Listing the offer"),
        state=label_of_offer_state(offer.state),
        steps=steps,
        images_done=offer.images_done,
        images_total=offer.images_total,
        trouble=trouble_of(offer),
        spoken=current.title,
    )


def _steps(offer: Offer, position: int, now: datetime) -> list[ProgressStep]:
    deed = ProgressStep(_how(CREATING, position), _deed(offer), _creating(offer))
    verification = ProgressStep(
        _how(VERIFYING, position), t("Verification by Allegro"), _verifying(offer, now), at=_since(offer, now)
    )
    outcome = ProgressStep(_how(ACTIVE, position), _outcome(offer))
    if offer.wanted in BARE:
        return [replace(deed, how="now") if position == PICTURES else deed, verification, outcome]
    saved = ProgressStep("done", t("Draft saved"), at=when(offer.changed_at, now))
    return [saved, _pictures(offer, position), deed, verification, outcome]


def _deed(offer: Offer) -> str:
    if offer.wanted in DEEDS:
        return t(DEEDS[Wanted(offer.wanted)])
    return t(CHANGE if offer.listed_at is not None else CREATION)


def _outcome(offer: Offer) -> str:
    if offer.wanted == Wanted.DRAFT:
        return t("Draft on Allegro")
    return t("Ended") if offer.wanted in (Wanted.END, Wanted.DELETE) else t("Active")


def trouble_of(offer: Offer) -> str:
    if offer.trouble not in set(Trouble):
        return offer.trouble
    return t(TROUBLES[Trouble(offer.trouble)])


def _position(offer: Offer) -> int:
    if offer.state in (OfferState.VERIFYING, OfferState.REFUSED):
        return VERIFYING
    if offer.state == OfferState.CHECKING or offer.step == Step.CREATING:
        return CREATING
    return ACTIVE + 1 if offer.state == OfferState.ACTIVE else PICTURES


def _how(step: int, position: int) -> str:
    if step < position:
        return "done"
    return "now" if step == position else "open"


def _pictures(offer: Offer, position: int) -> ProgressStep:
    how = _how(PICTURES, position)
    if offer.state == OfferState.WAITING:
        return ProgressStep(how, t("Sending the pictures"), t("Queued; it begins in a moment."))
    return ProgressStep(how, t("Sending the pictures"), has_bar=how == "now")


def _creating(offer: Offer) -> str:
    if offer.state != OfferState.CHECKING:
        return ""
    if offer.create_sent_at is None:
        return t("Allegro's answer was lost. We are looking what Allegro has; nothing will be sent twice.")
    return t(
        "Allegro's answer was lost. We are checking whether the offer was created; "
        "nothing will be listed a second time."
    )


def _verifying(offer: Offer, now: datetime) -> str:
    usual = t("Usually within a minute, sometimes up to two hours. We look by ourselves.")
    if offer.state != OfferState.VERIFYING or offer.next_look_at is None:
        return usual
    next_look = t("Next look: %(when)s.", when=_soon(offer.next_look_at, now))
    return f"{usual} {next_look}"


def _soon(at: datetime, now: datetime) -> str:
    seconds = int((at - now).total_seconds())
    if seconds <= 0:
        return t("now")
    if seconds < 120:
        return n("in %(num)s second", "in %(num)s seconds", seconds)
    return when(at, now)


def _since(offer: Offer, now: datetime) -> str:
    return (
        t("since %(when)s", when=when(offer.state_since, now)) if offer.state == OfferState.VERIFYING else ""
    )


def story(offer: Offer, now: datetime) -> str:
    """The line under the state in lists: why, since when, what next."""
    state = OfferState(offer.state)
    since = time_element(offer.state_since, now)
    if state is OfferState.REFUSED:
        return _objections(offer)
    if state is OfferState.CHECKING:
        return t("Allegro's answer was lost; we are checking whether the offer was created.")
    if offer.trouble and offer.trouble != Trouble.UNCHANGED:
        return trouble_of(offer)
    if state is OfferState.SENDING and offer.step == Step.IMAGES:
        return t("pictures: %(done)s of %(total)s", done=offer.images_done, total=offer.images_total)
    if state is OfferState.VERIFYING and offer.next_look_at is not None:
        return t("since %(when)s, next look %(next)s", when=since, next=_soon(offer.next_look_at, now))
    if state is OfferState.DRAFT:
        return _saved(offer, now)
    if state is OfferState.PLANNED and offer.starting_at is not None:
        return t("begins %(when)s", when=time_element(offer.starting_at, now))
    return t("since %(when)s", when=since)


def _saved(offer: Offer, now: datetime) -> str:
    changed = time_element(offer.changed_at, now)
    if not offer.changed_by:
        return t("saved %(when)s", when=changed)
    return t("saved %(when)s by %(who)s", when=changed, who=offer.changed_by)


def _objections(offer: Offer) -> str:
    """„2 miejsca do poprawy: Tytuł, Próba srebra”; parameters of a refusal carry their names."""
    wrong = [problem for problem in offer.problems if not problem.is_warning]
    names = [
        problem.params.get("name") or field_name(problem.field) if problem.field else "" for problem in wrong
    ]
    counted = n("%(num)s place to correct", "%(num)s places to correct", len(wrong))
    known = [name for name in dict.fromkeys(names) if name]
    return f"{counted}: {', '.join(known[:3])}{'…' if len(known) > 3 else ''}" if known else counted
