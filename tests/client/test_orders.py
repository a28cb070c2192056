"""The journal, checkout forms and the seller's status: read from and written to the simulator."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from allegro_module.client import AllegroClient
from allegro_module.client.checkout_forms import (
    CheckoutForm,
    CheckoutFormStatus,
    FulfillmentStatus,
    UnreadableForm,
)
from allegro_module.client.errors import Busy, Refused, Unavailable, Unexpected
from allegro_module.client.orders import FormFilter, OrderEventType
from allegro_module.simulator import checkout
from allegro_module.simulator.app import Simulator
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Pay, Ship, Wishes
from allegro_module.simulator.forms import Form, Invoice, Line, Tax
from tests.client.conftest import Remote
from tests.openapi import OpenApiCheck

Purchase = Callable[..., Form]

#: A form with everything that Allegro may put into one.
FULL: dict[str, Any] = {
    "id": "29738e61-7f6a-11e8-ac45-09db60ede9d6",
    "status": "READY_FOR_PROCESSING",
    "messageToSeller": "Proszę o szybką wysyłkę",
    "buyer": {
        "id": "23123123",
        "email": "abc+123@allegromail.pl",
        "login": "kupujacy",
        "firstName": "Jan",
        "lastName": "Kowalski",
        "companyName": None,
        "guest": False,
        "personalIdentity": "67062589524",
        "phoneNumber": None,
        "preferences": {"language": "pl-PL"},
        "address": {"street": "Solna", "city": "Poznań", "postCode": "60-166", "countryCode": "PL"},
    },
    "payment": {
        "id": "0f8f1d13-7f6a-11e8-ac45-09db60ede9d6",
        "type": "ONLINE",
        "provider": "AF",
        "finishedAt": "2026-10-12T10:12:32.321Z",
        "paidAmount": {"amount": "123.45", "currency": "PLN"},
        "reconciliation": {"amount": 0, "currency": "PLN"},
        "features": ["ALLEGRO_PAY"],
    },
    "fulfillment": {
        "status": "SENT_BY_DRONE",
        "shipmentSummary": {"lineItemsSent": "SOME"},
        "provider": {"id": "ALLEGRO"},
    },
    "delivery": {
        "address": {
            "firstName": "Jan",
            "lastName": "Kowalski",
            "street": "Grunwaldzka 182",
            "city": "Poznań",
            "zipCode": "60-166",
            "countryCode": "PL",
            "companyName": "",
            "phoneNumber": "500123456",
            "modifiedAt": "2026-10-12T11:00:00.000Z",
        },
        "method": {"id": "1fa56f79-4b6a-4821-a6f2-ca9c16d5c925", "name": "Paczkomaty"},
        "pickupPoint": {
            "id": "POZ08A",
            "name": "Paczkomat POZ08A",
            "description": "Stacja paliw",
            "address": {
                "street": "Grunwaldzka 108",
                "zipCode": "60-166",
                "city": "Poznań",
                "countryCode": "PL",
            },
        },
        "cost": {"amount": "10.00", "currency": "PLN"},
        "time": {
            "from": "2026-10-14T10:00:00.000Z",
            "to": "2026-10-15T20:00:00.000Z",
            "guaranteed": None,
            "dispatch": {"from": "2026-10-12T10:00:00.000Z", "to": "2026-10-13T20:00:00.000Z"},
        },
        "smart": True,
        "cancellation": {"date": "2026-10-16T10:00:00.000Z"},
        "calculatedNumberOfPackages": 2,
    },
    "invoice": {
        "required": True,
        "address": {
            "street": "Grunwaldzka 182",
            "city": "Poznań",
            "zipCode": "60-166",
            "countryCode": "PL",
            "company": {
                "name": "Firma",
                "ids": [{"type": "PL_NIP", "value": "5252674798"}],
                "vatPayerStatus": "ACTIVE",
                "taxId": "5252674798",
            },
            "naturalPerson": None,
        },
        "dueDate": "2026-12-01",
        "features": ["VAT_EU_VERIFIED"],
    },
    "lineItems": [
        {
            "id": "62ae358b-8f65-4fc4-9c77-bedf604a2e2b",
            "offer": {
                "id": "3213213",
                "name": "Kubek",
                "external": {"id": "KUB-1"},
                "productSet": {"products": [{"id": "12345678-9abc-def1-2345-6789abcdef12", "quantity": 2}]},
                "hsNumber": "1",
            },
            "quantity": 2,
            "originalPrice": {"amount": "50.00", "currency": "PLN"},
            "price": {"amount": 49.99, "currency": "PLN"},
            "deposit": {"price": {"amount": "0.50", "currency": "PLN"}},
            "reconciliation": {
                "value": {"amount": "1.01", "currency": "PLN"},
                "type": "WALLET",
                "quantity": 1,
            },
            "selectedAdditionalServices": [
                {
                    "definitionId": "GIFT_WRAP",
                    "name": "Na prezent",
                    "price": {"amount": "5.00", "currency": "PLN"},
                    "quantity": 1,
                }
            ],
            "vouchers": [
                {
                    "code": "v",
                    "type": "NOTEBOOKS_FOR_TEACHERS",
                    "status": "ACTIVE",
                    "externalTransactionId": "t",
                    "value": {"amount": "2.00", "currency": "PLN"},
                }
            ],
            "tax": {"rate": "23.00", "subject": "GOODS", "exemption": None},
            "boughtAt": "2026-10-12T10:12:32.321Z",
            "discounts": [{"type": "BUNDLE"}, {"type": "MOONLIGHT"}],
            "serialNumbers": {"expected": False, "entries": []},
        }
    ],
    "surcharges": [
        {"id": "s-1", "type": "CASH_ON_DELIVERY", "paidAmount": {"amount": "1.00", "currency": "PLN"}}
    ],
    "codBookedPayments": [{"paymentId": "c-1", "paidAmount": {"amount": "1.00", "currency": "PLN"}}],
    "note": {"text": "Uwaga, szkło"},
    "marketplace": {"id": "allegro-pl"},
    "summary": {"totalToPay": {"amount": "115.98", "currency": "PLN"}},
    "updatedAt": "2026-10-12T10:13:00.000Z",
    "revision": "819b5836",
    "somethingNew": {"deep": [1, 2]},
}

BARE = {"id": "b", "status": "BOUGHT", "lineItems": []}


@pytest.fixture
def purchase(simulator: Simulator) -> Purchase:
    """A purchase of one thing, with the buyer's wishes."""

    def buy(wishes: Wishes | None = None, price: str = "49.99", quantity: int = 2) -> Form:
        world = simulator.world
        line = Line(
            world.uuid(),
            *("7700000001", "Kubek ceramiczny", "KUB-1", ()),
            quantity=quantity,
            price=Decimal(price),
            currency="PLN",
            tax=Tax("23.00", "GOODS"),
            bought_at=world.now(),
        )
        return checkout.place(world, world.sellers["bursztyn_i_len"].id, [line], wishes, BUYERS[0])

    return buy


def without(*path: str) -> dict[str, Any]:
    """The full form with null at this path."""
    form = copy.deepcopy(FULL)
    place: Any = form
    for step in path[:-1]:
        place = place[int(step) if step.isdigit() else step]
    place[path[-1]] = None
    return form


def test_a_journal_without_events_has_no_newest_one(api: AllegroClient) -> None:
    assert api.orders.event_stats() is None
    assert api.orders.events() == ()


def test_the_journal_tells_which_form_has_changed(api: AllegroClient, purchase: Purchase) -> None:
    form = purchase(Wishes())

    events = api.orders.events()

    assert [event.checkout_form_id for event in events] == [form.id] * len(events)
    assert events[-1].type is OrderEventType.READY_FOR_PROCESSING
    newest = api.orders.event_stats()
    assert newest is not None
    assert newest.id == events[-1].id


def test_the_journal_goes_on_after_the_last_event_read(api: AllegroClient, purchase: Purchase) -> None:
    purchase(Wishes())
    first = api.orders.events(limit=1)
    later = api.orders.events(after=first[0].id)

    assert len(first) == 1
    assert first[0].id not in {event.id for event in later}
    assert later
    assert api.orders.events(after=later[-1].id) == ()


@pytest.mark.parametrize(
    "event",
    [
        {"id": "1", "type": "SOMETHING_NEW", "order": {"checkoutForm": {"id": "f", "revision": None}}},
        {"id": "1", "type": "BOUGHT", "occurredAt": None, "order": None},
        {"id": "1", "type": "BOUGHT", "order": {"checkoutForm": None}},
        {"id": "1", "type": "BOUGHT", "order": {"checkoutForm": {"id": None}}},
    ],
)
def test_an_odd_event_does_not_stop_the_journal(
    remote: Remote, remote_api: AllegroClient, event: dict[str, Any]
) -> None:
    remote.will_answer(200, {"events": [event]})

    (read,) = remote_api.orders.events()

    assert read.id == "1"
    assert read.checkout_form_id in ("f", None)


def test_a_paid_order_is_read_whole(api: AllegroClient, purchase: Purchase) -> None:
    invoice = Invoice(BUYERS[0].home, "Biuro Nowak sp. z o.o.", "5252674798")
    bought = purchase(Wishes(Pay.CARD, Ship.POINT, invoice, "Na prezent"))

    form = api.orders.checkout_form(bought.id)

    assert form.status is CheckoutFormStatus.READY_FOR_PROCESSING
    assert form.message_to_seller == "Na prezent"
    assert (form.line_items[0].quantity, form.line_items[0].price.amount) == (2, Decimal("49.99"))
    assert form.line_items[0].offer.external_id == "KUB-1"
    assert form.delivery is not None
    assert form.delivery.pickup_point is not None
    assert form.delivery.cost is not None
    assert form.summary is not None
    assert form.summary.total_to_pay is not None
    assert form.summary.total_to_pay.amount == Decimal("99.98") + form.delivery.cost.amount
    assert form.payment is not None
    assert form.payment.paid_amount == form.summary.total_to_pay
    assert form.invoice is not None
    assert form.invoice.address is not None
    assert form.invoice.address.company is not None
    assert [(each.type, each.value) for each in form.invoice.address.company.ids or ()] == [
        ("PL_NIP", "5252674798")
    ]


def test_cash_on_delivery_is_finished_but_not_paid(api: AllegroClient, purchase: Purchase) -> None:
    payment = api.orders.checkout_form(purchase(Wishes(Pay.ON_DELIVERY)).id).payment

    assert payment is not None
    assert (payment.type, payment.paid_amount) == ("CASH_ON_DELIVERY", None)
    assert payment.finished_at is not None


def test_a_purchase_without_a_form_has_neither_delivery_nor_payment(
    api: AllegroClient, purchase: Purchase
) -> None:
    form = api.orders.checkout_form(purchase().id)

    assert form.status is CheckoutFormStatus.BOUGHT
    assert form.payment is None


def test_everything_allegro_may_put_into_a_form_is_read(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(200, FULL)

    form = remote_api.orders.checkout_form("29738e61")

    line = form.line_items[0]
    assert line.price.amount == Decimal("49.99")
    assert line.deposit is not None
    assert line.deposit.price.amount == Decimal("0.50")
    assert line.reconciliation is not None
    assert line.reconciliation.type == "WALLET"
    assert [each.name for each in line.selected_additional_services or ()] == ["Na prezent"]
    assert [each.type for each in line.vouchers or ()] == ["NOTEBOOKS_FOR_TEACHERS"]
    assert [each.type for each in line.discounts or ()] == ["BUNDLE", "MOONLIGHT"]
    assert form.fulfillment is not None
    assert form.fulfillment.status is FulfillmentStatus.UNKNOWN
    assert form.delivery is not None
    assert form.delivery.time is not None
    assert form.delivery.time.dispatch is not None
    assert form.delivery.time.dispatch.to == datetime(2026, 10, 13, 20, tzinfo=UTC)
    assert form.invoice is not None
    assert form.invoice.due_date == "2026-12-01"
    assert form.note is not None
    assert (form.note.text, form.revision) == ("Uwaga, szkło", "819b5836")
    assert len(form.surcharges or ()) == len(form.cod_booked_payments or ()) == 1


def paths(value: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    below = [(*at, str(key)) for key, each in members if each is not None and isinstance(value, dict)]
    return below + [path for key, each in members for path in paths(each, (*at, str(key)))]


#: Without these a line says nothing, or money is without its amount or currency.
NEEDED = ("id", "status", "lineItems", "amount", "currency", "quantity", "price", "offer", "type", "value")


@pytest.mark.parametrize("path", [each for each in paths(FULL) if each[-1] not in NEEDED], ids="/".join)
def test_whatever_else_is_null_the_form_is_read(
    remote: Remote, remote_api: AllegroClient, path: tuple[str, ...]
) -> None:
    remote.will_answer(200, without(*path))

    assert remote_api.orders.checkout_form("x").id == FULL["id"]


def test_a_form_that_cannot_be_read_does_not_spoil_its_page(
    remote: Remote, remote_api: AllegroClient
) -> None:
    broken = {**FULL, "id": "bad-1", "lineItems": [{"id": "l", "quantity": "Kowalski"}]}
    nameless = {"status": "BOUGHT"}
    remote.will_answer(200, {"checkoutForms": [FULL, broken, BARE, nameless], "count": 4, "totalCount": 4})

    page = remote_api.orders.checkout_forms()

    assert [type(form) for form in page.forms] == [
        CheckoutForm,
        UnreadableForm,
        CheckoutForm,
        UnreadableForm,
    ]
    bad = page.forms[1]
    assert isinstance(bad, UnreadableForm)
    assert bad.id == "bad-1"
    assert "$.lineItems[0]" in bad.reason
    assert "Kowalski" not in bad.reason
    assert page.forms[3].id == ""
    assert page.total_count == 4


@pytest.mark.parametrize("body", ['{"checkoutForms": [{"id": "1"', '{"checkoutForms": 7}', "{}", "[]"])
def test_a_page_that_is_no_page_is_unexpected(remote: Remote, remote_api: AllegroClient, body: str) -> None:
    remote.will_answer(200, body)

    with pytest.raises(Unexpected):
        remote_api.orders.checkout_forms()


def test_forms_are_listed_by_the_time_of_their_change(
    api: AllegroClient, purchase: Purchase, simulator: Simulator
) -> None:
    old = purchase(Wishes())
    simulator.world.clock.advance(3600)
    new = purchase(Wishes())
    an_hour_ago = simulator.world.now() - timedelta(minutes=30)

    recent = api.orders.checkout_forms(FormFilter(updated_since=an_hour_ago))
    earlier = api.orders.checkout_forms(FormFilter(updated_until=an_hour_ago))

    assert [form.id for form in recent.forms] == [new.id]
    assert [form.id for form in earlier.forms] == [old.id]


def test_forms_are_listed_by_the_time_of_purchase_and_status(
    api: AllegroClient, purchase: Purchase, simulator: Simulator
) -> None:
    bought, ready = purchase(), purchase(Wishes())
    day = timedelta(days=1)
    around = FormFilter(
        bought_since=simulator.world.now() - day,
        bought_until=simulator.world.now() + day,
        status=CheckoutFormStatus.READY_FOR_PROCESSING,
    )

    assert [form.id for form in api.orders.checkout_forms(around).forms] == [ready.id]
    assert {form.id for form in api.orders.checkout_forms().forms} == {bought.id, ready.id}


def test_forms_come_page_by_page(api: AllegroClient, purchase: Purchase) -> None:
    made = {purchase(Wishes()).id for _ in range(3)}

    first = api.orders.checkout_forms(limit=2)
    second = api.orders.checkout_forms(offset=2, limit=2)

    assert (len(first.forms), len(second.forms), first.total_count) == (2, 1, 3)
    assert {form.id for form in (*first.forms, *second.forms)} == made


def test_forms_beyond_the_ten_thousandth_are_not_asked_for(remote_api: AllegroClient) -> None:
    with pytest.raises(ValueError, match="10000"):
        remote_api.orders.checkout_forms(offset=9_950)


def test_a_form_that_is_gone_is_missing(api: AllegroClient) -> None:
    with pytest.raises(Refused) as raised:
        api.orders.checkout_form("00000000-0000-4000-8000-000000000000")

    assert raised.value.is_missing


def test_the_sellers_status_is_set(api: AllegroClient, purchase: Purchase) -> None:
    form = api.orders.checkout_form(purchase(Wishes()).id)

    api.orders.set_fulfillment(form.id, FulfillmentStatus.PROCESSING, form.revision)

    after = api.orders.checkout_form(form.id).fulfillment
    assert after is not None
    assert after.status is FulfillmentStatus.PROCESSING


def test_an_outdated_revision_is_busy_and_changes_nothing(api: AllegroClient, purchase: Purchase) -> None:
    bought = purchase(Wishes())

    with pytest.raises(Busy):
        api.orders.set_fulfillment(bought.id, FulfillmentStatus.SENT, "00000000")

    fulfillment = api.orders.checkout_form(bought.id).fulfillment
    assert fulfillment is not None
    assert fulfillment.status is FulfillmentStatus.NEW


def test_a_status_only_allegro_may_set_is_refused(api: AllegroClient, purchase: Purchase) -> None:
    with pytest.raises(Refused):
        api.orders.set_fulfillment(purchase(Wishes()).id, FulfillmentStatus.RETURNED)


def test_a_lost_answer_leaves_the_status_in_doubt(
    api: AllegroClient, purchase: Purchase, simulator: Simulator
) -> None:
    bought = purchase(Wishes())
    simulator.faults.lose_answer("PUT /order/checkout-forms/{id}/fulfillment")

    with pytest.raises(Unavailable) as raised:
        api.orders.set_fulfillment(bought.id, FulfillmentStatus.SENT)

    assert not raised.value.is_sure_nothing_happened


def test_half_a_body_is_unexpected(api: AllegroClient, wire: OpenApiCheck, simulator: Simulator) -> None:
    simulator.faults.malformed("GET /order/checkout-forms")

    with wire.expecting_violations(), pytest.raises(Unexpected):
        api.orders.checkout_forms()


def test_carriers_are_listed(api: AllegroClient) -> None:
    assert {"INPOST", "DPD"} <= {carrier.id for carrier in api.orders.carriers()}
