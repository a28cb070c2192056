"""Sending alarms on: by mail and by webhook, each at least once, and neither waiting for the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.alarms import (
    Alarm,
    change_alarms,
    claim_alarm,
    last_mailed_at,
    list_due_alarms,
    list_environments,
    list_unmailed_alarms,
)
from allegro_module.db.installation import installation_number
from allegro_module.sync.alarm_letters import AboutAccount, Happening, event, letter
from allegro_module.sync.mail import Letter, NotMailed
from allegro_module.sync.webhook import NotPosted

log = logging.getLogger(__name__)

MOST_AT_ONCE = 20
#: Longer than both ways together may take.
LEASE = timedelta(minutes=5)
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(days=1),
)
PATIENCE = timedelta(days=7)
#: A link that comes and goes fills nobody's mailbox: what happens meanwhile waits for the next letter.
BETWEEN_LETTERS = timedelta(hours=1)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Ways:
    """How to tell; None where the deployer named nobody.

    `mail` raises NotMailed, `post` NotPosted. `settings_page` and `shop` are for the letter's words.
    """

    mail: Callable[[Letter], None] | None
    post: Callable[[Mapping[str, str]], None] | None
    shop: str
    settings_page: Callable[[Account], str] = lambda account: ""


@dataclass(slots=True)
class Sent:
    mailed: int = 0
    posted: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Run:
    """What one run needs everywhere; a way that has just failed is not tried again in it."""

    session: Session
    ways: Ways
    sent: Sent = field(default_factory=Sent)
    mail_is_down: bool = False
    webhook_is_down: bool = False


@dataclass(frozen=True, slots=True)
class _Task:
    """A claimed alarm's values, read before the transaction ends."""

    id: int
    account_id: int
    about: AboutAccount
    happening: Happening
    tries: int
    lacks_mail: bool
    lacks_post: bool
    now: datetime


def send_alarms(session: Session, ways: Ways, clock_of: Callable[[str], Clock]) -> Sent:
    """Send what is due.

    1. Claim an alarm.  2. Post it, mail it, with no transaction open; remember each at once.
    3. What is left is tried again, with growing pauses; a letter too soon after the last one waits.
    Who dies on the way leaves it due at the end of the lease: it may then come twice, never not at all.
    """
    run = _Run(session, ways)
    nows = _nows(session, clock_of)
    due = list_due_alarms(session, nows, MOST_AT_ONCE)
    session.rollback()
    for alarm_id, due_at in due:
        task = _claim(run, alarm_id, due_at, nows)
        if task is not None:
            _send(run, task)
    return run.sent


def is_something_due(session: Session, clock_of: Callable[[str], Clock]) -> bool:
    has_some = bool(list_due_alarms(session, _nows(session, clock_of), limit=1))
    session.rollback()
    return has_some


def _nows(session: Session, clock_of: Callable[[str], Clock]) -> dict[str, datetime]:
    return {name: clock_of(name)() for name in list_environments(session)}


def _claim(run: _Run, alarm_id: int, due_at: datetime, nows: Mapping[str, datetime]) -> _Task | None:
    session = run.session
    is_ours = claim_alarm(session, alarm_id, due_at, max(nows.values()) + LEASE)
    session.commit()
    if not is_ours:
        return None
    alarm = session.get_one(Alarm, alarm_id)
    account = alarm.account
    task = _Task(
        id=alarm.id,
        account_id=account.id,
        about=_about(run.ways, account),
        happening=_happening(alarm),
        tries=alarm.tries,
        lacks_mail=run.ways.mail is not None and alarm.mailed_at is None,
        lacks_post=run.ways.post is not None and alarm.posted_at is None,
        now=nows[account.environment],
    )
    session.rollback()
    return task


def _about(ways: Ways, account: Account) -> AboutAccount:
    return AboutAccount(
        shop=ways.shop,
        login=account.login or account.alias,
        alias=account.alias,
        environment=account.environment,
        client_id=account.application.client_id,
        settings_page=ways.settings_page(account),
    )


def _happening(alarm: Alarm) -> Happening:
    return Happening(alarm.kind, alarm.reason, alarm.at)


def _send(run: _Run, task: _Task) -> None:
    is_posted = not task.lacks_post or _post(run, task)
    again_at = _mail_at(run, task) if task.lacks_mail else None
    is_mailed = not task.lacks_mail or (again_at is None and _mail(run, task))
    has_failed = not is_posted or (not is_mailed and again_at is None)
    tries = task.tries + has_failed
    if has_failed:
        retry_at = task.now + PAUSES[min(task.tries, len(PAUSES) - 1)]
        again_at = min(retry_at, again_at) if again_at else retry_at
        run.sent.failed += 1
        if retry_at > task.happening.at + PATIENCE:
            log.error("alarm %s could not be sent for a week: it is given up", task.id)
            again_at = None
    change_alarms(run.session, [task.id], tries=tries, next_try_at=again_at)
    run.session.commit()


def _post(run: _Run, task: _Task) -> bool:
    if run.ways.post is None or run.webhook_is_down:
        return False
    number = installation_number(run.session) or ""
    run.session.rollback()
    try:
        run.ways.post(event(task.about, task.happening, number))
    except NotPosted as trouble:
        log.warning("alarm %s was not posted: %s", task.id, trouble)
        run.webhook_is_down = True
        return False
    run.sent.posted += 1
    change_alarms(run.session, [task.id], posted_at=task.now)
    run.session.commit()
    return True


def _mail_at(run: _Run, task: _Task) -> datetime | None:
    """When the next letter about this account may go; None: now."""
    last = last_mailed_at(run.session, task.account_id)
    run.session.rollback()
    if last is None or not last <= task.now < last + BETWEEN_LETTERS:
        return None
    return last + BETWEEN_LETTERS


def _mail(run: _Run, task: _Task) -> bool:
    """One letter tells of everything about the account that no letter has told yet."""
    if run.ways.mail is None or run.mail_is_down:
        return False
    waiting = list_unmailed_alarms(run.session, task.account_id)
    covered, happenings = [alarm.id for alarm in waiting], [_happening(alarm) for alarm in waiting]
    number = f"allegro-alarm-{task.id}-{int(task.happening.at.timestamp())}"
    run.session.rollback()
    try:
        run.ways.mail(letter(number, task.about, happenings or [task.happening], task.now))
    except NotMailed as trouble:
        log.warning("alarm %s was not mailed: %s", task.id, trouble)
        run.mail_is_down = True
        return False
    run.sent.mailed += 1
    change_alarms(run.session, [*covered, task.id], mailed_at=task.now)
    run.session.commit()
    return True
