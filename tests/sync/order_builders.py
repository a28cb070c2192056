"""Orders for tests: a linked account's cursor, purchases in the simulated world, forms made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.db.cursors import Cursor
from allegro_module.db.offers import Offer
from allegro_module.db.orders import Order
from allegro_module.domain.offers import OfferState
from allegro_module.simulator import World
from allegro_module.simulator.buyers import BUYERS
from allegro_module.simulator.checkout import Wishes, place
from allegro_module.simulator.forms import Buyer, Form, Line, Tax

SELLER = "bursztyn_i_len"
RING_OFFER = "17000000010"
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def a_cursor(session: Session, account_id: int, now: datetime, position: str | None = None) -> int:
    cursor = Cursor(account_id=account_id, position=position, started_at=now)
    session.add(cursor)
    session.commit()
    return cursor.id


def our_offer(session: Session, account_id: int, now: datetime, sku: str = "PZ-0142", **changes: Any) -> None:
    """An offer row that links Allegro's number to our SKU."""
    values: dict[str, Any] = {
        "account_id": account_id,
        "sku": sku,
        "external_id": sku,
        "allegro_offer_id": RING_OFFER,
        "state": OfferState.ACTIVE,
        "state_since": now,
        "created_at": now,
        "changed_at": now,
    }
    session.add(Offer(**{**values, **changes}))
    session.commit()


def a_line(world: World, **changes: Any) -> Line:
    """One ring, bought now."""
    values: dict[str, Any] = {
        "id": world.uuid(),
        "offer_id": RING_OFFER,
        "name": "Pierścionek złoty z bursztynem",
        "external_id": "PZ-0142",
        "product_ids": (),
        "quantity": 1,
        "price": Decimal("1249.00"),
        "currency": "PLN",
        "tax": Tax("23.00", "GOODS"),
        "bought_at": world.now(),
    }
    return Line(**{**values, **changes})


def bought(
    world: World,
    wishes: Wishes | None = Wishes(),  # noqa: B008 - frozen
    lines: Sequence[Line] = (),
    buyer: Buyer = BUYERS[0],
) -> Form:
    """A purchase, paid by card unless the wishes say otherwise; None leaves the delivery form empty."""
    return place(world, world.sellers[SELLER].id, lines or [a_line(world)], wishes, buyer)


def orders(session: Session) -> list[Order]:
    session.rollback()
    found = list(session.scalars(select(Order).order_by(Order.id)))
    for order in found:
        session.expunge(order)
    session.rollback()
    return found


def cursor_of(session: Session, value: Callable[[Cursor], Any]) -> Any:
    session.rollback()
    found = value(session.scalars(select(Cursor)).one())
    session.rollback()
    return found


def money(amount: str, currency: str = "PLN") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def line(**changes: Any) -> dict[str, Any]:
    """A line item as Allegro writes it."""
    return {
        "id": "11111111-1111-4111-8111-111111111111",
        "offer": {"id": RING_OFFER, "name": "Pierścionek", "external": {"id": "PZ-0142"}},
        "quantity": 2,
        "originalPrice": money("100.00"),
        "price": money("90.00"),
        "tax": {"rate": "23.00", "subject": "GOODS", "exemption": None},
        "boughtAt": "2026-11-20T11:00:00.000Z",
        **changes,
    }


def form(**changes: Any) -> CheckoutForm:
    """A paid form of two rings and a courier, as the client reads it."""
    raw = {
        "id": "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
        "status": "READY_FOR_PROCESSING",
        "buyer": {"id": "70200101", "login": "kupujacy_1", "email": "abc+123@allegromail.pl"},
        "payment": {
            "id": "p-1",
            "type": "ONLINE",
            "provider": "AF",
            "finishedAt": "2026-11-20T11:01:00.000Z",
            "paidAmount": money("193.99"),
        },
        "delivery": {
            "method": {"id": "m-1", "name": "Allegro Kurier DPD"},
            "cost": money("13.99"),
            "smart": False,
        },
        "lineItems": [line()],
        "surcharges": [],
        "summary": {"totalToPay": money("193.99")},
        "marketplace": {"id": "allegro-pl"},
        "updatedAt": "2026-11-20T11:01:00.000Z",
        "revision": "0a1b2c3d",
    }
    return msgspec.json.decode(msgspec.json.encode({**raw, **changes}), type=CheckoutForm)
