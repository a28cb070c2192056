"""When Allegro, the database or a key fails: a clear state, no loop, no pair of Allegro's is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from allegro_module.client.errors import NotConnected, Reason, Unavailable
from allegro_module.db.accounts import Application
from allegro_module.db.alarms import CONNECTION_LOST, CONNECTION_RESTORED
from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.accounts import FRESH_ACCESS_REFUSED, LinkState
from allegro_module.domain.renewal import GRACE
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator.faults import Kind
from allegro_module.tokens.stored import ONCE_AFTER_401
from tests.tokens.linked import KEY, ME, SELLER, TOKEN, Link


def away(ask: Callable[[], object]) -> Unavailable:
    with pytest.raises(Unavailable) as raised:
        ask()
    return raised.value


# Allegro does not answer.


@pytest.mark.parametrize("kind", [Kind.LOSE_ANSWER, Kind.RESET, Kind.MALFORMED])
def test_answer_lost_again_and_again_is_asked_for_within_the_grace(link: Link, kind: Kind) -> None:
    link.expire()
    link.simulator.faults.add(TOKEN, kind, times=3)
    asked_at = link.world.now()

    wait = away(link.tokens().access_token).retry_after

    assert wait
    assert link.row(lambda row: row.refresh_again_at) == link.world.now() + wait
    link.forward(wait.total_seconds())
    assert link.world.now() - asked_at < GRACE / 2
    assert link.is_good(link.tokens().access_token())
    assert link.row(lambda row: (row.refresh_failures, row.refresh_again_at)) == (0, None)


@pytest.mark.parametrize("status", [429, 503])
def test_answer_lost_once_is_not_forgotten_over_other_failures(link: Link, status: int) -> None:
    link.expire()
    link.simulator.faults.lose_answer(TOKEN)
    link.simulator.faults.status(TOKEN, status, times=2)

    while link.row(lambda row: row.token_version) == 0:
        again_at = link.row(lambda row: row.refresh_again_at) or link.world.now()
        link.forward((again_at - link.world.now()).total_seconds())
        with suppress(Unavailable):
            link.keep()

    assert link.is_good(link.tokens().access_token())


@pytest.mark.parametrize("status", [429, 503])
def test_nobody_asks_again_before_the_wait_is_over(link: Link, status: int) -> None:
    link.expire()
    link.simulator.faults.status(TOKEN, status, times=99)

    waits = []
    for _ in range(12):
        error = away(link.tokens().access_token)
        asked = len(link.counter.refreshes)
        assert away(link.tokens().access_token).retry_after == error.retry_after
        assert away(link.api().account.me).retry_after == error.retry_after
        assert len(link.counter.refreshes) == asked
        assert error.retry_after
        waits.append(error.retry_after.total_seconds())
        link.forward(waits[-1])

    assert waits[0] == (60 if status == 429 else 5)
    assert waits == sorted(waits)
    assert waits[-1] == 600
    assert link.row(lambda row: row.state) == LinkState.CONNECTED


@pytest.fixture
def next_run(link: Link) -> Callable[[], timedelta]:
    """How long until the keep-alive comes by: planned in ten minutes."""
    link.expire()
    with Session(link.engine) as session:
        at = link.world.now() + timedelta(minutes=10)
        session.add(
            ScheduledTask(name="keep_tokens", account_id=link.account_id, every_seconds=600, next_at=at)
        )
        session.commit()

    def wait() -> timedelta:
        with Session(link.engine) as session:
            return session.scalars(select(ScheduledTask.next_at)).one() - link.world.now()

    return wait


def test_keep_alive_comes_as_soon_as_the_wait_is_over(link: Link, next_run: Callable[[], timedelta]) -> None:
    link.simulator.faults.lose_answer(TOKEN, times=3)

    away(link.tokens().access_token)

    assert next_run() <= timedelta(seconds=10)
    link.forward(10)
    assert link.keep() is True
    assert link.is_good(link.tokens().access_token())


def test_keep_alive_comes_within_the_grace_when_whoever_asks_dies(
    link: Link, next_run: Callable[[], timedelta]
) -> None:
    def die(counter: object) -> None:
        raise KeyboardInterrupt

    link.counter.afterwards = die

    with pytest.raises(KeyboardInterrupt):
        link.tokens().access_token()

    assert next_run() < GRACE / 2
    link.counter.afterwards = None
    link.forward(next_run().total_seconds())
    assert link.keep() is True
    assert link.is_good(link.tokens().access_token())


def test_token_that_is_still_good_is_used_while_it_cannot_be_renewed(link: Link) -> None:
    old = link.tokens().access_token()
    link.forward(timedelta(hours=11, minutes=57).total_seconds())
    link.simulator.faults.status(TOKEN, 503, times=9)
    tokens = link.tokens()

    assert [tokens.access_token() for _ in range(3)] == [old] * 3
    assert len(link.counter.refreshes) == 1

    link.forward(180)
    away(tokens.access_token)


def test_page_of_a_gateway_is_no_refusal(link: Link) -> None:
    link.expire()
    link.simulator.faults.status(TOKEN, 403)

    away(link.tokens().access_token)

    assert link.row(lambda row: row.state) == LinkState.CONNECTED


def test_wait_planned_by_a_clock_that_was_put_back_is_not_kept(link: Link) -> None:
    link.expire()
    link.change(refresh_again_at=link.world.now() + timedelta(hours=3), refresh_failures=2)

    assert link.is_good(link.tokens().access_token())


# Allegro says 401 to a token that looks valid.


def test_refused_token_is_renewed_once_and_the_call_repeated(link: Link) -> None:
    link.void()

    link.api().account.me()

    assert (len(link.counter.refreshes), len(link.counter.calls)) == (1, 2)
    assert link.row(lambda row: row.renewed_after_401_at) == link.world.now()


def test_second_refusal_soon_after_waits_instead_of_renewing_again_and_again(link: Link) -> None:
    link.void()
    link.api().account.me()
    link.forward(120)
    link.void()

    waits = {away(link.api().account.me).retry_after for _ in range(5)}

    assert waits == {ONCE_AFTER_401 - timedelta(seconds=120)}
    assert len(link.counter.refreshes) == 1
    link.forward(ONCE_AFTER_401.total_seconds())
    link.api().account.me()
    assert link.row(lambda row: row.state) == LinkState.CONNECTED


def test_fresh_token_refused_as_well_needs_the_seller(link: Link) -> None:
    link.simulator.faults.status(ME, 401, times=2)

    with pytest.raises(NotConnected):
        link.api().account.me()

    assert link.row(lambda row: (row.state, row.state_reason)) == (
        LinkState.NEEDS_RECONNECT,
        FRESH_ACCESS_REFUSED,
    )
    assert link.alarms() == [CONNECTION_LOST]
    with pytest.raises(NotConnected):
        link.api().account.me()
    assert (len(link.counter.refreshes), len(link.counter.calls)) == (1, 2)


def test_token_that_a_neighbour_has_replaced_proves_nothing(link: Link) -> None:
    mine = link.tokens()
    fresh = mine.renewed(mine.access_token())
    link.forward(10)
    link.tokens().renew()

    away(lambda: mine.refused_again(fresh))

    assert link.row(lambda row: row.state) == LinkState.CONNECTED


def test_node_that_must_not_refresh_gets_the_pair_of_one_that_may_also_after_401(link: Link) -> None:
    link.void()
    neighbour = iter([False, True])

    def pause(seconds: float) -> None:
        link.forward(seconds)
        if next(neighbour, False):
            link.keep()

    me = link.api(may_refresh=False, pause=pause).account.me()

    assert me.login == SELLER
    assert len(link.counter.refreshes) == 1


def test_node_that_must_not_refresh_never_does(link: Link) -> None:
    link.void()

    away(link.api(may_refresh=False).account.me)
    away(link.tokens(may_refresh=False).renew)
    link.expire()
    assert link.keep(may_refresh=False) is False
    link.change(state=LinkState.NEEDS_RECONNECT, refused_runs=9)
    away(lambda: link.keep(may_refresh=False))

    assert link.counter.refreshes == []


# The whole application is held back.


def test_limit_reached_by_one_account_holds_back_all_of_the_application(link: Link) -> None:
    link.simulator.faults.status(ME, 429)
    api = link.api()

    assert away(api.account.me).retry_after == timedelta(seconds=60)

    link.forward(20)
    assert away(api.account.me).retry_after == timedelta(seconds=40)
    assert away(link.api().account.me).retry_after == timedelta(seconds=40)
    assert away(link.api(account_id=link.add_account(alias="XX")).account.me).retry_after
    assert away(link.tokens().renew).retry_after == timedelta(seconds=40)
    assert (len(link.counter.calls), link.counter.refreshes) == (1, [])
    link.forward(40)
    assert api.account.me().login == SELLER


def test_limit_of_one_application_is_none_of_another(link: Link) -> None:
    now, secret = link.world.now(), Seal([KEY]).close("other")
    other = Application(
        environment="simulator",
        client_id="other",
        sealed_client_secret=secret,
        created_at=now,
        changed_at=now,
    )
    account_id = link.add_account(alias="XX", application=other)
    link.simulator.faults.status(ME, 429)
    away(link.api().account.me)

    assert link.api(account_id=account_id).account.me().login == SELLER


@pytest.mark.parametrize(("asked", "held_back"), [(7, 7), (36_000, 300)])
def test_wait_that_allegro_asks_for_is_kept_within_reason(link: Link, asked: int, held_back: int) -> None:
    link.simulator.faults.status(ME, 429, retry_after=asked)

    away(link.api().account.me)

    with Session(link.engine) as session:
        until = session.scalars(select(Application.paused_until)).one()
    assert until == link.world.now() + timedelta(seconds=held_back)


# A key is missing.


def test_missing_key_changes_nothing_and_heals_by_itself(link: Link) -> None:
    other = Seal([new_key()])

    for ask in (link.api(seal=other).account.me, lambda: link.keep(seal=other)):
        with pytest.raises(NotConnected) as raised:
            ask()
        assert raised.value.reason is Reason.KEY_MISSING
    link.expire()
    with pytest.raises(NotConnected):
        link.tokens(seal=other).access_token()

    assert link.row(lambda row: row.state) == LinkState.CONNECTED
    assert (link.counter.refreshes, link.counter.calls) == ([], [])
    assert link.is_good(link.tokens(seal=Seal([new_key(), KEY])).access_token())


def test_application_s_secret_that_cannot_be_opened_stops_only_the_renewal(link: Link) -> None:
    with Session(link.engine) as session:
        session.scalars(select(Application)).one().sealed_client_secret = Seal([new_key()]).close("secret")
        session.commit()
    link.api().account.me()
    link.expire()

    with pytest.raises(NotConnected) as raised:
        link.tokens().access_token()

    assert raised.value.reason is Reason.KEY_MISSING
    assert link.row(lambda row: row.state) == LinkState.CONNECTED


# The database cannot take the new pair.


def test_pair_received_while_the_database_is_locked_is_saved_as_soon_as_it_is_not(
    link_on_sqlite: Link, caplog: pytest.LogCaptureFixture
) -> None:
    link, pauses = link_on_sqlite, list[float]()
    link.expire()
    engine = create_engine(link.engine.url, connect_args={"timeout": 0.01})
    locker = sqlite3.connect(link.engine.url.database or "", isolation_level=None)
    link.counter.afterwards = lambda counter: locker.execute("begin immediate")

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        link.forward(seconds)
        if sum(pauses) > 100:
            locker.rollback()

    token = link.tokens(engine=engine, pause=pause).access_token()
    locker.close()
    engine.dispose()

    assert link.is_good(token)
    assert link.tokens().access_token() == token
    assert link.row(lambda row: (row.token_version, row.refresh_claim)) == (1, None)
    assert token not in caplog.text
    assert "could not be saved yet" in caplog.text
    assert len(link.counter.refreshes) == 1


@pytest.mark.postgres
def test_pair_is_saved_although_the_connection_that_held_the_lock_was_ended(link_on_postgres: Link) -> None:
    link = link_on_postgres
    link.expire()
    others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"

    def end_connections(counter: object) -> None:
        with Session(link.engine) as session:
            session.execute(text(f"select pg_terminate_backend(pid) {others}"))

    link.counter.afterwards = end_connections
    token = link.tokens().access_token()

    assert link.is_good(token)
    assert link.tokens().access_token() == token
    assert len(link.counter.refreshes) == 1


def test_pair_saved_late_brings_back_an_account_that_a_neighbour_gave_up(link_on_sqlite: Link) -> None:
    link = link_on_sqlite
    link.expire()
    link.counter.afterwards = lambda counter: link.change(state=LinkState.NEEDS_RECONNECT)

    token = link.tokens().access_token()

    assert link.is_good(token)
    assert link.row(lambda row: row.state) == LinkState.CONNECTED
    assert link.alarms() == [CONNECTION_RESTORED]


def test_account_disconnected_while_it_is_renewed_stays_so(link_on_sqlite: Link) -> None:
    link = link_on_sqlite
    link.expire()
    link.counter.afterwards = lambda counter: link.change(
        state=LinkState.DISCONNECTED, sealed_access_token=None, sealed_refresh_token=None
    )

    with pytest.raises(NotConnected):
        link.tokens().access_token()

    assert link.row(lambda row: (row.state, row.sealed_access_token)) == (LinkState.DISCONNECTED, None)
