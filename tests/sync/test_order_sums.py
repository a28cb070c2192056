"""Positions of an order: nothing dropped, the sum right to the grosz or flagged, the unreadable refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.domain.money import Money
from allegro_module.domain.order_rules import DeliveryVat, OrderRules
from allegro_module.domain.orders import Flag
from allegro_module.domain.shop import PositionKind, ShopOrder, Sku
from allegro_module.sync.order_mapping import Catalogue, Unreadable, currency_of, to_shop_order, total_of
from tests.sync.order_builders import RING_OFFER, form, line, money

OURS = Catalogue(sku_by_offer_id={RING_OFFER: "PZ-0142"})
VOUCHER = {"type": "NOTEBOOKS_FOR_TEACHERS", "status": "ACTIVE", "value": money("100.00")}


def order(catalogue: Catalogue = OURS, rules: OrderRules | None = None, **changes: Any) -> ShopOrder:
    return to_shop_order(
        form(**changes), "bursztyn_i_len", "BL-10001", catalogue, rules=rules or OrderRules()
    )


def pln(amount: str) -> Money:
    return Money(Decimal(amount), "PLN")


amounts = st.integers(0, 10_000_00).map(lambda grosze: f"{Decimal(grosze) / 100:.2f}")
moneys = amounts.map(money)
lines = st.builds(
    lambda number, quantity, price, before, deposit, services, vouchers: line(
        id=f"line-{number}",
        quantity=quantity,
        price=price,
        originalPrice=before,
        deposit=deposit and {"price": deposit},
        selectedAdditionalServices=[
            {"name": "Wniesienie", "price": each, "quantity": count} for each, count in services
        ],
        vouchers=[
            {"type": "NOTEBOOKS_FOR_TEACHERS", "status": status, "value": value} for value, status in vouchers
        ],
    ),
    st.integers(1, 10**6),
    st.integers(1, 500),
    moneys,
    moneys,
    st.none() | moneys,
    st.lists(st.tuples(moneys, st.none() | st.integers(1, 9)), max_size=2),
    st.lists(st.tuples(st.none() | moneys, st.sampled_from(["ACTIVE", "CANCELLED", "NEW"])), max_size=2),
)
forms = st.fixed_dictionaries(
    {
        "lineItems": st.lists(lines, min_size=1, max_size=4),
        "delivery": st.none() | st.fixed_dictionaries({"cost": st.none() | moneys}),
        "surcharges": st.lists(st.fixed_dictionaries({"paidAmount": st.none() | moneys}), max_size=2),
        "summary": moneys.map(lambda each: {"totalToPay": each}),
    }
)


def gross(changes: dict[str, Any], has_vouchers: bool, has_surcharges: bool) -> Decimal:
    """The sum by the bare form, reckoned apart from the code under test."""
    found = Decimal(0)
    for item in changes["lineItems"]:
        deposit = Decimal(item["deposit"]["price"]["amount"]) if item["deposit"] else Decimal(0)
        found += (Decimal(item["price"]["amount"]) + deposit) * item["quantity"]
        for service in item["selectedAdditionalServices"]:
            found += Decimal(service["price"]["amount"]) * (service["quantity"] or 1)
        for voucher in item["vouchers"]:
            if has_vouchers and voucher["value"] and voucher["status"] != "CANCELLED":
                found -= Decimal(voucher["value"]["amount"])
    if changes["delivery"] and changes["delivery"]["cost"]:
        found += Decimal(changes["delivery"]["cost"]["amount"])
    if has_surcharges:
        found += sum(
            Decimal(each["paidAmount"]["amount"]) for each in changes["surcharges"] if each["paidAmount"]
        )
    return found


@given(forms)
def test_sum_is_the_total_or_the_order_is_flagged(changes: dict[str, Any]) -> None:
    found = order(**changes)

    assert found.total.amount == Decimal(changes["summary"]["totalToPay"]["amount"])
    is_right = sum(each.value.amount for each in found.positions) == found.total.amount
    assert is_right is (Flag.SUM_DIFFERS not in found.flags)


@given(forms, st.booleans(), st.booleans())
def test_whatever_the_total_holds_is_found_out(
    changes: dict[str, Any], has_vouchers: bool, has_surcharges: bool
) -> None:
    due = gross(changes, has_vouchers, has_surcharges)
    if due < 0:
        return
    found = order(**{**changes, "summary": {"totalToPay": money(f"{due:.2f}")}})

    assert Flag.SUM_DIFFERS not in found.flags
    assert sum(each.value.amount for each in found.positions) == due


def test_voucher_lessens_a_total_that_is_net_of_it() -> None:
    net = order(lineItems=[line(vouchers=[VOUCHER])], summary={"totalToPay": money("93.99")})

    voucher = net.positions[-1]
    assert (voucher.kind, voucher.name, voucher.value) == (
        PositionKind.VOUCHER,
        "NOTEBOOKS_FOR_TEACHERS",
        pln("-100.00"),
    )
    assert net.flags == ()


def test_voucher_is_a_way_to_pay_where_the_total_holds_the_whole_price() -> None:
    whole = order(
        lineItems=[line(vouchers=[VOUCHER])],
        payment={"id": "p", "type": "ONLINE", "features": ["ALLEGRO_PAY"]},
    )

    assert [each.kind for each in whole.positions] == [PositionKind.GOODS, PositionKind.DELIVERY]
    assert whole.payment is not None
    assert whole.payment.features == ("ALLEGRO_PAY", "NOTEBOOKS_FOR_TEACHERS")
    assert whole.flags == ()


def test_voucher_taken_back_pays_for_nothing() -> None:
    found = order(lineItems=[line(vouchers=[{**VOUCHER, "status": "CANCELLED"}])])

    assert (len(found.positions), found.flags) == (2, ())


def test_why_a_price_is_lower_and_what_allegro_adds_is_told() -> None:
    kinds = [{"type": "CAMPAIGN"}, {"type": "COUPON"}, {"type": "CAMPAIGN"}, {"type": "BRAND_NEW"}, {}]
    paid = {"value": money("10.00"), "type": "WALLET", "quantity": 2}

    found = order(
        lineItems=[line(discounts=kinds, reconciliation=paid)],
        payment={"id": "p", "type": "ONLINE", "reconciliation": money("-3.50")},
    )

    goods = found.positions[0]
    assert (goods.list_price, goods.discounts) == (pln("100.00"), ("CAMPAIGN", "COUPON", "BRAND_NEW"))
    assert goods.compensation == pln("10.00")
    assert found.payment is not None and found.payment.compensation == pln("-3.50")


@pytest.mark.parametrize(
    ("rules", "rate"),
    [
        (OrderRules(), "23"),
        (OrderRules(delivery_vat=DeliveryVat.LOWEST), "5"),
        (OrderRules(delivery_vat=DeliveryVat.LAST), "8"),
        (OrderRules(delivery_vat=DeliveryVat.FIXED, delivery_vat_rate=Decimal(0)), "0"),
    ],
)
def test_rate_of_delivery_follows_the_seller_s_rule(rules: OrderRules, rate: str) -> None:
    items = [line(quantity=1, tax={"rate": rate}) for rate in ("5.00", "23.00", "8.00")]
    items.append(line(quantity=1, tax={"exemption": "MONEY_EQUIVALENT"}))

    found = order(rules=rules, lineItems=items)

    assert found.positions[-1].vat_rate == Decimal(rate)


def test_delivery_of_goods_without_any_rate_has_none() -> None:
    assert order(lineItems=[line(tax=None)]).positions[-1].vat_rate is None


def test_goods_that_nobody_names_a_rate_of_get_the_default_and_delivery_follows() -> None:
    exempt = {"exemption": "MONEY_EQUIVALENT"}
    items = [line(tax=None), line(tax={"rate": "8.00"}), line(tax=exempt)]

    found = order(rules=OrderRules(goods_vat_rate=Decimal(5)), lineItems=items)

    assert [each.vat_rate for each in found.positions[:3]] == [Decimal(5), Decimal(8), None]
    last = order(rules=OrderRules(goods_vat_rate=Decimal(5)), lineItems=[line(tax=None)])
    assert last.positions[-1].vat_rate == Decimal(5)


def test_rate_of_the_shop_counts_before_the_default() -> None:
    catalogue = Catalogue({RING_OFFER: "A"}, {}, {Sku("A"): Decimal(8)})

    found = order(catalogue, OrderRules(goods_vat_rate=Decimal(5)), lineItems=[line(tax=None)])

    assert found.positions[0].vat_rate == Decimal(8)


def test_product_assigned_by_the_seller_wins() -> None:
    item = line()
    catalogue = Catalogue({RING_OFFER: "A"}, {}, {Sku("B"): Decimal(8)}, sku_by_line_id={item["id"]: "B"})

    assert order(catalogue, lineItems=[item]).positions[0].sku == "B"


def test_courier_collects_all_but_what_was_paid_online_afterwards() -> None:
    payment = {"id": "p", "type": "CASH_ON_DELIVERY", "finishedAt": "2026-11-20T11:00:00Z"}
    surcharge = {"id": "s", "type": "ONLINE", "paidAmount": money("6.00")}

    found = order(payment=payment, surcharges=[surcharge], summary={"totalToPay": money("199.99")})
    collected = order(
        payment=payment,
        codBookedPayments=[{"paymentId": "c", "paidAmount": money(each)} for each in ("100.00", "93.99")],
    )

    assert (found.to_collect, collected.to_collect) == (pln("193.99"), pln("193.99"))
    assert found.payment is not None and (found.payment.paid, found.payment.is_paid) == (None, False)
    assert collected.payment is not None and collected.payment.paid == pln("193.99")


def test_one_fulfillment_order_is_not_the_sellers_to_ship() -> None:
    found = order(fulfillment={"status": "NEW", "provider": {"id": "ALLEGRO"}})

    assert (found.is_shipped_by_seller, found.flags) == (False, (Flag.FULFILLED_BY_ALLEGRO,))
    assert order(fulfillment={"provider": {"id": "SOMEBODY"}}).is_shipped_by_seller


def test_number_of_packages_and_smart_reach_the_shop() -> None:
    found = order(delivery={"cost": money("13.99"), "smart": True, "calculatedNumberOfPackages": 3})

    assert found.delivery is not None and (found.delivery.packages, found.delivery.is_smart) == (3, True)


def test_message_passes_unharmed() -> None:
    message = "<b>Proszę</b> & \U0001f381 \u202eשלום\n" + "ż" * 5000

    assert order(messageToSeller=message).message == message


def test_words_that_allegro_adds_some_day_are_tolerated() -> None:
    strange = order(
        status="ON_HOLD",
        payment={"id": "p", "type": "BARTER", "provider": "NEW", "features": ["LATER"]},
        fulfillment={"status": "LOST_IN_SPACE", "provider": {"id": "X"}},
        marketplace={"id": "allegro-de"},
        lineItems=[line(vouchers=[{"type": "SOMETHING", "status": "ODD"}], reconciliation={"type": "OTHER"})],
    )

    assert (strange.marketplace, strange.flags) == ("allegro-de", ())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lineItems": []}, "without any line"),
        ({"lineItems": [line(price=money("90.005"))]}, "more than two decimals: a price"),
        ({"lineItems": [line(price=money("-1.00"))]}, "not an amount that can be paid: a price"),
        ({"lineItems": [line(price=money("1e40"))]}, "not an amount"),
        ({"lineItems": [line(price=money("90.00", "EUR"))]}, "currencies are mixed: a price"),
        ({"lineItems": [line(deposit={"price": money("1.00", "CZK")})]}, "mixed: a deposit"),
        ({"delivery": {"cost": money("1.00", "HUF")}}, "mixed: the cost of delivery"),
        ({"summary": {"totalToPay": money("193.991")}}, "more than two decimals: the total"),
        ({"summary": {"totalToPay": money("1.00", "złoty")}}, "not a code of three letters"),
        ({"summary": {"totalToPay": money("1.00", "pln")}}, "not a code of three letters"),
        ({"summary": {"totalToPay": money("1.00", "")}}, "not a code of three letters"),
        ({"surcharges": [{"paidAmount": money("1.00", "EUR")}]}, "mixed: a surcharge"),
        ({"lineItems": [line(vouchers=[{"value": money("0.001")}])]}, "more than two decimals: a voucher"),
        (
            {"lineItems": [line(selectedAdditionalServices=[{"price": money("1.00"), "quantity": 0}])]},
            "additional services",
        ),
        ({"payment": {"type": "ONLINE", "paidAmount": money("1.00", "EUR")}}, "mixed: what was paid"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        order(**changes)


def test_amounts_of_another_style_are_read_to_the_hundredth() -> None:
    item = line(quantity=1, price=money("1490", "HUF"), originalPrice=money("1490.0000", "HUF"))

    found = order(
        lineItems=[item], delivery=None, payment=None, summary={"totalToPay": money("1490.000", "HUF")}
    )

    assert (found.total, found.flags) == (Money(Decimal(1490), "HUF"), ())


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 10**9, None, "dwa"])
def test_pieces_that_nobody_can_buy_are_not_understood(quantity: object) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$.lineItems"):
        form(lineItems=[line(quantity=quantity)])


@pytest.mark.parametrize("amount", ["", "abc", "NaN", "Infinity", "1,50", None, True])
def test_amount_that_is_no_number_is_not_understood(amount: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        form(lineItems=[line(price={"amount": amount, "currency": "PLN"})])


def test_cancelled_form_may_have_lost_its_lines() -> None:
    assert order(status="CANCELLED", lineItems=[]).positions[0].kind is PositionKind.DELIVERY


def test_helpers_refuse_what_the_order_would() -> None:
    bare: CheckoutForm = form(lineItems=[], summary=None)

    with pytest.raises(Unreadable, match="without lines"):
        currency_of(bare)
    assert total_of(form(summary=None)) is None


def test_members_that_only_some_forms_have_are_read() -> None:
    found = form(
        delivery={"cancellation": {"date": "2026-11-20T12:00:00Z"}},
        lineItems=[line(serialNumbers={"expected": True, "entries": [{"value": "SN-1", "returned": False}]})],
        invoice={"required": True, "features": ["VAT_EU_VERIFIED"]},
    )

    assert found.delivery is not None and found.delivery.cancellation is not None
    assert found.line_items[0].serial_numbers is not None and found.line_items[0].serial_numbers.expected
    assert found.invoice is not None and found.invoice.features == ("VAT_EU_VERIFIED",)
