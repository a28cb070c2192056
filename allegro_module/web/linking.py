"""Linking an account: off to Allegro's consent page and back, testing the link, undoing it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from allegro_module.client.errors import AllegroError
from allegro_module.db.accounts import Account, Application, get_account
from allegro_module.db.audit import record
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.permissions import Permission
from allegro_module.jobs.queue import ring_fetch_categories, ring_fetch_terms, ring_import
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.linking import Answer, Doors, LinkFailed, begin_link, finish_link
from allegro_module.web.errors import note_of
from allegro_module.web.i18n import marked, t
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

STATES_KEY = "allegro_link_states"
#: Attempts one browser may have open, each in a tab of its own.
STATES_KEPT = 5

#: What went wrong and what to do, by `LinkFailed.code`; the first of each pair is the headline.
FAILURES = {
    "refused_at_consent": (
        marked("Not linked: consent was refused at Allegro."),
        marked("Nothing has changed. Press Link account again and choose Allow."),
    ),
    "state_unknown": (
        marked("Not linked: this answer of Allegro does not belong to any attempt made here."),
        marked("Press Link account and finish in the same browser."),
    ),
    "state_used": (
        marked("Not linked: this answer of Allegro has already been used."),
        marked("If the account is not on the list, press Link account again."),
    ),
    "state_expired": (
        marked("Not linked: more than ten minutes have passed."),
        marked("Press Link account and give consent within ten minutes."),
    ),
    "state_foreign": (
        marked("Not linked: the attempt was begun in another browser or log-in."),
        marked("Press Link account and finish in the same browser."),
    ),
    "code_expired": (
        marked("Not linked: Allegro's code has expired."),
        marked("It is good for ten seconds only. Press Link account again."),
    ),
    "wrong_secret": (
        marked("Not linked: Allegro does not know these keys."),
        marked(
            "Compare Client ID and Client Secret with the application's page at Allegro, "
            "and whether the environment is the one where the application is registered."
        ),
    ),
    "unavailable": (
        marked("Not linked: Allegro does not answer."),
        marked("The settings are saved. Try again in a few minutes."),
    ),
    "other_seller": (
        marked("Not linked: consent was given as another account than the one to be linked again."),
        marked("Log out at Allegro, press Link again and log in with the right account."),
    ),
    "no_rights": (
        marked("Not linked: Allegro does not let this application read the account and its orders."),
        marked("Check the application's rights at Allegro, press Link account again and choose Allow."),
    ),
    "consent_error": (
        marked("Not linked: Allegro reported an error on the consent page."),
        marked("Check at Allegro that the redirect URI is registered exactly as shown below."),
    ),
}


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/callback", "callback", callback, methods=["GET"])
    page.add_url_rule("/accounts/<int:account_id>/link", "link_again", link_again, methods=["POST"])
    page.add_url_rule("/accounts/<int:account_id>/test", "test", test, methods=["POST"])
    page.add_url_rule("/accounts/<int:account_id>/disconnect", "confirm", confirm, methods=["GET"])
    page.add_url_rule("/accounts/<int:account_id>/disconnect", "disconnect", disconnect, methods=["POST"])


def redirect_uri() -> str:
    """As the seller registers it at Allegro, letter by letter (facts.md 1.4)."""
    return url_for("allegro.connection.callback", _external=True)


def begin(runtime: Runtime, application: Application, account_id: int | None = None) -> Response:
    try:
        begun = begin_link(
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
        return _back_with(failure)
    session[STATES_KEY] = [*session.get(STATES_KEY, []), begun.state][-STATES_KEPT:]
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
    try:
        account = _finish(runtime)
    except LinkFailed as failure:
        return _back_with(failure)
    # The first looks need not wait for the schedule; it finds them too when the queue is down.
    for ring in (ring_fetch_terms, ring_fetch_categories, ring_import):
        ring(runtime, account.id)
    _tell_linked(account)
    return redirect(url_for("allegro.connection.index"), 303)


@requires(Permission.SETTINGS)
def test(account_id: int) -> Response:
    runtime = current_runtime()
    account = get_account(runtime.session, account_id)
    try:
        me = runtime.api(account).account.me()
    except AllegroError as error:
        note = note_of(error)
        tell(note.kind, note.title, note.text)
    else:
        tell("ok", t("The link works."), t("Allegro answers as %(login)s.", login=me.login))
    return redirect(url_for("allegro.connection.index"), 303)


@requires(Permission.SETTINGS)
def confirm(account_id: int) -> str:
    """The question that a dialog asks where scripts run."""
    account = get_account(current_runtime().session, account_id)
    return render_template("allegro/connection/disconnect.html", account=account)


@requires(Permission.SETTINGS)
def disconnect(account_id: int) -> Response:
    """Forget the tokens; offers, settings and the place in the order journal stay."""
    runtime = current_runtime()
    account = get_account(runtime.session, account_id)
    now = runtime.now(account.environment)
    account.sealed_access_token = account.sealed_refresh_token = account.token_expires_at = None
    account.token_version += 1
    account.state = LinkState.DISCONNECTED
    account.state_reason = ""
    account.state_since = now
    record(runtime.session, now, runtime.who(), "account_disconnected", account.login or account.alias)
    runtime.session.commit()
    tell(
        "ok",
        t("Account %(login)s disconnected.", login=account.login),
        t("Its offers and settings stay here."),
    )
    return redirect(url_for("allegro.connection.index"), 303)


def _finish(runtime: Runtime) -> Account:
    doors = Doors(oauth=runtime.oauth, api_with_token=runtime.api_with_token, now=runtime.now)
    state = request.args.get("state", "")
    begun_here = session.get(STATES_KEY, [])
    answer = Answer(
        state=state,
        expected_state=state if state in begun_here else "",
        code=request.args.get("code", ""),
        error=request.args.get("error", ""),
    )
    account = finish_link(runtime.session, doors, runtime.seal, answer)
    session[STATES_KEY] = [each for each in begun_here if each != state]
    return account


def _back_with(failure: LinkFailed) -> Response:
    title, what_to_do = FAILURES.get(failure.code, FAILURES["consent_error"])
    tell("warn" if failure.code in ("unavailable", "refused_at_consent") else "bad", t(title), t(what_to_do))
    return redirect(url_for("allegro.connection.index"), 303)


def _tell_linked(account: Account) -> None:
    title = t("Linked with account %(login)s.", login=account.login)
    if account.is_company is False:
        words = t("It is not a company account: Allegro lets it import orders, but not list offers this way.")
        tell("warn", title, words)
    else:
        tell(
            "ok",
            title,
            t("New orders are fetched every minute. Price lists and terms are being fetched now."),
        )
