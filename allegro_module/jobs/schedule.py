"""What runs when: rows say when a task is due, and a tick rings each due one, once among all workers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.attachments import has_due_attachments
from allegro_module.db.links import list_open_device_attempts
from allegro_module.db.offer_changes import has_due_changes
from allegro_module.db.offers import list_offers_to_settle
from allegro_module.db.product_matches import list_proposed, list_unsettled
from allegro_module.db.promoted_offers import has_offers_to_promote
from allegro_module.db.pushes import has_due_pushes
from allegro_module.db.quick_lists import list_unfinished_lists
from allegro_module.db.schedule import Due, ScheduledTask, claim_task, put_off, read_tasks, run_again_at
from allegro_module.db.terms import has_due_terms
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.scopes import READ_OFFERS, READ_ORDERS, READ_SETTINGS, missing
from allegro_module.domain.timetable import Timetable, is_open, next_open, next_run
from allegro_module.jobs.queue import enqueue
from allegro_module.jobs.reporting import NO_ACCOUNT
from allegro_module.runtime import Runtime
from allegro_module.sync.alarms import is_something_due
from allegro_module.sync.catalogue import FRESH_FOR

log = logging.getLogger(__name__)

#: When a task could not be rung.
SOON = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Plan:
    """A task of every linked account; with `begins_late` there is nothing to do in its first interval.

    `needs` is a scope without which Allegro would refuse every run. `hours`, in minutes of the day, is what
    the seller finds set and may change. What `is_locked` keeps the link alive or the page informed: it runs
    always.
    """

    task: str
    every: timedelta
    begins_late: bool = False
    runs_switched_off: bool = False
    once_per_environment: bool = False
    needs: str = ""
    hours: tuple[int, int] | tuple[None, None] = (None, None)
    is_locked: bool = False

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.every, *self.hours)


#: When the shop and Allegro are quiet.
NIGHT = (3 * 60, 6 * 60)
PLANS = (
    Plan("import_orders", timedelta(minutes=1), needs=READ_ORDERS),
    Plan("reconcile_orders", timedelta(minutes=30), begins_late=True, needs=READ_ORDERS),
    Plan("keep_tokens", timedelta(minutes=10), runs_switched_off=True, is_locked=True),
    Plan("fetch_terms", timedelta(days=1), needs=READ_SETTINGS),
    Plan("fetch_categories", timedelta(days=1), once_per_environment=True),
    Plan("refresh_categories", timedelta(hours=1), begins_late=True, once_per_environment=True),
    Plan("fetch_carriers", timedelta(days=1), once_per_environment=True),
    Plan("match_products", timedelta(minutes=10), begins_late=True, needs=READ_OFFERS),
    Plan("prove_orders", timedelta(days=1), needs=READ_ORDERS, hours=NIGHT),
)
#: Offers whose outcome is open, of all accounts.
SETTLE = Plan("settle", timedelta(seconds=5))
#: What Allegro is to be told of orders, of all accounts.
PUSH_ORDERS = Plan("push_orders", timedelta(seconds=5))
#: Changes of many offers, and promotion of those that have become active.
PUSH_CHANGES = Plan("push_offer_changes", timedelta(seconds=5))
#: Price lists, terms, producers that the seller wants otherwise.
PUSH_TERMS = Plan("push_terms", timedelta(seconds=5))
UPLOAD_FILES = Plan("upload_attachments", timedelta(seconds=10))
SEND_ALARMS = Plan("send_alarms", timedelta(seconds=10), is_locked=True)
#: Attempts to link by a code typed on another device, so that a closed tab loses nothing.
FOLLOW_LINKS = Plan("follow_links", timedelta(seconds=5), is_locked=True)
TIDY = Plan("tidy", timedelta(days=1), begins_late=True)
#: Each once for all accounts together.
COMMON_PLANS = (PUSH_ORDERS, PUSH_TERMS, PUSH_CHANGES, UPLOAD_FILES, SETTLE, SEND_ALARMS, FOLLOW_LINKS, TIDY)
PLAN_BY_TASK = {plan.task: plan for plan in (*PLANS, *COMMON_PLANS)}


@dataclass(frozen=True, slots=True)
class Seller:
    """What the schedule needs of an account, read once per tick."""

    id: int
    environment: str
    keeps_tokens: bool
    is_working: bool
    is_connected: bool
    scopes: str


def tick(runtime: Runtime) -> list[str]:
    """Ring what is due: the names of the tasks that were rung.

    1. Make missing rows for new accounts.  2. Claim each due run in a transaction of its own.  3. Ring it.
    A task of an account that is switched off, not connected or lacks the scope stays due, and runs as soon as
    it may.
    """
    session = runtime.session
    sellers = sellers_by_id(session)
    tasks = read_tasks(session)
    session.rollback()
    _make_missing(runtime, tasks, sellers)
    return [task.name for task in tasks if _is_due(runtime, task, sellers) and _run(runtime, task, sellers)]


def sellers_by_id(session: Session) -> dict[int, Seller]:
    return {account.id: _seen(account) for account in list_linked_accounts(session)}


def _seen(account: Account) -> Seller:
    return Seller(
        id=account.id,
        environment=account.environment,
        keeps_tokens=account.keeps_tokens,
        is_working=account.is_working,
        is_connected=account.state == LinkState.CONNECTED,
        scopes=account.scopes,
    )


def _make_missing(runtime: Runtime, tasks: Sequence[Due], sellers: Mapping[int, Seller]) -> None:
    there = {(task.name, task.account_id) for task in tasks}
    missing = [row for row in _all_rows(runtime, sellers) if (row.name, row.account_id) not in there]
    if not missing:
        return
    try:
        runtime.session.add_all(missing)
        runtime.session.commit()
    except IntegrityError:
        # Another worker has just made them.
        runtime.session.rollback()


def _all_rows(runtime: Runtime, sellers: Mapping[int, Seller]) -> Iterator[ScheduledTask]:
    for plan in COMMON_PLANS:
        yield _row(plan, NO_ACCOUNT, runtime.wall_clock())
    for seller in sellers.values():
        for plan in PLANS:
            yield _row(plan, seller.id, runtime.now(seller.environment))


def _row(plan: Plan, account_id: int, now: datetime) -> ScheduledTask:
    return ScheduledTask(
        name=plan.task,
        account_id=account_id,
        every_seconds=int(plan.every.total_seconds()),
        is_on=True,
        from_minute=plan.hours[0],
        to_minute=plan.hours[1],
        next_at=next_run(plan.timetable, now) if plan.begins_late else next_open(plan.timetable, now),
    )


def _is_due(runtime: Runtime, task: Due, sellers: Mapping[int, Seller]) -> bool:
    now = _clock(runtime, task, sellers)
    # A run further away than the one after this moment was planned by a clock that has been put back since.
    is_time = task.next_at <= now or task.next_at > next_run(task.timetable, now)
    return task.is_on and is_time and waits_for(task.name, task.account_id, sellers) is None


class Wait(StrEnum):
    """Why a task that is due does not run."""

    UNKNOWN = "unknown"
    CONNECTION = "connection"
    SWITCHED_OFF = "switched_off"
    SCOPE = "scope"
    #: Another account does it for all of its environment.
    OTHER_ACCOUNT = "other_account"


def waits_for(task: str, account_id: int, sellers: Mapping[int, Seller]) -> Wait | None:
    """None: it may run."""
    plan = PLAN_BY_TASK.get(task)
    if plan is None or account_id == NO_ACCOUNT:
        return Wait.UNKNOWN if plan is None else None
    seller = sellers.get(account_id)
    if seller is None:
        return Wait.CONNECTION
    if not (seller.is_working or (plan.runs_switched_off and seller.keeps_tokens)):
        return Wait.SWITCHED_OFF if seller.is_connected else Wait.CONNECTION
    if plan.needs and missing(seller.scopes, (plan.needs,)):
        return Wait.SCOPE
    if plan.once_per_environment and not _is_first_of_environment(seller, sellers):
        return Wait.OTHER_ACCOUNT
    return None


def _is_first_of_environment(seller: Seller, sellers: Mapping[int, Seller]) -> bool:
    return seller.id == min(
        other.id for other in sellers.values() if other.is_working and other.environment == seller.environment
    )


def _run(runtime: Runtime, task: Due, sellers: Mapping[int, Seller]) -> bool:
    """Claim the run and ring it; True when it was ours and there was something to ring for.

    A run that was missed while no worker lived, and is outside its hours by now, is not made up for.
    """
    now = _clock(runtime, task, sellers)
    if not is_open(task.timetable, now):
        put_off(runtime.session, task, next_open(task.timetable, now))
        runtime.session.commit()
        return False
    is_ours = claim_task(runtime.session, task, now, next_run(task.timetable, now))
    runtime.session.commit()
    if not is_ours or not _has_work(runtime, task, sellers):
        return False
    args = () if task.account_id == NO_ACCOUNT else (task.account_id,)
    if enqueue(runtime, task.name, *args):
        return True
    _try_again_soon(runtime.session, task, now)
    return False


def _has_work(runtime: Runtime, task: Due, sellers: Mapping[int, Seller]) -> bool:
    """What is looked for every few seconds is rung only when there is something to do."""
    if task.name == SETTLE.task:
        return _has_open_offers(runtime, sellers)
    if task.name == PUSH_ORDERS.task:
        return _has_due_pushes(runtime, sellers)
    if task.name == PUSH_CHANGES.task:
        return _is_any_due(runtime, sellers, has_due_changes, has_offers_to_promote)
    if task.name == PUSH_TERMS.task:
        return _is_any_due(runtime, sellers, has_due_terms)
    if task.name == UPLOAD_FILES.task:
        return _is_any_due(runtime, sellers, has_due_attachments)
    if task.name == "match_products":
        return _has_products_to_look_up(runtime, task, sellers)
    if task.name == SEND_ALARMS.task:
        return is_something_due(runtime.session, runtime.clock)
    if task.name == FOLLOW_LINKS.task:
        return _has_open_links(runtime)
    return True


def _has_open_offers(runtime: Runtime, sellers: Mapping[int, Seller]) -> bool:
    now = _latest_now(runtime, sellers)
    has_some = now is not None and bool(list_offers_to_settle(runtime.session, now, limit=1))
    runtime.session.rollback()
    return has_some


def _has_due_pushes(runtime: Runtime, sellers: Mapping[int, Seller]) -> bool:
    now = _latest_now(runtime, sellers)
    has_some = now is not None and has_due_pushes(runtime.session, now)
    runtime.session.rollback()
    return has_some


def _is_any_due(
    runtime: Runtime, sellers: Mapping[int, Seller], *has_due: Callable[[Session, datetime], bool]
) -> bool:
    now = _latest_now(runtime, sellers)
    has_some = now is not None and any(each(runtime.session, now) for each in has_due)
    runtime.session.rollback()
    return has_some


def _latest_now(runtime: Runtime, sellers: Mapping[int, Seller]) -> datetime | None:
    """None while no account is working."""
    nows = [runtime.now(seller.environment) for seller in sellers.values() if seller.is_working]
    return max(nows, default=None)


def _has_products_to_look_up(runtime: Runtime, task: Due, sellers: Mapping[int, Seller]) -> bool:
    session, account_id = runtime.session, task.account_id
    asked_before = _clock(runtime, task, sellers) - FRESH_FOR
    has_some = (
        bool(list_unsettled(session, account_id, 1))
        or bool(list_unfinished_lists(session, account_id))
        or bool(list_proposed(session, account_id, asked_before, 1))
    )
    session.rollback()
    return has_some


def _has_open_links(runtime: Runtime) -> bool:
    has_some = bool(list_open_device_attempts(runtime.session))
    runtime.session.rollback()
    return has_some


def _try_again_soon(session: Session, task: Due, now: datetime) -> None:
    pause = min(SOON, timedelta(seconds=task.every_seconds))
    run_again_at(session, task.name, task.account_id, now + pause)
    session.commit()


def _clock(runtime: Runtime, task: Due, sellers: Mapping[int, Seller]) -> datetime:
    seller = sellers.get(task.account_id)
    return runtime.now(seller.environment) if seller else runtime.wall_clock()
