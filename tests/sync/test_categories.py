"""Our copy of Allegro's category tree, and the parameters of single categories."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Refused, Unavailable
from allegro_module.db.categories import Category, find_category, list_children, search_leaves
from allegro_module.simulator import Simulator
from allegro_module.sync.categories import (
    fetch_parameters,
    fetch_tree,
    parameters_are_fresh,
    refresh_parameters,
)
from tests.sync.conftest import BothClocks, Wire

HERE = "simulator"
RINGS = "123428"


def a_stranger(allegro_id: str, clock: BothClocks, environment: str = HERE) -> Category:
    return Category(
        environment=environment, allegro_id=allegro_id, name="Stara", path="Stara", fetched_at=clock()
    )


def ids(session: Session) -> set[str]:
    found = set(session.scalars(select(Category.allegro_id)))
    session.rollback()
    return found


def test_tree_is_read_to_its_leaves_with_the_names_from_the_root_down(
    session: Session, api: AllegroClient, clock: BothClocks
) -> None:
    count = fetch_tree(session, api, HERE, clock())

    rings = find_category(session, HERE, RINGS)
    assert rings is not None
    assert rings.is_leaf
    assert rings.path == "Moda › Biżuteria i Zegarki › Biżuteria damska › Pierścionki"
    assert count == len(session.scalars(select(Category)).all())
    assert [each.name for each in list_children(session, HERE, "20592")] == ["Kubki i filiżanki"]
    assert [each.allegro_id for each in search_leaves(session, HERE, "biżut pierśc")] == [RINGS]


def test_tree_read_again_forgets_what_is_gone_and_keeps_parameters(
    session: Session, api: AllegroClient, clock: BothClocks
) -> None:
    fetch_tree(session, api, HERE, clock())
    fetch_parameters(session, api, HERE, RINGS, clock())
    session.add_all([a_stranger("gone", clock), a_stranger("elsewhere", clock, "sandbox")])
    session.commit()
    clock.forward(days=1)

    fetch_tree(session, api, HERE, clock())

    assert "gone" not in ids(session)
    assert "elsewhere" in ids(session)
    rings = find_category(session, HERE, RINGS)
    assert rings is not None
    assert rings.parameters


def test_tree_cut_short_forgets_nothing(
    session: Session, api: AllegroClient, clock: BothClocks, simulator: Simulator, wire: Wire
) -> None:
    session.add(a_stranger("old", clock))
    session.commit()
    clock.forward(days=1)
    passed_on = wire.check

    def fail_at_the_fifth(environ: Any, start_response: Any) -> Any:
        if len(wire.requests) == 5:
            simulator.faults.status("GET /sale/categories", 503)
        return passed_on(environ, start_response)

    wire.check = fail_at_the_fifth  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        fetch_tree(session, api, HERE, clock())
    wire.check = passed_on

    assert {"old", "5"} < ids(session)


def test_tree_that_lost_most_of_its_categories_is_not_believed(
    session: Session, api: AllegroClient, clock: BothClocks
) -> None:
    count = fetch_tree(session, api, HERE, clock())
    strangers = [f"old-{number}" for number in range(count + 1)]
    session.add_all([a_stranger(each, clock) for each in strangers])
    session.commit()
    clock.forward(days=1)

    fetch_tree(session, api, HERE, clock())

    assert set(strangers) <= ids(session)


def test_parameters_are_kept_as_allegro_words_them_for_a_day(
    session: Session, api: AllegroClient, clock: BothClocks, wire: Wire
) -> None:
    refresh_parameters(session, api, HERE, RINGS, clock())
    clock.forward(hours=23)
    refresh_parameters(session, api, HERE, RINGS, clock())
    path = f"GET /sale/categories/{RINGS}/parameters"
    assert wire.count(path) == 1

    clock.forward(hours=2)
    refresh_parameters(session, api, HERE, RINGS, clock())

    category = find_category(session, HERE, RINGS)
    assert wire.count(path) == 2
    assert category is not None
    assert category.parameters is not None
    assert category.parameters[0]["name"] == "Stan"
    assert parameters_are_fresh(category, clock())
    assert not parameters_are_fresh(category, clock() + timedelta(hours=25))


def test_category_outside_our_copy_joins_it_with_its_ancestors(
    session: Session, api: AllegroClient, clock: BothClocks
) -> None:
    fetch_parameters(session, api, HERE, RINGS, clock())

    category = find_category(session, HERE, RINGS)
    assert category is not None
    assert category.path.endswith("Biżuteria damska › Pierścionki")
    assert category.is_leaf


def test_category_that_allegro_does_not_have_is_refused(
    session: Session, api: AllegroClient, clock: BothClocks
) -> None:
    with pytest.raises(Refused):
        fetch_parameters(session, api, HERE, "999999", clock())

    assert ids(session) == set()
