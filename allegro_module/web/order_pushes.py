"""What was sent to Allegro about an order, and what can be sent: pushes, carriers, the invoice's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allegro_module.db.carriers import CarrierRow
from allegro_module.db.orders import Order
from allegro_module.db.pushes import Push
from allegro_module.domain.pushes import (
    OPEN_PUSHES,
    OTHER_CARRIER,
    UNSUPPORTED_CARRIER,
    PushKind,
    PushState,
)
from allegro_module.web.i18n import t
from allegro_module.web.labels import Label
from allegro_module.web.order_words import label_of_push, title_of_push, words_of_trouble


@dataclass(frozen=True, slots=True)
class PushLine:
    push: Push
    title: str
    label: Label
    trouble: str
    may_retry: bool


def push_lines(pushes: Sequence[Push]) -> list[PushLine]:
    return [
        PushLine(each, title_of_push(each), label_of_push(each), words_of_trouble(each), _may_retry(each))
        for each in pushes
    ]


def _may_retry(push: Push) -> bool:
    return push.state == PushState.REFUSED or (push.state == PushState.WAITING and push.tries > 0)


def carrier_choices(rows: Sequence[CarrierRow]) -> list[tuple[str, str]]:
    hidden = (OTHER_CARRIER, UNSUPPORTED_CARRIER)
    known = [(row.id, row.name or row.id) for row in rows if row.id not in hidden]
    return [*known, (OTHER_CARRIER, t("another carrier"))]


def likely_carrier(carriers: Sequence[tuple[str, str]], delivery_method: str) -> str:
    """The carrier whose name stands in the delivery method: „Allegro Paczkomaty InPost”."""
    method = delivery_method.lower()
    fitting = [(id_, name) for id_, name in carriers if id_ != OTHER_CARRIER and name.lower() in method]
    return max(fitting, key=lambda pair: len(pair[1]), default=("", ""))[0]


def invoice_label(order: Order, pushes: Sequence[PushLine]) -> Label | None:
    """How far the invoice is; nothing for an order without one and without the wish for one."""
    sent = [each for each in pushes if each.push.kind == PushKind.INVOICE]
    if sent:
        return sent[0].label
    if order.invoice_number:
        return Label(t("Issued"), "check-circle-fill", "ok")
    if order.wants_invoice:
        return Label(t("To be issued"), "receipt", "warn")
    return None


def status_under_way(pushes: Sequence[PushLine]) -> str:
    """The wish for a status that Allegro has not got yet."""
    waiting = [
        each for each in pushes if each.push.kind == PushKind.STATUS and each.push.state in OPEN_PUSHES
    ]
    return t("On its way to Allegro: %(what)s.", what=waiting[0].title) if waiting else ""
