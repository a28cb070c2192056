"""Orders set aside: what cannot be read, found or written waits with its reason, and the others go on."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy.exc import DBAPIError, StatementError

from allegro_module.client.checkout_forms import CheckoutForm, UnreadableForm
from allegro_module.db.failures import Failure, find_failure, resolve, set_aside
from allegro_module.db.orders import orders_by_form_id
from allegro_module.domain.shop import OrderRefused
from allegro_module.sync.order_desk import Desk, Saved, put_aside
from allegro_module.sync.order_mapping import Unreadable
from allegro_module.sync.order_reading import Found, MissingForm
from allegro_module.sync.order_rows import WIDTH

log = logging.getLogger(__name__)

FAILURE_KIND = "order"
PAUSES = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(days=1),
)
NOT_YET = "not at Allegro yet"
#: A form that is not there yet comes within minutes as a rule: the first tries are the next ticks.
PAUSES_NOT_YET = (timedelta(seconds=30), timedelta(seconds=30), timedelta(minutes=2), *PAUSES[:4])
#: Not there after so long a search, it will not come.
PATIENCE = timedelta(days=3)
#: So long Allegro shows forms (facts.md 5.3).
KEPT_AT_ALLEGRO = timedelta(days=365)


def note_unusable(desk: Desk, found: Sequence[Found]) -> Saved:
    """Set aside what is no form, before the place in the journal moves past it."""
    saved = Saved()
    for each in found:
        if isinstance(each, MissingForm):
            saved.add(_note_missing(desk, each.id))
        elif isinstance(each, UnreadableForm):
            log.error("checkout form %s cannot be read: %s", each.id or "without an id", each.reason)
            reason = f"Allegro's answer cannot be read: {each.reason}"
            saved.add(put_aside(subject_of(each.id), reason))
            if each.id:
                _put_aside(desk, each.id, reason, each.raw)
    return saved


def note_refused(desk: Desk, form: CheckoutForm, reason: str) -> Saved:
    _put_aside(desk, form.id, reason, msgspec.json.encode(form).decode())
    return put_aside(subject_of(form.id), reason)


def resolve_failures(desk: Desk, form_ids: Sequence[str]) -> None:
    """These went well in the end; part of their page's transaction."""
    if mended := desk.set_aside_before.intersection(form_ids):
        resolve(desk.session, desk.account_id, FAILURE_KIND, mended, desk.now())


def _note_missing(desk: Desk, form_id: str) -> Saved:
    """A form that cannot be found for a moment is sought again before it counts as gone."""
    subject = subject_of(form_id)
    if not _is_gone(desk, subject):
        log.warning("checkout form %s is not at Allegro yet", form_id)
        _put_aside(desk, form_id, NOT_YET, None, PAUSES_NOT_YET)
        return put_aside(subject, NOT_YET)
    log.warning("checkout form %s is no longer at Allegro", form_id)
    if subject in desk.set_aside_before:
        desk.hold()
        resolve_failures(desk, [subject])
        desk.session.commit()
    return Saved(missing=1)


def _is_gone(desk: Desk, form_id: str) -> bool:
    """Too old, left behind for another form, or sought for long enough."""
    now = desk.now()
    order = orders_by_form_id(desk.session, desk.account_id, [form_id]).get(form_id)
    is_old = order is not None and (bool(order.superseded_by) or now - order.bought_at > KEPT_AT_ALLEGRO)
    failure = find_failure(desk.session, desk.account_id, FAILURE_KIND, form_id)
    is_given_up = (
        failure is not None and not _is_other_trouble(failure, NOT_YET) and now - failure.first_at >= PATIENCE
    )
    # Ends the reading transaction: the next one begins with a write.
    desk.session.commit()
    return is_old or is_given_up


def _put_aside(
    desk: Desk, form_id: str, reason: str, data: str | None, pauses: Sequence[timedelta] = PAUSES
) -> None:
    now, subject = desk.now(), subject_of(form_id)
    desk.hold()
    earlier = find_failure(desk.session, desk.account_id, FAILURE_KIND, subject)
    tries = 0 if earlier is None or _is_other_trouble(earlier, reason) else earlier.tries
    next_try_at = now + pauses[min(tries, len(pauses) - 1)]
    set_aside(
        desk.session, desk.account_id, FAILURE_KIND, subject, reason, now, next_try_at, tries == 0, data
    )
    desk.session.commit()
    desk.set_aside_before.add(subject)


def _is_other_trouble(earlier: Failure, reason: str) -> bool:
    """The patience with a form that is not there counts from its first absence."""
    return earlier.resolved_at is not None or (earlier.reason == NOT_YET) is not (reason == NOT_YET)


def subject_of(form_id: str) -> str:
    """The id as a row of ours can hold it, whatever Allegro names."""
    return form_id.replace("\0", "")[:WIDTH]


def reason_of(fault: Exception) -> str:
    """Why, without what an exception may quote: buyers' names stand in the values."""
    if isinstance(fault, Unreadable):
        return str(fault)
    if isinstance(fault, OrderRefused):
        return str(fault) or "the shop refuses the order"
    if isinstance(fault, DBAPIError) and fault.orig is not None:
        return f"{type(fault.orig).__name__}: {str(fault.orig).splitlines()[0]}"
    if isinstance(fault, StatementError) and fault.orig is not None:
        return f"{type(fault.orig).__name__} in a value to be stored"
    last = traceback.extract_tb(fault.__traceback__)[-1:]
    where = "".join(f" at {Path(frame.filename).name}:{frame.lineno}" for frame in last)
    return f"{type(fault).__name__}{where}"
