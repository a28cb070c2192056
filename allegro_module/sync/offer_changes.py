"""One value for many offers: asked for by the seller, sent as commands, followed to a result per offer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.commands import MOST_OFFERS, Delivery, Modification, SafetyText
from allegro_module.client.errors import AllegroError, NotConnected, Refused, Unavailable
from allegro_module.client.payloads import Id
from allegro_module.db.accounts import Account, list_working_accounts
from allegro_module.db.audit import record
from allegro_module.db.offer_changes import (
    ChangeState,
    OfferChange,
    OfferChangeItem,
    list_due_changes,
    list_offers_not_changed,
)
from allegro_module.db.offers import Offer
from allegro_module.domain.pauses import pause_after
from allegro_module.domain.pushes import Trouble
from allegro_module.sync.change_claims import ChangeClaimLost, ClaimedChange, close, look_again, take
from allegro_module.sync.change_outcomes import GONE, TOO_OLD, refuse_all, settle
from allegro_module.sync.faults import put_aside
from allegro_module.sync.push_claims import UNTIL_CONNECTED, code_of, words_of

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

#: Seconds as a rule, up to an hour under load (facts.md 6.9).
BEFORE_LOOKING = tuple(timedelta(seconds=seconds) for seconds in (2, 3, 5, 10, 20, 30, 60, 120, 300))
BEFORE_SENDING = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300))
#: A report is kept for 7 days, and so long a used UUID is known: an older command is not sent again.
REPORT_LASTS = timedelta(days=6)
#: A command just taken may not be found yet.
NOT_FOUND_YET = timedelta(minutes=10)
OFFERS_PER_STATEMENT = 5000
LONGEST_IN_AUDIT = 100

#: Column of the offer row → what the command says.
MODIFICATIONS: Mapping[str, Callable[[str], Modification]] = {
    "shipping_rate_id": lambda value: Modification(delivery=Delivery(shipping_rates=Id(value))),
    "handling_time": lambda value: Modification(delivery=Delivery(handling_time=value)),
    "responsible_producer_id": lambda value: Modification(responsible_producer=Id(value)),
    "responsible_person_id": lambda value: Modification(responsible_person=Id(value)),
    "safety_text": lambda value: Modification(safety_information=SafetyText(value)),
}
CHANGEABLE = tuple(MODIFICATIONS)


def ask_change(
    session: Session,
    account_id: int,
    field: str,
    value: str,
    label: str,
    offer_ids: Sequence[int],
    who: str,
    now: datetime,
) -> OfferChange:
    """The wish as rows, one per command; the first is answered. Offers that are not on Allegro are left out.

    Raises ValueError for another field, no value, or when no offer is left.
    """
    if field not in MODIFICATIONS or not value:
        raise ValueError(f"offers cannot be changed to {field} {value!r}")
    known = _on_allegro(session, account_id, offer_ids)
    if not known:
        raise ValueError("none of these offers is on Allegro")
    portions = [known[start : start + MOST_OFFERS] for start in range(0, len(known), MOST_OFFERS)]
    command_ids = [str(uuid4()) for _ in portions]
    changes = [
        OfferChange(
            account_id=account_id,
            command_id=command_id,
            batch=command_ids[0],
            field=field,
            value=value,
            label=label[:255],
            size=len(portion),
            asked_at=now,
            asked_by=who[:100],
        )
        for command_id, portion in zip(command_ids, portions, strict=True)
    ]
    session.add_all(changes)
    session.flush()
    for change, portion in zip(changes, portions, strict=True):
        rows = [{"change_id": change.id, "offer_id": each, "problems": []} for each in portion]
        session.execute(insert(OfferChangeItem), rows)
    account = session.get_one(Account, account_id)
    details = {field: (label or value)[:LONGEST_IN_AUDIT], "offers": str(len(known))}
    record(session, now, who, "offers_changed", account.login or account.alias, details)
    return changes[0]


def _on_allegro(session: Session, account_id: int, offer_ids: Sequence[int]) -> list[int]:
    """In the order given, each once."""
    wanted = list(dict.fromkeys(offer_ids))
    known: set[int] = set()
    for start in range(0, len(wanted), OFFERS_PER_STATEMENT):
        statement = select(Offer.id).where(
            Offer.id.in_(wanted[start : start + OFFERS_PER_STATEMENT]),
            Offer.account_id == account_id,
            Offer.allegro_offer_id.is_not(None),
        )
        known.update(session.scalars(statement))
    return [each for each in wanted if each in known]


def ask_again(session: Session, change: OfferChange, who: str, now: datetime) -> OfferChange | None:
    """The same for the offers it did not reach; None when there are none."""
    offer_ids = list_offers_not_changed(session, change.batch)
    if not offer_ids:
        return None
    return ask_change(
        session, change.account_id, change.field, change.value, change.label, offer_ids, who, now
    )


@dataclass(slots=True)
class ChangeCounts:
    """Commands that ended in this run, were refused or lost, and those to be looked at later."""

    done: int = 0
    failed: int = 0
    later: int = 0

    def __str__(self) -> str:
        counts = ((self.done, "done"), (self.failed, "failed"), (self.later, "to look at later"))
        return ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to change"


def push_changes(
    session: Session, api_of: Callable[[Account], AllegroClient], clock_of: Callable[[str], Clock]
) -> ChangeCounts:
    """One step for each change that is due: send its command, or look what became of it.

    1. Claim it.  2. Remember the intention.  3. Send the command under its UUID, or read its report.
    4. Remember the outcome.  Who dies on the way leaves a claim that runs out; the command is then sent
    again under the same UUID, which Allegro carries out once. An account that cannot be reached is left
    alone until the next run.
    """
    counts = ChangeCounts()
    clocks = {account.id: clock_of(account.environment) for account in list_working_accounts(session)}
    session.rollback()
    for account_id, now in clocks.items():
        due = list_due_changes(session, now(), account_id)
        session.rollback()
        for change_id in due:
            if _push_safely(session, api_of, change_id, now, counts):
                break
    return counts


def _push_safely(
    session: Session,
    api_of: Callable[[Account], AllegroClient],
    change_id: int,
    now: Clock,
    counts: ChangeCounts,
) -> bool:
    """True when the account cannot be reached."""
    try:
        return _push(session, api_of, change_id, now, counts)
    except ChangeClaimLost:
        log.warning("change %s was taken over by another worker", change_id)
    except Exception as fault:
        put_aside(session, log, f"change {change_id}", fault)
    return False


@dataclass(frozen=True, slots=True)
class Errand:
    """What of the rows is needed between the transactions."""

    account_id: int
    command_id: str
    modification: Modification
    #: Allegro's ids.
    offer_ids: Sequence[str]
    is_running: bool
    sent_at: datetime


def _push(
    session: Session,
    api_of: Callable[[Account], AllegroClient],
    change_id: int,
    now: Clock,
    counts: ChangeCounts,
) -> bool:
    work = take(session, change_id, now)
    if work is None:
        return False
    errand = _begin(work)
    is_away = errand is not None and _go_on(work, api_of, errand)
    _count(session, change_id, counts)
    return is_away


def _begin(work: ClaimedChange) -> Errand | None:
    """Commit that the command may be sent from now on; None when it must not be."""
    with work.change() as change:
        now = work.now()
        sent_at = change.sent_at = change.sent_at or now
        is_running = change.state == ChangeState.RUNNING
        if not is_running and now - sent_at > REPORT_LASTS:
            close(change, ChangeState.FAILED, now, TOO_OLD)
            return None
        offer_ids = [] if is_running else _offers_to_send(work.session, change)
        if not is_running and not offer_ids:
            settle(work.session, change, {}, now)
            return None
        return Errand(
            account_id=change.account_id,
            command_id=change.command_id,
            modification=MODIFICATIONS[change.field](change.value),
            offer_ids=offer_ids,
            is_running=is_running,
            sent_at=sent_at,
        )


def _offers_to_send(session: Session, change: OfferChange) -> list[str]:
    """Without those that Allegro has lost since they were chosen."""
    statement = (
        select(Offer.allegro_offer_id)
        .join(OfferChangeItem, OfferChangeItem.offer_id == Offer.id)
        .where(OfferChangeItem.change_id == change.id, Offer.allegro_offer_id.is_not(None))
        .order_by(OfferChangeItem.id)
    )
    return [each for each in session.scalars(statement) if each]


def _go_on(work: ClaimedChange, api_of: Callable[[Account], AllegroClient], errand: Errand) -> bool:
    """True when the account cannot be reached."""
    api = api_of(work.session.get_one(Account, errand.account_id))
    work.session.rollback()
    try:
        if errand.is_running:
            _look(work, api, errand)
        else:
            _send(work, api, errand)
    except Refused as refusal:
        _remember_refusal(work, refusal, errand)
    except AllegroError as trouble:
        _remember_trouble(work, trouble)
        return isinstance(trouble, Unavailable | NotConnected)
    return False


def _send(work: ClaimedChange, api: AllegroClient, errand: Errand) -> None:
    """A UUID that was used before is ours: the answer to it was lost, so what remains is to look."""
    if not api.commands.modify(errand.command_id, errand.modification, errand.offer_ids):
        log.info("change %s: the command had arrived before", work.change_id)
    with work.change() as change:
        change.state = ChangeState.RUNNING
        change.looks = -1
        look_again(change, work.now() + BEFORE_LOOKING[0])


def _look(work: ClaimedChange, api: AllegroClient, errand: Errand) -> None:
    report = api.commands.report(errand.command_id)
    tasks = api.commands.tasks(errand.command_id) if report.is_finished else ()
    with work.change() as change:
        change.succeeded, change.failed, _ = report.counts
        if report.is_finished:
            settle(work.session, change, {task.offer.id: task for task in tasks}, work.now())
        else:
            look_again(change, work.now() + pause_after(BEFORE_LOOKING, change.looks))


def _remember_refusal(work: ClaimedChange, refusal: Refused, errand: Errand) -> None:
    """Of the command as a whole, or of its report, which is gone after a week."""
    log.warning("change %s: %s", work.change_id, refusal)
    with work.change() as change:
        now = work.now()
        if not errand.is_running:
            refuse_all(work.session, change, refusal.objections, now)
        elif refusal.is_missing and now - errand.sent_at > NOT_FOUND_YET:
            close(change, ChangeState.FAILED, now, GONE)
        else:
            pause = pause_after(BEFORE_LOOKING, change.looks)
            look_again(change, now + pause, "" if refusal.is_missing else words_of(refusal))


def _remember_trouble(work: ClaimedChange, trouble: AllegroError) -> None:
    log.warning("change %s: %s", work.change_id, trouble)
    with work.change() as change:
        wished = trouble.retry_after if isinstance(trouble, Unavailable) else None
        pauses = BEFORE_LOOKING if change.state == ChangeState.RUNNING else BEFORE_SENDING
        pause = pause_after(pauses, change.looks, wished)
        code = code_of(trouble)
        is_away = code in (Trouble.NOT_CONNECTED, Trouble.SCOPE_MISSING)
        look_again(change, work.now() + (UNTIL_CONNECTED if is_away else pause), code)


def _count(session: Session, change_id: int, counts: ChangeCounts) -> None:
    state = session.scalar(select(OfferChange.state).where(OfferChange.id == change_id))
    session.rollback()
    if state == ChangeState.DONE:
        counts.done += 1
    elif state == ChangeState.FAILED:
        counts.failed += 1
    else:
        counts.later += 1
