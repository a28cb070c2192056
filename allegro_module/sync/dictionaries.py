"""Lists of the account's that the offer form offers: promotion packages, deposits, services, size tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.deposits import DepositType, Named
from allegro_module.db.base import upsert
from allegro_module.db.dictionaries import Dictionary
from allegro_module.sync.promotion import to_dictionary


def _deposit(each: DepositType) -> dict[str, Any]:
    price = each.price
    return {
        "id": each.id,
        "name": each.name or each.id,
        "marketplace": each.marketplace_id,
        "price": str(price.amount) if price else None,
        "currency": price.currency if price else None,
    }


def _named(rows: Sequence[Named]) -> dict[str, Any]:
    return {"rows": [{"id": each.id, "name": each.name or each.id} for each in rows]}


#: By name of the dictionary, what of Allegro's answer is kept; nothing of an empty one.
READ: Mapping[str, Callable[[AllegroClient], dict[str, Any]]] = {
    "promotion_packages": lambda api: to_dictionary(api.promotion.packages()),
    "deposit_types": lambda api: {"rows": [_deposit(each) for each in api.deposits.types()]},
    "additional_services": lambda api: _named(api.deposits.additional_services()),
    "size_tables": lambda api: _named(api.deposits.size_tables()),
}


def fetch_dictionary(session: Session, api: AllegroClient, account_id: int, name: str, now: datetime) -> None:
    """Asked with no transaction open. Raises AllegroError."""
    session.rollback()
    data = READ[name](api)
    if not data:
        return
    row = {"account_id": account_id, "name": name, "data": data, "fetched_at": now}
    upsert(session, Dictionary, ["account_id", "name"], [row])
    session.commit()
