"""*Zostaw moje* and *Weź z Allegro*, of a field that was changed on both sides."""

from __future__ import annotations

from werkzeug.wrappers import Response

from allegro_module.db.audit import record
from allegro_module.domain.problems import Problem
from allegro_module.sync.offer_check import parameters_of
from allegro_module.sync.offer_conflicts import CODE
from allegro_module.sync.offer_theirs import take_theirs
from allegro_module.web.history_words import ARROW
from allegro_module.web.i18n import t
from allegro_module.web.offer_page import Shown
from allegro_module.web.offer_saved import Saved
from allegro_module.web.offer_words import field_name
from allegro_module.web.ui import Note


def keep_mine(saved: Saved) -> Response:
    """It is sent the next time: what Allegro shows was seen."""
    problem = _conflict(saved)
    _record(saved, "offer_mine_kept", problem, problem.params.get("mine", "changed"))
    words = t("The blue button sends it to Allegro.")
    return _settle(saved, problem, Note("ok", t("%(field)s: yours stays.", field=_name(problem)), words))


def take_from_allegro(saved: Saved) -> Response:
    """In the place of what was typed there; the other fields stay as they are typed."""
    problem = _conflict(saved)
    if not take_theirs(saved.offer, problem.field, parameters_of(saved.runtime.session, saved.offer)):
        saved.runtime.session.commit()
        return saved.show(Shown(is_saved=True))
    sides = [problem.params[side] for side in ("mine", "theirs") if side in problem.params]
    _record(saved, "offer_theirs_taken", problem, ARROW.join(sides) or "changed")
    return _settle(saved, problem, Note("ok", t("%(field)s: taken from Allegro.", field=_name(problem))))


def _conflict(saved: Saved) -> Problem:
    """What is told of the field; without its values where it was just typed anew."""
    field = saved.sent.get("action", "").partition(":")[2]
    told = (each for each in saved.offer.problems if (each.code, each.field) == (CODE, field))
    return next(told, Problem(CODE, field))


def _name(problem: Problem) -> str:
    return problem.params.get("name") or field_name(problem.field)


def _record(saved: Saved, action: str, problem: Problem, words: str) -> None:
    runtime, offer = saved.runtime, saved.offer
    details = {problem.params.get("name") or problem.field: words}
    now = runtime.now(offer.account.environment)
    record(runtime.session, now, runtime.who(), action, offer.external_id or offer.sku, details)


def _settle(saved: Saved, settled: Problem, note: Note) -> Response:
    offer = saved.offer
    left = [each for each in offer.problems if each.field != settled.field]
    offer.remember_problems(left)
    if not left:
        offer.problems_at, offer.trace_id = None, ""
    saved.runtime.session.commit()
    return saved.show(Shown(note, is_saved=True, is_settled=True))


CONFLICT_ACTIONS = {"mine": keep_mine, "theirs": take_from_allegro}
