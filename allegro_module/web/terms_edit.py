"""The editor of one of the terms: new, changed, duplicated; saving writes a wish that a job sends."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.after_sales import (
    HOME,
    LONGEST_NAME,
    Content,
    after_sales_problems,
    text,
)
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.domain.three_way import changes, is_same
from allegro_module.jobs.queue import ring_fetch_whole, ring_push_terms
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.guarantee_files import FIELD as FILE
from allegro_module.sync.term_wishes import name_taken, wish_term
from allegro_module.web.account_choice import needed_account
from allegro_module.web.after_sales_words import (
    field_name,
    group_words,
)
from allegro_module.web.forms.terms import content_of, form_field, read_typed, typed_of
from allegro_module.web.fragments import go, page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.price_list_words import ChangeLine
from allegro_module.web.security import requires
from allegro_module.web.terms_chosen import (
    find_own_term,
    kind_named,
    mark_of,
    record_deed,
    tell_changed_meanwhile,
    tell_queue_is_down,
)
from allegro_module.web.terms_compare import group_of, show_comparison
from allegro_module.web.terms_editor import Clash, Editor, show
from allegro_module.web.terms_files import read_file
from allegro_module.web.terms_proposals import free_name, proposal
from allegro_module.web.terms_rows import (
    content_now,
    offers_using,
    wanted_name,
)
from allegro_module.web.ui import id_sent, tell

CONFIRM = "allegro/terms/confirm.html"


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/terms/new/<kind>", "new", new, methods=["GET"])
    page.add_url_rule("/terms/new/<kind>", "create", create, methods=["POST"])
    page.add_url_rule("/terms/<int:term_id>", "edit", edit, methods=["GET"])
    page.add_url_rule("/terms/<int:term_id>", "save", save, methods=["POST"])
    page.add_url_rule("/terms/<int:term_id>/fetch", "fetch", fetch, methods=["POST"])


@requires(Permission.SETTINGS)
def new(kind: str) -> Response:
    """Filled with what the law asks for, or with a copy of others (`?copy=ID`)."""
    runtime = current_runtime()
    chosen = kind_named(kind)
    account = needed_account(runtime.session)
    copied = id_sent("copy")
    if copied is not None:
        source = find_own_term(runtime.session, copied)
        if source.kind != chosen or source.account_id != account.id:
            abort(404)
        if not content_now(source):
            tell("info", t("Fetch the content from Allegro first, then duplicate it."))
            return redirect(url_for("allegro.terms.edit", term_id=source.id), 303)
        copy_name = free_name(
            runtime.session, account, chosen, t("%(name)s (copy)", name=wanted_name(source))[:LONGEST_NAME]
        )
        content: Content = {**content_now(source), "name": copy_name}
    else:
        content = proposal(runtime.session, account, chosen)
    return show(Editor(chosen, account, typed_of(chosen, content), is_changed=copied is not None))


@requires(Permission.SETTINGS)
def create(kind: str) -> Response:
    runtime = current_runtime()
    chosen = kind_named(kind)
    account = needed_account(runtime.session)
    typed, content, problems = _read(runtime, account, chosen, None)
    if problems:
        return show(Editor(chosen, account, typed, problems=problems, is_changed=True), 422)
    return _keep(runtime, account, chosen, content, None)


@requires(Permission.SETTINGS)
def edit(term_id: int) -> Response:
    runtime = current_runtime()
    term = find_own_term(runtime.session, term_id)
    if term.state == TermState.CONFLICT:
        return go(_address_of(term)) if wants_fragment() else show_comparison(runtime, term)
    if wants_fragment() and "asked" in request.args and content_now(term):
        return go(_address_of(term))
    return show(_editor_of(runtime, term))


def _editor_of(runtime: Runtime, term: SellingTerm, **changes: Any) -> Editor:
    kind = TermKind(term.kind)
    given: dict[str, Any] = {"typed": typed_of(kind, content_now(term)), "problems": term.problems, **changes}
    offers = offers_using(runtime.session, term)
    return Editor(kind, term.account, term=term, offers=offers, **given)


@requires(Permission.SETTINGS)
def save(term_id: int) -> Response:
    """1. Read what was typed.  2. Complain at the fields.  3. See whether another tab has saved meanwhile.
    4. Write the wish, commit, ring."""
    runtime = current_runtime()
    term = find_own_term(runtime.session, term_id)
    kind, account = TermKind(term.kind), term.account
    if term.state in (TermState.CONFLICT, TermState.GONE) or not content_now(term):
        return redirect(_address_of(term), 303)
    before = content_now(term)
    typed, content, problems = _read(runtime, account, kind, term)
    if "back" in request.form:
        return show(_editor_of(runtime, term, typed=typed, problems=(), is_changed=True))
    if problems:
        return show(_editor_of(runtime, term, typed=typed, problems=problems, is_changed=True), 422)
    if request.form.get("mark") != mark_of(term) and not is_same(before, content):
        clashes = _clashes(before, content)
        return show(
            _editor_of(runtime, term, typed=typed, problems=(), clashes=clashes, is_changed=True), 409
        )
    if is_same(before, content) and term.state != TermState.REFUSED:
        tell("info", t("Nothing was changed."))
        return redirect(_address_of(term), 303)
    if (offers := offers_using(runtime.session, term)) and "confirmed" not in request.form:
        return _ask(runtime, term, content, typed, offers)
    return _keep(runtime, account, kind, content, term)


def _ask(
    runtime: Runtime, term: SellingTerm, content: Content, typed: dict[str, str], offers: int
) -> Response:
    """What changes and for how many offers, before it goes: terms act on all of them at once."""
    before = term.base or content_now(term)
    sent = {**typed, "mark": mark_of(term)}
    # A file just brought is kept, so that the second press needs not bring it again.
    runtime.session.commit()
    return page_or_fragment(
        CONFIRM,
        account=term.account,
        term=term,
        changes=[ChangeLine(each.label, each.saved, each.mine) for each in _clashes(before, content)],
        offers=offers,
        sent=[(name, value) for name, value in sent.items() if value],
    )


def _read(
    runtime: Runtime, account: Account, kind: TermKind, term: SellingTerm | None
) -> tuple[dict[str, str], dict[str, Any], list[Problem]]:
    """What was typed, what it means, and what is wrong with it, in the order of the form."""
    before = content_now(term) if term else {}
    typed = read_typed(kind, request.form)
    chosen = None
    if kind == TermKind.WARRANTY:
        chosen = read_file(runtime, account, typed[FILE], before)
        typed[FILE] = chosen.typed
    content = content_of(kind, typed, before, chosen.content if chosen else None)
    problems = _problems(runtime, account, kind, content, term)
    if chosen and chosen.problem:
        problems.append(chosen.problem)
    order = ("", *typed)
    problems.sort(key=lambda problem: order.index(form_field(kind, problem.field)))
    return typed, content, problems


def _problems(
    runtime: Runtime, account: Account, kind: TermKind, content: Content, term: SellingTerm | None
) -> list[Problem]:
    found = after_sales_problems(kind, content, term.base if term else None, account.base_marketplace or HOME)
    name = text(content, "name")
    if not any(problem.field == "name" for problem in found) and name_taken(
        runtime.session, account.id, kind, name, term
    ):
        found.append(Problem("term_name_taken", "name"))
    return found


def _clashes(saved: Content, mine: Content) -> list[Clash]:
    groups = dict.fromkeys(group_of(change.path) for change in changes(saved, mine))
    return [Clash(field_name(name), group_words(name, mine), group_words(name, saved)) for name in groups]


def _keep(
    runtime: Runtime, account: Account, kind: TermKind, content: Content, before: SellingTerm | None
) -> Response:
    """A push that has written the row meanwhile: what was typed comes back, to be saved once more."""
    session, known_id = runtime.session, before.id if before is not None else 0
    now = runtime.now(account.environment)
    try:
        term = wish_term(session, account.id, kind, content, runtime.who(), now, before)
        term_id, is_sent = term.id, term.state == TermState.WAITING
        record_deed(runtime, term, "term_saved")
        session.commit()
    except StaleDataError:
        session.rollback()
        tell_changed_meanwhile()
        fresh = find_own_term(session, known_id)
        return show(_editor_of(runtime, fresh, typed=typed_of(kind, content), is_changed=True), 409)
    tell("ok", t("Saved."), t("It is being sent to Allegro.") if is_sent else "")
    if is_sent and not ring_push_terms(runtime):
        tell_queue_is_down()
    return redirect(url_for("allegro.terms.edit", term_id=term_id), 303)


@requires(Permission.SETTINGS)
def fetch(term_id: int) -> Response:
    """*Pobierz treść z Allegro*: the lists there hold only names of complaint terms and guarantees."""
    runtime = current_runtime()
    term = find_own_term(runtime.session, term_id)
    asked = int(runtime.now(term.account.environment).timestamp())
    if term.allegro_id is None:
        abort(409)
    if not ring_fetch_whole(runtime, term.id):
        tell_queue_is_down()
        return redirect(_address_of(term), 303)
    return redirect(url_for("allegro.terms.edit", term_id=term.id, asked=asked), 303)


def _address_of(term: SellingTerm) -> str:
    return url_for("allegro.terms.edit", term_id=term.id)
