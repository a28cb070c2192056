"""Safety data of a brand, a product or the account: what is inherited, and what stands instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.audit import record
from allegro_module.db.profiles import brand_key, find_profile
from allegro_module.db.terms import TermKind
from allegro_module.domain.files import SAFETY
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.producers import guess_producer
from allegro_module.domain.profiles import Found, Scope
from allegro_module.domain.safety import ATTACHMENTS_MAX
from allegro_module.domain.shop import Sku
from allegro_module.jobs.queue import ring_upload_attachments
from allegro_module.jobs.safety import ring_count_safety
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.attachments import attachments_of, keep_file
from allegro_module.sync.safety_rules import Place, inherited, own_values, save_rule
from allegro_module.web.account_choice import needed_account
from allegro_module.web.forms.safety import NONE, RuleForm, read_rule, rule_form, rule_problems, with_files
from allegro_module.web.i18n import t
from allegro_module.web.safety_view import Book, Entry, read_book
from allegro_module.web.safety_words import field_name, information_words, origin_of
from allegro_module.web.security import requires
from allegro_module.web.sentences import sentence
from allegro_module.web.ui import may_open, tell

PAGE = "allegro/safety/rule.html"
PRODUCER, PERSON = TermKind.RESPONSIBLE_PRODUCER, TermKind.RESPONSIBLE_PERSON


def add_rules(page: Blueprint) -> None:
    for rule, view in (("/brand", brand), ("/product/<path:sku>", product), ("/account", account)):
        page.add_url_rule(rule, view.__name__, view, methods=["GET", "POST"])


@requires(Permission.SETTINGS)
def brand() -> Response | tuple[str, int]:
    """`?brand=` names it; without, the form asks for the name."""
    chosen = needed_account(current_runtime().session)
    name = " ".join(request.values.get("brand", "").split())[:100]
    stored = find_profile(current_runtime().session, chosen.id, Scope.BRAND, brand_key(name))
    label = stored.label if stored is not None and stored.label else name
    return _rule(chosen, Place(chosen.id, Scope.BRAND, brand_key(name), label))


@requires(Permission.SETTINGS)
def product(sku: str) -> Response | tuple[str, int]:
    chosen = needed_account(current_runtime().session)
    found = current_runtime().shop.products([Sku(sku)]).get(Sku(sku)) or abort(404)
    return _rule(chosen, Place(chosen.id, Scope.PRODUCT, sku[:100], found.name[:255], found))


@requires(Permission.SETTINGS)
def account() -> Response | tuple[str, int]:
    """What holds for all products of the account that say nothing of their own."""
    chosen = needed_account(current_runtime().session)
    return _rule(chosen, Place(chosen.id, Scope.ACCOUNT))


@dataclass(frozen=True, slots=True)
class Page:
    account: Account
    place: Place
    book: Book
    #: What stands there now.
    before: Mapping[str, Any]
    form: RuleForm
    inherited: Mapping[str, Found]
    problems: Sequence[Problem] = ()


def _rule(chosen: Account, place: Place) -> Response | tuple[str, int]:
    runtime = current_runtime()
    before = own_values(runtime.session, place)
    book = read_book(runtime.session, chosen.id)
    page = Page(chosen, place, book, before, rule_form(before), inherited(runtime.session, place))
    if request.method == "GET":
        return _shown(runtime, _guessed(page)), 200
    form, file_problems = _with_uploads(runtime, chosen, read_rule(request.form))
    named = [] if place.key or place.scope is Scope.ACCOUNT else [Problem("safety_brand_required", "brand")]
    found = rule_problems(form, before, _ids(book, PRODUCER), _ids(book, PERSON))
    page = replace(page, form=form, problems=[*named, *_one_about_files(file_problems, found)])
    if page.problems:
        # The files just sent stay: a browser would not send them again by itself.
        runtime.session.commit()
        fresh = replace(form, seen=rule_form(before).seen)
        return _shown(runtime, replace(page, form=fresh)), 422
    return _keep(runtime, page)


def _one_about_files(files: Sequence[Problem], found: Sequence[Problem]) -> list[Problem]:
    """Where a file was refused, „choose a file” says nothing more."""
    return [*files, *(each for each in found if not files or each.field != "safety_files")]


def _guessed(page: Page) -> Page:
    """A brand without data begins with the producer of its name: shown, not saved."""
    if page.before or page.place.scope is not Scope.BRAND:
        return page
    producers = [(each.term.known_id, each.party) for each in page.book.usable(PRODUCER)]
    return replace(page, form=replace(page.form, producer=guess_producer(page.place.label, producers)))


def _with_uploads(runtime: Runtime, chosen: Account, form: RuleForm) -> tuple[RuleForm, list[Problem]]:
    """The form with the files that came along, and what is wrong with the others."""
    now, kept, problems = runtime.now(chosen.environment), [], []
    known = _own_files(runtime, chosen, form.information.attachments)
    ids = tuple(id for id in form.information.attachments if id in known)
    form = replace(form, information=replace(form.information, attachments=ids))
    for file in request.files.getlist("safety_files")[:ATTACHMENTS_MAX]:
        if not file.filename:
            continue
        found = keep_file(runtime.session, chosen.id, SAFETY, file.filename, file.read(), runtime.who(), now)
        if isinstance(found, Problem):
            problems.append(replace(found, field="safety_files"))
        else:
            kept.append(found.id)
    return with_files(form, kept), problems


def _own_files(runtime: Runtime, chosen: Account, ids: Collection[int]) -> dict[int, Attachment]:
    found = attachments_of(runtime.session, ids)
    return {id: each for id, each in found.items() if each.account_id == chosen.id and each.kind == SAFETY}


def _keep(runtime: Runtime, page: Page) -> Response | tuple[str, int]:
    chosen, place = page.account, page.place
    now, who = runtime.now(chosen.environment), runtime.who()
    try:
        is_changed = save_rule(runtime.session, place, page.form.values, who, now)
        if is_changed:
            record(
                runtime.session, now, who, "safety_rule_saved", chosen.login or chosen.alias, _named(place)
            )
        runtime.session.commit()
    except (StaleDataError, IntegrityError):
        runtime.session.rollback()
        page = replace(
            page,
            account=needed_account(current_runtime().session),
            problems=[Problem("safety_changed_meanwhile")],
        )
        fresh = rule_form(own_values(runtime.session, place)).seen
        book = read_book(runtime.session, place.account_id)
        return _shown(runtime, replace(page, book=book, form=replace(page.form, seen=fresh))), 422
    if is_changed:
        ring_count_safety(runtime, place.account_id)
    if page.form.information.kind == "files":
        ring_upload_attachments(runtime)
    tell("ok", t("Saved."), t("It holds for new offers; listed ones stay as they are."))
    return redirect(_address(place), 303)


def _named(place: Place) -> dict[str, str]:
    names = {Scope.BRAND: {"brand": place.label}, Scope.PRODUCT: {"product": place.key}}
    return names.get(place.scope, {})


def _address(place: Place) -> str:
    if place.scope is Scope.PRODUCT and place.product is not None:
        return url_for("allegro.safety.product", sku=place.product.sku, account=place.account_id)
    return url_for("allegro.safety.index", account=place.account_id, _anchor="brands")


def _ids(book: Book, kind: TermKind) -> list[str]:
    return [each.term.known_id for each in book.usable(kind)]


def _shown(runtime: Runtime, page: Page) -> str:
    form, place = page.form, page.place
    errors: dict[str, list[str]] = {}
    for problem in page.problems:
        errors.setdefault(problem.field, []).append(sentence(problem))
    from_above = {name: found.value for name, found in page.inherited.items()}
    files = _own_files(runtime, page.account, _file_ids(form, from_above))
    return render_template(
        PAGE,
        account=page.account,
        place=place,
        scope=str(place.scope),
        form=form,
        errors=errors,
        summary=[(name, field_name(PRODUCER, name), texts[0]) for name, texts in errors.items()],
        producers=_choices(page.book, PRODUCER, form.producer),
        persons=[(NONE, t("none")), *_choices(page.book, PERSON, form.person)],
        above=_above(page, files),
        files=[files[id] for id in form.information.attachments if id in files],
        needs_person=_needs_person(page),
        listed=_listed_address(page),
    )


def _file_ids(form: RuleForm, from_above: Mapping[str, Any]) -> set[int]:
    return {*form.information.attachments, *(from_above.get("safety_attachments") or ())}


def _choices(book: Book, kind: TermKind, chosen: str) -> list[tuple[str, str]]:
    """Those that may be given to offers; what is chosen stays on the list whatever became of it."""
    shown = [each for each in book.of_kind(kind) if each.is_usable or each.term.known_id == chosen != ""]
    pairs = [(each.term.known_id, _choice_words(each)) for each in shown]
    if chosen not in ("", NONE) and chosen not in dict(pairs):
        pairs.append((chosen, t("not on Allegro any more")))
    return pairs


def _choice_words(entry: Entry) -> str:
    trade_name = entry.party.trade_name
    return f"{entry.term.name} ({trade_name})" if trade_name not in ("", entry.term.name) else entry.term.name


def _above(page: Page, files: Mapping[int, Attachment]) -> dict[str, str]:
    """Each field's inherited value in words, with where it comes from; absent where nothing is inherited."""
    found = page.inherited
    words = {}
    for name, kind in (("responsible_producer_id", PRODUCER), ("responsible_person_id", PERSON)):
        if name in found:
            entry = page.book.find(kind, found[name].value)
            words[name] = _with_origin(entry.term.name if entry else t("none"), found[name])
    told = found.get("safety_attachments") or found.get("safety_text")
    if told is not None:
        values = {name: each.value for name, each in found.items()}
        words["information"] = _with_origin(information_words(values) or t("none"), told)
        words["text"] = str(values.get("safety_text") or "")
        words["files"] = ", ".join(
            files[id].name for id in values.get("safety_attachments") or () if id in files
        )
    if "is_before_gpsr" in found:
        is_before = t("yes") if found["is_before_gpsr"].value else t("no")
        words["is_before_gpsr"] = _with_origin(is_before, found["is_before_gpsr"])
    return words


def _with_origin(words: str, found: Found) -> str:
    return f"{words} – {origin_of(found)}"


def _needs_person(page: Page) -> bool:
    """The producer that will hold sits outside the EU, and nobody in it answers."""
    values = {name: found.value for name, found in page.inherited.items()} | page.form.values
    producer = page.book.find(PRODUCER, values.get("responsible_producer_id"))
    is_settled = values.get("responsible_person_id") or values.get("is_before_gpsr")
    return producer is not None and producer.party.is_outside_eu and not is_settled


def _listed_address(page: Page) -> str:
    """Where the saved producer is given to offers that are listed; empty while there is none to give."""
    stored = page.before.get("responsible_producer_id")
    if not stored or not may_open("allegro.changes.choose"):
        return ""
    return url_for(
        "allegro.changes.choose", account=page.account.id, field="responsible_producer_id", value=stored
    )
