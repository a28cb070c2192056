"""Which application a request means."""

from __future__ import annotations

from flask import abort, request
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Application, find_latest_application
from allegro_module.web.ui import LARGEST_ACCOUNT_ID


def chosen_application(session: Session) -> Application:
    """The one named by `application_id`, else the one changed last. 404 when there is none."""
    raw = request.values.get("application_id", "")
    if not raw:
        found = find_latest_application(session)
    else:
        # Applications are few: their column is a plain integer, which a longer number would break.
        number = int(raw) if raw.isdecimal() and len(raw) <= 10 else 0
        found = session.get(Application, number) if 0 < number <= LARGEST_ACCOUNT_ID else None
    return found or abort(404)
