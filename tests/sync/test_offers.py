"""Listing an offer: each thing once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.commands import Command, list_open_commands
from allegro_module.db.images import UploadedImage
from allegro_module.db.offers import Offer, get_offer, list_offers_to_settle
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.facts import Fact, OfferListed, OfferRefused
from allegro_module.domain.offers import OfferState, Step, Trouble
from allegro_module.domain.shop import Sku
from allegro_module.signals import offer_listed, offer_refused
from allegro_module.simulator import Simulator, World
from allegro_module.sync.offers import ask_for_listing, publish_offer, settle_offer, settle_offers
from tests.memory_shop import MemoryShop, a_picture, a_product
from tests.sync.conftest import BothClocks, Wire
from tests.sync.offer_builders import a_draft, ask, on_allegro, read

CREATE = "POST /sale/product-offers"
UPLOAD = "POST /sale/images"
LIST = "GET /sale/offers"


class Desk:
    """A seller and a worker at one offer."""

    def __init__(
        self, session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
    ) -> None:
        self.session, self.api, self.shop, self.account, self.clock = session, api, shop, account, clock

    def draft(self, **changes: Any) -> int:
        return a_draft(self.session, self.api, self.shop, self.account, self.clock(), **changes)

    def wanted(self, **changes: Any) -> int:
        return ask(self.session, self.draft(**changes), self.clock())

    def again(self, offer_id: int) -> int:
        return ask(self.session, offer_id, self.clock())

    def publish(self, offer_id: int) -> OfferState | None:
        return publish_offer(self.session, self.api, self.shop, offer_id, self.clock)

    def settle(self, offer_id: int) -> OfferState | None:
        return settle_offer(self.session, self.api, self.shop, offer_id, self.clock)

    def read(self, offer_id: int, value: Callable[[Offer], Any]) -> Any:
        return read(self.session, offer_id, value)

    def codes(self, offer_id: int) -> list[tuple[str, str]]:
        problems = self.read(offer_id, lambda offer: offer.problems)
        return [(problem.field, problem.code) for problem in problems]

    def until_settled(self, offer_id: int, minutes: int = 40) -> OfferState:
        """What the schedule does, only not every five seconds: look at whatever is due."""
        for _ in range(minutes * 2):
            settle_offers(self.session, lambda account: self.api, self.shop, lambda name: self.clock)
            state = OfferState(self.read(offer_id, lambda offer: offer.state))
            if state in (OfferState.ACTIVE, OfferState.REFUSED, OfferState.ENDED):
                return state
            self.clock.forward(seconds=30)
        return state


@pytest.fixture
def desk(session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks) -> Desk:
    return Desk(session, api, shop, account, clock)


@pytest.fixture
def facts() -> Iterator[list[Fact]]:
    heard: list[Fact] = []

    def hear(sender: object, fact: Fact) -> None:
        heard.append(fact)

    offer_listed.connect(hear)
    offer_refused.connect(hear)
    yield heard
    offer_listed.disconnect(hear)
    offer_refused.disconnect(hear)


def test_offer_is_active_at_once_when_allegro_creates_it_in_time(
    desk: Desk, world: World, facts: list[Fact]
) -> None:
    world.switches.offer_creation = "created"
    offer_id = desk.wanted()

    state = desk.publish(offer_id)

    listed = on_allegro(world)[0]
    assert state is OfferState.ACTIVE
    assert (listed.status, listed.external_id, listed.available) == ("ACTIVE", "PZ-0142", 5)
    assert desk.read(offer_id, lambda o: (o.allegro_offer_id, o.step, o.claim)) == (
        listed.id,
        Step.DONE,
        None,
    )
    assert facts == [OfferListed("bursztyn_i_len", "PZ-0142", listed.id)]


def test_accepted_offer_is_verified_until_its_operation_has_ended(
    desk: Desk, world: World, clock: BothClocks, facts: list[Fact]
) -> None:
    offer_id = desk.wanted()

    first = desk.publish(offer_id)

    assert first is OfferState.VERIFYING
    assert desk.settle(offer_id) is OfferState.VERIFYING
    assert len(list_open_commands(desk.session)) == 1
    desk.session.rollback()
    clock.forward(seconds=10)
    assert desk.settle(offer_id) is OfferState.ACTIVE
    assert len(facts) == 1
    assert not list_open_commands(desk.session)


def test_verification_is_asked_after_allegros_own_pause_then_less_and_less_often(
    desk: Desk, world: World, clock: BothClocks
) -> None:
    world.switches.operation_seconds = 3 * 3600.0
    offer_id = desk.wanted()
    desk.publish(offer_id)
    pauses = []

    for _ in range(7):
        next_look_at = desk.read(offer_id, lambda o: o.next_look_at)
        pauses.append((next_look_at - clock()).total_seconds())
        clock.forward(seconds=pauses[-1])
        desk.settle(offer_id)

    assert pauses == [5, 10, 20, 40, 60, 60, 60]


def test_slow_verification_is_said_and_never_given_up(desk: Desk, world: World, clock: BothClocks) -> None:
    world.switches.operation_seconds = 5 * 3600.0
    offer_id = desk.wanted()
    desk.publish(offer_id)

    clock.forward(hours=3)
    desk.settle(offer_id)

    assert desk.read(offer_id, lambda o: (o.state, o.trouble)) == (OfferState.VERIFYING, Trouble.SLOW)
    clock.forward(hours=3)
    assert desk.settle(offer_id) is OfferState.ACTIVE
    assert desk.read(offer_id, lambda o: o.trouble) == ""


def test_offer_sold_out_while_verified_has_ended_after_all(
    desk: Desk, world: World, clock: BothClocks
) -> None:
    offer_id = desk.wanted()
    desk.publish(offer_id)
    clock.forward(seconds=10)
    world.offers.settle(clock())
    world.offers.sell(on_allegro(world)[0].id, 5, clock())

    assert desk.settle(offer_id) is OfferState.VERIFYING

    clock.forward(minutes=2)
    assert desk.settle(offer_id) is OfferState.ENDED


def test_late_failure_stands_at_its_fields(desk: Desk, world: World, facts: list[Fact]) -> None:
    world.switches.late_failure = True
    offer_id = desk.wanted()

    desk.publish(offer_id)
    state = desk.until_settled(offer_id)

    assert state is OfferState.REFUSED
    assert desk.read(offer_id, lambda o: o.problems[0].text)
    assert isinstance(facts[-1], OfferRefused)


def test_offer_refused_late_is_changed_and_not_made_anew(desk: Desk, world: World) -> None:
    world.switches.late_failure = True
    offer_id = desk.wanted()
    desk.publish(offer_id)
    desk.until_settled(offer_id)
    world.switches.late_failure = False

    desk.again(offer_id)
    state = desk.until_settled(offer_id)

    assert state is OfferState.ACTIVE
    assert len(on_allegro(world)) == 1


def test_draft_that_disappears_while_verified_may_be_sent_again(
    desk: Desk, world: World, clock: BothClocks
) -> None:
    offer_id = desk.wanted()
    desk.publish(offer_id)
    world.offers.offers.clear()
    world.offers.operations.clear()
    clock.forward(seconds=10)

    assert desk.settle(offer_id) is OfferState.CHECKING
    assert desk.until_settled(offer_id) is OfferState.REFUSED

    assert desk.codes(offer_id) == [("", "listing_lost")]
    desk.again(offer_id)
    assert desk.until_settled(offer_id) is OfferState.ACTIVE
    assert len(on_allegro(world)) == 1


def test_what_the_seller_must_correct_never_reaches_allegro(desk: Desk, wire: Wire) -> None:
    offer_id = desk.wanted(title="Za krótki", price_text="abc", quantity_text="0", safety_text="")

    state = desk.publish(offer_id)

    assert state is OfferState.REFUSED
    assert {field for field, _ in desk.codes(offer_id)} == {"title", "price", "quantity", "safety_text"}
    assert wire.count(CREATE) == 0
    assert wire.count(UPLOAD) == 0


def test_allegros_objections_stand_at_the_fields_in_its_words(desk: Desk, world: World) -> None:
    offer_id = desk.wanted(is_before_gpsr=True)

    state = desk.publish(offer_id)

    problem = desk.read(offer_id, lambda o: o.problems[0])
    assert state is OfferState.REFUSED
    assert problem.field == "is_before_gpsr"
    assert problem.text
    assert on_allegro(world) == []


def test_corrected_offer_is_listed_after_a_refusal(desk: Desk) -> None:
    offer_id = desk.wanted(is_before_gpsr=True)
    desk.publish(offer_id)
    get_offer(desk.session, offer_id).is_before_gpsr = False
    desk.session.commit()

    desk.again(offer_id)

    assert desk.codes(offer_id) == []
    assert desk.until_settled(offer_id) is OfferState.ACTIVE


# Pictures


def test_pictures_are_uploaded_once_for_all_offers(desk: Desk, wire: Wire) -> None:
    first, second = desk.wanted(), desk.wanted(title="Pierścionek z bursztynem drugi raz")

    desk.publish(first)
    desk.publish(second)

    assert wire.count(UPLOAD) == 3
    assert desk.read(second, lambda o: (o.images_done, o.images_total)) == (3, 3)


def test_picture_whose_upload_ends_soon_is_uploaded_again(desk: Desk, wire: Wire, clock: BothClocks) -> None:
    desk.publish(desk.wanted())
    clock.forward(hours=23, minutes=45)

    desk.publish(desk.wanted())

    assert wire.count(UPLOAD) == 6


def test_each_upload_is_remembered_by_itself(desk: Desk, simulator: Simulator, wire: Wire) -> None:
    offer_id = desk.wanted()
    simulator.faults.status(UPLOAD, 503, times=2)
    desk.publish(offer_id)
    assert desk.read(offer_id, lambda o: (o.state, o.trouble)) == (OfferState.WAITING, Trouble.UNAVAILABLE)
    desk.shop.pictures["ring-3"] = a_picture(colour=(1, 2, 3))
    desk.publish(offer_id)

    assert len(desk.session.scalars(select(UploadedImage)).all()) == 3
    assert wire.count(UPLOAD) == 5


def test_progress_is_committed_for_the_page_to_see(desk: Desk, engine: Engine, wire: Wire) -> None:
    offer_id = desk.wanted()
    seen: list[tuple[str, int]] = []
    passed_on = wire.check

    def look(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] in ("/sale/images", "/sale/product-offers"):
            with Session(engine) as page:
                offer = get_offer(page, offer_id)
                seen.append((offer.step, offer.images_done))
        return passed_on(environ, start_response)

    wire.check = look  # type: ignore[assignment]
    desk.publish(offer_id)
    wire.check = passed_on

    assert seen == [("images", 0), ("images", 1), ("images", 2), ("creating", 3)]


def test_picture_that_is_too_small_or_gone_is_named_by_its_place(desk: Desk, wire: Wire) -> None:
    desk.shop.pictures["ring-2"] = a_picture(380, 300)
    del desk.shop.pictures["ring-3"]
    offer_id = desk.wanted()

    desk.publish(offer_id)

    assert desk.codes(offer_id) == [("images.1", "image_too_small"), ("images.2", "image_unreadable")]
    assert wire.count(UPLOAD) == 0


def test_picture_of_another_format_is_sent_as_jpeg(desk: Desk, world: World) -> None:
    desk.shop.pictures["ring-1"] = a_picture(kind="GIF")
    desk.publish(desk.wanted())

    assert len(world.images.pictures) == 3


# Never twice


def test_offer_whose_answer_was_lost_is_found_and_adopted(
    desk: Desk, simulator: Simulator, world: World, wire: Wire, facts: list[Fact]
) -> None:
    simulator.faults.lose_answer(CREATE)
    offer_id = desk.wanted()

    assert desk.publish(offer_id) is OfferState.CHECKING

    assert desk.until_settled(offer_id) is OfferState.ACTIVE
    assert len(on_allegro(world)) == 1
    assert wire.count(CREATE) == 1
    assert len(facts) == 1


def test_lagging_list_does_not_make_a_second_offer(
    desk: Desk, simulator: Simulator, world: World, wire: Wire
) -> None:
    world.switches.list_lag_seconds = 12 * 60.0
    simulator.faults.lose_answer(CREATE)
    offer_id = desk.wanted()
    desk.publish(offer_id)

    state = desk.until_settled(offer_id)

    assert state is OfferState.ACTIVE
    assert wire.count(CREATE) == 1
    assert len(on_allegro(world)) == 1


def test_offer_under_way_is_not_asked_for_again(
    desk: Desk, simulator: Simulator, world: World, wire: Wire
) -> None:
    simulator.faults.lose_answer(CREATE)
    offer_id = desk.wanted()
    desk.publish(offer_id)

    asked = ask_for_listing(get_offer(desk.session, offer_id), desk.clock(), "anna")
    desk.session.rollback()

    assert not asked
    assert desk.publish(offer_id) is OfferState.CHECKING
    assert wire.count(CREATE) == 1


def test_search_goes_on_after_ten_twenty_forty_sixty_seconds(
    desk: Desk, simulator: Simulator, clock: BothClocks
) -> None:
    simulator.faults.reset(CREATE)
    offer_id = desk.wanted()
    desk.publish(offer_id)
    pauses = []

    for _ in range(6):
        next_look_at = desk.read(offer_id, lambda o: o.next_look_at)
        pauses.append((next_look_at - clock()).total_seconds())
        clock.forward(seconds=pauses[-1])
        desk.settle(offer_id)

    assert pauses == [10, 20, 40, 60, 60, 60]


def test_creation_that_never_arrived_is_sent_again_after_a_quarter_of_an_hour(
    desk: Desk, simulator: Simulator, world: World, wire: Wire, clock: BothClocks
) -> None:
    simulator.faults.reset(CREATE)
    offer_id = desk.wanted()
    started = clock()
    desk.publish(offer_id)

    state = desk.until_settled(offer_id)

    assert state is OfferState.ACTIVE
    assert wire.count(CREATE) == 2
    assert on_allegro(world)[0].created_at - started >= timedelta(minutes=15)
    assert len(on_allegro(world)) == 1


@pytest.mark.parametrize("fault", ["malformed", "gateway", "bad_gateway"])
def test_unclear_answer_to_a_creation_is_looked_into(
    desk: Desk, simulator: Simulator, world: World, wire: Wire, fault: str
) -> None:
    if fault == "malformed":
        simulator.faults.malformed(CREATE)
    else:
        simulator.faults.status(CREATE, 504 if fault == "gateway" else 502)
    offer_id = desk.wanted()

    with wire.check.expecting_violations():
        assert desk.publish(offer_id) is OfferState.CHECKING

    assert desk.until_settled(offer_id) is OfferState.ACTIVE
    assert len(on_allegro(world)) == 1


def test_limit_of_requests_is_waited_out(desk: Desk, simulator: Simulator, clock: BothClocks) -> None:
    simulator.faults.status(CREATE, 429, retry_after=90)
    offer_id = desk.wanted()

    assert desk.publish(offer_id) is OfferState.WAITING

    assert desk.read(offer_id, lambda o: o.next_look_at) == clock() + timedelta(seconds=90)
    assert desk.read(offer_id, lambda o: o.create_sent_at) is None
    assert desk.until_settled(offer_id) is OfferState.ACTIVE


def test_pauses_before_sending_grow(desk: Desk, simulator: Simulator, clock: BothClocks) -> None:
    simulator.faults.status(UPLOAD, 503, times=8)
    offer_id = desk.wanted()
    pauses = []

    for _ in range(4):
        desk.publish(offer_id)
        pauses.append((desk.read(offer_id, lambda o: o.next_look_at) - clock()).total_seconds())

    assert pauses == [10, 20, 40, 80]


def test_offer_with_our_external_id_that_was_there_before_is_not_adopted(
    desk: Desk, simulator: Simulator, world: World, clock: BothClocks
) -> None:
    desk.until_settled(desk.wanted())
    foreign = on_allegro(world)[0].id
    desk.session.execute(delete(Command))
    desk.session.execute(delete(Offer))
    desk.session.commit()
    clock.forward(days=3)
    simulator.faults.reset(CREATE)

    offer_id = desk.wanted()
    desk.until_settled(offer_id)

    assert desk.read(offer_id, lambda o: o.allegro_offer_id) not in (None, foreign)


class Killed(BaseException):
    """The process dies here."""


class MortalSession(Session):
    """Dies at its n-th commit, just before or just after it."""

    dies_at = 0
    dies_after = False
    commits = 0

    def commit(self) -> None:
        self.commits += 1
        if self.commits == self.dies_at and not self.dies_after:
            raise Killed
        super().commit()
        if self.commits == self.dies_at:
            raise Killed


def is_killed_at(commit: int, after: bool, desk: Desk, engine: Engine, offer_id: int) -> bool:
    """Run the worker until its n-th commit and die there; False when it never came so far."""
    with MortalSession(engine) as mortal:
        mortal.dies_at, mortal.dies_after = commit, after
        try:
            publish_offer(mortal, desk.api, desk.shop, offer_id, desk.clock)
            desk.clock.forward(seconds=10)
            settle_offer(mortal, desk.api, desk.shop, offer_id, desk.clock)
        except Killed:
            return True
    return False


@pytest.mark.parametrize(
    ("database_url", "creation", "after"),
    [
        ("sqlite", "created", False),
        ("sqlite", "created", True),
        ("sqlite", "accepted", False),
        ("sqlite", "accepted", True),
        # The order of commits is the same; each database sees both ways to die and both answers.
        pytest.param("postgres", "created", True, marks=pytest.mark.postgres),
        pytest.param("postgres", "accepted", False, marks=pytest.mark.postgres),
    ],
    indirect=["database_url"],
)
def test_worker_may_die_at_any_commit(
    desk: Desk, engine: Engine, world: World, creation: str, after: bool
) -> None:
    world.switches.offer_creation = creation
    commit = 0
    died = True
    while died:
        commit += 1
        offer_id = desk.wanted(title=f"Pierścionek z bursztynem numer {commit}")

        died = is_killed_at(commit, after, desk, engine, offer_id)
        state = desk.until_settled(offer_id)

        external_id = desk.read(offer_id, lambda o: o.external_id)
        assert state is OfferState.ACTIVE, commit
        assert [o.external_id for o in on_allegro(world)].count(external_id) == 1, commit
        world.offers.offers.clear()

    assert commit > 4


def test_two_workers_at_once_send_one_offer(desk: Desk, engine: Engine, wire: Wire, world: World) -> None:
    offer_id = desk.wanted()
    passed_on = wire.check
    states: list[OfferState | None] = []

    def neighbour(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/sale/images" and len(states) < 3:
            with Session(engine) as session:
                states.append(publish_offer(session, desk.api, desk.shop, offer_id, desk.clock))
                states.append(settle_offer(session, desk.api, desk.shop, offer_id, desk.clock))
        return passed_on(environ, start_response)

    wire.check = neighbour  # type: ignore[assignment]
    desk.publish(offer_id)
    wire.check = passed_on

    assert set(states) == {OfferState.SENDING}
    assert len(on_allegro(world)) == 1


def test_worker_that_was_silent_too_long_leaves_the_offer_to_its_successor(
    desk: Desk, engine: Engine, wire: Wire, world: World, clock: BothClocks
) -> None:
    offer_id = desk.wanted()
    passed_on = wire.check
    taken_over: list[OfferState | None] = []

    def sleep(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/sale/images" and not taken_over:
            clock.forward(minutes=6)
            taken_over.append(OfferState.SENDING)
            with Session(engine) as session:
                taken_over[0] = publish_offer(session, desk.api, desk.shop, offer_id, desk.clock)
        return passed_on(environ, start_response)

    wire.check = sleep  # type: ignore[assignment]
    state = desk.publish(offer_id)
    wire.check = passed_on

    assert taken_over == [OfferState.VERIFYING]
    assert state is OfferState.VERIFYING
    assert wire.count(CREATE) == 1
    assert len(on_allegro(world)) == 1


# Changing what is listed


def test_listed_offer_is_changed_in_place(desk: Desk, world: World, facts: list[Fact]) -> None:
    offer_id = desk.wanted()
    desk.until_settled(offer_id)
    offer = get_offer(desk.session, offer_id)
    offer.price_text, offer.quantity_text = "1 099,00 zł", "3"
    desk.session.commit()

    desk.again(offer_id)
    state = desk.until_settled(offer_id)

    listed = on_allegro(world)[0]
    assert state is OfferState.ACTIVE
    assert (listed.content.selling_mode["price"]["amount"], listed.available) == ("1099.00", 3)
    assert len(facts) == 1


def test_end_that_nobody_saw_is_told_and_the_next_wish_brings_the_offer_back_in_one_change(
    desk: Desk, world: World, wire: Wire
) -> None:
    offer_id = desk.wanted()
    desk.until_settled(offer_id)
    listed = on_allegro(world)[0]
    world.offers.sell(listed.id, 5, world.now())
    allegro_id = listed.id
    desk.again(offer_id)
    assert desk.publish(offer_id) is OfferState.ENDED
    assert desk.read(offer_id, lambda o: o.ended_by) == "EMPTY_STOCK"
    wire.requests.clear()

    desk.again(offer_id)
    state = desk.until_settled(offer_id)

    assert state is OfferState.ACTIVE
    assert (on_allegro(world)[0].status, on_allegro(world)[0].available) == ("ACTIVE", 5)
    assert wire.count(f"PATCH /sale/product-offers/{allegro_id}") == 1
    assert wire.count(CREATE) == 0


def test_change_waits_while_an_earlier_one_runs(desk: Desk, world: World, simulator: Simulator) -> None:
    world.switches.offer_edit = "accepted"
    offer_id = desk.wanted()
    desk.until_settled(offer_id)
    world.switches.operation_seconds = 30.0
    get_offer(desk.session, offer_id).title = "Pierścionek złoty z bursztynem i cytrynem"
    desk.again(offer_id)
    simulator.faults.lose_answer(f"PATCH /sale/product-offers/{on_allegro(world)[0].id}")
    desk.publish(offer_id)

    desk.clock.forward(seconds=11)
    desk.publish(offer_id)

    assert desk.read(offer_id, lambda o: (o.state, o.trouble)) == (OfferState.WAITING, Trouble.BUSY)
    assert desk.until_settled(offer_id) is OfferState.ACTIVE
    assert len(on_allegro(world)) == 1


def test_archived_offer_is_told_to_be_gone_and_listed_anew(desk: Desk, world: World) -> None:
    offer_id = desk.wanted()
    desk.until_settled(offer_id)
    world.offers.offers.clear()

    desk.again(offer_id)
    assert desk.until_settled(offer_id) is OfferState.REFUSED

    assert desk.codes(offer_id) == [("", "listing_lost")]
    desk.again(offer_id)
    assert desk.until_settled(offer_id) is OfferState.ACTIVE


# The link


def test_offer_waits_for_an_account_that_lost_its_link(
    desk: Desk, world: World, account: Account, clock: BothClocks
) -> None:
    offer_id = desk.wanted()
    world.tokens.revoke(world.sellers["bursztyn_i_len"].id)

    assert desk.publish(offer_id) is OfferState.WAITING

    assert desk.read(offer_id, lambda o: o.trouble) == Trouble.NOT_CONNECTED
    assert desk.read(offer_id, lambda o: o.next_look_at) > clock()


def test_offers_of_an_account_that_is_switched_off_rest(desk: Desk, clock: BothClocks) -> None:
    desk.wanted()
    desk.account.is_enabled = False
    desk.session.commit()

    assert settle_offers(desk.session, lambda a: desk.api, desk.shop, lambda n: desk.clock) == {}

    desk.account.is_enabled = True
    desk.account.state = LinkState.NEEDS_RECONNECT
    desk.session.commit()
    assert list_offers_to_settle(desk.session, clock()) == []
    desk.session.rollback()


def test_product_without_ean_is_refused_before_allegro_is_asked_where_one_is_needed(desk: Desk) -> None:
    cream = a_product("KREM-1", name="Krem do twarzy z bursztynem 50 ml", gtin=None, brand="Ziaja")
    desk.shop.add_product(cream)

    offer_id = desk.wanted(product=cream, category_id="253030")
    desk.publish(offer_id)

    assert ("gtin", "gtin_required") in desk.codes(offer_id)


def test_second_draft_of_a_product_gets_an_external_id_of_its_own(desk: Desk, world: World) -> None:
    first, second = desk.wanted(), desk.wanted()

    desk.until_settled(first)
    desk.until_settled(second)

    assert {each.external_id for each in on_allegro(world)} == {Sku("PZ-0142"), Sku("PZ-0142~2")}
