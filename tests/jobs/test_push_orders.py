"""What the shop says of an order goes to Allegro by itself: hooks, the schedule, the job, the command."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from allegro_module import Allegro
from allegro_module.db.carriers import list_carriers
from allegro_module.db.order_events import list_events
from allegro_module.db.order_rules import StatusRule
from allegro_module.db.orders import Order
from allegro_module.db.pushes import Push
from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.orders import EventKind
from allegro_module.domain.shop import Invoice
from allegro_module.jobs import tasks
from allegro_module.jobs.schedule import tick
from allegro_module.runtime import Runtime
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.forms import Form
from tests.jobs.host import SELLER, Host

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def form(host: Host) -> Form:
    """Of an order that is in the shop."""
    account_id = host.link()
    (form,) = place_many(host.world, host.world.sellers[SELLER], 1)
    tasks.import_orders(account_id)
    return form


@pytest.fixture
def allegro(host: Host) -> Allegro:
    return Allegro(db=host.runtime.db, shop=host.runtime.shop)


def shop_order_id(host: Host) -> str:
    return str(host.runtime.session.scalars(select(Order.shop_order_id)).one())


def test_parcel_invoice_and_status_of_the_shop_reach_allegro(
    host: Host, form: Form, allegro: Allegro
) -> None:
    session = host.runtime.session
    session.add(StatusRule(to_allegro=True, source="packed", target="READY_FOR_SHIPMENT"))
    order_id = shop_order_id(host)
    account_id = session.scalars(select(Order.account_id)).one()

    assert allegro.order_shipped(order_id, "DPD", "123U") is None
    assert allegro.invoice_issued(order_id, Invoice("FV 1", PDF, "KSeF-1")) is None
    assert allegro.order_status_changed(order_id, "packed") is None
    session.commit()
    tasks.fetch_carriers(account_id)
    tasks.push_orders()

    assert {row.id for row in list_carriers(session, "simulator")} >= {"DPD", "INPOST", "OTHER"}
    assert [each.waybill for each in form.shipments] == ["123U"]
    assert [each.number for each in form.papers] == ["FV 1"]
    assert form.fulfillment == "READY_FOR_SHIPMENT"
    row = session.scalars(select(ScheduledTask).where(ScheduledTask.name == "push_orders")).first()
    assert row is None or row.result == "done"


def test_order_cancelled_in_the_shop_is_cancelled_at_allegro(
    host: Host, form: Form, allegro: Allegro
) -> None:
    allegro.order_cancelled(shop_order_id(host))
    host.runtime.session.commit()

    tasks.push_orders()

    assert form.fulfillment == "CANCELLED"


def test_hooks_belong_to_the_hosts_transaction_and_leave_other_orders_alone(
    host: Host, form: Form, allegro: Allegro
) -> None:
    allegro.order_shipped(shop_order_id(host), "DPD", "123U")
    host.runtime.session.rollback()
    assert allegro.order_shipped("their-own", "DPD", "123U") is None
    assert allegro.order_cancelled("their-own") is None
    assert allegro.order_status_changed("their-own", "packed") is None
    assert allegro.invoice_issued("their-own", Invoice("FV 1", b"")) is None

    assert host.runtime.session.scalars(select(Push)).all() == []


def test_what_allegro_would_refuse_is_answered_and_noted(host: Host, form: Form, allegro: Allegro) -> None:
    problem = allegro.invoice_issued(shop_order_id(host), Invoice("FV 1", b"<html>"))
    host.runtime.session.commit()

    assert problem is not None
    order_id = host.runtime.session.scalars(select(Order.id)).one()
    event = list_events(host.runtime.session, order_id)[0]
    assert (problem.code, event.kind, event.params) == (
        "invoice_not_pdf",
        EventKind.REFUSED,
        {"kind": "invoice", "trouble": "invoice_not_pdf"},
    )


def test_schedule_rings_only_when_something_is_due(
    host: Host, form: Form, allegro: Allegro, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []

    def ring(runtime: Runtime, task: str, *args: int) -> bool:
        rung.append(task)
        return True

    monkeypatch.setattr("allegro_module.jobs.schedule.enqueue", ring)
    tick(host.runtime)
    host.world.clock.advance(10)
    tick(host.runtime)
    assert "push_orders" not in rung
    tasks.push_orders()
    idle = select(ScheduledTask).where(ScheduledTask.name == "push_orders")
    assert host.runtime.session.scalars(idle).one().message["text"] == tasks.NOTHING_TO_SEND
    allegro.order_shipped(shop_order_id(host), "DPD", "123U")
    host.runtime.session.commit()
    host.world.clock.advance(10)

    tick(host.runtime)

    assert "push_orders" in rung


def run(app: Flask, *args: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["allegro", "push-orders", *args])
    return result.exit_code, result.output


def test_command_sends_what_waits_and_names_what_was_refused(
    host: Host, form: Form, allegro: Allegro
) -> None:
    assert run(host.app) == (0, "nothing to send\n")
    assert run(host.app, "--account", "nobody")[0] == 1
    allegro.order_shipped(shop_order_id(host), "DPD", "123U")
    allegro.order_shipped(shop_order_id(host), "PIGEON", "124U")
    host.runtime.session.commit()

    code, output = run(host.app, "--account", SELLER)

    assert code == 0
    assert output.splitlines()[0] == "1 sent, 1 refused"
    assert output.splitlines()[1].startswith("refused: shipment of order BL-10001: Nie udało się")


def test_command_does_not_wait_for_the_end_of_a_back_off(host: Host, form: Form, allegro: Allegro) -> None:
    allegro.order_shipped(shop_order_id(host), "DPD", "123U")
    host.runtime.session.commit()
    host.simulator.faults.status("POST /order/checkout-forms/{id}/shipments", 503)

    assert run(host.app) == (0, "1 to try later\n")
    assert run(host.app) == (0, "1 sent\n")
