"""What the worker runs, called as the worker calls it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category, find_category
from allegro_module.db.mappings import CategoryMapping
from allegro_module.db.schedule import ScheduledTask
from allegro_module.db.terms import SellingTerm
from allegro_module.demo.models import Order
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.mappings import MappedBy
from allegro_module.jobs import category_tasks, mapping, tasks
from allegro_module.jobs.queue import MODULES
from allegro_module.jobs.schedule import tick
from allegro_module.simulator.bulk import place_many
from tests.jobs.host import SELLER, Host


def count(host: Host, kind: type) -> int:
    found = host.runtime.session.scalar(select(func.count()).select_from(kind)) or 0
    host.runtime.session.rollback()
    return found


def change(host: Host, account_id: int, **values: object) -> None:
    for name, value in values.items():
        setattr(host.runtime.session.get_one(Account, account_id), name, value)
    host.runtime.session.commit()


def test_import_runs_for_a_working_account(host: Host) -> None:
    account_id = host.link()
    place_many(host.world, host.world.sellers[SELLER], 2)

    tasks.import_orders(account_id)

    assert count(host, Order) == 2


def test_new_orders_ask_for_a_new_proof_once_an_hour(ringing_host: Host) -> None:
    host = ringing_host
    account_id = host.link()
    proved = []
    for minutes in (0, 0, 30, 61):
        host.world.clock.advance(minutes * 60)
        place_many(host.world, host.world.sellers[SELLER], 1)
        tasks.import_orders(account_id)
        proved.append(f"prove-orders-{account_id}" in host.runtime.queue.job_ids)
        host.runtime.queue.empty()
        if proved[-1]:
            tasks.prove_orders(account_id)
    tasks.import_orders(account_id)

    assert proved == [True, False, False, True]
    assert host.runtime.queue.job_ids == []


def test_a_proof_that_is_switched_off_is_not_rung(ringing_host: Host) -> None:
    host = ringing_host
    account_id = host.link()
    tick(host.runtime)
    host.runtime.session.execute(
        update(ScheduledTask).where(ScheduledTask.name == "prove_orders").values(is_on=False)
    )
    host.runtime.session.commit()
    host.runtime.queue.empty()
    place_many(host.world, host.world.sellers[SELLER], 1)

    tasks.import_orders(account_id)

    assert count(host, Order) == 1
    assert host.runtime.queue.job_ids == []


@pytest.mark.parametrize("values", [{"is_enabled": False}, {"state": LinkState.NEEDS_RECONNECT}])
def test_job_rung_before_the_account_was_switched_off_does_nothing(
    host: Host, values: dict[str, object]
) -> None:
    account_id = host.link()
    place_many(host.world, host.world.sellers[SELLER], 2)
    change(host, account_id, **values)

    for task in (tasks.import_orders, tasks.reconcile_orders, tasks.fetch_terms, tasks.fetch_categories):
        task(account_id)

    assert (count(host, Order), count(host, SellingTerm)) == (0, 0)


def test_what_is_fetched_daily_is_tried_again_soon_when_allegro_is_away(host: Host) -> None:
    account_id = host.link()
    tick(host.runtime)
    host.simulator.faults.status("*", 503, times=20)

    tasks.fetch_terms(account_id)

    session = host.runtime.session
    next_at = session.scalars(select(ScheduledTask.next_at).where(ScheduledTask.name == "fetch_terms")).one()
    assert next_at - host.world.now() == timedelta(minutes=5)


def test_tokens_are_kept_alive_also_while_the_account_is_switched_off(host: Host) -> None:
    account_id = host.link()
    change(host, account_id, is_enabled=False)
    host.world.clock.advance(timedelta(hours=11, minutes=30).total_seconds())

    tasks.keep_tokens(account_id)

    account = host.runtime.session.get_one(Account, account_id)
    assert account.token_version == 1
    assert account.token_expires_at is not None
    assert account.token_expires_at > host.world.now() + timedelta(hours=11)


def test_allegro_away_while_tokens_are_kept_is_no_failure(host: Host) -> None:
    account_id = host.link()
    host.world.clock.advance(timedelta(hours=11, minutes=30).total_seconds())
    host.simulator.faults.status("POST /auth/oauth/token", 503, times=3)

    tasks.keep_tokens(account_id)

    assert host.runtime.session.get_one(Account, account_id).state == LinkState.CONNECTED


def test_session_of_a_job_ends_with_it(host: Host) -> None:
    account_id = host.link()
    outer = host.runtime.session

    tasks.import_orders(account_id)

    assert host.runtime.session is outer
    assert not outer.in_transaction()


def rings_are_mapped(host: Host) -> str:
    """The shop's category of the demo's rings stands for Allegro's; nothing of the tree is known yet."""
    session, now = host.runtime.session, host.world.now()
    leaf = "123428"
    session.add(
        CategoryMapping(
            environment="simulator",
            shop_category_id="pierscionki",
            category_id=leaf,
            mapped_by=MappedBy.SELLER,
            changed_at=now,
        )
    )
    session.commit()
    return leaf


def parameters_of(host: Host, category_id: str) -> object:
    session = host.runtime.session
    session.rollback()
    category = find_category(session, "simulator", category_id)
    found = category and category.parameters
    session.rollback()
    return found


def test_the_daily_tree_brings_the_parameters_in_use(host: Host) -> None:
    account_id = host.link()
    leaf = rings_are_mapped(host)

    tasks.fetch_categories(account_id)

    assert parameters_of(host, leaf)


def test_changes_of_categories_are_followed_and_what_is_in_use_is_read_again(host: Host) -> None:
    account_id = host.link()
    leaf = rings_are_mapped(host)
    tasks.fetch_categories(account_id)
    host.world.clock.advance(timedelta(days=1).total_seconds())

    category_tasks.refresh_categories(account_id)

    with host.app.app_context():
        category = find_category(host.runtime.session, "simulator", leaf)
        assert category is not None and category.taxes
        assert category.parameters_fetched_at == host.world.now()


def test_parameters_of_what_was_mapped_are_fetched_by_a_job_of_their_own(host: Host) -> None:
    account_id = host.link()
    session = host.runtime.session
    leaf = rings_are_mapped(host)
    row = Category(environment="simulator", allegro_id=leaf, name="Pierścionki", is_leaf=True, options={})
    row.fetched_at = host.world.now()
    session.add(row)
    session.commit()
    task = "fetch_mapped_parameters"
    assert MODULES[task] == mapping.__name__

    host.simulator.faults.status("*", 503, times=20)
    mapping.fetch_mapped_parameters(account_id)
    assert parameters_of(host, leaf) is None
    host.simulator.faults.clear()
    change(host, account_id, is_enabled=False)
    mapping.fetch_mapped_parameters(account_id)
    assert parameters_of(host, leaf) is None
    change(host, account_id, is_enabled=True)
    mapping.fetch_mapped_parameters(account_id)
    assert parameters_of(host, leaf)
