"""What buyers do, and how the journal, the forms and the seller's status tell of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from allegro_module.simulator import World, checkout
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Pay, Ship, Wishes
from allegro_module.simulator.forms import Address, Form, Invoice, Line
from tests.simulator.conftest import Caller, a_line, codes

DAY = 86400
LATER = Wishes(pay=Pay.LATER)


def place(world: World, wishes: Wishes | None = None, lines: Sequence[Line] = (), buyer: int = 0) -> Form:
    seller_id = world.sellers["bursztyn_i_len"].id
    return checkout.place(world, seller_id, lines or [a_line(world)], wishes, BUYERS[buyer])


def journal(seller: Caller, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = seller.get("/order/events", query_string=query).json["events"]
    return found


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def read(seller: Caller, form: Form) -> Any:
    return seller.get(f"/order/checkout-forms/{form.id}").json


def listed(seller: Caller, **query: Any) -> list[str]:
    answer = seller.get("/order/checkout-forms", query_string=query)
    assert answer.status_code == 200, answer.text
    return [form["id"] for form in answer.json["checkoutForms"]]


# What a purchase becomes


def test_purchase_without_a_form_has_neither_payment_nor_delivery(seller: Caller, world: World) -> None:
    form = read(seller, place(world))

    assert form["status"] == "BOUGHT"
    assert form["payment"] is None
    assert form["delivery"] is None
    assert kinds(journal(seller)) == ["BOUGHT"]


def test_card_payment_makes_a_paid_order(seller: Caller, world: World) -> None:
    form = read(seller, place(world, Wishes(message="Prosze o szybka wysylke")))

    assert form["status"] == "READY_FOR_PROCESSING"
    assert form["payment"]["type"] == "ONLINE"
    assert form["payment"]["finishedAt"] == "2026-11-20T12:00:00.000Z"
    assert (
        form["payment"]["paidAmount"]
        == form["summary"]["totalToPay"]
        == {"amount": "191.99", "currency": "PLN"}
    )
    assert form["messageToSeller"] == "Prosze o szybka wysylke"
    assert kinds(journal(seller)) == ["BOUGHT", "FILLED_IN", "READY_FOR_PROCESSING"]


def test_cash_on_delivery_is_ready_at_once_with_no_paid_amount(seller: Caller, world: World) -> None:
    form = read(seller, place(world, Wishes(pay=Pay.ON_DELIVERY)))

    assert form["status"] == "READY_FOR_PROCESSING"
    assert form["payment"]["type"] == "CASH_ON_DELIVERY"
    assert form["payment"]["finishedAt"] is not None
    assert form["payment"]["paidAmount"] is None
    assert form["delivery"]["method"]["name"] == "Allegro Kurier DPD pobranie"


def test_pickup_point_is_named_with_its_address(seller: Caller, world: World) -> None:
    delivery = read(seller, place(world, Wishes(ship=Ship.POINT)))["delivery"]

    assert delivery["method"]["name"] == "Allegro Paczkomaty InPost"
    assert delivery["pickupPoint"]["name"].startswith("Paczkomat ")
    assert delivery["address"]["zipCode"] == BUYERS[0].home.zip_code


def test_every_method_of_delivery_is_one_of_allegros(
    seller: Caller, world: World, application: Caller
) -> None:
    known = {method["id"] for method in application.get("/sale/delivery-methods").json["deliveryMethods"]}

    used = {
        read(seller, place(world, Wishes(pay=pay, ship=ship)))["delivery"]["method"]["id"]
        for pay in (Pay.CARD, Pay.ON_DELIVERY)
        for ship in Ship
    }

    assert len(used) == 7
    assert used <= known


def test_smart_delivery_costs_the_buyer_nothing(seller: Caller, world: World) -> None:
    form = read(seller, place(world, Wishes(smart=True)))

    assert form["delivery"]["smart"] is True
    assert form["delivery"]["cost"]["amount"] == "0.00"
    assert form["summary"]["totalToPay"]["amount"] == "178.00"


def test_company_invoice_carries_the_nip_and_personal_one_the_name(seller: Caller, world: World) -> None:
    home = BUYERS[0].home

    company = read(seller, place(world, Wishes(invoice=Invoice(home, "Nowak sp. z o.o.", "5252674798"))))[
        "invoice"
    ]
    person = read(seller, place(world, Wishes(invoice=Invoice(home))))["invoice"]
    none = read(seller, place(world, Wishes()))["invoice"]

    assert company["address"]["company"]["ids"] == [{"type": "PL_NIP", "value": "5252674798"}]
    assert company["address"]["naturalPerson"] is None
    assert person["address"]["naturalPerson"]["lastName"] == home.last_name
    assert person["address"]["company"] is None
    assert none == {"required": False, "address": None, "dueDate": None, "features": []}


def test_mask_of_the_mail_address_differs_per_order_of_one_buyer(seller: Caller, world: World) -> None:
    first, second = (read(seller, place(world))["buyer"]["email"] for _ in range(2))

    assert first.endswith("@allegromail.pl")
    assert first.partition("+")[0] == second.partition("+")[0]
    assert first != second


def test_total_is_lines_and_delivery(seller: Caller, world: World) -> None:
    lines = [
        a_line(world),
        a_line(world, offer_id="17000000002", quantity=3, price=Decimal("10.50"), tax=None),
    ]

    form = read(seller, place(world, Wishes(), lines))

    assert form["summary"]["totalToPay"]["amount"] == "223.49"
    assert form["lineItems"][1]["tax"] is None


# Paying, joining, changing, cancelling


def test_paying_later_changes_revision_and_time(seller: Caller, world: World) -> None:
    form = place(world, LATER)
    before = read(seller, form)
    world.clock.advance(3600)

    checkout.pay(world, form)

    after = read(seller, form)
    assert before["status"] == "FILLED_IN"
    assert before["payment"]["finishedAt"] is None
    assert after["status"] == "READY_FOR_PROCESSING"
    assert after["revision"] != before["revision"]
    assert after["updatedAt"] == "2026-11-20T13:00:00.000Z"


def test_form_may_be_filled_in_several_times(seller: Caller, world: World) -> None:
    form = place(world, LATER)

    checkout.fill(world, form, Wishes(pay=Pay.LATER, ship=Ship.POINT))

    assert kinds(journal(seller)) == ["BOUGHT", "FILLED_IN", "FILLED_IN"]


def test_joined_purchases_are_a_new_form_with_the_same_lines(seller: Caller, world: World) -> None:
    first, second = place(world), place(world, LATER)

    joined = checkout.join(world, [first, second], Wishes())

    form = read(seller, joined)
    assert form["id"] not in (first.id, second.id)
    assert [line["id"] for line in form["lineItems"]] == [first.lines[0].id, second.lines[0].id]
    assert form["status"] == "READY_FOR_PROCESSING"
    assert form["delivery"]["cost"]["amount"] == "13.99"
    assert [read(seller, old)["status"] for old in (first, second)] == ["BOUGHT", "FILLED_IN"]


def test_only_unpaid_purchases_of_one_buyer_are_joined(world: World) -> None:
    unpaid, paid, strange = place(world), place(world, Wishes()), place(world, buyer=1)

    for pair in ([unpaid], [unpaid, paid], [unpaid, strange]):
        with pytest.raises(ValueError, match="joined"):
            checkout.join(world, pair, Wishes())


def test_changed_address_is_told_with_its_time(seller: Caller, world: World) -> None:
    form = place(world, Wishes())
    world.clock.advance(60)

    checkout.change(world, form, Address("Anna", "Nowakowska", "ul. Nowa 1", "Sopot", "81-700"))

    address = read(seller, form)["delivery"]["address"]
    assert (address["city"], address["modifiedAt"]) == ("Sopot", "2026-11-20T12:01:00.000Z")
    assert kinds(journal(seller))[-1] == "BUYER_MODIFIED"
    assert journal(seller)[-1]["order"]["checkoutForm"]["revision"] == form.revision


def test_invoice_may_be_asked_for_later(seller: Caller, world: World) -> None:
    form = place(world, Wishes())

    checkout.change(world, form, invoice=Invoice(BUYERS[0].home, "Nowak sp. z o.o.", "5252674798"))

    assert read(seller, form)["invoice"]["required"] is True


def test_buyer_cancels_before_the_seller_begins(seller: Caller, world: World) -> None:
    form = place(world, Wishes())

    checkout.cancel(world, form)

    assert read(seller, form)["status"] == "CANCELLED"
    assert read(seller, form)["fulfillment"]["status"] == "NEW"
    assert kinds(journal(seller))[-1] == "BUYER_CANCELLED"


@pytest.mark.parametrize("status", ["PROCESSING", "READY_FOR_SHIPMENT", "SENT"])
def test_buyer_may_not_cancel_or_change_once_the_seller_works_on_it(
    seller: Caller, world: World, status: str
) -> None:
    form = place(world, Wishes())
    set_status(seller, form, status)

    with pytest.raises(ValueError, match="no longer cancel"):
        checkout.cancel(world, form)
    with pytest.raises(ValueError, match="no longer change"):
        checkout.change(world, form, BUYERS[1].home)


def test_buyer_may_not_cancel_after_three_days_nor_with_a_business_invoice(world: World) -> None:
    business = place(world, Wishes(invoice=Invoice(BUYERS[0].home, "Nowak sp. z o.o.", "5252674798")))
    old = place(world, Wishes())
    world.clock.advance(3 * DAY + 1)

    for form in (business, old):
        with pytest.raises(ValueError, match="no longer cancel"):
            checkout.cancel(world, form)


def test_unpaid_purchase_is_cancelled_by_itself_after_a_week(seller: Caller, world: World) -> None:
    unpaid, paid = place(world, LATER), place(world, Wishes())
    first, second = place(world), place(world)
    joined = checkout.join(world, [first, second], Wishes())
    world.clock.advance(7 * DAY + 1)
    renewed(seller, world)

    assert [read(seller, form)["status"] for form in (unpaid, paid, joined, first)] == [
        "CANCELLED",
        "READY_FOR_PROCESSING",
        "READY_FOR_PROCESSING",
        "BOUGHT",
    ]
    assert kinds(journal(seller)).count("AUTO_CANCELLED") == 1


def renewed(seller: Caller, world: World) -> None:
    """A token for the time to which the clock was moved."""
    seller.headers["Authorization"] = f"Bearer {seller.link()['access_token']}"


def test_cancelled_order_cannot_be_paid_or_cancelled_again(world: World) -> None:
    form = place(world, LATER)
    checkout.cancel(world, form)

    with pytest.raises(ValueError, match="unpaid"):
        checkout.pay(world, form)
    with pytest.raises(ValueError, match="no longer cancel"):
        checkout.cancel(world, form)


# The journal


def test_events_come_after_the_cursor_oldest_first(seller: Caller, world: World) -> None:
    place(world, Wishes())
    events = journal(seller)

    assert journal(seller, **{"from": events[0]["id"]}) == events[1:]
    assert journal(seller, **{"from": events[-1]["id"]}) == []
    assert journal(seller, **{"from": "0"}) == events
    assert journal(seller, limit=2) == events[:2]


def test_event_ids_are_sixteen_digits_and_grow(seller: Caller, world: World) -> None:
    for _ in range(5):
        place(world, Wishes())

    ids = [event["id"] for event in journal(seller)]
    assert all(len(event_id) == 16 and event_id.isdigit() for event_id in ids)
    assert ids == sorted(set(ids))


def test_events_can_be_filtered_by_several_types(seller: Caller, world: World) -> None:
    place(world, Wishes())

    assert kinds(journal(seller, type=["BOUGHT", "READY_FOR_PROCESSING"])) == [
        "BOUGHT",
        "READY_FOR_PROCESSING",
    ]


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"type": "SOLD"}, {"from": "x"}]
)
def test_wrong_journal_query_is_422(seller: Caller, checked: Any, query: dict[str, Any]) -> None:
    with checked.expecting_violations():
        assert seller.get("/order/events", query_string=query).status_code == 422


def test_event_names_buyer_lines_and_form(seller: Caller, world: World) -> None:
    form = place(world, Wishes())

    order = journal(seller)[0]["order"]

    assert order["checkoutForm"]["id"] == form.id
    assert order["buyer"]["login"] == BUYERS[0].login
    assert order["lineItems"][0]["offer"]["external"] == {"id": "KOL-001"}
    assert order["seller"]["id"] == form.seller_id


def test_journal_is_the_sellers_own(seller: Caller, other_seller: Caller, world: World) -> None:
    place(world)

    assert journal(other_seller) == []
    assert len(journal(seller)) == 1


def test_bought_may_be_missing_where_the_form_is_filled_at_once(seller: Caller, world: World) -> None:
    world.switches.missing_bought = True

    place(world, Wishes())
    place(world)

    assert kinds(journal(seller)) == ["FILLED_IN", "READY_FOR_PROCESSING", "BOUGHT"]


def test_ready_for_processing_may_come_twice(seller: Caller, world: World) -> None:
    world.switches.doubled_ready = True

    place(world, Wishes())

    assert kinds(journal(seller)).count("READY_FOR_PROCESSING") == 2


def test_delayed_events_are_counted_by_the_statistics_before_readers_see_them(
    seller: Caller, world: World
) -> None:
    world.switches.event_delay_seconds = 30
    place(world)

    hidden, latest = journal(seller), seller.get("/order/event-stats").json["latestEvent"]["id"]
    world.clock.advance(30)

    assert hidden == []
    assert [event["id"] for event in journal(seller)] == [latest]


def test_statistics_of_an_empty_journal_name_no_event(seller: Caller) -> None:
    assert seller.get("/order/event-stats").json == {}


def test_journal_keeps_sixty_days(seller: Caller, world: World) -> None:
    place(world, Wishes())
    world.clock.advance(60 * DAY + 1)
    place(world)
    renewed(seller, world)

    assert kinds(journal(seller)) == ["BOUGHT"]


# The list and the single form


def test_list_is_newest_purchase_first_and_pages(seller: Caller, world: World) -> None:
    forms = []
    for _ in range(5):
        forms.append(place(world).id)
        world.clock.advance(60)

    assert listed(seller) == forms[::-1]
    assert listed(seller, sort="lineItems.boughtAt", limit=2, offset=1) == forms[1:3]
    answer = seller.get("/order/checkout-forms?limit=2").json
    assert (answer["count"], answer["totalCount"]) == (2, 5)


def test_list_filters(seller: Caller, world: World) -> None:
    old = place(world)
    world.clock.advance(3600)
    paid = place(world, Wishes(), buyer=1)
    world.clock.advance(3600)
    assert paid.payment is not None

    assert listed(seller, status="BOUGHT") == [old.id]
    assert listed(seller, **{"fulfillment.status": "SENT"}) == []
    assert listed(seller, **{"buyer.login": BUYERS[1].login}) == [paid.id]
    assert listed(seller, **{"payment.id": paid.payment.id}) == [paid.id]
    assert listed(seller, **{"marketplace.id": "allegro-cz"}) == []
    assert listed(seller, **{"lineItems.boughtAt.gte": "2026-11-20T12:30:00Z"}) == [paid.id]
    assert listed(seller, **{"lineItems.boughtAt.lte": "2026-11-20T12:30:00Z"}) == [old.id]
    assert listed(seller, **{"updatedAt.gte": "2026-11-20T14:00:00.000Z"}) == []
    assert listed(seller, **{"updatedAt.lte": "2026-11-20T12:00:00.000Z"}) == [old.id]


def test_sellers_status_filter_is_repeatable(seller: Caller, world: World, checked: Any) -> None:
    new, sent, returned = (place(world, Wishes()) for _ in range(3))
    sent.fulfillment, returned.fulfillment = "SENT", "RETURNED"

    with checked.expecting_violations():  # The description shows a single text there.
        found = listed(seller, **{"fulfillment.status": ["NEW", "SENT"]})

    assert set(found) == {new.id, sent.id}


def test_list_sorted_by_update(seller: Caller, world: World) -> None:
    first, second = place(world, LATER), place(world, LATER)
    world.clock.advance(60)
    checkout.pay(world, first)

    assert listed(seller, sort="-updatedAt") == [first.id, second.id]
    assert listed(seller, sort="updatedAt") == [second.id, first.id]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"limit": 0}, 422),
        ({"limit": 101}, 422),
        ({"offset": 10_000, "limit": 1}, 422),
        ({"offset": -1}, 422),
        ({"status": "PAID"}, 400),
        ({"fulfillment.status": "SHIPPED"}, 400),
        ({"sort": "buyer.login"}, 400),
        ({"updatedAt.gte": "yesterday"}, 400),
        ({"updatedAt.gte": "2026-11-20T12:00:00"}, 400),
        ({"modifiedSince": "2026-11-20"}, 400),
    ],
)
def test_wrong_list_query_is_refused(
    seller: Caller, checked: Any, query: dict[str, Any], status: int
) -> None:
    with checked.expecting_violations():
        assert seller.get("/order/checkout-forms", query_string=query).status_code == status


def test_deepest_page_ends_at_ten_thousand(seller: Caller) -> None:
    assert listed(seller, offset=9_900, limit=100) == []


def test_unknown_foreign_and_old_forms_are_404(seller: Caller, other_seller: Caller, world: World) -> None:
    form = place(world, Wishes())
    path = f"/order/checkout-forms/{form.id}"

    foreign = other_seller.get(path)
    world.clock.advance(365 * DAY + 1)
    renewed(seller, world)
    old = seller.get(path)

    for answer in (foreign, old, seller.get(f"/order/checkout-forms/{world.uuid()}")):
        assert (answer.status_code, codes(answer)) == (404, ["CheckoutFormNotFoundException"])
    assert listed(seller) == []


def test_malformed_id_is_422(seller: Caller, checked: Any) -> None:
    with checked.expecting_violations():
        assert seller.get("/order/checkout-forms/7").status_code == 422


# The seller's status


def set_status(seller: Caller, form: Form, status: str, **query: str) -> Any:
    path = f"/order/checkout-forms/{form.id}/fulfillment"
    return seller.call("PUT", path, json={"status": status}, query_string=query)


def test_seller_status_is_set_in_any_order_and_told_in_the_journal(seller: Caller, world: World) -> None:
    form = place(world, Wishes())
    world.clock.advance(60)

    answers = [set_status(seller, form, status).status_code for status in ("SENT", "PROCESSING", "NEW")]

    assert answers == [204, 204, 204]
    assert kinds(journal(seller))[-3:] == ["FULFILLMENT_STATUS_CHANGED"] * 3
    assert read(seller, form)["fulfillment"]["status"] == "NEW"
    assert read(seller, form)["updatedAt"] == "2026-11-20T12:01:00.000Z"


def test_sellers_cancellation_leaves_the_buyers_status(seller: Caller, world: World) -> None:
    form = place(world, Wishes())

    set_status(seller, form, "CANCELLED")

    assert read(seller, form)["status"] == "READY_FOR_PROCESSING"


def test_same_status_again_makes_no_event(seller: Caller, world: World) -> None:
    form = place(world, Wishes())

    set_status(seller, form, "SENT")
    set_status(seller, form, "SENT")

    assert kinds(journal(seller)).count("FULFILLMENT_STATUS_CHANGED") == 1


def test_outdated_revision_is_409_and_changes_nothing(seller: Caller, world: World) -> None:
    form = place(world, LATER)
    seen = form.revision
    checkout.pay(world, form)

    stale = set_status(seller, form, "PROCESSING", **{"checkoutForm.revision": seen})
    fresh = set_status(seller, form, "PROCESSING", **{"checkoutForm.revision": form.revision})

    assert (stale.status_code, fresh.status_code) == (409, 204)


def test_sellers_own_change_keeps_the_revision(seller: Caller, world: World) -> None:
    form = place(world, Wishes())
    before = form.revision

    set_status(seller, form, "SENT")

    assert form.revision == before


def test_returned_is_set_by_allegro_only(seller: Caller, world: World) -> None:
    assert set_status(seller, place(world, Wishes()), "RETURNED").status_code == 422


def test_unknown_status_and_unknown_member_are_422(seller: Caller, world: World, checked: Any) -> None:
    form = place(world, Wishes())
    path = f"/order/checkout-forms/{form.id}/fulfillment"

    with checked.expecting_violations():
        assert set_status(seller, form, "SHIPPED").status_code == 422
        misspelt = seller.call("PUT", path, json={"status": "SENT", "statsu": "SENT"})

    assert (misspelt.status_code, codes(misspelt)) == (422, ["UnknownJSONProperty"])


def test_operations_on_one_order_are_capped_with_empty_texts(seller: Caller, world: World) -> None:
    world.switches.operations_cap = 2
    form = place(world, Wishes())

    answers = [set_status(seller, form, "SENT") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [204, 204, 422]
    error = answers[-1].json["errors"][0]
    assert error["code"] == "SellerOrdersStoreUnprocessableEntityException"
    assert error["message"] is None
    assert error["userMessage"] is None


def test_status_of_a_foreign_order_is_404(other_seller: Caller, world: World) -> None:
    assert set_status(other_seller, place(world, Wishes()), "SENT").status_code == 404


def test_status_needs_the_scope_to_write(as_scoped: Any, world: World) -> None:
    reader = as_scoped("allegro:api:orders:read")

    assert set_status(reader, place(world, Wishes()), "SENT").status_code == 403


def test_carriers_need_no_user(application: Caller) -> None:
    ids = [carrier["id"] for carrier in application.get("/order/carriers").json["carriers"]]

    assert "INPOST" in ids
    assert "OTHER" in ids
    assert "ALLEGRO" not in ids
