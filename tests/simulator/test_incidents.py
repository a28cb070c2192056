"""Bad days of orders: events lost, late, in disorder; forms that vanish or cannot be read."""

from typing import Any

import pytest

from allegro_module.simulator import World
from allegro_module.simulator.checkout import Wishes
from allegro_module.simulator.spoiling import WAYS
from tests.simulator.conftest import Caller, Remote
from tests.simulator.order_life import SELLER, kinds, place, read


def test_next_events_of_a_type_are_lost(seller: Caller, world: World, remote: Remote) -> None:
    remote.post("/events/drop", times=1, types=["BOUGHT"])

    place(world)
    place(world)

    assert kinds(seller).count("BOUGHT") == 1
    assert kinds(seller).count("READY_FOR_PROCESSING") == 2


def test_journal_never_says_a_word_of_a_hushed_order(seller: Caller, world: World, remote: Remote) -> None:
    form = place(world)

    gone = remote.post(f"/orders/{form.id}/hush")["gone"]
    remote.post(f"/orders/{form.id}/cancel")

    assert gone == 3
    assert kinds(seller) == []
    assert read(seller, form)["status"] == "CANCELLED"


def test_all_events_may_be_lost_by_a_switch(seller: Caller, world: World) -> None:
    world.switches.lost_events_percent = 100.0

    place(world)

    assert kinds(seller) == []


def test_silent_journal_speaks_again_when_the_incident_ends(seller: Caller, world: World) -> None:
    place(world)
    world.switches.silent_journal = True
    silent = kinds(seller)
    world.switches.silent_journal = False

    assert (silent, len(kinds(seller))) == ([], 3)


def test_later_ids_may_be_seen_before_earlier_ones(seller: Caller, world: World) -> None:
    world.switches.event_jitter_seconds = 60.0
    for _ in range(10):
        place(world, None)
    world.clock.advance(30)

    seen = {event["id"] for event in seller.get("/order/events").json["events"]}
    everything = [event.id for event in world.orders.journal(world.sellers[SELLER].id)]

    assert 0 < len(seen) < 10
    assert set(everything[: len(seen)]) != seen
    world.clock.advance(30)
    assert len(kinds(seller)) == 10


def test_shuffled_journal_has_the_same_ids_in_order(seller: Caller, world: World, remote: Remote) -> None:
    for _ in range(5):
        place(world)
        world.clock.advance(60)
    before = seller.get("/order/events").json["events"]

    remote.post("/events/shuffle", seller=SELLER)

    after = seller.get("/order/events").json["events"]
    assert [event["id"] for event in after] == [event["id"] for event in before]
    assert [event["occurredAt"] for event in after] != [event["occurredAt"] for event in before]
    assert sorted(kinds(seller)) == sorted(event["type"] for event in before)


def test_event_may_be_of_a_type_that_nobody_knows(
    seller: Caller, world: World, remote: Remote, checked: Any
) -> None:
    form = place(world)

    remote.post(f"/orders/{form.id}/repeat-event", type="BOUGHT")
    remote.post(f"/orders/{form.id}/repeat-event", type="SOMETHING_NEW")

    with checked.expecting_violations():
        assert kinds(seller)[-2:] == ["BOUGHT", "SOMETHING_NEW"]


def test_forgotten_form_is_404_though_its_events_stay(seller: Caller, world: World, remote: Remote) -> None:
    form = place(world)

    remote.post(f"/orders/{form.id}/forget")

    assert seller.get(f"/order/checkout-forms/{form.id}").status_code == 404
    assert len(kinds(seller)) == 3


@pytest.mark.parametrize("way", [way for way in WAYS if way != "huge"])
def test_form_is_spoilt_in_every_way_and_made_whole_again(
    seller: Caller, world: World, remote: Remote, checked: Any, way: str
) -> None:
    form = place(world, Wishes(message="Na prezent"))
    whole = read(seller, form)

    remote.post(f"/orders/{form.id}/spoil", way=way)
    with checked.expecting_violations():
        spoilt = read(seller, form)
        listed = seller.get("/order/checkout-forms").json["checkoutForms"]
    remote.post(f"/orders/{form.id}/spoil")

    assert spoilt != whole
    assert listed == [spoilt]
    assert read(seller, form) == whole


def test_huge_message_weighs_ten_megabytes(seller: Caller, world: World, remote: Remote) -> None:
    form = place(world)
    remote.post(f"/orders/{form.id}/spoil", way="huge")

    assert len(read(seller, form)["messageToSeller"]) == 10_000_000


def test_any_member_is_spoilt_by_its_path(seller: Caller, world: World, remote: Remote, checked: Any) -> None:
    form = place(world)

    spoil = f"/_control/orders/{form.id}/spoil"
    remote.wire.post(spoil, json={"path": "delivery.method.id"})
    with checked.expecting_violations():
        assert "id" not in read(seller, form)["delivery"]["method"]
        remote.wire.post(spoil, json={"path": "lineItems.0.quantity", "value": 1.5})
        assert read(seller, form)["lineItems"][0]["quantity"] == 1.5


def test_unknown_way_is_refused(remote: Remote, world: World) -> None:
    assert "errors" in remote.post(f"/orders/{place(world).id}/spoil", way="gently")
    assert remote.get("/spoiling")["ways"] == list(WAYS)
