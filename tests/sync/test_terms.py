"""Selling terms are read whole, and a bad day at Allegro takes none of them away."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Unavailable
from allegro_module.db.accounts import Account
from allegro_module.db.terms import TermKind, list_terms
from allegro_module.simulator import Simulator, World
from allegro_module.sync.terms import fetch_terms
from tests.sync.conftest import BothClocks

PRODUCERS = "GET /sale/responsible-producers"


@pytest.fixture
def account_id(session: Session, account: Account) -> int:
    found = account.id
    session.rollback()
    return found


def names(session: Session, account_id: int, kind: TermKind) -> list[str]:
    found = [term.name for term in list_terms(session, account_id, kind)]
    session.rollback()
    return found


def test_terms_of_every_kind_are_read(
    session: Session, api: AllegroClient, account_id: int, clock: BothClocks
) -> None:
    counts = fetch_terms(session, api, account_id, clock())

    assert set(counts) == set(TermKind)
    assert "default" in names(session, account_id, TermKind.SHIPPING_RATE)
    assert names(session, account_id, TermKind.RETURN_POLICY) == ["Zwroty 30 dni"]


def test_terms_are_read_again_without_doubling_and_forgotten_when_deleted(
    session: Session, api: AllegroClient, account_id: int, clock: BothClocks, world: World
) -> None:
    fetch_terms(session, api, account_id, clock())
    before = names(session, account_id, TermKind.RESPONSIBLE_PRODUCER)
    gone = next(key for key, each in world.terms.producers.items() if each.name == before[0])
    del world.terms.producers[gone]

    fetch_terms(session, api, account_id, clock())

    assert names(session, account_id, TermKind.RESPONSIBLE_PRODUCER) == before[1:]


def test_failed_read_changes_nothing(
    session: Session, api: AllegroClient, account_id: int, clock: BothClocks, simulator: Simulator
) -> None:
    fetch_terms(session, api, account_id, clock())
    before = {kind: names(session, account_id, kind) for kind in TermKind}
    simulator.faults.status(PRODUCERS, 503)

    with pytest.raises(Unavailable):
        fetch_terms(session, api, account_id, clock())

    assert {kind: names(session, account_id, kind) for kind in TermKind} == before


def test_kind_that_is_suddenly_empty_stays(
    session: Session, api: AllegroClient, account_id: int, clock: BothClocks, world: World
) -> None:
    fetch_terms(session, api, account_id, clock())
    world.terms.return_policies.clear()

    fetch_terms(session, api, account_id, clock())

    assert names(session, account_id, TermKind.RETURN_POLICY) == ["Zwroty 30 dni"]


def test_kind_that_allegro_refuses_does_not_hold_up_the_others(
    session: Session, api: AllegroClient, account_id: int, clock: BothClocks, simulator: Simulator
) -> None:
    simulator.faults.status(PRODUCERS, 404)

    counts = fetch_terms(session, api, account_id, clock())

    assert set(counts) == set(TermKind) - {TermKind.RESPONSIBLE_PRODUCER}
