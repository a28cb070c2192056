"""The life of an order after the purchase: reserved, sold, merged, changed, cancelled; each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.failures import Failure
from allegro_module.db.order_rules import StatusRule, save_rules
from allegro_module.db.orders import Order, OrderContent, TabCount
from allegro_module.db.pushes import Push
from allegro_module.domain.order_rules import DEFAULT_RULES
from allegro_module.domain.orders import EventKind, Flag, Tab
from allegro_module.domain.shop import OrderChangeKind, PositionKind, StockKind
from allegro_module.simulator import World
from allegro_module.simulator.aftermath import pay_surcharge, write_note
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Pay, Wishes, auto_cancel, cancel, change, join, pay, place
from allegro_module.simulator.forms import Status
from allegro_module.simulator.orders import change_fulfillment
from allegro_module.sync.order_plan import Bucket
from allegro_module.sync.order_rows import read_content
from allegro_module.sync.orders import Message
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire
from tests.sync.order_builders import SELLER, a_line, bought, orders
from tests.sync.orders.conftest import (
    Run,
    booked,
    history,
)

LATER = Wishes(pay=Pay.LATER)


def put(session: Session, **values: object) -> None:
    """What the seller has done to the only order."""
    session.execute(update(Order).values(**values))
    session.commit()


def test_row_says_what_lists_and_search_need(run: Run, world: World, session: Session) -> None:
    bought(world, Wishes(message="Na prezent"), lines=[a_line(world, quantity=2)])

    run()

    (order,) = orders(session)
    buyer = BUYERS[0]
    assert (order.tab, order.needs_attention, order.pieces) == (Tab.NEW, False, 2)
    assert (order.buyer_id, order.buyer_login) == (buyer.id, buyer.login)
    assert (order.message, order.country, order.provider) == ("Na prezent", "PL", "SELLER")
    assert order.search == order.search.lower()
    assert "pz-0142" in order.search and buyer.login.lower() in order.search


def test_form_is_kept_whole(run: Run, world: World, session: Session) -> None:
    form = bought(world)

    run()

    kept = session.scalars(select(OrderContent.form)).one()
    session.rollback()
    assert read_content(kept).id == form.id


def test_unpaid_purchase_holds_its_pieces_and_the_sale_uses_the_hold(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, LATER, [a_line(world, quantity=2)])
    run()
    held = shop.pieces["PZ-0142"]
    pay(world, form)

    run()

    assert (held, shop.pieces["PZ-0142"]) == (3, 3)
    assert [(move.kind, move.was_reserved) for move in shop.moves] == [
        (StockKind.RESERVE, False),
        (StockKind.SELL, True),
    ]


def test_nothing_is_held_when_the_seller_does_not_want_it(
    run: Run, world: World, shop: MemoryShop, session: Session, account: Account
) -> None:
    save_rules(session, account.id, replace(DEFAULT_RULES, reserves_stock=False))
    session.commit()
    form = bought(world, LATER)

    run()
    pay(world, form)
    run()

    assert booked(session) == {"sell": 1}
    assert not shop.moves[0].was_reserved


def test_merged_purchases_keep_their_holds_and_the_older_forms_hide(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    first, second = bought(world, LATER), bought(world, None)
    run()
    joined = join(world, [first, second], LATER)
    run()
    unpaid = booked(session)
    pay(world, joined)

    run()

    assert unpaid == {"reserve": 2}
    assert booked(session) == {"reserve": 2, "sell": 2}
    assert shop.pieces["PZ-0142"] == 3
    tabs = {order.checkout_form_id: order.tab for order in orders(session)}
    assert tabs == {first.id: Tab.HIDDEN, second.id: Tab.HIDDEN, joined.id: Tab.NEW}
    assert [history(session, order.id)[0] for order in orders(session)] == [EventKind.MERGED] * 3


def test_line_taken_out_of_a_purchase_is_released(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, LATER, [a_line(world), a_line(world)])
    run()
    form.lines = form.lines[:1]
    form.updated_at = world.now() + timedelta(milliseconds=1)
    pay(world, form)

    run()

    assert booked(session) == {"reserve": 2, "release": 1, "sell": 1}
    assert shop.pieces["PZ-0142"] == 4


def test_cancelled_before_paying_gives_the_hold_back(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, LATER)
    run()
    auto_cancel(world, form)

    run()

    (order,) = orders(session)
    assert booked(session) == {"reserve": 1, "release": 1}
    assert (order.tab, order.cancelled_by) == (Tab.CANCELLED, "allegro")


def test_shop_is_told_who_cancelled(run: Run, world: World, shop: MemoryShop, session: Session) -> None:
    form = bought(world)
    run()
    cancel(world, form)

    run()

    (order,) = orders(session)
    assert [(each.kind, each.reason) for each in shop.changes] == [
        (OrderChangeKind.CANCELLED, "BUYER_CANCELLED")
    ]
    assert (order.cancelled_by, order.tab) == ("buyer", Tab.CANCELLED)
    assert history(session, order.id) == [EventKind.CANCELLED, EventKind.STOCK_RETURNED]


def test_seller_s_cancellation_brings_the_goods_back_once(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world)
    run()
    change_fulfillment(world, form, "CANCELLED", world.now())

    run()
    cancel(world, form)
    run()

    assert [(each.kind, each.reason) for each in shop.changes] == [
        (OrderChangeKind.CANCELLED, "SELLER_CANCELLED"),
        (OrderChangeKind.UPDATED, ""),
    ]
    assert shop.pieces["PZ-0142"] == 5
    assert booked(session) == {"sell": 1, "return": 1}


def test_our_own_cancellation_is_applied_when_it_comes_back(
    run: Run, world: World, shop: MemoryShop, session: Session, clock: BothClocks
) -> None:
    form = bought(world)
    run()
    change_fulfillment(world, form, "CANCELLED", world.now())
    put(session, fulfillment_status="CANCELLED", fulfillment_set_at=clock())

    run()
    run()

    assert [each.reason for each in shop.changes] == ["SELLER_CANCELLED"]
    assert orders(session)[0].cancelled_by == "seller"


def test_order_cancelled_by_the_seller_before_it_was_seen_stays_out_of_the_shop(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    change_fulfillment(world, bought(world), "CANCELLED", world.now())

    run()

    assert (shop.orders_by_id, shop.moves) == ({}, [])
    assert [order.tab for order in orders(session)] == [Tab.CANCELLED]


def test_order_taken_up_again_is_flagged_and_not_sold_twice(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world)
    run()
    change_fulfillment(world, form, "CANCELLED", world.now())
    run()
    change_fulfillment(world, form, "PROCESSING", world.now())

    run()

    (order,) = orders(session)
    assert (order.flags, order.cancelled_by, order.tab) == ([Flag.TAKEN_UP_AGAIN], "", Tab.PROCESSING)
    assert order.needs_attention
    assert booked(session) == {"sell": 1, "return": 1}


def test_cancellation_after_packing_is_flagged(run: Run, world: World, session: Session) -> None:
    form = bought(world)
    run()
    change_fulfillment(world, form, "READY_FOR_SHIPMENT", world.now())
    run()
    form.status = Status.CANCELLED
    form.revision, form.updated_at = "ffffffff", world.now()
    world.orders.record(world, form, "BUYER_CANCELLED", world.now())

    run()

    assert orders(session)[0].flags == [Flag.CANCELLED_LATE]


def test_surcharge_after_the_order_is_a_change_with_its_own_position(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world)
    run()
    pay_surcharge(world, form, Decimal("20.00"))

    run()

    (told,) = shop.changes
    (order,) = orders(session)
    kinds = [each.kind for each in told.order.positions]
    assert PositionKind.SURCHARGE in kinds or Flag.SURCHARGE_APART in order.flags
    assert history(session, order.id) == [EventKind.SURCHARGE]
    assert booked(session) == {"sell": 1}


def test_new_address_drops_the_seller_s_edit_and_says_so(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world)
    run()
    put(session, edits={"recipient.city": "Sopot", "seller_note": "pilne"})
    change(world, form, address=BUYERS[2].home)

    run()

    (order,) = orders(session)
    (told,) = shop.changes
    assert told.order.delivery is not None and told.order.delivery.address is not None
    assert told.order.delivery.address.city == "Łódź"
    assert (order.edits, order.flags) == ({"seller_note": "pilne"}, [Flag.ADDRESS_CHANGED])
    assert order.seller_note == "pilne"
    assert history(session, order.id) == [EventKind.ADDRESS_CHANGED]


def test_note_made_in_allegro_s_panel_reaches_the_shop(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world)
    run()
    write_note(world, form, "dzwonił klient")
    change_fulfillment(world, form, "PROCESSING", world.now())

    run()

    assert orders(session)[0].seller_note == "dzwonił klient"
    assert [each.order.seller_note for each in shop.changes] == ["dzwonił klient"]


def test_one_fulfillment_is_shown_and_moves_no_stock(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = place(world, world.sellers[SELLER].id, [a_line(world)], LATER, BUYERS[0], provider="ALLEGRO")
    run()
    pay(world, form)
    run()

    (order,) = shop.orders_by_id.values()
    assert not order.is_shipped_by_seller
    assert shop.moves == []
    assert [row.provider for row in orders(session)] == ["ALLEGRO"]


def test_new_order_is_accepted_when_the_seller_wants_it(
    run: Run, world: World, session: Session, account: Account
) -> None:
    save_rules(session, account.id, replace(DEFAULT_RULES, accepts_at_import=True))
    session.commit()
    bought(world)

    run()

    assert session.scalars(select(Push.payload)).one()["status"] == "PROCESSING"
    session.rollback()


def test_status_set_in_allegro_s_panel_is_the_shop_s_as_well(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    session.add(StatusRule(to_allegro=False, source="SENT", target="sent"))
    session.commit()
    form = bought(world)
    run()
    change_fulfillment(world, form, "SENT", world.now())

    run()

    (order,) = orders(session)
    assert shop.statuses == {order.shop_order_id: "sent"}
    assert (order.tab, history(session, order.id)) == (Tab.SENT, [EventKind.FULFILLMENT])


def test_old_status_read_just_after_our_own_write_is_ignored(
    run: Run, world: World, session: Session, clock: BothClocks
) -> None:
    form = bought(world)
    run()
    put(session, fulfillment_status="PROCESSING", tab=Tab.PROCESSING, fulfillment_set_at=clock())
    session.execute(update(TabCount).where(TabCount.tab == Tab.NEW).values(tab=Tab.PROCESSING))
    session.commit()
    world.orders.record(world, form, "FULFILLMENT_STATUS_CHANGED", world.now())

    outcome = run()

    assert outcome.message is Message.NOTHING_NEW
    assert orders(session)[0].fulfillment_status == "PROCESSING"


def test_shipped_long_before_the_link_is_none_of_ours(
    run: Run, world: World, shop: MemoryShop, session: Session, clock: BothClocks
) -> None:
    old = bought(world, lines=[a_line(world, bought_at=clock() - timedelta(days=30))])
    change_fulfillment(world, old, "SENT", world.now())

    outcome = run()

    assert outcome.saved.counts == {Bucket.NOT_OURS: 1}
    assert (orders(session), shop.orders_by_id) == ([], {})


@pytest.mark.parametrize("quantity", [0, None, 1.5])
@pytest.mark.parametrize("wishes", [LATER, Wishes()])
def test_unreadable_quantity_is_refused_with_the_reason_and_kept_for_the_seller(
    run: Run, world: World, session: Session, quantity: object, wishes: Wishes, wire: Wire
) -> None:
    form = bought(world, wishes)
    as_json = form.as_json

    def bad(*args: object, **kwargs: object) -> dict[str, object]:
        said = as_json(*args, **kwargs)
        said["lineItems"][0]["quantity"] = quantity
        return said

    form.as_json = bad  # type: ignore[method-assign]
    with wire.check.expecting_violations():
        outcome = run()

    failure = session.scalars(select(Failure)).one()
    assert list(outcome.saved.named) == [form.id]
    assert failure.data is not None and form.id in failure.data
    session.rollback()


def test_line_that_leaves_a_paid_order_is_returned_once(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, Wishes(), [a_line(world), a_line(world, quantity=2)])
    run()
    form.lines = form.lines[:1]
    change(world, form, BUYERS[2].home)
    run()
    change(world, form, BUYERS[1].home)

    run()

    assert booked(session) == {"sell": 2, "return": 1}
    assert shop.pieces["PZ-0142"] == 4


def test_pieces_added_before_paying_are_sold_and_the_hold_of_the_first_is_given_back(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, LATER, [a_line(world)])
    run()
    form.lines = (replace(form.lines[0], quantity=3),)
    pay(world, form)
    run()
    sold = shop.pieces["PZ-0142"]
    cancel(world, form)

    run()

    assert (sold, shop.pieces["PZ-0142"]) == (2, 5)


def test_order_that_the_seller_ships_after_all_leaves_the_shelf_once(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    lines = [a_line(world, quantity=2)]
    form = place(world, world.sellers[SELLER].id, lines, Wishes(), BUYERS[0], provider="ALLEGRO")
    run()
    form.provider, form.updated_at = "SELLER", world.now()
    world.orders.record(world, form, "BUYER_MODIFIED", world.now())
    run()
    change(world, form, BUYERS[2].home)

    run()

    (order,) = shop.orders_by_id.values()
    assert (order.is_shipped_by_seller, shop.pieces["PZ-0142"]) == (True, 3)
    assert booked(session) == {"kept": 1, "sell": 1}


def test_unpaid_purchase_that_the_seller_gives_up_stays_unpaid_and_held(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    form = bought(world, LATER)
    run()
    change_fulfillment(world, form, "CANCELLED", world.now())

    run()

    assert [order.tab for order in orders(session)] == [Tab.UNPAID]
    assert shop.pieces["PZ-0142"] == 4
