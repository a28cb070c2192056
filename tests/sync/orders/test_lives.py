"""Whatever buyers do and however the journal tells it: each order once, its pieces once, the tabs right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base
from allegro_module.db.orders import Order
from allegro_module.domain.orders import Tab
from allegro_module.simulator import World
from allegro_module.simulator.aftermath import pay_surcharge
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import (
    Pay,
    Wishes,
    auto_cancel,
    cancel,
    change,
    fill,
    join,
    pay,
    repeat_ready,
)
from allegro_module.simulator.forms import Form, Status
from allegro_module.simulator.journal_tricks import drop, shuffle
from allegro_module.simulator.orders import change_fulfillment
from allegro_module.sync.completeness import prove_completeness
from allegro_module.sync.orders import import_orders, reconcile_orders
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks
from tests.sync.order_builders import SELLER, a_line, bought
from tests.sync.orders.conftest import assert_tabs_are_right

LATER = Wishes(pay=Pay.LATER)
DEEDS = (
    *("buy", "buy", "buy_on_delivery", "buy_later", "fill", "pay", "pay", "join", "cancel", "give_up"),
    *("join", "cancel_joined", "cancel_joined"),
    *("surcharge", "move", "say_again", "seller_cancels", "seller_sends", "seller_takes_up"),
    *("lose_event", "disorder", "import", "import", "reconcile"),
)


@dataclass
class Fair:
    """Buyers who do as they are told, as far as it is possible."""

    world: World
    clock: BothClocks
    runs: dict[str, Callable[[], object]]
    forms: list[Form] = field(default_factory=list)

    def do(self, deed: str, which: int) -> None:
        self.clock.forward(seconds=1)
        if deed in self.runs:
            self.runs[deed]()
            return
        try:
            getattr(self, deed)(which)
        except (ValueError, ZeroDivisionError, IndexError):
            return

    def buy(self, which: int, wishes: Wishes | None = Wishes()) -> None:  # noqa: B008 - frozen
        lines = [a_line(self.world, quantity=1 + number) for number in range(1 + which % 2)]
        self.forms.append(bought(self.world, wishes, lines, BUYERS[which % 2]))

    def buy_on_delivery(self, which: int) -> None:
        self.buy(which, Wishes(Pay.ON_DELIVERY))

    def buy_later(self, which: int) -> None:
        self.buy(which, LATER if which % 3 else None)

    def fill(self, which: int) -> None:
        fill(self.world, self.one(which), LATER)

    def pay(self, which: int) -> None:
        form = self.one(which)
        if form.joined_into is None:
            pay(self.world, form)

    def join(self, which: int) -> None:
        unpaid = [form for form in self.forms if form.is_unpaid and form.joined_into is None]
        mine = [form for form in unpaid if form.buyer == unpaid[which % len(unpaid)].buyer]
        self.forms.append(join(self.world, mine[:3], LATER if which % 2 else Wishes()))

    def cancel(self, which: int) -> None:
        if self.one(which).joined_into is None:
            cancel(self.world, self.one(which))

    def cancel_joined(self, which: int) -> None:
        targets = {form.joined_into for form in self.forms}
        joined = [form for form in self.forms if form.id in targets and form.joined_into is None]
        form = joined[-1 - which % len(joined)]
        if form.is_unpaid:
            auto_cancel(self.world, form)
        else:
            cancel(self.world, form)

    def give_up(self, which: int) -> None:
        auto_cancel(self.world, self.one(which))

    def surcharge(self, which: int) -> None:
        pay_surcharge(self.world, self.one(which), Decimal("5.00"))

    def move(self, which: int) -> None:
        change(self.world, self.one(which), address=BUYERS[2].home)

    def say_again(self, which: int) -> None:
        repeat_ready(self.world, self.one(which))

    def seller_cancels(self, which: int) -> None:
        self.seller(which, "CANCELLED")

    def seller_sends(self, which: int) -> None:
        self.seller(which, "SENT")

    def seller_takes_up(self, which: int) -> None:
        self.seller(which, "PROCESSING")

    def seller(self, which: int, status: str) -> None:
        if self.one(which).status is Status.READY_FOR_PROCESSING:
            change_fulfillment(self.world, self.one(which), status, self.world.now())

    def lose_event(self, which: int) -> None:
        drop(self.world, (), 1)

    def disorder(self, which: int) -> None:
        shuffle(self.world, self.world.sellers[SELLER].id)

    def one(self, which: int) -> Form:
        return self.forms[which % len(self.forms)]


@pytest.fixture
def fair_of(
    world: World,
    session: Session,
    api: AllegroClient,
    shop: MemoryShop,
    account: Account,
    clock: BothClocks,
    cursor: int,
) -> Callable[[], Fair]:
    """A new fair: nothing bought, the shelf full."""
    runs = {
        "import": lambda: import_orders(session, api, shop, account, clock),
        "reconcile": lambda: reconcile_orders(session, api, shop, account, clock),
        "prove": lambda: prove_completeness(session, api, account, clock),
    }

    def clean() -> Fair:
        session.rollback()
        for table in reversed(Base.metadata.sorted_tables):
            if table.name.startswith(("allegro_order", "allegro_stock", "allegro_tab", "allegro_failure")):
                session.execute(delete(table))
        session.commit()
        shop.orders_by_id.clear(), shop.moves.clear(), shop.changes.clear()
        shop.pieces["PZ-0142"] = 1000
        # They would fill the report of a failure.
        shop.pictures.clear()
        world.orders.forms.clear(), world.orders.unpaid.clear()
        return Fair(world, clock, runs)

    return clean


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(lives=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 20)), min_size=5, max_size=40))
def test_every_life_ends_with_each_order_once_and_the_shelf_right(
    fair_of: Callable[[], Fair], session: Session, shop: MemoryShop, lives: list[tuple[str, int]]
) -> None:
    fair = fair_of()
    for deed, which in lives:
        fair.do(deed, which)
    fair.do("import", 0)
    fair.do("reconcile", 0)

    placed = Counter(order.checkout_form_id for order in shop.orders_by_id.values())
    live = [form for form in fair.forms if form.joined_into is None]
    ready = {form.id for form in live if form.status is Status.READY_FOR_PROCESSING}
    cancelled_by_seller = {form.id for form in live if form.fulfillment == "CANCELLED"}
    assert set(placed.values()) <= {1}
    assert ready - cancelled_by_seller <= placed.keys()
    moved = Counter((move.line_item_id, move.kind) for move in shop.moves)
    assert set(moved.values()) <= {1}
    hidden = {form_id for form_id, tab in _tabs(session).items() if tab == Tab.HIDDEN}
    assert hidden <= {form.id for form in fair.forms if form.joined_into}
    assert shop.pieces["PZ-0142"] == 1000 - sum(_taken(shop, form) for form in live)
    assert_tabs_are_right(session)


def _tabs(session: Session) -> dict[str, str]:
    session.rollback()
    found = session.execute(select(Order.checkout_form_id, Order.tab)).all()
    session.rollback()
    return {row.checkout_form_id: row.tab for row in found}


def _taken(shop: MemoryShop, form: Form) -> int:
    """What a living form keeps from the shelf; what came back once stays there (taken up again)."""
    if form.status is Status.CANCELLED or form.fulfillment == "CANCELLED":
        return 0
    back = {move.line_item_id for move in shop.moves if move.kind == "return"}
    return sum(line.quantity for line in form.lines if line.id not in back)
