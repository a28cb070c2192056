"""What jobs write onto their task's row."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from allegro_module.client.errors import NotConnected, Unavailable
from allegro_module.db.accounts import Account
from allegro_module.db.schedule import ScheduledTask
from allegro_module.jobs import tasks
from allegro_module.jobs.reporting import (
    ALLEGRO_SILENT,
    CRASHED,
    NOT_CONNECTED,
    STOPPED,
    reported,
    words_of,
)
from allegro_module.jobs.schedule import tick
from allegro_module.simulator.bulk import place_many
from tests.jobs.host import SELLER, Host


@pytest.fixture
def account_id(host: Host) -> int:
    account_id = host.link()
    tick(host.runtime)
    return account_id


def the_task(host: Host, name: str = "import_orders") -> ScheduledTask:
    """As another process sees it."""
    with Session(host.runtime.db.engine) as session:
        task = session.scalars(select(ScheduledTask).where(ScheduledTask.name == name)).one()
        session.expunge(task)
    return task


def test_import_says_what_it_did(host: Host, account_id: int) -> None:
    place_many(host.world, host.world.sellers[SELLER], 2)

    tasks.import_orders(account_id)

    task = the_task(host)
    assert (task.result, task.message["params"]) == ("done", {"new": 2, "changed": 0})
    assert not task.is_under_way
    assert task.started_at == task.finished_at == host.world.now()


def test_allegro_away_is_told_as_that(host: Host, account_id: int) -> None:
    host.simulator.faults.status("*", 503, times=50)

    for task in (tasks.import_orders, tasks.fetch_terms):
        task(account_id)

    assert the_task(host).message["text"] == ALLEGRO_SILENT
    assert the_task(host, "fetch_terms").message["text"] == ALLEGRO_SILENT
    assert the_task(host).result == "failed"


def test_job_of_an_account_that_rests_says_nothing(host: Host, account_id: int) -> None:
    session = host.runtime.session
    session.execute(update(Account).values(is_enabled=False))
    session.commit()

    tasks.import_orders(account_id)

    assert the_task(host).started_at is None


def test_run_going_on_is_seen_from_outside_with_its_progress(host: Host, account_id: int) -> None:
    with reported("import_orders", account_id) as report:
        report.progress(148, 286)
        seen = the_task(host)

    assert seen.is_under_way
    assert (seen.progress_done, seen.progress_total) == (148, 286)


def test_killed_run_stays_as_it_was_and_the_next_begins_anew(host: Host, account_id: int) -> None:
    killed = reported("import_orders", account_id)
    killed.__enter__().progress(5, 10)
    host.world.clock.advance(timedelta(hours=-2).total_seconds())
    assert the_task(host).is_under_way

    tasks.import_orders(account_id)

    task = the_task(host)
    assert not task.is_under_way
    assert (task.progress_done, task.result) == (0, "done")


def test_mistake_of_ours_is_told_and_goes_on_up(host: Host, account_id: int) -> None:
    with pytest.raises(ZeroDivisionError), reported("import_orders", account_id):
        raise ZeroDivisionError

    assert (the_task(host).result, the_task(host).message["text"]) == ("failed", CRASHED)


def test_report_neither_saves_nor_loses_with_the_flow(host: Host, account_id: int) -> None:
    session = host.runtime.session
    with pytest.raises(SystemExit), reported("import_orders", account_id):
        session.execute(update(Account).values(city="Nigdzie"))
        raise SystemExit(1)

    assert the_task(host).message["text"] == STOPPED
    assert session.scalars(select(Account.city)).one() != "Nigdzie"


def test_progress_within_a_transaction_of_the_flow_does_not_wait_for_it(host: Host, account_id: int) -> None:
    session, started = host.runtime.session, monotonic()
    with reported("import_orders", account_id) as report:
        session.execute(update(Account).values(city="Gdynia"))
        report.progress(1, 2)
        session.commit()

    assert monotonic() - started < 5
    assert the_task(host).progress_done == 0


def test_fast_run_writes_its_progress_seldom(host: Host, account_id: int) -> None:
    written: list[object] = []
    event.listen(host.runtime.db.engine, "commit", written.append)
    with reported("import_orders", account_id) as report:
        for done in range(1, 2001):
            report.progress(done, 2000)

    assert the_task(host).progress_done == 2000
    assert len(written) < 100


def test_task_without_a_row_is_run_all_the_same(host: Host) -> None:
    account_id = host.link()
    place_many(host.world, host.world.sellers[SELLER], 1)

    tasks.import_orders(account_id)

    with Session(host.runtime.db.engine) as session:
        assert session.scalars(select(ScheduledTask)).all() == []


def test_tokens_kept_say_whether_they_were_renewed(host: Host, account_id: int) -> None:
    tasks.keep_tokens(account_id)
    first = the_task(host, "keep_tokens").message["text"]
    host.world.clock.advance(timedelta(hours=11, minutes=30).total_seconds())
    tasks.keep_tokens(account_id)

    assert (first, the_task(host, "keep_tokens").message["text"]) == ("Not needed yet", "Renewed")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(Unavailable(), ALLEGRO_SILENT), (NotConnected(), NOT_CONNECTED), (KeyError("x"), CRASHED)],
)
def test_troubles_have_words(trouble: Exception, words: str) -> None:
    assert words_of(trouble) == words
