"""What runs when."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from rq import Queue
from sqlalchemy import select

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.db.orders import Order
from allegro_module.db.pushes import Push
from allegro_module.db.schedule import ScheduledTask, claim_task, read_tasks
from allegro_module.demo import create_app
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState
from allegro_module.domain.pushes import PushKind
from allegro_module.jobs.schedule import COMMON_PLANS, tick
from tests.jobs.host import Host, a_host

AT_ONCE = ["fetch_carriers", "fetch_categories", "fetch_terms", "import_orders", "keep_tokens"]


def rung(host: Host) -> list[str]:
    """Tasks of one tick, and the queue empty again."""
    names = sorted(tick(host.runtime))
    queue: Queue = host.runtime.queue
    queue.empty()
    return names


def change_account(host: Host, **values: object) -> None:
    session = host.runtime.session
    for account in session.scalars(select(Account)):
        for name, value in values.items():
            setattr(account, name, value)
    session.commit()


def next_at(host: Host, name: str) -> timedelta:
    session = host.runtime.session
    found = session.scalars(select(ScheduledTask).where(ScheduledTask.name == name)).one().next_at
    session.rollback()
    return found - host.world.now()


def test_linked_account_is_served_at_once_and_then_in_its_rhythm(ringing_host: Host) -> None:
    ringing_host.link()
    rung(ringing_host)
    seen = {}
    for seconds in (0, 30, 30, 540, 1200):
        ringing_host.world.clock.advance(seconds)
        seen[ringing_host.world.clock.offset_seconds] = rung(ringing_host)

    assert seen == {
        0.0: AT_ONCE,
        30.0: [],
        60.0: ["import_orders"],
        600.0: ["import_orders", "keep_tokens"],
        1800.0: ["import_orders", "keep_tokens", "reconcile_orders"],
    }


def test_job_is_named_after_its_task_and_account(ringing_host: Host) -> None:
    account_id = ringing_host.link()

    tick(ringing_host.runtime)
    tick(ringing_host.runtime)

    assert f"import-orders-{account_id}" in ringing_host.runtime.queue.job_ids


def test_account_switched_off_keeps_its_tokens_and_nothing_else(ringing_host: Host) -> None:
    ringing_host.link()
    change_account(ringing_host, is_enabled=False)
    tick(ringing_host.runtime)

    assert rung(ringing_host) == ["keep_tokens"]


@pytest.mark.parametrize(
    ("state", "meanwhile"),
    [
        (LinkState.UNCONFIRMED, ["keep_tokens"]),
        (LinkState.NEEDS_RECONNECT, ["keep_tokens"]),
        (LinkState.DISCONNECTED, []),
    ],
)
def test_account_without_a_link_has_no_jobs_but_the_keep_alive_until_it_is_back(
    ringing_host: Host, state: LinkState, meanwhile: list[str]
) -> None:
    ringing_host.link()
    change_account(ringing_host, state=state)
    tick(ringing_host.runtime)
    assert rung(ringing_host) == meanwhile
    ringing_host.world.clock.advance(timedelta(minutes=10).total_seconds())

    change_account(ringing_host, state=LinkState.CONNECTED)

    assert rung(ringing_host) == AT_ONCE


def test_account_that_waits_to_be_linked_has_no_rows(ringing_host: Host) -> None:
    ringing_host.link()
    change_account(ringing_host, seller_id=None, state=LinkState.NOT_LINKED)

    rung(ringing_host)

    names = ringing_host.runtime.session.scalars(select(ScheduledTask.name)).all()
    assert set(names) == {plan.task for plan in COMMON_PLANS}


def test_categories_are_fetched_once_for_accounts_of_one_environment(ringing_host: Host) -> None:
    ringing_host.link()
    ringing_host.link("drugi_sklep", "DR")
    tick(ringing_host.runtime)

    names = rung(ringing_host)

    assert names.count("fetch_terms") == 2
    assert names.count("fetch_categories") == 1


def test_settling_is_rung_only_while_an_offer_is_open(ringing_host: Host) -> None:
    account_id = ringing_host.link()
    rung(ringing_host)
    rung(ringing_host)
    ringing_host.world.clock.advance(5)
    idle = rung(ringing_host)
    add_waiting_offer(ringing_host, account_id)
    ringing_host.world.clock.advance(5)

    assert idle == []
    assert rung(ringing_host) == ["settle"]


def add_waiting_offer(host: Host, account_id: int) -> None:
    now = host.world.now()
    host.runtime.session.add(
        Offer(
            account_id=account_id,
            sku="A-1",
            external_id="A-1",
            state=OfferState.WAITING,
            state_since=now,
            created_at=now,
            changed_at=now,
        )
    )
    host.runtime.session.commit()


def test_task_that_could_not_be_rung_is_tried_again_soon(host: Host) -> None:
    host.link()
    tick(host.runtime)

    assert tick(host.runtime) == []
    assert next_at(host, "import_orders") == timedelta(seconds=10)


def test_clock_put_back_does_not_stop_the_schedule(ringing_host: Host) -> None:
    ringing_host.link()
    tick(ringing_host.runtime)
    ringing_host.world.clock.advance(10 * 24 * 3600)
    rung(ringing_host)
    ringing_host.world.clock.advance(-10 * 24 * 3600)

    assert "import_orders" in rung(ringing_host)


def test_switched_off_task_does_not_run(ringing_host: Host) -> None:
    ringing_host.link()
    tick(ringing_host.runtime)
    session = ringing_host.runtime.session
    for task in session.scalars(select(ScheduledTask).where(ScheduledTask.name == "fetch_terms")):
        task.is_on = False
    session.commit()

    assert rung(ringing_host) == ["fetch_carriers", "fetch_categories", "import_orders", "keep_tokens"]


def change_task(host: Host, name: str, **values: object) -> None:
    session = host.runtime.session
    for task in session.scalars(select(ScheduledTask).where(ScheduledTask.name == name)):
        for field, value in values.items():
            setattr(task, field, value)
    session.commit()


def test_task_waits_for_its_hours_and_days(ringing_host: Host) -> None:
    # Friday, 13:00 in Poland.
    ringing_host.link()
    tick(ringing_host.runtime)
    change_task(ringing_host, "import_orders", from_minute=14 * 60, to_minute=15 * 60, weekdays="6")

    assert "import_orders" not in rung(ringing_host)
    assert next_at(ringing_host, "import_orders") == timedelta(days=1, hours=1)
    ringing_host.world.clock.advance(timedelta(days=1, minutes=59).total_seconds())
    assert "import_orders" not in rung(ringing_host)
    ringing_host.world.clock.advance(60)
    assert "import_orders" in rung(ringing_host)


def test_worker_away_for_hours_makes_up_for_one_run_only(ringing_host: Host) -> None:
    ringing_host.link()
    tick(ringing_host.runtime)
    rung(ringing_host)
    ringing_host.world.clock.advance(timedelta(hours=6).total_seconds())

    assert rung(ringing_host).count("import_orders") == 1
    assert rung(ringing_host) == []
    assert next_at(ringing_host, "import_orders") == timedelta(minutes=1)


def test_worker_away_until_the_hours_are_over_waits_for_the_next_ones(ringing_host: Host) -> None:
    ringing_host.link()
    tick(ringing_host.runtime)
    change_task(ringing_host, "import_orders", from_minute=12 * 60, to_minute=14 * 60)
    ringing_host.world.clock.advance(timedelta(hours=3).total_seconds())

    assert "import_orders" not in rung(ringing_host)
    assert next_at(ringing_host, "import_orders") == timedelta(hours=20)


def test_clock_put_back_outside_the_hours_plans_the_task_anew(ringing_host: Host) -> None:
    ringing_host.link()
    tick(ringing_host.runtime)
    far = ringing_host.world.now() + timedelta(days=30)
    change_task(ringing_host, "import_orders", from_minute=14 * 60, to_minute=15 * 60, next_at=far)

    assert "import_orders" not in rung(ringing_host)
    assert next_at(ringing_host, "import_orders") == timedelta(hours=1)


def test_task_switched_off_after_it_was_seen_is_not_claimed(ringing_host: Host) -> None:
    ringing_host.link()
    tick(ringing_host.runtime)
    session = ringing_host.runtime.session
    (seen,) = [task for task in read_tasks(session) if task.name == "import_orders"]
    session.rollback()
    change_task(ringing_host, "import_orders", is_on=False)

    assert not claim_task(session, seen, ringing_host.world.now(), ringing_host.world.now())
    session.rollback()


def test_pushes_are_rung_only_while_one_is_due(ringing_host: Host) -> None:
    account_id = ringing_host.link()
    rung(ringing_host)
    rung(ringing_host)
    ringing_host.world.clock.advance(5)
    idle = rung(ringing_host)
    add_push(ringing_host, account_id)
    ringing_host.world.clock.advance(5)

    assert idle == []
    assert rung(ringing_host) == ["push_orders"]


def add_push(host: Host, account_id: int) -> None:
    now, session = host.world.now(), host.runtime.session
    order = Order(
        account_id=account_id,
        checkout_form_id="29738e61-7f6a-11e8-ac45-000000000001",
        status="READY_FOR_PROCESSING",
        buyer_login="jezynka_m",
        total=Decimal("10.00"),
        currency="PLN",
        bought_at=now,
        imported_at=now,
    )
    session.add(order)
    session.flush()
    push = Push(account_id=account_id, order_id=order.id, kind=PushKind.STATUS, payload={"status": "SENT"})
    push.next_try_at, push.created_at = now, now
    session.add(push)
    session.commit()


def tick_in_a_process(environment: dict[str, str]) -> list[str]:
    app = create_app(environment)
    with app.app_context():
        return [name for _ in range(5) for name in tick(app.extensions["allegro"])]


def test_four_workers_tick_a_due_task_once(ringing_host: Host, tmp_path: Path) -> None:
    ringing_host.link()
    tick(ringing_host.runtime)
    ringing_host.runtime.db.session.remove()
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])

    with processes.Pool(4) as pool:
        found = pool.map(tick_in_a_process, [dict(ringing_host.environment)] * 4)

    # Their clock is the machine's, by which the slower pass and the tidying are due too; at night the proof.
    names = sorted(name for names in found for name in names if name != "prove_orders")
    assert names == [*AT_ONCE, "reconcile_orders", "refresh_categories", "tidy"]


def test_second_host_finds_the_rows_of_the_first(ringing_host: Host, tmp_path: Path) -> None:
    ringing_host.link()
    tick(ringing_host.runtime)
    again = a_host(tmp_path / "shop", ringing_host.simulator, **dict(ringing_host.environment))

    with again.app.app_context():
        assert sorted(tick(again.runtime)) == AT_ONCE
    again.close()
