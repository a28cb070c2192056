"""Times that a checkout form may name: of this century, as others can be neither sorted by nor shown."""

from __future__ import annotations

from datetime import UTC, datetime

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 1, 1, tzinfo=UTC)


def is_plausible(at: datetime) -> bool:
    return FIRST <= at < LAST


def plausible(at: datetime | None) -> datetime | None:
    """For times that an order can do without."""
    return at if at is not None and is_plausible(at) else None
