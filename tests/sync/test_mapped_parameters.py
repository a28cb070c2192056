"""Parameters of mapped categories are there before the next draft; drafts that came first are filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category, find_category
from allegro_module.db.mappings import CategoryMapping
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.mappings import MappedBy
from allegro_module.domain.offers import OfferState
from allegro_module.sync.categories import refresh_parameters
from allegro_module.sync.drafts import new_draft
from allegro_module.sync.mapped_parameters import (
    fetch_mapped_parameters,
    fill_drafts,
    refresh_parameters_in_use,
)
from tests.memory_shop import RING, MemoryShop
from tests.sync.conftest import BothClocks
from tests.sync.offer_builders import RINGS

HOME = "simulator"
#: Categories of the simulator beside the rings, and one that it does not have.
EARRINGS, NO_CATEGORY = "123429", "999999"


def map_to(session: Session, clock: BothClocks, shop_category: str, category_id: str, by: MappedBy) -> None:
    if find_category(session, HOME, category_id) is None:
        session.add(
            Category(
                environment=HOME,
                allegro_id=category_id,
                name=category_id,
                path=category_id,
                is_leaf=True,
                options={},
                fetched_at=clock(),
            )
        )
    session.add(
        CategoryMapping(
            environment=HOME,
            shop_category_id=shop_category,
            category_id=category_id,
            mapped_by=by,
            changed_at=clock(),
        )
    )
    session.commit()


def fetched_at(session: Session, category_id: str = RINGS) -> Any:
    category = find_category(session, HOME, category_id)
    found = category and category.parameters_fetched_at
    session.rollback()
    return found


@pytest.fixture
def draft(session: Session, account: Account, shop: MemoryShop, clock: BothClocks) -> Callable[..., int]:
    def make(**changes: Any) -> int:
        offer = new_draft(session, shop, RING, account, clock(), "anna")
        for name, value in changes.items():
            setattr(offer, name, value)
        session.commit()
        offer_id = offer.id
        session.rollback()
        return offer_id

    return make


def answers(session: Session, offer_id: int) -> dict[str, Any]:
    session.rollback()
    found = dict(get_offer(session, offer_id).parameters)
    session.rollback()
    return found


def test_a_draft_made_before_the_parameters_came_completes_itself(
    session: Session, api: AllegroClient, shop: MemoryShop, clock: BothClocks, draft: Callable[..., int]
) -> None:
    map_to(session, clock, str(RING.category_id), RINGS, MappedBy.SELLER)
    offer_id = draft()
    assert answers(session, offer_id) == {}

    assert fetch_mapped_parameters(session, api, shop, HOME, clock()) == 1

    assert fetched_at(session) == clock()
    filled = answers(session, offer_id)
    assert filled == answers(session, draft())
    assert filled
    assert fetch_mapped_parameters(session, api, shop, HOME, clock()) == 0


def test_what_a_seller_answered_saved_or_listed_stays_as_it_is(
    session: Session, api: AllegroClient, shop: MemoryShop, clock: BothClocks, draft: Callable[..., int]
) -> None:
    map_to(session, clock, str(RING.category_id), RINGS, MappedBy.SELLER)
    answered = draft(parameters={"11323": {"values_ids": ["11323_2"]}})
    active = draft(state=OfferState.ACTIVE)
    elsewhere = draft(category_id=EARRINGS)
    of_no_product = draft(sku="GONE")

    fetch_mapped_parameters(session, api, shop, HOME, clock())

    assert answers(session, answered) == {"11323": {"values_ids": ["11323_2"]}}
    assert [answers(session, each) for each in (active, elsewhere, of_no_product)] == [{}, {}, {}]


def test_a_draft_that_is_saved_meanwhile_is_left_alone(
    session: Session, api: AllegroClient, shop: MemoryShop, clock: BothClocks, draft: Callable[..., int]
) -> None:
    map_to(session, clock, str(RING.category_id), RINGS, MappedBy.SELLER)
    offer_id = draft()
    refresh_parameters(session, api, HOME, RINGS, clock())

    class SlowShop(MemoryShop):
        def products(self, skus: Any) -> Any:
            get_offer(session, offer_id).title = "Zapisany w tej chwili"
            session.commit()
            return super().products(skus)

    assert fill_drafts(session, SlowShop(shop.products_by_sku), HOME) == 0
    assert answers(session, offer_id) == {}
    assert fill_drafts(session, shop, HOME) == 1


def test_nothing_to_answer_changes_no_version(
    session: Session, api: AllegroClient, shop: MemoryShop, clock: BothClocks, draft: Callable[..., int]
) -> None:
    map_to(session, clock, str(RING.category_id), RINGS, MappedBy.SELLER)
    offer_id = draft()
    category = find_category(session, HOME, RINGS)
    assert category is not None
    category.parameters, category.parameters_fetched_at = [], clock()
    session.commit()
    shop.add_product(replace(RING))

    before = get_offer(session, offer_id).version
    fill_drafts(session, shop, HOME)

    assert get_offer(session, offer_id).version == before
    session.rollback()


def test_one_category_that_allegro_does_not_give_holds_up_no_other(
    session: Session, api: AllegroClient, shop: MemoryShop, clock: BothClocks
) -> None:
    map_to(session, clock, "gone", NO_CATEGORY, MappedBy.LEARNED)
    map_to(session, clock, "bizuteria", RINGS, MappedBy.SELLER)

    assert fetch_mapped_parameters(session, api, shop, HOME, clock()) == 1
    assert (fetched_at(session), fetched_at(session, NO_CATEGORY)) == (clock(), None)


def test_a_suggestion_nobody_accepted_is_not_fetched(
    session: Session, api: AllegroClient, shop: MemoryShop, clock: BothClocks
) -> None:
    map_to(session, clock, "bizuteria", RINGS, MappedBy.SUGGESTED)

    assert fetch_mapped_parameters(session, api, shop, HOME, clock()) == 0
    assert refresh_parameters_in_use(session, api, shop, HOME, clock()) == 0


def test_parameters_in_use_are_renewed_when_they_are_a_day_old(
    session: Session, api: AllegroClient, shop: MemoryShop, clock: BothClocks, draft: Callable[..., int]
) -> None:
    map_to(session, clock, "other", RINGS, MappedBy.SUGGESTED)
    offer_id = draft(category_id=RINGS)

    runs = []
    for step in (0, 23, 1):
        clock.forward(hours=step)
        runs.append(refresh_parameters_in_use(session, api, shop, HOME, clock()))
    session.get_one(Offer, offer_id).state = OfferState.ENDED
    session.commit()
    clock.forward(days=2)
    runs.append(refresh_parameters_in_use(session, api, shop, HOME, clock()))

    assert runs == [1, 0, 1, 0]
