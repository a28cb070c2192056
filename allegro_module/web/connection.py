"""The page *Ustawienia konta*: the applications' keys, the accounts' own settings, which ones are linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from allegro_module.db.accounts import (
    Application,
    find_latest_application,
    get_account,
    list_accounts,
)
from allegro_module.domain.permissions import Permission
from allegro_module.domain.scopes import NEEDED, SCOPES
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.signals import announce
from allegro_module.web import account_settings, applications, connection_test, history, linking, registration
from allegro_module.web.account_settings import account_forms
from allegro_module.web.applications import application_shown
from allegro_module.web.chosen import chosen_application
from allegro_module.web.connection_view import defaults, page_context, words_of_place
from allegro_module.web.forms.connection import AccountForm, ApplicationForm, Sent
from allegro_module.web.fragments import page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.security import requires
from allegro_module.web.ui import LARGEST_ACCOUNT_ID, tell

PAGE = "allegro/connection/index.html"
#: What a save may change: swapped in by fragments.js, included by the page.
FRAGMENTS = (
    "allegro/_head.html",
    "allegro/_alarm.html",
    "allegro/_messages.html",
    "allegro/connection/_accounts.html",
    "allegro/connection/_applications.html",
    "allegro/connection/_settings.html",
    "allegro/connection/_technical.html",
    "allegro/connection/_preparation.html",
    "allegro/connection/_device.html",
    "allegro/connection/_support.html",
)
#: Buttons of the scope picker, for browsers without scripts.
PRESETS = {"needed": NEEDED, "all": tuple(scope.name for scope in SCOPES)}


def create_blueprint() -> Blueprint:
    page = Blueprint("connection", __name__)
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("/save", "save", save, methods=["POST"])
    page.add_url_rule("/link", "link", link, methods=["POST"])
    page.add_url_rule("/accounts/<int:account_id>/copy", "copy_settings", copy_settings, methods=["POST"])
    rule = "/applications/<int:application_id>/delete"
    page.add_url_rule(rule, "ask_delete_application", ask_delete_application, methods=["GET"])
    page.add_url_rule(rule, "delete_application", delete_application, methods=["POST"])
    linking.add_rules(page)
    registration.add_rules(page)
    connection_test.add_rules(page)
    history.add_rules(page)
    return page


@dataclass(frozen=True, slots=True)
class Forms:
    application: ApplicationForm
    accounts: Sequence[AccountForm]


@requires(Permission.SETTINGS)
def index() -> str:
    runtime = current_runtime()
    context = page_context(runtime, lambda: _forms(runtime, request.args.get("application", ""), sent=None))
    return render_template(PAGE, **context)


@requires(Permission.SETTINGS)
def save() -> Response:
    runtime = current_runtime()
    forms = _forms(runtime, request.form.get("application", ""), request.form)
    if preset := PRESETS.get(request.form.get("tick", "")):
        forms.application.scopes.data = list(preset)
        return _page_after(runtime, forms, is_saved=False, status=200)
    # The place of the next account may wait, once another account is linked.
    typed = [form for form in forms.accounts if form.is_linked or not form.is_empty] or forms.accounts
    application = _save_what_is_right(runtime, forms.application, typed)
    if application is None or _have_problems(forms):
        return _page_after(runtime, forms, is_saved=False)
    address = _address_of(runtime, application)
    if not wants_fragment():
        tell("ok", t("Settings saved."))
        return redirect(address, 303)
    fresh = _forms(runtime, str(application.id), sent=None)
    return _page_after(runtime, fresh, is_saved=True, address=address)


@requires(Permission.SETTINGS)
def link() -> Response:
    """Save first, then send the seller to Allegro: nothing typed is lost on the way.

    A place of dispatch left empty may wait until the account is linked; one that is wrong may not.
    Without any settings sent along, the stored keys serve (*Powiąż kolejne konto*).
    """
    runtime = current_runtime()
    if "client_id" not in request.form and find_latest_application(runtime.session) is not None:
        return linking.begin(runtime, chosen_application(runtime.session))
    forms = _forms(runtime, request.form.get("application", ""), request.form)
    typed = [form for form in forms.accounts if form.is_linked or not form.is_empty]
    application = _save_what_is_right(runtime, forms.application, typed)
    if application is None or _have_problems(forms):
        return _page_after(runtime, forms, is_saved=False)
    return linking.begin(runtime, application)


@requires(Permission.SETTINGS)
def copy_settings(account_id: int) -> Response:
    runtime = current_runtime()
    target = get_account(runtime.session, account_id)
    source_id = request.form.get("from", type=int)
    known = {account.id: account for account in list_accounts(runtime.session)}
    source = known.get(source_id) if source_id and source_id != account_id else None
    if source is None:
        tell("warn", t("Nothing was copied."), t("Choose the account whose settings to take over."))
    elif not source.city:
        tell(
            "warn",
            t("Nothing was copied."),
            t("Account %(name)s has no place of dispatch yet.", name=source.login),
        )
    else:
        account_settings.copy_settings(runtime, source, target)
        title = t("Copied from %(source)s to %(target)s.", source=source.login, target=target.login)
        tell("ok", title, t("Place of dispatch: %(place)s.", place=words_of_place(target)))
    return redirect(url_for("allegro.connection.index"), 303)


@requires(Permission.SETTINGS)
def ask_delete_application(application_id: int) -> str:
    """The question that a dialog asks where scripts run."""
    application = _get_application(current_runtime().session, application_id)
    return render_template("allegro/connection/delete_application.html", application=application)


@requires(Permission.SETTINGS)
def delete_application(application_id: int) -> Response:
    runtime = current_runtime()
    application = _get_application(runtime.session, application_id)
    client_id = application.client_id
    if applications.delete_application(runtime, application):
        tell("ok", t("Application %(client_id)s is removed here.", client_id=client_id))
    else:
        title = t("Application %(client_id)s stays.", client_id=client_id)
        tell("warn", title, t("Accounts are linked with it, or it is the only one."))
    return redirect(url_for("allegro.connection.index"), 303)


def _get_application(session: Session, application_id: int) -> Application:
    """404 when there is none."""
    found = session.get(Application, application_id) if application_id <= LARGEST_ACCOUNT_ID else None
    return found or abort(404)


def _forms(runtime: Runtime, wish: str, sent: Sent) -> Forms:
    """`wish` says which application: an id, „new”, or nothing."""
    shown = application_shown(runtime.session, wish)
    grant_type = request.args.get("kind", "")
    return Forms(
        ApplicationForm(sent, shown, defaults(runtime, grant_type)),
        account_forms(sent, list_accounts(runtime.session)),
    )


def _save_what_is_right(
    runtime: Runtime, application_form: ApplicationForm, forms: Sequence[AccountForm]
) -> Application | None:
    """Save each part that holds; what is wrong stays in its form as typed."""
    saved = applications.save_application(runtime, application_form)
    application = saved.application if saved else None
    if application is not None:
        # The page that comes back is about it, also when another part must be corrected first.
        application_form.stored = application
    for form in forms:
        if form.is_linked and not form.is_sent:
            continue
        if form.validate() and (form.account or application):
            account_settings.save_account(runtime, form, application)
    runtime.session.commit()
    for fact in saved.facts if saved else ():
        announce(fact)
    g.pop("allegro_head", None)
    return application


def _have_problems(forms: Forms) -> bool:
    return bool(forms.application.errors) or any(form.errors for form in forms.accounts)


def _address_of(runtime: Runtime, application: Application) -> str:
    """The page shows the application changed last, unless its address names another."""
    if find_latest_application(runtime.session) is application:
        return url_for("allegro.connection.index")
    return url_for("allegro.connection.index", application=application.id)


def _page_after(
    runtime: Runtime, forms: Forms, *, is_saved: bool, status: int = 422, address: str | None = None
) -> Response:
    context = page_context(runtime, lambda: forms)
    return page_or_fragment(
        PAGE,
        *FRAGMENTS,
        status=200 if is_saved else status,
        address=address,
        is_saved=is_saved,
        notes=[],
        **context,
    )
