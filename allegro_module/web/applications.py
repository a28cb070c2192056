"""Applications: which one the page is about, saving its keys, deleting one that nobody is linked with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from allegro_module.db.accounts import (
    Account,
    Application,
    find_application,
    find_latest_application,
    list_accounts,
    list_applications,
    lock_application,
)
from allegro_module.db.audit import record
from allegro_module.db.links import LinkAttempt
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.facts import ConnectionRestored
from allegro_module.domain.scopes import PREFIX
from allegro_module.runtime import Runtime
from allegro_module.sync.healing import heal_accounts
from allegro_module.sync.linking import LinkFailed, prove
from allegro_module.web.forms.connection import ApplicationForm
from allegro_module.web.i18n import t

#: All that the audit log says of a new Client Secret.
SECRET_CHANGED = "changed"  # noqa: S105
LIVES_ON_KEYS = frozenset({LinkState.UNCONFIRMED, LinkState.CONNECTED, LinkState.NEEDS_RECONNECT})


@dataclass(frozen=True, slots=True)
class Saved:
    """`facts` are announced after the commit."""

    application: Application
    facts: Sequence[ConnectionRestored]


def application_shown(session: Session, wish: str) -> Application | None:
    """`wish` is an id, „new”, or empty for the one changed last. None for a new one, or one that is gone."""
    if not wish:
        return find_latest_application(session)
    known = {str(application.id): application for application in list_applications(session)}
    return known.get(wish)


def save_application(runtime: Runtime, form: ApplicationForm) -> Saved | None:
    """None when the form does not hold or Allegro does not know the new keys: the form says why.

    Leaves the commit to the caller.
    """
    if not form.validate():
        return None
    must_prove = _must_prove(runtime, form)
    if must_prove and not _are_proved(runtime, form):
        return None
    return _save(runtime, form, is_proved=must_prove)


def move_waiting_accounts(session: Session, application: Application) -> None:
    """An account that is not linked yet belongs to the application that will link it."""
    for account in list_accounts(session):
        if account.seller_id is None:
            account.application = application
            account.environment = application.environment


def is_in_use(accounts: Sequence[Account], application: Application) -> bool:
    return any(account.seller_id for account in accounts if account.application_id == application.id)


def delete_application(runtime: Runtime, application: Application) -> bool:
    """False while an account is linked with it, or when it is the only one."""
    session = runtime.session
    application_id = application.id
    session.rollback()
    if not lock_application(session, application_id):
        session.rollback()
        return True
    application = session.get_one(Application, application_id)
    others = [each for each in list_applications(session) if each is not application]
    if not others or is_in_use(list_accounts(session), application):
        session.rollback()
        return False
    for account in list_accounts(session):
        if account.application_id == application_id:
            account.application, account.environment = others[0], others[0].environment
    session.flush()
    session.execute(delete(LinkAttempt).where(LinkAttempt.application_id == application_id))
    now = runtime.now(application.environment)
    record(
        session,
        now,
        runtime.who(),
        "application_deleted",
        application.client_id,
        {"environment": application.environment},
    )
    session.delete(application)
    session.commit()
    return True


def _must_prove(runtime: Runtime, form: ApplicationForm) -> bool:
    """New keys must not take the place of those that a linked account lives on before Allegro knows them."""
    if not form.client_secret.data:
        return False
    known = find_application(runtime.session, form.environment.data, form.client_id.data)
    replaced = known or form.stored
    return replaced is not None and any(
        account.application_id == replaced.id
        and account.environment == form.environment.data
        and account.state in LIVES_ON_KEYS
        for account in list_accounts(runtime.session)
    )


def _are_proved(runtime: Runtime, form: ApplicationForm) -> bool:
    """What Allegro says against the keys stands at the secret's field."""
    oauth = runtime.oauth(form.environment.data, form.name.data)
    # No transaction stays open while Allegro thinks.
    runtime.session.rollback()
    try:
        prove(oauth, form.client_id.data, form.client_secret.data)
    except LinkFailed as failure:
        sentence = (
            t("Allegro does not know these keys. Check Client ID and Client Secret.")
            if failure.code == "wrong_secret"
            else t("Allegro does not answer, so the new key could not be checked. The stored one stays.")
        )
        form.client_secret.errors = [sentence]
        return False
    return True


def _save(runtime: Runtime, form: ApplicationForm, *, is_proved: bool) -> Saved:
    session = runtime.session
    now = runtime.now(form.environment.data)
    application = _application_to_change(runtime, form, now)
    columns = form.columns(application)
    changes = _changes(application, columns)
    for name, value in columns.items():
        setattr(application, name, value)
    if form.client_secret.data:
        changes["client_secret"] = SECRET_CHANGED
        application.sealed_client_secret = runtime.seal.close(form.client_secret.data)
    if is_proved:
        application.proved_at = now
    elif changes.keys() & {"environment", "client_id", "client_secret"}:
        application.proved_at = None
    if changes:
        application.changed_by = runtime.who()[:100]
        action = "application_added" if application.id is None else "application_saved"
        record(session, now, runtime.who(), action, application.client_id, changes)
    # The one saved last is the one shown and linked, even when it is an older one chosen again.
    application.changed_at = now
    move_waiting_accounts(session, application)
    session.flush()
    return Saved(application, heal_accounts(session, application.id, now) if is_proved else [])


def _application_to_change(runtime: Runtime, form: ApplicationForm, now: datetime) -> Application:
    """The stored one with these keys; else the one shown, while no account hangs on it; else a new one."""
    session = runtime.session
    known = find_application(session, form.environment.data, form.client_id.data)
    if known is not None:
        return known
    if form.stored is not None and not is_in_use(list_accounts(session), form.stored):
        return form.stored
    application = Application(environment="", client_id="", sealed_client_secret="", created_at=now)
    session.add(application)
    return application


def _changes(application: Application, columns: Mapping[str, str]) -> dict[str, str]:
    before = {name: getattr(application, name) or "" for name in columns}
    return {
        name: f"{_in_words(name, before[name])} → {_in_words(name, new)}"
        for name, new in columns.items()
        if before[name] != new
    }


def _in_words(name: str, value: str) -> str:
    """On one line, and scopes without what all of them begin with."""
    return " ".join(value.replace(PREFIX, "").split()) if name in ("scopes", "redirect_uris") else str(value)
