"""What changes in Allegro's tree between two readings, requirements to come, taxes, replaced ids."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import Client

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category, find_category, find_successor, list_children
from allegro_module.db.cursors import find_cursor
from allegro_module.db.mappings import AttributeMapping, ValueMapping
from allegro_module.db.offers import Offer
from allegro_module.domain.mappings import MappedBy
from allegro_module.simulator import Simulator
from allegro_module.sync.categories import (
    fetch_parameters,
    fetch_tree,
    forget_parameters,
    parameters_are_fresh,
    refresh_parameters,
)
from allegro_module.sync.category_events import (
    JOURNAL,
    follow_category_events,
    refresh_planned_changes,
)
from allegro_module.sync.category_parameters import find_parameters
from allegro_module.sync.taxes import (
    refresh_taxes,
    tax_choices,
    tax_countries,
    tax_exemptions,
    tax_subjects,
)
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire
from tests.sync.offer_builders import a_draft

HERE = "simulator"
RINGS, WOMENS, JEWELLERY = "123428", "19600", "19556"
ROOT_PATH = "Moda › Biżuteria i Zegarki"


@pytest.fixture
def tree(session: Session, api: AllegroClient, clock: BothClocks) -> None:
    fetch_tree(session, api, HERE, clock())


def tell(simulator: Simulator, path: str, **body: Any) -> None:
    answer = Client(simulator).post(f"/_control/categories{path}", json=body)
    assert answer.status_code == 200, answer.text


def category(session: Session, category_id: str = RINGS) -> Category:
    session.rollback()
    found = find_category(session, HERE, category_id)
    assert found is not None
    return found


def follow(session: Session, api: AllegroClient, account: Account, clock: BothClocks) -> int:
    return follow_category_events(session, api, account.id, HERE, clock())


# Events


def test_a_renamed_category_gives_its_name_to_all_paths_below(
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    simulator: Simulator,
    tree: None,
) -> None:
    above = category(session, category(session).parent_id or "")
    tell(simulator, f"/{above.allegro_id}/rename", name="Ozdoby damskie")

    assert follow(session, api, account, clock) == 1

    assert category(session, above.allegro_id).name == "Ozdoby damskie"
    assert category(session).path == f"{ROOT_PATH} › Ozdoby damskie › Pierścionki"


def test_events_are_followed_once_and_the_place_is_kept(
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    simulator: Simulator,
    tree: None,
) -> None:
    tell(simulator, f"/{RINGS}/rename", name="Pierścienie")
    follow(session, api, account, clock)

    assert follow(session, api, account, clock) == 0
    cursor = find_cursor(session, account.id, JOURNAL)
    assert cursor is not None and cursor.position


def test_a_moved_category_stands_below_its_new_parent(
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    simulator: Simulator,
    tree: None,
) -> None:
    roots = [each for each in list_children(session, HERE, None) if not each.is_leaf]
    elsewhere = next(each for each in roots if each.name != "Moda")
    tell(simulator, f"/{RINGS}/move", parent=elsewhere.allegro_id)

    follow(session, api, account, clock)

    assert category(session).parent_id == elsewhere.allegro_id
    assert category(session).path == f"{elsewhere.name} › Pierścionki"


def test_a_deleted_category_stays_for_its_offers_and_names_its_successor(
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    simulator: Simulator,
    tree: None,
) -> None:
    siblings = [each for each in list_children(session, HERE, category(session).parent_id) if each.is_leaf]
    other = next(each.allegro_id for each in siblings if each.allegro_id != RINGS)
    tell(simulator, f"/{RINGS}/delete", redirect=other)

    follow(session, api, account, clock)
    clock.forward(days=1)
    fetch_tree(session, api, HERE, clock())

    gone = category(session)
    successor = find_successor(session, gone)
    assert (gone.is_gone, gone.is_leaf) == (True, False)
    assert successor is not None and successor.allegro_id == other
    assert RINGS not in [each.allegro_id for each in list_children(session, HERE, gone.parent_id)]


def test_a_new_category_joins_the_tree(
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    simulator: Simulator,
    tree: None,
) -> None:
    parent = category(session).parent_id
    tell(simulator, "", id="777001", parent=parent, name="Sygnety", parameters=[])

    follow(session, api, account, clock)

    assert category(session, "777001").path.endswith(" › Sygnety")
    assert category(session, "777001").is_leaf


def test_without_a_tree_there_is_nothing_to_follow(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks, wire: Wire
) -> None:
    assert follow(session, api, account, clock) == 0
    assert wire.count("GET /sale/category-events") == 0


# Requirements to come


def test_planned_requirements_are_kept_until_they_are_dropped_or_come(
    session: Session, api: AllegroClient, clock: BothClocks, simulator: Simulator, tree: None
) -> None:
    at = clock() + timedelta(days=14)
    tell(simulator, f"/{RINGS}/plan", parameter="206647", at=at.isoformat())

    assert refresh_planned_changes(session, api, HERE, clock()) == 1
    planned = category(session).planned_changes
    assert [(each["parameter_id"], each["is_required"]) for each in planned] == [("206647", True)]
    clock.forward(days=15)
    assert refresh_planned_changes(session, api, HERE, clock()) == 0
    assert category(session).planned_changes == []


# Parameters


def test_forgotten_parameters_serve_until_somebody_looks_and_are_fetched_then(
    session: Session, api: AllegroClient, clock: BothClocks, wire: Wire, tree: None
) -> None:
    path = f"GET /sale/categories/{RINGS}/parameters"
    fetch_parameters(session, api, HERE, RINGS, clock())

    forget_parameters(session, HERE, RINGS)
    session.commit()

    assert find_parameters(category(session))
    assert not parameters_are_fresh(category(session), clock())
    refresh_parameters(session, api, HERE, RINGS, clock())
    refresh_parameters(session, api, HERE, RINGS, clock())
    assert wire.count(path) == 2


def test_parameters_are_read_from_our_copy_once_however_often_they_are_asked_for(
    session: Session, api: AllegroClient, clock: BothClocks, tree: None
) -> None:
    fetch_parameters(session, api, HERE, RINGS, clock())

    first, second = find_parameters(category(session)), find_parameters(category(session))

    assert first and second is first
    clock.forward(days=1)
    fetch_parameters(session, api, HERE, RINGS, clock())
    assert find_parameters(category(session)) is not first


def test_with_a_product_of_the_catalogue_nothing_is_required_for_a_new_one_alone(
    session: Session, clock: BothClocks
) -> None:
    raw = {"id": "1", "name": "Kolor", "type": "string", "requiredForProduct": True, "required": False}
    row = Category(
        environment=HERE,
        allegro_id="5",
        name="Kubki",
        fetched_at=clock(),
        parameters=[raw],
        parameters_fetched_at=clock(),
    )
    session.add(row)
    session.commit()

    alone, beside = find_parameters(row) or (), find_parameters(row, has_product=True) or ()

    assert [each.required_for_product for each in (*alone, *beside)] == [True, False]


def test_answers_under_replaced_ids_move_when_the_parameters_are_fetched(
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
    simulator: Simulator,
    tree: None,
) -> None:
    former = {"ids": ["111"], "names": ["Barwa"]}
    value = {"id": "222_1", "value": "złoty", "formerData": {"ids": ["111_4"]}}
    raw = {"id": "222", "name": "Kolor", "type": "dictionary", "formerData": former, "dictionary": [value]}
    tell(simulator, "", id="777002", parent=category(session).parent_id, name="Broszki", parameters=[raw])
    answer = {"values_ids": ["111_4"]}
    offer_id = a_draft(session, api, shop, account, clock())
    offer = session.get_one(Offer, offer_id)
    offer.category_id, offer.parameters = "777002", {"111": answer}
    by = {"environment": HERE, "category_id": "777002", "mapped_by": MappedBy.SELLER, "changed_at": clock()}
    session.add(AttributeMapping(attribute="Barwa", attribute_key="barwa", parameter_id="111", **by))
    session.add(ValueMapping(parameter_id="111", value="złoty", value_key="złoty", answer=answer, **by))
    session.commit()
    version = offer.version
    session.rollback()

    fetch_parameters(session, api, HERE, "777002", clock())

    moved = session.get_one(Offer, offer_id, populate_existing=True)
    assert moved.parameters == {"222": {"values_ids": ["222_1"]}}
    assert moved.version > version
    assert session.query(AttributeMapping).one().parameter_id == "222"
    assert session.query(ValueMapping).one().answer == {"values_ids": ["222_1"]}


# Taxes


def test_taxes_come_with_the_parameters(
    session: Session, api: AllegroClient, clock: BothClocks, tree: None
) -> None:
    fetch_parameters(session, api, HERE, RINGS, clock())

    rings = category(session)
    assert [each.value for each in tax_choices(rings)] == ["23.00", "8.00", "5.00", "0.00", "EXEMPT"]
    assert [each.value for each in tax_choices(rings, "CZ")] == ["21.00", "12.00"]
    assert [each.needs_exemption for each in tax_choices(rings)] == [False] * 4 + [True]
    assert set(tax_countries(rings)) >= {"PL", "CZ", "SK", "HU"}
    assert [each.value for each in tax_subjects(rings)] == ["GOODS"]
    assert "MONEY_EQUIVALENT" in [each.value for each in tax_exemptions(rings)]


def test_while_taxes_are_unknown_the_usual_rates_are_offered_at_home_only(
    session: Session, clock: BothClocks, api: AllegroClient
) -> None:
    assert [each.value for each in tax_choices(None)][:2] == ["23.00", "8.00"]
    assert tax_choices(None, "CZ") == []
    assert not refresh_taxes(session, api, HERE, "no-such-category", clock())
