"""Selling terms are read whole, and a bad day at Allegro takes none of them away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Unavailable
from allegro_module.db.accounts import Account
from allegro_module.db.delivery_methods import list_delivery_methods
from allegro_module.db.dictionaries import find_dictionary
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm, TermKind, TermState, list_terms
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.delivery import own_id
from allegro_module.sync.term_wishes import wish_term
from allegro_module.sync.terms import fetch_terms, fetch_whole
from tests.sync.conftest import SELLER, BothClocks, Wire

STAYS = "6c0e8f1c-6d7a-4a39-8f2e-1a2b3c4d5e6f"
PRODUCERS = "GET /sale/responsible-producers"
LISTS = "GET /sale/shipping-rates"
#: Price lists, five kinds of terms, delivery methods, packages, deposits, additional services, size tables.
DICTIONARIES = 11
READ = set(TermKind) - {TermKind.RESPONSIBLE_PERSON}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def default_id(world: World) -> str:
    """Allegro's id of the price list `default`."""
    return own_id(world.sellers[SELLER].id, "default")


def names(session: Session, account_id: int, kind: TermKind) -> list[str]:
    found = [term.name for term in list_terms(session, account_id, kind)]
    session.rollback()
    return found


def term(session: Session, allegro_id: str) -> SellingTerm:
    return session.scalars(select(SellingTerm).where(SellingTerm.allegro_id == allegro_id)).one()


def want(session: Session, account_id: int, allegro_id: str, **changes: Any) -> None:
    row = term(session, allegro_id)
    content = {**(row.base or {}), **changes}
    wish_term(session, account_id, TermKind(row.kind), content, "anna", row.fetched_at, row)
    session.commit()


def read(session: Session, allegro_id: str, *columns: str) -> tuple[Any, ...]:
    row = term(session, allegro_id)
    found = tuple(getattr(row, column) for column in columns)
    session.rollback()
    return found


def rated(content: Mapping[str, Any], amount: str) -> list[dict[str, Any]]:
    """Its rates, with another price of the first one."""
    first, *others = content["rates"]
    return [{**first, "firstItemRate": {"amount": amount, "currency": "PLN"}}, *others]


@pytest.fixture
def account_id(session: Session, account: Account) -> int:
    found = account.id
    session.rollback()
    return found


def test_terms_of_every_kind_are_read(
    session: Session, api: AllegroClient, account: Account, account_id: int, clock: BothClocks
) -> None:
    counts = fetch_terms(session, api, account, clock())

    assert set(counts) == READ
    assert "default" in names(session, account_id, TermKind.SHIPPING_RATE)
    assert names(session, account_id, TermKind.RETURN_POLICY) == ["Zwroty 30 dni"]


def test_price_list_is_kept_as_we_would_send_it(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks, default_id: str
) -> None:
    fetch_terms(session, api, account, clock())

    base, details = read(session, default_id, "base", "details")
    assert set(base) == {"name", "type", "dispatchCountry", "rates"}
    assert base["rates"][0]["firstItemRate"] == {"amount": "11.99", "currency": "PLN"}
    assert base["rates"][0]["maxPackageWeight"] == {"value": "10.000", "unit": "KILOGRAM"}
    assert (details["type"], details["dispatch_country"], details["methods"]) == ("PHYSICAL", "PL", 5)
    assert (details["is_managed_by_allegro"], details["marketplaces"]) == (
        False,
        ["allegro-pl", "allegro-business-pl"],
    )


def test_delivery_methods_and_packages_are_read_too(
    session: Session, api: AllegroClient, account: Account, account_id: int, clock: BothClocks
) -> None:
    fetch_terms(session, api, account, clock())

    methods = {method.id: method for method in list_delivery_methods(session, "simulator")}
    assert any(method.is_cash_on_delivery and method.max_rate for method in methods.values())
    assert find_dictionary(session, account_id, "promotion_packages")["allegro-pl"]["base"]
    assert find_dictionary(session, account_id, "deposit_types")["rows"][0]["marketplace"] == "allegro-pl"
    assert find_dictionary(session, account_id, "additional_services")["rows"]
    assert find_dictionary(session, account_id, "size_tables")["rows"]


def test_method_that_vanished_is_marked_and_an_empty_list_changes_nothing(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks, world: World
) -> None:
    fetch_terms(session, api, account, clock())
    every = [method.id for method in list_delivery_methods(session, "simulator")]
    world.delivery.removed.update(every)

    fetch_terms(session, api, account, clock())
    assert not any(method.is_gone for method in list_delivery_methods(session, "simulator"))

    world.delivery.removed.clear()
    world.delivery.remove_method(every[0])
    fetch_terms(session, api, account, clock())
    gone = [method.id for method in list_delivery_methods(session, "simulator") if method.is_gone]
    assert gone == every[:1]


def test_terms_are_read_again_without_doubling_and_forgotten_when_deleted(
    session: Session, api: AllegroClient, account: Account, account_id: int, clock: BothClocks, world: World
) -> None:
    fetch_terms(session, api, account, clock())
    before = names(session, account_id, TermKind.RESPONSIBLE_PRODUCER)
    gone = next(key for key, each in world.terms.producers.items() if each.name == before[0])
    del world.terms.producers[gone]

    fetch_terms(session, api, account, clock())

    assert names(session, account_id, TermKind.RESPONSIBLE_PRODUCER) == before[1:]


def test_failed_read_changes_nothing(
    session: Session,
    api: AllegroClient,
    account: Account,
    account_id: int,
    clock: BothClocks,
    simulator: Simulator,
) -> None:
    fetch_terms(session, api, account, clock())
    before = {kind: names(session, account_id, kind) for kind in TermKind}
    simulator.faults.status(PRODUCERS, 503)

    with pytest.raises(Unavailable):
        fetch_terms(session, api, account, clock())

    assert {kind: names(session, account_id, kind) for kind in TermKind} == before


def test_kind_that_is_suddenly_empty_stays(
    session: Session, api: AllegroClient, account: Account, account_id: int, clock: BothClocks, world: World
) -> None:
    fetch_terms(session, api, account, clock())
    world.terms.return_policies.clear()

    fetch_terms(session, api, account, clock())

    assert names(session, account_id, TermKind.RETURN_POLICY) == ["Zwroty 30 dni"]


def test_kind_that_allegro_refuses_does_not_hold_up_the_others(
    session: Session,
    api: AllegroClient,
    account: Account,
    account_id: int,
    clock: BothClocks,
    simulator: Simulator,
) -> None:
    simulator.faults.status(PRODUCERS, 404)

    counts = fetch_terms(session, api, account, clock())

    assert set(counts) == READ - {TermKind.RESPONSIBLE_PRODUCER}


def test_refresh_costs_one_call_per_dictionary_and_one_per_changed_price_list(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks, wire: Wire, world: World
) -> None:
    world.switches.list_last_modified = False
    lists = len(world.delivery.of(world.sellers[SELLER].id))
    said: list[tuple[int, int | None]] = []
    fetch_terms(session, api, account, clock(), lambda done, total: said.append((done, total)))
    assert len(wire.requests) == len(set(wire.requests)) == DICTIONARIES + lists
    assert said == [(number + 1, DICTIONARIES + lists) for number in range(DICTIONARIES + lists)]

    clock.forward(hours=1)
    assert calls(wire, lambda: fetch_terms(session, api, account, clock())) == DICTIONARIES
    clock.forward(hours=23)
    assert calls(wire, lambda: fetch_terms(session, api, account, clock())) == DICTIONARIES + lists


def calls(wire: Wire, do: Callable[[], object]) -> int:
    before = len(wire.requests)
    do()
    return len(wire.requests) - before


def test_only_price_lists_with_another_mark_are_read(
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    wire: Wire,
    world: World,
    default_id: str,
) -> None:
    fetch_terms(session, api, account, clock())
    clock.forward(days=2)
    changed = world.delivery.find(default_id)
    assert changed is not None
    world.delivery.change(default_id, clock(), name="domyślny")
    wire.requests.clear()

    fetch_terms(session, api, account, clock())

    assert wire.count(f"{LISTS}/{default_id}") == 1
    assert len(wire.requests) == DICTIONARIES + 1
    assert read(session, default_id, "name", "state") == ("domyślny", TermState.SAME)


def test_refresh_that_finds_nothing_new_leaves_open_forms_alone(
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    world: World,
    default_id: str,
) -> None:
    world.switches.list_last_modified = False
    fetch_terms(session, api, account, clock())
    before = session.scalars(select(SellingTerm.version).order_by(SellingTerm.id)).all()
    clock.forward(days=2)

    fetch_terms(session, api, account, clock())

    assert session.scalars(select(SellingTerm.version).order_by(SellingTerm.id)).all() == before
    assert read(session, default_id, "fetched_at") == (clock(),)


def test_legacy_price_of_a_further_item_is_kept_beside_the_content(
    session: Session,
    api: AllegroClient,
    account: Account,
    clock: BothClocks,
    world: World,
    default_id: str,
) -> None:
    world.delivery.give_legacy_rate(default_id, "4.00")

    fetch_terms(session, api, account, clock())

    base, details = read(session, default_id, "base", "details")
    assert set(details["next_item_rates"].values()) == {"4.00"}
    assert base["rates"][0]["deliveryMethod"]["id"] in details["next_item_rates"]
    assert "nextItemRate" not in base["rates"][0]


def test_what_changed_on_both_sides_waits_for_the_sellers_choice(
    session: Session,
    api: AllegroClient,
    account: Account,
    account_id: int,
    clock: BothClocks,
    world: World,
    default_id: str,
) -> None:
    fetch_terms(session, api, account, clock())
    (base,) = read(session, default_id, "base")
    want(session, account_id, default_id, rates=rated(base, "10.50"))
    world.delivery.change(default_id, clock(), name="domyślny")
    clock.forward(days=1)

    fetch_terms(session, api, account, clock())

    state, theirs, content, old = read(session, default_id, "state", "theirs", "content", "base")
    assert (state, theirs["name"], content["name"], old) == (TermState.CONFLICT, "domyślny", "default", base)


def test_wish_that_allegro_holds_already_is_done(
    session: Session,
    api: AllegroClient,
    account: Account,
    account_id: int,
    clock: BothClocks,
    world: World,
    default_id: str,
) -> None:
    fetch_terms(session, api, account, clock())
    want(session, account_id, default_id, name="domyślny")
    world.delivery.change(default_id, clock(), name="domyślny")
    clock.forward(days=1)

    fetch_terms(session, api, account, clock())

    state, content, base = read(session, default_id, "state", "content", "base")
    assert (state, content, base["name"]) == (TermState.SAME, None, "domyślny")


def test_vanished_one_stays_while_a_wish_or_an_offer_needs_it(
    session: Session, api: AllegroClient, account: Account, account_id: int, clock: BothClocks, world: World
) -> None:
    fetch_terms(session, api, account, clock())
    seller_id = world.sellers[SELLER].id
    mine = {each.id: each for each in world.terms.producers.values() if each.seller_id == seller_id}
    first, second = mine
    other = mine[first]
    world.terms.producers[STAYS] = type(other)(STAYS, other.seller_id, "Zostaje", other.data)
    want(session, account_id, first, name="Inna nazwa")
    offer = {
        "account_id": account_id,
        "sku": "X",
        "external_id": "X",
        "created_at": clock(),
        "changed_at": clock(),
        "state_since": clock(),
    }
    session.add(Offer(**offer, responsible_producer_id=second))
    session.commit()
    del world.terms.producers[first], world.terms.producers[second]

    fetch_terms(session, api, account, clock())

    assert read(session, first, "state", "content")[0] == TermState.GONE
    assert read(session, second, "state") == (TermState.GONE,)
    assert names(session, account_id, TermKind.RESPONSIBLE_PRODUCER) == ["Zostaje"]


def test_complaint_terms_are_read_whole_when_a_page_asks(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks, world: World
) -> None:
    fetch_terms(session, api, account, clock())
    ids = [own_id(world.sellers[SELLER].id, name) for name in ("complaints", "warranty")]

    for allegro_id in ids:
        assert read(session, allegro_id, "base") == (None,)
        fetch_whole(session, api, term(session, allegro_id), clock())

    complaints, warranty = (read(session, allegro_id, "base")[0] for allegro_id in ids)
    assert complaints["individual"] == {"period": "P2Y"}
    assert warranty["corporate"]["period"] == "P12M"
    assert "seller" not in complaints


def test_one_that_is_not_there_any_more_is_gone(
    session: Session, api: AllegroClient, account: Account, clock: BothClocks, world: World
) -> None:
    fetch_terms(session, api, account, clock())
    allegro_id = own_id(world.sellers[SELLER].id, "warranty")
    world.terms.warranties.clear()

    fetch_whole(session, api, term(session, allegro_id), clock())

    assert read(session, allegro_id, "state") == (TermState.GONE,)
