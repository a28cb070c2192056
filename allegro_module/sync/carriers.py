"""Allegro's carriers, kept: tracking numbers are written down while Allegro is away, too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.carriers import keep_carriers
from allegro_module.domain.pushes import UNSUPPORTED_CARRIER


def fetch_carriers(session: Session, api: AllegroClient, environment: str, now: datetime) -> int:
    """How many there are now. An empty list is not believed: the one we have stays. Raises AllegroError."""
    carriers = {
        each.id: each.name or each.id for each in api.orders.carriers() if each.id != UNSUPPORTED_CARRIER
    }
    if carriers:
        keep_carriers(session, environment, carriers, now)
        session.commit()
    return len(carriers)
