"""What the seller has changed on an order in our panel; Allegro is not told, the shop is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from allegro_module.domain.order_rules import OrderRules
from allegro_module.domain.order_texts import notes_of
from allegro_module.domain.shop import Address, ShopOrder

RECIPIENT = "recipient."
SELLER_NOTE = "seller_note"
ADDRESS_FIELDS = tuple(each.name for each in fields(Address))
#: Names of everything that can be edited.
EDITABLE = (*(RECIPIENT + name for name in ADDRESS_FIELDS), SELLER_NOTE)


def edited(order: ShopOrder, edits: Mapping[str, str], rules: OrderRules | None = None) -> ShopOrder:
    """The order with the seller's own values in place of Allegro's; unknown names are left out.

    Given the rules, {shop_notes} is made anew, as it may quote what was edited.
    """
    if not edits:
        return order
    if SELLER_NOTE in edits:
        order = replace(order, seller_note=edits[SELLER_NOTE])
    changed = {
        name.removeprefix(RECIPIENT): value
        for name, value in edits.items()
        if name.startswith(RECIPIENT) and name in EDITABLE
    }
    if changed and order.delivery:
        address = replace(order.delivery.address or Address(), **changed)
        order = replace(order, delivery=replace(order.delivery, address=address))
    return replace(order, notes=notes_of(order, rules.notes_template)) if rules else order
