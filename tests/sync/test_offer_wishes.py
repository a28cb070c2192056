"""Every wish of a seller, each once: drafts, ends, returns, plans, deletions, changes of what is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.commands import Command
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.facts import Fact, OfferEnded
from allegro_module.domain.offers import OfferState, Trouble, Wanted
from allegro_module.signals import offer_ended
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.faults import Kind
from allegro_module.simulator.offer_book import Offer as ListedOffer
from allegro_module.sync.offers import ask_for, publish_offer, settle_offer, settle_offers
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire
from tests.sync.listed_offers import two_listed_offers
from tests.sync.offer_builders import ask, on_allegro
from tests.sync.test_offers import CREATE, UPLOAD, Desk, Killed, MortalSession

DETAILS = "GET /sale/product-offers/{id}"
CHANGE = "PATCH /sale/product-offers/{id}"
DELETE = "DELETE /sale/offers/{id}"
END_STATES = {
    Wanted.LIST: OfferState.ACTIVE,
    Wanted.DRAFT: OfferState.INACTIVE,
    Wanted.END: OfferState.ENDED,
    Wanted.RESUME: OfferState.ACTIVE,
}

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Counter(Desk):
    """A desk with one listed offer, which counts what reaches Allegro."""

    offer_id = 0

    def wants(self, wanted: Wanted, **changes: Any) -> int:
        offer = get_offer(self.session, self.offer_id)
        for name, value in changes.items():
            setattr(offer, name, value)
        self.session.commit()
        return ask(self.session, self.offer_id, self.clock(), wanted)

    def follow(self, offer_id: int, minutes: int = 40) -> OfferState | None:
        """What the schedule does until nothing is open; None when the row is gone."""
        for _ in range(minutes):
            settle_offers(self.session, lambda account: self.api, self.shop, lambda name: self.clock)
            found = self.session.get(Offer, offer_id)
            state = None if found is None else OfferState(found.state)
            self.session.rollback()
            if state is None or state not in ("waiting", "sending", "checking", "verifying"):
                return state
            self.clock.forward(minutes=1)
        return state


@pytest.fixture
def desk(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks, wire: Wire
) -> Counter:
    desk = Counter(session, api, shop, account, clock)
    desk.offer_id = two_listed_offers(session, api, shop, account, clock)[0]
    wire.requests.clear()
    return desk


@pytest.fixture
def there(desk: Counter, world: World) -> ListedOffer:
    allegro_id = desk.read(desk.offer_id, lambda o: o.allegro_offer_id)
    return next(each for each in on_allegro(world) if each.id == allegro_id)


@pytest.fixture
def ends() -> Iterator[list[Fact]]:
    heard: list[Fact] = []

    def hear(sender: object, fact: Fact) -> None:
        heard.append(fact)

    offer_ended.connect(hear)
    yield heard
    offer_ended.disconnect(hear)


def writes(wire: Wire) -> list[str]:
    return [each for each in wire.requests if not each.startswith("GET ")]


# What a read-back leaves in the row


def test_row_knows_what_stands_at_allegro(desk: Counter, there: ListedOffer) -> None:
    row = desk.read(
        desk.offer_id,
        lambda o: (o.sent, o.live, o.sending, o.product_id, o.product_status, o.first_listed_at, o.ended_by),
    )

    sent, live, sending, product_id, product_status, first_listed_at, ended_by = row
    assert sent["name"] == live["name"] == there.content.name
    assert "status" not in sent["publication"]
    assert live["publication"]["status"] == "ACTIVE"
    assert (sending, ended_by) == (None, "")
    assert product_id == there.content.product_ids[0]
    assert product_status
    assert first_listed_at is not None


# Changes


def test_unchanged_save_sends_nothing_and_says_so(desk: Counter, wire: Wire) -> None:
    desk.wants(Wanted.LIST)

    assert desk.publish(desk.offer_id) is OfferState.ACTIVE

    assert writes(wire) == []
    assert len(wire.requests) == 1
    assert desk.read(desk.offer_id, lambda o: o.trouble) == Trouble.UNCHANGED


def test_change_of_the_price_is_one_request(desk: Counter, wire: Wire, there: ListedOffer) -> None:
    desk.wants(Wanted.LIST, price_text="1 099,00 zł")

    assert desk.publish(desk.offer_id) is OfferState.ACTIVE

    assert wire.requests == [f"PATCH /sale/product-offers/{there.id}"]
    assert there.content.selling_mode["price"]["amount"] == "1099.00"
    assert desk.read(desk.offer_id, lambda o: (o.sent or {})["sellingMode"]["price"]["amount"]) == "1099.00"


def test_new_picture_costs_its_upload_a_look_and_one_change(
    desk: Counter, wire: Wire, there: ListedOffer, clock: BothClocks
) -> None:
    """Long after the uploads ended: pictures in use are not sent again."""
    clock.forward(days=3)
    images = desk.read(desk.offer_id, lambda o: list(o.images))
    desk.shop.pictures["new"] = desk.shop.pictures[images[0]][:-2] + b"\xff\xd9" + b"\0"
    desk.wants(Wanted.LIST, images=["new", *images[:2]])

    assert desk.publish(desk.offer_id) is OfferState.ACTIVE

    assert [each for each in wire.requests if "categories" not in each and "tax" not in each] == [
        UPLOAD,
        f"GET /sale/product-offers/{there.id}",
        f"PATCH /sale/product-offers/{there.id}",
    ]


def test_change_erases_nothing_that_was_set_on_allegro(
    desk: Counter, api: AllegroClient, there: ListedOffer
) -> None:
    images = [*desk.read(desk.offer_id, lambda o: (o.live or {})["images"])]
    api.offers.patch(there.id, {"images": images[::-1][:2], "payments": {"invoice": "NO_INVOICE"}})
    sections = [{"items": [{"type": "TEXT", "content": "<p>Z Allegro.</p>"}]}]
    api.offers.patch(there.id, {"description": {"sections": sections}})
    pictures = there.content.images
    desk.wants(Wanted.LIST, title="Pierścionek złoty z bursztynem i cytrynem")

    assert desk.follow(desk.offer_id) is OfferState.ACTIVE

    assert there.content.name == "Pierścionek złoty z bursztynem i cytrynem"
    assert (there.content.description or {})["sections"] == sections
    assert there.content.images == pictures
    assert there.content.rest["payments"]["invoice"] == "NO_INVOICE"


def test_conflict_is_told_at_its_field_and_saving_again_confirms(
    desk: Counter, api: AllegroClient, wire: Wire, there: ListedOffer
) -> None:
    """A change of an array makes us look; so the price is seen to have been changed as well."""
    api.offers.patch(there.id, {"sellingMode": {"price": {"amount": "888.00", "currency": "PLN"}}})
    wire.requests.clear()
    images = desk.read(desk.offer_id, lambda o: list(o.images))
    desk.wants(Wanted.LIST, price_text="999", images=images[::-1])

    assert desk.publish(desk.offer_id) is OfferState.REFUSED

    problem = desk.read(desk.offer_id, lambda o: o.problems[0])
    assert (problem.code, problem.field) == ("changed_on_allegro", "price")
    assert problem.params == {"mine": "999.00 PLN", "theirs": "888.00 PLN"}
    assert writes(wire) == []
    desk.wants(Wanted.LIST)
    assert desk.publish(desk.offer_id) is OfferState.ACTIVE
    assert there.content.selling_mode["price"]["amount"] == "999.00"


def test_row_without_a_memory_of_what_was_sent_gets_one(desk: Counter, wire: Wire) -> None:
    desk.wants(Wanted.LIST, sent=None, live=None, price_text="1 099,00 zł")

    assert desk.publish(desk.offer_id) is OfferState.ACTIVE

    assert desk.read(desk.offer_id, lambda o: (o.sent or {})["sellingMode"]["price"]["amount"]) == "1099.00"
    wire.requests.clear()
    desk.wants(Wanted.LIST, quantity_text="4")
    desk.publish(desk.offer_id)
    assert len(wire.requests) == 1


def test_late_failure_of_a_change_leaves_it_to_be_sent_again(
    desk: Counter, world: World, there: ListedOffer
) -> None:
    world.switches.offer_edit = "accepted"
    world.switches.late_failure = True
    ended = there
    desk.wants(Wanted.END)
    desk.follow(desk.offer_id)
    assert ended.status == "ENDED"
    desk.wants(Wanted.LIST, price_text="1 099,00 zł")

    assert desk.follow(desk.offer_id) is OfferState.REFUSED

    assert desk.read(desk.offer_id, lambda o: (o.problems_at is not None, bool(o.problems))) == (True, True)
    world.switches.late_failure = False
    desk.wants(Wanted.LIST)
    assert desk.follow(desk.offer_id) is OfferState.ACTIVE
    assert there.content.selling_mode["price"]["amount"] == "1099.00"


# Wishes


def test_end_and_resume_are_one_request_each(
    desk: Counter, wire: Wire, there: ListedOffer, ends: list[Fact]
) -> None:
    change = f"PATCH /sale/product-offers/{there.id}"
    desk.wants(Wanted.END)
    assert desk.follow(desk.offer_id) is OfferState.ENDED
    assert writes(wire) == [change]
    assert desk.read(desk.offer_id, lambda o: o.ended_by) == "USER"
    assert ends == [OfferEnded("bursztyn_i_len", "PZ-0142", there.id, "USER")]
    wire.requests.clear()

    desk.wants(Wanted.RESUME, quantity_text="3", title="Tytuł, którego nikt jeszcze nie wysłał")

    assert desk.follow(desk.offer_id) is OfferState.ACTIVE
    assert writes(wire) == [change]
    assert (there.status, there.available) == ("ACTIVE", 3)
    assert there.content.name == "Pierścionek złoty z bursztynem bałtyckim"


def test_end_that_came_first_counts(desk: Counter, world: World, there: ListedOffer, wire: Wire) -> None:
    world.offers.sell(there.id, 5, world.now())
    desk.wants(Wanted.END)

    assert desk.follow(desk.offer_id) is OfferState.ENDED

    assert desk.read(desk.offer_id, lambda o: o.ended_by) == "EMPTY_STOCK"


def test_resuming_needs_a_piece(desk: Counter, wire: Wire) -> None:
    desk.wants(Wanted.END)
    desk.follow(desk.offer_id)
    wire.requests.clear()
    desk.wants(Wanted.RESUME, quantity_text="0")

    assert desk.publish(desk.offer_id) is OfferState.REFUSED

    assert desk.codes(desk.offer_id) == [("quantity", "quantity_too_small")]
    assert wire.requests == []


def test_incomplete_draft_lies_on_allegro_and_is_listed_later(desk: Counter, world: World) -> None:
    offer_id = ask(desk.session, desk.draft(price_text=""), desk.clock(), Wanted.DRAFT)

    assert desk.follow(offer_id) is OfferState.INACTIVE

    there = on_allegro(world)[-1]
    assert there.status == "INACTIVE"
    get_offer(desk.session, offer_id).price_text = "500"
    ask(desk.session, offer_id, desk.clock())
    assert desk.follow(offer_id) is OfferState.ACTIVE
    assert len(on_allegro(world)) == 3
    assert there.status == "ACTIVE"


def test_draft_is_taken_away_with_its_row(desk: Counter, world: World, wire: Wire) -> None:
    offer_id = ask(desk.session, desk.draft(), desk.clock(), Wanted.DRAFT)
    desk.follow(offer_id)
    assert desk.session.scalar(select(func.count()).select_from(Command))
    ask(desk.session, offer_id, desk.clock(), Wanted.DELETE)

    assert desk.publish(offer_id) is None

    assert desk.session.get(Offer, offer_id) is None
    assert len(on_allegro(world)) == 2


def test_planned_offer_is_looked_at_when_its_start_has_come(desk: Counter, clock: BothClocks) -> None:
    starting_at = clock() + timedelta(hours=5)
    offer_id = ask(desk.session, desk.draft(starting_at=starting_at), clock())

    assert desk.follow(offer_id) is OfferState.PLANNED

    assert desk.read(offer_id, lambda o: (o.next_look_at, o.first_listed_at)) == (starting_at, None)
    clock.forward(hours=4)
    assert settle_offers(desk.session, lambda a: desk.api, desk.shop, lambda n: desk.clock) == {}
    clock.forward(hours=1)
    assert desk.follow(offer_id) is OfferState.ACTIVE
    assert "startingAt" not in desk.read(offer_id, lambda o: (o.sent or {})["publication"])


def test_planned_start_is_moved_and_taken_back(desk: Counter, clock: BothClocks, wire: Wire) -> None:
    starting_at = clock() + timedelta(hours=5)
    desk.offer_id = ask(desk.session, desk.draft(starting_at=starting_at), clock())
    assert desk.follow(desk.offer_id) is OfferState.PLANNED

    desk.wants(Wanted.LIST, starting_at=starting_at + timedelta(hours=1))
    assert desk.follow(desk.offer_id) is OfferState.PLANNED

    wire.requests.clear()
    desk.wants(Wanted.LIST, starting_at=None)
    assert desk.follow(desk.offer_id) is OfferState.ACTIVE
    assert len(writes(wire)) == 1


def test_seller_who_waits_no_longer_is_told_and_asked_for_every_five_minutes(
    desk: Counter, world: World, clock: BothClocks
) -> None:
    world.switches.operation_seconds = 3 * 3600.0
    desk.account.wait_minutes = 10
    desk.session.commit()
    offer_id = ask(desk.session, desk.draft(), clock())
    desk.publish(offer_id)

    clock.forward(minutes=11)
    desk.settle(offer_id)

    assert desk.read(offer_id, lambda o: (o.trouble, o.next_look_at)) == (
        Trouble.SLOW,
        clock() + timedelta(minutes=5),
    )


def test_wish_during_another_one_is_not_taken(desk: Counter) -> None:
    desk.wants(Wanted.LIST)

    for wanted in Wanted:
        assert not ask_for(get_offer(desk.session, desk.offer_id), wanted, desk.clock(), "anna")
    desk.session.rollback()


def test_refusal_carries_its_date_and_its_trace_id(desk: Counter) -> None:
    desk.wants(Wanted.LIST, size_table_id="00000000-0000-0000-0000-000000000000", price_text="999")
    desk.follow(desk.offer_id)
    offer_id = ask(desk.session, desk.draft(is_before_gpsr=True), desk.clock())

    assert desk.publish(offer_id) is OfferState.REFUSED

    assert desk.read(offer_id, lambda o: (o.problems_at, bool(o.trace_id))) == (desk.clock(), True)


# Once, whatever happens


def prepared(desk: Counter, wanted: Wanted, number: int) -> int:
    """An offer for which this is a wish that changes something."""
    if wanted is Wanted.DELETE:
        offer_id = ask(desk.session, desk.draft(), desk.clock(), Wanted.DRAFT)
        desk.follow(offer_id)
        return ask(desk.session, offer_id, desk.clock(), wanted)
    if wanted is Wanted.DRAFT:
        return ask(desk.session, desk.draft(), desk.clock(), wanted)
    changes = {"title": f"Pierścionek złoty numer {number}"} if wanted is Wanted.LIST else {}
    return desk.wants(wanted, **changes)


def has_come_about(desk: Counter, wanted: Wanted, offer_id: int, offers: int) -> bool:
    """In the row and at Allegro, and no offer more than there should be."""
    now_there = {each.id: each for each in on_allegro(desk.clock.world)}
    row = desk.session.get(Offer, offer_id)
    if wanted is Wanted.DELETE or row is None:
        desk.session.rollback()
        return row is None and len(now_there) == offers
    state, title, there = row.state, row.title, now_there[row.allegro_offer_id or ""]
    desk.session.rollback()
    is_in_both = state == END_STATES[wanted] and there.status == state.upper() and there.content.name == title
    return is_in_both and len(now_there) == offers + (wanted is Wanted.DRAFT)


FAULTS: dict[str, Callable[[Simulator, str], object]] = {
    "answer lost": lambda simulator, route: simulator.faults.lose_answer(route),
    "never arrived": lambda simulator, route: simulator.faults.reset(route),
    "unavailable": lambda simulator, route: simulator.faults.status(route, 503),
    "over the limit": lambda simulator, route: simulator.faults.status(route, 429),
    "cut": lambda simulator, route: simulator.faults.add(route, Kind.CUT),
    "not found": lambda simulator, route: simulator.faults.status(route, 404),
}
#: One wish after another, where each undoes the one before.
WISHES = {
    "change": (Wanted.LIST,),
    "draft": (Wanted.DRAFT,),
    "end and resume": (Wanted.END, Wanted.RESUME),
    "delete": (Wanted.DELETE,),
}
STEPS = [
    ("change", CHANGE),
    ("draft", CREATE),
    ("draft", DETAILS),
    ("end and resume", CHANGE),
    ("end and resume", DETAILS),
    ("delete", DELETE),
]


@pytest.mark.parametrize(("wishes", "route"), STEPS)
def test_each_wish_comes_about_once_whatever_befalls_any_step(
    desk: Counter, simulator: Simulator, wire: Wire, wishes: str, route: str
) -> None:
    for number, (name, befall) in enumerate(FAULTS.items()):
        if name == "not found" and route == CREATE:
            # That is a refusal.
            continue
        for wanted in WISHES[wishes]:
            offers = len(on_allegro(desk.clock.world))
            offer_id = prepared(desk, wanted, number)
            befall(simulator, route)

            with wire.check.expecting_violations():
                desk.follow(offer_id)

            assert has_come_about(desk, wanted, offer_id, offers), (name, wanted)
            simulator.faults.clear()


# Creations, of which a draft is one, die in `test_offers`.
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("wishes", ["change", "end and resume", "delete"])
def test_worker_may_die_at_any_commit_of_any_wish(
    desk: Counter, engine: Engine, wishes: str, after: bool
) -> None:
    commit, died = 0, True
    while died:
        commit += 1
        for wanted in WISHES[wishes]:
            offers = len(on_allegro(desk.clock.world))
            offer_id = prepared(desk, wanted, commit)

            died = _is_killed_at(commit, after, desk, engine, offer_id)
            desk.follow(offer_id)

            assert has_come_about(desk, wanted, offer_id, offers), (commit, wanted)

    assert commit > 2


def _is_killed_at(commit: int, after: bool, desk: Counter, engine: Engine, offer_id: int) -> bool:
    with MortalSession(engine) as mortal:
        mortal.dies_at, mortal.dies_after = commit, after
        try:
            if publish_offer(mortal, desk.api, desk.shop, offer_id, desk.clock) is not None:
                desk.clock.forward(seconds=10)
                settle_offer(mortal, desk.api, desk.shop, offer_id, desk.clock)
        except Killed:
            return True
    return False


# All that a form can say


def test_auction_for_companies_with_all_its_members_is_taken(desk: Counter, world: World) -> None:
    draft = desk.draft(
        selling_format="AUCTION",
        starting_price_text="100",
        minimal_price_text="300",
        price_text="900",
        quantity_text="1",
        duration="P7D",
        is_business_only=True,
        unit="PAIR",
        vat_rates_abroad={"CZ": "21.00"},
    )

    assert desk.follow(ask(desk.session, draft, desk.clock())) is OfferState.ACTIVE

    there = on_allegro(world)[-1].content
    assert there.selling_mode["format"] == "AUCTION"
    assert there.selling_mode["startingPrice"]["amount"] == "100.00"
    assert there.selling_mode["minimalPrice"]["amount"] == "300.00"
    assert there.stock["unit"] == "PAIR"
    assert {each["countryCode"] for each in there.rest["taxSettings"]["rates"]} == {"PL", "CZ"}


def test_what_the_seller_takes_back_is_taken_back_there(desk: Counter, there: ListedOffer) -> None:
    wishes = {"marketplaces": {"allegro-cz": {"price_text": "8000"}}, "is_business_only": True}
    desk.wants(Wanted.LIST, **wishes)
    assert desk.follow(desk.offer_id) is OfferState.ACTIVE
    assert there.content.rest["additionalMarketplaces"]["allegro-cz"]

    desk.wants(Wanted.LIST, marketplaces={}, is_business_only=False, vat_rate="")

    assert desk.follow(desk.offer_id) is OfferState.ACTIVE
    assert not there.content.rest["additionalMarketplaces"].get("allegro-cz")
    assert not (there.content.rest.get("b2b") or {}).get("buyableOnlyByBusiness")
    assert not there.content.rest.get("taxSettings")
