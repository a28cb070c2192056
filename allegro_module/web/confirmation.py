"""„Czy to właściwe konto?”: what follows when Allegro has let us in, and the seller's yes or no."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, get_account
from allegro_module.domain import scopes
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.permissions import Permission
from allegro_module.jobs.queue import ring_fetch_categories, ring_fetch_terms, ring_import
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync import linking as flow
from allegro_module.web import scope_words
from allegro_module.web.chosen import chosen_application
from allegro_module.web.i18n import t
from allegro_module.web.security import requires
from allegro_module.web.ui import tell


def add_rules(page: Blueprint) -> None:
    rules = (
        ("/accounts/<int:account_id>/confirm", "confirm_account", ask, "GET"),
        ("/accounts/<int:account_id>/confirm", "accept_account", accept, "POST"),
        ("/accounts/<int:account_id>/undo", "undo_account", undo, "POST"),
        ("/other-account", "other_account", other_account, "GET"),
    )
    for rule, endpoint, view, method in rules:
        page.add_url_rule(rule, endpoint, view, methods=[method])


def after_link(runtime: Runtime, account: Account, was: str) -> str:
    """Where the seller goes once Allegro has let us in; `was` is the account's state before, "" when unknown.

    A seller confirmed here before needs no question, and the work goes on at once.
    """
    if account.state != LinkState.CONNECTED:
        return place_after(account)
    _begin_work(runtime, account)
    if was == LinkState.NEEDS_RECONNECT:
        text = t("Work goes on from where it stopped: orders that waited at Allegro are being fetched now.")
        tell("ok", t("Account %(login)s is linked again.", login=account.login), text)
    else:
        text = t("This account was linked already; its access has been renewed.")
        tell("ok", t("Linked with account %(login)s.", login=account.login), text)
    return place_after(account)


def place_after(account: Account) -> str:
    if account.state == LinkState.UNCONFIRMED:
        return url_for("allegro.connection.confirm_account", account_id=account.id)
    return url_for("allegro.connection.index")


def _begin_work(runtime: Runtime, account: Account) -> None:
    """The first looks need not wait for the schedule; it finds them too when the queue is down."""
    for ring in (ring_fetch_terms, ring_fetch_categories, ring_import):
        ring(runtime, account.id)


@requires(Permission.SETTINGS)
def ask(account_id: int) -> str | Response:
    account = get_account(current_runtime().session, account_id)
    if account.state != LinkState.UNCONFIRMED:
        return redirect(url_for("allegro.connection.index"), 303)
    missing = scopes.missing(account.scopes)
    return render_template(
        "allegro/linking/confirm.html",
        account=account,
        granted=scopes.in_order(account.scopes.split()),
        missing=missing,
        words=scope_words,
    )


@requires(Permission.SETTINGS)
def accept(account_id: int) -> Response:
    """„Tak, to moje konto”: now the account's jobs may run."""
    runtime = current_runtime()
    account = get_account(runtime.session, account_id)
    if account.state == LinkState.UNCONFIRMED:
        flow.confirm_link(runtime.session, account, runtime.who(), runtime.now(account.environment))
        _begin_work(runtime, account)
        tell(
            "ok",
            t("Account %(login)s is linked.", login=account.login),
            t("New orders are fetched every minute. Price lists and terms are being fetched now."),
        )
    return redirect(url_for("allegro.connection.index"), 303)


@requires(Permission.SETTINGS)
def undo(account_id: int) -> Response:
    """„Nie, rozłącz”: an answer that comes twice, or late, changes nothing."""
    runtime = current_runtime()
    account = get_account(runtime.session, account_id)
    if account.state != LinkState.UNCONFIRMED:
        return redirect(url_for("allegro.connection.index"), 303)
    application_id, login = account.application_id, account.login
    flow.undo_link(runtime.session, account, runtime.who(), runtime.now(account.environment))
    tell("ok", t("Account %(login)s is not linked.", login=login), t("Its access has been wiped here."))
    return redirect(url_for("allegro.connection.other_account", application_id=application_id), 303)


@requires(Permission.SETTINGS)
def other_account() -> str:
    """How to come back as the right account."""
    runtime = current_runtime()
    application = chosen_application(runtime.session)
    return render_template(
        "allegro/linking/other_account.html",
        application=application,
        web_url=runtime.environment(application.environment).web_url,
    )
