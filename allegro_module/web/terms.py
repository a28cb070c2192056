"""The page *Warunki*: an account's terms of returns, complaints and guarantees, and deeds with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import list_linked_accounts
from allegro_module.db.profiles import find_profile, set_default
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.permissions import Permission
from allegro_module.domain.profiles import Scope
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.jobs.queue import ring_fetch_terms, ring_push_terms
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.term_wishes import archive_term, drop_wish, try_again
from allegro_module.web import terms_compare, terms_edit
from allegro_module.web.account_choice import chosen_account, needed_account
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.security import requires
from allegro_module.web.terms_chosen import (
    find_own_term,
    record_deed,
    tell_changed_meanwhile,
    tell_queue_is_down,
)
from allegro_module.web.terms_rows import FIELD_BY_KIND, asked_at_in_address, read_board, wanted_name
from allegro_module.web.ui import tell

PAGE = "allegro/terms/index.html"
LIST = "allegro/terms/_list.html"


def create_blueprint() -> Blueprint:
    page = Blueprint("terms", __name__)
    page.add_url_rule("/terms", "index", index, methods=["GET"])
    page.add_url_rule("/terms/refresh", "refresh", refresh, methods=["POST"])
    page.add_url_rule("/terms/<int:term_id>/<deed>", "do", do, methods=["POST"])
    terms_edit.add_rules(page)
    terms_compare.add_rules(page)
    return page


@requires(Permission.SETTINGS)
def index() -> Response | str:
    runtime = current_runtime()
    account = chosen_account(runtime.session)
    if account is None:
        return render_template(PAGE, account=None)
    now = runtime.now(account.environment)
    asked_at = asked_at_in_address()
    return page_or_fragment(
        PAGE,
        LIST,
        account=account,
        accounts=list_linked_accounts(runtime.session),
        board=read_board(runtime.session, account.id, asked_at, now),
        asked=int(asked_at.timestamp()) if asked_at else None,
    )


@requires(Permission.SETTINGS)
def refresh() -> Response:
    """*Odśwież*: a job reads them all; the page shows how far it is."""
    runtime = current_runtime()
    account = needed_account(runtime.session)
    asked = int(runtime.now(account.environment).timestamp())
    if not ring_fetch_terms(runtime, account.id):
        tell_queue_is_down()
        return redirect(url_for("allegro.terms.index", account=account.id), 303)
    return redirect(url_for("allegro.terms.index", account=account.id, asked=asked), 303)


@requires(Permission.SETTINGS)
def do(term_id: int, deed: str) -> Response:
    """A deed of the list's rows and of the editor's buttons."""
    runtime = current_runtime()
    if deed not in DEEDS:
        abort(404)
    term = find_own_term(runtime.session, term_id)
    account_id, back = term.account_id, url_for("allegro.terms.edit", term_id=term.id)
    try:
        DEEDS[deed](runtime, term)
        runtime.session.commit()
    except StaleDataError:
        runtime.session.rollback()
        tell_changed_meanwhile()
        return redirect(url_for("allegro.terms.index", account=account_id), 303)
    if deed in RINGS and not ring_push_terms(runtime):
        tell_queue_is_down()
    if request.form.get("back") == "editor" and deed != "drop":
        return redirect(back, 303)
    return redirect(url_for("allegro.terms.index", account=account_id), 303)


def _set_default(runtime: Runtime, term: SellingTerm) -> None:
    if term.allegro_id is None or term.state == TermState.GONE or term.is_archived:
        abort(409)
    _write_default(runtime, term, term.allegro_id)
    tell("ok", t("New offers get “%(name)s”.", name=wanted_name(term)))


def _unset_default(runtime: Runtime, term: SellingTerm) -> None:
    _write_default(runtime, term, None)
    tell("ok", t("“%(name)s” is no longer the default.", name=wanted_name(term)))


def _write_default(runtime: Runtime, term: SellingTerm, value: str | None) -> None:
    now, who = runtime.now(term.account.environment), runtime.who()
    set_default(runtime.session, term.account_id, FIELD_BY_KIND[TermKind(term.kind)], value, who, now)
    record_deed(runtime, term, "term_default_set" if value else "term_default_unset")


def _hide(runtime: Runtime, term: SellingTerm) -> None:
    """A default that nobody could choose would puzzle: it ends with hiding."""
    archive_term(term, True, runtime.who(), runtime.now(term.account.environment))
    if term.allegro_id and default_of(runtime.session, term) == term.allegro_id:
        _write_default(runtime, term, None)
    record_deed(runtime, term, "term_hidden")
    tell("ok", t("“%(name)s” is hidden here; nothing changed on Allegro.", name=wanted_name(term)))


def default_of(session: Session, term: SellingTerm) -> str | None:
    """Allegro's id of what new offers get of this kind."""
    profile = find_profile(session, term.account_id, Scope.ACCOUNT)
    return profile.values.get(FIELD_BY_KIND[TermKind(term.kind)]) if profile else None


def _show(runtime: Runtime, term: SellingTerm) -> None:
    archive_term(term, False, runtime.who(), runtime.now(term.account.environment))
    record_deed(runtime, term, "term_shown")
    tell("ok", t("“%(name)s” can be chosen again.", name=wanted_name(term)))


def _retry(runtime: Runtime, term: SellingTerm) -> None:
    try_again(term, runtime.now(term.account.environment))
    record_deed(runtime, term, "term_tried_again")


def _drop(runtime: Runtime, term: SellingTerm) -> None:
    """What was wished is given up; new terms that never reached Allegro are gone."""
    name = wanted_name(term)
    if term.state == TermState.CONFLICT:
        abort(409)
    if term.allegro_id is None and term.create_sent_at is not None:
        tell("warn", t("These terms are on their way to Allegro, so they cannot be given up now."))
        return
    record_deed(runtime, term, "term_wish_dropped")
    drop_wish(term, runtime.who(), runtime.now(term.account.environment))
    tell("ok", t("The change of “%(name)s” was given up.", name=name))


DEEDS: Mapping[str, Callable[[Runtime, SellingTerm], None]] = {
    "default": _set_default,
    "not-default": _unset_default,
    "hide": _hide,
    "show": _show,
    "retry": _retry,
    "drop": _drop,
}
RINGS = frozenset({"retry"})
