"""*Test połączenia*: what was looked at, what was found, and where it is put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, get_account
from allegro_module.domain.permissions import Permission
from allegro_module.jobs.connection_test import test_now
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.check_words import Spoken, spoken
from allegro_module.sync.checks import Check, Outcome, from_json
from allegro_module.web.addresses import redirect_uri
from allegro_module.web.formats import when
from allegro_module.web.globals import field_id
from allegro_module.web.i18n import marked, n, t
from allegro_module.web.labels import Label
from allegro_module.web.security import requires
from allegro_module.web.ui import Note

LABELS = {
    Outcome.BAD: Label(marked("To be put right"), "x-octagon-fill", "bad"),
    Outcome.WARN: Label(marked("Worth a look"), "exclamation-triangle-fill", "warn"),
    Outcome.SKIPPED: Label(marked("Not looked at"), "dash-circle", "off"),
    Outcome.OK: Label(marked("All right"), "check-circle-fill", "ok"),
}
NO_ANSWER = Label(marked("Allegro does not answer"), "cloud-slash", "wait")
SCOPE_MISSING = Label(marked("Permission missing"), "key", "warn")
#: What asks for a deed comes first.
LOUDEST_FIRST = tuple(LABELS)


@dataclass(frozen=True, slots=True)
class Line:
    """`address` leads to where it is put right; with `is_link_again` a button does."""

    title: str
    text: str
    label: Label
    todo: str
    address: str
    is_link_again: bool


def add_rules(page: Blueprint) -> None:
    rule = "/accounts/<int:account_id>/test"
    page.add_url_rule(rule, "test", test, methods=["POST"])
    page.add_url_rule(rule, "test_report", test_report, methods=["GET"])


@requires(Permission.SETTINGS)
def test(account_id: int) -> Response:
    """Ask now; the report stays, so that reloading the page asks nobody."""
    runtime = current_runtime()
    return redirect(run(runtime, get_account(runtime.session, account_id)), 303)


def run(runtime: Runtime, account: Account) -> str:
    """Test, keep the report and answer the address where it stands."""
    account_id = account.id
    test_now(runtime, account, redirect_uri())
    return url_for("allegro.connection.test_report", account_id=account_id)


@requires(Permission.SETTINGS)
def test_report(account_id: int) -> str:
    runtime = current_runtime()
    account = get_account(runtime.session, account_id)
    checks = from_json(account.test_report or ())
    return render_template(
        "allegro/connection/test.html",
        account=account,
        summary=summary_of(checks),
        lines=_lines(runtime, account, checks),
    )


def summary_of(checks: Sequence[Check]) -> Note | None:
    """None while nothing was tested."""
    if not checks:
        return None
    bad = sum(check.outcome is Outcome.BAD for check in checks)
    warn = sum(check.outcome is Outcome.WARN for check in checks)
    unanswered = any(_is_unanswered(check) for check in checks)
    silence = t("Allegro does not answer, so not everything could be looked at.") if unanswered else ""
    if bad:
        return Note(
            "bad", n("%(num)s thing to put right", "%(num)s things to put right", bad + warn), silence
        )
    if warn:
        return Note(
            "warn", n("%(num)s thing is worth a look", "%(num)s things are worth a look", warn), silence
        )
    if unanswered:
        return Note("info", silence, t("Nothing is wrong here. Test again in a few minutes."))
    return Note("ok", t("Everything works."))


def _lines(runtime: Runtime, account: Account, checks: Sequence[Check]) -> list[Line]:
    now = runtime.now(account.environment)
    lines = []
    for check in sorted(checks, key=lambda each: LOUDEST_FIRST.index(each.outcome)):
        words = spoken(check, t, lambda at: when(at, now))
        lines.append(
            Line(
                words.title,
                words.text,
                _label(check).translated(),
                words.todo,
                _address(runtime, account, words),
                words.place == "link",
            )
        )
    return lines


def _label(check: Check) -> Label:
    if _is_unanswered(check):
        return NO_ANSWER
    if check.code == "scope" and check.outcome is not Outcome.OK:
        return SCOPE_MISSING
    return LABELS[check.outcome]


def _is_unanswered(check: Check) -> bool:
    return check.outcome is Outcome.SKIPPED and check.found == "unavailable"


def _address(runtime: Runtime, account: Account, words: Spoken) -> str:
    """Empty where no page of ours or Allegro's helps."""
    if words.place == "allegro":
        return runtime.environment(account.environment).web_url
    if words.place == "confirm":
        return url_for("allegro.connection.confirm_account", account_id=account.id)
    anchors = {
        "keys": field_id("client_id"),
        "name": field_id("name"),
        "redirect": field_id("redirect_uri"),
        "scopes": field_id("scopes"),
        "place": field_id(f"account-{account.id}-city"),
        "switch": field_id(f"account-{account.id}-is_enabled"),
        "account": "accounts",
    }
    anchor = anchors.get(words.place)
    if anchor is None:
        return ""
    view = "advanced" if words.place in ("name", "scopes") else None
    return url_for("allegro.connection.index", application=account.application_id, view=view, _anchor=anchor)
