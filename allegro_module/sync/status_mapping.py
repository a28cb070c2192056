"""Statuses of the shop and of Allegro, translated by the seller's table, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sqlalchemy.orm import Session

from allegro_module.db.order_rules import list_status_rules
from allegro_module.domain.orders import SENDABLE, FulfillmentStatus
from allegro_module.domain.shop import ShopOrderId

#: In `Session.info`: what the shop was told last, so that its own hook about it is known as an echo.
_TOLD = "allegro_statuses_told"


def shop_statuses_for(
    session: Session, fulfillment_by_shop_order: Mapping[ShopOrderId, str]
) -> dict[ShopOrderId, str]:
    """The shop's statuses for Allegro's; what the table does not name is left out.

    The answer is for `ShopAdapter.set_statuses`: what its hooks say of it in this transaction is no new wish.
    """
    if not fulfillment_by_shop_order:
        return {}
    targets = shop_status_by_fulfillment(session)
    found = {
        shop_order_id: targets[fulfillment]
        for shop_order_id, fulfillment in fulfillment_by_shop_order.items()
        if fulfillment in targets
    }
    _told(session).update({str(key): status for key, status in found.items()})
    return found


def is_echo(session: Session, shop_order_id: str, status_id: str) -> bool:
    """The shop says what we have just told it; each word is expected back once."""
    told = _told(session)
    if told.get(shop_order_id) != status_id:
        return False
    del told[shop_order_id]
    return True


def _told(session: Session) -> dict[str, str]:
    """By shop order, of the transaction that is open now."""
    transaction, told = session.info.get(_TOLD, (None, {}))
    if transaction is None or transaction is not session.get_transaction():
        told = {}
        session.info[_TOLD] = (session.get_transaction(), told)
    return cast(dict[str, str], told)


def shop_status_by_fulfillment(session: Session) -> dict[str, str]:
    return {rule.source: rule.target for rule in list_status_rules(session) if not rule.to_allegro}


def fulfillment_for(session: Session, status_id: str) -> FulfillmentStatus | None:
    """Allegro's status for one of the shop's; None when the table does not name it."""
    for rule in list_status_rules(session):
        if rule.to_allegro and rule.source == status_id and rule.target in SENDABLE:
            return FulfillmentStatus(rule.target)
    return None
