"""What the order's page shows, read from our tables and the shop; Allegro is not asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from allegro_module.db.accounts import Account, get_account
from allegro_module.db.carriers import list_carriers
from allegro_module.db.order_events import list_events
from allegro_module.db.order_rules import list_status_rules
from allegro_module.db.orders import Order, OrderContent, orders_by_form_id
from allegro_module.db.pushes import Push, list_pushes
from allegro_module.domain.order_edits import ADDRESS_FIELDS, RECIPIENT
from allegro_module.domain.orders import SENDABLE
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.pushes import PushKind, PushState
from allegro_module.domain.shop import Address, Choice, ShopOrder, ShopOrderId, ShopOrderView
from allegro_module.runtime import Runtime
from allegro_module.sync.order_deeds import NO_REASON, NOT_BEGUN
from allegro_module.sync.order_rebuilding import shop_orders_of
from allegro_module.web.formats import WARSAW
from allegro_module.web.i18n import t
from allegro_module.web.labels import Label, label_of_order, label_of_payment, sentence
from allegro_module.web.order_countries import countries_with
from allegro_module.web.order_flags import FlagNote, notes_of
from allegro_module.web.order_history import HistoryLine, history_of
from allegro_module.web.order_life import (
    Step,
    deadline_of,
    is_cancelled,
    is_handled_here,
    is_to_be_sent,
    may_be_sent,
    steps_of,
)
from allegro_module.web.order_lines import (
    Line,
    ProductSearch,
    Sums,
    lines_of,
    names_of_lines,
    search_product,
    sums_of,
    titles_of_lines,
)
from allegro_module.web.order_pushes import (
    PushLine,
    carrier_choices,
    invoice_label,
    likely_carrier,
    push_lines,
    status_under_way,
)
from allegro_module.web.order_surcharge import Surcharge, surcharge_of
from allegro_module.web.order_words import (
    field_word,
    operator_name,
    status_word,
    words_of_payment,
)

#: A longer form is shown on a page of its own.
LONGEST_DATA = 40_000


@dataclass(frozen=True, slots=True)
class Clash:
    """Two admins, one field: what this one typed, what the other saved."""

    label: str
    mine: str
    saved: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent and could not be kept: `form` names the form, `values` stand in its fields again."""

    form: str
    values: Mapping[str, str] = field(default_factory=dict)
    ticked: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    clashes: Sequence[Clash] = ()
    who: str = ""


NOTHING_TYPED = Typed("")


@dataclass(frozen=True, slots=True)
class OrderPage:
    """`content` is None while the checkout form is not stored; `data` is the form for the technical part."""

    order: Order
    account: Account
    label: Label
    deadline: Label | None
    notes: Sequence[FlagNote]
    steps: Sequence[Step]
    content: ShopOrder | None
    lines: Sequence[Line]
    sums: Sums | None
    search: ProductSearch | None
    nth_order: int
    in_shop: ShopOrderView | None
    shop_statuses: Sequence[Choice]
    status_rules: Sequence[str]
    sendable: Sequence[tuple[str, str]]
    carriers: Sequence[tuple[str, str]]
    pushes: Sequence[PushLine]
    history: Sequence[HistoryLine]
    winner: Order | None
    payment: str
    surcharge: Surcharge | None
    operator: str
    data: str
    is_data_long: bool
    typed: Typed
    now: datetime
    who: str
    has_invoicing: bool

    @property
    def picked(self) -> int:
        return sum(line.picked_at is not None for line in self.goods)

    @property
    def goods(self) -> list[Line]:
        return [line for line in self.lines if line.is_goods]

    @property
    def shipments(self) -> list[PushLine]:
        return [
            each
            for each in self.pushes
            if each.push.kind == PushKind.SHIPMENT and each.push.state != PushState.DROPPED
        ]

    @property
    def is_cancelled(self) -> bool:
        return is_cancelled(self.order)

    @property
    def may_send(self) -> bool:
        """Something can still be sent to Allegro about the parcel."""
        return may_be_sent(self.order)

    @property
    def is_handled_here(self) -> bool:
        return is_handled_here(self.order)

    @property
    def payment_state(self) -> Label | None:
        """Nobody waits for the money of what is cancelled or was paid in another order."""
        if self.order.superseded_by:
            return None
        if self.is_cancelled and not self.order.is_paid:
            return Label(t("Not paid"), "dash-circle", "off")
        return label_of_payment(self.order.payment_type, self.order.is_paid)

    @property
    def awaits_parcel(self) -> bool:
        return is_to_be_sent(self.order) and not self.shipments

    @property
    def held_because(self) -> str:
        return "" if self.order.held_because == NO_REASON else self.order.held_because

    @property
    def is_window_open(self) -> bool:
        """The buyer may still cancel, whatever the seller does (facts.md F12)."""
        until = self.order.held_until
        return until is not None and until > self.now and not self.is_cancelled

    @property
    def window_clock(self) -> str:
        return self.order.held_until.astimezone(WARSAW).strftime("%H:%M") if self.order.held_until else ""

    @property
    def awaits_confirmation(self) -> bool:
        return not self.order.is_confirmed and self.order.fulfillment_status in NOT_BEGUN

    @property
    def edited_fields(self) -> list[str]:
        """What the seller has changed of the recipient, in words."""
        return [field_word(name).lower() for name in self.order.edits if name.startswith(RECIPIENT)]

    @property
    def recipient(self) -> dict[str, str]:
        """The values that the edit form was drawn from."""
        return recipient_of(self.content)

    @property
    def country_choices(self) -> list[tuple[str, str]]:
        return countries_with(self.recipient[RECIPIENT + "country_code"])

    @property
    def line_choices(self) -> list[tuple[str, str, str]]:
        return [
            (each.position.line_item_id, each.name, each.position.sku or "")
            for each in self.goods
            if each.position.line_item_id
        ]

    @property
    def shop_status_choices(self) -> list[tuple[str, str]]:
        return [(choice.id, choice.name) for choice in self.shop_statuses]

    @property
    def likely_carrier(self) -> str:
        return likely_carrier(self.carriers, self.order.delivery_method)

    @property
    def invoice_label(self) -> Label | None:
        return invoice_label(self.order, self.pushes)

    @property
    def status_under_way(self) -> str:
        return status_under_way(self.pushes)

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        return [(each.field, field_word(each.field), sentence(each)) for each in self.typed.problems]

    def carrier_name(self, push: Push) -> str:
        id_ = push.payload.get("carrier_id", "")
        return str(push.payload.get("carrier_name") or dict(self.carriers).get(id_, id_))

    def lines_in(self, push: Push) -> str:
        """What is in a parcel that does not hold the whole order."""
        names = names_of_lines(self.lines)
        return ", ".join(names.get(each, each) for each in push.payload.get("line_item_ids") or ())

    def asked(self, form: str) -> bool:
        return self.typed.form == form

    def errors(self, name: str) -> list[str]:
        return [sentence(each) for each in self.typed.problems if each.field == name]


def recipient_of(content: ShopOrder | None) -> dict[str, str]:
    """By field name (`order_edits.EDITABLE`)."""
    address = (content.delivery.address if content and content.delivery else None) or Address()
    return {RECIPIENT + name: str(getattr(address, name)) for name in ADDRESS_FIELDS}


def read_page(
    runtime: Runtime, order: Order, typed: Typed = NOTHING_TYPED, search: tuple[str, str] | None = None
) -> OrderPage:
    """Always the same number of statements. `search`: a line and the text of the product wanted for it."""
    session, account = runtime.session, get_account(runtime.session, order.account_id)
    now = runtime.now(account.environment)
    content = shop_orders_of(session, runtime.shop, [order]).get(order.id)
    lines = lines_of(runtime, order, content) if content else []
    in_shop = _in_shop(runtime, order)
    statuses = runtime.shop.vocabulary().order_statuses
    events = list_events(session, order.id)
    data = _stored_form(runtime, order)
    surcharge = surcharge_of(session, order, content)
    return OrderPage(
        order=order,
        account=account,
        label=label_of_order(order.status, order.fulfillment_status),
        deadline=deadline_of(order, now),
        notes=notes_of(order, content, surcharge),
        steps=steps_of(order, content, events, in_shop.status if in_shop else ""),
        content=content,
        lines=lines,
        sums=sums_of(content) if content else None,
        search=search_product(runtime, lines, *search) if search else None,
        nth_order=_nth_order(runtime, order),
        in_shop=in_shop,
        shop_statuses=statuses,
        status_rules=_status_rules(runtime, statuses),
        sendable=[(str(each), status_word(each)) for each in SENDABLE],
        carriers=carrier_choices(list_carriers(session, account.environment)),
        pushes=push_lines(list_pushes(session, order.id)),
        history=history_of(order, content, events, names_of_lines(lines), titles_of_lines(lines), statuses),
        winner=_winner(runtime, order),
        payment=words_of_payment(content.payment.type) if content and content.payment else "",
        surcharge=surcharge,
        operator=operator_name(content.payment.provider) if content and content.payment else "",
        data=data[:LONGEST_DATA],
        is_data_long=len(data) > LONGEST_DATA,
        typed=typed,
        now=now,
        who=runtime.who(),
        has_invoicing=runtime.invoicing is not None,
    )


def _in_shop(runtime: Runtime, order: Order) -> ShopOrderView | None:
    if not order.shop_order_id:
        return None
    id_ = ShopOrderId(order.shop_order_id)
    return runtime.shop.orders([id_]).get(id_)


def _nth_order(runtime: Runtime, order: Order) -> int:
    """„3. zamówienie” of this buyer: known by the id, as each order has another e-mail (facts.md 5.8)."""
    if not order.buyer_id:
        return 0
    statement = select(func.count()).where(
        Order.buyer_id == order.buyer_id, Order.id <= order.id, Order.superseded_by.is_(None)
    )
    return runtime.session.scalar(statement) or 0


def _status_rules(runtime: Runtime, statuses: Sequence[Choice]) -> list[str]:
    """„Wysłane” przekaże Allegro status „Wysłane”."""
    names = {choice.id: choice.name for choice in statuses}
    return [
        t(
            "“%(shop)s” tells Allegro “%(allegro)s”.",
            shop=names[rule.source],
            allegro=status_word(rule.target),
        )
        for rule in list_status_rules(runtime.session)
        if rule.to_allegro and rule.source in names
    ]


def _winner(runtime: Runtime, order: Order) -> Order | None:
    """The order that took over from this one."""
    if not order.superseded_by:
        return None
    found = orders_by_form_id(runtime.session, order.account_id, [order.superseded_by])
    return found.get(order.superseded_by)


def _stored_form(runtime: Runtime, order: Order) -> str:
    """As Allegro sent it, set out in lines; for those who handle orders."""
    if not runtime.may(Permission.HANDLE_ORDERS):
        return ""
    content = runtime.session.get(OrderContent, order.id)
    return pretty(content.form) if content else ""


def pretty(form: str) -> str:
    try:
        return json.dumps(json.loads(form), indent=2, ensure_ascii=False)
    except ValueError:
        return form
