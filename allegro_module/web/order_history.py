"""History of an order in sentences: what was noted, and what every order's own row tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from allegro_module.db.order_events import OrderEvent
from allegro_module.db.orders import Order
from allegro_module.domain.orders import EventKind
from allegro_module.domain.shop import Choice, ShopOrder
from allegro_module.web.formats import money
from allegro_module.web.i18n import t
from allegro_module.web.order_words import sentence_of_event

ALLEGRO = "Allegro"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    at: datetime
    who: str
    sentence: str


def history_of(
    order: Order,
    content: ShopOrder | None,
    events: Sequence[OrderEvent],
    lines: Mapping[str, str],
    titles: Mapping[str, str],
    statuses: Sequence[Choice],
) -> list[HistoryLine]:
    """Newest first. `lines`: what line items are called; `titles`: their offers' names."""
    names = {choice.id: choice.name for choice in statuses}
    told = [
        HistoryLine(each.at, each.who or t("import"), _sentence(each, content, lines, titles, names))
        for each in events
    ]
    told += _derived(order, content, {each.kind for each in events})
    return sorted(told, key=lambda line: line.at, reverse=True)


def _sentence(
    event: OrderEvent,
    content: ShopOrder | None,
    lines: Mapping[str, str],
    titles: Mapping[str, str],
    statuses: Mapping[str, str],
) -> str:
    """A line is not named by the very product that it was just assigned."""
    if event.kind == EventKind.PAID:
        return _paid_sentence(content)
    return sentence_of_event(event, titles if event.kind == EventKind.ASSIGNED else lines, statuses)


def _paid_sentence(content: ShopOrder | None) -> str:
    payment = content.payment if content else None
    if payment is None or payment.paid is None:
        return t("Payment finished.")
    return t("Payment finished: %(amount)s.", amount=money(payment.paid))


def _derived(order: Order, content: ShopOrder | None, noted: set[EventKind]) -> Iterator[HistoryLine]:
    """Not stored for each of many thousand orders, as the row knows it."""
    if EventKind.PLACED not in noted:
        words = t("The order was made in the shop.") if order.shop_order_id else t("First seen at Allegro.")
        yield HistoryLine(order.imported_at, t("import"), words)
    payment = content.payment if content else None
    if payment and payment.is_paid and payment.finished_at and EventKind.PAID not in noted:
        yield HistoryLine(payment.finished_at, ALLEGRO, _paid_sentence(content))
    yield HistoryLine(order.bought_at, ALLEGRO, t("Bought."))
