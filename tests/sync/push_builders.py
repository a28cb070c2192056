"""Pushes for tests: an order as our rows have it after the import, and a run that sends what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.order_events import list_events
from allegro_module.db.orders import Order, put_in_tab, tab_counts
from allegro_module.db.pushes import Push, list_pushes
from allegro_module.domain.orders import EventKind, tab_of
from allegro_module.domain.problems import Problem
from allegro_module.domain.pushes import PushState, Waybill
from allegro_module.domain.shop import Invoice
from allegro_module.simulator.forms import Form
from allegro_module.sync.order_pushes import PushCounts, push_orders
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks, Wire

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

T = TypeVar("T")
PDF = b"%PDF-1.7\n% a faktura\n%%EOF\n"
FORM = "GET /order/checkout-forms/{}"
STATUS = "PUT /order/checkout-forms/{}/fulfillment"
SHIPMENTS = "GET /order/checkout-forms/{}/shipments"
SHIP = "POST /order/checkout-forms/{}/shipments"
INVOICES = "GET /order/checkout-forms/{}/invoices"
DECLARE = "POST /order/checkout-forms/{}/invoices"


def an_order(session: Session, account: Account, form: Form, **changes: Any) -> int:
    """Our row of a form, as the import leaves it."""
    values: dict[str, Any] = {
        "account_id": account.id,
        "checkout_form_id": form.id,
        "shop_order_id": f"shop-{form.id[:4]}",
        "number": "BL-1",
        "revision": form.revision,
        "status": str(form.status),
        "fulfillment_status": form.fulfillment,
        "total": 1249,
        "currency": "PLN",
        "line_item_ids": [line.id for line in form.lines],
        "flags": [],
        "bought_at": form.bought_at,
        "imported_at": form.bought_at,
        **changes,
    }
    order = Order(**values)
    session.add(order)
    session.flush()
    put_in_tab(session, order, tab_of(order.status, order.fulfillment_status), [])
    session.commit()
    return order.id


@dataclass
class PushDesk:
    session: Session
    api: AllegroClient
    shop: MemoryShop
    clock: BothClocks
    form: Form
    order_id: int
    with_shop: bool = False

    def read(self, value: Callable[[Order], T]) -> T:
        self.session.rollback()
        found = value(self.session.get_one(Order, self.order_id))
        self.session.rollback()
        return found

    def ask(self, what: Callable[[Order], T]) -> T:
        """In a transaction of the host, committed; a push is answered ready to be read."""
        self.session.rollback()
        answer = what(self.session.get_one(Order, self.order_id))
        self.session.commit()
        return answer

    def push(self, order_ids: Iterable[int] | None = None) -> PushCounts:
        self.session.rollback()
        shop = self.shop if self.with_shop else None
        wanted = None if order_ids is None else list(order_ids)
        return push_orders(self.session, lambda account: self.api, lambda name: self.clock, wanted, shop=shop)

    def later(self, **by: float) -> PushCounts:
        self.clock.forward(**by)
        return self.push()

    def pushes(self, value: Callable[[Push], T]) -> list[T]:
        """Oldest first."""
        self.session.rollback()
        found = [value(push) for push in reversed(list_pushes(self.session, self.order_id))]
        self.session.rollback()
        return found

    @property
    def states(self) -> list[PushState]:
        return self.pushes(lambda push: PushState(push.state))

    def events(self, kind: EventKind) -> list[dict[str, Any]]:
        self.session.rollback()
        found = [each.params for each in list_events(self.session, self.order_id) if each.kind == kind]
        self.session.rollback()
        return found

    def tabs(self) -> dict[str, int]:
        self.session.rollback()
        found = {tab: count for tab, count in tab_counts(self.session).items() if count}
        self.session.rollback()
        return found


def count(wire: Wire, request: str, form: Form) -> int:
    return wire.count(request.format(form.id))


def dpd(number: str = "0000123456789U", **changes: Any) -> Waybill:
    return Waybill(**{"carrier_id": "DPD", "number": number, **changes})


def an_invoice(number: str = "FV 1/11/2026", pdf: bytes = PDF, ksef_number: str | None = None) -> Invoice:
    return Invoice(number, pdf, ksef_number)


def code_of(answer: object) -> str:
    assert isinstance(answer, Problem)
    return answer.code


class Killed(BaseException):
    """The process is gone: no handler of ours can do anything about it."""


@dataclass
class DeadlyWire:
    """The n-th call kills the process: before Allegro hears of it, or when it has done what was asked."""

    wire: Wire
    number: int
    afterwards: bool

    def __post_init__(self) -> None:
        self.check = self.wire.check
        self.wire.check = self  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.check, name)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.number -= 1
        if self.number == 0 and not self.afterwards:
            self.restore()
            raise Killed
        answer = self.check(environ, start_response)
        if self.number == 0:
            self.restore()
            raise Killed
        return answer

    def restore(self) -> None:
        self.wire.check = self.check
