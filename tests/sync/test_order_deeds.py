"""Deeds of the seller, without pages: each once, each in the history, nothing of persons in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from allegro_module.db import Base
from allegro_module.db.accounts import Account, Application
from allegro_module.db.order_events import list_events
from allegro_module.db.orders import Order, OrderContent
from allegro_module.db.pushes import list_pushes
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.order_edits import EDITABLE
from allegro_module.domain.orders import FulfillmentStatus
from allegro_module.domain.problems import Problem
from allegro_module.sync import order_deeds as deeds
from allegro_module.sync.order_rows import printed, said_by
from tests.memory_shop import MemoryShop, a_shop
from tests.sync.order_builders import form

AT = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)
LINE = "11111111-1111-4111-8111-111111111111"
ADDRESS = {
    "recipient.first_name": "Zofia",
    "recipient.last_name": "Wąs",
    "recipient.company": "",
    "recipient.street": "Długa 1",
    "recipient.city": "Gdańsk",
    "recipient.post_code": "80-831",
    "recipient.country_code": "PL",
    "recipient.phone": "500 100 200",
}


@pytest.fixture(scope="module")
def tables() -> Iterator[Any]:
    """Deeds never commit, so each test leaves the tables as they were."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        application = Application(
            environment="simulator",
            client_id="id",
            sealed_client_secret="",
            created_at=AT,
            changed_at=AT,
        )
        session.add(
            Account(
                application=application,
                environment="simulator",
                alias="BL",
                login="bursztyn_i_len",
                seller_id="1",
                state=LinkState.CONNECTED,
                created_at=AT,
            )
        )
        session.commit()
        yield session


@pytest.fixture
def session(tables: Session) -> Iterator[Session]:
    yield tables
    tables.rollback()


@pytest.fixture
def shop() -> MemoryShop:
    return a_shop()


@pytest.fixture
def order(session: Session) -> Order:
    """Nothing of it is in the shop yet, and nothing is known of its product."""
    delivery = {
        "method": {"id": "m-1", "name": "Kurier"},
        "cost": {"amount": "13.99", "currency": "PLN"},
        "address": {"firstName": "Jan", "lastName": "Nowak", "street": "Stara 2"},
    }
    bought = form(delivery=delivery)
    order = Order(account_id=1, checkout_form_id=bought.id, imported_at=AT, **said_by(bought))
    order.flags, order.edits = [], {}
    session.add(order)
    session.flush()
    session.add(OrderContent(order_id=order.id, form=printed(bought)[1]))
    return order


def kinds(session: Session, order: Order) -> list[str]:
    session.flush()
    return [str(each.kind) for each in reversed(list_events(session, order.id))]


def test_ticks_made_twice_leave_one_line_in_the_history(session: Session, order: Order) -> None:
    for _ in range(2):
        deeds.assign_caretaker(session, order, "ala", AT)
        deeds.confirm(session, order, True, "ala", AT)
        deeds.settle(session, order, True, "ala", AT)
        deeds.pick_line(session, order, LINE, True, "ala", AT)
        deeds.hold(session, order, "", "ala", AT)
    for _ in range(2):
        deeds.settle(session, order, False, "ala", AT)
        deeds.release_hold(session, order, "ala", AT)

    ours = [kind for kind in kinds(session, order) if kind != "status_asked"]
    assert ours == ["caretaker", "confirmed", "settled", "picked", "held", "unsettled", "released"]


@pytest.mark.parametrize(
    "changes",
    [
        {"fulfillment_status": FulfillmentStatus.SENT},
        {"fulfillment_status": FulfillmentStatus.READY_FOR_SHIPMENT},
        {"provider": "ALLEGRO"},
        {"status": "FILLED_IN"},
        {"status": "CANCELLED"},
        {"superseded_by": "another"},
    ],
)
def test_confirming_asks_nothing_of_allegro_for_an_order_that_is_no_longer_to_be_begun(
    session: Session, order: Order, changes: dict[str, str]
) -> None:
    for name, value in changes.items():
        setattr(order, name, value)

    assert deeds.confirm(session, order, True, "ala", AT) is None
    assert list_pushes(session, order.id) == []
    assert order.is_confirmed


def test_edits_reach_the_shops_order_and_the_history_names_fields_only(
    session: Session, shop: MemoryShop, order: Order
) -> None:
    order.shop_order_id = "shop-1"

    assert not deeds.edit_order(session, shop, order, ADDRESS, "ala", AT)

    changed = shop.changes[-1].order.delivery
    assert changed is not None
    assert changed.address is not None
    assert (changed.address.last_name, changed.address.city) == ("Wąs", "Gdańsk")
    assert all("Długa" not in str(each.params) for each in list_events(session, order.id))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"recipient.street": ""}, "recipient.street", "required"),
        ({"recipient.last_name": ""}, "recipient.last_name", "recipient_required"),
        ({"recipient.post_code": "80831"}, "recipient.post_code", "post_code_format"),
        (
            {"recipient.country_code": "CZ", "recipient.post_code": "!"},
            "recipient.post_code",
            "post_code_format_abroad",
        ),
        ({"recipient.country_code": "Polska"}, "recipient.country_code", "country_code_format"),
        ({"recipient.phone": "zadzwoń"}, "recipient.phone", "phone_format"),
        ({"recipient.city": "x" * 101}, "recipient.city", "text_too_long"),
        ({"recipient.city": "a\0b"}, "recipient.city", "text_not_printable"),
        ({"seller_note": "x" * 1001}, "seller_note", "text_too_long"),
    ],
)
def test_one_wrong_value_keeps_all_of_them_out(
    session: Session, shop: MemoryShop, order: Order, changes: dict[str, str], field: str, code: str
) -> None:
    problems = deeds.edit_order(session, shop, order, {**ADDRESS, **changes}, "ala", AT)

    assert [(each.field, each.code) for each in problems] == [(field, code)]
    assert order.edits == {}


def test_a_name_that_cannot_be_edited_changes_nothing(
    session: Session, shop: MemoryShop, order: Order
) -> None:
    deeds.edit_order(session, shop, order, {"total": "0.01", "is_paid": "1"}, "ala", AT)

    assert order.edits == {}
    assert kinds(session, order) == []
    assert "total" not in EDITABLE


def test_restoring_takes_back_the_address_and_keeps_the_note(
    session: Session, shop: MemoryShop, order: Order
) -> None:
    deeds.edit_order(session, shop, order, {**ADDRESS, "seller_note": "kokarda"}, "ala", AT)
    for _ in range(2):
        deeds.drop_edits(session, shop, order, "ala", AT)

    assert order.edits == {"seller_note": "kokarda"}
    assert kinds(session, order) == ["note", "edited", "edited"]


def test_a_status_that_the_shop_does_not_have_is_a_problem(
    session: Session, shop: MemoryShop, order: Order
) -> None:
    order.shop_order_id = "shop-1"

    outcome = deeds.set_shop_status(session, shop, order, "nonsense", "ala", AT)

    assert isinstance(outcome, Problem)
    assert shop.statuses == {}
