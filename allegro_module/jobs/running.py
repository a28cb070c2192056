"""The room a job runs in: a context of its own, and calm about what passes by itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from allegro_module.db.trouble import hide_parameters, is_passing
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sealing import SealBroken

log = logging.getLogger(__name__)


@contextmanager
def job() -> Iterator[Runtime]:
    """A context of the job's own, as a request has one; its session ends with it.

    What passes by itself, or waits for the shop's administrator, is one line in the log, and the schedule
    calls again.
    """
    runtime = current_runtime()
    with runtime.app.app_context():
        try:
            yield runtime
        except SealBroken:
            log.error(
                "stored secrets cannot be opened: the key they were sealed with is missing from "
                "ALLEGRO_ENCRYPTION_KEYS; nothing is lost, work goes on once it is back"
            )
        except SQLAlchemyError as trouble:
            hide_parameters(trouble)
            if not is_passing(trouble):
                raise
            log.warning("the database is busy or away (%s): the next run goes on", type(trouble).__name__)
        finally:
            runtime.db.session.remove()
