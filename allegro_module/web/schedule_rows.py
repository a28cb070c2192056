"""Rows of the page *Harmonogram zadań*: each task as it stands, runs or waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from markupsafe import Markup

from allegro_module.db.accounts import Account
from allegro_module.db.schedule import ScheduledTask, list_tasks
from allegro_module.jobs.queue import LONGEST_JOB_SECONDS, JobState, job_id_of, look_at_jobs
from allegro_module.jobs.reporting import NO_ACCOUNT, Result
from allegro_module.jobs.schedule import PLAN_BY_TASK, Seller, Wait, sellers_by_id, waits_for
from allegro_module.runtime import Runtime
from allegro_module.web.formats import number, time_element
from allegro_module.web.i18n import t
from allegro_module.web.labels import Label
from allegro_module.web.schedule_words import (
    AFTER_CHANGES,
    INTERRUPTED,
    NAMES,
    QUEUED,
    SUBLINES,
    UNDER_WAY,
    WAITS,
    label_of_result,
    name_of_task,
    words_of_message,
    words_of_timetable,
)

#: Shown with a decimal below.
LONG_RUN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Row:
    """`next_words` is empty when a time can be told: `next_at`."""

    task: ScheduledTask
    now: datetime
    state: Label
    wait: Label | None
    is_locked: bool
    is_busy: bool
    is_failed: bool

    @property
    def name(self) -> str:
        return name_of_task(self.task.name)

    @property
    def subline(self) -> str:
        return t(SUBLINES[self.task.name]) if self.task.name in SUBLINES else ""

    @property
    def when(self) -> str:
        return words_of_timetable(self.task.name, self.task.timetable)

    @property
    def details(self) -> Sequence[str | Markup]:
        """When the last run was and how long it took; how far the one going on is."""
        if self.is_busy:
            return [self.progress_words] if self.progress_words else []
        return list(self._about_last_run())

    def _about_last_run(self) -> Iterator[str | Markup]:
        task = self.task
        if task.started_at is None:
            return
        yield time_element(task.finished_at or task.started_at, self.now)
        if task.finished_at is not None and task.finished_at >= task.started_at:
            yield t("took %(time)s", time=duration(task.finished_at - task.started_at))
        words = words_of_message(task.message)
        if self.is_failed and words and words.rstrip(".") != self.state.text:
            yield words

    @property
    def progress_words(self) -> str:
        """„148 z 286”; nothing before the first is done."""
        task = self.task
        if task.progress_total:
            done, total = number(task.progress_done), number(task.progress_total)
            return t("%(done)s of %(total)s", done=done, total=total)
        return t("%(done)s so far", done=number(task.progress_done)) if task.progress_done else ""

    @property
    def next_words(self) -> str | Markup:
        if not self.task.is_on or self.wait is not None:
            return "–"
        if self.task.name in AFTER_CHANGES and self.task.timetable.is_always:
            return t("after a change")
        if self.task.next_at <= self.now:
            return t("in a moment")
        return time_element(self.task.next_at, self.now)

    @property
    def may_run(self) -> bool:
        return self.wait is None and not self.is_busy


def duration(time: timedelta) -> str:
    seconds = Decimal(time / timedelta(seconds=1))
    if time < LONG_RUN:
        return t("%(num)s s", num=number(seconds.quantize(Decimal("0.1"))))
    if seconds < 60:
        return t("%(num)s s", num=number(int(seconds)))
    return t("%(minutes)s min %(seconds)s s", minutes=int(seconds // 60), seconds=int(seconds % 60))


@dataclass(frozen=True, slots=True)
class Board:
    """All rows of one account, and those common to all. `is_queue_there`: jobs can be rung."""

    own: Sequence[Row]
    common: Sequence[Row]
    is_queue_there: bool

    @property
    def is_busy(self) -> bool:
        return any(row.is_busy for row in (*self.own, *self.common))

    @property
    def first(self) -> Row | None:
        return next(iter((*self.own, *self.common)), None)

    def find(self, name: str) -> Row | None:
        return next((row for row in (*self.own, *self.common) if row.task.name == name), None)


def read_board(runtime: Runtime, account: Account | None) -> Board:
    session = runtime.session
    sellers = sellers_by_id(session)
    here = {NO_ACCOUNT, account.id} if account is not None else {NO_ACCOUNT}
    tasks = [task for task in list_tasks(session) if task.name in NAMES and task.account_id in here]
    jobs = look_at_jobs(runtime, [_job_id(task) for task in tasks])
    rows = [_row(runtime, task, sellers, jobs) for task in sorted(tasks, key=_order)]
    shown = [row for row in rows if row.wait is None or row.wait.text != t(WAITS[Wait.OTHER_ACCOUNT].text)]
    return Board(
        own=[row for row in shown if row.task.account_id != NO_ACCOUNT],
        common=[row for row in shown if row.task.account_id == NO_ACCOUNT],
        is_queue_there=jobs is not None,
    )


def _order(task: ScheduledTask) -> int:
    return list(NAMES).index(task.name)


def _job_id(task: ScheduledTask) -> str:
    return job_id_of(task.name, *args_of(task))


def args_of(task: ScheduledTask) -> tuple[int, ...]:
    return () if task.account_id == NO_ACCOUNT else (task.account_id,)


def _row(
    runtime: Runtime,
    task: ScheduledTask,
    sellers: Mapping[int, Seller],
    jobs: Mapping[str, JobState] | None,
) -> Row:
    seller = sellers.get(task.account_id)
    now = runtime.now(seller.environment) if seller else runtime.wall_clock()
    wait = waits_for(task.name, task.account_id, sellers)
    job = _job_of(task, jobs, now)
    return Row(
        task=task,
        now=now,
        state=_state(task, job),
        wait=WAITS[wait].translated() if wait else None,
        is_locked=PLAN_BY_TASK[task.name].is_locked,
        is_busy=job is not None,
        is_failed=task.result == Result.FAILED,
    )


def _job_of(task: ScheduledTask, jobs: Mapping[str, JobState] | None, now: datetime) -> JobState | None:
    """What the queue says; while it cannot be asked, what the row says, as long as that can be true."""
    if jobs is not None:
        return jobs.get(_job_id(task))
    longest = timedelta(seconds=LONGEST_JOB_SECONDS)
    may_run = task.is_under_way and task.started_at is not None and now - task.started_at < longest
    return JobState.RUNNING if may_run else None


def _state(task: ScheduledTask, job: JobState | None) -> Label:
    if job is not None:
        return (UNDER_WAY if job is JobState.RUNNING else QUEUED).translated()
    if task.is_under_way:
        return INTERRUPTED.translated()
    return label_of_result(task.result, task.message)
