"""A host with orders from a simulated Allegro, whose queue cannot be reached: prints are made by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.order_events import OrderEvent
from allegro_module.db.orders import Order
from allegro_module.db.prints import Print
from allegro_module.domain.orders import EventKind
from allegro_module.domain.prints import PrintKind, PrintState
from allegro_module.jobs import tasks
from allegro_module.simulator import Clock, Simulator, Standing, World
from allegro_module.simulator.buyers import BUYERS
from tests.jobs.host import Host, a_host
from tests.sync.order_builders import bought

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(World(Clock(Standing(NOON))), broken_connection=httpx2.ReadError)


@pytest.fixture
def host(tmp_path: Path, simulator: Simulator) -> Iterator[Host]:
    host = a_host(tmp_path / "shop", simulator)
    with host.app.app_context():
        yield host
    host.close()


@dataclass
class Desk:
    """Where somebody prints: paid orders that are in the shop."""

    host: Host
    account_id: int

    @property
    def session(self) -> Session:
        session = self.host.runtime.session
        session.rollback()
        return session

    def orders(self) -> Sequence[Order]:
        ready = select(Order).where(Order.status == "READY_FOR_PROCESSING", Order.superseded_by.is_(None))
        return self.session.scalars(ready.order_by(Order.id)).all()

    def change(self, order_id: int, **values: object) -> None:
        order = self.session.get_one(Order, order_id)
        for name, value in values.items():
            setattr(order, name, value)
        self.host.runtime.session.commit()

    def ask(self, order_ids: Sequence[int], kind: PrintKind = PrintKind.A4) -> int:
        session = self.session
        print_ = Print(
            kind=kind,
            order_ids=list(order_ids),
            state=PrintState.WAITING,
            created_at=self.host.world.now(),
            created_by="anna.k",
        )
        session.add(print_)
        session.commit()
        return print_.id

    def make(self, order_ids: Sequence[int], kind: PrintKind = PrintKind.A4) -> Print:
        print_id = self.ask(order_ids, kind)
        tasks.make_prints(print_id)
        return self.session.get_one(Print, print_id)

    def printed_by(self) -> list[tuple[int, str]]:
        printed = select(OrderEvent.order_id, OrderEvent.who).where(OrderEvent.kind == EventKind.PRINTED)
        return [(row[0], row[1]) for row in self.session.execute(printed)]


@pytest.fixture
def desk(host: Host) -> Desk:
    account_id = host.link()
    for buyer in BUYERS[:3]:
        bought(host.world, buyer=buyer)
    tasks.import_orders(account_id)
    return Desk(host, account_id)
