"""Fetching Allegro's delivery methods, with what each allows in a price list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.delivery import DeliveryMethod as Listed
from allegro_module.client.delivery import (
    QuantityConstraint,
    RateConstraint,
    RateConstraints,
    TimeConstraint,
    WeightConstraint,
)
from allegro_module.db.base import upsert
from allegro_module.db.delivery_methods import DeliveryMethodRow
from allegro_module.domain.price_lists import DeliveryMethod, method_to_json

ON_DELIVERY = "CASH_ON_DELIVERY"


def fetch_methods(session: Session, api: AllegroClient, environment: str, now: datetime) -> int:
    """How many Allegro lists; those it lists no more are marked. An empty list changes nothing.

    Raises AllegroError.
    """
    listed = api.delivery.methods()
    if listed:
        _save(session, environment, listed, now)
        session.commit()
    return len(listed)


def _save(session: Session, environment: str, listed: Sequence[Listed], now: datetime) -> None:
    """In the order of their ids, so that two accounts at once do not wait for each other in a circle."""
    methods = sorted({each.id: each for each in listed}.values(), key=lambda each: each.id)
    rows = [
        {
            "environment": environment,
            "allegro_id": each.id,
            "name": each.name[:255],
            "data": method_to_json(method_of(each)),
            "fetched_at": now,
            "gone_at": None,
        }
        for each in methods
    ]
    upsert(session, DeliveryMethodRow, ["environment", "allegro_id"], rows)
    session.execute(
        update(DeliveryMethodRow)
        .where(
            DeliveryMethodRow.environment == environment,
            DeliveryMethodRow.gone_at.is_(None),
            DeliveryMethodRow.allegro_id.not_in([each.id for each in methods]),
        )
        .values(gone_at=now),
        execution_options={"synchronize_session": False},
    )


def method_of(listed: Listed) -> DeliveryMethod:
    limits = listed.shipping_rates_constraints or RateConstraints()
    weight = limits.max_package_weight or WeightConstraint()
    rate = limits.first_item_rate or RateConstraint()
    time = limits.shipping_time or TimeConstraint()
    return DeliveryMethod(
        id=listed.id,
        name=listed.name,
        marketplaces=listed.marketplaces or (),
        is_cash_on_delivery=listed.payment_policy == ON_DELIVERY,
        is_endorsed=bool(listed.allegro_endorsed),
        dispatch_country=listed.dispatch_country,
        destination_country=listed.destination_country,
        is_allowed=limits.allowed is not False,
        max_quantity=(limits.max_quantity_per_package or QuantityConstraint()).max,
        takes_weight=bool(weight.supported),
        min_weight=weight.min,
        max_weight=weight.max,
        min_rate=rate.min,
        max_rate=rate.max,
        currency=rate.currency or "PLN",
        time_from=(time.default and time.default.from_) or "",
        time_to=(time.default and time.default.to) or "",
        takes_time=bool(time.customizable),
    )
