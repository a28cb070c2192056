"""Purchases paid together and cancelled later: their pieces come back once, and no purchase vanishes."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.checkout_forms import CheckoutForm, CheckoutFormStatus
from allegro_module.client.orders import OrderEvent
from allegro_module.db.accounts import Account
from allegro_module.domain.orders import Tab
from allegro_module.simulator import World
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Pay, Wishes, auto_cancel, cancel, join, pay
from allegro_module.simulator.forms import EventType, Form, Status
from allegro_module.simulator.orders import change_fulfillment
from allegro_module.sync.order_reading import FormReader
from allegro_module.sync.orders import reconcile_orders
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks
from tests.sync.order_builders import a_line, bought, orders
from tests.sync.orders.conftest import Run, booked

LATER = Wishes(pay=Pay.LATER)


def two_unpaid(world: World) -> list[Form]:
    return [bought(world, LATER, [a_line(world, quantity=pieces)]) for pieces in (1, 2)]


def tabs(session: Session) -> dict[str, str]:
    return {order.checkout_form_id: order.tab for order in orders(session)}


@pytest.mark.parametrize("is_seen_between", [True, False])
@pytest.mark.parametrize("wishes", [LATER, Wishes()])
def test_joined_purchase_that_is_cancelled_gives_its_pieces_back(
    run: Run, world: World, shop: MemoryShop, session: Session, wishes: Wishes, is_seen_between: bool
) -> None:
    first, second = two_unpaid(world)
    run()
    joined = join(world, [first, second], wishes)
    if is_seen_between:
        run()
    if wishes is LATER:
        auto_cancel(world, joined)
    else:
        cancel(world, joined)

    run()

    assert tabs(session) == {first.id: Tab.HIDDEN, second.id: Tab.HIDDEN, joined.id: Tab.CANCELLED}
    assert shop.pieces["PZ-0142"] == 5


def test_parts_of_a_cancelled_purchase_that_are_cancelled_as_well_stay_out_of_sight(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    parts = two_unpaid(world)
    run()
    joined = join(world, parts, LATER)
    run()
    auto_cancel(world, joined)
    run()
    for part in parts:
        part.status, part.updated_at = Status.CANCELLED, world.now()
        world.orders.record(world, part, EventType.AUTO_CANCELLED, world.now())

    run()

    assert tabs(session) == {parts[0].id: Tab.HIDDEN, parts[1].id: Tab.HIDDEN, joined.id: Tab.CANCELLED}
    assert booked(session) == {"reserve": 2, "release": 2}


def test_part_read_again_after_the_cancellation_does_not_come_back(
    run: Run,
    world: World,
    shop: MemoryShop,
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
) -> None:
    first, second = two_unpaid(world)
    run()
    joined = join(world, [first, second], LATER)
    auto_cancel(world, joined)
    run()
    first.updated_at = world.now()

    session.rollback()
    reconcile_orders(session, api, shop, account, clock)

    assert tabs(session) == {first.id: Tab.HIDDEN, second.id: Tab.HIDDEN, joined.id: Tab.CANCELLED}
    assert shop.pieces["PZ-0142"] == 5


def test_joined_twice_and_then_cancelled_by_the_seller(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    parts = two_unpaid(world)
    run()
    joined = join(world, parts, LATER)
    run()
    third = bought(world, LATER)
    run()
    whole = join(world, [joined, third], LATER)
    run()
    pay(world, whole)
    run()
    sold = shop.pieces["PZ-0142"]
    change_fulfillment(world, whole, "CANCELLED", world.now())

    run()

    assert (sold, shop.pieces["PZ-0142"]) == (1, 5)
    hidden = {form_id for form_id, tab in tabs(session).items() if tab == Tab.HIDDEN}
    assert hidden == {parts[0].id, parts[1].id, joined.id, third.id}


def test_purchases_of_two_buyers_are_never_one_whatever_their_lines_say(
    run: Run, world: World, shop: MemoryShop, session: Session
) -> None:
    line = a_line(world)
    mine = bought(world, Wishes(), [line], BUYERS[0])
    yours = bought(world, Wishes(), [line], BUYERS[1])

    run()

    assert tabs(session) == {mine.id: Tab.NEW, yours.id: Tab.NEW}
    assert len(shop.orders_by_id) == 2


def test_form_read_ahead_is_read_again_when_it_has_changed_since(
    world: World, session: Session, api: AllegroClient, account: Account, clock: BothClocks
) -> None:
    forms = []
    for _ in range(14):
        clock.forward(seconds=1)
        forms.append(bought(world))
    session.rollback()
    reader = FormReader(api.orders)
    first = api.orders.events(limit=20)
    read = {form.id for form in _read(reader, first)}
    late = [form for form in forms if form.id not in read]
    clock.forward(seconds=1)
    cancel(world, late[-1])
    rest = api.orders.events(first[-1].id)

    statuses = {form.id: form.status for form in _read(reader, rest)}

    assert statuses[late[-1].id] is CheckoutFormStatus.CANCELLED
    assert statuses[late[0].id] is CheckoutFormStatus.READY_FOR_PROCESSING


def _read(reader: FormReader, events: tuple[OrderEvent, ...]) -> list[CheckoutForm]:
    wanted: dict[str, list[OrderEvent]] = {}
    for event in events:
        wanted.setdefault(event.checkout_form_id or "", []).append(event)
    found = [form for batch in reader.read({**wanted}) for form in batch]
    return [form for form in found if isinstance(form, CheckoutForm)]
