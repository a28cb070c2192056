"""What an order's history, lines, parcels and flags are called."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Mapping
from typing import Any

from allegro_module.db.order_events import OrderEvent
from allegro_module.db.pushes import Push
from allegro_module.domain.orders import CancelledBy, EventKind, FormStatus
from allegro_module.domain.prints import PrintKind
from allegro_module.domain.pushes import PushKind, PushState, Trouble
from allegro_module.domain.shop import PaymentType, Position, PositionKind, StockKind
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import Label, label_of_order, word_of_flag
from allegro_module.web.offer_words import vat_rate_name as vat_rate_name

SENTENCES = {
    EventKind.PLACED: marked("The order was made in the shop."),
    EventKind.PAID: marked("Payment finished."),
    EventKind.CHANGED: marked("Allegro changed the order's data."),
    EventKind.ADDRESS_CHANGED: marked("The buyer changed the delivery address."),
    EventKind.MERGED: marked("Paid together with earlier purchases; their stock is not taken twice."),
    EventKind.SURCHARGE: marked("The buyer paid a surcharge."),
    EventKind.CANCELLED: marked("Order cancelled %(by)s."),
    EventKind.TAKEN_UP_AGAIN: marked("The cancelled order was taken up again at Allegro."),
    EventKind.STOCK_RETURNED: marked("The pieces went back into stock."),
    EventKind.FULFILLMENT: marked("Status at Allegro: %(status)s."),
    EventKind.CARETAKER: marked("Took care of the order."),
    EventKind.PICKED: marked("Picked: %(line)s."),
    EventKind.UNPICKED: marked("No longer picked: %(line)s."),
    EventKind.CONFIRMED: marked("Order confirmed."),
    EventKind.UNCONFIRMED: marked("Confirmation taken back."),
    EventKind.SETTLED: marked("Order settled."),
    EventKind.UNSETTLED: marked("Settlement taken back."),
    EventKind.HELD: marked("Sending put on hold."),
    EventKind.RELEASED: marked("Sending goes on."),
    EventKind.EDITED: marked("Recipient's data changed: %(fields)s."),
    EventKind.NOTE: marked("Seller's note changed."),
    EventKind.DEALT_WITH: marked("Dealt with: %(flag)s."),
    EventKind.ASSIGNED: marked("Product %(sku)s assigned to the item %(line)s."),
    EventKind.SHOP_STATUS: marked("Status in the shop: %(shop_status)s."),
    EventKind.STATUS_ASKED: marked("To be sent to Allegro: status “%(status)s”."),
    EventKind.STATUS_SENT: marked("Allegro has the status “%(status)s”."),
    EventKind.SHIPMENT_ASKED: marked("To be sent to Allegro: tracking number %(waybill)s."),
    EventKind.SHIPMENT_SENT: marked("Allegro has the tracking number %(waybill)s."),
    EventKind.INVOICE_ASKED: marked("To be sent to Allegro: invoice %(number)s."),
    EventKind.INVOICE_SENT: marked("Allegro has the invoice %(number)s."),
    EventKind.REFUSED: marked("Allegro refused: %(what)s."),
    EventKind.PRINTED: marked("Printed: %(print)s."),
}
RESTORED = marked("The recipient's data are those of Allegro again.")

CANCELLED_BY = {
    CancelledBy.BUYER: marked("by the buyer"),
    CancelledBy.ALLEGRO: marked("by Allegro"),
    CancelledBy.SELLER: marked("by the seller"),
}
FIELDS = {
    "recipient.first_name": marked("First name"),
    "recipient.last_name": marked("Last name"),
    "recipient.company": marked("Company"),
    "recipient.street": marked("Street and number"),
    "recipient.city": marked("Town"),
    "recipient.post_code": marked("Postcode"),
    "recipient.country_code": marked("Country"),
    "recipient.phone": marked("Telephone"),
    "seller_note": marked("Seller's note"),
    "waybill": marked("Tracking number"),
    "carrier_id": marked("Carrier"),
    "carrier_name": marked("Name of another carrier"),
    "line_item_ids": marked("In this parcel"),
    "number": marked("Number of the invoice"),
    "pdf": marked("PDF file"),
    "sku": marked("Product"),
}
PRINTS = {
    PrintKind.A4: marked("order on A4"),
    PrintKind.SMALL: marked("small print 10 × 15 cm"),
    PrintKind.PICKING: marked("picking list"),
}
#: What was refused, where only the kind is known.
PUSH_KINDS = {
    PushKind.STATUS: marked("the status"),
    PushKind.SHIPMENT: marked("the tracking number"),
    PushKind.INVOICE: marked("the invoice"),
}
PUSH_TROUBLES = {
    Trouble.CAP: marked("Allegro takes no more changes of this order's status. Change it at Allegro itself."),
    Trouble.ORDER_CANCELLED: marked("The order is cancelled at Allegro."),
    Trouble.ORDER_GONE: marked("Allegro no longer knows this order: it keeps them for a year."),
    Trouble.WAYBILL_OVERUSED: marked("This tracking number stands at too many orders already. Check it."),
    Trouble.INVOICE_EXISTS: marked("Allegro has as many invoices of this order as it takes."),
    Trouble.INVOICE_TOO_LARGE: marked("The file is too large for Allegro. Save a smaller PDF and send it."),
    Trouble.INVOICE_REJECTED: marked("Allegro's scanner rejected the file. Make the PDF anew and send it."),
    Trouble.INVOICE_SCANNED: marked("Allegro is still looking at the file sent before."),
    Trouble.UNAVAILABLE: marked("Allegro does not answer. We try again by ourselves."),
    Trouble.NOT_CONNECTED: marked("The account must be linked again; then it is sent."),
    Trouble.SCOPE_MISSING: marked("The permission to change orders was not granted. Link the account again."),
    Trouble.BUSY: marked("Allegro is busy. We try again by ourselves."),
    Trouble.UNEXPECTED: marked("Allegro answered in a way we do not know. We try again by ourselves."),
}
PUSHED = {
    PushKind.STATUS: marked("Status: %(status)s"),
    PushKind.SHIPMENT: marked("Tracking number %(waybill)s"),
    PushKind.INVOICE: marked("Invoice %(number)s"),
}
PUSH_STATES = {
    PushState.WAITING: Label(marked("Waits to be sent"), "hourglass", "wait"),
    PushState.SENDING: Label(marked("Sending"), "cloud-upload", "wait"),
    PushState.DONE: Label(marked("Allegro has it"), "check-circle-fill", "ok"),
    PushState.REFUSED: Label(marked("Refused by Allegro"), "x-octagon-fill", "bad"),
    PushState.DROPPED: Label(marked("Replaced by a later one"), "dash-circle", "off"),
}

POSITIONS = {
    PositionKind.DELIVERY: marked("Delivery: %(name)s"),
    PositionKind.SERVICE: marked("Service: %(name)s"),
    PositionKind.DEPOSIT: marked("Deposit: %(name)s"),
    PositionKind.SURCHARGE: marked("Surcharge by the buyer"),
    PositionKind.VOUCHER: marked("Voucher: %(name)s"),
}
SUMS = {
    PositionKind.GOODS: marked("Items"),
    PositionKind.SERVICE: marked("Services"),
    PositionKind.DEPOSIT: marked("Deposits"),
    PositionKind.VOUCHER: marked("Vouchers"),
    PositionKind.DELIVERY: marked("Delivery"),
    PositionKind.SURCHARGE: marked("Surcharges"),
}
#: Allegro's types, already contained in the price (facts.md 5.9).
DISCOUNTS = {
    "BUNDLE": marked("bundle"),
    "UNIT_PERCENTAGE_DISCOUNT": marked("discount on the next piece"),
    "WHOLESALE_PRICE_LIST": marked("wholesale price list"),
    "LARGE_ORDER_DISCOUNT": marked("discount for a large order"),
    "TURNOVER_DISCOUNT": marked("discount for turnover"),
    "COUPON": marked("coupon"),
    "CAMPAIGN": marked("campaign"),
}
STOCK_EFFECTS = {
    StockKind.RETURN: marked("back in stock"),
    StockKind.SELL: marked("taken from stock"),
    StockKind.RELEASE: marked("reservation released"),
    StockKind.RESERVE: marked("reserved"),
}
PAYMENTS = {
    PaymentType.ONLINE: marked("online"),
    PaymentType.CASH_ON_DELIVERY: marked("cash on delivery"),
    PaymentType.WIRE_TRANSFER: marked("bank transfer"),
    PaymentType.SPLIT_PAYMENT: marked("split payment (VAT)"),
    PaymentType.EXTENDED_TERM: marked("deferred payment"),
    PaymentType.OTHER: marked("another kind"),
}


#: What Allegro's codes of operators stand for; OFFLINE is cash, which has none.
OPERATORS = {"AF": "Allegro Finance", "P24": "Przelewy24", "PAYU": "PayU", "OFFLINE": ""}


class _Known(UserDict[str, str]):
    """A word that an event does not bring leaves a dash in its sentence."""

    def __missing__(self, name: str) -> str:
        return "–"


def sentence_of_event(event: OrderEvent, lines: Mapping[str, str], shop_statuses: Mapping[str, str]) -> str:
    """`lines`: what line items are called; `shop_statuses`: names by id. Later kinds stay codes."""
    kind = event.kind
    if kind not in SENTENCES:
        return str(kind)
    params = event.params or {}
    if kind == EventKind.EDITED and not params.get("fields"):
        return t(RESTORED)
    words = {name: word for name, word in _words(params, lines, shop_statuses).items() if word}
    sentence = t(SENTENCES[EventKind(kind)]) % _Known(words)
    # „…, 1 szt.” at the end of a sentence.
    return sentence.removesuffix(".") if sentence.endswith("..") else sentence


def _words(
    params: Mapping[str, Any], lines: Mapping[str, str], shop_statuses: Mapping[str, str]
) -> dict[str, str]:
    """All that a sentence may ask for; empty what the event does not bring."""
    said = {name: str(value) for name, value in params.items() if isinstance(value, str | int)}
    kind, status_id = said.get("kind", ""), said.get("status_id", "")
    return {
        "by": words_of_canceller(said.get("by", "")) or t("by nobody knows whom"),
        "status": status_word(said["status"]) if said.get("status") else "",
        "line": lines.get(said.get("line_item_id", ""), ""),
        "fields": ", ".join(field_word(name).lower() for name in params.get("fields") or ()),
        "flag": word_of_flag(said.get("flag", "")).lower(),
        "sku": said.get("sku", ""),
        "shop_status": shop_statuses.get(status_id, status_id),
        "waybill": said.get("waybill", ""),
        "number": said.get("number", ""),
        "what": t(PUSH_KINDS[PushKind(kind)]) if kind in PUSH_KINDS else "",
        "print": t(PRINTS[PrintKind(kind)]) if kind in PRINTS else "",
    }


def status_word(fulfillment_status: str) -> str:
    return label_of_order(FormStatus.READY_FOR_PROCESSING, fulfillment_status).text


def field_word(name: str) -> str:
    return t(FIELDS[name]) if name in FIELDS else name


def words_of_canceller(by: str) -> str:
    return t(CANCELLED_BY[CancelledBy(by)]) if by in CANCELLED_BY else ""


def what_was_pushed(kind: str, payload: Mapping[str, Any]) -> str:
    if kind not in PUSHED:
        return ""
    status = status_word(str(payload["status"])) if payload.get("status") else ""
    words = _Known({"status": status} if status else {})
    words.update({name: str(payload[name]) for name in ("waybill", "number") if payload.get(name)})
    return t(PUSHED[PushKind(kind)]) % words


def title_of_push(push: Push) -> str:
    return what_was_pushed(push.kind, push.payload)


def words_of_trouble(push: Push) -> str:
    """Ours for a code, else Allegro's own as they came."""
    return t(PUSH_TROUBLES[Trouble(push.trouble)]) if push.trouble in PUSH_TROUBLES else push.trouble


def label_of_push(push: Push) -> Label:
    return PUSH_STATES[PushState(push.state)].translated()


def name_of_position(position: Position) -> str:
    if position.kind is PositionKind.GOODS:
        return position.name
    return t(POSITIONS[position.kind]) % {"name": position.name or "–"}


def words_of_discounts(position: Position) -> str:
    """Why the price is not the list price: „kupon, kampania”; kinds that Allegro adds later stay codes."""
    return ", ".join(t(DISCOUNTS[each]) if each in DISCOUNTS else each for each in position.discounts)


def words_of_payment(kind: PaymentType) -> str:
    return t(PAYMENTS[kind])


def operator_name(provider: str) -> str:
    return OPERATORS.get(provider, provider)


def words_of_stock(kinds: set[str]) -> str:
    """What the order has done to the stock of a line, the last step first."""
    return next((t(words) for kind, words in STOCK_EFFECTS.items() if kind in kinds), "")
