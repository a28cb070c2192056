"""Old orders on request, the proof that none is missing, orders read again, shop orders made anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError
from allegro_module.db.accounts import Account
from allegro_module.db.completeness import Completeness
from allegro_module.db.cursors import Cursor
from allegro_module.db.orders import LineMark, Order
from allegro_module.domain.orders import Flag
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Pay, Wishes, change, join
from allegro_module.simulator.generator import generate
from allegro_module.simulator.journal_tricks import hush
from allegro_module.simulator.orders import change_fulfillment
from allegro_module.sync.completeness import check_completeness, prove_completeness
from allegro_module.sync.order_history import import_history
from allegro_module.sync.order_plan import Bucket
from allegro_module.sync.order_rebuilding import rebuild_order, shop_orders_of
from allegro_module.sync.order_refreshing import refresh_orders
from allegro_module.sync.orders import ImportOutcome, Message, reconcile_orders
from tests.memory_shop import MemoryShop, a_product
from tests.sync.conftest import BothClocks, Wire
from tests.sync.order_builders import SELLER, a_line, bought, orders
from tests.sync.orders.conftest import (
    Run,
    booked,
)
from tests.sync.test_orders_faults import at_request

FORMS = "GET /order/checkout-forms"
Prove = Callable[[], Completeness]


@pytest.fixture
def ask_history(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks, run: Run
) -> Run:
    """A week back, up to now."""
    since, until = clock() - timedelta(days=7), clock()

    def ask() -> ImportOutcome:
        session.rollback()
        return import_history(session, api, shop, account, since, until, clock)

    return ask


@pytest.fixture
def prove(session: Session, api: AllegroClient, account: Account, clock: BothClocks, cursor: int) -> Prove:
    return lambda: prove_completeness(session, api, account, clock, clock() - timedelta(days=7))


def sold_before(world: World, days: int, **changes: object) -> object:
    """An order from before the link, whose events the cursor has gone past."""
    form = bought(world, lines=[a_line(world, bought_at=world.now() - timedelta(days=days), **changes)])
    hush(world, form)
    return form


def position(session: Session) -> tuple[object, object]:
    session.rollback()
    row = session.scalars(select(Cursor).where(Cursor.journal == "orders")).one()
    found = (row.position, row.reconciled_until)
    session.rollback()
    return found


def test_old_orders_arrive_on_request_and_the_cursor_stays(
    ask_history: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    sold_before(world, 3)
    sold_before(world, 9)
    before = position(session)

    outcome = ask_history()

    assert (outcome.placed, len(shop.orders_by_id)) == (1, 1)
    assert position(session) == before
    assert shop.pieces["PZ-0142"] == 4


def test_old_orders_that_have_left_move_no_stock_then_or_later(
    ask_history: Run, run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = sold_before(world, 3)
    change_fulfillment(world, form, "SENT", world.now())  # type: ignore[arg-type]

    assert ask_history().placed == 1
    form.message = "dopisek"  # type: ignore[attr-defined]
    change_fulfillment(world, form, "PICKED_UP", world.now())  # type: ignore[arg-type]
    run()

    assert shop.moves == []
    assert booked(session) == {"left": 1}


def test_history_broken_off_goes_on_where_it_was(
    ask_history: Run, world: World, wire: Wire, simulator: Simulator, shop: MemoryShop
) -> None:
    for form in place_many(world, world.sellers[SELLER], 250):
        hush(world, form)
    at_request(wire, 2, lambda: simulator.faults.status(FORMS, 503))

    first = ask_history()
    second = ask_history()

    assert (first.message, first.placed) == (Message.UNAVAILABLE, 100)
    assert (second.placed, second.saved.counts[Bucket.UNCHANGED]) == (150, 1)


def test_one_import_at_a_time_also_of_old_orders(
    ask_history: Run, session: Session, clock: BothClocks
) -> None:
    session.execute(update(Cursor).values(claim="neighbour", claimed_until=clock() + timedelta(minutes=5)))
    session.commit()

    assert ask_history().message is Message.TAKEN_OVER


def test_proof_counts_form_by_form(run: Run, prove: Prove, world: World, session: Session) -> None:
    first, second = bought(world, Wishes(Pay.LATER)), bought(world, Wishes(Pay.LATER))
    join(world, [first, second], Wishes())
    bought(world), bought(world, Wishes(Pay.LATER))
    change_fulfillment(world, bought(world), "CANCELLED", world.now())
    run()

    proof = prove()

    assert (proof.at_allegro, proof.in_shop, proof.missing, proof.unknown) == (2, 2, [], [])
    assert proof.is_complete


def test_proof_names_what_is_missing_and_then_it_is_imported(
    run: Run,
    world: World,
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
    prove: Prove,
) -> None:
    bought(world)
    silent = bought(world)
    hush(world, silent)
    clock.forward(minutes=5)
    run()

    named = prove()
    missing = list(named.missing)
    proof = check_completeness(session, api, shop, account, clock)

    assert missing == [silent.id]
    assert (proof.at_allegro, proof.in_shop, proof.is_complete) == (2, 2, True)
    assert len(shop.orders_by_id) == 2


def test_order_paid_after_the_last_import_is_no_gap(
    run: Run, prove: Prove, world: World, clock: BothClocks
) -> None:
    run()
    clock.forward(minutes=5)
    bought(world)

    assert prove().at_allegro == 0


def test_everything_a_lively_day_brings_is_in_the_shop_once(
    run: Run,
    prove: Prove,
    world: World,
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
    cursor: int,
) -> None:
    expected = generate(world, world.sellers[SELLER], 120, seed=7, days=0.5)
    session.execute(update(Cursor).values(started_at=clock() - timedelta(days=2)))
    session.commit()

    run()
    reconcile_orders(session, api, shop, account, clock)

    placed = [order.checkout_form_id for order in shop.orders_by_id.values()]
    assert len(placed) == len(set(placed))
    assert expected.ready_ids - expected.superseded_ids <= set(placed)
    assert prove().is_complete


@pytest.mark.parametrize(("count", "listed"), [(3, 0), (150, 2)])
def test_orders_are_read_again_before_they_are_packed(
    run: Run,
    world: World,
    wire: Wire,
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
    count: int,
    listed: int,
) -> None:
    forms = place_many(world, world.sellers[SELLER], count)
    run()
    clock.forward(seconds=5)
    change(world, forms[1], address=BUYERS[2].home)
    asked = wire.count(FORMS)

    unread = refresh_orders(session, api, shop, account, orders(session), clock)

    assert unread == set()
    assert len(shop.changes) == 1
    assert wire.count(FORMS) - asked == listed


def test_orders_that_cannot_be_read_again_are_named(
    run: Run,
    world: World,
    simulator: Simulator,
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
) -> None:
    bought(world), bought(world)
    run()
    simulator.faults.status("GET /order/checkout-forms/{id}", 503)
    rows = orders(session)

    assert refresh_orders(session, api, shop, account, rows, clock) == {row.id for row in rows}


def test_shop_order_is_made_anew_of_what_is_kept(
    run: Run, world: World, wire: Wire, session: Session, shop: MemoryShop
) -> None:
    bought(world)
    run()
    asked = len(wire.requests)
    session.execute(update(Order).values(edits={"recipient.city": "Sopot"}))

    (made,) = shop_orders_of(session, shop, session.scalars(select(Order)).all()).values()

    (placed,) = shop.orders_by_id.values()
    assert made.delivery is not None and made.delivery.address is not None
    assert made.delivery.address.city == "Sopot"
    assert (made.number, made.positions) == (placed.number, placed.positions)
    assert len(wire.requests) == asked
    session.rollback()


def test_assigned_product_leaves_the_shelf_and_the_flag_goes(
    run: Run, world: World, session: Session, shop: MemoryShop, clock: BothClocks
) -> None:
    shop.add_product(a_product("KOLCZYKI"))
    form = bought(world, lines=[a_line(world, offer_id="999", external_id="co innego", quantity=2)])
    run()
    order = session.scalars(select(Order)).one()
    flags = list(order.flags)
    session.add(LineMark(order_id=order.id, line_item_id=form.lines[0].id, sku="KOLCZYKI"))

    rebuild_order(session, shop, order, clock())
    rebuild_order(session, shop, order, clock())
    session.commit()

    assert (flags, order.flags, order.needs_attention) == ([Flag.UNMATCHED_LINE], [], False)
    assert shop.pieces["KOLCZYKI"] == 3
    assert shop.orders_by_id[order.shop_order_id].positions[0].sku == "KOLCZYKI"  # type: ignore[index]
    session.rollback()


def test_unreadable_answers_of_the_proof_are_trouble_and_no_gap(
    run: Run, prove: Prove, world: World, simulator: Simulator
) -> None:
    bought(world)
    run()
    simulator.faults.status(FORMS, 503)

    with pytest.raises(AllegroError):
        prove()
