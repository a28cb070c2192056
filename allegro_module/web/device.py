"""Linking by a code: shown here, typed on any device at Allegro, while this page waits for the answer."""

from __future__ import annotations

from collections.abc import Sequence

import segno
from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, Application, get_account
from allegro_module.db.links import LINKED, LinkAttempt
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.device_link import begin_device_link, poll_device_link
from allegro_module.sync.linking import Doors, LinkFailed
from allegro_module.web.chosen import chosen_application
from allegro_module.web.confirmation import after_link, place_after
from allegro_module.web.fragments import go, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.link_words import note_of_failure, tell_failure
from allegro_module.web.security import requires
from allegro_module.web.ui import LARGEST_ACCOUNT_ID, tell

#: Attempts that this browser began: [id, state of the account before].
DEVICES_KEY = "allegro_link_devices"
DEVICES_KEPT = 5
#: An outcome that this page tells in words of its own.
WORDS = {"refused_at_consent": "refused_on_device"}


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/device", "device", begin_from_form, methods=["POST"])
    page.add_url_rule("/device/<int:attempt_id>", "device_page", show, methods=["GET"])
    page.add_url_rule("/device/<int:attempt_id>/poll", "device_poll", poll, methods=["POST"])


@requires(Permission.SETTINGS)
def begin_from_form() -> Response:
    runtime = current_runtime()
    account_id = request.form.get("account_id", type=int)
    if account_id is None:
        return begin(runtime, chosen_application(runtime.session), None)
    if not 0 < account_id <= LARGEST_ACCOUNT_ID:
        abort(404)
    account = get_account(runtime.session, account_id)
    return begin(runtime, account.application, account)


def begin(runtime: Runtime, application: Application, account: Account | None) -> Response:
    """Ask Allegro for a code; `account` is the one to be linked again."""
    was = str(account.state) if account else ""
    try:
        attempt = begin_device_link(
            runtime.session,
            runtime.oauth(application.environment, application.name),
            runtime.seal,
            application,
            account.id if account else None,
            runtime.who(),
            runtime.now(application.environment),
        )
    except LinkFailed as failure:
        tell_failure(failure)
        return redirect(url_for("allegro.connection.index"), 303)
    session[DEVICES_KEY] = [*session.get(DEVICES_KEY, []), [attempt.id, was]][-DEVICES_KEPT:]
    return redirect(url_for("allegro.connection.device_page", attempt_id=attempt.id), 303)


@requires(Permission.SETTINGS)
def show(attempt_id: int) -> str | Response:
    _was_of(attempt_id)
    runtime = current_runtime()
    attempt = runtime.session.get(LinkAttempt, attempt_id) or abort(404)
    if attempt.outcome == LINKED:
        return redirect(place_after(_linked_account(runtime, attempt_id)), 303)
    return render_template("allegro/linking/device.html", **_context(runtime, attempt))


@requires(Permission.SETTINGS)
def poll(attempt_id: int) -> Response | str:
    """Ask Allegro whether the code was confirmed; for the page's script, and for „Sprawdź teraz”."""
    was = _was_of(attempt_id)
    runtime = current_runtime()
    doors = Doors(oauth=runtime.oauth, api_with_token=runtime.api_with_token, now=runtime.now)
    outcome = poll_device_link(runtime.session, doors, runtime.seal, attempt_id)
    if outcome == LINKED:
        return go(after_link(runtime, _linked_account(runtime, attempt_id), was))
    if not wants_fragment():
        if not outcome:
            tell("info", t("No consent yet."), t("Confirm the code at Allegro, then check once more."))
        return redirect(url_for("allegro.connection.device_page", attempt_id=attempt_id), 303)
    if not outcome:
        return Response(status=204)
    attempt = runtime.session.get(LinkAttempt, attempt_id) or abort(404)
    return render_template("allegro/linking/_device.html", **_context(runtime, attempt))


def _was_of(attempt_id: int) -> str:
    """The account's state before. Whoever did not begin the attempt learns nothing of it: 404."""
    begun_here = dict(session.get(DEVICES_KEY, []))
    if attempt_id not in begun_here:
        abort(404)
    return str(begun_here[attempt_id])


def _linked_account(runtime: Runtime, attempt_id: int) -> Account:
    attempt = runtime.session.get(LinkAttempt, attempt_id)
    if attempt is None or attempt.linked_account_id is None:
        abort(404)
    return get_account(runtime.session, attempt.linked_account_id)


def _context(runtime: Runtime, attempt: LinkAttempt) -> dict[str, object]:
    application = runtime.session.get_one(Application, attempt.application_id)
    account = runtime.session.get(Account, attempt.account_id) if attempt.account_id else None
    login = account.login or "" if account else ""
    return {
        "login": login,
        "attempt": attempt,
        "application": application,
        "groups": groups_of(attempt.user_code),
        "qr": qr_image(attempt.verification_uri_complete),
        "now": runtime.now(application.environment),
        "failure": note_of_failure(WORDS.get(attempt.outcome, attempt.outcome), wanted=login)
        if attempt.outcome
        else None,
    }


def groups_of(code: str) -> Sequence[str]:
    """In threes, as Allegro asks to show it (facts.md 2.2)."""
    return [code[start : start + 3] for start in range(0, len(code), 3)]


def qr_image(address: str) -> str:
    """A data address: our Content-Security-Policy lets pictures of that kind in.

    Dark on light in both themes: phones do not read it the other way round.
    """
    return str(segno.make(address, micro=False).svg_data_uri(scale=5, border=4, light="#fff", dark="#000"))
