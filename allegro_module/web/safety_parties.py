"""A producer or responsible person: add, change, hide, settle what both sides have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, get_account
from allegro_module.db.audit import record
from allegro_module.db.terms import NoSuchTerm, SellingTerm, TermKind, TermState, get_term
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.producers import (
    EU_COUNTRIES,
    KINDS,
    NAME_MAX,
    Party,
    are_alike,
    field_of,
    party_problems,
    to_wire,
)
from allegro_module.domain.three_way import differences, merged
from allegro_module.jobs.queue import ring_push_terms
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.term_wishes import archive_term, drop_wish, settle_conflict, wish_term
from allegro_module.web.account_choice import needed_account
from allegro_module.web.forms.safety import read_party
from allegro_module.web.i18n import t
from allegro_module.web.order_countries import countries_with
from allegro_module.web.safety_view import Book, Entry, party_of, read_book
from allegro_module.web.safety_words import field_name
from allegro_module.web.security import requires
from allegro_module.web.sentences import sentence
from allegro_module.web.term_marks import is_comparison_old, mark_of_comparison
from allegro_module.web.term_words import label_of_term, sentence_of_term
from allegro_module.web.ui import id_sent, tell

PAGE = "allegro/safety/party.html"
CONFLICT = "allegro/safety/conflict.html"
KIND_BY_WORD = {"producer": TermKind.RESPONSIBLE_PRODUCER, "person": TermKind.RESPONSIBLE_PERSON}


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/new/<word>", "new", new, methods=["GET"])
    page.add_url_rule("/new/<word>", "add", add, methods=["POST"])
    page.add_url_rule("/entries/<int:term_id>", "edit", edit, methods=["GET"])
    page.add_url_rule("/entries/<int:term_id>", "save", save, methods=["POST"])
    page.add_url_rule("/entries/<int:term_id>/archive", "archive", archive, methods=["POST"])
    page.add_url_rule("/entries/<int:term_id>/settle", "settle", settle, methods=["POST"])
    page.add_url_rule("/entries/<int:term_id>/drop", "drop", drop, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form of one entry; `term` is None for a new one, `alike` are likely the same."""

    account: Account
    kind: TermKind
    party: Party
    term: SellingTerm | None = None
    problems: Sequence[Problem] = ()
    alike: Sequence[Entry] = field(default_factory=tuple)
    version: int = 0


@requires(Permission.SETTINGS)
def new(word: str) -> str:
    """`?name=` is what a brand's page suggests; `?like=` is an entry to begin with, gone from Allegro."""
    runtime = current_runtime()
    kind = KIND_BY_WORD.get(word) or abort(404)
    account = needed_account(runtime.session)
    name = request.args.get("name", "").strip()
    party = Party(name[:NAME_MAX].strip(), name, country="PL")
    if like := id_sent("like"):
        party = party_of(entry_of(runtime, like)[0])
    return _shown(Sheet(account, kind, party))


@requires(Permission.SETTINGS)
def add(word: str) -> Response | tuple[str, int]:
    runtime = current_runtime()
    kind = KIND_BY_WORD.get(word) or abort(404)
    account = needed_account(runtime.session)
    book = read_book(runtime.session, account.id)
    sheet = _checked(Sheet(account, kind, read_party(request.form)), book)
    if not sheet.problems and "anyway" not in request.form:
        sheet = replace(sheet, alike=_alike(sheet, book))
    if sheet.problems or sheet.alike:
        return _shown(sheet), 422
    return _keep(runtime, sheet)


@requires(Permission.SETTINGS)
def edit(term_id: int) -> str:
    runtime = current_runtime()
    term, account = entry_of(runtime, term_id)
    if term.state == TermState.CONFLICT:
        return _shown_conflict(term, account)
    problems = [
        replace(problem, field=field_of(TermKind(term.kind), problem.field)) for problem in term.problems
    ]
    return _shown(Sheet(account, TermKind(term.kind), party_of(term), term, problems, version=term.version))


@requires(Permission.SETTINGS)
def save(term_id: int) -> Response | tuple[str, int]:
    runtime = current_runtime()
    term, account = entry_of(runtime, term_id)
    version = request.form.get("version", type=int) or 0
    sheet = Sheet(account, TermKind(term.kind), read_party(request.form), term, version=term.version)
    if term.state in (TermState.CONFLICT, TermState.GONE):
        return redirect(url_for("allegro.safety.edit", term_id=term.id), 303)
    sheet = _checked(sheet, read_book(runtime.session, account.id))
    if version != term.version:
        sheet = replace(sheet, problems=[*sheet.problems, Problem("safety_changed_meanwhile")])
    if sheet.problems:
        return _shown(sheet), 422
    return _keep(runtime, sheet)


@requires(Permission.SETTINGS)
def archive(term_id: int) -> Response:
    """Hide it from choices, or show it again; on Allegro it stays."""
    runtime = current_runtime()
    term, account = entry_of(runtime, term_id)
    is_archived = request.form.get("archived") == "1"
    book = url_for("allegro.safety.index", account=account.id, _anchor="book")
    try:
        archive_term(term, is_archived, runtime.who(), runtime.now(account.environment))
        note_deed(runtime, account, "safety_entry_archived" if is_archived else "safety_entry_restored", term)
        runtime.session.commit()
    except StaleDataError:
        return _changed_meanwhile(runtime, book)
    tell("ok", t("Hidden from choices.") if is_archived else t("Offered for choosing again."))
    return redirect(book, 303)


def _changed_meanwhile(runtime: Runtime, address: str) -> Response:
    """A worker has just written what Allegro said of it: nothing of the deed holds."""
    runtime.session.rollback()
    _tell_changed()
    return redirect(address, 303)


def _tell_changed() -> None:
    tell("warn", t("The entry has just been changed elsewhere."), t("Look at it, then do it once more."))


@requires(Permission.SETTINGS)
def settle(term_id: int) -> Response | tuple[str, int]:
    """Of what both sides changed, each row as the seller chose."""
    runtime = current_runtime()
    term, account = entry_of(runtime, term_id)
    if term.state != TermState.CONFLICT or term.content is None or term.theirs is None:
        return redirect(url_for("allegro.safety.edit", term_id=term.id), 303)
    address = url_for("allegro.safety.edit", term_id=term.id)
    if is_comparison_old(term):
        _tell_changed()
        return _shown_conflict(term, account), 409
    prefix = "choice-"
    choices = {
        name.removeprefix(prefix): cast(Literal["mine", "theirs"], value)
        for name, value in request.form.items()
        if name.startswith(prefix) and value in ("mine", "theirs")
    }
    content = merged(term.base, term.content, term.theirs, choices)
    try:
        settle_conflict(term, content, runtime.who(), runtime.now(account.environment))
        note_deed(runtime, account, "safety_entry_saved", term)
        return _sent(runtime, account)
    except StaleDataError:
        return _changed_meanwhile(runtime, address)


@requires(Permission.SETTINGS)
def drop(term_id: int) -> Response:
    """*Odrzuć zmiany*: what Allegro holds is good enough; what never reached it is gone."""
    runtime = current_runtime()
    term, account = entry_of(runtime, term_id)
    book = url_for("allegro.safety.index", account=account.id, _anchor="book")
    if term.create_sent_at is not None or term.claim is not None:
        _tell_changed()
        return redirect(book, 303)
    try:
        note_deed(runtime, account, "safety_entry_dropped", term)
        drop_wish(term, runtime.who(), runtime.now(account.environment))
        runtime.session.commit()
    except StaleDataError:
        return _changed_meanwhile(runtime, book)
    tell("ok", t("The changes were thrown away."))
    return redirect(book, 303)


def entry_of(runtime: Runtime, term_id: int) -> tuple[SellingTerm, Account]:
    """404 for what is no producer or person."""
    try:
        term = get_term(runtime.session, term_id)
    except NoSuchTerm:
        abort(404)
    if term.kind not in KINDS:
        abort(404)
    return term, get_account(runtime.session, term.account_id)


def note_deed(runtime: Runtime, account: Account, action: str, term: SellingTerm) -> None:
    """By number: a responsible person may be somebody's name."""
    now = runtime.now(account.environment)
    details = {"entry": f"#{term.id}"}
    record(runtime.session, now, runtime.who(), action, account.login or account.alias, details)


def _checked(sheet: Sheet, book: Book) -> Sheet:
    own = sheet.term.id if sheet.term else 0
    others = [each for each in book.of_kind(sheet.kind) if each.term.id != own]
    taken = [name for each in others for name in (each.term.name, each.party.name)]
    return replace(sheet, problems=party_problems(sheet.kind, sheet.party, taken))


def _alike(sheet: Sheet, book: Book) -> list[Entry]:
    return [
        each
        for each in book.of_kind(sheet.kind)
        if each.term.state != TermState.GONE and are_alike(each.party, sheet.party)
    ]


def _keep(runtime: Runtime, sheet: Sheet) -> Response | tuple[str, int]:
    account, content = sheet.account, to_wire(sheet.kind, sheet.party)
    known_id = sheet.term.id if sheet.term is not None else 0
    now, who = runtime.now(account.environment), runtime.who()
    try:
        term = wish_term(runtime.session, account.id, sheet.kind, content, who, now, sheet.term)
        note_deed(runtime, account, "safety_entry_saved", term)
        return _sent(runtime, account)
    except StaleDataError:
        # A worker has just written what Allegro said of it.
        runtime.session.rollback()
        fresh = replace(sheet, problems=[Problem("safety_changed_meanwhile")])
        if sheet.term is not None:
            term, account = entry_of(runtime, known_id)
            fresh = replace(fresh, term=term, account=account, version=term.version)
        return _shown(fresh), 422


def _sent(runtime: Runtime, account: Account) -> Response:
    address = url_for("allegro.safety.index", account=account.id, _anchor="book")
    runtime.session.commit()
    is_rung = ring_push_terms(runtime)
    tell("ok", t("Saved."), t("It goes to Allegro now.") if is_rung else t("It goes to Allegro by itself."))
    return redirect(address, 303)


def _shown(sheet: Sheet) -> str:
    kind = sheet.kind
    errors: dict[str, list[str]] = {}
    for problem in sheet.problems:
        errors.setdefault(problem.field, []).append(sentence(problem))
    return render_template(
        PAGE,
        sheet=sheet,
        account=sheet.account,
        kind=kind,
        is_producer=kind == TermKind.RESPONSIBLE_PRODUCER,
        party=sheet.party,
        term=sheet.term,
        errors=errors,
        summary=[(name, field_name(kind, name), texts[0]) for name, texts in errors.items()],
        countries=_countries(kind, sheet.party.country),
        words={name: field_name(kind, name) for name in Party.__slots__},
        label_of_term=label_of_term,
        sentence_of_term=sentence_of_term,
    )


def _countries(kind: TermKind, own: str) -> list[tuple[str, str]]:
    every = countries_with(own)
    if kind == TermKind.RESPONSIBLE_PRODUCER:
        return every
    return [pair for pair in every if pair[0] in EU_COUNTRIES or pair[0] == own]


def _shown_conflict(term: SellingTerm, account: Account) -> str:
    kind = TermKind(term.kind)
    found = differences(term.base, term.content or {}, term.theirs or {})
    rows = [_difference_row(kind, each.path, each) for each in found]
    return render_template(CONFLICT, term=term, account=account, rows=rows, mark=mark_of_comparison(term))


def _difference_row(kind: TermKind, path: str, difference: Any) -> Mapping[str, Any]:
    """An address or a contact that one side lacks is a whole object."""
    return {
        "path": path,
        "name": field_name(kind, field_of(kind, path)) or path,
        "mine": _flat(difference.mine),
        "theirs": _flat(difference.theirs),
        "is_mine": difference.is_mine and not difference.is_theirs,
    }


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(each) for each in value.values())
    return "–" if value is None else str(value)
