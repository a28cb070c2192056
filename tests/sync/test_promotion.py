"""Promotion: an offer that became active gets its packages once, as each of them costs money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.faults import Kind
from allegro_module.sync.promotion import PromotionCounts, apply_promotion, to_dictionary
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire
from tests.sync.listed_offers import list_offer, two_listed_offers
from tests.sync.offer_builders import on_allegro, read
from tests.sync.push_builders import DeadlyWire, Killed

WISH = {"base": "emphasized10d", "extra": ["departmentPage"]}
MODIFY = "POST /sale/offers/{id}/promo-options-modification"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@dataclass
class Desk:
    """An offer that has just become active, with a wish."""

    session: Session
    api: AllegroClient
    clock: BothClocks
    offer_id: int

    def wish(self, promotion: dict[str, Any]) -> None:
        offer = self.session.get_one(Offer, self.offer_id)
        offer.promotion = promotion
        offer.next_look_at = self.clock()
        self.session.commit()

    def promote(self) -> PromotionCounts:
        self.session.rollback()
        return apply_promotion(self.session, lambda account: self.api, lambda name: self.clock)

    @property
    def outcome(self) -> object:
        return read(self.session, self.offer_id, lambda offer: offer.promotion.get("outcome"))

    @property
    def bought(self) -> list[str]:
        return [package for _, package in self.clock.world.promotion.purchases]


@pytest.fixture
def desk(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks, wire: Wire
) -> Desk:
    desk = Desk(session, api, clock, two_listed_offers(session, api, shop, account, clock)[0])
    wire.requests.clear()
    desk.wish(WISH)
    session.rollback()
    return desk


def test_an_offer_is_promoted_as_soon_as_it_is_active_and_once(
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
    world: World,
    wire: Wire,
) -> None:
    desk = Desk(session, api, clock, list_offer(session, api, shop, account, clock, promotion=WISH))

    assert desk.promote() == PromotionCounts(done=1)

    clock.forward(days=20)
    assert desk.promote() == PromotionCounts()
    assert desk.bought == ["emphasized10d", "departmentPage"]
    assert desk.outcome == "done"
    assert wire.count(MODIFY.format(id=on_allegro(world)[0].id)) == 1


def test_an_offer_without_a_wish_is_left_alone(desk: Desk, wire: Wire) -> None:
    desk.wish({})

    assert desk.promote() == PromotionCounts()
    assert wire.requests == []


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("afterwards", [False, True])
def test_a_killed_worker_buys_nothing_twice(desk: Desk, wire: Wire, call: int, afterwards: bool) -> None:
    DeadlyWire(wire, call, afterwards)
    with pytest.raises(Killed):
        desk.promote()

    desk.clock.forward(minutes=6)

    assert desk.promote() == PromotionCounts(done=1)
    assert desk.bought == ["emphasized10d", "departmentPage"]


@pytest.mark.parametrize("kind", [Kind.LOSE_ANSWER, Kind.STATUS])
def test_a_lost_answer_is_looked_up_before_buying_again(desk: Desk, simulator: Simulator, kind: Kind) -> None:
    simulator.faults.add(MODIFY, kind)

    assert desk.promote() == PromotionCounts(later=1)
    desk.clock.forward(minutes=1)
    assert desk.promote() == PromotionCounts(done=1)
    assert desk.bought == ["emphasized10d", "departmentPage"]


def test_a_package_that_allegro_does_not_know_is_not_asked_for_again(desk: Desk) -> None:
    desk.wish({"base": "bold"})

    assert desk.promote() == PromotionCounts(failed=1)
    desk.clock.forward(days=1)
    assert desk.promote() == PromotionCounts()
    assert desk.outcome == "refused"


def test_packages_are_kept_by_marketplace(api: AllegroClient) -> None:
    found = to_dictionary(api.promotion.packages())

    assert set(found) == {"allegro-pl"}
    assert [each["id"] for each in found["allegro-pl"]["base"]] == ["emphasized10d", "emphasized1d"]
    assert found["allegro-pl"]["extra"][0]["cycle"] == "P10D"
