"""A run reads offers ahead and claims each by the version that it has read."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from allegro_module.db.offers import Offer
from allegro_module.domain.offers import TO_SEND, OfferState
from allegro_module.simulator import World
from allegro_module.sync.offer_claims import take_and
from allegro_module.sync.offer_runs import Run
from allegro_module.sync.offers import settle_offers
from tests.sync.conftest import BothClocks
from tests.sync.offer_builders import on_allegro
from tests.sync.test_offers import Desk
from tests.sync.test_offers import desk as desk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def title_claimed(run: Run, desk: Desk, offer_id: int) -> str | None:
    copy = run.take_copy(offer_id)
    assert copy is not None
    taken = take_and(desk.session, offer_id, TO_SEND, desk.clock, lambda offer: offer.title, copy)
    return taken[1] if taken else None


def test_what_was_written_since_the_run_read_ahead_is_seen(desk: Desk, session: Session) -> None:
    offer_id = desk.wanted(title="Tytuł, który run przeczytał")
    run = Run(session, desk.shop)
    run.read_ahead([offer_id])
    version = Offer.version + 1
    session.execute(update(Offer).values(title="Tytuł zmieniony w innej karcie", version=version))
    session.commit()

    assert title_claimed(run, desk, offer_id) == "Tytuł zmieniony w innej karcie"
    assert run.take_copy(offer_id) is None


def test_offer_that_another_worker_took_since_is_left_to_it(
    desk: Desk, session: Session, clock: BothClocks
) -> None:
    offer_id = desk.wanted()
    first, second = Run(session, desk.shop), Run(session, desk.shop)
    for run in (first, second):
        run.read_ahead([offer_id])

    assert title_claimed(first, desk, offer_id) is not None
    assert title_claimed(second, desk, offer_id) is None


def test_creation_cut_off_before_is_looked_for_and_its_claim_given_back(
    desk: Desk, session: Session, world: World
) -> None:
    desk.wanted(create_sent_at=desk.clock(), first_sent_at=desk.clock())

    settle_offers(session, lambda account: desk.api, desk.shop, lambda name: desk.clock)

    found = desk.read(1, lambda offer: (offer.state, offer.claim, offer.claimed_until))
    assert found == (OfferState.CHECKING, None, None)
    assert on_allegro(world) == []
