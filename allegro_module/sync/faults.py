"""One piece of work that goes wrong by our own mistake must not hold up the others."""

from __future__ import annotations

from logging import Logger

from sqlalchemy.orm import Session

from allegro_module.db.trouble import hide_parameters, is_passing


def put_aside(session: Session, log: Logger, what: str, fault: Exception) -> None:
    """Called while the fault is being handled; a claim that was held runs out by itself.

    What a statement was given may be people's names and addresses: it never reaches the log.
    """
    session.rollback()
    hide_parameters(fault)
    if is_passing(fault):
        log.warning("%s: the database is busy (%s)", what, type(fault).__name__)
    else:
        log.exception("%s: a mistake of ours", what)
