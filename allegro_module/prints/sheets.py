"""From an order to its sheet of paper."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from allegro_module.db.orders import LineMark, Order
from allegro_module.domain.money import total
from allegro_module.domain.orders import BY_ALLEGRO, FormStatus, FulfillmentStatus
from allegro_module.domain.prints import LeftOut
from allegro_module.domain.shop import (
    Address,
    Delivery,
    InvoiceWish,
    PaymentType,
    Position,
    PositionKind,
    ShopOrder,
    ShopProduct,
    Sku,
)
from allegro_module.prints import papers
from allegro_module.prints.barcodes import code_128, ean, qr
from allegro_module.prints.words import (
    NOT_PAID,
    PAYMENTS,
    POSITIONS,
    SUMS,
    WARNINGS,
    clock,
    country,
    deadline,
    discount_words,
    moment,
    money,
    number,
    t,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What sheets need besides the orders. `unchecked`: ids that could not be read at Allegro just now."""

    checked_at: datetime
    is_asked: bool = True
    unchecked: Collection[int] = ()
    account_by_id: Mapping[int, str] = field(default_factory=dict)
    product_by_sku: Mapping[Sku, ShopProduct] = field(default_factory=dict)
    mark_by_line: Mapping[tuple[int, str], LineMark] = field(default_factory=dict)
    orders_url: str = ""

    def is_checked(self, row: Order) -> bool:
        return self.is_asked and row.id not in self.unchecked

    def gtin_of(self, sku: Sku | None) -> str:
        product = self.product_by_sku.get(sku) if sku else None
        return (product and product.gtin) or ""


def reason_to_leave_out(row: Order, now: datetime) -> LeftOut | None:
    """None for an order that may be packed."""
    if row.superseded_by:
        return LeftOut.SUPERSEDED
    if FormStatus.CANCELLED in (row.status, row.fulfillment_status):
        return LeftOut.CANCELLED
    if row.provider == BY_ALLEGRO:
        return LeftOut.FULFILLED_BY_ALLEGRO
    if row.held_because or row.fulfillment_status == FulfillmentStatus.SUSPENDED:
        return LeftOut.HELD
    if row.held_until is not None and row.held_until > now:
        return LeftOut.CANCEL_WINDOW
    return None


def to_sheet(row: Order, order: ShopOrder, known: Known) -> papers.Sheet:
    delivery, payment = order.delivery, order.payment
    return papers.Sheet(
        number=order.number,
        account=known.account_by_id.get(row.account_id, order.account),
        barcode=code_128(order.number),
        qr=qr(f"{known.orders_url}/{row.id}" if known.orders_url else order.number),
        bought=moment(order.bought_at),
        send_until=deadline(delivery.dispatch_to) if delivery and delivery.dispatch_to else "",
        checked=checked_words(known.checked_at, known.is_checked(row)),
        is_checked=known.is_checked(row),
        delivery=_delivery(delivery) if delivery else papers.Delivery(),
        buyer=_lines(order.buyer.login, _name(order.buyer.first_name, order.buyer.last_name)),
        invoice=_invoice(order.invoice, row),
        lines=[_line(row, position, known) for position in order.positions],
        sums=list(_sums(order)),
        total=money(order.total),
        to_collect=money(order.to_collect) if order.to_collect else "",
        paid=money(payment.paid) if payment and payment.paid and payment.is_paid else "",
        payment=t(PAYMENTS[payment.type]) if payment and payment.type in PAYMENTS else "",
        pieces=number(sum(each.quantity for each in order.positions if each.kind is PositionKind.GOODS)),
        **_texts(order),
        warnings=list(_warnings(row, order)),
    )


def checked_words(at: datetime, is_checked: bool) -> str:
    if is_checked:
        return t("checked at Allegro at %(clock)s", clock=clock(at))
    return t("not checked at Allegro at %(clock)s", clock=clock(at))


def _line(row: Order, position: Position, known: Known) -> papers.Line:
    gtin = known.gtin_of(position.sku) if position.kind is PositionKind.GOODS else ""
    mark = known.mark_by_line.get((row.id, position.line_item_id or ""))
    is_goods = position.kind is PositionKind.GOODS
    return papers.Line(
        kind=str(position.kind),
        name=position.name if is_goods else t(POSITIONS[position.kind], name=position.name),
        quantity=number(position.quantity),
        price=money(position.unit_price),
        value=money(position.value),
        sku=(position.sku or "") if is_goods else "",
        ean=gtin,
        barcode=ean(gtin) if gtin else None,
        struck=money(position.list_price) if position.list_price else "",
        why=discount_words(position.discounts),
        is_picked=is_goods and mark is not None and mark.picked_at is not None,
        picked_by=mark.picked_by if is_goods and mark is not None and mark.picked_at is not None else "",
    )


def _sums(order: ShopOrder) -> Iterator[papers.Row]:
    """Of each kind; one kind alone is the total itself."""
    currency = order.total.currency
    for kind, name in SUMS.items():
        values = [position.value for position in order.positions if position.kind is kind]
        if values and all(value.currency == currency for value in values):
            yield papers.Row(t(name), money(total(values, currency)))


def _delivery(delivery: Delivery) -> papers.Delivery:
    point, address = delivery.pickup_point, delivery.address
    return papers.Delivery(
        method=delivery.method_name,
        is_smart=delivery.is_smart,
        point=point.id if point else "",
        point_lines=_lines(point.name, *_place(point.address), point.description) if point else (),
        # Whose parcel waits in a locker is told by the name; the buyer's home is of no use there.
        recipient=(_lines(*_person(address)) if point else _address(address)) if address else (),
        phone=address.phone if address else "",
    )


def _invoice(wish: InvoiceWish | None, row: Order) -> papers.Invoice:
    lines = _address(wish.address) if wish else ()
    tax_id = wish.tax_id if wish else ""
    return papers.Invoice(wish is not None, lines, tax_id, row.invoice_number, row.ksef_number)


def _warnings(row: Order, order: ShopOrder) -> Iterator[str]:
    is_cod = order.payment is not None and order.payment.type is PaymentType.CASH_ON_DELIVERY
    if row.status != FormStatus.READY_FOR_PROCESSING or not (is_cod or row.is_paid):
        yield t(NOT_PAID)
    for flag, words in WARNINGS.items():
        if flag in row.flags or flag in order.flags:
            yield t(words)


def _address(address: Address) -> Sequence[str]:
    return _lines(*_person(address), *_place(address))


def _person(address: Address) -> Sequence[str]:
    return address.company, _name(address.first_name, address.last_name)


def _place(address: Address) -> Sequence[str]:
    abroad = "" if address.country_code in ("", "PL") else country(address.country_code)
    return address.street, _name(address.post_code, address.city), abroad


def _name(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _lines(*parts: str) -> list[str]:
    """What there is, nothing twice: pick-up points repeat their names."""
    return list(dict.fromkeys(part.strip() for part in parts if part and part.strip()))


def _texts(order: ShopOrder) -> dict[str, str]:
    """Nothing twice: the template of the notes usually holds the message and the seller's note."""
    notes, message, seller_note = _text(order.notes), _text(order.message), _text(order.seller_note)
    if notes in (message, seller_note):
        notes = ""
    return {
        "notes": notes,
        "message": "" if message in notes else message,
        "seller_note": "" if seller_note in notes else seller_note,
    }


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
