"""Fixtures of an account whose orders are imported: one run, a second later than what has happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.order_events import OrderEvent
from allegro_module.db.orders import Order, StockBooking, counted_in, tab_counts
from allegro_module.domain.orders import EventKind
from allegro_module.sync.orders import ImportOutcome, import_orders
from tests.memory_shop import MemoryShop
from tests.sync.conftest import BothClocks
from tests.sync.order_builders import a_cursor, our_offer

Run = Callable[[], ImportOutcome]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the database does about it is tried in test_orders and test_orders_faults, on both."""
    return sqlite_url


@pytest.fixture
def cursor(session: Session, account: Account, clock: BothClocks) -> int:
    our_offer(session, account.id, clock())
    return a_cursor(session, account.id, clock())


@pytest.fixture
def run(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks, cursor: int
) -> Iterator[Run]:
    """Whatever a test does: the counts of the tabs are those of the orders in the end."""

    def import_once() -> ImportOutcome:
        clock.forward(seconds=1)
        session.rollback()
        return import_orders(session, api, shop, account, clock)

    yield import_once
    assert_tabs_are_right(session)


def assert_tabs_are_right(session: Session) -> None:
    session.rollback()
    recount: Counter[str] = Counter()
    for order in session.scalars(select(Order)):
        recount.update(counted_in(order.tab, order.needs_attention))
    counted = {tab: count for tab, count in tab_counts(session).items() if count}
    session.rollback()
    assert counted == dict(recount)


def booked(session: Session) -> Counter[str]:
    """How many lines have been moved, by kind."""
    session.rollback()
    found = Counter(session.scalars(select(StockBooking.kind)))
    session.rollback()
    return found


def history(session: Session, order_id: int) -> list[EventKind]:
    session.rollback()
    statement = select(OrderEvent.kind).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id)
    found = list(session.scalars(statement))
    session.rollback()
    return found
