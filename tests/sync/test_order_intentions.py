"""What is to be told to Allegro: rows of the host's transaction, and what is refused at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.carriers import keep_carriers
from allegro_module.db.order_rules import StatusRule
from allegro_module.db.orders import Order
from allegro_module.db.pushes import Push, list_pushes
from allegro_module.domain.orders import EventKind, FulfillmentStatus
from allegro_module.domain.pushes import LARGEST_INVOICE, PushState, Waybill
from allegro_module.domain.shop import Invoice, OrderRefused, ShopOrderId
from allegro_module.simulator import World
from allegro_module.sync.order_intentions import (
    ask_invoice,
    ask_shipment,
    ask_status,
    issue_invoice,
    retry_push,
    shop_status_changed,
)
from allegro_module.sync.status_mapping import shop_statuses_for
from tests.sync.conftest import BothClocks
from tests.sync.order_builders import bought
from tests.sync.push_builders import PDF, PushDesk, an_invoice, an_order, code_of, dpd

PROCESSING, SENT = FulfillmentStatus.PROCESSING, FulfillmentStatus.SENT


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def desk(session: Session, account: Account, world: World, clock: BothClocks) -> PushDesk:
    form = bought(world)
    order_id = an_order(session, account, form)
    return PushDesk(session, None, None, clock, form, order_id)  # type: ignore[arg-type]


def ask(desk: PushDesk, status: FulfillmentStatus) -> object:
    return desk.ask(lambda order: ask_status(desk.session, order, status, "anna", desk.clock()))


def test_status_waits_as_a_row_and_stands_in_the_history(desk: PushDesk) -> None:
    ask(desk, PROCESSING)

    assert desk.pushes(lambda push: (push.state, push.payload["status"], push.created_by)) == [
        (PushState.WAITING, "PROCESSING", "anna")
    ]
    assert desk.events(EventKind.STATUS_ASKED) == [{"status": "PROCESSING"}]


def test_hosts_rollback_takes_the_intention_back(desk: PushDesk) -> None:
    order = desk.session.get_one(Order, desk.order_id)
    ask_status(desk.session, order, PROCESSING, "", desk.clock())
    desk.session.rollback()

    assert desk.states == []


def test_status_asked_twice_or_set_already_is_no_new_push(desk: PushDesk) -> None:
    assert ask(desk, FulfillmentStatus.NEW) is None
    assert ask(desk, PROCESSING) is not None
    assert ask(desk, PROCESSING) is None

    assert desk.states == [PushState.WAITING]


def test_later_status_takes_the_place_of_one_that_waits(desk: PushDesk) -> None:
    ask(desk, PROCESSING)
    ask(desk, SENT)

    assert desk.states == [PushState.DROPPED, PushState.WAITING]


def test_status_taken_back_before_it_was_sent_is_not_sent(desk: PushDesk) -> None:
    ask(desk, PROCESSING)

    assert ask(desk, FulfillmentStatus.NEW) is None
    assert desk.states == [PushState.DROPPED]


@pytest.mark.parametrize("status", [FulfillmentStatus.RETURNED, FulfillmentStatus.SUSPENDED])
def test_statuses_of_allegro_are_never_sent(desk: PushDesk, status: FulfillmentStatus) -> None:
    assert code_of(ask(desk, status)) == "status_not_sendable"
    assert desk.states == []


def test_order_of_one_fulfillment_takes_neither_status_nor_parcel(desk: PushDesk) -> None:
    desk.ask(lambda order: setattr(order, "provider", "ALLEGRO"))

    assert code_of(ask(desk, SENT)) == "order_fulfilled_by_allegro"
    assert code_of(ship(desk, dpd())) == "order_fulfilled_by_allegro"


def test_order_cancelled_at_allegro_takes_no_status_and_needs_no_cancellation(desk: PushDesk) -> None:
    desk.ask(lambda order: setattr(order, "status", "CANCELLED"))

    assert code_of(ask(desk, SENT)) == "order_is_cancelled"
    assert ask(desk, FulfillmentStatus.CANCELLED) is None


def test_order_left_behind_takes_nothing(desk: PushDesk) -> None:
    desk.ask(lambda order: setattr(order, "superseded_by", "other"))

    assert code_of(ask(desk, SENT)) == "order_left_behind"
    assert code_of(ship(desk, dpd())) == "order_left_behind"
    assert code_of(invoice(desk, an_invoice())) == "order_left_behind"


def ship(desk: PushDesk, waybill: Waybill) -> object:
    return desk.ask(lambda order: ask_shipment(desk.session, order, waybill, "anna", desk.clock()))


@pytest.mark.parametrize(
    ("waybill", "code"),
    [
        (dpd(" "), "waybill_missing"),
        (dpd("1" * 65), "waybill_format"),
        (dpd("12\0"), "waybill_format"),
        (dpd(line_item_ids=("somebody-else",)), "waybill_line_unknown"),
        (dpd(carrier_id="ALLEGRO"), "carrier_not_supported"),
        (dpd(carrier_id="PIGEON"), "carrier_unknown"),
        (dpd(carrier_id="OTHER"), "carrier_name_format"),
        (dpd(carrier_id="OTHER", carrier_name="x" * 31), "carrier_name_format"),
    ],
)
def test_parcel_that_allegro_would_refuse_is_refused_at_once(
    desk: PushDesk, waybill: Waybill, code: str
) -> None:
    desk.ask(
        lambda order: keep_carriers(
            desk.session, "simulator", {"DPD": "DPD", "OTHER": "Inny", "ALLEGRO": "Allegro"}, desk.clock()
        )
    )

    assert code_of(ship(desk, waybill)) == code
    assert desk.states == []


def test_without_a_list_of_carriers_allegro_is_the_judge(desk: PushDesk) -> None:
    assert isinstance(ship(desk, dpd(carrier_id="PIGEON")), Push)


def test_same_parcel_asked_twice_is_the_same_push(desk: PushDesk) -> None:
    first = ship(desk, dpd("6200 0000 123a"))
    second = ship(desk, dpd(" 62000000123A"))
    ship(desk, dpd("other"))

    assert isinstance(first, Push)
    assert isinstance(second, Push)
    assert first.id == second.id
    assert desk.pushes(lambda push: push.payload["waybill"]) == ["62000000123a", "other"]


def invoice(desk: PushDesk, given: Invoice) -> object:
    return desk.ask(lambda order: ask_invoice(desk.session, order, given, "anna", desk.clock()))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (an_invoice(" "), "invoice_number_format"),
        (an_invoice("1" * 51), "invoice_number_format"),
        (an_invoice(pdf=b"<html>"), "invoice_not_pdf"),
        (an_invoice(pdf=b"%PDF" + bytes(LARGEST_INVOICE)), "invoice_too_large"),
    ],
)
def test_invoice_that_allegro_would_refuse_is_refused_at_once(
    desk: PushDesk, given: Invoice, code: str
) -> None:
    assert code_of(invoice(desk, given)) == code
    assert desk.states == []


def test_same_invoice_asked_twice_is_the_same_push_and_its_ksef_number_is_kept(desk: PushDesk) -> None:
    invoice(desk, an_invoice())
    invoice(
        desk, an_invoice(" FV 1/11/2026 ", pdf=PDF + b"2", ksef_number="5265877635-20261120-0100001AF629-AF")
    )

    assert desk.pushes(lambda push: (push.document, push.payload["file_name"])) == [
        (PDF + b"2", "FV-1-11-2026.pdf")
    ]
    assert desk.read(lambda order: (order.invoice_number, order.ksef_number)) == (
        "FV 1/11/2026",
        "5265877635-20261120-0100001AF629-AF",
    )


class Books:
    """The shop's way to make invoices."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal

    def issue(self, shop_order_id: ShopOrderId) -> Invoice:
        if self.refusal:
            raise OrderRefused(self.refusal)
        return an_invoice(f"FV {shop_order_id}")


def issue(desk: PushDesk, books: Books) -> object:
    return desk.ask(lambda order: issue_invoice(desk.session, books, order, "anna", desk.clock()))


def test_invoice_of_the_shop_is_issued_and_meant_for_allegro(desk: PushDesk) -> None:
    issue(desk, Books())

    assert desk.read(lambda order: order.invoice_number).startswith("FV shop-")
    assert desk.states == [PushState.WAITING]


def test_invoice_that_the_shop_cannot_make_is_said_in_its_words(desk: PushDesk) -> None:
    assert code_of(issue(desk, Books("no series of numbers"))) == "invoice_refused_by_shop"
    desk.ask(lambda order: setattr(order, "shop_order_id", None))
    assert code_of(issue(desk, Books())) == "order_not_in_shop"


def a_table(desk: PushDesk) -> None:
    rows = [(True, "packed", "READY_FOR_SHIPMENT"), (True, "sent", "SENT"), (False, "SENT", "sent")]
    desk.session.add_all(StatusRule(to_allegro=way, source=one, target=two) for way, one, two in rows)
    desk.session.commit()


def shop_says(desk: PushDesk, status_id: str) -> object:
    return desk.ask(lambda order: shop_status_changed(desk.session, order, status_id, "", desk.clock()))


def test_status_of_the_shop_becomes_allegros_by_the_table(desk: PushDesk) -> None:
    a_table(desk)

    shop_says(desk, "packed")
    shop_says(desk, "unknown to the table")

    assert desk.pushes(lambda push: push.payload) == [{"status": "READY_FOR_SHIPMENT", "is_from_shop": True}]


def test_status_that_we_told_the_shop_is_no_wish_of_its_own(desk: PushDesk) -> None:
    a_table(desk)
    shop_order_id = ShopOrderId(desk.read(lambda order: order.shop_order_id) or "")

    def tell(order: Order) -> object:
        told = shop_statuses_for(desk.session, {shop_order_id: "SENT", ShopOrderId("other"): "NEW"})
        assert told == {shop_order_id: "sent"}
        return shop_status_changed(desk.session, order, "sent", "", desk.clock())

    assert desk.ask(tell) is None
    assert desk.states == []
    assert isinstance(shop_says(desk, "sent"), Push)


def test_status_that_the_shop_has_by_the_table_already_is_no_wish(desk: PushDesk) -> None:
    a_table(desk)
    desk.ask(lambda order: setattr(order, "fulfillment_status", "SENT"))

    assert shop_says(desk, "sent") is None
    assert desk.states == []


def test_retry_makes_a_back_off_end_and_leaves_the_rest_alone(desk: PushDesk) -> None:
    ask(desk, PROCESSING)

    def wait(order: Order) -> None:
        push = list_pushes(desk.session, order.id)[0]
        push.tries, push.next_try_at = 3, desk.clock() + timedelta(hours=1)
        retry_push(desk.session, push, desk.clock())

    desk.ask(wait)

    assert desk.pushes(lambda push: push.next_try_at) == [desk.clock()]
