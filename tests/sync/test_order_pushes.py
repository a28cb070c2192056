"""Telling Allegro what the seller did: statuses under the lock of the revision, parcels, invoices."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.shipments import ShipmentRequest
from allegro_module.db.accounts import Account
from allegro_module.db.carriers import keep_carriers, list_carriers
from allegro_module.db.order_rules import StatusRule
from allegro_module.db.pushes import has_due_pushes, list_pushes
from allegro_module.domain.orders import EventKind, Flag, FulfillmentStatus, Tab
from allegro_module.domain.pushes import PushState, Trouble, Waybill
from allegro_module.domain.shop import Invoice, ShopOrderId
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.checkout import cancel, change
from allegro_module.sync.carriers import fetch_carriers
from allegro_module.sync.order_intentions import ask_invoice, ask_shipment, ask_status, retry_push
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire
from tests.sync.order_builders import a_line, bought
from tests.sync.push_builders import (
    DECLARE,
    FORM,
    INVOICES,
    SHIP,
    STATUS,
    PushDesk,
    an_invoice,
    an_order,
    count,
    dpd,
)

DONE, WAITING, REFUSED = PushState.DONE, PushState.WAITING, PushState.REFUSED
PROCESSING, SENT = FulfillmentStatus.PROCESSING, FulfillmentStatus.SENT


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def desk(
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    world: World,
    clock: BothClocks,
) -> PushDesk:
    form = bought(world, lines=[a_line(world), a_line(world)])
    return PushDesk(session, api, shop, clock, form, an_order(session, account, form))


def want(desk: PushDesk, status: FulfillmentStatus) -> None:
    desk.ask(lambda order: ask_status(desk.session, order, status, "anna", desk.clock()))


def ship(desk: PushDesk, waybill: Waybill) -> None:
    desk.ask(lambda order: ask_shipment(desk.session, order, waybill, "anna", desk.clock()))


def send(desk: PushDesk, invoice: Invoice) -> None:
    desk.ask(lambda order: ask_invoice(desk.session, order, invoice, "anna", desk.clock()))


def retry(desk: PushDesk) -> None:
    desk.ask(lambda order: retry_push(desk.session, list_pushes(desk.session, order.id)[0], desk.clock()))


def test_status_reaches_allegro_and_the_order_moves_to_its_tab(desk: PushDesk, wire: Wire) -> None:
    want(desk, PROCESSING)

    assert str(desk.push()) == "1 sent"

    assert (desk.form.fulfillment, desk.states) == ("PROCESSING", [DONE])
    assert desk.read(lambda order: (order.fulfillment_status, order.fulfillment_set_at, order.tab)) == (
        "PROCESSING",
        desk.clock(),
        Tab.PROCESSING,
    )
    assert desk.tabs() == {"processing": 1}
    assert desk.events(EventKind.STATUS_SENT) == [{"status": "PROCESSING"}]
    assert count(wire, STATUS, desk.form) == 1


def test_nothing_is_sent_twice(desk: PushDesk, wire: Wire) -> None:
    want(desk, PROCESSING)
    desk.push()

    assert str(desk.later(hours=1)) == "nothing to send"
    assert count(wire, STATUS, desk.form) == 1


def test_status_that_stands_already_is_not_written(desk: PushDesk, wire: Wire) -> None:
    want(desk, PROCESSING)
    desk.ask(lambda order: setattr(order, "fulfillment_status", "PROCESSING"))

    desk.push()

    assert desk.states == [DONE]
    assert count(wire, STATUS, desk.form) == 0


def test_status_is_not_sent_before_its_time(desk: PushDesk, wire: Wire) -> None:
    later = desk.clock() + timedelta(minutes=5)
    desk.ask(lambda order: ask_status(desk.session, order, PROCESSING, "", desk.clock(), later))

    assert str(desk.push()) == "nothing to send"
    assert str(desk.later(minutes=5)) == "1 sent"


def test_only_the_orders_asked_for_are_pushed(desk: PushDesk) -> None:
    want(desk, PROCESSING)

    assert str(desk.push([desk.order_id + 1])) == "nothing to send"
    assert str(desk.push([desk.order_id])) == "1 sent"


def test_account_that_is_switched_off_sends_nothing(desk: PushDesk, account: Account) -> None:
    want(desk, PROCESSING)
    assert has_due_pushes(desk.session, desk.clock())
    account.is_enabled = False
    desk.session.commit()

    assert str(desk.push()) == "nothing to send"
    assert not has_due_pushes(desk.session, desk.clock())


def test_order_that_changed_meanwhile_is_read_again_before_the_status_is_set(
    desk: PushDesk, world: World, wire: Wire
) -> None:
    want(desk, PROCESSING)
    change(world, desk.form, address=desk.form.delivery.address if desk.form.delivery else None)

    desk.push()

    assert (desk.form.fulfillment, desk.states) == ("PROCESSING", [DONE])
    assert count(wire, STATUS, desk.form) == 2
    assert count(wire, FORM, desk.form) == 1


def test_cancelled_order_is_not_accepted_and_the_seller_is_told(desk: PushDesk, world: World) -> None:
    want(desk, PROCESSING)
    cancel(world, desk.form)

    counts = desk.push()

    assert [(each.number, each.trouble) for each in counts.refused] == [("BL-1", Trouble.ORDER_CANCELLED)]
    assert (desk.states, desk.form.fulfillment) == ([REFUSED], "NEW")
    assert desk.read(lambda order: (order.flags, order.needs_attention)) == ([Flag.PUSH_REFUSED], True)
    assert desk.tabs()["attention"] == 1
    (event,) = desk.events(EventKind.REFUSED)
    assert (event["kind"], event["trouble"]) == ("status", "order_cancelled")


def test_order_that_never_stops_changing_is_tried_later(
    desk: PushDesk, simulator: Simulator, wire: Wire
) -> None:
    want(desk, PROCESSING)
    simulator.faults.status(STATUS.format("{id}"), 409, times=3)

    assert str(desk.push()) == "1 to try later"
    assert desk.pushes(lambda push: push.trouble) == [Trouble.BUSY]
    assert str(desk.later(seconds=10)) == "1 sent"


def test_cap_of_an_order_is_told_and_not_run_into_again(desk: PushDesk, world: World, wire: Wire) -> None:
    world.switches.operations_cap = 0
    want(desk, PROCESSING)

    counts = desk.push()
    desk.later(hours=2)

    assert [each.trouble for each in counts.refused] == [Trouble.CAP]
    assert count(wire, STATUS, desk.form) == 1


def test_retry_sends_what_was_refused_and_the_flag_goes(desk: PushDesk, world: World) -> None:
    world.switches.operations_cap = 0
    want(desk, PROCESSING)
    desk.push()
    world.switches.operations_cap = 50
    retry(desk)

    assert desk.read(lambda order: order.flags) == []
    assert str(desk.push()) == "1 sent"
    assert desk.tabs() == {"processing": 1}


def test_another_status_instead_of_the_refused_one_clears_the_flag(desk: PushDesk, world: World) -> None:
    world.switches.operations_cap = 0
    want(desk, PROCESSING)
    desk.push()
    world.switches.operations_cap = 50
    want(desk, SENT)

    assert desk.read(lambda order: order.needs_attention) is False
    desk.push()
    assert (desk.states, desk.tabs()) == ([PushState.DROPPED, DONE], {"sent": 1})


def test_allegro_away_is_nobodys_fault_and_tried_with_growing_pauses(
    desk: PushDesk, simulator: Simulator
) -> None:
    want(desk, PROCESSING)
    ship(desk, dpd())
    simulator.faults.status(STATUS.format("{id}"), 503, times=3)
    pauses = []
    for _ in range(3):
        assert desk.push().refused == []
        (pause,) = desk.pushes(lambda push: push.next_try_at - desk.clock())[:1]  # type: ignore[operator]
        pauses.append(pause.total_seconds())
        desk.clock.forward(seconds=pauses[-1])

    assert pauses == [10, 30, 60]
    assert desk.pushes(lambda push: (push.trouble, push.tries))[0] == (Trouble.UNAVAILABLE, 3)
    assert desk.read(lambda order: order.flags) == []
    assert str(desk.push()) == "2 sent"


def test_shop_hears_of_the_status_unless_it_was_its_own_word(desk: PushDesk) -> None:
    desk.with_shop = True
    desk.session.add(StatusRule(to_allegro=False, source="SENT", target="sent"))
    desk.session.commit()
    shop_order_id = ShopOrderId(desk.read(lambda order: order.shop_order_id) or "")
    desk.shop.orders_by_id[shop_order_id] = None  # type: ignore[assignment]
    want(desk, SENT)

    desk.push()

    assert desk.shop.statuses == {shop_order_id: "sent"}
    desk.shop.statuses.clear()
    desk.ask(
        lambda order: ask_status(
            desk.session, order, FulfillmentStatus.PICKED_UP, "", desk.clock(), is_from_shop=True
        )
    )
    desk.push()
    assert desk.shop.statuses == {}


def test_parcel_gets_its_number_once(desk: PushDesk, wire: Wire) -> None:
    ship(desk, dpd("0000 123 U"))
    ship(desk, Waybill("OTHER", "X-1", "Kurier Wodny", (desk.form.lines[1].id,)))

    assert str(desk.push()) == "2 sent"

    first, second = desk.form.shipments
    assert (first.carrier_id, first.waybill, first.line_ids) == (
        "DPD",
        "0000123U",
        tuple(line.id for line in desk.form.lines),
    )
    assert (second.carrier_name, second.line_ids) == ("Kurier Wodny", (desk.form.lines[1].id,))
    assert desk.pushes(lambda push: push.remote_id) == [first.id, second.id]
    assert desk.read(lambda order: order.shipments) == 2
    assert desk.events(EventKind.SHIPMENT_SENT)[1] == {"carrier": "DPD", "waybill": "0000123U"}
    assert count(wire, SHIP, desk.form) == 2


def test_number_that_the_courier_service_gave_already_is_not_given_again(
    desk: PushDesk, api: AllegroClient, wire: Wire
) -> None:
    desk.session.rollback()
    api.shipments.add(desk.form.id, ShipmentRequest("DPD", "0000 123u"))
    ship(desk, dpd("0000123U"))

    desk.push()

    assert (desk.states, len(desk.form.shipments)) == ([DONE], 1)
    assert desk.read(lambda order: order.shipments) == 1


def test_number_used_in_too_many_orders_is_refused(desk: PushDesk, world: World, wire: Wire) -> None:
    world.switches.waybill_orders = 0
    ship(desk, dpd())

    counts = desk.push()

    assert [each.trouble for each in counts.refused] == [Trouble.WAYBILL_OVERUSED]
    assert desk.pushes(lambda push: bool(push.trace_id)) == [True]


def test_refused_parcel_is_told_in_allegros_words_and_tried_again_when_asked(desk: PushDesk) -> None:
    ship(desk, dpd(carrier_id="PIGEON"))

    (refused,) = desk.push().refused

    assert refused.trouble == "Nie udało się dodać numeru przesyłki. Sprawdź przewoźnika i numer."
    ship(desk, dpd(carrier_id="PIGEON"))
    assert desk.states == [WAITING]


def test_carriers_are_kept_without_the_one_that_is_not_supported(
    desk: PushDesk, api: AllegroClient, world: World
) -> None:
    keep_carriers(desk.session, "simulator", {"ALLEGRO": "Allegro", "GONE": "Gone"}, desk.clock())
    desk.session.commit()

    assert fetch_carriers(desk.session, api, "simulator", desk.clock()) == 10

    kept = {row.id: row.name for row in list_carriers(desk.session, "simulator")}
    assert (kept["INPOST"], "ALLEGRO" in kept, "GONE" in kept) == ("InPost", False, False)


def test_invoice_is_declared_and_uploaded_and_its_verdict_read_later(desk: PushDesk, wire: Wire) -> None:
    send(desk, an_invoice())

    assert str(desk.push()) == "1 sent"

    (paper,) = desk.form.papers
    assert (paper.number, paper.file_name, paper.content[:4]) == ("FV 1/11/2026", "FV-1-11-2026.pdf", b"%PDF")
    assert desk.pushes(lambda push: push.payload["verification"]) == ["WAITING"]
    assert desk.events(EventKind.INVOICE_SENT) == [{"number": "FV 1/11/2026"}]

    desk.later(minutes=1)

    assert desk.pushes(lambda push: (push.state, push.payload["verification"], push.document)) == [
        (DONE, "ACCEPTED", None)
    ]
    assert str(desk.later(hours=2)) == "nothing to send"
    assert count(wire, DECLARE, desk.form) == 1
    assert count(wire, INVOICES, desk.form) == 2


def test_rejected_file_is_flagged_and_declared_anew_when_tried_again(desk: PushDesk, world: World) -> None:
    world.switches.invoice_verdict = "REJECTED"
    send(desk, an_invoice())
    desk.push()

    counts = desk.later(minutes=1)

    assert [each.trouble for each in counts.refused] == [Trouble.INVOICE_REJECTED]
    assert desk.read(lambda order: order.flags) == [Flag.PUSH_REFUSED]
    world.switches.invoice_verdict = "ACCEPTED"
    retry(desk)
    assert str(desk.push()) == "1 sent"
    desk.later(minutes=1)
    assert [paper.verdict for paper in desk.form.papers] == ["REJECTED", "ACCEPTED"]


def test_invoice_that_allegro_has_not_scanned_yet_holds_up_the_next_one(desk: PushDesk, world: World) -> None:
    world.switches.invoice_scan_seconds = 25
    send(desk, an_invoice())
    send(desk, an_invoice("FV 2/11/2026"))

    assert str(desk.push()) == "1 sent, 1 to try later"

    assert desk.pushes(lambda push: push.trouble) == ["", Trouble.INVOICE_SCANNED]
    desk.later(seconds=30)
    desk.later(seconds=30)
    assert [paper.number for paper in desk.form.papers] == ["FV 1/11/2026", "FV 2/11/2026"]


def test_invoice_that_the_order_has_already_is_not_sent_again(
    desk: PushDesk, api: AllegroClient, wire: Wire
) -> None:
    desk.session.rollback()
    declared = api.invoices.declare(desk.form.id, "FV 1/11/2026", "skan.pdf")
    send(desk, an_invoice())

    desk.push()

    assert [paper.id for paper in desk.form.papers] == [declared]
    assert count(wire, DECLARE, desk.form) == 1


@pytest.mark.parametrize(
    ("switch", "trouble"),
    [("invoices_per_order", Trouble.INVOICE_EXISTS), ("invoice_bytes", Trouble.INVOICE_TOO_LARGE)],
)
def test_invoice_that_allegro_does_not_take_is_refused(
    desk: PushDesk, world: World, switch: str, trouble: Trouble
) -> None:
    world.switches.turn(switch, 0)
    send(desk, an_invoice())

    assert [each.trouble for each in desk.push().refused] == [trouble]


def test_invoices_sent_too_fast_wait(desk: PushDesk, world: World) -> None:
    world.switches.invoices_per_minute = 1
    send(desk, an_invoice())
    send(desk, an_invoice("FV 2"))
    world.switches.invoice_scan_seconds = 0

    assert str(desk.push()) == "1 sent, 1 to try later"

    desk.later(minutes=2)
    assert len(desk.form.papers) == 2


def test_order_gone_from_allegro_is_told(desk: PushDesk, world: World) -> None:
    ship(desk, dpd())
    world.orders.forms.pop(desk.form.id)
    world.orders.unpaid.pop(desk.form.id, None)

    assert [each.trouble for each in desk.push().refused] == [Trouble.ORDER_GONE]


def test_what_is_meant_for_an_order_left_behind_is_dropped(desk: PushDesk, wire: Wire) -> None:
    want(desk, PROCESSING)
    desk.ask(lambda order: setattr(order, "superseded_by", "another"))

    assert str(desk.push()) == "1 no longer wanted"
    assert count(wire, STATUS, desk.form) == 0
