"""Registering an application of this shop's own at Allegro, with a one-time code instead of typed keys."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from allegro_module.client.device import DEVICE_GRANT
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Refused, Unavailable
from allegro_module.client.oauth import OAuth
from allegro_module.client.registration import Registration
from allegro_module.db.accounts import Application, find_application
from allegro_module.db.audit import record
from allegro_module.db.trouble import is_passing
from allegro_module.domain.accounts import GrantType
from allegro_module.sealing import Seal

log = logging.getLogger(__name__)

#: Times that a new secret is tried to be saved: Allegro never shows it again.
SAVES = 3


class RegistrationFailed(Exception):
    """No application is stored: `code` is code_refused, name_taken, unavailable or unexpected.

    With `is_name_spent` Allegro may have registered one whose keys nobody knows: the name, which is unique
    there and for ever, is then gone, and only another one will do.
    """

    def __init__(self, code: str, *, is_name_spent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_name_spent = is_name_spent


def register_application(
    session: Session,
    oauth: OAuth,
    seal: Seal,
    environment_name: str,
    code: str,
    name: str,
    redirect_uris: Sequence[str],
    software_statement_id: str,
    who: str,
    now: datetime,
) -> Application:
    """Trade the code for keys and store them; linking proves them.

    Asked once, whatever happens: a repeat could only be refused, or spend the name.
    Raises RegistrationFailed.
    """
    # No transaction stays open while Allegro thinks.
    session.rollback()
    try:
        registered = oauth.register(code, name, redirect_uris, software_statement_id)
    except AllegroError as trouble:
        log.warning("the application was not registered: %s", trouble)
        raise _failure(trouble) from trouble
    for tries_left in reversed(range(SAVES)):
        try:
            application = _store(session, seal, environment_name, registered, who, now)
            application.name, application.redirect_uris = name, "\n".join(redirect_uris)
            details = {"environment": environment_name, "client_id": registered.client_id}
            record(session, now, who, "application_registered", name, details)
            session.commit()
        except SQLAlchemyError as trouble:
            session.rollback()
            if not is_passing(trouble):
                raise
            log.warning("the new keys could not be saved: %s", type(trouble).__name__)
            if not tries_left:
                raise RegistrationFailed("unexpected", is_name_spent=True) from trouble
        else:
            return application
    raise AssertionError("unreachable")


def _store(
    session: Session, seal: Seal, environment_name: str, registered: Registration, who: str, now: datetime
) -> Application:
    application = find_application(session, environment_name, registered.client_id)
    if application is None:
        application = Application(
            environment=environment_name, client_id=registered.client_id, created_at=now
        )
        session.add(application)
    is_for_devices = DEVICE_GRANT in registered.grant_types and (
        GrantType.AUTHORIZATION_CODE not in registered.grant_types
    )
    application.grant_type = GrantType.DEVICE_CODE if is_for_devices else GrantType.AUTHORIZATION_CODE
    application.sealed_client_secret = seal.close(registered.client_secret)
    application.proved_at = None
    application.changed_at, application.changed_by = now, who[:100]
    return application


def _failure(trouble: AllegroError) -> RegistrationFailed:
    if isinstance(trouble, NotConnected) and trouble.reason is Reason.CONSENT:
        return RegistrationFailed("code_refused")
    if isinstance(trouble, Refused):
        return RegistrationFailed("name_taken" if trouble.status == 422 else "unexpected")
    if isinstance(trouble, Unavailable):
        return RegistrationFailed("unavailable", is_name_spent=not trouble.is_sure_nothing_happened)
    return RegistrationFailed("unexpected", is_name_spent=trouble.status in (None, 200, 201))
