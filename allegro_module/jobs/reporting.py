"""Reporting: a job writes onto its task's row that it runs, how far it is and how it ended.

Each word is a short transaction of its own, never part of the flow's: what is shown must not depend on what
the flow commits, and a killed run leaves behind what it last said.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from time import monotonic

from rq.timeouts import JobTimeoutException
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from allegro_module.client.errors import Busy, NotConnected, Refused, Unavailable, Unexpected
from allegro_module.db.accounts import Account
from allegro_module.db.schedule import write_to_task
from allegro_module.db.trouble import hide_parameters, is_passing
from allegro_module.domain.texts import marked
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sealing import SealBroken

log = logging.getLogger(__name__)

NO_ACCOUNT = 0
#: Progress is read by people: to write each step of a fast run would slow it down.
SAY_EVERY_SECONDS = 0.5

ALLEGRO_SILENT = marked("Allegro does not answer.")
ALLEGRO_BUSY = marked("Something is being changed at Allegro; the next run goes on.")
ALLEGRO_REFUSES = marked("Allegro refused; the reason is in the log.")
ALLEGRO_STRANGE = marked("Allegro's answer was not understood; it is in the log.")
NOT_CONNECTED = marked("The account is not connected.")
DATABASE_BUSY = marked("The shop's database was busy; the next run goes on.")
SEALED = marked("The stored secrets cannot be opened; the shop's administrator must bring back their key.")
STOPPED = marked("Stopped, because the worker was stopped; the next run goes on.")
TOO_LONG = marked("Stopped after an hour; the next run goes on.")
CRASHED = marked("A mistake in the module; it is in the log.")


class Result(StrEnum):
    DONE = "done"
    PARTLY = "partly"
    FAILED = "failed"


@dataclass(slots=True)
class Report:
    """What a run says of itself; texts are source texts (`marked`), their values hold no personal data."""

    runtime: Runtime
    task: str
    account_id: int
    now: Callable[[], datetime]
    result: Result = Result.DONE
    text: str = ""
    params: dict[str, str | int] = field(default_factory=dict)
    _said_at: float = field(init=False, default=0.0)

    def done(self, text: str, **params: str | int) -> None:
        self._set(Result.DONE, text, params)

    def partly(self, text: str, **params: str | int) -> None:
        self._set(Result.PARTLY, text, params)

    def failed(self, text: str, **params: str | int) -> None:
        self._set(Result.FAILED, text, params)

    def progress(self, done: int, total: int | None = None) -> None:
        """To be called between the flow's transactions: SQLite has one writer, and that would be the flow."""
        session = self.runtime.session
        if session.in_transaction() and session.get_bind().dialect.name == "sqlite":
            return
        if done != total and monotonic() - self._said_at < SAY_EVERY_SECONDS:
            return
        self._said_at = monotonic()
        self.write(progress_done=done, progress_total=total)

    def write(self, **values: object) -> None:
        """A database that is busy or away for a moment must not end the run: only the words are lost."""
        try:
            with Session(self.runtime.db.engine) as session:
                write_to_task(session, self.task, self.account_id, **values)
                session.commit()
        except SQLAlchemyError as trouble:
            hide_parameters(trouble)
            if not is_passing(trouble):
                raise
            log.warning("%s: its progress could not be written (%s)", self.task, type(trouble).__name__)

    def _set(self, result: Result, text: str, params: dict[str, str | int]) -> None:
        self.result, self.text, self.params = result, text, params


@contextmanager
def reported(task: str, account_id: int = NO_ACCOUNT) -> Iterator[Report]:
    """Around the work of a job, in its app context; a task without a row is run all the same."""
    runtime = current_runtime()
    runtime.session.rollback()
    report = Report(runtime, task, account_id, _clock(runtime, account_id))
    report.write(started_at=report.now(), finished_at=None, progress_done=0, progress_total=None)
    try:
        yield report
    except BaseException as trouble:
        report.failed(words_of(trouble))
        raise
    finally:
        # What is not committed by now never will be, and would keep the row locked.
        runtime.session.rollback()
        message = {"text": report.text, "params": report.params}
        report.write(finished_at=report.now(), result=str(report.result), message=message)


def words_of(trouble: BaseException) -> str:
    """An outage is nobody's mistake, and is told calmly."""
    if isinstance(trouble, SQLAlchemyError):
        return DATABASE_BUSY if is_passing(trouble) else CRASHED
    words = {
        Unavailable: ALLEGRO_SILENT,
        Busy: ALLEGRO_BUSY,
        Refused: ALLEGRO_REFUSES,
        Unexpected: ALLEGRO_STRANGE,
        NotConnected: NOT_CONNECTED,
        SealBroken: SEALED,
        JobTimeoutException: TOO_LONG,
        SystemExit: STOPPED,
        KeyboardInterrupt: STOPPED,
    }
    return next((text for kind, text in words.items() if isinstance(trouble, kind)), CRASHED)


def _clock(runtime: Runtime, account_id: int) -> Callable[[], datetime]:
    """The row's times are by the clock that the schedule plans it with."""
    if account_id == NO_ACCOUNT:
        return runtime.wall_clock
    with Session(runtime.db.engine) as session:
        environment = session.scalar(select(Account.environment).where(Account.id == account_id))
    return runtime.clock(environment) if environment else runtime.wall_clock
