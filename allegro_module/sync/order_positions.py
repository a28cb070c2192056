"""Positions of a shop order, goods to surcharges: they add up to Allegro's total, or a flag says no."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from allegro_module.client.checkout_forms import MOST_PIECES, CheckoutForm, LineItem
from allegro_module.client.payloads import Amount
from allegro_module.domain.money import Money
from allegro_module.domain.order_rules import DeliveryVat, OrderRules
from allegro_module.domain.orders import Flag
from allegro_module.domain.shop import LineItemId, Position, PositionKind, Sku
from allegro_module.sync.order_money import Unreadable, read_correction, read_money, sum_of

#: The offer of a SKU that already has one is signed SKU~2 (`domain.offers.external_id_for`).
REPEATED_SKU = re.compile(r"~\d+$")
#: A voucher taken back pays for nothing.
VOUCHER_CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is known of the goods of some forms: seller's word, our offers, signatures, the shop's SKUs."""

    sku_by_offer_id: Mapping[str, str] = field(default_factory=dict)
    sku_by_external_id: Mapping[str, str] = field(default_factory=dict)
    #: SKUs that the shop has, with the VAT rate it gives them.
    vat_rate_by_sku: Mapping[Sku, Decimal | None] = field(default_factory=dict)
    #: Assigned by the seller to a line that nothing else explained: stronger than all else.
    sku_by_line_id: Mapping[str, str] = field(default_factory=dict)

    def sku_of(self, line: LineItem) -> Sku | None:
        """The offer's number is safe, the signature may be anything (facts.md 5.9)."""
        ours = (
            self.sku_by_line_id.get(line.id)
            or self.sku_by_offer_id.get(line.offer.id)
            or self.sku_by_external_id.get(line.offer.external_id or "")
        )
        if ours is not None:
            return Sku(ours)
        return next((sku for sku in sku_candidates(line) if sku in self.vat_rate_by_sku), None)

    def vat_rate_of(self, line: LineItem, sku: Sku | None) -> Decimal | None:
        if line.tax is not None and names_rate(line):
            return read_rate(line.tax.rate)
        return self.vat_rate_by_sku.get(sku) if sku else None


def sku_candidates(line: LineItem) -> tuple[Sku, ...]:
    """SKUs that the signature of a line may mean."""
    external_id = line.offer.external_id or ""
    names = dict.fromkeys((external_id, REPEATED_SKU.sub("", external_id)))
    return tuple(Sku(name) for name in names if name)


def names_rate(line: LineItem) -> bool:
    """Allegro does, be it in words for an exemption: then no other rate may stand in its place."""
    return line.tax is not None and bool(line.tax.rate or line.tax.exemption)


def read_rate(text: str | None) -> Decimal | None:
    """None for an exemption, which is written in words, and for what is no rate at all."""
    try:
        rate = Decimal(text or "")
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and 0 <= rate <= 100 else None


@dataclass(frozen=True, slots=True)
class Bill:
    """`total` is Allegro's; where the positions do not add up to it, a flag says so and nothing is bent."""

    positions: Sequence[Position]
    total: Money
    flags: Sequence[Flag]
    #: Vouchers that are no positions, as the total holds the whole price: a way to pay.
    paid_by_voucher: Sequence[str] = ()


def bill_of(
    form: CheckoutForm, currency: str, to_pay: Money | None, catalogue: Catalogue, rules: OrderRules
) -> Bill:
    """Raises Unreadable."""
    positions = [*_positions(form, currency, catalogue, rules)]
    vouchers, surcharges = [*_vouchers(form, currency)], [*_surcharges(form, currency)]
    flags = [*_flags_of_goods(positions)]
    total = to_pay or Money(sum_of([*positions, *vouchers]), currency)
    extras = _extras(positions, vouchers, surcharges, total.amount)
    if extras is None:
        # Nothing explains the total: what is known is told, vouchers among it, and the seller looks.
        flags.append(Flag.SUM_DIFFERS)
        extras = vouchers
    if surcharges and surcharges[0] not in extras:
        flags.append(Flag.SURCHARGE_APART)
    apart = () if not vouchers or vouchers[0] in extras else tuple(each.name for each in vouchers)
    return Bill((*positions, *extras), total, flags, apart)


def _extras(
    positions: Sequence[Position],
    vouchers: Sequence[Position],
    surcharges: Sequence[Position],
    total: Decimal,
) -> Sequence[Position] | None:
    """Which of them the total holds: Allegro does not say, so what makes the sum right is right."""
    lacking = total - sum_of(positions)
    ways: Sequence[Sequence[Position]] = ((), vouchers, surcharges, (*vouchers, *surcharges))
    return next((way for way in ways if sum_of(way) == lacking), None)


def _positions(
    form: CheckoutForm, currency: str, catalogue: Catalogue, rules: OrderRules
) -> Iterator[Position]:
    rates = []
    for line in form.line_items:
        sku = catalogue.sku_of(line)
        rate = catalogue.vat_rate_of(line, sku)
        if rate is None and not names_rate(line):
            rate = rules.goods_vat_rate
        if rate is not None:
            rates.append(rate)
        yield _goods(line, currency, sku, rate)
        if line.selected_additional_services:
            yield from _services(line, currency, rate)
        if line.deposit:
            yield _deposit(line, line.deposit.price, currency)
    if form.delivery and form.delivery.cost:
        yield Position(
            kind=PositionKind.DELIVERY,
            name=(form.delivery.method and form.delivery.method.name) or "",
            quantity=1,
            unit_price=read_money(form.delivery.cost, currency, "the cost of delivery"),
            vat_rate=delivery_rate(rates, rules),
        )


def delivery_rate(rates_of_goods: Sequence[Decimal], rules: OrderRules) -> Decimal | None:
    """*Stawka VAT za transport* (INT-24); `rates_of_goods` in the order of the lines."""
    if rules.delivery_vat is DeliveryVat.FIXED:
        return rules.delivery_vat_rate
    if not rates_of_goods:
        return None
    if rules.delivery_vat is DeliveryVat.LAST:
        return rates_of_goods[-1]
    return min(rates_of_goods) if rules.delivery_vat is DeliveryVat.LOWEST else max(rates_of_goods)


def _goods(line: LineItem, currency: str, sku: Sku | None, rate: Decimal | None) -> Position:
    price = read_money(line.price, currency, "a price")
    list_price = line.original_price if line.original_price != line.price else None
    paid_by_allegro = line.reconciliation.value if line.reconciliation else None
    return Position(
        kind=PositionKind.GOODS,
        name=line.offer.name or line.offer.external_id or line.offer.id,
        quantity=line.quantity,
        unit_price=price,
        vat_rate=rate,
        sku=sku,
        line_item_id=LineItemId(line.id),
        offer_id=line.offer.id,
        list_price=read_money(list_price, currency, "a price before discounts") if list_price else None,
        discounts=_discounts(line),
        compensation=read_correction(paid_by_allegro, currency, "a compensation")
        if paid_by_allegro
        else None,
    )


def _discounts(line: LineItem) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.type for each in line.discounts if each.type)) if line.discounts else ()


def _services(line: LineItem, currency: str, rate: Decimal | None) -> Iterator[Position]:
    for service in line.selected_additional_services or ():
        if service.price is None:
            continue
        if service.quantity is not None and not 1 <= service.quantity <= MOST_PIECES:
            raise Unreadable("not a number of additional services that can be sold")
        yield Position(
            kind=PositionKind.SERVICE,
            name=service.name or service.definition_id or "",
            quantity=1 if service.quantity is None else service.quantity,
            unit_price=read_money(service.price, currency, "the price of an additional service"),
            vat_rate=rate,
            line_item_id=LineItemId(line.id),
            offer_id=line.offer.id,
        )


def _deposit(line: LineItem, price: Amount, currency: str) -> Position:
    """Per piece, on top of the price, without VAT when sold (facts.md 5.9, #13878)."""
    return Position(
        kind=PositionKind.DEPOSIT,
        name=line.offer.name or line.offer.id,
        quantity=line.quantity,
        unit_price=read_money(price, currency, "a deposit"),
        line_item_id=LineItemId(line.id),
        offer_id=line.offer.id,
    )


def _vouchers(form: CheckoutForm, currency: str) -> Iterator[Position]:
    """A part of the price that a state programme pays: below zero, and no matter of VAT (facts.md 5.9)."""
    for line in form.line_items:
        for voucher in line.vouchers or ():
            if voucher.value is None or voucher.status == VOUCHER_CANCELLED:
                continue
            value = read_money(voucher.value, currency, "a voucher")
            yield Position(
                kind=PositionKind.VOUCHER,
                name=voucher.type or "",
                quantity=1,
                unit_price=Money(-value.amount, currency),
                line_item_id=LineItemId(line.id),
                offer_id=line.offer.id,
            )


def _surcharges(form: CheckoutForm, currency: str) -> Iterator[Position]:
    for surcharge in form.surcharges or ():
        if surcharge.paid_amount is not None:
            yield Position(
                kind=PositionKind.SURCHARGE,
                name="Surcharge",
                quantity=1,
                unit_price=read_money(surcharge.paid_amount, currency, "a surcharge"),
            )


def _flags_of_goods(positions: Sequence[Position]) -> Iterator[Flag]:
    if any(each.kind is PositionKind.GOODS and each.sku is None for each in positions):
        yield Flag.UNMATCHED_LINE
