"""The job of *Import starszych zamówień*, from the row that the page makes to the orders in the shop."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from allegro_module.db.orders import Order
from allegro_module.db.schedule import ScheduledTask, find_task
from allegro_module.demo.models import Order as ShopOrder
from allegro_module.jobs import tasks
from allegro_module.jobs.schedule import tick
from allegro_module.simulator.bulk import place_many
from tests.jobs.host import SELLER, Host


def test_older_orders_come_with_a_report_and_the_schedule_leaves_them_alone(host: Host) -> None:
    account_id = host.link()
    place_many(host.world, host.world.sellers[SELLER], 3)
    session, now = host.runtime.session, host.world.now()
    session.add(
        ScheduledTask(
            name="import_history", account_id=account_id, every_seconds=60, is_on=False, next_at=now
        )
    )
    session.commit()

    rung = tick(host.runtime)
    since = now - timedelta(days=2)
    tasks.import_history(account_id, int(f"{since:%Y%m%d}"))

    task = find_task(host.runtime.session, "import_history", account_id)
    assert "import_history" not in rung
    assert task is not None and (task.result, task.message["params"]) == ("done", {"new": 3, "changed": 0})
    assert host.runtime.session.scalar(select(func.count(Order.id))) == 3
    assert host.runtime.session.scalar(select(func.count(ShopOrder.id))) == 3
