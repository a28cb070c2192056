"""Offers lost from sight: a passing 404, a list that lags for long, pictures that Allegro forgot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.offers import get_offer
from allegro_module.domain.offers import OfferState
from allegro_module.simulator import Simulator, World
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire
from tests.sync.offer_builders import on_allegro
from tests.sync.test_offers import CREATE, LIST, UPLOAD, Desk

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from tests.openapi import OpenApiCheck

DETAILS = "GET /sale/product-offers/{id}"
CHANGE = "PATCH /sale/product-offers/{id}"


@pytest.fixture
def desk(session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks) -> Desk:
    return Desk(session, api, shop, account, clock)


def test_one_404_on_the_details_of_a_new_offer_is_no_loss(
    desk: Desk, simulator: Simulator, world: World, wire: Wire, clock: BothClocks
) -> None:
    offer_id = desk.wanted()
    desk.publish(offer_id)
    allegro_id = on_allegro(world)[0].id
    clock.forward(seconds=10)
    simulator.faults.status(DETAILS, 404)

    assert desk.settle(offer_id) is OfferState.CHECKING
    assert desk.read(offer_id, lambda o: o.allegro_offer_id) == allegro_id

    clock.forward(seconds=10)
    assert desk.settle(offer_id) is OfferState.ACTIVE
    assert wire.count(CREATE) == 1
    assert wire.count(LIST) == 0


def test_one_404_on_a_change_is_no_loss_and_the_change_is_made(
    desk: Desk, simulator: Simulator, world: World, wire: Wire
) -> None:
    offer_id = desk.wanted()
    desk.until_settled(offer_id)
    get_offer(desk.session, offer_id).price_text = "1 099,00 zł"
    desk.session.commit()
    desk.again(offer_id)
    simulator.faults.status(CHANGE, 404)

    assert desk.publish(offer_id) is OfferState.CHECKING

    assert desk.until_settled(offer_id) is OfferState.ACTIVE
    assert [each.content.selling_mode["price"]["amount"] for each in on_allegro(world)] == ["1099.00"]
    assert wire.count(CREATE) == 1


def test_offer_is_told_to_be_lost_only_after_the_whole_search(
    desk: Desk, world: World, clock: BothClocks
) -> None:
    offer_id = desk.wanted()
    desk.until_settled(offer_id)
    world.offers.offers.clear()
    desk.again(offer_id)
    desk.publish(offer_id)
    missed_at = clock()

    assert desk.until_settled(offer_id) is OfferState.REFUSED

    assert desk.codes(offer_id) == [("", "listing_lost")]
    assert (clock() - missed_at).total_seconds() >= 15 * 60


def test_offer_told_to_be_lost_is_looked_for_before_it_is_made_anew(
    desk: Desk, world: World, wire: Wire, clock: BothClocks
) -> None:
    offer_id = desk.wanted()
    desk.until_settled(offer_id)
    clock.forward(days=5)
    hidden = dict(world.offers.offers)
    world.offers.offers.clear()
    desk.again(offer_id)
    assert desk.until_settled(offer_id) is OfferState.REFUSED
    world.offers.offers.update(hidden)

    desk.again(offer_id)

    assert desk.until_settled(offer_id) is OfferState.ACTIVE
    assert wire.count(CREATE) == 1
    assert [each.id for each in on_allegro(world)] == list(hidden)
    assert desk.read(offer_id, lambda o: o.allegro_offer_id) in hidden


def test_offer_that_is_listed_but_cannot_be_read_is_not_sent_again(
    desk: Desk, simulator: Simulator, world: World, wire: Wire
) -> None:
    simulator.faults.lose_answer(CREATE)
    offer_id = desk.wanted()
    desk.publish(offer_id)
    simulator.faults.status(DETAILS, 404, times=30)

    assert desk.until_settled(offer_id, minutes=90) is OfferState.ACTIVE

    assert wire.count(CREATE) == 1
    assert len(on_allegro(world)) == 1


def test_late_first_look_does_not_suffice_to_send_again(
    desk: Desk, simulator: Simulator, world: World, wire: Wire, clock: BothClocks
) -> None:
    """The worker was down, and the list lags when it comes back."""
    world.switches.list_lag_seconds = 16 * 60.0
    simulator.faults.lose_answer(CREATE)
    offer_id = desk.wanted()
    desk.publish(offer_id)
    clock.forward(minutes=15, seconds=5)

    assert desk.settle(offer_id) is OfferState.CHECKING

    assert desk.until_settled(offer_id) is OfferState.ACTIVE
    assert wire.count(CREATE) == 1
    assert len(on_allegro(world)) == 1


def test_looks_in_quick_succession_do_not_suffice_to_send_again(
    desk: Desk, simulator: Simulator, wire: Wire, clock: BothClocks
) -> None:
    simulator.faults.reset(CREATE)
    offer_id = desk.wanted()
    desk.publish(offer_id)
    clock.forward(minutes=30)

    assert {desk.settle(offer_id) for _ in range(5)} == {OfferState.CHECKING}

    clock.forward(minutes=1)
    assert desk.settle(offer_id) is OfferState.WAITING
    assert wire.count(CREATE) == 1


def test_look_that_failed_does_not_count(
    desk: Desk, simulator: Simulator, wire: Wire, clock: BothClocks
) -> None:
    simulator.faults.reset(CREATE)
    offer_id = desk.wanted()
    desk.publish(offer_id)
    simulator.faults.status(LIST, 503, times=3)
    clock.forward(minutes=16)

    for _ in range(5):
        assert desk.settle(offer_id) is OfferState.CHECKING
        clock.forward(minutes=1)

    assert desk.read(offer_id, lambda o: o.looks) == 2
    assert desk.settle(offer_id) is OfferState.WAITING
    assert wire.count(CREATE) == 1


@dataclass
class Forgetful:
    """Allegro forgets all uploads just before the first `times` creations arrive."""

    world: World
    passed_on: OpenApiCheck
    times: int

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/sale/product-offers" and self.times:
            self.times -= 1
            self.world.images.pictures.clear()
        return self.passed_on(environ, start_response)


def test_pictures_that_allegro_forgot_are_uploaded_anew_and_the_offer_sent_again(
    desk: Desk, world: World, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "check", Forgetful(world, wire.check, times=1))
    offer_id = desk.wanted()

    assert desk.publish(offer_id) is OfferState.VERIFYING

    assert wire.count(UPLOAD) == 6
    assert wire.count(CREATE) == 2
    assert desk.until_settled(offer_id) is OfferState.ACTIVE


def test_pictures_forgotten_again_at_once_are_told_to_the_seller(
    desk: Desk, world: World, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "check", Forgetful(world, wire.check, times=2))
    offer_id = desk.wanted()

    assert desk.publish(offer_id) is OfferState.REFUSED

    assert desk.codes(offer_id)[0] == ("images.0", "OfferImagesNotAvailableException")
    assert wire.count(CREATE) == 2
    assert desk.read(offer_id, lambda o: o.create_sent_at) is None
