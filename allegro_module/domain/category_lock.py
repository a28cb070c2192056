"""Until when an offer's category may be changed: 12 hours after it was published first (facts.md 6.3)."""

from __future__ import annotations

from datetime import datetime, timedelta

CHANGEABLE_FOR = timedelta(hours=12)


def is_category_locked(first_listed_at: datetime | None, now: datetime) -> bool:
    return first_listed_at is not None and now - first_listed_at >= CHANGEABLE_FOR
