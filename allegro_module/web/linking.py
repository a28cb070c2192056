"""Linking an account: off to Allegro's consent page and back, linking again, renewing, undoing it."""

from __future__ import annotations

import logging

from flask import Blueprint, redirect, render_template, request, session, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from allegro_module.client.errors import AllegroError
from allegro_module.db.accounts import Account, Application, get_account, list_accounts
from allegro_module.db.audit import record
from allegro_module.domain.accounts import HOLDS_TOKENS, GrantType
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync import linking as flow
from allegro_module.sync.linking import Answer, Doors, LinkFailed
from allegro_module.sync.offer_turns import wake_waiting
from allegro_module.web import addresses, confirmation, device, preparation
from allegro_module.web.addresses import redirect_uri as redirect_uri
from allegro_module.web.errors import note_of
from allegro_module.web.formats import when
from allegro_module.web.i18n import t
from allegro_module.web.link_words import tell_failure
from allegro_module.web.security import requires
from allegro_module.web.ui import Note, tell

log = logging.getLogger(__name__)

STATES_KEY = "allegro_link_states"
#: Attempts one browser may have open, each in a tab of its own: [state, login to be linked again].
STATES_KEPT = 5


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/callback", "callback", callback, methods=["GET"])
    page.add_url_rule("/accounts/<int:account_id>/link", "link_again", link_again, methods=["POST"])
    page.add_url_rule("/accounts/<int:account_id>/renew", "renew", renew, methods=["POST"])
    page.add_url_rule("/accounts/<int:account_id>/disconnect", "confirm", confirm, methods=["GET"])
    page.add_url_rule("/accounts/<int:account_id>/disconnect", "disconnect", disconnect, methods=["POST"])
    for part in (confirmation, device, preparation):
        part.add_rules(page)


def begin(runtime: Runtime, application: Application, account_id: int | None = None) -> Response:
    """Off to Allegro, unless the address it would send the seller back to is not the right one."""
    account = get_account(runtime.session, account_id) if account_id else None
    if application.grant_type == GrantType.DEVICE_CODE:
        return device.begin(runtime, application, account)
    if page := addresses.page_instead(runtime, application, account_id):
        return page
    try:
        begun = flow.begin_link(
            runtime.session,
            runtime.oauth(application.environment, application.name),
            runtime.seal,
            application,
            account_id,
            redirect_uri(),
            runtime.who(),
            runtime.now(application.environment),
        )
    except LinkFailed as failure:
        tell_failure(failure)
        return redirect(url_for("allegro.connection.index"), 303)
    attempt = [begun.state, (account.login or "") if account else ""]
    session[STATES_KEY] = [*session.get(STATES_KEY, []), attempt][-STATES_KEPT:]
    return redirect(begun.address, 302)


@requires(Permission.SETTINGS)
def link_again(account_id: int) -> Response:
    runtime = current_runtime()
    account = get_account(runtime.session, account_id)
    return begin(runtime, account.application, account.id)


@requires(Permission.SETTINGS)
def callback() -> Response:
    """Where Allegro sends the seller back. The code in the address lives ten seconds, so it is used at once,
    and the visitor is sent on, so that reloading the page cannot use it twice.
    """
    runtime = current_runtime()
    begun_here = dict(session.get(STATES_KEY, []))
    before = {account.id: str(account.state) for account in list_accounts(runtime.session)}
    state = request.args.get("state", "")
    try:
        account = _finish(runtime, state, is_ours=state in begun_here)
    except LinkFailed as failure:
        tell_failure(failure, wanted=begun_here.get(state, ""))
        return redirect(url_for("allegro.connection.index"), 303)
    session[STATES_KEY] = [[each, login] for each, login in begun_here.items() if each != state]
    _note_address(runtime, account)
    return redirect(confirmation.after_link(runtime, account, before.get(account.id, "")), 303)


@requires(Permission.SETTINGS)
def renew(account_id: int) -> Response:
    """„Odnów tokeny”."""
    runtime = current_runtime()
    account = get_account(runtime.session, account_id)
    note = _renew(runtime, account)
    tell(note.kind, note.title, note.text)
    return redirect(url_for("allegro.connection.index"), 303)


@requires(Permission.SETTINGS)
def confirm(account_id: int) -> str:
    """The question that a dialog asks where scripts run."""
    account = get_account(current_runtime().session, account_id)
    return render_template("allegro/connection/disconnect.html", account=account)


@requires(Permission.SETTINGS)
def disconnect(account_id: int) -> Response:
    runtime = current_runtime()
    account = get_account(runtime.session, account_id)
    flow.disconnect(runtime.session, account, runtime.who(), runtime.now(account.environment))
    tell(
        "ok",
        t("Account %(login)s disconnected.", login=account.login),
        t("Its offers and settings stay here."),
    )
    return redirect(url_for("allegro.connection.index"), 303)


def _note_address(runtime: Runtime, account: Account) -> None:
    """Allegro has just proved it; the link is saved and must not look lost because this cannot be."""
    try:
        addresses.remember(runtime.session, account.application)
    except SQLAlchemyError as trouble:
        runtime.session.rollback()
        log.warning("the redirect URI could not be noted: %s", type(trouble).__name__)


def _ends(runtime: Runtime, account: Account) -> str:
    return (
        when(account.token_expires_at, runtime.now(account.environment)) if account.token_expires_at else "–"
    )


def _finish(runtime: Runtime, state: str, *, is_ours: bool) -> Account:
    doors = Doors(oauth=runtime.oauth, api_with_token=runtime.api_with_token, now=runtime.now)
    answer = Answer(
        state=state,
        expected_state=state if is_ours else "",
        code=request.args.get("code", ""),
        error=request.args.get("error", ""),
    )
    return flow.finish_link(runtime.session, doors, runtime.seal, answer)


def _renew(runtime: Runtime, account: Account) -> Note:
    """What came of it: a failure of Allegro's is never the seller's mistake."""
    if not runtime.settings.refresh_tokens:
        words = t(
            "ALLEGRO_REFRESH_TOKENS is false here: another node renews, and this one uses what it stored."
        )
        return Note("info", t("This node does not renew tokens."), words)
    if account.state not in HOLDS_TOKENS:
        title = t("There is nothing to renew: account %(login)s is not linked.", login=account.login)
        return Note("warn", title, t("Press Link again."))
    tokens = runtime.tokens(account)
    # They are renewed in transactions of their own.
    runtime.session.rollback()
    try:
        tokens.renew()
    except AllegroError as error:
        return note_of(error)
    runtime.session.refresh(account)
    now = runtime.now(account.environment)
    record(runtime.session, now, runtime.who(), "tokens_renewed", account.login or account.alias)
    wake_waiting(runtime.session, account.id, now)
    runtime.session.commit()
    title = t("Tokens fetched, good until %(when)s.", when=_ends(runtime, account))
    return Note("ok", title, t("They renew themselves; the button is only for reassurance."))
