"""A crowd of buyers: every kind of order, the same for the same seed, and what must be found of it."""

from collections import Counter
from decimal import Decimal
from typing import Any

from allegro_module.simulator import Clock, Standing, World
from allegro_module.simulator.expectation import Expectation
from allegro_module.simulator.generator import generate
from tests.simulator.conftest import NOON, Caller, Remote
from tests.simulator.order_life import SELLER


def crowd(count: int, seed: int = 1) -> tuple[World, Expectation]:
    world = World(Clock(Standing(NOON)))
    return world, generate(world, world.sellers[SELLER], count, seed)


def read_everything(seller: Caller, status: str = "") -> list[dict[str, Any]]:
    """As a client does, by pages of the list, each held against Allegro's description."""
    forms: list[dict[str, Any]] = []
    while True:
        page = seller.get(f"/order/checkout-forms?sort=updatedAt&offset={len(forms)}{status}").json
        forms += page["checkoutForms"]
        if len(forms) >= page["totalCount"]:
            return forms


def test_account_of_the_crowd_is_what_the_api_serves(seller: Caller, world: World) -> None:
    expected = generate(world, world.sellers[SELLER], 300, days=2)

    forms = read_everything(seller)
    ready = [form for form in forms if form["status"] == "READY_FOR_PROCESSING"]
    sums: dict[str, Decimal] = {}
    for form in ready:
        total = form["summary"]["totalToPay"]
        sums[total["currency"]] = sums.get(total["currency"], Decimal(0)) + Decimal(total["amount"])

    assert len(forms) == expected.forms
    assert Counter(form["status"] for form in forms) == expected.by_status
    assert {form["id"] for form in ready} == expected.ready_ids
    assert sums == expected.totals
    assert sum(len(form["lineItems"]) for form in ready) == expected.lines


def test_crowd_has_orders_of_every_kind() -> None:
    world, expected = crowd(1500)

    assert expected.superseded > 50
    assert len(expected.cancelled_ids) > 30
    assert expected.one_fulfillment > 20
    assert expected.with_surcharge > 15
    assert expected.silent_ids
    assert len(expected.by_marketplace) == 6
    assert len(expected.by_payment) == 5
    assert set(expected.by_status) == {"BOUGHT", "FILLED_IN", "READY_FOR_PROCESSING", "CANCELLED"}
    assert not expected.superseded_ids & expected.ready_ids
    forms = world.orders.forms.values()
    assert any(form.shipments for form in forms)
    assert any(line.deposit for form in forms for line in form.lines)


def test_same_seed_gives_the_same_crowd_and_another_seed_another() -> None:
    (first, expected), (second, again), (_, other) = crowd(200), crowd(200), crowd(200, seed=2)

    journals = [
        [(event.id, event.type, event.revision) for event in world.orders.journal(world.sellers[SELLER].id)]
        for world in (first, second)
    ]
    assert expected == again
    assert journals[0] == journals[1]
    assert expected != other


def test_crowd_lived_before_now_and_leaves_the_clock_alone() -> None:
    world, _ = crowd(200)

    journal = world.orders.journal(world.sellers[SELLER].id)
    moments = [event.occurred_at for event in journal]
    assert world.now() == NOON
    assert moments == sorted(moments)
    assert (NOON - moments[0]).total_seconds() <= 86400
    assert moments[-1] <= NOON
    assert [int(event.id) for event in journal] == sorted({int(event.id) for event in journal})


def test_events_of_a_later_crowd_come_after_those_already_read() -> None:
    world, _ = crowd(20)
    seller = world.sellers[SELLER]
    last = world.orders.journal(seller.id)[-1].id

    generate(world, seller, 20, seed=5)

    assert [int(event.id) > int(last) for event in world.orders.journal(seller.id)].count(False) >= 20
    assert world.orders.journal(seller.id)[-1].id > last


def test_control_generates_and_gives_the_account_any_time(remote: Remote) -> None:
    placed = remote.post("/orders/generate", count=40, seller=SELLER, seed=3)

    assert placed["forms"] >= 40
    assert remote.get(f"/orders/expected?seller={SELLER}") == placed
