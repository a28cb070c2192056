"""Importing orders from the journal into the shop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.cursors import Cursor
from allegro_module.db.orders import StockBooking
from allegro_module.domain.facts import OrderChanged, OrderPlaced
from allegro_module.domain.shop import OrderChangeKind, PaymentType, PositionKind
from allegro_module.signals import order_changed, order_placed
from allegro_module.simulator import World
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import (
    Pay,
    Ship,
    Wishes,
    auto_cancel,
    cancel,
    change,
    fill,
    join,
    pay,
    repeat_ready,
)
from allegro_module.simulator.forms import Invoice
from allegro_module.simulator.orders import change_fulfillment
from allegro_module.sync.order_plan import Bucket
from allegro_module.sync.orders import ImportOutcome, Message, import_orders, reconcile_orders
from tests.memory_shop import MemoryShop, a_product
from tests.sync.conftest import BothClocks, Wire
from tests.sync.order_builders import SELLER, a_cursor, a_line, bought, cursor_of, orders, our_offer

LATER = Wishes(pay=Pay.LATER)
Run = Callable[[], ImportOutcome]


@pytest.fixture
def cursor(session: Session, account: Account, clock: BothClocks) -> int:
    our_offer(session, account.id, clock())
    return a_cursor(session, account.id, clock())


@pytest.fixture
def run(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks, cursor: int
) -> Run:
    """One import, a second later than what has happened."""

    def import_once() -> ImportOutcome:
        clock.forward(seconds=1)
        return import_orders(session, api, shop, account, clock)

    return import_once


@pytest.fixture
def reconcile(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks, cursor: int
) -> Run:
    return lambda: reconcile_orders(session, api, shop, account, clock)


@pytest.fixture
def told() -> Iterator[list[object]]:
    facts: list[object] = []

    def listen(sender: object, fact: object) -> None:
        facts.append(fact)

    with order_placed.connected_to(listen), order_changed.connected_to(listen):
        yield facts


def bookings(session: Session) -> Counter[tuple[str, int]]:
    session.rollback()
    rows = Counter((row.kind, row.quantity) for row in session.scalars(select(StockBooking)))
    session.rollback()
    return rows


def test_paid_purchase_becomes_a_shop_order_and_leaves_the_shelf(
    run: Run, world: World, shop: MemoryShop, session: Session, told: list[object]
) -> None:
    form = bought(world, lines=[a_line(world, quantity=2)])

    outcome = run()

    (order,) = shop.orders_by_id.values()
    (row,) = orders(session)
    assert (outcome.placed, outcome.message) == (1, Message.IMPORTED)
    assert order.checkout_form_id == form.id
    assert order.number == row.number == f"BL-{10_000 + row.id}"
    assert order.total.amount == form.total
    assert shop.pieces["PZ-0142"] == 3
    assert (row.shop_order_id, row.status, row.is_paid) == ("shop-1", "READY_FOR_PROCESSING", True)
    assert told == [OrderPlaced(SELLER, form.id, "shop-1", order.number)]


def test_every_part_of_the_order_arrives(run: Run, world: World, shop: MemoryShop) -> None:
    buyer = BUYERS[4]
    wish = Invoice(buyer.home, "Biuro Nowak sp. z o.o.", "5252674798")
    bought(world, Wishes(Pay.ON_DELIVERY, Ship.POINT, wish, "Na prezent."), buyer=buyer)

    run()

    (order,) = shop.orders_by_id.values()
    assert order.payment is not None and order.delivery is not None and order.invoice is not None
    assert order.payment.type is PaymentType.CASH_ON_DELIVERY
    assert not order.payment.is_paid
    assert order.to_collect == order.total
    assert order.delivery.pickup_point is not None
    assert order.delivery.address is not None and order.delivery.address.city == "Gdynia"
    assert (order.invoice.tax_id, order.invoice.address.company) == ("5252674798", "Biuro Nowak sp. z o.o.")
    assert order.message == "Na prezent."
    assert [each.kind for each in order.positions] == [PositionKind.GOODS, PositionKind.DELIVERY]
    assert order.buyer.login == buyer.login


def test_second_run_finds_nothing_new(run: Run, world: World, shop: MemoryShop, wire: Wire) -> None:
    bought(world)
    run()
    before = len(wire.requests)

    outcome = run()

    assert outcome.message is Message.NOTHING_NEW
    assert wire.requests[before:] == ["GET /order/events"]
    assert shop.batches == [1]


def test_order_is_placed_once_when_its_event_arrives_twice(run: Run, world: World, shop: MemoryShop) -> None:
    form = bought(world)
    run()
    repeat_ready(world, form)

    outcome = run()

    assert outcome.saved.counts == {Bucket.UNCHANGED: 1}
    assert len(shop.orders_by_id) == 1
    assert shop.pieces["PZ-0142"] == 4


def test_unpaid_purchase_waits_until_it_is_paid(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, LATER)
    first = run()
    remembered = orders(session)
    pay(world, form)

    second = run()

    assert first.saved.counts == {Bucket.REMEMBER: 1}
    assert [(row.status, row.shop_order_id) for row in remembered] == [("FILLED_IN", None)]
    assert second.placed == 1
    assert [(row.status, row.shop_order_id) for row in orders(session)] == [
        ("READY_FOR_PROCESSING", "shop-1")
    ]
    assert shop.pieces["PZ-0142"] == 4


def test_purchase_without_a_delivery_form_is_only_remembered(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, None)

    run()

    (row,) = orders(session)
    assert (row.status, row.total, row.delivery_method) == ("BOUGHT", form.total, "")
    assert shop.orders_by_id == {}
    assert bookings(session) == {("reserve", 1): 1}


def test_cancelled_order_is_told_to_the_shop_and_goods_come_back_once(
    run: Run, world: World, shop: MemoryShop, session: Session, told: list[object]
) -> None:
    form = bought(world, lines=[a_line(world, quantity=2)])
    run()
    cancel(world, form)

    run()
    change_fulfillment(world, form, "CANCELLED", world.now())
    run()

    assert [change.kind for change in shop.changes] == [OrderChangeKind.CANCELLED]
    assert shop.pieces["PZ-0142"] == 5
    assert bookings(session) == {("sell", 2): 1, ("return", 2): 1}
    assert told[1:] == [OrderChanged(SELLER, form.id, "shop-1", "cancelled")]


def test_purchase_cancelled_before_it_was_paid_never_reaches_the_shop(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, LATER)
    run()
    auto_cancel(world, form)

    run()

    assert [row.status for row in orders(session)] == ["CANCELLED"]
    assert (shop.orders_by_id, shop.changes) == ({}, [])
    assert bookings(session) == {("reserve", 1): 1, ("release", 1): 1}
    assert shop.pieces["PZ-0142"] == 5


def test_changed_address_is_told_to_the_shop(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world)
    run()
    change(world, form, address=BUYERS[2].home)

    outcome = run()

    (told,) = shop.changes
    assert outcome.changed == 1
    assert told.kind is OrderChangeKind.UPDATED
    assert told.order.delivery is not None and told.order.delivery.address is not None
    assert told.order.delivery.address.city == "Łódź"
    assert told.order.number == orders(session)[0].number
    assert bookings(session) == {("sell", 1): 1}


def test_seller_s_own_status_is_remembered_and_not_told(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world)
    run()
    change_fulfillment(world, form, "SENT", world.now())

    outcome = run()

    assert outcome.saved.counts[Bucket.REMEMBER] == 1
    assert orders(session)[0].fulfillment_status == "SENT"
    assert shop.changes == []


def test_purchases_paid_together_become_one_order(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    first, second = bought(world, LATER), bought(world, None)
    run()
    joined = join(world, [first, second], Wishes())

    run()
    run()

    (order,) = shop.orders_by_id.values()
    left = {row.checkout_form_id: row.superseded_by for row in orders(session)}
    assert order.checkout_form_id == joined.id
    assert set(order.supersedes) == {first.id, second.id}
    assert left == {first.id: joined.id, second.id: joined.id, joined.id: None}
    assert shop.pieces["PZ-0142"] == 3


def test_purchases_joined_before_the_first_look_become_one_order(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    first, second = bought(world, LATER), bought(world, LATER)
    joined = join(world, [first, second], Wishes())

    outcome = run()

    assert outcome.saved.counts == {Bucket.PLACE: 1, Bucket.LEFT_BEHIND: 2}
    assert [order.checkout_form_id for order in shop.orders_by_id.values()] == [joined.id]
    assert bookings(session) == {("sell", 1): 2}


def test_form_left_behind_and_cancelled_later_takes_nothing_back(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    first, second = bought(world, LATER), bought(world, LATER)
    join(world, [first, second], Wishes())
    run()
    first.joined_into = None
    auto_cancel(world, first)

    run()

    assert bookings(session) == {("sell", 1): 2}
    assert shop.changes == []


def test_form_seen_only_after_its_lines_were_sold_elsewhere_is_left_behind(
    run: Run, world: World, shop: MemoryShop, session: Session, cursor: int
) -> None:
    first, second = bought(world, LATER), bought(world, LATER)
    journal = world.orders.journal(world.sellers[SELLER].id)
    early, journal[:] = list(journal), []
    join(world, [first, second], Wishes())
    run()
    journal[:0] = early
    session.get_one(Cursor, cursor).position = None
    session.commit()

    outcome = run()

    assert outcome.saved.counts[Bucket.LEFT_BEHIND] == 2
    assert len(shop.orders_by_id) == 1
    assert all(row.superseded_by for row in orders(session) if row.shop_order_id is None)


def test_line_of_an_unknown_offer_stays_as_text_with_a_flag(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    bought(world, lines=[a_line(world, offer_id="999", external_id="co innego", name="Obcy towar")])

    run()

    (order,) = shop.orders_by_id.values()
    assert (order.positions[0].sku, order.positions[0].name) == (None, "Obcy towar")
    assert order.flags == ("unmatched_line",)
    assert orders(session)[0].flags == ["unmatched_line"]
    assert shop.moves == []


@pytest.mark.parametrize("signature", ["PZ-0142", "PZ-0142~2"])
def test_line_of_an_offer_not_ours_is_matched_by_its_signature(
    run: Run, world: World, shop: MemoryShop, signature: str
) -> None:
    bought(world, lines=[a_line(world, offer_id="999", external_id=signature)])

    run()

    (order,) = shop.orders_by_id.values()
    assert order.positions[0].sku == "PZ-0142"
    assert shop.pieces["PZ-0142"] == 4


def test_vat_of_the_shop_product_stands_in_where_allegro_names_none(
    run: Run, world: World, shop: MemoryShop
) -> None:
    shop.add_product(a_product("PZ-0142", vat_rate=Decimal(8)))
    bought(world, lines=[a_line(world, tax=None)])

    run()

    (order,) = shop.orders_by_id.values()
    assert [position.vat_rate for position in order.positions] == [Decimal(8), Decimal(8)]


def test_old_order_is_imported_when_an_event_after_the_cursor_names_it(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, world: World, clock: BothClocks
) -> None:
    old = bought(world)
    clock.forward(days=1)
    newest = world.orders.journal(world.sellers[SELLER].id)[-1].id
    a_cursor(session, account.id, clock(), newest)
    change_fulfillment(world, old, "PROCESSING", clock())

    outcome = import_orders(session, api, shop, account, clock)

    assert outcome.placed == 1


def test_cursor_stands_at_the_last_event_and_says_what_happened(
    run: Run, world: World, session: Session, clock: BothClocks
) -> None:
    bought(world)

    run()

    newest = world.orders.journal(world.sellers[SELLER].id)[-1].id
    assert cursor_of(session, lambda row: row.position) == newest
    assert cursor_of(session, lambda row: row.last_message) == "Orders imported."
    assert cursor_of(session, lambda row: (row.last_success_at, row.claim)) == (clock(), None)


def test_event_that_becomes_visible_late_is_found(
    run: Run, world: World, shop: MemoryShop, clock: BothClocks
) -> None:
    world.switches.event_delay_seconds = 30
    bought(world)
    first = run()
    clock.forward(seconds=40)

    second = run()

    assert (first.placed, second.placed) == (0, 1)


def test_order_the_journal_never_named_is_found_by_the_slower_pass(
    run: Run, reconcile: Run, world: World, shop: MemoryShop
) -> None:
    bought(world)
    world.orders.journal(world.sellers[SELLER].id).clear()

    assert run().placed == 0
    assert reconcile().placed == 1
    assert reconcile().placed == 0
    assert len(shop.orders_by_id) == 1


def test_slower_pass_goes_on_from_where_it_was(
    reconcile: Run, world: World, session: Session, clock: BothClocks
) -> None:
    form = bought(world)
    reconcile()
    seen = cursor_of(session, lambda row: row.reconciled_until)
    clock.forward(hours=3)
    bought(world)

    outcome = reconcile()

    assert seen == form.updated_at
    assert outcome.placed == 1
    assert cursor_of(session, lambda row: row.reconciled_until) == clock()


def test_one_process_reads_a_journal_at_a_time(
    run: Run, world: World, session: Session, cursor: int, clock: BothClocks
) -> None:
    bought(world)
    held = session.get_one(Cursor, cursor)
    held.claim, held.claimed_until = "neighbour", clock() + timedelta(minutes=5)
    session.commit()

    assert run().message is Message.TAKEN_OVER
    clock.forward(minutes=6)
    assert run().placed == 1


def test_account_that_was_never_linked_has_nothing_to_read(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
) -> None:
    assert import_orders(session, api, shop, account, clock).message is Message.NOT_LINKED


def test_many_orders_arrive_in_few_requests_and_statements(
    run: Run, world: World, shop: MemoryShop, engine: Engine, wire: Wire
) -> None:
    place_many(world, world.sellers[SELLER], 500)

    with counted(engine) as statements:
        outcome = run()

    events = len(world.orders.journal(world.sellers[SELLER].id))
    assert outcome.placed == 500
    assert len(wire.requests) <= events // 1000 + 1 + 6
    assert max(shop.batches) <= 100 and len(shop.batches) <= 6
    assert len(statements) <= len(shop.batches) * 12 + 12


def test_unchanged_page_costs_three_statements(
    run: Run, reconcile: Run, world: World, engine: Engine
) -> None:
    place_many(world, world.sellers[SELLER], 100)
    run()

    with counted(engine) as statements:
        outcome = reconcile()

    assert outcome.saved.counts == {Bucket.UNCHANGED: 100}
    # Seven to claim and to give back; three for the full page, two for the empty one.
    assert len(statements) <= 13


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_buyer_who_fills_the_form_again_gets_one_order(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, LATER)
    run()
    fill(world, form, Wishes(Pay.LATER, Ship.POINT))
    run()
    pay(world, form)

    run()

    (order,) = shop.orders_by_id.values()
    assert order.delivery is not None and order.delivery.pickup_point is not None
    assert len(orders(session)) == 1
