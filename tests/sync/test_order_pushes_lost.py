"""Telling Allegro on bad days: whatever dies or gets lost on the way, nothing is told twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, delete, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.client import AllegroClient
from allegro_module.client.errors import NotConnected, Reason
from allegro_module.db.accounts import Account
from allegro_module.db.order_rules import StatusRule
from allegro_module.db.orders import Order, TabCount, find_order_by_shop_order
from allegro_module.domain.orders import EventKind, Flag, FulfillmentStatus, Tab
from allegro_module.domain.pushes import PushState, Trouble
from allegro_module.domain.shop import OrderChangeKind, ShopOrderId, StockKind
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.checkout import cancel
from allegro_module.simulator.faults import Kind
from allegro_module.sync.order_intentions import (
    ask_invoice,
    ask_shipment,
    ask_status,
    shop_status_changed,
)
from allegro_module.sync.order_pushes import push_orders
from allegro_module.sync.orders import import_orders
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, LastingAccess, Wire
from tests.sync.order_builders import a_cursor, bought, orders, our_offer
from tests.sync.push_builders import (
    DECLARE,
    FORM,
    SHIP,
    STATUS,
    DeadlyWire,
    Killed,
    PushDesk,
    an_invoice,
    an_order,
    count,
    dpd,
)

DONE, SENDING, DROPPED = PushState.DONE, PushState.SENDING, PushState.DROPPED
PROCESSING, SENT = FulfillmentStatus.PROCESSING, FulfillmentStatus.SENT
UPLOAD = "PUT /order/checkout-forms/{id}/invoices/{invoice}/file"
CLAIM_RUNS_OUT = 6 * 60
LOSSES = [Kind.LOSE_ANSWER, Kind.RESET]


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
    form = bought(world)
    return PushDesk(session, api, shop, clock, form, an_order(session, account, form))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


def want(desk: PushDesk, status: FulfillmentStatus) -> None:
    desk.ask(lambda order: ask_status(desk.session, order, status, "anna", desk.clock()))


def ship(desk: PushDesk) -> None:
    desk.ask(lambda order: ask_shipment(desk.session, order, dpd(), "anna", desk.clock()))


def send(desk: PushDesk) -> None:
    desk.ask(lambda order: ask_invoice(desk.session, order, an_invoice(), "anna", desk.clock()))


def until_done(desk: PushDesk) -> None:
    for _ in range(8):
        if desk.states == [DONE]:
            return
        desk.later(seconds=CLAIM_RUNS_OUT)
    raise AssertionError(desk.states)


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize(
    ("ask", "route"), [(ship, SHIP.format("{id}")), (send, DECLARE.format("{id}")), (send, UPLOAD)]
)
def test_lost_answer_makes_no_second_parcel_or_invoice(
    desk: PushDesk, simulator: Simulator, kind: Kind, ask: Callable[[PushDesk], None], route: str
) -> None:
    ask(desk)
    simulator.faults.add(route, kind)

    counts = desk.push()

    assert (counts.later, desk.states) == (1, [SENDING])
    assert desk.read(lambda order: order.flags) == []
    until_done(desk)
    assert len(desk.form.shipments) + len(desk.form.papers) == 1
    assert all(paper.content for paper in desk.form.papers)


def test_answer_that_cannot_be_read_makes_no_second_parcel(
    desk: PushDesk, simulator: Simulator, wire: Wire
) -> None:
    ship(desk)
    simulator.faults.malformed(SHIP.format("{id}"))

    with wire.check.expecting_violations():
        desk.push()

    until_done(desk)
    assert len(desk.form.shipments) == 1


def test_lost_answer_to_a_status_is_looked_for_and_not_written_again(
    desk: PushDesk, simulator: Simulator, wire: Wire
) -> None:
    want(desk, PROCESSING)
    simulator.faults.lose_answer(STATUS.format("{id}"))

    assert desk.push().later == 1
    until_done(desk)

    assert desk.form.operations == 1
    assert (count(wire, STATUS, desk.form), count(wire, FORM, desk.form)) == (1, 1)
    assert desk.read(lambda order: order.tab) == Tab.PROCESSING


def test_status_lost_for_good_gives_way_to_the_later_one(desk: PushDesk, simulator: Simulator) -> None:
    want(desk, PROCESSING)
    simulator.faults.reset(STATUS.format("{id}"))
    desk.push()
    want(desk, SENT)

    desk.later(seconds=30)
    desk.later(seconds=30)

    assert (desk.states, desk.form.fulfillment, desk.form.operations) == ([DROPPED, DONE], "SENT", 1)


def test_later_status_does_not_overtake_the_one_in_doubt(desk: PushDesk, simulator: Simulator) -> None:
    want(desk, PROCESSING)
    simulator.faults.lose_answer(STATUS.format("{id}"))
    desk.push()
    want(desk, FulfillmentStatus.NEW)

    desk.push()
    assert desk.form.fulfillment == "PROCESSING"
    desk.later(seconds=30)
    desk.later(seconds=30)

    assert (desk.states, desk.form.fulfillment) == ([DONE, DONE], "NEW")


@pytest.mark.parametrize("afterwards", [False, True])
@pytest.mark.parametrize(("ask", "number"), [(ship, 1), (ship, 2), (send, 1), (send, 2), (send, 3)])
def test_death_at_any_call_makes_no_second_parcel_or_invoice(
    desk: PushDesk,
    wire: Wire,
    ask: Callable[[PushDesk], None],
    number: int,
    afterwards: bool,
) -> None:
    ask(desk)
    DeadlyWire(wire, number, afterwards)

    with pytest.raises(Killed):
        desk.push()

    assert desk.states == [SENDING]
    until_done(desk)
    assert len(desk.form.shipments) + len(desk.form.papers) == 1
    assert all(paper.content for paper in desk.form.papers)


@pytest.mark.parametrize("ask", [ship, send])
def test_death_at_any_commit_makes_no_second_parcel_or_invoice(
    desk: PushDesk, ask: Callable[[PushDesk], None]
) -> None:
    ask(desk)
    for number in range(1, 6):
        left = [number]

        def die(session: Session, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        event.listen(desk.session, "before_commit", die)
        try:
            desk.push()
        except Killed:
            pass
        finally:
            event.remove(desk.session, "before_commit", die)
        desk.clock.forward(seconds=CLAIM_RUNS_OUT)

    until_done(desk)
    assert len(desk.form.shipments) + len(desk.form.papers) == 1


def test_claim_of_a_dead_process_is_taken_at_once(desk: PushDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(desk)
    with monkeypatch.context() as patch:
        patch.setattr("allegro_module.sync.push_claims.new_claim", dead_claim)
        patch.setattr("allegro_module.sync.order_pushes.send_shipment", die)
        with pytest.raises(Killed):
            desk.push()

    assert str(desk.push()) == "1 sent"


def dead_claim() -> str:
    machine, _, rest = new_claim().partition(".")
    return f"{machine}.999999.1.{rest.rpartition('.')[2]}"


def die(*_: object) -> None:
    raise Killed


def test_database_that_is_locked_blames_nobody(desk: PushDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(desk)

    def locked(*_: object) -> None:
        raise OperationalError("update", {}, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr("allegro_module.sync.order_pushes.send_shipment", locked)
        desk.push()

    until_done(desk)
    assert desk.read(lambda order: order.flags) == []


@pytest.mark.parametrize("reason", list(Reason)[:3])
def test_account_without_a_link_waits_and_nothing_is_counted_against_the_order(
    desk: PushDesk, monkeypatch: pytest.MonkeyPatch, reason: Reason
) -> None:
    want(desk, PROCESSING)

    def no_token(self: LastingAccess) -> str:
        raise NotConnected(reason)

    with monkeypatch.context() as patch:
        patch.setattr(LastingAccess, "access_token", no_token)
        assert desk.push().later == 1

    trouble = Trouble.SCOPE_MISSING if reason is Reason.SCOPE_MISSING else Trouble.NOT_CONNECTED
    assert desk.pushes(lambda push: (push.state, push.trouble, push.tries)) == [
        (PushState.WAITING, trouble, 0)
    ]
    assert str(desk.later(minutes=5)) == "1 sent"


class TestTwoPushersAtOnce:
    @pytest.fixture
    def database_url(self, any_database_url: str) -> str:
        return any_database_url

    def test_send_each_thing_once(
        self, desk: PushDesk, engine: Engine, wire: Wire, api: AllegroClient
    ) -> None:
        ship(desk)
        send(desk)
        want(desk, PROCESSING)
        desk.session.rollback()
        wire.session = None
        together = Barrier(2)

        def pusher() -> int:
            with Session(engine) as session:
                together.wait()
                return push_orders(session, lambda _: api, lambda _: desk.clock).done

        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(pusher) for _ in range(2)]
            done = sum(run.result() for run in runs)

        assert done == 3
        assert (len(desk.form.shipments), len(desk.form.papers), desk.form.operations) == (1, 1, 1)


@pytest.fixture
def imported(desk: PushDesk, account: Account, session: Session, api: AllegroClient) -> PushDesk:
    """The order as the import made it, in the shop and with its stock taken."""
    session.rollback()
    session.execute(delete(TabCount))
    session.execute(delete(Order))
    session.commit()
    our_offer(session, account.id, desk.clock())
    a_cursor(session, account.id, desk.clock())
    desk.with_shop = True
    read_journal(desk, account)
    desk.order_id = orders(session)[0].id
    return desk


def read_journal(desk: PushDesk, account: Account) -> None:
    desk.clock.forward(seconds=1)
    desk.session.rollback()
    import_orders(desk.session, desk.api, desk.shop, account, desk.clock)


def returned(desk: PushDesk) -> int:
    return sum(move.kind is StockKind.RETURN for move in desk.shop.moves)


def test_cancellation_of_ours_gives_the_stock_back_exactly_once(imported: PushDesk, account: Account) -> None:
    desk = imported
    want(desk, FulfillmentStatus.CANCELLED)

    desk.push()
    read_journal(desk, account)
    desk.clock.forward(hours=1)
    read_journal(desk, account)

    assert (desk.form.fulfillment, returned(desk)) == ("CANCELLED", 1)
    assert [change.kind for change in desk.shop.changes] == [OrderChangeKind.CANCELLED]
    assert desk.tabs() == {"cancelled": 1}


def test_cancellation_of_ours_is_applied_by_the_import_when_it_was_cut_off(
    imported: PushDesk, account: Account
) -> None:
    desk = imported
    desk.with_shop = False
    want(desk, FulfillmentStatus.CANCELLED)
    desk.push()
    assert returned(desk) == 0

    read_journal(desk, account)

    assert returned(desk) == 1


def test_order_that_the_buyer_cancelled_is_refused_and_cancelled_in_the_shop(
    imported: PushDesk, world: World
) -> None:
    desk = imported
    want(desk, PROCESSING)
    cancel(world, desk.form)

    counts = desk.push()

    assert [each.trouble for each in counts.refused] == [Trouble.ORDER_CANCELLED]
    assert (returned(desk), desk.form.fulfillment) == (1, "NEW")
    assert Flag.PUSH_REFUSED in desk.read(lambda order: order.flags)


def test_own_status_comes_back_from_allegro_and_from_the_shop_without_an_echo(
    imported: PushDesk, account: Account, wire: Wire
) -> None:
    desk = imported
    table = [
        (True, "sent", "SENT"),
        (False, "SENT", "sent"),
        (True, "new", "PROCESSING"),
        (False, "NEW", "new"),
    ]
    desk.session.add_all(StatusRule(to_allegro=way, source=one, target=two) for way, one, two in table)
    desk.session.commit()
    shop_order_id = ShopOrderId(desk.read(lambda order: order.shop_order_id) or "")
    set_statuses = desk.shop.set_statuses

    def with_hook(statuses: Mapping[ShopOrderId, str]) -> None:
        set_statuses(statuses)
        for each in statuses:
            row = find_order_by_shop_order(desk.session, each)
            assert row is not None
            shop_status_changed(desk.session, row, statuses[each], "", desk.clock())

    desk.shop.set_statuses = with_hook  # type: ignore[method-assign]
    want(desk, SENT)
    desk.push()
    for _ in range(3):
        read_journal(desk, account)
        desk.push()

    assert desk.shop.statuses[shop_order_id] == "sent"
    assert (desk.states, desk.form.operations) == ([DONE], 1)
    assert len(desk.events(EventKind.STATUS_SENT)) == 1
