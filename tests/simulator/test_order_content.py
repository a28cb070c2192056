"""What an order may carry: discounts, services, deposits, vouchers, other countries, two warehouses."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from allegro_module.simulator import World, aftermath, checkout
from allegro_module.simulator.buyers import BUYERS, COMPANY, FOREIGNERS, GUEST, IDENTIFIED, company_invoice
from allegro_module.simulator.checkout import Pay, Ship, Wishes
from allegro_module.simulator.extras import Extras
from allegro_module.simulator.orders import change_fulfillment
from tests.simulator.conftest import Caller, Remote, a_line
from tests.simulator.order_life import kinds, place, read


def amounts(form: dict[str, Any]) -> tuple[str, str]:
    return form["summary"]["totalToPay"]["amount"], form["payment"]["paidAmount"]["amount"]


def one_line(seller: Caller, world: World, extras: Extras) -> tuple[dict[str, Any], dict[str, Any]]:
    form = read(seller, place(world, lines=[extras.on(a_line(world))]))
    return form, form["lineItems"][0]


def test_campaign_is_contained_in_the_price_and_made_good_by_allegro(seller: Caller, world: World) -> None:
    form, line = one_line(
        seller, world, Extras(discounts=("CAMPAIGN",), percent_off=10, paid_by_allegro="WALLET")
    )

    assert (line["originalPrice"]["amount"], line["price"]["amount"]) == ("89.00", "80.10")
    assert line["discounts"] == [{"type": "CAMPAIGN"}]
    assert line["reconciliation"] == {
        "value": {"amount": "17.80", "currency": "PLN"},
        "type": "WALLET",
        "quantity": 2,
    }
    assert form["payment"]["reconciliation"]["amount"] == "17.80"
    assert amounts(form) == ("174.19", "174.19")


def test_what_goes_to_the_billing_account_is_not_in_the_payment(seller: Caller, world: World) -> None:
    form, line = one_line(
        seller, world, Extras(discounts=("CAMPAIGN",), percent_off=10, paid_by_allegro="BILLING")
    )

    assert line["reconciliation"]["type"] == "BILLING"
    assert form["payment"]["reconciliation"] is None


def test_deposit_is_per_piece_and_services_have_their_number(seller: Caller, world: World) -> None:
    form, line = one_line(seller, world, Extras(deposit=Decimal("0.50"), services=("GIFT_WRAP",)))

    assert line["deposit"]["price"]["amount"] == "0.50"
    assert line["selectedAdditionalServices"][0]["quantity"] == 2
    assert amounts(form)[0] == "208.99"  # 178.00 + 2 * 0.50 + 2 * 8.00 + 13.99


def test_voucher_takes_its_part_off_what_the_buyer_pays(seller: Caller, world: World) -> None:
    form, line = one_line(seller, world, Extras(voucher=Decimal("100.00")))

    assert line["vouchers"][0]["type"] == "NOTEBOOKS_FOR_TEACHERS"
    assert amounts(form) == ("91.99", "91.99")


def test_line_may_have_neither_tax_nor_signature(seller: Caller, world: World) -> None:
    _, line = one_line(seller, world, Extras(without_tax=True, without_external=True))

    assert line["tax"] is None
    assert line["offer"]["external"] is None


@pytest.mark.parametrize(
    ("number", "marketplace", "currency", "ids"),
    [
        (0, "allegro-cz", "CZK", ["CZ_ICO", "CZ_DIC"]),
        (1, "allegro-business-cz", "CZK", ["CZ_ICO", "CZ_DIC"]),
        (2, "allegro-sk", "EUR", ["SK_ICO", "SK_IC_DPH"]),
        (3, "allegro-hu", "HUF", ["HU_ADOSZAM"]),
    ],
)
def test_buyer_abroad_buys_on_the_marketplace_of_the_country(
    seller: Caller, world: World, number: int, marketplace: str, currency: str, ids: list[str]
) -> None:
    buyer = FOREIGNERS[number]
    form = read(
        seller,
        place(
            world,
            Wishes(invoice=company_invoice(buyer)),
            [a_line(world, currency=currency, price=Decimal(500))],
            buyer,
        ),
    )

    assert form["marketplace"] == {"id": marketplace}
    assert form["delivery"]["cost"]["currency"] == form["summary"]["totalToPay"]["currency"] == currency
    assert [row["type"] for row in form["invoice"]["address"]["company"]["ids"]] == ids
    assert form["delivery"]["address"]["countryCode"] == marketplace[-2:].upper()


def test_nobody_collects_cash_in_slovakia(world: World) -> None:
    with pytest.raises(ValueError, match="SK"):
        place(world, Wishes(pay=Pay.ON_DELIVERY), buyer=FOREIGNERS[2])


def test_guest_company_and_identified_buyer_show_what_they_are(seller: Caller, world: World) -> None:
    guest, company, identified = (
        read(seller, place(world, buyer=buyer)) for buyer in (GUEST, COMPANY, IDENTIFIED)
    )

    assert guest["buyer"]["guest"] is True
    assert company["marketplace"]["id"] == "allegro-business-pl"
    assert identified["buyer"]["personalIdentity"] == "67062589524"


def test_recipient_may_be_another_person(seller: Caller, world: World) -> None:
    aunt = replace(BUYERS[0].home, first_name="Ciocia", last_name="Zosia", city="Ustka")

    form = read(seller, place(world, Wishes(recipient=aunt, packages=3, features=("ALLEGRO_PAY",))))

    assert form["delivery"]["address"]["firstName"] == "Ciocia"
    assert form["buyer"]["firstName"] == "Anna"
    assert form["delivery"]["calculatedNumberOfPackages"] == 3
    assert form["payment"]["features"] == ["ALLEGRO_PAY"]


def test_extended_term_names_its_day_and_is_ready_twice(seller: Caller, world: World) -> None:
    form = place(world, Wishes(pay=Pay.TERM, invoice=company_invoice(COMPANY)), buyer=COMPANY)
    before = read(seller, form)

    aftermath.receive_term_payment(world, form)

    after = read(seller, form)
    assert (before["status"], before["invoice"]["dueDate"]) == ("READY_FOR_PROCESSING", "2026-12-20")
    assert before["payment"]["provider"] == "EPT"
    assert before["payment"]["paidAmount"] is None
    assert after["payment"]["finishedAt"] is not None
    assert kinds(seller).count("READY_FOR_PROCESSING") == 2


def test_one_fulfillment_is_allegros_and_can_be_filtered(seller: Caller, world: World) -> None:
    form = place(world, provider="ALLEGRO")
    place(world)

    found = seller.get("/order/checkout-forms?fulfillment.provider.id=ALLEGRO").json["checkoutForms"]

    assert [row["id"] for row in found] == [form.id]


# What comes after


def test_surcharge_stands_beside_the_total_and_is_told(seller: Caller, world: World) -> None:
    form = place(world)
    before = read(seller, form)

    surcharge = aftermath.pay_surcharge(world, form, Decimal("12.50"))

    after = read(seller, form)
    assert after["surcharges"][0]["paidAmount"] == {"amount": "12.50", "currency": "PLN"}
    assert after["summary"] == before["summary"]
    assert after["revision"] != before["revision"]
    assert kinds(seller)[-1] == "READY_FOR_PROCESSING"
    found = seller.get(f"/order/checkout-forms?surcharges.id={surcharge.id}").json["checkoutForms"]
    assert [row["id"] for row in found] == [form.id]


def test_cash_that_was_collected_is_booked(seller: Caller, world: World) -> None:
    form = place(world, Wishes(pay=Pay.ON_DELIVERY))

    aftermath.book_cash(world, form)

    booked = read(seller, form)["codBookedPayments"][0]
    assert booked["paidAmount"]["amount"] == "196.99"
    assert booked["paymentId"] == form.payment.id if form.payment else None
    with pytest.raises(ValueError, match="no cash"):
        aftermath.book_cash(world, form)


def test_note_and_cancelled_delivery_are_shown(seller: Caller, world: World, remote: Remote) -> None:
    form = place(world)

    remote.post(f"/orders/{form.id}/note", text="Dzwonić po 16")
    remote.post(f"/orders/{form.id}/cancel-delivery")

    shown = read(seller, form)
    assert shown["note"] == {"text": "Dzwonić po 16"}
    assert shown["delivery"]["cancellation"] == {"date": "2026-11-20T12:00:00.000Z"}


def test_czech_buyer_cancels_within_five_minutes_whatever_the_seller_did(world: World) -> None:
    early, late = (place(world, buyer=FOREIGNERS[0]) for _ in range(2))
    change_fulfillment(world, early, "PROCESSING", world.now())

    checkout.cancel(world, early)
    world.clock.advance(301)

    assert early.status == "CANCELLED"
    with pytest.raises(ValueError, match="no longer cancel"):
        checkout.cancel(world, late)


def test_guest_cannot_cancel(world: World) -> None:
    with pytest.raises(ValueError, match="no longer cancel"):
        checkout.cancel(world, place(world, buyer=GUEST))


def test_suspended_is_not_the_sellers_to_set(seller: Caller, world: World) -> None:
    path = f"/order/checkout-forms/{place(world).id}/fulfillment"

    assert seller.call("PUT", path, json={"status": "SUSPENDED"}).status_code == 422


def test_old_status_may_still_be_seen_for_a_moment(seller: Caller, world: World) -> None:
    world.switches.fulfillment_lag_seconds = 2
    form = place(world)
    seller.call("PUT", f"/order/checkout-forms/{form.id}/fulfillment", json={"status": "SENT"})

    early = read(seller, form)["fulfillment"]["status"]
    world.clock.advance(2)

    assert (early, read(seller, form)["fulfillment"]["status"]) == ("NEW", "SENT")


def test_paid_amount_may_be_another_than_the_total(remote: Remote, world: World) -> None:
    form = place(world, Wishes(pay=Pay.TRANSFER, ship=Ship.POINT))

    paid = remote.post(f"/orders/{form.id}/pay", amount="100.00")

    assert paid["payment"]["type"] == "WIRE_TRANSFER"
    assert paid["payment"]["paidAmount"]["amount"] == "100.00"
