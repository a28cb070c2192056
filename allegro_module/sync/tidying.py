"""Tidying: what nobody needs any more is deleted, once a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from allegro_module.db.alarms import Alarm
from allegro_module.db.audit import AuditEntry
from allegro_module.db.catalogue import ProductSearch
from allegro_module.db.links import ATTEMPTS_KEPT, LinkAttempt
from allegro_module.db.prints import KEPT as PRINTS_KEPT
from allegro_module.db.prints import Print
from allegro_module.db.tidying import delete_older
from allegro_module.sync.offer_images import tidy_offer_images

#: Two years, as the page of changes tells sellers.
HISTORY_KEPT = timedelta(days=730)
#: Answers of the catalogue count for a day; the page of a search may be opened again a little later.
SEARCHES_KEPT = timedelta(days=7)
KEPT = (
    (AuditEntry, HISTORY_KEPT),
    (Alarm, HISTORY_KEPT),
    (LinkAttempt, ATTEMPTS_KEPT),
    (Print, PRINTS_KEPT),
    (ProductSearch, SEARCHES_KEPT),
)
#: So many at a time, each in a transaction of its own: nobody waits long for the database.
STEP = 500
MOST_STEPS = 200


def tidy(session: Session, now: datetime) -> int:
    """How many rows went. What is left after many steps goes the next day."""
    aged = sum(_tidy(session, kind, now - kept) for kind, kept in KEPT)
    return aged + tidy_offer_images(session, now)


def _tidy(
    session: Session, kind: type[AuditEntry | Alarm | LinkAttempt | Print | ProductSearch], before: datetime
) -> int:
    deleted = 0
    for _ in range(MOST_STEPS):
        gone = delete_older(session, kind, before, STEP)
        session.commit()
        deleted += gone
        if gone < STEP:
            break
    return deleted
