"""The control routes and the human page: the simulated world moved from outside."""

import re
from typing import Any

import pytest

from allegro_module.simulator import Simulator, World
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Pay, Wishes, place
from allegro_module.simulator.forms import Form
from tests.simulator.conftest import Caller, Remote, a_line

SELLER = "bursztyn_i_len"


def unpaid(world: World) -> Form:
    return place(world, world.sellers[SELLER].id, [a_line(world)], Wishes(pay=Pay.LATER), BUYERS[0])


def test_world_tells_its_state(remote: Remote) -> None:
    state = remote.get("/world")

    assert state["now"] == "2026-11-20T12:00:00.000Z"
    assert [seller["login"] for seller in state["sellers"]] == [
        "bursztyn_i_len",
        "drugi_sklep",
        "jan_prywatny",
        "jantar_praha",
    ]
    assert state["switches"]["offer_creation"] == "accepted"


def test_clock_is_set_and_advanced(remote: Remote) -> None:
    remote.post("/clock", offset_seconds=3600)

    assert remote.post("/clock", advance_seconds=60)["now"] == "2026-11-20T13:01:00.000Z"


def test_switches_are_turned_by_name(remote: Remote, world: World) -> None:
    remote.post("/switches", offer_creation="created", operation_seconds=5)

    assert world.switches.offer_creation == "created"
    assert world.switches.operation_seconds == 5.0


@pytest.mark.parametrize(
    "wrong",
    [{"nonsense": True}, {"late_failure": "y"}, {"operations_cap": 1.5}, {"offer_creation": "soon"}],
)
def test_wrong_switch_is_refused_by_name(remote: Remote, wrong: dict[str, Any]) -> None:
    assert next(iter(wrong)) in remote.post("/switches", **wrong)["errors"][0]["message"]


def test_faults_are_added_listed_and_forgotten(remote: Remote) -> None:
    remote.post("/faults", route="GET /me", kind="status", status=504, times=2)
    listed = remote.get("/world")["faults"]
    remote.wire.delete("/_control/faults")

    assert [(fault["route"], fault["status"], fault["times"]) for fault in listed] == [("GET /me", 504, 2)]
    assert remote.get("/world")["faults"] == []


def test_delay_of_a_fraction_of_a_second_is_slept(remote: Remote, simulator: Simulator) -> None:
    assert remote.post("/faults", route="GET /me", kind="delay", seconds=0.001)["seconds"] == 0.001

    assert remote.wire.get("/me").status_code == 403
    assert simulator.faults.waiting == []


def test_unknown_fault_is_refused(remote: Remote) -> None:
    assert "errors" in remote.post("/faults", route="GET /me", kind="earthquake")


def test_reset_begins_again(remote: Remote, simulator: Simulator, world: World) -> None:
    unpaid(world)
    remote.post("/clock", offset_seconds=5)

    remote.post("/reset")

    assert simulator.world is world
    assert world.orders.forms == {}
    assert world.clock.offset_seconds == 0


def test_application_is_registered_with_its_addresses(remote: Remote, nobody: Caller) -> None:
    address = "https://shop.example/callback"
    remote.post("/applications", client_id="c", client_secret="s", name="Sklep", redirect_uris=[address])

    assert nobody.consent(client_id="c", redirect_uri=address).status_code == 302


def test_revoked_tokens_of_a_seller_are_dead_for_good(remote: Remote, nobody: Caller) -> None:
    tokens = nobody.link()

    remote.post("/tokens/revoke", seller=SELLER)

    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert nobody.get("/me", headers=bearer).status_code == 401
    assert nobody.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 400


def test_expired_access_tokens_can_be_refreshed(remote: Remote, nobody: Caller) -> None:
    tokens = nobody.link()

    remote.post("/tokens/expire", seller=SELLER)

    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert nobody.get("/me", headers=bearer).status_code == 401
    assert nobody.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 200


def test_unknown_seller_is_refused(remote: Remote) -> None:
    assert "errors" in remote.post("/tokens/revoke", seller="nobody")


def test_bulk_places_orders_of_every_kind_that_the_api_serves(remote: Remote, seller: Caller) -> None:
    assert remote.post("/orders/bulk", count=250, seller=SELLER) == {"placed": 250}

    pages = [seller.get(f"/order/checkout-forms?offset={offset}").json for offset in (0, 100, 200)]
    forms = [form for page in pages for form in page["checkoutForms"]]
    assert len({form["id"] for form in forms}) == pages[0]["totalCount"] == 250
    assert {form["payment"]["type"] for form in forms} == {"ONLINE", "CASH_ON_DELIVERY"}
    assert {form["status"] for form in forms} == {"READY_FOR_PROCESSING"}
    assert {len(form["lineItems"]) for form in forms} == {1, 2, 3, 4}
    assert len(seller.get("/order/events?limit=1000").json["events"]) > 500


def test_order_is_paid_repeated_and_cancelled_by_name(remote: Remote, world: World) -> None:
    form = unpaid(world)

    paid = remote.post(f"/orders/{form.id}/pay")
    remote.post(f"/orders/{form.id}/repeat-ready")
    cancelled = remote.post(f"/orders/{form.id}/cancel")

    assert (paid["status"], cancelled["status"]) == ("READY_FOR_PROCESSING", "CANCELLED")
    assert [event["type"] for event in remote.get(f"/events?seller={SELLER}")["events"]] == [
        "BOUGHT",
        "FILLED_IN",
        "READY_FOR_PROCESSING",
        "READY_FOR_PROCESSING",
        "BUYER_CANCELLED",
    ]


def test_order_is_changed_and_returned_by_allegro(remote: Remote, world: World) -> None:
    form = unpaid(world)

    changed = remote.post(f"/orders/{form.id}/change", address={"city": "Sopot"}, invoice="company")
    returned = remote.post(f"/orders/{form.id}/fulfillment", status="RETURNED")

    assert changed["delivery"]["address"]["city"] == "Sopot"
    assert changed["invoice"]["address"]["company"]["ids"][0]["type"] == "PL_NIP"
    assert returned["fulfillment"]["status"] == "RETURNED"


def test_unpaid_order_is_cancelled_by_allegro_at_once(remote: Remote, world: World) -> None:
    form = unpaid(world)

    assert remote.post(f"/orders/{form.id}/auto-cancel")["status"] == "CANCELLED"
    assert "errors" in remote.post(f"/orders/{form.id}/pay")


def test_form_is_filled_anew_and_purchases_are_joined(remote: Remote, world: World) -> None:
    first, second = unpaid(world), unpaid(world)

    filled = remote.post(f"/orders/{first.id}/fill", pay="later", ship="pickup_point", invoice="person")
    joined = remote.post("/orders/join", orders=[first.id, second.id], pay="cash_on_delivery")

    assert filled["delivery"]["pickupPoint"]["id"]
    assert len(joined["lineItems"]) == 2
    assert len(remote.get(f"/orders?seller={SELLER}")["orders"]) == 3


@pytest.mark.parametrize("deed", ["nonsense", "pay"])
def test_unknown_deed_or_order_is_refused(remote: Remote, world: World, deed: str) -> None:
    form_id = "unknown" if deed == "pay" else unpaid(world).id

    assert "errors" in remote.post(f"/orders/{form_id}/{deed}")


# The human page


def page(remote: Remote) -> str:
    text: str = remote.wire.get("/").text
    return text


def test_page_shows_orders_with_what_can_be_done(remote: Remote, world: World) -> None:
    form = unpaid(world)

    text = page(remote)

    assert form.id[:8] in text
    assert f"/_page/orders/{form.id}/pay" in text
    assert f"/_page/orders/{form.id}/cancel" in text
    assert "Kolczyki z bursztynem" in text


def test_page_brings_its_own_style_and_no_script(remote: Remote) -> None:
    text = page(remote)
    style = re.search(r'href="([^"]+\.css)"', text)

    assert style is not None
    assert remote.wire.get(style[1]).mimetype == "text/css"
    assert "<script" not in text
    assert "http" not in re.sub(r"<[^>]*charset[^>]*>", "", text).lower().split("</head>")[0]


def test_page_pays_and_says_so(remote: Remote, world: World) -> None:
    form = unpaid(world)

    answer = remote.wire.post(f"/_page/orders/{form.id}/pay", follow_redirects=True)

    assert "do realizacji" in answer.text
    assert form.status == "READY_FOR_PROCESSING"


def test_page_says_what_could_not_be_done(remote: Remote, world: World) -> None:
    form = unpaid(world)

    remote.wire.post(f"/_page/orders/{form.id}/pay")
    answer = remote.wire.post(f"/_page/orders/{form.id}/pay", follow_redirects=True)

    assert "Nie udało się" in answer.text


def test_page_joins_marked_purchases(remote: Remote, world: World) -> None:
    marked = [unpaid(world).id, unpaid(world).id]

    remote.wire.post("/_page/join", data={"order": marked, "pay": "card"})

    assert len(world.orders.forms) == 3


def test_page_fills_an_empty_form(remote: Remote, world: World) -> None:
    form = place(world, world.sellers[SELLER].id, [a_line(world)], None, BUYERS[0])

    remote.wire.post(f"/_page/orders/{form.id}/fill")

    assert form.status == "READY_FOR_PROCESSING"


def test_page_adds_and_clears_faults_and_moves_the_clock(remote: Remote, world: World) -> None:
    remote.wire.post("/_page/faults", data={"route": "POST /sale/images", "kind": "reset", "times": "3"})
    waiting = len(world.faults.waiting)
    remote.wire.post("/_page/faults/clear")
    remote.wire.post("/_page/clock", data={"hours": "2"})

    assert (waiting, len(world.faults.waiting)) == (1, 0)
    assert world.clock.offset_seconds == 7200
