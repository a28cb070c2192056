"""Jobs while the encryption key is away, the database is locked, the account is switched off."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from allegro_module.db.accounts import Account
from allegro_module.db.alarms import CONNECTION_LOST, Alarm, raise_alarm
from allegro_module.db.audit import AuditEntry
from allegro_module.db.cursors import Cursor
from allegro_module.db.offers import Offer
from allegro_module.db.schedule import ScheduledTask
from allegro_module.demo.models import Order
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState
from allegro_module.jobs import tasks
from allegro_module.jobs.schedule import tick
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator.bulk import place_many
from tests.jobs.host import SELLER, Host
from tests.post import webhook_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JOBS_OF_ACCOUNT = (
    tasks.import_orders,
    tasks.reconcile_orders,
    tasks.keep_tokens,
    tasks.fetch_terms,
    tasks.fetch_categories,
)


def change(host: Host, account_id: int, **values: object) -> None:
    for name, value in values.items():
        setattr(host.runtime.session.get_one(Account, account_id), name, value)
    host.runtime.session.commit()


def account(host: Host, account_id: int) -> Account:
    host.runtime.session.rollback()
    return host.runtime.session.get_one(Account, account_id)


def placed(host: Host) -> int:
    host.runtime.session.rollback()
    return host.runtime.session.scalar(select(func.count()).select_from(Order)) or 0


def a_waiting_offer(host: Host, account_id: int) -> int:
    now = host.world.now()
    offer = Offer(
        account_id=account_id,
        sku="A-1",
        external_id="A-1",
        state=OfferState.WAITING,
        state_since=now,
        created_at=now,
        changed_at=now,
    )
    host.runtime.session.add(offer)
    host.runtime.session.commit()
    return offer.id


@contextmanager
def key_away(host: Host) -> Iterator[None]:
    right = host.runtime.seal
    host.runtime.seal = Seal([new_key()])
    yield
    host.runtime.seal = right


@pytest.mark.parametrize("job", JOBS_OF_ACCOUNT)
def test_job_without_the_encryption_key_ends_quietly_and_loses_nothing(
    host: Host, job: Callable[[int], None], caplog: pytest.LogCaptureFixture
) -> None:
    account_id = host.link()
    before = account(host, account_id).sealed_refresh_token

    with key_away(host), caplog.at_level(logging.INFO):
        job(account_id)

    after = account(host, account_id)
    assert (after.state, after.sealed_refresh_token) == (LinkState.CONNECTED, before)
    assert "Traceback" not in caplog.text
    assert not [each for each in caplog.records if each.exc_info]


def test_everything_goes_on_once_the_key_is_back(host: Host) -> None:
    account_id = host.link()
    offer_id = a_waiting_offer(host, account_id)
    place_many(host.world, host.world.sellers[SELLER], 2)
    with key_away(host):
        tasks.import_orders(account_id)
        tasks.publish_offer(offer_id)
        tasks.settle()
        without = placed(host)

    tasks.import_orders(account_id)

    assert (without, placed(host)) == (0, 2)
    assert account(host, account_id).state == LinkState.CONNECTED


def test_daily_job_is_tried_again_soon_after_the_key_was_away(host: Host) -> None:
    account_id = host.link()
    tick(host.runtime)

    with key_away(host):
        tasks.fetch_terms(account_id)

    statement = select(ScheduledTask.next_at).where(ScheduledTask.name == "fetch_terms")
    assert host.runtime.session.scalars(statement).one() - host.world.now() <= timedelta(minutes=5)


@contextmanager
def locked(host: Host, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Somebody else writes, and we do not wait long."""
    engine = host.runtime.db.engine
    host.runtime.db.session.remove()
    engine.dispose()

    def hurry(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("pragma busy_timeout = 20")

    event.listen(engine, "connect", hurry)
    path = Path(host.environment["SHOP_HOME"]) / "shop.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    with caplog.at_level(logging.INFO):
        yield
    other.execute("rollback")
    other.close()
    event.remove(engine, "connect", hurry)
    host.runtime.db.session.remove()
    engine.dispose()


def test_locked_database_ends_jobs_with_one_line_and_the_next_run_goes_on(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    account_id = host.link()
    place_many(host.world, host.world.sellers[SELLER], 2)

    with locked(host, caplog):
        for job in JOBS_OF_ACCOUNT:
            job(account_id)
        tasks.settle()
        tasks.tidy()
    tasks.import_orders(account_id)

    assert "the database is busy or away" in caplog.text
    assert not [each for each in caplog.records if each.exc_info]
    assert placed(host) == 2


def test_fault_of_our_own_is_not_taken_for_a_busy_database(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = host.link()
    host.runtime.session.execute(update(Cursor).values(last_message=""))
    host.runtime.session.commit()
    connection = host.runtime.db.engine.raw_connection()
    connection.cursor().execute("drop table allegro_cursor")
    connection.commit()
    connection.close()

    with pytest.raises(OperationalError, match="no such table"):
        tasks.import_orders(account_id)


@pytest.mark.parametrize(
    "values",
    [
        {"is_enabled": False},
        {"state": LinkState.UNCONFIRMED},
        {"state": LinkState.NEEDS_RECONNECT},
        {"state": LinkState.DISCONNECTED},
    ],
)
def test_account_that_may_not_work_asks_allegro_nothing_but_for_its_tokens(
    host: Host, values: dict[str, object]
) -> None:
    account_id = host.link()
    offer_id = a_waiting_offer(host, account_id)
    place_many(host.world, host.world.sellers[SELLER], 1)
    change(host, account_id, **values)
    asked = watch(host)

    for job in JOBS_OF_ACCOUNT:
        if job is not tasks.keep_tokens:
            job(account_id)
    tasks.publish_offer(offer_id)
    tasks.settle()

    assert asked == []
    assert host.runtime.session.get_one(Offer, offer_id).state == OfferState.WAITING


def watch(host: Host) -> list[str]:
    """Paths that are asked for from now on."""
    asked: list[str] = []
    listen(host, asked.append)
    return asked


def listen(host: Host, hear: Callable[[str], object]) -> None:
    """`hear` is told each path before Allegro answers."""

    def door(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        hear(environ["PATH_INFO"])
        return host.simulator(environ, start_response)

    host.runtime.http_transport = httpx2.WSGITransport(door)
    host.runtime._http = None


def test_import_stops_when_the_account_is_switched_off_meanwhile(host: Host) -> None:
    account_id = host.link()
    place_many(host.world, host.world.sellers[SELLER], 350)
    switch_off_while_importing(host, account_id)

    tasks.import_orders(account_id)
    stopped_at = placed(host)
    message = host.runtime.session.scalars(select(Cursor.last_message)).one()
    change(host, account_id, is_enabled=True)
    tasks.import_orders(account_id)

    assert stopped_at == 100
    assert message == "The account was switched off, or its link ended."
    assert placed(host) == 350


def switch_off_while_importing(host: Host, account_id: int) -> None:
    """When the fourth hundred is asked for: the first is saved, the others are in hand."""
    pages: list[str] = []

    def hear(path: str) -> None:
        if path != "/order/checkout-forms":
            return
        pages.append(path)
        if len(pages) == 4:
            with host.runtime.db.engine.begin() as connection:
                connection.execute(update(Account).where(Account.id == account_id).values(is_enabled=False))

    listen(host, hear)


def test_alarm_is_rung_for_and_sent_once(ringing_host: Host) -> None:
    account_id = ringing_host.link()
    tick(ringing_host.runtime)
    ringing_host.runtime.queue.empty()
    ringing_host.world.clock.advance(15)
    idle = tick(ringing_host.runtime)
    session = ringing_host.runtime.session
    with webhook_server() as hook:
        object.__setattr__(ringing_host.runtime.settings, "alarm_webhook", hook.url)
        raise_alarm(session, account_id, CONNECTION_LOST, "invalid_grant", ringing_host.world.now())
        session.commit()
        ringing_host.world.clock.advance(15)
        rung = tick(ringing_host.runtime)
        tasks.send_alarms()
        tasks.send_alarms()

    assert "send_alarms" not in idle
    assert "send_alarms" in rung
    assert [each["account"] for each in hook.events] == [SELLER]
    assert session.scalars(select(Alarm.next_try_at)).one() is None


def test_link_in_the_letter_is_taken_from_what_is_known_of_the_shops_address(host: Host) -> None:
    account_id = host.link()
    application = account(host, account_id).application
    unknown = tasks.settings_page(host.runtime, application)
    application.redirect_uris = (
        "https://x.example/other\nhttps://panel.example/backend/allegro/config/callback"
    )
    registered = tasks.settings_page(host.runtime, application)
    host.app.config["SERVER_NAME"] = "shop.example"

    assert unknown == ""
    assert registered == "https://panel.example/backend/allegro/config"


def test_old_history_is_tidied_away_and_the_rest_stays(host: Host) -> None:
    account_id = host.link()
    session, now = host.runtime.session, host.world.now()
    for days in (1, 729, 731):
        at = now - timedelta(days=days)
        session.add_all(AuditEntry(at=at, who="a", action="x", details={}) for _ in range(600))
        raise_alarm(session, account_id, CONNECTION_LOST, "", at)
    session.commit()

    tasks.tidy()

    assert session.scalar(select(func.count(AuditEntry.id))) == 1200
    assert session.scalar(select(func.count(Alarm.id))) == 2
