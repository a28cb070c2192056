"""One value for many offers: a command that is carried out once, and a result at each offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.offer_changes import (
    ChangeState,
    OfferChange,
    OfferChangeItem,
    get_change,
    has_due_changes,
    list_batch,
)
from allegro_module.db.offers import Offer
from allegro_module.db.terms import TermKind, list_terms
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.faults import Kind
from allegro_module.sync import offer_changes
from allegro_module.sync.change_claims import take
from allegro_module.sync.change_outcomes import GONE, TOO_OLD
from allegro_module.sync.offer_changes import ChangeCounts, ask_again, ask_change, push_changes
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire
from tests.sync.listed_offers import two_listed_offers
from tests.sync.offer_builders import on_allegro
from tests.sync.push_builders import DeadlyWire, Killed

ROUTE = "/sale/offer-modification-commands/{id}"
PUT, LOOK = f"PUT {ROUTE}", f"GET {ROUTE}"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@dataclass
class Desk:
    """Two offers of one account, active on Allegro under the first price list; `other` is the second."""

    session: Session
    api: AllegroClient
    account_id: int
    clock: BothClocks
    wire: Wire
    offers: list[int]
    other: str

    def ask(self, value: str = "", field: str = "shipping_rate_id", offers: list[int] | None = None) -> int:
        self.session.rollback()
        wanted = self.offers if offers is None else offers
        change = ask_change(
            self.session, self.account_id, field, value or self.other, "Inny", wanted, "anna", self.clock()
        )
        self.session.commit()
        change_id = change.id
        self.session.rollback()
        return change_id

    def push(self) -> ChangeCounts:
        self.session.rollback()
        return push_changes(self.session, lambda account: self.api, lambda name: self.clock)

    def later(self, **by: float) -> ChangeCounts:
        self.clock.forward(**by)
        return self.push()

    def read(self, change_id: int, value: Callable[[OfferChange], Any]) -> Any:
        self.session.rollback()
        found = value(get_change(self.session, change_id))
        self.session.rollback()
        return found

    def results(self, change_id: int) -> list[str]:
        return self.read(change_id, lambda change: [str(item.state) for item in change.items])  # type: ignore[no-any-return]

    def column(self, name: str) -> list[Any]:
        self.session.rollback()
        found = list(self.session.scalars(select(getattr(Offer, name)).order_by(Offer.id)))
        self.session.rollback()
        return found

    @property
    def sent(self) -> int:
        return sum(
            request.startswith("PUT /sale/offer-modification-commands") for request in self.wire.requests
        )


@pytest.fixture
def desk(
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
    wire: Wire,
    world: World,
) -> Desk:
    account_id = account.id
    ids = two_listed_offers(session, api, shop, account, clock)
    known = [term.known_id for term in list_terms(session, account_id, TermKind.SHIPPING_RATE)]
    present = session.get_one(Offer, ids[0]).shipping_rate_id
    session.rollback()
    other = next(each for each in known if each != present)
    wire.requests.clear()
    return Desk(session, api, account_id, clock, wire, ids, other)


def at_allegro(world: World) -> list[str]:
    return [offer.wish["delivery"]["shippingRates"]["id"] for offer in on_allegro(world)]


def test_all_offers_get_the_price_list_and_their_rows_know_it(desk: Desk, world: World) -> None:
    versions = desk.column("version")
    change_id = desk.ask()
    assert has_due_changes(desk.session, desk.clock())

    assert desk.push() == ChangeCounts(later=1)
    assert desk.read(change_id, lambda change: change.state) == ChangeState.RUNNING
    assert desk.later(seconds=10) == ChangeCounts(done=1)

    assert at_allegro(world) == [desk.other, desk.other]
    assert desk.column("shipping_rate_id") == [desk.other, desk.other]
    assert desk.column("version") == [version + 1 for version in versions], "an open form is told"
    assert desk.results(change_id) == ["success", "success"]
    assert desk.read(change_id, lambda change: (change.size, change.succeeded, change.failed)) == (2, 2, 0)
    assert desk.later(days=1) == ChangeCounts()
    assert desk.sent == 1


@pytest.mark.parametrize(
    ("field", "value"), [("handling_time", "P3D"), ("safety_text", "Trzymać z dala od ognia.")]
)
def test_other_things_can_be_given_too(desk: Desk, field: str, value: str) -> None:
    desk.ask(value, field)

    desk.push()

    assert desk.later(seconds=10) == ChangeCounts(done=1)
    assert desk.column(field) == [value, value]


def test_a_producer_of_the_account_can_be_given(desk: Desk) -> None:
    known = [
        term.known_id for term in list_terms(desk.session, desk.account_id, TermKind.RESPONSIBLE_PRODUCER)
    ]
    desk.ask(known[-1], "responsible_producer_id")

    desk.push()

    assert desk.later(seconds=10) == ChangeCounts(done=1)
    assert desk.column("responsible_producer_id") == [known[-1]] * 2


def test_an_offer_that_allegro_refuses_says_why_and_the_others_are_changed(desk: Desk, world: World) -> None:
    gone = on_allegro(world)[0].id
    del world.offers.offers[gone]
    before = desk.column("shipping_rate_id")
    change_id = desk.ask()

    desk.push()
    desk.later(seconds=10)

    assert desk.results(change_id) == ["fail", "success"]
    assert desk.column("shipping_rate_id") == [before[0], desk.other]
    problem = desk.read(change_id, lambda change: change.items[0].problems[0])
    assert problem["text"]
    repeated = ask_again(desk.session, get_change(desk.session, change_id), "anna", desk.clock())
    assert repeated is not None
    assert [item.offer_id for item in repeated.items] == desk.offers[:1]


def test_a_command_refused_as_a_whole_is_told_in_allegros_words(desk: Desk, simulator: Simulator) -> None:
    simulator.faults.add(PUT, Kind.STATUS, status=422)
    change_id = desk.ask()

    assert desk.push() == ChangeCounts(failed=1)

    assert desk.results(change_id) == ["fail", "fail"]
    assert desk.read(change_id, lambda change: change.trouble)
    assert desk.later(days=1) == ChangeCounts()


@pytest.mark.parametrize("kind", [Kind.LOSE_ANSWER, Kind.RESET, Kind.STATUS])
def test_a_lost_answer_is_asked_again_under_the_same_uuid(
    desk: Desk, simulator: Simulator, world: World, kind: Kind
) -> None:
    simulator.faults.add(PUT, kind)
    change_id = desk.ask()
    desk.push()

    for _ in range(4):
        desk.later(seconds=30)

    assert desk.read(change_id, lambda change: change.state) == ChangeState.DONE
    assert len(world.offers.commands) == 1
    assert at_allegro(world) == [desk.other, desk.other]


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("afterwards", [False, True])
def test_a_killed_worker_leaves_one_command_for_the_next(
    desk: Desk, wire: Wire, world: World, call: int, afterwards: bool
) -> None:
    change_id = desk.ask()
    DeadlyWire(wire, call, afterwards)
    with pytest.raises(Killed):
        desk.push()
        desk.later(seconds=10)

    for _ in range(3):
        desk.later(minutes=6)

    assert desk.read(change_id, lambda change: change.state) == ChangeState.DONE
    assert len(world.offers.commands) == 1
    assert desk.column("shipping_rate_id") == [desk.other, desk.other]


def test_two_workers_do_not_work_on_one_change(desk: Desk) -> None:
    change_id = desk.ask()
    assert take(desk.session, change_id, desk.clock) is not None

    assert take(desk.session, change_id, desk.clock) is None
    assert desk.push() == ChangeCounts()
    assert desk.sent == 0


def test_too_many_requests_and_a_silent_allegro_are_waited_for(desk: Desk, simulator: Simulator) -> None:
    simulator.faults.add(PUT, Kind.STATUS, status=429)
    desk.ask()

    assert desk.push() == ChangeCounts(later=1)
    assert desk.later(seconds=30) == ChangeCounts(), "blocked for a minute"
    assert desk.later(seconds=31) == ChangeCounts(later=1)
    simulator.faults.add(LOOK, Kind.STATUS, times=2)
    assert desk.later(seconds=10) == ChangeCounts(later=1)
    assert desk.later(minutes=5) == ChangeCounts(later=1)
    assert desk.later(minutes=10) == ChangeCounts(done=1)


def test_a_report_that_is_gone_is_said_to_be_gone(desk: Desk) -> None:
    change_id = desk.ask()
    desk.push()

    assert desk.later(days=8) == ChangeCounts(failed=1)

    assert desk.read(change_id, lambda change: (change.state, change.trouble)) == (ChangeState.FAILED, GONE)
    assert desk.results(change_id) == ["new", "new"]


def test_a_command_that_could_not_be_sent_for_a_week_undoes_nothing_newer(
    desk: Desk, simulator: Simulator
) -> None:
    simulator.faults.add(PUT, Kind.RESET)
    change_id = desk.ask()
    desk.push()

    assert desk.later(days=7) == ChangeCounts(failed=1)
    assert desk.read(change_id, lambda change: change.trouble) == TOO_OLD
    assert desk.sent == 1


def test_a_later_wish_waits_for_the_earlier_one(desk: Desk) -> None:
    present = desk.column("shipping_rate_id")[0]
    first, second = desk.ask(), desk.ask(present)

    assert desk.push() == ChangeCounts(later=1)
    assert desk.later(seconds=10) == ChangeCounts(done=1, later=1)
    assert desk.later(seconds=10) == ChangeCounts(done=1)

    states = [desk.read(each, lambda change: change.state) for each in (first, second)]
    assert states == [ChangeState.DONE, ChangeState.DONE]
    assert desk.column("shipping_rate_id") == [present, present]


def test_many_offers_are_split_into_commands_that_are_one_change(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    monkeypatch.setattr(offer_changes, "MOST_OFFERS", 1)
    change_id = desk.ask()

    desk.push()
    assert desk.later(seconds=10) == ChangeCounts(done=2)

    batch = desk.read(change_id, lambda change: change.batch)
    assert len(list_batch(desk.session, batch)) == 2
    assert at_allegro(world) == [desk.other, desk.other]


def test_an_offer_lost_before_the_command_went_out_is_told(desk: Desk) -> None:
    change_id = desk.ask()
    desk.session.execute(update(Offer).where(Offer.id.in_(desk.offers)).values(allegro_offer_id=None))
    desk.session.commit()

    assert desk.push() == ChangeCounts(done=1)
    assert desk.results(change_id) == ["fail", "fail"]
    assert desk.sent == 0


@pytest.mark.parametrize(("field", "value"), [("title", "x"), ("shipping_rate_id", "")])
def test_only_what_a_command_can_change_is_asked_for(desk: Desk, field: str, value: str) -> None:
    with pytest.raises(ValueError, match="cannot be changed"):
        ask_change(desk.session, desk.account_id, field, value, "", desk.offers, "anna", desk.clock())


def test_offers_of_nobody_are_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="none of these"):
        ask_change(desk.session, desk.account_id, "handling_time", "P2D", "", [99], "anna", desk.clock())
    assert desk.session.scalars(select(OfferChangeItem)).all() == []
