"""The editor of a delivery price list: open, add, duplicate, save; what was typed is never lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as BaseResponse

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.audit import record
from allegro_module.db.delivery_methods import list_delivery_methods
from allegro_module.db.terms import SellingTerm, count_terms, list_all_terms
from allegro_module.domain.permissions import Permission
from allegro_module.domain.price_list_rules import NAME_MAX, price_list_problems
from allegro_module.domain.price_lists import ListType
from allegro_module.domain.problems import Problem
from allegro_module.domain.terms import PRICE_LISTS_MAX, TermKind, TermState
from allegro_module.domain.three_way import is_same
from allegro_module.jobs.queue import ring_push_terms
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.term_wishes import name_taken, wish_term
from allegro_module.web.account_choice import chosen_of
from allegro_module.web.formats import when
from allegro_module.web.forms.price_list import TypedList, content_of, read_typed, typed_of
from allegro_module.web.fragments import go, page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.price_list_chosen import allegro_address, find_price_list
from allegro_module.web.price_list_rows import content_now, count_offers, is_read_only, is_unread, moment_of
from allegro_module.web.price_list_view import Draft, View, in_page_order, view_of
from allegro_module.web.price_list_words import change_lines, type_word
from allegro_module.web.security import requires
from allegro_module.web.term_marks import mark_of_states
from allegro_module.web.term_words import is_under_way, label_of_term, sentence_of_term
from allegro_module.web.ui import Note, id_sent, tell

PAGE = "allegro/price_lists/edit.html"
STATUS = "allegro/price_lists/_status.html"
CONFIRM = "allegro/price_lists/confirm.html"
#: A worker may commit between our reading and our writing; what it wrote is then read again.
TRIES = 3


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/price-lists/new", "new", new, methods=["GET"])
    page.add_url_rule("/price-lists/new", "create", create, methods=["POST"])
    page.add_url_rule("/price-lists/<int:term_id>", "edit", edit, methods=["GET"])
    page.add_url_rule("/price-lists/<int:term_id>", "save", save, methods=["POST"])
    page.add_url_rule("/price-lists/<int:term_id>/status", "status", status, methods=["GET"])


@requires(Permission.SETTINGS)
def new() -> Response:
    """An empty one; `?copy=ID` takes everything from another."""
    runtime = current_runtime()
    copied = id_sent("copy")
    if copied is not None:
        term = find_price_list(runtime.session, copied)
        typed = typed_of(content_now(term))
        name = copy_name(term.name, _names(runtime.session, term.account_id))
        return _show(runtime, _draft(runtime, term.account, None, replace(typed, name=name)))
    account = chosen_of(list_linked_accounts(runtime.session)) or abort(404)
    typed = TypedList(type=ListType.PHYSICAL, dispatch_country=account.country)
    return _show(runtime, _draft(runtime, account, None, typed))


@requires(Permission.SETTINGS)
def create() -> BaseResponse:
    runtime = current_runtime()
    account = chosen_of(list_linked_accounts(runtime.session)) or abort(404)
    return _save(runtime, account, None)


@requires(Permission.SETTINGS)
def edit(term_id: int) -> BaseResponse:
    runtime = current_runtime()
    term = find_price_list(runtime.session, term_id)
    if term.state == TermState.CONFLICT:
        return redirect(url_for("allegro.price_lists.compare", term_id=term.id), 303)
    draft = _draft(runtime, term.account, term, typed_of(content_now(term)))
    return _show(runtime, replace(draft, problems=term.problems))


@requires(Permission.SETTINGS)
def save(term_id: int) -> BaseResponse:
    runtime = current_runtime()
    term = find_price_list(runtime.session, term_id)
    if is_read_only(term):
        abort(409)
    return _save(runtime, term.account, term)


@requires(Permission.SETTINGS)
def status(term_id: int) -> BaseResponse:
    """The state while the change is on its way; with an outcome the editor itself."""
    runtime = current_runtime()
    term = find_price_list(runtime.session, term_id)
    if not wants_fragment() or not is_under_way(term):
        return go(url_for("allegro.price_lists.edit", term_id=term_id))
    return page_or_fragment(STATUS, STATUS, **status_context(term))


def status_context(term: SellingTerm) -> dict[str, Any]:
    return {
        "term": term,
        "state": label_of_term(term),
        "state_words": sentence_of_term(term),
        "is_under_way": is_under_way(term),
    }


def _draft(
    runtime: Runtime, account: Account, term: SellingTerm | None, typed: TypedList | None = None
) -> Draft:
    """`typed` is what the form says, unless given."""
    methods = in_page_order(list_delivery_methods(runtime.session, account.environment), account.country)
    typed = typed or read_typed(request.form, methods, _fixed(term))
    before = (term.base if term is not None else None) or {}
    content = content_of(typed, methods.values(), (term.content or term.base) if term else None)
    return Draft(account, typed, methods, before, content, term)


def _save(runtime: Runtime, account: Account, term: SellingTerm | None) -> BaseResponse:
    """Nothing is half-saved: either all of it is wished for, or the form comes back as it was sent."""
    draft = _draft(runtime, account, term)
    draft = replace(draft, sought=request.form.get("sought", "").strip()[:100])
    if "find" in request.form or "back" in request.form:
        return _show(runtime, draft)
    if problems := _problems(runtime.session, draft):
        return _show(runtime, replace(draft, problems=problems), status=422)
    if term is not None and request.form.get("seen", "") != mark_of(term):
        return _show(runtime, draft, _collision(term), status=409)
    if offers := _to_confirm(runtime.session, draft):
        return _ask(runtime, draft, offers)
    return _keep(runtime, draft)


def _to_confirm(session: Session, draft: Draft) -> int:
    """How many offers a change touches that was not confirmed yet."""
    if draft.term is None or "confirmed" in request.form or is_same(draft.before, draft.content):
        return 0
    return count_offers(session, draft.term)


def _fixed(term: SellingTerm | None) -> TypedList | None:
    """Allegro changes neither type nor country of a list that it has."""
    return typed_of(term.base) if term is not None and term.allegro_id and term.base else None


def _problems(session: Session, draft: Draft) -> list[Problem]:
    problems = price_list_problems(draft.content, list(draft.methods.values()), draft.before or None)
    account_id, kind = draft.account.id, TermKind.SHIPPING_RATE
    if name_taken(session, account_id, kind, draft.typed.name, draft.term):
        problems.insert(0, Problem("price_list_name_taken", "name"))
    if draft.term is None and count_terms(session, account_id, kind) >= PRICE_LISTS_MAX:
        problems.insert(0, Problem("price_lists_full", params={"max": str(PRICE_LISTS_MAX)}))
    return problems


def _keep(runtime: Runtime, draft: Draft) -> BaseResponse:
    session, term, account_id = runtime.session, draft.term, draft.account.id
    now, who = runtime.now(draft.account.environment), runtime.who()
    is_new, seen = term is None, mark_of(term) if term is not None else ""
    term_id = term.id if term is not None else 0
    for _ in range(TRIES):
        try:
            kept = wish_term(session, account_id, TermKind.SHIPPING_RATE, draft.content, who, now, term)
            action, details = ("price_list_added", {}) if is_new else ("price_list_saved", _changed(draft))
            record(session, now, who, action, kept.name, details)
            term_id = kept.id
            session.commit()
            break
        except StaleDataError:
            session.rollback()
            term = find_price_list(session, term_id)
            if mark_of(term) != seen:
                return _show(runtime, replace(draft, term=term), _collision(term), status=409)
    else:
        tell("warn", t("The list was being changed just now."), t("Try once more."))
    ring_push_terms(runtime)
    return redirect(url_for("allegro.price_lists.edit", term_id=term_id), 303)


def _changed(draft: Draft) -> dict[str, str]:
    lines = change_lines(typed_of(draft.before), draft.typed, draft.methods)
    return {line.what: f"{line.before} → {line.after}" for line in lines[:50]}


def mark_of(term: SellingTerm) -> str:
    """Tells two contents apart: a job that only sends what is wished for does not change it."""
    return mark_of_states(content_now(term))


def _collision(term: SellingTerm) -> Note:
    who = term.changed_by or t("somebody else")
    title = t("%(who)s has saved this price list in the meantime.", who=who)
    words = t("Your version is not saved yet. Save once more to keep it, or load the saved one.")
    return Note("warn", title, words)


def _ask(runtime: Runtime, draft: Draft, offers: int) -> Response:
    """What changes and for how many offers, before it goes: a list acts on all of them at once."""
    was = typed_of(draft.before)
    return page_or_fragment(
        CONFIRM,
        account=draft.account,
        term=draft.term,
        changes=change_lines(was, draft.typed, draft.methods),
        offers=offers,
        sent=_resent(),
    )


def _resent() -> list[tuple[str, str]]:
    """The form as it came, but for empty fields and what the page gives anew."""
    own = ("csrf_token", "confirmed", "back", "find")
    return [(name, value) for name, value in request.form.items(multi=True) if value and name not in own]


def _show(runtime: Runtime, draft: Draft, note: Note | None = None, status: int = 200) -> Response:
    term = draft.term
    was = _was(draft)
    view: View = view_of(draft, was)
    return page_or_fragment(
        PAGE,
        status=status,
        account=draft.account,
        typed=draft.typed,
        view=view,
        was=was,
        types=[(str(each), type_word(each)) for each in ListType],
        theirs_at=_version_words(runtime, term),
        offers=count_offers(runtime.session, term) if term is not None else 0,
        note=note,
        both=_both(draft) if note is not None else [],
        seen=mark_of(term) if term is not None else "",
        sought=draft.sought,
        is_typed=request.method == "POST",
        is_fixed=_fixed(term) is not None,
        is_locked=term is not None and is_read_only(term),
        is_unread=term is not None and is_unread(term),
        is_full=term is None
        and count_terms(runtime.session, draft.account.id, TermKind.SHIPPING_RATE) >= PRICE_LISTS_MAX,
        most=PRICE_LISTS_MAX,
        name_max=NAME_MAX,
        allegro_url=allegro_address(runtime, draft.account.environment),
        **(status_context(term) if term is not None else {"term": None}),
    )


def _was(draft: Draft) -> TypedList:
    """What the editor compares with: of a new list, what nobody has to type is no change."""
    if draft.term is None:
        return TypedList(type=draft.typed.type, dispatch_country=draft.typed.dispatch_country)
    return typed_of(draft.before)


def _version_words(runtime: Runtime, term: SellingTerm | None) -> str:
    moment = moment_of(term.last_modified) if term is not None else None
    if term is None or moment is None:
        return ""
    return when(moment, runtime.now(term.account.environment))


def _both(draft: Draft) -> Sequence[Any]:
    """The saved version beside the typed one."""
    if draft.term is None:
        return []
    return change_lines(typed_of(content_now(draft.term)), draft.typed, draft.methods)


def _names(session: Session, account_id: int) -> set[str]:
    return {each.name for each in list_all_terms(session, account_id, [TermKind.SHIPPING_RATE])}


def copy_name(name: str, taken: set[str]) -> str:
    """„Paczka do 1 kg - kopia”, „… - kopia 2”: no brackets, as Allegro takes none."""
    known = {each.casefold() for each in taken}
    word = t("duplicate of a price list")
    number = 1
    while True:
        ending = f" - {word} {number}" if number > 1 else f" - {word}"
        made = name[: NAME_MAX - len(ending)].rstrip() + ending
        if made.casefold() not in known:
            return made
        number += 1
