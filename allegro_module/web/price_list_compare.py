"""Changed here and on Allegro: the three states of a price list, of which the seller chooses row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as BaseResponse

from allegro_module.db.audit import record
from allegro_module.db.delivery_methods import list_delivery_methods
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.permissions import Permission
from allegro_module.domain.price_list_rules import price_list_problems
from allegro_module.domain.price_lists import DeliveryMethod
from allegro_module.domain.terms import TermState
from allegro_module.domain.three_way import Difference, Side, differences, merged
from allegro_module.jobs.queue import ring_push_terms
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.term_wishes import settle_conflict
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.price_list_chosen import find_price_list
from allegro_module.web.price_list_rows import count_offers, last_change
from allegro_module.web.price_list_words import difference_value, difference_words, problem_entries
from allegro_module.web.security import requires
from allegro_module.web.term_marks import is_comparison_old, mark_of_comparison
from allegro_module.web.ui import tell

PAGE = "allegro/price_lists/compare.html"
CHOICE = "choice-"


@dataclass(frozen=True, slots=True)
class Line:
    """One difference; `chosen` is empty while the seller has to choose."""

    path: str
    what: str
    base: str
    mine: str
    theirs: str
    is_conflict: bool
    chosen: str
    is_missing: bool


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/price-lists/<int:term_id>/compare", "compare", compare, methods=["GET"])
    page.add_url_rule("/price-lists/<int:term_id>/compare", "settle", settle, methods=["POST"])


@requires(Permission.SETTINGS)
def compare(term_id: int) -> BaseResponse:
    runtime = current_runtime()
    term = find_price_list(runtime.session, term_id)
    if term.state != TermState.CONFLICT:
        return redirect(url_for("allegro.price_lists.edit", term_id=term_id), 303)
    return _show(runtime, term)


@requires(Permission.SETTINGS)
def settle(term_id: int) -> BaseResponse:
    """Every row that both changed needs a choice; what was chosen must be a list that Allegro takes."""
    runtime = current_runtime()
    term = find_price_list(runtime.session, term_id)
    if term.state != TermState.CONFLICT:
        return redirect(url_for("allegro.price_lists.edit", term_id=term_id), 303)
    if is_comparison_old(term):
        _tell_changed()
        return _show(runtime, term, status=409)
    found = _differences(term)
    choices = _choices(found)
    if any(each.is_conflict and each.path not in choices for each in found):
        return _show(runtime, term, choices, is_checked=True)
    mine, theirs = term.content or {}, term.theirs or {}
    chosen = merged(term.base, mine, theirs, choices)
    methods = list_delivery_methods(runtime.session, term.account.environment)
    if problems := price_list_problems(chosen, methods, theirs):
        entries = problem_entries(problems, {each.id: each for each in methods})
        return _show(runtime, term, choices, [(text, words) for _, text, words in entries])
    return _keep(runtime, term, chosen)


def _keep(runtime: Runtime, term: SellingTerm, chosen: Mapping[str, Any]) -> BaseResponse:
    now, term_id = runtime.now(term.account.environment), term.id
    try:
        settle_conflict(term, chosen, runtime.who(), now)
        record(runtime.session, now, runtime.who(), "price_list_settled", term.name)
        runtime.session.commit()
    except StaleDataError:
        runtime.session.rollback()
        _tell_changed()
        return redirect(url_for("allegro.price_lists.compare", term_id=term_id), 303)
    ring_push_terms(runtime)
    return redirect(url_for("allegro.price_lists.edit", term_id=term_id), 303)


def _tell_changed() -> None:
    tell("warn", t("The list was being changed just now."), t("Try once more."))


def _differences(term: SellingTerm) -> list[Difference]:
    return differences(term.base, term.content or {}, term.theirs or {})


def _choices(found: Sequence[Difference]) -> dict[str, Side]:
    """What was ticked; a row that is not on the form keeps its only change."""
    sides: dict[str, Side] = {"mine": "mine", "theirs": "theirs"}
    ticked = {each.path: sides.get(request.form.get(CHOICE + each.path, "")) for each in found}
    return {path: side for path, side in ticked.items() if side is not None}


def _show(
    runtime: Runtime,
    term: SellingTerm,
    choices: Mapping[str, Side] | None = None,
    problems: Sequence[tuple[str, str]] = (),
    *,
    is_checked: bool = False,
    status: int = 200,
) -> Response:
    methods = {each.id: each for each in list_delivery_methods(runtime.session, term.account.environment)}
    lines = [_line(each, choices, methods, is_checked) for each in _differences(term)]
    return page_or_fragment(
        PAGE,
        status=422 if problems or is_checked else status,
        mark=mark_of_comparison(term),
        account=term.account,
        term=term,
        lines=lines,
        missing=sum(line.is_missing for line in lines),
        problems=problems,
        offers=count_offers(runtime.session, term),
        changed_at=term.changed_at,
        changed_by=term.changed_by or t("somebody else"),
        theirs_at=last_change(term)[0],
        name=(term.content or {}).get("name") or term.name,
    )


def _line(
    found: Difference,
    choices: Mapping[str, Side] | None,
    methods: Mapping[str, DeliveryMethod],
    is_checked: bool,
) -> Line:
    chosen: str = (choices or {}).get(found.path, "")
    if not chosen and not found.is_conflict:
        chosen = "theirs" if found.is_theirs else "mine"
    base, mine, theirs = (
        difference_value(found.path, value, methods) for value in (found.base, found.mine, found.theirs)
    )
    what = difference_words(found.path, methods)
    is_missing = is_checked and not chosen
    return Line(found.path, what, base, mine, theirs, found.is_conflict, chosen, is_missing)
