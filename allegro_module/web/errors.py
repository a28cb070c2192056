"""Error → page or note: a failure of the world is never shown as the seller's mistake."""

from __future__ import annotations

import logging
import uuid

from flask import Blueprint, Response, current_app, g, make_response, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from allegro_module.client.errors import AllegroError, Busy, NotConnected, Reason, Refused, Unavailable
from allegro_module.db.accounts import NoSuchAccount
from allegro_module.db.offers import NoSuchOffer
from allegro_module.db.trouble import hide_parameters, is_passing
from allegro_module.domain.scopes import PREFIX
from allegro_module.runtime import current_runtime
from allegro_module.sealing import SealBroken
from allegro_module.web.fragments import HEADER, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.scope_words import without
from allegro_module.web.security import csrf_token
from allegro_module.web.ui import NOTHING_TO_SHOW, Note, refuse_impossible_ids

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5


def handle_errors(blueprint: Blueprint) -> None:
    """Errors of our pages end inside our layout, whatever the host does with its own."""
    blueprint.before_request(refuse_impossible_ids)
    for error in (NotFound, NoSuchAccount, NoSuchOffer):
        blueprint.register_error_handler(error, _missing)
    blueprint.register_error_handler(Forbidden, _forbidden)
    blueprint.register_error_handler(CSRFError, _forged_or_stale)
    blueprint.register_error_handler(AllegroError, _allegro)
    blueprint.register_error_handler(SealBroken, _seal)
    blueprint.register_error_handler(SQLAlchemyError, _database)
    blueprint.register_error_handler(HTTPException, _other_http)
    blueprint.register_error_handler(Exception, _crash)


def note_of(error: AllegroError) -> Note:
    """What happened at Allegro, in words that blame nobody."""
    if isinstance(error, Unavailable):
        title = t("Allegro does not answer.")
        return Note(
            "warn", title, t("Nothing is lost. We try again by ourselves; you may also try in a moment.")
        )
    if isinstance(error, NotConnected) and error.reason is Reason.SCOPE_MISSING:
        scope = error.scope or ""
        title = t("The permission %(scope)s was not granted.", scope=scope.removeprefix(PREFIX))
        todo = t("Link the account again on the page Account settings and allow it.")
        return Note("warn", title, f"{without(scope)} {todo}" if scope else todo)
    if isinstance(error, NotConnected) and error.reason is Reason.KEY_MISSING:
        return _note_of_missing_key()
    if isinstance(error, NotConnected) and error.reason is Reason.BAD_CLIENT:
        title = t("Allegro does not know the application's keys.")
        todo = t("Save the right Client ID and Client Secret on the page Account settings.")
        return Note("bad", title, todo)
    if isinstance(error, NotConnected):
        title = t("Allegro no longer lets us act for this account.")
        return Note("bad", title, t("Link the account again on the page Account settings."))
    if isinstance(error, Busy):
        title = t("Allegro is still busy with the previous change.")
        return Note("warn", title, t("Try again in a minute."))
    if isinstance(error, Refused):
        return Note("bad", t("Allegro refused."), " ".join(each.text for each in error.objections))
    title = t("Allegro answered in a way we do not know.")
    return Note(
        "bad", title, t("This is not your mistake. The answer is in the log; show it to the support.")
    )


def _missing(error: Exception) -> Response:
    return _answer(
        404, Note("info", t("There is no such page."), t("It may have been removed.")), "signpost-split"
    )


def _forbidden(error: Forbidden) -> Response:
    g.allegro_head = NOTHING_TO_SHOW
    words = t("Your shop account has no permission for this page. Ask the shop's administrator for it.")
    return _answer(403, Note("warn", t("No access."), words), "lock")


def _forged_or_stale(error: CSRFError) -> Response:
    title = t("The page was open too long.")
    words = t("Nothing was saved. Go back, what you typed is still there, and save once more.")
    response = _answer(400, Note("warn", title, words), "hourglass-bottom")
    response.headers["X-Allegro-Csrf"] = csrf_token()
    return response


def _allegro(error: AllegroError) -> Response:
    status = 503 if isinstance(error, Unavailable) else 502
    log.warning("a page ended with %s", type(error).__name__, exc_info=error)
    return _answer(status, note_of(error), "cloud-slash")


def _seal(error: SealBroken) -> Response:
    return _answer(500, _note_of_missing_key(), "key")


def _note_of_missing_key() -> Note:
    words = t(
        "The key they were sealed with is missing from ALLEGRO_ENCRYPTION_KEYS. "
        "Tell the shop's administrator."
    )
    return Note("bad", t("Stored secrets cannot be opened."), words)


def _database(error: SQLAlchemyError) -> Response:
    """Somebody else holds a lock, or the database starts anew: a moment later the same page comes."""
    if not is_passing(error):
        return _crash(error)
    hide_parameters(error)
    log.warning("a page found the database busy or away: %s", type(error).__name__)
    current_runtime().session.rollback()
    g.allegro_head = NOTHING_TO_SHOW
    title = t("The shop's database is busy.")
    words = t("Nothing was saved. Go back, what you typed is still there, and try again in a moment.")
    response = _answer(503, Note("warn", title, words), "hourglass-split")
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _other_http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return _answer(error.code, Note("warn", error.name), "exclamation-triangle")


def _crash(error: Exception) -> Response:
    if current_app.testing or current_app.debug:
        raise error
    code = uuid.uuid4().hex[:8]
    hide_parameters(error)
    log.error("page failed, code %s", code, exc_info=error)
    current_runtime().session.rollback()
    # The database itself may be what broke: the page must come without asking it.
    g.allegro_head = NOTHING_TO_SHOW
    words = t("This is our mistake, not yours. Give the support this code: %(code)s.", code=code)
    return _answer(500, Note("bad", t("Something broke."), words), "bug")


def _answer(status: int, note: Note, icon: str) -> Response:
    template = "allegro/_messages.html" if wants_fragment() else "allegro/error.html"
    response = make_response(render_template(template, notes=[note], note=note, icon=icon), status)
    response.vary.add(HEADER)
    return response
