"""The page *Harmonogram zadań*: what runs when, how it went, running it now and changing its times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from allegro_module.client.governor import ALL_CALLS
from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.audit import record
from allegro_module.db.failures import Failure, list_open_failures
from allegro_module.db.schedule import ScheduledTask, find_task, list_tasks, lock_task
from allegro_module.domain.permissions import Permission
from allegro_module.domain.timetable import POLAND, Timetable, coming_runs, next_open
from allegro_module.jobs.queue import enqueue
from allegro_module.jobs.reporting import NO_ACCOUNT
from allegro_module.jobs.schedule import PLAN_BY_TASK, sellers_by_id, waits_for
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync import local_checks
from allegro_module.web.forms.schedule import TaskForm
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.history_words import ARROW
from allegro_module.web.i18n import t
from allegro_module.web.preparation import COMMAND
from allegro_module.web.schedule_rows import Row, args_of, read_board
from allegro_module.web.schedule_words import DAYS, NAMES, words_of_hours
from allegro_module.web.security import requires
from allegro_module.web.ui import LARGEST_ACCOUNT_ID, tell

FIRST_SHOWN = "import_orders"
#: What these set aside is told beside the table.
WITH_FAILURES = frozenset({"import_orders", "reconcile_orders"})
MOST_FAILURES = 10
MOST_COMING = 3
ORDER_FAILURE = "order"


def create_blueprint() -> Blueprint:
    page = Blueprint("schedule", __name__, url_prefix="/schedule")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("/save", "save", save, methods=["POST"])
    page.add_url_rule("/switch", "switch", switch, methods=["POST"])
    page.add_url_rule("/run", "run_now", run_now, methods=["POST"])
    return page


@requires(Permission.VIEW)
def index() -> Response:
    return _show(current_runtime(), None)


@requires(Permission.SETTINGS)
def save() -> Response:
    runtime = current_runtime()
    task = _locked_task(runtime)
    form = TaskForm(request.form, task)
    if not form.validate():
        runtime.session.rollback()
        return _show(runtime, request.form.to_dict(flat=False))
    before = task.timetable
    _plan(runtime, task, form.timetable)
    _note(runtime, task, _changes(before, task.timetable))
    runtime.session.commit()
    tell("ok", t("Saved."), t("The schedule goes by it from now on."))
    return _back()


@requires(Permission.SETTINGS)
def switch() -> Response:
    runtime = current_runtime()
    task = _locked_task(runtime)
    is_on = request.form.get("is_on") == "1"
    if is_on != task.is_on:
        task.is_on = is_on
        _plan(runtime, task, task.timetable)
        _note(runtime, task, {"is_enabled": f"{not is_on}{ARROW}{is_on}"})
    runtime.session.commit()
    # Where browsers put the focus: the switch that was pressed.
    return _back(f"switch-{task.name}")


@requires(Permission.HANDLE_ORDERS)
def run_now() -> Response:
    """Also outside its hours, and when it is off; a run that waits or goes on is not doubled."""
    runtime = current_runtime()
    task = _asked_task(runtime)
    name, args = task.name, args_of(task)
    wait = waits_for(name, task.account_id, sellers_by_id(runtime.session))
    runtime.session.rollback()
    if wait is not None:
        tell("warn", t("This task cannot run now."), t("Its row says what it waits for."))
    elif not enqueue(runtime, name, *args):
        title = t("The queue does not answer, so the task could not be started now.")
        tell("warn", title, t("Nothing is lost: it runs at its usual time. Tell the shop's administrator."))
    return _back()


def _show(runtime: Runtime, sent: dict[str, list[str]] | None) -> Response:
    accounts = list_linked_accounts(runtime.session)
    account = _asked_account(accounts)
    board = read_board(runtime, account)
    chosen = board.find(request.values.get("task", "")) or board.find(FIRST_SHOWN) or board.first
    form = _form(chosen, sent)
    return page_or_fragment(
        "allegro/schedule/index.html",
        "allegro/schedule/_tasks.html",
        status=422 if form is not None and form.errors else 200,
        accounts=accounts,
        account=account,
        board=board,
        chosen=chosen,
        form=form,
        coming=_coming(chosen) if chosen else "",
        days=[(str(number), t(day)) for number, day in enumerate(DAYS, 1)],
        failures=_failures(runtime, chosen),
        clock=runtime.wall_clock().astimezone(POLAND).strftime("%H:%M"),
        is_worker_there=local_checks.worker(list_tasks(runtime.session), runtime.wall_clock()).is_fine,
        command=COMMAND,
        calls_used=runtime.calls_used(account) if account is not None else None,
        calls_most=ALL_CALLS.calls,
    )


def _form(chosen: Row | None, sent: dict[str, list[str]] | None) -> TaskForm | None:
    if chosen is None:
        return None
    form = TaskForm(request.form if sent is not None else None, chosen.task)
    if sent is not None:
        form.validate()
    return form


def _asked_account(accounts: Sequence[Account]) -> Account | None:
    """The one in the address, else the first; 404 for one that is not linked."""
    raw = request.values.get("account", "")
    if raw in ("", str(NO_ACCOUNT)):
        return accounts[0] if accounts else None
    return next((account for account in accounts if str(account.id) == raw), None) or abort(404)


def _asked_task(runtime: Runtime) -> ScheduledTask:
    name, raw = request.form.get("task", ""), request.form.get("of", "")
    account_id = int(raw) if raw.isdecimal() and len(raw) <= 10 else LARGEST_ACCOUNT_ID
    if name not in NAMES or account_id > LARGEST_ACCOUNT_ID:
        abort(404)
    return find_task(runtime.session, name, account_id) or abort(404)


def _locked_task(runtime: Runtime) -> ScheduledTask:
    """Held until the end of the transaction, so that no tick plans it meanwhile; 404 for a fixed one."""
    task = _asked_task(runtime)
    if PLAN_BY_TASK[task.name].is_locked:
        abort(404)
    task_id = task.id
    runtime.session.rollback()
    lock_task(runtime.session, task_id)
    return task


def _plan(runtime: Runtime, task: ScheduledTask, table: Timetable) -> None:
    """The next run by these times, not earlier than a pause after the last."""
    now = _now(runtime, task)
    last = min(task.last_at, now) if task.last_at else None
    task.every_seconds = int(table.pause.total_seconds())
    task.from_minute, task.to_minute, task.weekdays = table.from_minute, table.to_minute, table.days
    task.next_at = next_open(table, max(now, last + table.pause) if last else now)
    task.changed_by = runtime.who()[:100]


def _now(runtime: Runtime, task: ScheduledTask) -> datetime:
    seller = sellers_by_id(runtime.session).get(task.account_id)
    return runtime.now(seller.environment) if seller else runtime.wall_clock()


def _note(runtime: Runtime, task: ScheduledTask, changes: dict[str, str]) -> None:
    if not changes:
        return
    accounts = {account.id: account for account in list_linked_accounts(runtime.session)}
    account = accounts.get(task.account_id)
    subject = (account.login or account.alias) if account else ""
    now = _now(runtime, task)
    record(runtime.session, now, runtime.who(), "task_changed", subject, {"task": task.name, **changes})


def _changes(before: Timetable, after: Timetable) -> dict[str, str]:
    old, new = _audited(before), _audited(after)
    return {name: f"{old[name]}{ARROW}{new[name]}" for name in new if new[name] != old[name]}


def _audited(table: Timetable) -> dict[str, str]:
    return {
        "pause": str(int(table.pause.total_seconds())),
        "hours": words_of_hours(table.from_minute, table.to_minute),
        "weekdays": table.days,
    }


def _coming(row: Row) -> str:
    """„dziś 14:30, 15:00, 15:30”: what the stored times lead to."""
    if not row.task.is_on or row.wait is not None:
        return ""
    runs = coming_runs(row.task.timetable, max(row.task.next_at, row.now), MOST_COMING)
    by_day = groupby((run.astimezone(POLAND) for run in runs), key=lambda run: run.date())
    today = row.now.astimezone(POLAND).date()
    parts = []
    for day, moments in by_day:
        clocks = ", ".join(dict.fromkeys(moment.strftime("%H:%M") for moment in moments))
        names = {0: t("today"), 1: t("tomorrow")}
        parts.append(f"{names.get((day - today).days, day.strftime('%d.%m'))} {clocks}")
    return "; ".join(parts)


def _failures(runtime: Runtime, chosen: Row | None) -> Sequence[Failure]:
    if chosen is None or chosen.task.name not in WITH_FAILURES:
        return []
    found = list_open_failures(runtime.session, chosen.task.account_id)
    return [failure for failure in found if failure.kind == ORDER_FAILURE][:MOST_FAILURES]


def _back(anchor: str | None = None) -> Response:
    account, task = request.form.get("account"), request.form.get("task")
    address = url_for("allegro.schedule.index", account=account, task=task, _anchor=anchor)
    return redirect(address, 303)
