"""Forms that say nonsense, or less than they must: set aside with the reason, and nothing is invented."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.failures import Failure
from allegro_module.demo.formats import moment
from allegro_module.domain.orders import Flag, Tab
from allegro_module.simulator import World
from allegro_module.simulator.checkout import Pay, Wishes, cancel, pay
from allegro_module.simulator.spoiling import changes_of
from allegro_module.sync.order_reading import FormReader
from allegro_module.sync.orders import Message, reconcile_orders
from allegro_module.web.formats import in_warsaw
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire
from tests.sync.order_builders import a_line, bought, cursor_of, orders
from tests.sync.orders.conftest import Run, booked

LATER = Wishes(pay=Pay.LATER)
END = "9999-12-31T23:59:59Z"
BEGINNING = "0001-01-01T00:00:00Z"
ENDS = [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]


def reasons(session: Session) -> list[str]:
    session.rollback()
    found = list(session.scalars(select(Failure.reason).where(Failure.resolved_at.is_(None))))
    session.rollback()
    return found


@pytest.mark.parametrize("at", [END, BEGINNING])
@pytest.mark.parametrize("path", ["lineItems.0.boughtAt", "updatedAt"])
@pytest.mark.parametrize("wishes", [LATER, Wishes()])
def test_time_of_another_century_sets_the_form_aside_and_nothing_stops(
    run: Run,
    world: World,
    shop: MemoryShop,
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    path: str,
    at: str,
    wishes: Wishes,
) -> None:
    bad, good = bought(world, wishes), bought(world)
    bad.spoilt = changes_of({"path": path, "value": at})

    assert run().message is Message.SET_ASIDE
    reconcile_orders(session, api, shop, account, clock)

    assert [order.checkout_form_id for order in orders(session)] == [good.id]
    assert reasons(session) == ["a time of another century"]
    assert cursor_of(session, lambda row: row.reconciled_until) <= clock()


@pytest.mark.parametrize("at", ENDS)
def test_event_of_another_century_does_not_stop_the_reading(
    world: World, session: Session, api: AllegroClient, account: Account, at: datetime
) -> None:
    forms = [bought(world), bought(world)]
    session.rollback()
    events = api.orders.events()
    wanted = {form.id: [msgspec.structs.replace(events[0], occurred_at=at)] for form in forms}

    (found,) = FormReader(api.orders).read(wanted)

    assert [each.id for each in found] == [form.id for form in forms]


@pytest.mark.parametrize("at", [END, BEGINNING])
def test_times_that_an_order_can_do_without_are_left_out(
    run: Run, world: World, shop: MemoryShop, session: Session, at: str
) -> None:
    form = bought(world)
    form.spoilt = (("delivery.time.dispatch.to", at), ("payment.finishedAt", at))

    run()

    (order,), (row,) = shop.orders_by_id.values(), orders(session)
    assert order.payment is not None and order.delivery is not None
    assert (order.payment.is_paid, order.payment.finished_at) == (True, None)
    assert (order.delivery.dispatch_to, row.dispatch_to, row.is_paid) == (None, None, True)


@pytest.mark.parametrize("at", ENDS)
def test_times_at_the_ends_of_the_calendar_can_be_shown(at: datetime) -> None:
    assert in_warsaw(at).strftime("%d.%m.%Y, %H:%M")
    assert moment(at)


@pytest.mark.parametrize("wishes", [LATER, Wishes()])
def test_line_without_an_id_sets_the_form_aside(
    run: Run, world: World, shop: MemoryShop, session: Session, wire: Wire, wishes: Wishes
) -> None:
    bought(world, wishes, [a_line(world, id="")])

    with wire.check.expecting_violations():
        run()

    assert (reasons(session), orders(session), shop.moves) == (["a line without an id"], [], [])


def test_two_lines_with_one_id_set_the_form_aside(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    line = a_line(world)
    bought(world, Wishes(), [line, line])

    run()

    assert (reasons(session), shop.moves) == (["two lines with the same id"], [])


def test_form_to_be_fulfilled_without_a_total_waits_until_there_is_one(
    run: Run, world: World, shop: MemoryShop, session: Session, clock: BothClocks, wire: Wire
) -> None:
    form = bought(world, LATER)
    form.spoilt = changes_of({"way": "total_missing"})
    with wire.check.expecting_violations():
        run()
        unpaid = [(order.tab, order.total) for order in orders(session)]
        pay(world, form)
        run()
    refused, placed = reasons(session), len(shop.orders_by_id)
    form.spoilt = ()
    clock.forward(minutes=6)
    run()

    assert unpaid == [(Tab.UNPAID, Decimal(0))]
    assert (refused, placed) == (["a form to be fulfilled without a total"], 0)
    assert [(order.tab, order.total) for order in orders(session)] == [(Tab.NEW, form.total)]
    assert reasons(session) == []


def test_cancellation_without_a_total_is_carried_out_and_the_total_stays(
    run: Run, world: World, shop: MemoryShop, session: Session, wire: Wire
) -> None:
    form = bought(world)
    run()
    cancel(world, form)
    form.spoilt = changes_of({"way": "total_missing"})
    with wire.check.expecting_violations():
        run()

    (order,) = orders(session)
    assert (order.tab, order.total) == (Tab.CANCELLED, form.total)
    assert booked(session) == {"sell": 1, "return": 1}


def test_status_that_is_not_known_here_asks_for_the_seller_until_it_is_known(
    run: Run, world: World, shop: MemoryShop, session: Session, wire: Wire
) -> None:
    form = bought(world, LATER)
    form.spoilt = changes_of({"way": "unknown_status"})
    with wire.check.expecting_violations():
        run()
    (before,) = orders(session)
    form.spoilt = ()
    pay(world, form)
    run()

    (after,) = orders(session)
    assert (before.flags, before.needs_attention) == ([Flag.UNKNOWN_STATUS], True)
    assert (after.flags, after.needs_attention, after.tab) == ([], False, Tab.NEW)
