"""A checkout form becomes a shop order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from allegro_module.domain.money import Money, total
from allegro_module.domain.shop import PaymentType, PositionKind, ShopOrder, Sku
from allegro_module.sync.order_mapping import (
    Catalogue,
    revision_of,
    sku_candidates,
    to_shop_order,
    without_nul,
)
from tests.sync.order_builders import RING_OFFER, form, line, money

OURS = Catalogue(sku_by_offer_id={RING_OFFER: "PZ-0142"})
ADDRESS = {"street": "Grunwaldzka 182", "city": "Poznań", "zipCode": "60-166", "countryCode": "PL"}


def order(catalogue: Catalogue = OURS, **changes: Any) -> ShopOrder:
    return to_shop_order(form(**changes), "bursztyn_i_len", "BL-10001", catalogue)


def test_positions_add_up_to_what_the_buyer_pays() -> None:
    found = order()

    goods, delivery = found.positions
    assert (goods.kind, goods.quantity, goods.unit_price) == (
        PositionKind.GOODS,
        2,
        Money(Decimal("90.00"), "PLN"),
    )
    assert (delivery.kind, delivery.name, delivery.value.amount) == (
        PositionKind.DELIVERY,
        "Allegro Kurier DPD",
        Decimal("13.99"),
    )
    assert total([each.value for each in found.positions], "PLN") == found.total
    assert found.flags == ()


def test_list_price_stands_beside_a_discounted_one_only() -> None:
    discounted, plain = order(), order(lineItems=[line(originalPrice=money("90.00"))])

    assert discounted.positions[0].list_price == Money(Decimal("100.00"), "PLN")
    assert plain.positions[0].list_price is None


def test_services_and_deposits_are_positions_of_their_own() -> None:
    service = {"definitionId": "CARRY_IN", "name": "Wniesienie", "price": money("50.00"), "quantity": 1}
    items = [line(selectedAdditionalServices=[service], deposit={"price": money("0.50")})]

    found = order(lineItems=items, summary={"totalToPay": money("244.99")})

    _, service_position, deposit, delivery = found.positions
    assert (service_position.kind, service_position.name) == (PositionKind.SERVICE, "Wniesienie")
    assert service_position.vat_rate == delivery.vat_rate == Decimal("23.00")
    assert (deposit.kind, deposit.quantity, deposit.value.amount) == (
        PositionKind.DEPOSIT,
        2,
        Decimal("1.00"),
    )
    assert deposit.vat_rate is None
    assert found.flags == ()


def test_total_that_differs_is_a_flag_and_never_bent() -> None:
    found = order(summary={"totalToPay": money("193.98")})

    assert found.flags == ("sum_differs",)
    assert found.total.amount == Decimal("193.98")
    assert sum(each.value.amount for each in found.positions) == Decimal("193.99")


def test_surcharge_that_explains_the_total_is_a_position() -> None:
    surcharge = {"id": "s-1", "type": "ONLINE", "paidAmount": money("6.00")}

    inside = order(surcharges=[surcharge], summary={"totalToPay": money("199.99")})
    apart = order(surcharges=[surcharge])

    assert inside.positions[-1].kind is PositionKind.SURCHARGE
    assert inside.flags == ()
    assert apart.flags == ("surcharge_apart",)


def test_free_delivery_is_a_position_too() -> None:
    delivery = {"method": {"id": "m-2", "name": "Paczkomat"}, "cost": money("0.00"), "smart": True}

    found = order(delivery=delivery, summary={"totalToPay": money("180.00")})

    assert found.positions[-1].value.amount == 0
    assert found.delivery is not None and found.delivery.is_smart
    assert found.flags == ()


def test_delivery_takes_the_highest_rate_of_the_goods() -> None:
    items = [line(quantity=1, tax={"rate": rate}) for rate in ("5.00", "23.00", "8.00")]

    found = order(lineItems=items, summary={"totalToPay": money("283.99")})

    assert found.positions[-1].vat_rate == Decimal("23.00")


@pytest.mark.parametrize(
    ("tax", "expected"),
    [
        (None, Decimal(8)),
        ({"rate": None, "subject": None, "exemption": None}, Decimal(8)),
        ({"rate": "5.00"}, Decimal("5.00")),
        ({"rate": None, "exemption": "MONEY_EQUIVALENT"}, None),
    ],
)
def test_rate_is_the_line_s_or_else_the_product_s(tax: Any, expected: Decimal | None) -> None:
    catalogue = Catalogue({RING_OFFER: "PZ-0142"}, {}, {Sku("PZ-0142"): Decimal(8)})

    assert order(catalogue, lineItems=[line(tax=tax)]).positions[0].vat_rate == expected


@pytest.mark.parametrize(
    ("catalogue", "expected"),
    [
        (Catalogue({RING_OFFER: "A"}, {"PZ-0142": "B"}, {Sku("PZ-0142"): None}), "A"),
        (Catalogue({}, {"PZ-0142": "B"}, {Sku("PZ-0142"): None}), "B"),
        (Catalogue({}, {}, {Sku("PZ-0142"): None}), "PZ-0142"),
        (Catalogue(), None),
    ],
)
def test_goods_are_matched_by_offer_then_signature_then_sku(
    catalogue: Catalogue, expected: str | None
) -> None:
    assert order(catalogue).positions[0].sku == expected


def test_signature_of_a_second_offer_means_the_same_goods() -> None:
    (item,) = form(lineItems=[line(offer={"id": "1", "external": {"id": "PZ-0142~2"}})]).line_items

    assert sku_candidates(item) == ("PZ-0142~2", "PZ-0142")


def test_unmatched_goods_keep_their_name_and_are_flagged() -> None:
    found = order(Catalogue(), lineItems=[line(offer={"id": "5", "name": "Obcy towar", "external": None})])

    assert (found.positions[0].sku, found.positions[0].name) == (None, "Obcy towar")
    assert found.flags == ("unmatched_line",)


@pytest.mark.parametrize(
    ("payment", "is_paid"),
    [
        ({"type": "ONLINE", "finishedAt": "2026-11-20T11:00:00Z", "paidAmount": money("1.00")}, True),
        ({"type": "ONLINE", "finishedAt": "2026-11-20T11:00:00Z", "paidAmount": None}, False),
        ({"type": "ONLINE", "finishedAt": None, "paidAmount": money("1.00")}, False),
        ({"type": "CASH_ON_DELIVERY", "finishedAt": "2026-11-20T11:00:00Z", "paidAmount": None}, False),
        ({"type": "EXTENDED_TERM", "finishedAt": None, "paidAmount": None}, False),
    ],
)
def test_paid_means_finished_with_an_amount_and_not_on_delivery(
    payment: dict[str, Any], is_paid: bool
) -> None:
    found = order(payment=payment)

    assert found.payment is not None
    assert found.payment.is_paid is is_paid


def test_kind_of_payment_not_known_yet_is_other() -> None:
    found = order(payment={"type": "BARTER", "provider": "NEW"})

    assert found.payment is not None
    assert (found.payment.type, found.payment.provider) == (PaymentType.OTHER, "NEW")


def test_company_s_tax_number_comes_from_ids() -> None:
    company = {
        "name": "Udix Sp. z o.o.",
        "ids": [{"type": "VAT_EU", "value": "PL5252674798"}, {"type": "PL_NIP", "value": "5252674798"}],
        "vatPayerStatus": "ACTIVE",
        "taxId": "old",
    }

    found = order(invoice={"required": True, "address": {**ADDRESS, "company": company}})

    assert found.invoice is not None
    assert (found.invoice.tax_id, found.invoice.address.company) == ("5252674798", "Udix Sp. z o.o.")


def test_tax_number_of_an_old_answer_is_taken_where_ids_are_missing() -> None:
    company = {"name": "Udix", "ids": None, "taxId": "111-11-11-111"}

    found = order(invoice={"required": True, "address": {**ADDRESS, "company": company}})

    assert found.invoice is not None and found.invoice.tax_id == "111-11-11-111"


def test_person_may_want_an_invoice_with_a_day_to_pay() -> None:
    person = {"firstName": "Ewa", "lastName": "Śliwińska"}
    wish = {"required": True, "address": {**ADDRESS, "naturalPerson": person}, "dueDate": "2026-12-01"}

    found = order(invoice=wish)

    assert found.invoice is not None and found.invoice.due_at is not None
    assert (found.invoice.address.last_name, found.invoice.tax_id) == ("Śliwińska", "")
    assert found.invoice.due_at.isoformat() == "2026-12-01T22:59:59+00:00"


def test_no_wish_is_no_invoice() -> None:
    assert order(invoice={"required": False, "address": None}).invoice is None


def test_pickup_point_and_recipient_stand_side_by_side() -> None:
    point = {"id": "GDA12M", "name": "Paczkomat GDA12M", "description": "Przy markecie", "address": ADDRESS}
    recipient = {"firstName": "Anna", "lastName": "Nowakowska", "phoneNumber": "+48500100001", **ADDRESS}
    delivery = {
        "method": {"id": "m-2", "name": "Paczkomat"},
        "cost": money("13.99"),
        "address": recipient,
        "pickupPoint": point,
        "time": {"dispatch": {"from": "2026-11-20T11:00:00Z", "to": "2026-11-21T11:00:00Z"}},
    }

    found = order(delivery=delivery)

    assert found.delivery is not None and found.delivery.pickup_point and found.delivery.address
    assert (found.delivery.pickup_point.id, found.delivery.pickup_point.address.city) == ("GDA12M", "Poznań")
    assert found.delivery.address.phone == "+48500100001"
    assert found.delivery.dispatch_to is not None and found.delivery.dispatch_to.day == 21


def test_order_that_allegro_sends_itself_is_flagged() -> None:
    fulfillment = {"status": "NEW", "provider": {"id": "ALLEGRO"}}

    assert order(fulfillment=fulfillment).flags == ("fulfilled_by_allegro",)


def test_barest_form_makes_an_order() -> None:
    found = order(
        payment=None, delivery=None, invoice=None, marketplace=None, buyer=None, summary=None, revision=None
    )

    assert (found.delivery, found.payment, found.invoice) == (None, None, None)
    assert found.total.amount == Decimal("180.00")


def test_form_without_a_revision_is_known_by_its_last_change() -> None:
    assert revision_of(form(revision=None)) == "2026-11-20T11:01:00.000Z"


def test_bare_numbers_are_exact_amounts() -> None:
    price = {"amount": 0.1, "currency": "PLN"}

    found = order(
        lineItems=[line(quantity=3, price=price)], delivery=None, summary={"totalToPay": money("0.30")}
    )

    assert found.flags == ()


def test_tax_numbers_without_a_kind_or_a_value_are_passed_over() -> None:
    ids = [{"type": "PL_NIP", "value": None}, {"type": None, "value": "5252674798"}]
    company = {"name": "Firma", "ids": ids}

    found = order(invoice={"required": True, "address": {**ADDRESS, "company": company}})

    assert found.invoice is not None
    assert found.invoice.tax_id == "5252674798"


def test_whole_quantity_written_as_a_fraction_is_whole() -> None:
    found = order(lineItems=[line(quantity=2.0)])

    assert (found.positions[0].quantity, type(found.positions[0].quantity)) == (2, int)


def test_half_a_piece_is_not_understood() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"whole number .* `\$.lineItems"):
        order(lineItems=[line(quantity=1.5)])


def test_nul_is_dropped_from_every_text_and_all_else_stays() -> None:
    plain = form(messageToSeller="ab", lineItems=[line(id="12")])
    strange = form(messageToSeller="a\x00b", lineItems=[line(id="1\x002")])

    assert without_nul(strange) == plain
    assert without_nul(plain) is plain
    assert without_nul(form(messageToSeller="\\x00")).message_to_seller == "\\x00"
