"""Terms changed here and on Allegro: both sides beside what they had agreed on, and the seller's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from allegro_module.db.terms import SellingTerm
from allegro_module.domain.after_sales import HOME, Content, after_sales_problems, text
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.domain.three_way import Difference, Side, differences, is_same, merged
from allegro_module.jobs.queue import ring_push_terms
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.term_wishes import name_taken, settle_conflict
from allegro_module.web.after_sales_words import field_name, group_words
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.security import requires
from allegro_module.web.sentences import sentence
from allegro_module.web.term_marks import is_comparison_old, mark_of_comparison
from allegro_module.web.terms_chosen import (
    find_own_term,
    record_deed,
    tell_changed_meanwhile,
    tell_queue_is_down,
)
from allegro_module.web.terms_rows import content_now, offers_using
from allegro_module.web.ui import tell

PAGE = "allegro/terms/compare.html"
SIDES: tuple[Side, ...] = ("mine", "theirs")


@dataclass(frozen=True, slots=True)
class Row:
    """One member of the content, the words of its three states, and which side is chosen, if any."""

    key: str
    label: str
    base: str
    mine: str
    theirs: str
    is_conflict: bool
    chosen: str
    error: str = ""


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/terms/<int:term_id>/settle", "settle", settle, methods=["POST"])


def group_of(path: str) -> str:
    """What is chosen as a whole: half of an address, or a period without its kind, makes no sense."""
    return path if path.startswith("options.") else path.partition(".")[0]


def show_comparison(
    runtime: Runtime,
    term: SellingTerm,
    chosen: Mapping[str, Side] | None = None,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    return page_or_fragment(
        PAGE,
        status=status,
        term=term,
        account=term.account,
        mark=mark_of_comparison(term),
        rows=rows_of(term, chosen),
        problems=[("", field_name(problem.field), sentence(problem)) for problem in problems],
        offers=offers_using(runtime.session, term),
    )


def rows_of(term: SellingTerm, chosen: Mapping[str, Side] | None = None) -> list[Row]:
    base, mine, theirs = _three(term)
    return [
        Row(
            key,
            field_name(key),
            base=group_words(key, base),
            mine=group_words(key, mine),
            theirs=group_words(key, theirs),
            is_conflict=any(each.is_conflict for each in found),
            chosen=_preset(found) if chosen is None else chosen.get(key, ""),
            error=t("Choose one of these.") if chosen is not None and key not in chosen else "",
        )
        for key, found in _groups(term).items()
    ]


def _three(term: SellingTerm) -> tuple[Content, Content, Content]:
    return term.base or {}, content_now(term), term.theirs or {}


def _groups(term: SellingTerm) -> dict[str, list[Difference]]:
    groups: dict[str, list[Difference]] = {}
    for difference in differences(*_three(term)):
        groups.setdefault(group_of(difference.path), []).append(difference)
    return groups


def _preset(found: Sequence[Difference]) -> str:
    """The side that has changed; of two changes the seller chooses."""
    if any(each.is_mine for each in found) and any(each.is_theirs for each in found):
        return ""
    return "mine" if any(each.is_mine for each in found) else "theirs"


@requires(Permission.SETTINGS)
def settle(term_id: int) -> Response:
    """Side by side as chosen, or all of one side: `all=mine`, `all=theirs`."""
    runtime = current_runtime()
    term = find_own_term(runtime.session, term_id)
    address = url_for("allegro.terms.edit", term_id=term.id)
    if term.state != TermState.CONFLICT:
        return redirect(address, 303)
    groups = _groups(term)
    chosen = _chosen(list(groups))
    if is_comparison_old(term):
        tell_changed_meanwhile()
        return show_comparison(runtime, term, status=409)
    if len(chosen) < len(groups):
        return show_comparison(runtime, term, chosen, status=422)
    content = joined(term, chosen)
    kind = TermKind(term.kind)
    problems = after_sales_problems(kind, content, term.theirs, term.account.base_marketplace or HOME)
    if name_taken(runtime.session, term.account_id, kind, text(content, "name"), term):
        problems.append(Problem("term_name_taken", "name"))
    if problems and not is_same(content, term.theirs):
        return show_comparison(runtime, term, chosen, problems, status=422)
    return _keep(runtime, term, content, address)


def _chosen(keys: Sequence[str]) -> dict[str, Side]:
    for side in SIDES:
        if request.form.get("all") == side:
            return dict.fromkeys(keys, side)
    return {key: side for key in keys for side in SIDES if request.form.get(f"side.{key}") == side}


def joined(term: SellingTerm, chosen: Mapping[str, Side]) -> dict[str, object]:
    paths = {each.path: chosen[key] for key, found in _groups(term).items() for each in found}
    return merged(*_three(term), paths)


def _keep(runtime: Runtime, term: SellingTerm, content: Content, address: str) -> Response:
    try:
        settle_conflict(term, content, runtime.who(), runtime.now(term.account.environment))
        is_sent = term.state == TermState.WAITING
        record_deed(runtime, term, "term_settled")
        runtime.session.commit()
    except StaleDataError:
        runtime.session.rollback()
        tell_changed_meanwhile()
        return redirect(address, 303)
    tell("ok", t("Saved."), t("It is being sent to Allegro.") if is_sent else "")
    if is_sent and not ring_push_terms(runtime):
        tell_queue_is_down()
    return redirect(address, 303)
