"""A mapping learns from what the seller chose, gives it back, and never overrules his own word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category
from allegro_module.db.mappings import (
    AttributeMapping,
    CategoryMapping,
    ValueMapping,
    find_category_mapping,
    key_of,
)
from allegro_module.db.offers import Offer
from allegro_module.domain.mappings import ANY_CATEGORY, MappedBy
from allegro_module.domain.offers import OfferState
from allegro_module.domain.parameters import read_parameters
from allegro_module.simulator import World
from allegro_module.sync.categories import fetch_tree
from allegro_module.sync.mapped_answers import mapped_answers, mapped_category
from allegro_module.sync.mapping_lessons import learn_from
from allegro_module.sync.mapping_suggestions import suggest_categories
from allegro_module.sync.offers import publish_offer
from tests.domain.parameter_builders import ids, raw, texts
from tests.memory_shop import MemoryShop, a_product
from tests.sync.conftest import BothClocks
from tests.sync.offer_builders import RINGS, a_draft, ask

HOME = "simulator"
PARAMETERS = [
    raw("1", "dictionary", "Materiał", values=["Złoto", "Srebro"]),
    raw("2", "string", "Próba"),
    raw("3", "dictionary", "Barwa", values=["Żółty", "Biały"]),
    raw("4", "float", "Masa", unit="g", restrictions={"min": 0, "max": 1000, "precision": 2}),
]
PRODUCT = a_product(
    category_id="bizuteria", attributes={"Kruszec": "złoto", "Próba": "585", "Kolor": "żółte złoto"}
)


@pytest.fixture
def category(session: Session, clock: BothClocks) -> Category:
    row = Category(
        environment=HOME,
        allegro_id=RINGS,
        name="Pierścionki",
        path="Biżuteria › Pierścionki",
        is_leaf=True,
        options={},
        fetched_at=clock(),
        parameters=PARAMETERS,
        parameters_fetched_at=clock(),
    )
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def listed(session: Session, account: Account, clock: BothClocks, category: Category) -> Any:
    """Teach with an offer as the seller had it; every other call makes the next one."""
    numbers = iter(range(1, 100))

    def teach(answers: dict[str, Any], category_id: str = RINGS, product: Any = PRODUCT) -> None:
        offer = Offer(
            account=account,
            sku=product.sku,
            external_id=f"X-{next(numbers)}",
            category_id=category_id,
            parameters=answers,
            state=OfferState.ACTIVE,
            state_since=clock(),
            created_at=clock(),
            changed_at=clock(),
        )
        session.add(offer)
        session.flush()
        learn_from(session, offer, product, clock())
        session.commit()

    return teach


def answers_for(session: Session, product: Any = PRODUCT) -> dict[str, Any]:
    found = mapped_answers(session, HOME, RINGS, read_parameters(PARAMETERS), product)
    session.rollback()
    return found


def category_of(session: Session) -> str | None:
    found = mapped_category(session, HOME, PRODUCT)
    session.rollback()
    return found


def a_category(clock: BothClocks, mapped_by: MappedBy, category_id: str = RINGS) -> CategoryMapping:
    return CategoryMapping(
        environment=HOME,
        shop_category_id="bizuteria",
        category_id=category_id,
        mapped_by=mapped_by,
        changed_at=clock(),
    )


def test_nothing_is_mapped_before_anything_was_chosen(session: Session, category: Category) -> None:
    assert category_of(session) is None
    assert answers_for(session) == {}


def test_what_was_chosen_once_comes_back(session: Session, listed: Any) -> None:
    listed({"1": ids("1_1"), "2": texts("585")})

    assert category_of(session) == RINGS
    assert answers_for(session) == {"1": ids("1_1"), "2": texts("585")}
    other = replace(PRODUCT, attributes={"kruszec": "Srebro", "Próba": "925"})
    assert answers_for(session, other) == {"1": ids("1_2"), "2": texts("925")}


def test_a_value_that_words_do_not_give_is_learned_with_the_attribute(session: Session, listed: Any) -> None:
    session.add(
        AttributeMapping(
            environment=HOME,
            category_id=RINGS,
            attribute="Kolor",
            attribute_key=key_of("Kolor"),
            parameter_id="3",
            mapped_by=MappedBy.SELLER,
            changed_at=session.scalars(select(Category.fetched_at)).one(),
        )
    )
    listed({"3": ids("3_1")})

    assert answers_for(session)["3"] == ids("3_1")
    learned = session.scalars(select(ValueMapping)).one()
    assert (learned.value, learned.answer, learned.mapped_by) == (
        "żółte złoto",
        ids("3_1"),
        MappedBy.LEARNED,
    )


def test_the_majority_of_choices_counts(session: Session, listed: Any) -> None:
    listed({}, RINGS)
    listed({}, RINGS)
    listed({}, "other")
    assert category_of(session) == RINGS

    listed({}, "other")
    assert category_of(session) == "other"


def test_the_sellers_own_word_stays(session: Session, listed: Any, clock: BothClocks) -> None:
    session.add(a_category(clock, MappedBy.SELLER, "settled"))
    session.commit()

    listed({}, RINGS)
    listed({}, RINGS)

    assert category_of(session) == "settled"


def test_a_suggestion_counts_only_once_it_was_chosen(
    session: Session, listed: Any, clock: BothClocks
) -> None:
    session.add(a_category(clock, MappedBy.SUGGESTED))
    session.commit()
    assert category_of(session) is None

    listed({}, RINGS)

    assert category_of(session) == RINGS


def test_a_mapping_of_the_category_counts_more_than_one_of_all(
    session: Session, category: Category, clock: BothClocks
) -> None:
    for category_id, attribute in ((ANY_CATEGORY, "Próba"), (RINGS, "Kruszec")):
        session.add(
            AttributeMapping(
                environment=HOME,
                category_id=category_id,
                attribute=attribute,
                attribute_key=key_of(attribute),
                parameter_id="2",
                mapped_by=MappedBy.SELLER,
                changed_at=clock(),
            )
        )
    session.commit()

    assert answers_for(session) == {"2": texts("złoto")}


def test_what_allegro_would_refuse_is_left_open(
    session: Session, category: Category, clock: BothClocks
) -> None:
    session.add(
        AttributeMapping(
            environment=HOME,
            category_id=RINGS,
            attribute="Kruszec",
            attribute_key=key_of("Kruszec"),
            parameter_id="4",
            mapped_by=MappedBy.SELLER,
            changed_at=clock(),
        )
    )
    session.commit()

    assert answers_for(session) == {}
    heavy = replace(PRODUCT, attributes={"Kruszec": "2000"})
    assert answers_for(session, heavy) == {}
    assert answers_for(session, replace(PRODUCT, attributes={"Kruszec": "3,5 g"})) == {"4": texts("3.5")}


def test_categories_are_suggested_by_ean_and_by_name_and_kept_apart_from_what_is_settled(
    session: Session, api: AllegroClient, clock: BothClocks
) -> None:
    fetch_tree(session, api, HOME, clock())
    shop = MemoryShop()
    shop.add_product(replace(PRODUCT, category_name="Pierścionki"))
    steps: list[tuple[int, int]] = []

    def run() -> int:
        return suggest_categories(
            session, api, shop, HOME, clock(), lambda seconds: None, lambda *step: steps.append(step)
        )

    assert run() == len(shop.vocabulary().categories) == 1
    found = find_category_mapping(session, HOME, "bizuteria")
    assert found is not None
    assert found.mapped_by == MappedBy.SUGGESTED
    assert category_of(session) is None
    assert run() == 0
    assert steps == [(1, 1)]


def test_an_offer_that_becomes_active_teaches_once(
    session: Session, api: AllegroClient, clock: BothClocks, account: Account, shop: MemoryShop, world: World
) -> None:
    world.switches.offer_creation = "created"
    offer_id = ask(session, a_draft(session, api, shop, account, clock()), clock())

    for _ in range(2):
        publish_offer(session, api, shop, offer_id, clock)
        ask(session, offer_id, clock())
        clock.forward(minutes=5)

    found = find_category_mapping(session, HOME, "pierscionki")
    assert found is not None
    assert (found.category_id, found.mapped_by, found.uses) == (RINGS, MappedBy.LEARNED, 1)
