"""*Scal*: one of two entries that are the same stands for both from now on."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from allegro_module.domain.permissions import Permission
from allegro_module.runtime import current_runtime
from allegro_module.sync.safety_rules import may_take_over, merge_parties, uses_of_party
from allegro_module.web.i18n import n, t
from allegro_module.web.safety_parties import entry_of, note_deed
from allegro_module.web.safety_view import party_of
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

PAGE = "allegro/safety/merge.html"


def add_rules(page: Blueprint) -> None:
    rule = "/merge/<int:first_id>/<int:second_id>"
    page.add_url_rule(rule, "ask_merge", ask_merge, methods=["GET"])
    page.add_url_rule(rule, "merge", merge, methods=["POST"])


@requires(Permission.SETTINGS)
def ask_merge(first_id: int, second_id: int) -> str:
    """Both side by side: which one shall stay?"""
    runtime = current_runtime()
    (first, account), (second, _) = entry_of(runtime, first_id), entry_of(runtime, second_id)
    pairs = [(first, second), (second, first)]
    sides = [
        {
            "term": kept,
            "party": party_of(kept),
            "may_stay": may_take_over(gone, kept),
            "uses": uses_of_party(runtime.session, kept),
        }
        for kept, gone in pairs
    ]
    if not any(side["may_stay"] for side in sides):
        abort(404)
    return render_template(PAGE, account=account, sides=sides, first=first, second=second)


@requires(Permission.SETTINGS)
def merge(first_id: int, second_id: int) -> Response:
    runtime = current_runtime()
    (first, account), (second, _) = entry_of(runtime, first_id), entry_of(runtime, second_id)
    kept = {first.id: first, second.id: second}.get(request.form.get("kept", type=int) or 0) or abort(404)
    gone = second if kept is first else first
    if not may_take_over(gone, kept):
        abort(404)
    try:
        note_deed(runtime, account, "safety_entries_merged", kept)
        uses = merge_parties(runtime.session, gone, kept, runtime.who(), runtime.now(account.environment))
        moved = len(uses.profiles) + uses.drafts
        runtime.session.commit()
    except StaleDataError:
        runtime.session.rollback()
        tell("warn", t("One of the two was just changed. Nothing was merged: look again and repeat."))
    else:
        tell("ok", t("The two entries are one now."), n("Moved: %(num)s use.", "Moved: %(num)s uses.", moved))
    return redirect(url_for("allegro.safety.index", account=account.id, _anchor="book"), 303)
