"""Which tab an order stands in, and when it asks for the seller."""

from __future__ import annotations

import pytest

from allegro_module.domain.orders import Flag, Tab, needs_attention, tab_of


@pytest.mark.parametrize(
    ("status", "fulfillment", "tab"),
    [
        ("BOUGHT", "NEW", Tab.UNPAID),
        ("FILLED_IN", "CANCELLED", Tab.UNPAID),
        ("READY_FOR_PROCESSING", "", Tab.NEW),
        ("READY_FOR_PROCESSING", "SUSPENDED", Tab.PROCESSING),
        ("READY_FOR_PROCESSING", "READY_FOR_SHIPMENT", Tab.TO_SHIP),
        ("READY_FOR_PROCESSING", "PICKED_UP", Tab.SENT),
        ("READY_FOR_PROCESSING", "RETURNED", Tab.RETURNED),
        ("READY_FOR_PROCESSING", "CANCELLED", Tab.CANCELLED),
        ("CANCELLED", "SENT", Tab.CANCELLED),
        ("READY_FOR_PROCESSING", "SOMETHING_NEW", Tab.NEW),
    ],
)
def test_every_state_has_its_tab(status: str, fulfillment: str, tab: Tab) -> None:
    assert tab_of(status, fulfillment) is tab
    assert tab_of(status, fulfillment, superseded_by="another") is Tab.HIDDEN


@pytest.mark.parametrize(
    ("tab", "flags", "asks"),
    [
        (Tab.NEW, [Flag.UNMATCHED_LINE], True),
        (Tab.NEW, [Flag.UNMATCHED_LINE, Flag.FULFILLED_BY_ALLEGRO], False),
        (Tab.NEW, [Flag.SUM_DIFFERS, Flag.FULFILLED_BY_ALLEGRO], True),
        (Tab.CANCELLED, [Flag.UNMATCHED_LINE, Flag.SUM_DIFFERS], False),
        (Tab.CANCELLED, [Flag.CANCELLED_LATE], True),
        (Tab.HIDDEN, [Flag.PUSH_REFUSED], False),
        (Tab.SENT, [], False),
    ],
)
def test_an_order_asks_for_the_seller_only_while_he_can_do_something(
    tab: Tab, flags: list[str], asks: bool
) -> None:
    assert needs_attention(tab, flags) is asks
