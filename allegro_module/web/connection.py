"""The page *Ustawienia konta*: the application's keys, where accounts ship from, which ones are linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form

from allegro_module.db.accounts import (
    Account,
    Application,
    find_application,
    find_latest_application,
    free_alias,
    heal_accounts,
    list_accounts,
)
from allegro_module.db.audit import record
from allegro_module.db.cursors import find_cursor
from allegro_module.db.terms import list_terms
from allegro_module.domain.accounts import KEYS_REFUSED, POST_CODE_BY_COUNTRY, LinkState
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.linking import LinkFailed, prove
from allegro_module.web import linking
from allegro_module.web.forms.connection import AccountForm, ApplicationForm, Sent
from allegro_module.web.fragments import page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.labels import Label, label_of_account, label_of_environment
from allegro_module.web.preparation import is_safe_address, steps
from allegro_module.web.regions import country_choices, province_choices
from allegro_module.web.security import environment_names, requires
from allegro_module.web.ui import tell

PAGE = "allegro/connection/index.html"
#: All that the audit log says of a new Client Secret.
SECRET_CHANGED = "changed"  # noqa: S105
#: What a save may change: swapped in by fragments.js, included by the page.
FRAGMENTS = (
    "allegro/_head.html",
    "allegro/_messages.html",
    "allegro/connection/_settings.html",
    "allegro/connection/_preparation.html",
)


def create_blueprint() -> Blueprint:
    page = Blueprint("connection", __name__)
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("/save", "save", save, methods=["POST"])
    page.add_url_rule("/link", "link", link, methods=["POST"])
    linking.add_rules(page)
    return page


@dataclass(frozen=True, slots=True)
class AccountRow:
    account: Account
    label: Label
    last_import_at: datetime | None
    last_import_message: str
    lacks_keys: bool


@requires(Permission.SETTINGS)
def index() -> str:
    runtime = current_runtime()
    forms = _forms(runtime, sent=None)
    return render_template(PAGE, **_context(runtime, *forms))


@requires(Permission.SETTINGS)
def save() -> Response:
    runtime = current_runtime()
    application_form, account_forms = _forms(runtime, request.form)
    is_valid = _save_what_is_right(runtime, application_form, account_forms)
    if is_valid and not wants_fragment():
        tell("ok", t("Settings saved."))
        return redirect(url_for("allegro.connection.index"), 303)
    if is_valid:
        application_form, account_forms = _forms(runtime, sent=None)
    return _page_after(runtime, application_form, account_forms, is_saved=is_valid)


@requires(Permission.SETTINGS)
def link() -> Response:
    """Save first, then send the seller to Allegro: nothing typed is lost on the way.

    A place of dispatch left empty may wait until the account is linked; one that is wrong may not.
    Without any settings sent along, the stored keys serve (*Powiąż kolejne konto*).
    """
    runtime = current_runtime()
    stored = find_latest_application(runtime.session)
    if stored is not None and "client_id" not in request.form:
        return linking.begin(runtime, stored)
    application_form, account_forms = _forms(runtime, request.form)
    empty = [form for form in account_forms if form.is_empty]
    is_valid = _save_what_is_right(
        runtime, application_form, [form for form in account_forms if form not in empty]
    )
    application = find_latest_application(runtime.session)
    if not is_valid or application is None:
        return _page_after(runtime, application_form, account_forms, is_saved=False)
    return linking.begin(runtime, application)


def _forms(runtime: Runtime, sent: Sent) -> tuple[ApplicationForm, list[AccountForm]]:
    stored = find_latest_application(runtime.session)
    accounts = list_accounts(runtime.session)
    application_form = ApplicationForm(sent, stored, environment_names(runtime))
    return application_form, [AccountForm(sent, account) for account in accounts or (None,)]


def _save_what_is_right(
    runtime: Runtime, application_form: ApplicationForm, account_forms: Sequence[AccountForm]
) -> bool:
    """Save each part that holds; False when one does not. What is wrong stays in the form as typed."""
    application = None
    if application_form.validate():
        must_prove = _must_prove(runtime, application_form)
        if not must_prove or _are_proved(runtime, application_form):
            application = _save_application(runtime, application_form, is_proved=must_prove)
    # A list, so that every form is asked and shows its complaints.
    results = [application is not None, *[form.validate() for form in account_forms]]
    for form in account_forms:
        if not form.errors and (form.account or application):
            _save_account(runtime, form, application)
    runtime.session.commit()
    g.pop("allegro_head", None)
    return all(results)


def _must_prove(runtime: Runtime, form: ApplicationForm) -> bool:
    """New keys must not take the place of those that a linked account lives on before Allegro knows them."""
    if not form.client_secret.data:
        return False
    known = find_application(runtime.session, form.environment.data, form.client_id.data)
    replaced = known or find_latest_application(runtime.session)
    return replaced is not None and any(
        account.application_id == replaced.id
        and account.environment == form.environment.data
        and account.state in (LinkState.CONNECTED, LinkState.NEEDS_RECONNECT)
        for account in list_accounts(runtime.session)
    )


def _are_proved(runtime: Runtime, form: ApplicationForm) -> bool:
    """What Allegro says against the keys stands at the secret's field."""
    # No transaction stays open while Allegro thinks.
    runtime.session.rollback()
    try:
        prove(runtime.oauth(form.environment.data), form.client_id.data, form.client_secret.data)
    except LinkFailed as failure:
        sentence = (
            t("Allegro does not answer, so the new key could not be checked. The stored one stays.")
            if failure.code == "unavailable"
            else t("Allegro does not know these keys. Check Client ID and Client Secret.")
        )
        form.client_secret.errors = [sentence]
        return False
    return True


def _save_application(runtime: Runtime, form: ApplicationForm, *, is_proved: bool) -> Application:
    session = runtime.session
    now = runtime.now(form.environment.data)
    application = _application_to_change(runtime, form, now)
    changes = {}
    for name in ("environment", "client_id"):
        if getattr(application, name) != getattr(form, name).data:
            changes[name] = f"{getattr(application, name) or ''} → {getattr(form, name).data}"
            setattr(application, name, getattr(form, name).data)
    if form.client_secret.data:
        changes["client_secret"] = SECRET_CHANGED
        application.sealed_client_secret = runtime.seal.close(form.client_secret.data)
    if is_proved:
        application.proved_at = now
    elif changes:
        application.proved_at = None
    if changes:
        application.changed_by = runtime.who()[:100]
        record(session, now, runtime.who(), "application_saved", application.client_id, changes)
    # The one saved last is the one shown and linked, even when it is an older one chosen again.
    application.changed_at = now
    _move_unlinked(session_accounts=list_accounts(session), application=application)
    session.flush()
    if is_proved:
        heal_accounts(session, application.id, now)
    return application


def _application_to_change(runtime: Runtime, form: ApplicationForm, now: datetime) -> Application:
    """The stored one with these keys; else the one shown, while no account hangs on it; else a new one."""
    session = runtime.session
    known = find_application(session, form.environment.data, form.client_id.data)
    if known is not None:
        return known
    shown = find_latest_application(session)
    if shown is not None and not any(
        account.seller_id for account in list_accounts(session) if account.application_id == shown.id
    ):
        return shown
    application = Application(environment="", client_id="", sealed_client_secret="", created_at=now)
    session.add(application)
    return application


def _move_unlinked(session_accounts: Sequence[Account], application: Application) -> None:
    """An account that is not linked yet belongs to the application that will link it."""
    for account in session_accounts:
        if account.seller_id is None:
            account.application = application
            account.environment = application.environment


def _save_account(runtime: Runtime, form: AccountForm, application: Application | None) -> None:
    session = runtime.session
    account = form.account
    if account is None:
        if application is None:
            return
        account = Account(
            application=application,
            environment=application.environment,
            alias=free_alias(session, ""),
            state=LinkState.NOT_LINKED,
            created_at=runtime.now(application.environment),
        )
        session.add(account)
        form.account = account
    before = _settings_of(account)
    form.apply(account)
    after = _settings_of(account)
    changes = {name: f"{before[name]} → {after[name]}" for name in after if before[name] != after[name]}
    if changes:
        now = runtime.now(account.environment)
        record(session, now, runtime.who(), "account_saved", account.login or account.alias, changes)


def _settings_of(account: Account) -> dict[str, str]:
    names = ("is_enabled", "country", "province", "city", "post_code")
    return {name: str(getattr(account, name) or "") for name in names}


def _page_after(
    runtime: Runtime, application_form: ApplicationForm, account_forms: Sequence[AccountForm], is_saved: bool
) -> Response:
    context = _context(runtime, application_form, account_forms)
    return page_or_fragment(
        PAGE, *FRAGMENTS, status=200 if is_saved else 422, is_saved=is_saved, notes=[], **context
    )


def _context(
    runtime: Runtime, application_form: ApplicationForm, account_forms: Sequence[AccountForm]
) -> dict[str, Any]:
    accounts = list_accounts(runtime.session)
    application = find_latest_application(runtime.session)
    redirect_uri = linking.redirect_uri()
    rows = [_row(runtime, account) for account in accounts if account.seller_id]
    has_terms = any(list_terms(runtime.session, account.id) for account in accounts)
    return {
        "application": application,
        "application_form": application_form,
        "account_forms": account_forms,
        "problems": _problems(application_form, account_forms),
        "environment_options": _environment_options(runtime),
        "registration_url": runtime.environment(
            _chosen_environment(application_form, runtime)
        ).registration_url,
        "redirect_uri": redirect_uri,
        "is_safe_address": is_safe_address(redirect_uri),
        "rows": rows,
        "must_link_again": [row for row in rows if row.account.state == LinkState.NEEDS_RECONNECT],
        "steps": steps(application, accounts, redirect_uri, has_terms),
        "provinces": province_choices(),
        "countries": country_choices(tuple(POST_CODE_BY_COUNTRY)),
    }


def _environment_options(runtime: Runtime) -> list[tuple[str, str, str]]:
    small = {"production": "allegro.pl", "sandbox": t("test account"), "simulator": t("on this server")}
    return [(name, label_of_environment(name).text, small[name]) for name in environment_names(runtime)]


def _chosen_environment(form: ApplicationForm, runtime: Runtime) -> str:
    chosen = str(form.environment.data)
    return chosen if chosen in environment_names(runtime) else "production"


def _row(runtime: Runtime, account: Account) -> AccountRow:
    cursor = find_cursor(runtime.session, account.id)
    return AccountRow(
        account=account,
        label=label_of_account(account, runtime.now(account.environment)),
        last_import_at=cursor.last_success_at if cursor else None,
        last_import_message=cursor.last_message if cursor else "",
        lacks_keys=account.state_reason == KEYS_REFUSED,
    )


def _problems(
    application_form: ApplicationForm, account_forms: Sequence[AccountForm]
) -> list[tuple[str, str, str]]:
    words = {
        "environment": t("Environment"),
        "client_id": "Client ID",
        "client_secret": "Client Secret",
        "province": t("Region"),
        "city": t("Town"),
        "post_code": t("Postcode"),
        "country": t("Country"),
    }
    forms: list[Form] = [application_form, *account_forms]
    return [
        (field.name, words[field.short_name], str(field.errors[0]))
        for form in forms
        for field in form
        if field.errors
    ]
